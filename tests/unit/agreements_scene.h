/* The folder of agreements of AU, the first of the fifteen, and versions to take into it. */
#ifndef COMESH_TESTS_AGREEMENTS_SCENE_H
#define COMESH_TESTS_AGREEMENTS_SCENE_H

#include "keys/agreements.h"
#include "tests/unit/folder.h"
#include "tests/unit/pact.h"

#define DAY_S AGREEMENT_DAY_S

static struct agreement *first;  /* version 1 */
static struct agreement *second; /* version 2 */
static struct agreements *held;
static struct agreements_trust trust;
static enum agreements_outcome outcome;
static const struct text rcep = {"RCEP", 4};

static inline void scene_start(void)
{
    folder_start();
    pact_start();
    trust = (struct agreements_trust){.environment = TEXT("test"),
                                      .party = TEXT("AU"),
                                      .identity = keypair_public(pact_keys[0]),
                                      .person = true,
                                      .now_s = PACT_NOW_S};
}

static inline void scene_end(void)
{
    agreement_destroy(&first);
    agreement_destroy(&second);
    agreements_release(&held);
    pact_end();
    folder_end();
}

static inline enum result load(void)
{
    agreements_release(&held);
    return agreements_load(folder_path("agreements"), TEXT("test"), &held, &error);
}

static inline enum result take(const struct agreement *agreement)
{
    enum result result = agreements_import(
        folder_path("agreements"), buffer_bytes(&agreement->bytes), &trust, &outcome, &error);
    if (result == RESULT_OK) {
        assert_ok(load());
    }
    return result;
}

/* Version 1 of `count` parties, signed by all of them and taken. */
static inline void take_first(size_t count, uint32_t quorum)
{
    first = pact_make(pact_draft(count, quorum));
    pact_sign(&first, NULL, (1U << count) - 1);
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
}

#endif
