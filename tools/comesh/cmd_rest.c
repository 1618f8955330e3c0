/* comesh rest add, list, show and remove: the partners without a node, and who of them is trusted.
 * A card comes in only when a person has confirmed its fingerprint, every serial anew. */
#include "keys/directory.h"
#include "keys/file.h"
#include "keys/text.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/client.h"
#include "tools/comesh/output.h"

#include <stdlib.h>

/* ---- add ---- */

/* The right fingerprint is not told: who could copy it from the screen would not ask for it. */
static enum result confirm(struct call *call, const struct rest_card *card, struct error *error)
{
    uint8_t hash[WORDS_HASH_BYTES];
    const char *given = NULL;
    enum result result = call_required(call, "fingerprint", &given, error);
    if (result == RESULT_OK) {
        rest_card_hash(card, hash);
        result = words_compare(hash, text_of(given), error);
    }
    if (result == RESULT_UNTRUSTED) {
        return error_set(error, result,
                         "NOT ADDED: this card has another fingerprint than the one you gave, so "
                         "it is not the card of %s that you were told of; get it again from %s, "
                         "and ask by telephone",
                         card->party, card->party);
    }
    return result;
}

static enum result add(struct call *call, struct error *error)
{
    struct config *config = NULL;
    struct rest_card card = {0};
    struct buffer text = {0};
    char cards[CONFIG_PATH_BYTES];
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = file_read(call->operands[0], REST_CARD_MAX_BYTES, FILE_PUBLIC, &text, error);
    }
    if (result == RESULT_OK) {
        result = rest_card_read(buffer_bytes(&text), &card, error);
    }
    if (result == RESULT_OK) {
        result = confirm(call, &card, error);
    }
    if (result == RESULT_OK) {
        result = config_place(config, "cards", cards, error);
    }
    if (result == RESULT_OK) {
        result = directory_rest_store(cards, &card, error);
    }
    if (result == RESULT_OK) {
        char detail[128];
        char digits[WORDS_DIGITS_BYTES];
        rest_card_fingerprint(&card, digits);
        (void)snprintf(detail, sizeof detail, "serial %llu, fingerprint %s",
                       (unsigned long long)card.serial, digits);
        result = act_record(call, config->directory, "rest add", card.party, detail, error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: %s is a REST-only partner now: %s, serial %llu\n",
                      card.party, card.domain, (unsigned long long)card.serial);
        result = node_reload(config, error);
    }
    buffer_free(&text);
    free(config);
    return result;
}

/* ---- list and show ---- */

static enum result load(struct call *call, struct rest_cards **cards, struct error *error)
{
    struct config *config = NULL;
    char place[CONFIG_PATH_BYTES];
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = config_place(config, "cards", place, error);
    }
    if (result == RESULT_OK) {
        result = rest_cards_load(place, text_of(config->environment), cards, error);
    }
    free(config);
    return result;
}

/* The time up to which a client certificate of the card is valid. */
static uint64_t valid_until(const struct rest_card *card)
{
    uint64_t until = 0;
    for (size_t i = 0; i < card->pin_count[REST_CLIENT]; i++) {
        uint64_t one = card->pins[REST_CLIENT][i].until_s;
        until = one > until ? one : until;
    }
    return until;
}

static void print_list(const struct rest_cards *cards)
{
    static const char *const heads[] = {"PARTY",       "NAME",        "ENDPOINT", ">SERIAL",
                                        "FINGERPRINT", "VALID UNTIL", NULL};
    struct table table = table_begin(heads);
    const struct rest_card *card;
    for (size_t i = 0; (card = rest_cards_at(cards, i)) != NULL; i++) {
        char digits[WORDS_DIGITS_BYTES];
        char until[TEXT_TIME_BYTES];
        char host[CARD_NAME_BYTES];
        rest_card_fingerprint(card, digits);
        rest_card_host(card, host);
        text_time(valid_until(card), until);
        table_string(&table, card->party);
        table_string(&table, card->name);
        table_string(&table, host);
        table_number(&table, card->serial);
        table_string(&table, digits);
        table_string(&table, until);
    }
    table_end(&table, stdout);
}

