/* comesh key change-passphrase: all key files of a node sealed anew. */
#include "keys/file.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/client.h"
#include "tools/comesh/unlock.h"

#include <stdio.h>
#include <stdlib.h>

/* One run: the files, and for each the key that the old passphrase opened. */
struct change {
    struct call *call;
    struct config *config;
    struct keyring keyring;
    struct passphrase *old;
    struct passphrase *new;
    struct keypair **keys; /* NULL for a file that has the new passphrase already */
    size_t left;           /* files that have the old one */
};

static enum result passphrases_get(struct change *change, struct error *error)
{
    enum result result = unlock_passphrase(change->call, "passphrase-fd", "Passphrase of now",
                                           false, &change->old, error);
    if (result == RESULT_OK) {
        result = unlock_passphrase(change->call, "new-passphrase-fd", "New passphrase", true,
                                   &change->new, error);
    }
    if (result == RESULT_OK &&
        bytes_equal(passphrase_bytes(change->old), passphrase_bytes(change->new))) {
        result = error_set(error, RESULT_INVALID, "the new passphrase is the one of now");
    }
    return result;
}

/* A file that the old passphrase does not open may have been changed by a run that was interrupted:
 * then the new one does. */
static enum result file_open(struct change *change, size_t place, struct error *error)
{
    const struct keyfile_owner owner = {text_of(change->config->party),
                                        text_of(change->config->environment)};
    const struct keyring_file *file = &change->keyring.files[place];
    struct error other;
    struct keypair *changed = NULL;
    enum result result = keyfile_read(file->path, file->clear.role, &owner,
                                      passphrase_bytes(change->old), &change->keys[place], error);
    if (result == RESULT_OK) {
        change->left++;
    } else if (result == RESULT_DENIED &&
               keyfile_read(file->path, file->clear.role, &owner, passphrase_bytes(change->new),
                            &changed, &other) == RESULT_OK) {
        result = RESULT_OK;
    }
    keypair_destroy(&changed);
    return result;
}

/* All are opened before one is written: a wrong passphrase changes nothing. */
static enum result files_open(struct change *change, struct error *error)
{
    change->keys = calloc(change->keyring.count + 1, sizeof(struct keypair *));
    enum result result =
        change->keys == NULL
            ? error_set(error, RESULT_NO_MEMORY, "no memory for %zu keys", change->keyring.count)
            : RESULT_OK;
    for (size_t i = 0; i < change->keyring.count && result == RESULT_OK; i++) {
        result = file_open(change, i, error);
    }
    if (result == RESULT_OK && change->keyring.count == 0) {
        result = error_set(error, RESULT_NOT_FOUND, "there is no key file in %s/keys",
                           change->config->directory);
    }
    return result;
}

static enum result files_write(struct change *change, struct error *error)
{
    const struct keyfile_owner owner = {text_of(change->config->party),
                                        text_of(change->config->environment)};
    enum result result = RESULT_OK;
    for (size_t i = 0; i < change->keyring.count && result == RESULT_OK; i++) {
        const struct keyring_file *file = &change->keyring.files[i];
        if (change->keys[i] != NULL) {
            result = keyfile_write(file->path, &owner, change->keys[i],
                                   passphrase_bytes(change->new), file->clear.cost, error);
        }
    }
    if (result != RESULT_OK) {
        (void)error_wrap(error, "some key files may have the new passphrase; run it again with the "
                                "same two");
    }
    return result;
}

static void change_end(struct change *change)
{
    for (size_t i = 0; change->keys != NULL && i < change->keyring.count; i++) {
        keypair_destroy(&change->keys[i]);
    }
    free(change->keys);
    passphrase_destroy(&change->old);
    passphrase_destroy(&change->new);
    keyring_free(&change->keyring);
    free(change->config);
}

static enum result run(struct call *call, struct error *error)
{
    struct change change = {.call = call};
    char folder[CONFIG_PATH_BYTES];
    char detail[64];
    int lock = -1;
    enum result result = node_config(call, &change.config, error);
    if (result == RESULT_OK) {
        result = passphrases_get(&change, error);
    }
    if (result == RESULT_OK) {
        result = config_place(change.config, "keys", folder, error);
    }
    if (result == RESULT_OK) {
        result = file_lock(folder, &lock, error);
    }
    if (result == RESULT_OK) {
        result = unlock_keyring(change.config, &change.keyring, error);
    }
    if (result == RESULT_OK) {
        result = files_open(&change, error);
    }
    if (result == RESULT_OK) {
        result = files_write(&change, error);
    }
    file_unlock(&lock);
    if (result == RESULT_OK) {
        (void)snprintf(detail, sizeof detail, "%zu of %zu key files", change.left,
                       change.keyring.count);
        (void)fprintf(stderr,
                      "comesh: %s have the new passphrase now; put it where the service takes it "
                      "from, before the node starts again\n",
                      detail);
        result = act_record(call, change.config->directory, "key change-passphrase", NULL, detail,
                            error);
    }
    change_end(&change);
    return result;
}

const struct command command_key_passphrase = {
    .name = "key change-passphrase",
    .operands = "",
    .summary = "seal all key files of the node with a new passphrase",
    .examples = "  comesh key change-passphrase\n"
                "  comesh key change-passphrase --passphrase-fd 3 --new-passphrase-fd 4 "
                "3<old 4<new\n",
    .details = "Every key file in keys/ is opened first, so that a wrong passphrase changes "
               "nothing; then\n"
               "each is replaced whole. When it is interrupted, some files have the new passphrase "
               "and the\n"
               "others the old one: run it again with the same two, it does the rest. A node that "
               "runs goes\n"
               "on; the next start needs the new passphrase.\n",
    .options = {UNLOCK_OPTION,
                {"new-passphrase-fd", "N", "read the new passphrase from descriptor N", false}},
    .run = run,
};
