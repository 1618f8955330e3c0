/* Secret keys for a command. See unlock.h. */
#include "tools/comesh/unlock.h"

#include "keys/process.h"

#include <stdio.h>

enum result unlock_passphrase(struct call *call, const char *name, const char *prompt, bool twice,
                              struct passphrase **passphrase, struct error *error)
{
    uint64_t fd = 0;
    *passphrase = NULL;
    process_hide();
    if (call_value(call, name) == NULL) {
        return passphrase_from_terminal(prompt, twice, passphrase, error);
    }
    enum result result = call_number(call, name, 0, 65535, &fd, error);
    return result == RESULT_OK ? passphrase_from_fd((int)fd, passphrase, error) : result;
}

enum result unlock_keyring(const struct config *config, struct keyring *keyring,
                           struct error *error)
{
    const struct keyfile_owner owner = {text_of(config->party), text_of(config->environment)};
    char folder[CONFIG_PATH_BYTES];
    enum result result = config_place(config, "keys", folder, error);
    return result == RESULT_OK ? keyring_load(folder, &owner, keyring, error) : result;
}

enum result unlock_key(struct call *call, const struct config *config,
                       const struct keyring_file *file, struct keypair **keypair,
                       struct error *error)
{
    const struct keyfile_owner owner = {text_of(config->party), text_of(config->environment)};
    struct passphrase *passphrase = NULL;
    char prompt[64];
    (void)snprintf(prompt, sizeof prompt, "Passphrase of the %s key of %s",
                   key_role_text(file->clear.role), config->party);
    enum result result =
        unlock_passphrase(call, "passphrase-fd", prompt, false, &passphrase, error);
    if (result == RESULT_OK) {
        result = keyfile_read(file->path, file->clear.role, &owner, passphrase_bytes(passphrase),
                              keypair, error);
    }
    passphrase_destroy(&passphrase);
    return result;
}

enum result unlock_identity(struct call *call, const struct config *config, const struct card *own,
                            struct keypair **identity, struct error *error)
{
    struct keyring keyring = {0};
    *identity = NULL;
    enum result result = unlock_keyring(config, &keyring, error);
    if (result == RESULT_OK) {
        const struct keyring_file *file =
            keyring_find(&keyring, KEY_IDENTITY, own->keys[KEY_IDENTITY][0].public_key);
        result = file == NULL ? RESULT_OK : unlock_key(call, config, file, identity, error);
    }
    keyring_free(&keyring);
    return result;
}
