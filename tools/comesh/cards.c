/* Cards in the node's directory. See cards.h. */
#include "tools/comesh/cards.h"

#include "keys/directory.h"
#include "keys/file.h"
#include "tools/comesh/client.h"

#include <stdlib.h>

enum result card_path(const struct config *config, const char *party, char out[CONFIG_PATH_BYTES],
                      struct error *error)
{
    char name[64];
    if (party == NULL || strcmp(party, config->party) == 0) {
        return config_place(config, "cards/own.card", out, error);
    }
    if (!name_is_party(text_of(party))) {
        return error_set(error, RESULT_INVALID,
                         "'%.40s' is no party; accepted: two capital letters, an ISO 3166-1 "
                         "alpha-2 code",
                         party);
    }
    (void)snprintf(name, sizeof name, "cards/partners/%s.card", party);
    return config_place(config, name, out, error);
}

enum result card_load(struct call *call, const char *party, struct card **card, struct error *error)
{
    struct config *config = NULL;
    struct buffer note = {0};
    char path[CONFIG_PATH_BYTES];
    *card = NULL;
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = card_path(config, party, path, error);
    }
    if (result == RESULT_OK) {
        result = file_read(path, CARD_MAX_BYTES, FILE_PUBLIC, &note, error);
    }
    if (result == RESULT_NOT_FOUND && config != NULL) {
        bool is_own = party == NULL || strcmp(party, config->party) == 0;
        result = is_own ? error_set(error, result,
                                    "there is no own card yet: it waits for its signature "
                                    "(`comesh key request`)")
                        : error_set(error, result,
                                    "there is no card of '%s'; import it with `comesh card import "
                                    "FILE`",
                                    party);
    }
    if (result == RESULT_OK) {
        result = card_parse(buffer_bytes(&note), card, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "%s", path);
        }
    }
    buffer_free(&note);
    free(config);
    return result;
}

enum result card_load_version(struct call *call, const char *party, uint64_t serial,
                              struct card **card, struct error *error)
{
    struct config *config = NULL;
    struct directory *directory = NULL;
    const struct card *version = NULL;
    char cards[CONFIG_PATH_BYTES];
    *card = NULL;
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = config_place(config, "cards", cards, error);
    }
    if (result == RESULT_OK) {
        result = directory_load(cards, text_of(config->environment), &directory, error);
    }
    for (size_t i = 0; result == RESULT_OK; i++) {
        const char *whose = party == NULL ? config->party : party;
        version = directory_version(directory, text_of(whose), i);
        if (version == NULL) {
            result =
                error_set(error, RESULT_NOT_FOUND,
                          "no card %llu of %s was ever held; `comesh card list %s` shows which",
                          (unsigned long long)serial, whose, whose);
        } else if (version->serial == serial) {
            result = card_parse(buffer_bytes(&version->note), card, error);
            break;
        }
    }
    directory_release(&directory);
    free(config);
    return result;
}

enum result node_reload(const struct config *config, struct error *error)
{
    return node_unlock(config, NULL, error);
}

enum result node_unlock(const struct config *config, const struct passphrase *passphrase,
                        struct error *error)
{
    struct client *client = NULL;
    uint64_t locked = 0;
    enum result result = client_open(config, &client, error);
    if (result == RESULT_UNAVAILABLE) {
        (void)fprintf(stderr,
                      "comesh: the node does not run; it reads its directory when it starts\n");
        return RESULT_OK;
    }
    if (result == RESULT_OK) {
        result = passphrase == NULL ? client_reload(client, &locked, error)
                                    : client_unlock(client, passphrase, &locked, error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: the running node has read its directory again\n");
        client_tell_locked(locked);
    } else {
        (void)error_wrap(error,
                         "the file is in its place, but the running node did not take it over");
    }
    client_close(&client);
    return result;
}
