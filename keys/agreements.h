/* The agreements of a node: the folder agreements/CODE/ with every version ever accepted
 * (NNNN.agreement) and the next one while it collects signatures (NNNN.proposal), read into an
 * immutable snapshot that all threads share. A version is accepted when its quorum and that of the
 * version before have signed; nothing that was accepted is ever replaced by another text. */
#ifndef COMESH_KEYS_AGREEMENTS_H
#define COMESH_KEYS_AGREEMENTS_H

#include "keys/agreement.h"

#include <limits.h>

#define AGREEMENTS_CODES_MAX 64

struct agreements; /* reference counted */

/* Reads the folder; one that is not there holds none. A file that is no valid agreement of the
 * environment, a version whose quorum or hash of the one before is wrong, and a gap are errors
 * that name the file. */
enum result agreements_load(const char *path, struct text environment,
                            struct agreements **agreements, struct error *error) RESULT_CHECKED;
struct agreements *agreements_share(struct agreements *agreements); /* one more holder */
void agreements_release(struct agreements **agreements);

/* The accepted versions, by code, ascending by version; NULL behind the last. NULL has none. */
const struct agreement *agreements_at(const struct agreements *agreements, size_t index);

/* The proposals that are not accepted, by code; NULL behind the last. */
const struct agreement *agreements_proposal_at(const struct agreements *agreements, size_t index);

/* The accepted version (0: the newest), or the next one that still collects signatures; or NULL. */
const struct agreement *agreements_version(const struct agreements *agreements, struct text code,
                                           uint32_t version);
const struct agreement *agreements_proposal(const struct agreements *agreements, struct text code);

/* Where in its life a version is. It ends at its `until`, or when the next one begins. */
enum agreement_state {
    AGREEMENT_COMING,   /* its `from` has not come */
    AGREEMENT_IN_FORCE, /* sent and received under */
    AGREEMENT_GRACE,    /* ended; received under, for its grace days */
    AGREEMENT_ENDED,
};
enum agreement_state agreements_state(const struct agreements *agreements,
                                      const struct agreement *agreement, uint64_t now_s);
const char *agreement_state_text(enum agreement_state state); /* "in force". Static. */

/* True when between `before_s` (0: ever) and `now_s` a moment to warn came: 60, 30 or 7 days before
 * the end of a version that none follows, its end, or the end of its grace. `*days` until its end
 * are rounded up, 0 behind it. */
bool agreements_warns(const struct agreements *agreements, const struct agreement *agreement,
                      uint64_t before_s, uint64_t now_s, uint32_t *days);

/* The newest version whose `from` has come, while it is in force or in its grace; NULL when there
 * is none. */
const struct agreement *agreements_in_force(const struct agreements *agreements, struct text code,
                                            uint64_t now_s);

/* True when an agreement in force or in its grace names this identity key for the party. */
bool agreements_vouch(const struct agreements *agreements, struct text party, struct text domain,
                      const uint8_t identity[KEY_PUBLIC_BYTES], uint64_t now_s);

/* True when an agreement in force or in its grace names another identity key for the party in the
 * place of this one, which a version before had named: a quorum has ended it. */
bool agreements_replaced(const struct agreements *agreements, struct text party,
                         const uint8_t identity[KEY_PUBLIC_BYTES], uint64_t now_s);

/* Who takes an agreement in. */
struct agreements_trust {
    struct text environment;
    struct text party;       /* the own one */
    const uint8_t *identity; /* its identity key */
    bool person;             /* a person gave it: also one not known here, or not signed yet */
    bool confirmed;          /* a person has compared its fingerprint */
    uint64_t now_s;
};

/* What became of it. */
enum agreements_outcome {
    AGREEMENTS_UNCHANGED, /* with RESULT_DUPLICATE */
    AGREEMENTS_PROPOSED,  /* kept as a proposal, or signatures added to it: the quorum is not met */
    AGREEMENTS_ACCEPTED,  /* the version counts from now on */
    AGREEMENTS_SIGNED,    /* signatures were added to a version that was accepted before */
};

/* Takes a note into the folder: adds its signatures to what is held, accepts it when the quorum is
 * met. The first version of a code is accepted only with the own party's signature or a confirmed
 * fingerprint; a person may put it there as a proposal. Files are replaced as a whole, other
 * processes kept out meanwhile.
 * RESULT_DUPLICATE when nothing is new, RESULT_CONFLICT for another text of a version that is held,
 * RESULT_NOT_FOUND when a version between is missing, RESULT_UNTRUSTED for a stranger's signature
 * and for a first version that nobody here knows, RESULT_INVALID for one without the own party or
 * past its end; nothing is changed then. */
enum result agreements_import(const char *path, struct bytes note,
                              const struct agreements_trust *trust,
                              enum agreements_outcome *outcome, struct error *error) RESULT_CHECKED;

/* The path of a version's file below the folder. */
enum result agreements_file(const char *path, struct text code, uint32_t version, bool accepted,
                            char out[PATH_MAX], struct error *error) RESULT_CHECKED;

/* Takes the proposal of a code away. RESULT_NOT_FOUND when there is none. */
enum result agreements_drop(const char *path, struct text environment, struct text code,
                            struct error *error) RESULT_CHECKED;

#endif
