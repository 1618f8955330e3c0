/* A revocation: a party says, signed by its identity key, that one of its keys is not to be trusted
 * any more, why, and up to which time and sizes what the key signed stays proof. A signed note that
 * a person can read; its form is described in keys/README.md. Whether the signer may speak for the
 * party is the directory's business (directory_revoke). Any thread. */
#ifndef COMESH_KEYS_REVOCATION_H
#define COMESH_KEYS_REVOCATION_H

#include "keys/keypair.h"
#include "proto/channel.h"
#include "proto/name.h"

#define REVOCATION_CHANNELS_MAX     16
#define REVOCATION_REASON_MAX_BYTES ((size_t)256) /* with the NUL */
#define REVOCATION_MAX_BYTES        ((size_t)16 << 10)

/* Of that channel, what the key signed stays proof up to `size` entries. */
struct revocation_limit {
    char origin[ORIGIN_MAX_BYTES];
    uint64_t size;
};

struct revocation {
    char party[PARTY_MAX_BYTES];
    char environment[8];
    char domain[DOMAIN_MAX_BYTES];
    enum key_role role;
    uint8_t key[KEY_PUBLIC_BYTES]; /* which is revoked */
    char reason[REVOCATION_REASON_MAX_BYTES];
    uint64_t trusted_until_s; /* what it signed before stays proof; nothing after */
    struct revocation_limit limits[REVOCATION_CHANNELS_MAX];
    size_t limit_count;
    uint64_t issued_s;
    uint8_t identity[KEY_PUBLIC_BYTES]; /* who signs: the party's identity key */
    struct buffer note;                 /* the signed text, as it came */
};

/* The text that is signed, and reading it strictly: what is read is written back the same. */
void revocation_text_append(const struct revocation *revocation, struct buffer *out);
enum result revocation_text_read(struct text text, struct revocation *revocation,
                                 struct error *error) RESULT_CHECKED;

/* Signs with the identity key that the text names; the note replaces what is there. */
enum result revocation_sign(struct revocation *revocation, const struct keypair *identity,
                            struct error *error) RESULT_CHECKED;

/* Parses and verifies; allocated. RESULT_INVALID names the line that is wrong, RESULT_UNTRUSTED
 * says that the signature by the identity it names does not hold. */
enum result revocation_parse(struct bytes note, struct revocation **revocation,
                             struct error *error) RESULT_CHECKED;
void revocation_destroy(struct revocation **revocation);

/* Whether what the key signed at `time_s`, for `size` entries of the channel `origin`, is still
 * proof. A text without origin is judged by its time alone. */
bool revocation_spares(const struct revocation *revocation, uint64_t time_s, struct text origin,
                       uint64_t size);

#endif
