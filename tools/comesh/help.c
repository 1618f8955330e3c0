/* The help, made from the tables: examples first. See command.h. */
#include "tools/comesh/command.h"

#include <stdio.h>

static const char overview[] =
    "comesh speaks with one node of the mesh of certificates of origin.\n"
    "\n"
    "  comesh -C /srv/kr init --party KR --domain customs.go.kr --environment test \\\n"
    "         --name \"Korea Customs Service\"        make the directory of a node\n"
    "  comeshd --config /srv/kr/comesh.zpl           run it\n"
    "  comesh -C /srv/kr send certificate.json       send a certificate to its importing party\n"
    "  comesh -C /srv/kr trace KR-2026-000001        see where it is\n"
    "  comesh -C /srv/kr inbox --take                take what has arrived, as JSON lines\n"
    "  comesh help send                              examples and options of a command\n"
    "\n"
    "Commands:\n";

static const char common[] =
    "\n"
    "  -C, --directory DIR   the directory of the node; else $COMESH_DIRECTORY, else the current\n"
    "  --json                data as JSON, for every command that reads\n"
    "  -h, --help            help of a command\n"
    "  --version             the version\n"
    "\n"
    "Data goes to stdout, messages to stderr. Exit codes are those of sysexits.h: 0 done, 64 "
    "wrong\n"
    "use, 65 a document or card was refused, 66 not found, 69 the node does not run, 75 try again\n"
    "later, 77 not allowed, 78 the configuration is wrong.\n"
    "`comesh help config` lists every option of comesh.zpl.\n";

void help_all(void)
{
    (void)fputs(overview, stdout);
    for (size_t i = 0; i < command_count; i++) {
        (void)printf("  %-18s %s\n", commands[i]->name, commands[i]->summary);
    }
    (void)fputs(common, stdout);
}

static void help_one(const struct command *command)
{
    (void)printf("comesh %s %s\n    %s\n\nExamples:\n%s", command->name, command->operands,
                 command->summary, command->examples);
    if (command->details != NULL) {
        (void)printf("\n%s", command->details);
    }
    if (command->options[0].name != NULL || command->json) {
        (void)printf("\nOptions:\n");
    }
    for (const struct command_option *row = command->options; row->name != NULL; row++) {
        char left[64];
        (void)snprintf(left, sizeof left, "--%s %s%s", row->name,
                       row->value == NULL ? "" : row->value, row->repeats ? " …" : "");
        /* the ellipsis is one column and three bytes */
        (void)printf("  %-*s %s\n", row->repeats ? 32 : 30, left, row->help);
    }
    if (command->json) {
        (void)printf("  %-30s %s\n", "--json", "the data as JSON");
    }
}

bool help_for(const char *word)
{
    size_t size = strlen(word);
    size_t found = 0;
    for (size_t i = 0; i < command_count; i++) {
        const char *name = commands[i]->name;
        if (strncmp(name, word, size) == 0 && (name[size] == '\0' || name[size] == ' ')) {
            (void)printf("%s", found++ > 0 ? "\n\n" : "");
            help_one(commands[i]);
        }
    }
    return found > 0;
}
