/* comesh: the commands of one node. This file finds the subcommand, runs it, and says what went
 * wrong; see command.h. */
#include "keys/keypair.h"
#include "tools/comesh/command.h"
#include "tools/comesh/output.h"

#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

/* Reads what stands before the subcommand; gives the index of the subcommand's first word. */
static int parse_common(int argc, char **argv, const char **directory)
{
    static const struct option options[] = {
        {"directory", required_argument, NULL, 'C'},
        {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option = 0;
    while ((option = getopt_long(argc, argv, "+C:h", options, NULL)) != -1) {
        switch (option) {
        case 'C':
            *directory = optarg;
            break;
        case 'V':
            (void)printf("comesh %s\n", COMESH_VERSION);
            exit(EX_OK);
        case 'h':
            help_all();
            exit(EX_OK);
        default:
            (void)fputs("comesh: see `comesh help`\n", stderr);
            exit(EX_USAGE);
        }
    }
    return optind;
}

static enum result run(struct call *call, int argc, char **argv, struct error *error)
{
    size_t used = 0;
    call->command = command_find(argv, (size_t)argc, &used, error);
    if (call->command == NULL) {
        call->exit_code = EX_USAGE;
        return RESULT_INVALID;
    }
    /* getopt takes the word before the options for the program's name */
    int skip = (int)used - 1;
    enum result result = command_parse(call, argc - skip, argv + skip, error);
    if (result == RESULT_OK) {
        result = keys_init(error);
    }
    return result == RESULT_OK ? call->command->run(call, error) : result;
}

/* A sentence may quote what another party said. */
static void print_error(const struct error *error)
{
    struct buffer out = {0};
    output_text(&out, text_of(error->message));
    (void)fprintf(stderr, "comesh: %.*s\n", TEXT_ARGS(buffer_view(&out)));
    buffer_free(&out);
}

int main(int argc, char **argv)
{
    const char *directory = getenv("COMESH_DIRECTORY");
    struct call call = {.directory = directory == NULL ? "." : directory};
    struct error error = {0};
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    int first = parse_common(argc, argv, &call.directory);
    if (first == argc) {
        help_all();
        return EX_USAGE;
    }
    enum result result = run(&call, argc - first, argv + first, &error);
    if (fflush(stdout) != 0 && result == RESULT_OK) {
        result = error_set(&error, RESULT_IO, "stdout cannot be written");
    }
    if (result != RESULT_OK) {
        print_error(&error);
    }
    return call.exit_code != 0 ? call.exit_code : exit_code_of(result);
}
