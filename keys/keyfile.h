/* Secret key files: role, party and environment in clear, the secret encrypted with Argon2id and
 * XChaCha20-Poly1305, the clear part authenticated with it. Written 0600 to a temporary name,
 * synced, renamed; a file that others can read is refused. */
#ifndef COMESH_KEYS_KEYFILE_H
#define COMESH_KEYS_KEYFILE_H

#include "keys/keypair.h"
#include "keys/passphrase.h"
#include "proto/name.h"

struct keyfile_owner {
    struct text party;
    struct text environment;
};

/* How hard a guess is made: libsodium's three limits for Argon2id. A file names one of them, and
 * no other figures, so that a hostile file cannot ask for more. */
enum keyfile_cost { KEYFILE_INTERACTIVE, KEYFILE_MODERATE, KEYFILE_SENSITIVE };
bool keyfile_cost_parse(struct text word, enum keyfile_cost *cost);

/* Replaces the file that is there. */
enum result keyfile_write(const char *path, const struct keyfile_owner *owner,
                          const struct keypair *keypair, struct bytes passphrase,
                          enum keyfile_cost cost, struct error *error) RESULT_CHECKED;

/* RESULT_DENIED for a wrong passphrase, for a file others can read, and for a key of another role,
 * party or environment than asked for; each with its sentence. */
enum result keyfile_read(const char *path, enum key_role role, const struct keyfile_owner *owner,
                         struct bytes passphrase, struct keypair **keypair,
                         struct error *error) RESULT_CHECKED;

/* What a key file says in clear: no passphrase, nothing proven. RESULT_DENIED for a file that
 * others can read, and for a key of another party or environment than
 * `owner`, which may be NULL. */
struct keyfile_clear {
    char party[PARTY_MAX_BYTES];
    char environment[8];
    enum key_role role;
    uint8_t public_key[KEY_PUBLIC_BYTES];
    enum keyfile_cost cost;
};
enum result keyfile_peek(const char *path, const struct keyfile_owner *owner,
                         struct keyfile_clear *clear, struct error *error) RESULT_CHECKED;

#endif
