/* comesh partner list: whom this node trusts. Needs no running node. */
#include "keys/directory.h"
#include "keys/text.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/client.h"
#include "tools/comesh/output.h"

#include <stdlib.h>

/* The first time at which a role of the card is left without a key. */
static uint64_t valid_until(const struct card *card)
{
    uint64_t first = UINT64_MAX;
    for (size_t role = 0; role < KEY_ROLE_COUNT; role++) {
        uint64_t last = 0;
        for (size_t i = 0; i < card->key_count[role]; i++) {
            uint64_t until = card->keys[role][i].until_s;
            last = until > last ? until : last;
        }
        first = last < first ? last : first;
    }
    return first;
}

static void print_partners(const struct directory *directory)
{
    static const char *const heads[] = {"PARTY",   "NAME",        "DOMAIN",      "ENDPOINT",
                                        ">SERIAL", "FINGERPRINT", "VALID UNTIL", NULL};
    struct table table = table_begin(heads);
    for (size_t i = 0; i < directory_count(directory); i++) {
        const struct card *card = directory_at(directory, i);
        char digits[FINGERPRINT_DIGITS_BYTES];
        char until[TEXT_TIME_BYTES];
        card_fingerprint(card, digits);
        bool suspended = directory_is_suspended(directory, text_of(card->party));
        text_time(valid_until(card), until);
        table_string(&table, card->party);
        table_string(&table, card->name);
        table_string(&table, card->domain);
        table_string(&table, card->mesh_endpoint);
        table_number(&table, card->serial);
        table_string(&table, digits);
        table_string(&table, suspended                ? "suspended: its identity is revoked"
                             : valid_until(card) == 0 ? "a role has no key"
                                                      : until);
    }
    table_end(&table, stdout);
}

static enum result list(struct call *call, struct error *error)
{
    struct config *config = NULL;
    struct directory *directory = NULL;
    char cards[CONFIG_PATH_BYTES];
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = config_place(config, "cards", cards, error);
    }
    if (result == RESULT_OK) {
        result = directory_load(cards, text_of(config->environment), &directory, error);
    }
    if (result == RESULT_OK && call->json) {
        json_t *array = json_array();
        for (size_t i = 0; i < directory_count(directory); i++) {
            (void)json_array_append_new(array, card_json(directory_at(directory, i)));
        }
        result = output_json(array, error);
    } else if (result == RESULT_OK) {
        print_partners(directory);
        if (directory_count(directory) == 0) {
            (void)fprintf(stderr, "comesh: no partner yet; `comesh card import FILE` adds one\n");
        }
    }
    directory_release(&directory);
    free(config);
    return result;
}

const struct command command_partner_list = {
    .name = "partner list",
    .operands = "",
    .summary = "the partners this node trusts",
    .examples = "  comesh partner list\n  comesh partner list --json\n",
    .json = true,
    .run = list,
};
