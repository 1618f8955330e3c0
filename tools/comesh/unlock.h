/* Secret keys for a command: the passphrase from a descriptor or the terminal, never from an
 * argument, and the key that belongs to the own card. */
#ifndef COMESH_TOOLS_COMESH_UNLOCK_H
#define COMESH_TOOLS_COMESH_UNLOCK_H

#include "keys/card.h"
#include "keys/keyring.h"
#include "node/core/config.h"
#include "tools/comesh/command.h"

/* The row of a command's options that goes with unlock_passphrase. */
#define UNLOCK_OPTION                                                                              \
    {                                                                                              \
        "passphrase-fd", "N", "read the passphrase from descriptor N, to end or line feed", false  \
    }

/* From the descriptor that the option `name` names, otherwise asked for with `prompt`, `twice` for
 * a new one. */
enum result unlock_passphrase(struct call *call, const char *name, const char *prompt, bool twice,
                              struct passphrase **passphrase, struct error *error) RESULT_CHECKED;

/* Loads the list of the node's key files. */
enum result unlock_keyring(const struct config *config, struct keyring *keyring,
                           struct error *error) RESULT_CHECKED;

/* Opens one of them, after its passphrase was asked for. */
enum result unlock_key(struct call *call, const struct config *config,
                       const struct keyring_file *file, struct keypair **keypair,
                       struct error *error) RESULT_CHECKED;

/* The identity key of the own card, after its passphrase was asked for; RESULT_OK and NULL when it
 * is kept elsewhere and no passphrase is needed. */
enum result unlock_identity(struct call *call, const struct config *config, const struct card *own,
                            struct keypair **identity, struct error *error) RESULT_CHECKED;

#endif
