/* Options and exit codes of subcommands. See command.h. */
#include "tools/comesh/command.h"

#include "proto/nearest.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

int exit_code_of(enum result result)
{
    static const int codes[RESULT_COUNT] = {
        [RESULT_OK] = EX_OK,
        [RESULT_INVALID] = EX_DATAERR,
        [RESULT_TOO_LARGE] = EX_DATAERR,
        [RESULT_DUPLICATE] = EX_DATAERR,
        [RESULT_CONFLICT] = EX_DATAERR,
        [RESULT_NOT_FOUND] = EX_NOINPUT,
        [RESULT_DENIED] = EX_NOPERM,
        [RESULT_UNTRUSTED] = EX_DATAERR,
        [RESULT_CORRUPT] = EX_DATAERR,
        [RESULT_FULL] = EX_TEMPFAIL,
        [RESULT_BUSY] = EX_TEMPFAIL,
        [RESULT_UNAVAILABLE] = EX_UNAVAILABLE,
        [RESULT_HELD] = EX_TEMPFAIL,
        [RESULT_UNSUPPORTED] = EX_PROTOCOL,
        [RESULT_NO_MEMORY] = EX_OSERR,
        [RESULT_IO] = EX_IOERR,
        [RESULT_INTERNAL] = EX_SOFTWARE,
    };
    return (unsigned)result < RESULT_COUNT ? codes[result] : EX_SOFTWARE;
}

/* True when `word` is the word of `name` that begins at `at`. */
static bool is_word(const char *name, size_t at, const char *word)
{
    size_t size = strlen(word);
    return strncmp(name + at, word, size) == 0 &&
           (name[at + size] == '\0' || name[at + size] == ' ');
}

const struct command *command_find(char **words, size_t count, size_t *used, struct error *error)
{
    struct nearest nearest = nearest_to(text_of(words[0]));
    const char *second = NULL; /* the name of a command whose first word fits */
    for (size_t i = 0; i < command_count; i++) {
        const char *name = commands[i]->name;
        const char *space = strchr(name, ' ');
        nearest_offer(&nearest, name);
        if (!is_word(name, 0, words[0])) {
            continue;
        }
        if (space == NULL || (count > 1 && is_word(name, (size_t)(space - name) + 1, words[1]))) {
            *used = space == NULL ? 1 : 2;
            return commands[i];
        }
        second = second == NULL ? name : second;
    }
    const char *found = nearest_found(&nearest);
    if (second != NULL) {
        (void)error_set(error, RESULT_INVALID,
                        "'%s' needs a second word, as in `comesh %s`; see "
                        "`comesh help %s`",
                        words[0], second, words[0]);
    } else if (found != NULL) {
        (void)error_set(error, RESULT_INVALID, "'%s' is no command; did you mean '%s'?", words[0],
                        found);
    } else {
        (void)error_set(error, RESULT_INVALID, "'%s' is no command; see `comesh help`", words[0]);
    }
    return NULL;
}

enum { OPTION_DIRECTORY = 'C', OPTION_HELP = 'h', OPTION_JSON = 256, OPTION_OWN };

/* The options of the command and the common ones, for getopt_long. */
static void long_options(const struct command *command, struct option *options)
{
    size_t count = 0;
    for (const struct command_option *row = command->options; row->name != NULL; row++) {
        options[count] =
            (struct option){row->name, row->value == NULL ? no_argument : required_argument, NULL,
                            OPTION_OWN + (int)count};
        count++;
    }
    options[count++] = (struct option){"directory", required_argument, NULL, OPTION_DIRECTORY};
    options[count++] = (struct option){"help", no_argument, NULL, OPTION_HELP};
    if (command->json) {
        options[count++] = (struct option){"json", no_argument, NULL, OPTION_JSON};
    }
    options[count] = (struct option){NULL, 0, NULL, 0};
}

