/* comesh card import and remove: whom this node trusts. A card comes in only when a person has
 * confirmed its fingerprint. */
#include "keys/directory.h"
#include "keys/file.h"
#include "node/core/world.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/client.h"
#include "tools/comesh/confirm.h"

#include <stdlib.h>

static enum result confirm(struct call *call, const struct card *card, struct error *error)
{
    const struct confirmation confirmation = {.thing = "card",
                                              .party = card->party,
                                              .command = "comesh card fingerprint",
                                              .undone = "NOT IMPORTED"};
    uint8_t hash[WORDS_HASH_BYTES];
    card_fingerprint_hash(card, hash);
    if (call_value(call, "fingerprint") == NULL) {
        card_print(card, NULL, stderr);
    }
    return confirm_hash(call, &confirmation, hash, error);
}

static enum result check_fits(const struct config *config, const struct card *card,
                              struct error *error)
{
    if (strcmp(card->environment, config->environment) != 0) {
        return error_set(error, RESULT_DENIED,
                         "the card of %s is of environment %s, and this node of %s", card->party,
                         card->environment, config->environment);
    }
    if (strcmp(card->party, config->party) == 0) {
        return error_set(error, RESULT_DENIED, "this is a card of the own party, %s", card->party);
    }
    return RESULT_OK;
}

static enum result import_card(struct call *call, struct error *error)
{
    struct config *config = NULL;
    struct card *card = NULL;
    struct buffer note = {0};
    char cards[CONFIG_PATH_BYTES];
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = file_read(call->operands[0], CARD_MAX_BYTES, FILE_PUBLIC, &note, error);
    }
    if (result == RESULT_OK) {
        result = card_parse(buffer_bytes(&note), &card, error);
    }
    if (result == RESULT_OK) {
        result = check_fits(config, card, error);
    }
    if (result == RESULT_OK) {
        result = card_check_time(card, world_wall_ms(world_real()) / 1000, error);
    }
    if (result == RESULT_OK) {
        result = confirm(call, card, error);
    }
    if (result == RESULT_OK) {
        result = config_place(config, "cards", cards, error);
    }
    if (result == RESULT_OK) {
        result = directory_store(cards, card, error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: %s is a partner now: %s, serial %llu\n", card->party,
                      card->domain, (unsigned long long)card->serial);
        result = act_record_card(call, config->directory, "card import", card, error);
    }
    if (result == RESULT_OK) {
        result = node_reload(config, error);
    }
    card_destroy(&card);
    buffer_free(&note);
    free(config);
    return result;
}

static enum result drop(struct call *call, struct error *error)
{
    const char *party = call->operands[0];
    struct config *config = NULL;
    char path[CONFIG_PATH_BYTES];
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK && strcmp(party, config->party) == 0) {
        result = error_set(error, RESULT_DENIED, "%s is the own party; its card stays", party);
    }
    if (result == RESULT_OK) {
        result = card_path(config, party, path, error); /* a party code, well formed */
    }
    if (result == RESULT_OK) {
        result = config_place(config, "cards", path, error);
    }
    if (result == RESULT_OK) {
        result = directory_remove(path, text_of(party), error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: %s is no partner any more; its channels are kept\n", party);
        result = act_record(call, config->directory, "card remove", party, NULL, error);
    }
    if (result == RESULT_OK) {
        result = node_reload(config, error);
    }
    free(config);
    return result;
}

const struct command command_card_import = {
    .name = "card import",
    .operands = "FILE",
    .summary = "trust a partner, after its fingerprint was confirmed",
    .examples = "  comesh card import ID.card\n"
                "  comesh card import ID.card --fingerprint 12345-67890-12345-67890-12345\n"
                "  comesh card import ID.card --fingerprint 'amber canyon glider "
                "mosaic parcel violin'\n",
    .details =
        "Shows the card without its fingerprint, and asks for that: six words or 25 digits, the\n"
        "whole of it, which you must hear from the partner itself. A running node takes the card\n"
        "over at once. A card with a lower serial, or with another identity key than before, is\n"
        "refused.\n",
    .options = {CONFIRM_OPTION, {"by", "NAME", "who confirmed it, for the audit log", false}},
    .least_operands = 1,
    .most_operands = 1,
    .run = import_card,
};

const struct command command_card_remove = {
    .name = "card remove",
    .operands = "PARTY",
    .summary = "trust a partner no more; its lanes close at once",
    .examples = "  comesh card remove ID\n",
    .details = "What was exchanged stays, and can be traced and verified: all versions of its card "
               "are kept.\n",
    .options = {{"by", "NAME", "who decided it, for the audit log", false}},
    .least_operands = 1,
    .most_operands = 1,
    .run = drop,
};
