/* A fingerprint that a person confirms: six words or all digits, which they heard from the other
 * side, given with --fingerprint or typed on a terminal. The right one is never shown: who could
 * copy it from the screen would not ask for it. */
#ifndef COMESH_TOOLS_COMESH_CONFIRM_H
#define COMESH_TOOLS_COMESH_CONFIRM_H

#include "keys/words.h"
#include "tools/comesh/command.h"

/* The row of a command's options that goes with it. */
#define CONFIRM_OPTION                                                                             \
    {                                                                                              \
        "fingerprint", "WORDS|DIGITS", "what the other side read to you; asks nothing", true       \
    }

struct confirmation {
    const char *thing;   /* "card" */
    const char *party;   /* whose it is */
    const char *command; /* where they see it: "comesh card fingerprint" */
    const char *undone;  /* "NOT IMPORTED" */
};

/* RESULT_OK when one of the fingerprints that were given is that of `hash`, or it was typed.
 * RESULT_UNTRUSTED, RESULT_INVALID or RESULT_DENIED with a sentence otherwise. */
enum result confirm_hash(struct call *call, const struct confirmation *confirmation,
                         const uint8_t hash[WORDS_HASH_BYTES], struct error *error) RESULT_CHECKED;

#endif
