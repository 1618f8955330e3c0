/* What a subcommand is: its words, its help, its options as a table, and the function that runs it.
 * One file per subcommand (cmd_*.c); the list of all is in commands.c. */
#ifndef COMESH_TOOLS_COMESH_COMMAND_H
#define COMESH_TOOLS_COMESH_COMMAND_H

#include "proto/bytes.h"

#define COMMAND_OPTIONS_MAX 16
#define COMMAND_GIVEN_MAX   128 /* options given in one call */

struct command_option {
    const char *name;
    const char *value; /* placeholder in the help; NULL for a switch */
    const char *help;
    bool repeats;
};

struct call;

/* Runs the call. An error is printed by the caller and becomes the exit code. */
typedef enum result command_run(struct call *call, struct error *error);

struct command {
    const char *name; /* one word, or two: "card show" */
    const char *operands;
    const char *summary;
    const char *examples;                               /* lines; shown first in the help */
    const char *details;                                /* sentences, or NULL */
    struct command_option options[COMMAND_OPTIONS_MAX]; /* ends with a row without name */
    bool json;                                          /* a reading command: takes --json */
    size_t least_operands;
    size_t most_operands;
    command_run *run;
};

/* A subcommand with what was given to it. */
struct call {
    const struct command *command;
    const char *directory; /* of the node */
    bool json;
    struct {
        const struct command_option *option;
        const char *value;
    } given[COMMAND_GIVEN_MAX];
    size_t given_count;
    char **operands;
    size_t operand_count;
    int exit_code; /* 0: follows from the result */
};

/* All subcommands, as the help lists them. */
extern const struct command *const commands[];
extern const size_t command_count;

/* The command that `words` begin with, and how many words its name has; NULL, with the sentence,
 * when there is none. */
const struct command *command_find(char **words, size_t count, size_t *used, struct error *error);

/* Reads options and operands of the command behind its name. RESULT_INVALID with a sentence. */
enum result command_parse(struct call *call, int argc, char **argv,
                          struct error *error) RESULT_CHECKED;

/* The value of an option, or NULL when it was not given. A switch that was given has "". */
const char *call_value(const struct call *call, const char *name);

/* As call_value, but the option must be there. */
enum result call_required(struct call *call, const char *name, const char **value,
                          struct error *error) RESULT_CHECKED;

/* The next value of an option that may be given several times, NULL behind the last. Start with
 * *cursor 0. */
const char *call_next(const struct call *call, const char *name, size_t *cursor);

/* A whole number from 0 to `max`; `standard` when the option was not given. */
enum result call_number(struct call *call, const char *name, uint64_t standard, uint64_t max,
                        uint64_t *value, struct error *error) RESULT_CHECKED;

/* The call was wrong: the sentence, and the exit code EX_USAGE. */
enum result call_usage(struct call *call, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The exit code (sysexits.h) of a result. */
int exit_code_of(enum result result);

/* The help of all commands, and of those whose name begins with `word`; false when none does. */
void help_all(void);
bool help_for(const char *word);

#endif
