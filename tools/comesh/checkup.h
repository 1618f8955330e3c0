/* What a check of a node or of a partner has found: a list of results, each with its name and,
 * where it is not well, what to do. For `comesh doctor` and `comesh partner test`. */
#ifndef COMESH_TOOLS_COMESH_CHECKUP_H
#define COMESH_TOOLS_COMESH_CHECKUP_H

#include "tools/comesh/command.h"
#include "tools/comesh/output.h"

enum checkup_level { CHECKUP_OK, CHECKUP_WARNING, CHECKUP_FAILED };

struct checkup {
    struct table table; /* for people */
    json_t *rows;       /* for programs */
    unsigned counts[CHECKUP_FAILED + 1];
};

/* The text of an error that a check ended with is shown as its result. */
void checkup_begin(struct checkup *checkup);
void checkup_add(struct checkup *checkup, enum checkup_level level, const char *name,
                 const char *remedy, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Prints it, on --json as an object, and frees it. The exit code is 1 when a check failed. */
enum result checkup_end(struct checkup *checkup, struct call *call,
                        struct error *error) RESULT_CHECKED;

#endif