static enum result give(struct call *call, const struct command_option *option, const char *value,
                        struct error *error)
{
    if (!option->repeats && call_value(call, option->name) != NULL) {
        return call_usage(call, error, "--%s is given twice", option->name);
    }
    if (call->given_count == COMMAND_GIVEN_MAX) {
        return call_usage(call, error, "more than %d options are given", COMMAND_GIVEN_MAX);
    }
    call->given[call->given_count].option = option;
    call->given[call->given_count].value = value == NULL ? "" : value;
    call->given_count++;
    return RESULT_OK;
}

static enum result unknown_option(struct call *call, const char *word, struct error *error)
{
    const char *name = word + strspn(word, "-");
    struct nearest nearest = nearest_to((struct text){name, strcspn(name, "=")});
    for (const struct command_option *row = call->command->options; row->name != NULL; row++) {
        nearest_offer(&nearest, row->name);
    }
    nearest_offer(&nearest, "directory");
    nearest_offer(&nearest, "json");
    const char *found = nearest_found(&nearest);
    if (found == NULL) {
        return call_usage(call, error, "'%s' is no option of `comesh %s`; see `comesh help %s`",
                          word, call->command->name, call->command->name);
    }
    return call_usage(call, error, "'%s' is no option of `comesh %s`; did you mean '--%s'?", word,
                      call->command->name, found);
}

static enum result check_operands(struct call *call, struct error *error)
{
    const struct command *command = call->command;
    if (call->operand_count < command->least_operands) {
        return call_usage(call, error, "an operand is missing: comesh %s %s", command->name,
                          command->operands);
    }
    if (call->operand_count > command->most_operands) {
        return call_usage(call, error, "'%s' is one operand too many: comesh %s %s",
                          call->operands[command->most_operands], command->name, command->operands);
    }
    return RESULT_OK;
}

enum result command_parse(struct call *call, int argc, char **argv, struct error *error)
{
    struct option options[COMMAND_OPTIONS_MAX + 4];
    enum result result = RESULT_OK;
    long_options(call->command, options);
    opterr = 0;
    optind = 0;
    while (result == RESULT_OK) {
        int option = getopt_long(argc, argv, ":C:h", options, NULL);
        if (option == -1) {
            break;
        }
        if (option >= OPTION_OWN) {
            result = give(call, &call->command->options[option - OPTION_OWN], optarg, error);
        } else if (option == OPTION_DIRECTORY) {
            call->directory = optarg;
        } else if (option == OPTION_JSON) {
            call->json = true;
        } else if (option == OPTION_HELP) {
            (void)help_for(call->command->name);
            exit(EX_OK);
        } else if (option == ':') {
            result = call_usage(call, error, "'%s' needs a value", argv[optind - 1]);
        } else {
            result = unknown_option(call, argv[optind - 1], error);
        }
    }
    call->operands = argv + optind;
    call->operand_count = (size_t)(argc - optind);
    return result == RESULT_OK ? check_operands(call, error) : result;
}

const char *call_next(const struct call *call, const char *name, size_t *cursor)
{
    while (*cursor < call->given_count) {
        size_t at = (*cursor)++;
        if (strcmp(call->given[at].option->name, name) == 0) {
            return call->given[at].value;
        }
    }
    return NULL;
}

const char *call_value(const struct call *call, const char *name)
{
    size_t cursor = 0;
    return call_next(call, name, &cursor);
}

enum result call_required(struct call *call, const char *name, const char **value,
                          struct error *error)
{
    *value = call_value(call, name);
    return *value != NULL ? RESULT_OK
                          : call_usage(call, error, "--%s is missing; see `comesh help %s`", name,
                                       call->command->name);
}

enum result call_number(struct call *call, const char *name, uint64_t standard, uint64_t max,
                        uint64_t *value, struct error *error)
{
    const char *given = call_value(call, name);
    *value = standard;
    if (given != NULL && !decimal_parse(text_of(given), max, value)) {
        return call_usage(call, error, "--%s '%s' is not a whole number from 0 to %llu", name,
                          given, (unsigned long long)max);
    }
    return RESULT_OK;
}

enum result call_usage(struct call *call, struct error *error, const char *format, ...)
{
    char sentence[ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    call->exit_code = EX_USAGE;
    return error_set(error, RESULT_INVALID, "%s", sentence);
}
