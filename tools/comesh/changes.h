/* What differs between two agreements, as a policy officer reads it: one thing after the other, in
 * the order of the text. */
#ifndef COMESH_TOOLS_COMESH_CHANGES_H
#define COMESH_TOOLS_COMESH_CHANGES_H

#include "keys/agreement.h"

#include <stdio.h>

/* `before` or `after` is empty for what is new or gone. The views live until the visitor returns.
 */
typedef void changes_visit(void *self, const char *what, struct text before, struct text after);

/* How many there are. */
size_t changes_between(const struct agreement *before, const struct agreement *after,
                       changes_visit *visit, void *self);

/* Prints them, a line each: "+ new", "- gone", "what: before → after"; how many. */
size_t changes_print(const struct agreement *before, const struct agreement *after, FILE *file);

#endif
