/* The secret keys of a node. See unlock.h. */
#include "node/unlock.h"

#include "keys/passphrase.h"

#include <stdlib.h>

/* Says what our card has and this node cannot use. */
static void tell_locked(const struct unlocked *unlocked)
{
    if (unlocked_locked(unlocked) > 0) {
        log_event(LOG_LEVEL_WARNING, "node", "keys of the own card are locked",
                  "keys=%zu remedy=\"comesh reload --passphrase-fd 3\"", unlocked_locked(unlocked));
    }
}

enum result unlock_new(struct flow *flow, const struct card *own, struct bytes passphrase,
                       struct unlocked **unlocked, struct error *error)
{
    const struct config *config = flow->config;
    char folder[CONFIG_PATH_BYTES];
    struct passphrase *credential = NULL;
    struct error ignored;
    if (passphrase.size == 0 && passphrase_from_credential(&credential, &ignored) == RESULT_OK) {
        passphrase = passphrase_bytes(credential);
    }
    enum result result = config_place(config, "keys", folder, error);
    if (result == RESULT_OK) {
        const struct unlocked_source source = {
            .folder = folder,
            .owner = {text_of(config->party), text_of(config->environment)},
            .passphrase = passphrase,
            .now_s = world_wall_ms(flow->world) / 1000};
        result = unlocked_load(&source, own, flow->unlocked, unlocked, error);
    }
    passphrase_destroy(&credential);
    if (result == RESULT_OK) {
        tell_locked(*unlocked);
    }
    return result;
}

static enum result get_passphrase(int fd, struct passphrase **passphrase, struct error *error)
{
    if (fd >= 0) {
        return passphrase_from_fd(fd, passphrase, error);
    }
    if (getenv("CREDENTIALS_DIRECTORY") != NULL) {
        return passphrase_from_credential(passphrase, error);
    }
    return passphrase_from_terminal("Passphrase of this node's keys: ", false, passphrase, error);
}

enum result unlock_start(struct flow *flow, int passphrase_fd, struct error *error)
{
    struct passphrase *passphrase = NULL;
    enum result result = get_passphrase(passphrase_fd, &passphrase, error);
    if (result == RESULT_OK) {
        result = unlock_new(flow, directory_own(flow->directory), passphrase_bytes(passphrase),
                            &flow->unlocked, error);
    }
    passphrase_destroy(&passphrase);
    return result;
}