static json_t *list_json(const struct rest_cards *cards)
{
    json_t *array = json_array();
    const struct rest_card *card;
    for (size_t i = 0; (card = rest_cards_at(cards, i)) != NULL; i++) {
        char digits[WORDS_DIGITS_BYTES];
        char until[TEXT_TIME_BYTES];
        char host[CARD_NAME_BYTES];
        rest_card_fingerprint(card, digits);
        rest_card_host(card, host);
        text_time(valid_until(card), until);
        (void)json_array_append_new(array, json_pack("{ss ss ss sI sI ss ss}", "party", card->party,
                                                     "name", card->name, "host", host, "port",
                                                     (json_int_t)card->port, "serial",
                                                     (json_int_t)card->serial, "fingerprint",
                                                     digits, "valid_until", until));
    }
    return array;
}

static enum result list(struct call *call, struct error *error)
{
    struct rest_cards *cards = NULL;
    enum result result = load(call, &cards, error);
    if (result == RESULT_OK && call->json) {
        result = output_json(list_json(cards), error);
    } else if (result == RESULT_OK) {
        print_list(cards);
        if (rest_cards_at(cards, 0) == NULL) {
            (void)fprintf(stderr,
                          "comesh: no REST-only partner; `comesh rest add FILE` adds one\n");
        }
    }
    rest_cards_destroy(&cards);
    return result;
}

static enum result show(struct call *call, struct error *error)
{
    const char *party = call->operands[0];
    struct rest_cards *cards = NULL;
    struct buffer text = {0};
    enum result result = load(call, &cards, error);
    const struct rest_card *card =
        result == RESULT_OK ? rest_cards_party(cards, text_of(party)) : NULL;
    if (result == RESULT_OK && card == NULL) {
        result = error_set(error, RESULT_NOT_FOUND, "there is no REST card of '%s'", party);
    }
    if (result == RESULT_OK) {
        rest_card_append(card, &text);
        result = buffer_check(&text, error);
    }
    if (result == RESULT_OK) {
        (void)printf("%.*s", TEXT_ARGS(buffer_view(&text)));
    }
    buffer_free(&text);
    rest_cards_destroy(&cards);
    return result;
}

/* ---- remove ---- */

static enum result drop(struct call *call, struct error *error)
{
    const char *party = call->operands[0];
    struct config *config = NULL;
    char cards[CONFIG_PATH_BYTES];
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK && !name_is_party(text_of(party))) {
        result = call_usage(call, error, "'%.40s' is no party: two capital letters", party);
    }
    if (result == RESULT_OK) {
        result = config_place(config, "cards", cards, error);
    }
    if (result == RESULT_OK) {
        result = directory_rest_remove(cards, text_of(party), error);
    }
    if (result == RESULT_OK) {
        result = act_record(call, config->directory, "rest remove", party, NULL, error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: %s is no partner any more; its channels are kept\n", party);
        result = node_reload(config, error);
    }
    free(config);
    return result;
}

const struct command command_rest_add = {
    .name = "rest add",
    .operands = "FILE",
    .summary = "trust a partner without a node, after its fingerprint was confirmed",
    .examples = "  comesh rest add JP.card --fingerprint 12345-67890-12345-67890-12345\n",
    .details =
        "Ask the partner by telephone for the fingerprint of its card, and give what you heard:\n"
        "the digits, or the six words. Nothing else vouches for such a card, so every new one is\n"
        "confirmed again. A running node takes it over at once.\n",
    .options = {{"fingerprint", "DIGITS", "as the partner's person told it", false}},
    .least_operands = 1,
    .most_operands = 1,
    .run = add,
};

const struct command command_rest_list = {
    .name = "rest list",
    .operands = "",
    .summary = "the partners without a node",
    .examples = "  comesh rest list\n  comesh rest list --json\n",
    .json = true,
    .run = list,
};

const struct command command_rest_show = {
    .name = "rest show",
    .operands = "PARTY",
    .summary = "the card of a partner without a node",
    .examples = "  comesh rest show JP\n",
    .least_operands = 1,
    .most_operands = 1,
    .run = show,
};

const struct command command_rest_remove = {
    .name = "rest remove",
    .operands = "PARTY",
    .summary = "trust a partner without a node no more",
    .examples = "  comesh rest remove JP\n",
    .details = "Its client certificates open nothing any more, and nothing more is posted to it.\n",
    .least_operands = 1,
    .most_operands = 1,
    .run = drop,
};
