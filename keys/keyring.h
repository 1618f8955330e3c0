/* The key files of a node: keys/ROLE.key and keys/ROLE-SERIAL.key. Which of them is in use follows
 * from the own card, by the public key that each file names in clear; no passphrase is needed to
 * list them. One thread. */
#ifndef COMESH_KEYS_KEYRING_H
#define COMESH_KEYS_KEYRING_H

#include "keys/keyfile.h"

#include <limits.h>

#define KEYRING_MAX 64 /* files in the folder */

struct keyring_file {
    char path[PATH_MAX];
    struct keyfile_clear clear;
};

struct keyring {
    struct keyring_file *files; /* by name */
    size_t count;
};

/* Reads the clear part of all *.key files in `folder` (a node's keys/). RESULT_DENIED for a file of
 * another party or environment than `owner`, which may be NULL, and for one that others can read;
 * other names are passed over. */
enum result keyring_load(const char *folder, const struct keyfile_owner *owner,
                         struct keyring *keyring, struct error *error) RESULT_CHECKED;
void keyring_free(struct keyring *keyring);

/* The file that holds the secret of a public key; NULL when it is not here. */
const struct keyring_file *keyring_find(const struct keyring *keyring, enum key_role role,
                                        const uint8_t public_key[KEY_PUBLIC_BYTES]);

#endif
