/* Confirming a fingerprint. See confirm.h. */
#include "tools/comesh/confirm.h"

#include <stdio.h>
#include <unistd.h>

#define TYPED_MAX_BYTES 256
#define SLIPS_MAX       3 /* of the hand, on a terminal */

static enum result not_confirmed(const struct confirmation *confirmation, struct error *error)
{
    if (error->code != RESULT_UNTRUSTED) {
        return error_wrap(error, "%s: the fingerprint", confirmation->undone);
    }
    return error_set(error, RESULT_UNTRUSTED,
                     "%s: this %s has another fingerprint than the one you gave, so it is not the "
                     "%s of %s that you were told of; get it again from %s, and ask by telephone",
                     confirmation->undone, confirmation->thing, confirmation->thing,
                     confirmation->party, confirmation->party);
}

/* A person types on a terminal what the partner's person reads aloud. */
static enum result confirm_typed(const struct confirmation *confirmation,
                                 const uint8_t hash[WORDS_HASH_BYTES], struct error *error)
{
    char line[TYPED_MAX_BYTES];
    enum result result = RESULT_INVALID;
    (void)fprintf(stderr, "\nAsk %s by telephone or in person: they see it with `%s`.\n",
                  confirmation->party, confirmation->command);
    for (unsigned slips = 0; slips < SLIPS_MAX && result == RESULT_INVALID; slips++) {
        (void)fprintf(stderr, "Type the six words, or all digits, as they read them to you: ");
        if (fgets(line, sizeof line, stdin) == NULL) {
            return error_set(error, RESULT_DENIED, "%s: nobody confirmed it", confirmation->undone);
        }
        result = words_compare(hash, text_of(line), error);
        if (result == RESULT_INVALID) {
            (void)fprintf(stderr, "%s\n", error->message);
        }
    }
    return result == RESULT_OK ? RESULT_OK : not_confirmed(confirmation, error);
}

enum result confirm_hash(struct call *call, const struct confirmation *confirmation,
                         const uint8_t hash[WORDS_HASH_BYTES], struct error *error)
{
    size_t cursor = 0;
    const char *given = call_next(call, "fingerprint", &cursor);
    if (given == NULL && isatty(STDIN_FILENO) != 0) {
        return confirm_typed(confirmation, hash, error);
    }
    if (given == NULL) {
        return error_set(error, RESULT_DENIED,
                         "%s: nobody confirmed the fingerprint; ask %s for it, and give it with "
                         "--fingerprint",
                         confirmation->undone, confirmation->party);
    }
    enum result result = RESULT_UNTRUSTED;
    for (; given != NULL && result != RESULT_OK; given = call_next(call, "fingerprint", &cursor)) {
        result = words_compare(hash, text_of(given), error);
    }
    return result == RESULT_OK ? RESULT_OK : not_confirmed(confirmation, error);
}
