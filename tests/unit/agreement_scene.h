/* Versions of an agreement, what one is read as, and how its signatures are counted. */
#ifndef COMESH_TESTS_AGREEMENT_SCENE_H
#define COMESH_TESTS_AGREEMENT_SCENE_H

#include "tests/unit/pact.h"

static struct agreement *first;  /* version 1 */
static struct agreement *second; /* version 2 */
static struct agreement *parsed;
static struct agreement_count count;

static inline void scene_start(void)
{
    pact_start();
}

static inline void scene_end(void)
{
    agreement_destroy(&first);
    agreement_destroy(&second);
    agreement_destroy(&parsed);
    pact_end();
}

static inline enum result parse(struct bytes note)
{
    agreement_destroy(&parsed);
    return agreement_parse(note, &parsed, &error);
}

#endif
