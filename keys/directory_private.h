/* Inside of the directory: what a snapshot holds, shared by its readers (directory.c), its loading
 * (directory_load.c, directory_compare.c) and its changes (directory_change.c, directory_rest.c,
 * directory_revoke.c). */
#ifndef COMESH_KEYS_DIRECTORY_PRIVATE_H
#define COMESH_KEYS_DIRECTORY_PRIVATE_H

#include "keys/directory.h"

#include <limits.h>
#include <stdatomic.h>

#define OWN_NAME           "own.card"
#define PARTNERS_FOLDER    "partners"
#define HISTORY_FOLDER     "history"
#define REVOCATIONS_FOLDER "revocations"
#define CARD_SUFFIX        ".card"
#define REVOCATION_SUFFIX  ".revocation"
#define FILE_NAME_BYTES    64

/* Never changes after it was loaded, but for its holders. */
struct directory {
    atomic_size_t holders;
    struct card *own;       /* NULL only while a first own card is stored */
    struct card **partners; /* ascending by party */
    size_t count;
    struct card **versions; /* ascending by party, of one party the newest first */
    size_t version_count;
    struct revocation **revocations; /* by file name */
    size_t revocation_count;
    struct rest_cards *rest;
};

/* As directory_load, of whatever environment the own card has; `own_needed` false takes a directory
 * without one. */
enum result directory_read(const char *path, bool own_needed, struct directory **directory,
                           struct error *error) RESULT_CHECKED;

/* RESULT_CONFLICT when the two cannot stand in one directory. */
enum result directory_compare(const struct card *a, const struct card *b,
                              struct error *error) RESULT_CHECKED;

/* They have the party code or the domain of one another. */
bool directory_is_one_party(const struct card *card, const struct rest_card *rest);

/* RESULT_CONFLICT when a REST-only partner has the party code or domain of the card. */
enum result directory_compare_rest(const struct directory *directory, const struct card *card,
                                   struct error *error) RESULT_CHECKED;

static inline const uint8_t *directory_identity(const struct card *card)
{
    return card->keys[KEY_IDENTITY][0].public_key;
}

/* Whether a card of the party that was ever held names this identity key. */
bool directory_had_identity(const struct directory *directory, struct text party,
                            const uint8_t key[KEY_PUBLIC_BYTES]);

/* "KR-checkpoint-0123456789abcdef.revocation": a key has one. */
void directory_revocation_name(const struct revocation *revocation, char out[FILE_NAME_BYTES]);

/* ---- changes ---- */

/* A change under way. */
struct directory_change {
    const char *path;
    int lock;
    struct directory *held;
};

/* Locks the folder and reads it; directory_change_end in any case. */
enum result directory_change_begin(struct directory_change *change, const char *path,
                                   bool own_needed, struct error *error) RESULT_CHECKED;
void directory_change_end(struct directory_change *change);

/* The path of a file in a folder below, which is made when it is missing. */
enum result directory_change_place(const struct directory_change *change, const char *folder,
                                   const char *name, char out[PATH_MAX],
                                   struct error *error) RESULT_CHECKED;

#endif
