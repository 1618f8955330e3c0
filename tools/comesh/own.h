/* The own party of a node as the key commands see it: its configuration, its directory of cards and
 * its key files; and how a new card or a revocation of it is signed, kept and told, or, where the
 * identity key is on another machine, asked for. */
#ifndef COMESH_TOOLS_COMESH_OWN_H
#define COMESH_TOOLS_COMESH_OWN_H

#include "keys/directory.h"
#include "keys/keyring.h"
#include "node/core/config.h"
#include "tools/comesh/command.h"

struct own {
    struct call *call;
    struct config *config;
    struct directory *directory;
    struct keyring keyring;
    char cards[CONFIG_PATH_BYTES];
    uint64_t now_s;
    int lock; /* of the folder of key files, while they are changed; otherwise -1 */
    struct passphrase *passphrase; /* of the key files, once own_unlock has opened one with it */
    struct keypair *identity;      /* unlocked; NULL while it is not, or elsewhere */
};

/* own_load looks; own_change keeps others who change keys and own card out until own_free. */
enum result own_load(struct call *call, struct own *own, struct error *error) RESULT_CHECKED;
enum result own_change(struct call *call, struct own *own, struct error *error) RESULT_CHECKED;
void own_free(struct own *own);

/* The own card in force. */
const struct card *own_card(const struct own *own);

/* Asks for the passphrase, which must open a key file of this node; unlocks the identity key too
 * when its file is here, whose passphrase may be another one: asked for, or the next line of
 * --passphrase-fd. */
enum result own_unlock(struct own *own, struct error *error) RESULT_CHECKED;

/* Where the file of a new key goes: keys/ROLE-NNNNNN.key, of the card with that serial.
 * RESULT_CONFLICT when it is there. */
enum result own_key_path(const struct own *own, enum key_role role, uint64_t serial,
                         char out[CONFIG_PATH_BYTES], struct error *error) RESULT_CHECKED;

/* What became of a text. */
enum own_outcome { OWN_SIGNED, OWN_REQUESTED };

/* Signs with `identity` and stores; with NULL it is written to requests/, to be signed on the
 * machine that has the identity key. */
enum result own_put_card(struct own *own, struct card *next, const struct keypair *identity,
                         enum own_outcome *outcome, struct error *error) RESULT_CHECKED;
enum result own_put_revocation(struct own *own, struct revocation *revocation,
                               const struct keypair *identity, enum own_outcome *outcome,
                               struct error *error) RESULT_CHECKED;

/* Tells a running node, which passes the news on to its partners. Unlocks its new keys with the
 * passphrase that was asked for. */
enum result own_tell(struct own *own, struct error *error) RESULT_CHECKED;

/* A time of an option: "now", "2026-01-05" or "2026-01-05T09:30:00Z"; `standard` when it was not
 * given. */
enum result own_time(struct own *own, const char *option, uint64_t standard, uint64_t *time_s,
                     struct error *error) RESULT_CHECKED;

#endif
