/* A second pair of hands: does one piece of work beside the thread that asks, when it is free. Who
 * asks does it himself when it was not begun by the time it is needed, so that nobody waits for a
 * helper that is busy or gets no processor. One for a node; any thread asks. */
#ifndef COMESH_NODE_CORE_HELPER_H
#define COMESH_NODE_CORE_HELPER_H

#include "proto/err.h"

#include <stdbool.h>

struct helper;

/* A piece of work; `run` touches only what is behind `self`, and waits for nothing. */
struct help {
    void (*run)(void *self);
    void *self;
    bool done;
};

enum result helper_start(struct helper **helper, struct error *error) RESULT_CHECKED;
void helper_stop(struct helper **helper);

/* Offers the work; it lives until helper_end. A helper that is NULL does nothing. */
void helper_begin(struct helper *helper, struct help *help);

/* The work is done when this returns. */
void helper_end(struct helper *helper, struct help *help);

#endif
