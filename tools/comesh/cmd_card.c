/* comesh card …: the own card and the partners' cards. */
#include "keys/file.h"
#include "keys/text.h"
#include "node/core/world.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/output.h"
#include "tools/comesh/terminal_qr.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static json_t *keys_json(const struct card *card)
{
    json_t *keys = json_object();
    for (size_t role = 0; role < KEY_ROLE_COUNT; role++) {
        json_t *list = json_array();
        for (size_t i = 0; i < card->key_count[role]; i++) {
            const struct card_key *key = &card->keys[role][i];
            char hex[2 * KEY_PUBLIC_BYTES + 1];
            char from[TEXT_TIME_BYTES];
            char until[TEXT_TIME_BYTES];
            hex_encode((struct bytes){key->public_key, KEY_PUBLIC_BYTES}, hex);
            text_time(key->from_s, from);
            text_time(key->until_s, until);
            (void)json_array_append_new(
                list, json_pack("{s:s, s:s, s:s}", "key", hex, "from", from, "until", until));
        }
        (void)json_object_set_new(keys, key_role_text((enum key_role)role), list);
    }
    return keys;
}

json_t *card_json(const struct card *card)
{
    char digits[FINGERPRINT_DIGITS_BYTES];
    char issued[TEXT_TIME_BYTES];
    card_fingerprint(card, digits);
    text_time(card->issued_s, issued);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:o}", "party", card->party,
                     "name", card->name, "environment", card->environment, "domain", card->domain,
                     "endpoint", card->mesh_endpoint, "https", card->https_endpoint, "serial",
                     (json_int_t)card->serial, "issued", issued, "fingerprint", digits, "keys",
                     keys_json(card));
}

void card_print(const struct card *card, const char *fingerprint, FILE *file)
{
    static const char *const heads[] = {"", "", NULL};
    struct table table = table_begin(heads);
    char text[64];
    char time[TEXT_TIME_BYTES];
    text_time(card->issued_s, time);
    (void)snprintf(text, sizeof text, "%llu, of %s", (unsigned long long)card->serial, time);
    const char *const rows[][2] = {
        {"party", card->party},
        {"name", card->name},
        {"environment", card->environment},
        {"domain", card->domain},
        {"endpoint", card->mesh_endpoint[0] == '\0' ? "none: it dials out" : card->mesh_endpoint},
        {"https", card->https_endpoint},
        {"serial", text},
        {"fingerprint", fingerprint},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && rows[i][1] != NULL; i++) {
        table_string(&table, rows[i][0]);
        table_string(&table, rows[i][1]);
    }
    table_end(&table, file);
}

static void keys_print(const struct card *card)
{
    static const char *const heads[] = {"KEY", "FROM", "UNTIL", "PUBLIC", NULL};
    struct table table = table_begin(heads);
    for (size_t role = 0; role < KEY_ROLE_COUNT; role++) {
        for (size_t i = 0; i < card->key_count[role]; i++) {
            const struct card_key *key = &card->keys[role][i];
            char time[TEXT_TIME_BYTES];
            char hex[2 * KEY_PUBLIC_BYTES + 1];
            table_string(&table, key_role_text((enum key_role)role));
            text_time(key->from_s, time);
            table_string(&table, time);
            text_time(key->until_s, time);
            table_string(&table, time);
            hex_encode((struct bytes){key->public_key, KEY_PUBLIC_BYTES}, hex);
            table_string(&table, hex);
        }
    }
    (void)printf("\n");
    table_end(&table, stdout);
}

static enum result load_named(struct call *call, struct card **card, struct error *error)
{
    const char *party = call->operand_count > 0 ? call->operands[0] : NULL;
    uint64_t serial = 0;
    *card = NULL;
    if (call_value(call, "serial") == NULL) {
        return card_load(call, party, card, error);
    }
    enum result result = call_number(call, "serial", 0, INT64_MAX, &serial, error);
    return result == RESULT_OK ? card_load_version(call, party, serial, card, error) : result;
}

static enum result show(struct call *call, struct error *error)
{
    struct card *card = NULL;
    char digits[FINGERPRINT_DIGITS_BYTES];
    enum result result = load_named(call, &card, error);
    if (result == RESULT_OK && call->json) {
        result = output_json(card_json(card), error);
    } else if (result == RESULT_OK) {
        card_fingerprint(card, digits);
        card_print(card, digits, stdout);
        keys_print(card);
    }
    card_destroy(&card);
    return result;
}

static enum result export_card(struct call *call, struct error *error)
{
    struct card *card = NULL;
    const char *path = call_value(call, "output");
    enum result result = load_named(call, &card, error);
    if (result == RESULT_OK && path != NULL) {
        result = file_replace(path, buffer_bytes(&card->note), FILE_PUBLIC, error);
    } else if (result == RESULT_OK) {
        (void)fwrite(card->note.data, 1, card->note.size, stdout);
    }
    card_destroy(&card);
    return result;
}

/* Party and digits as one line, so that what a camera reads can be given to `card import`. */
static enum result print_qr(const struct card *card, const char *digits, struct error *error)
{
    struct buffer text = {0};
    struct buffer code = {0};
    buffer_printf(&text, "%s %s %s", card->party, card->environment, digits);
    enum result result = buffer_check(&text, error);
    if (result == RESULT_OK) {
        result = terminal_qr(&code, buffer_view(&text), error);
    }
    if (result == RESULT_OK) {
        (void)printf("\n");
        (void)fwrite(code.data, 1, code.size, stdout);
    }
    buffer_free(&text);
    buffer_free(&code);
    return result;
}

/* Digits alone for a script; for people the words, and the code for a camera. */
static enum result fingerprint_print(struct call *call, const struct card *card,
                                     struct error *error)
{
    uint8_t hash[WORDS_HASH_BYTES];
    char words[WORDS_TEXT_BYTES];
    char digits[WORDS_DIGITS_BYTES];
    card_fingerprint_hash(card, hash);
    words_text(hash, words);
    words_digits(hash, digits);
    if (call->json) {
        return output_json(
            json_pack("{s:s, s:s, s:s}", "party", card->party, "words", words, "digits", digits),
            error);
    }
    if (call_value(call, "qr") == NULL && isatty(STDOUT_FILENO) == 0) {
        (void)printf("%s\n", digits);
        return RESULT_OK;
    }
    (void)printf("%s, %s (%s)\nwords   %s\ndigits  %s\n", card->party, card->name,
                 card->environment, words, digits);
    return print_qr(card, digits, error);
}

static enum result fingerprint(struct call *call, struct error *error)
{
    struct card *card = NULL;
    enum result result = load_named(call, &card, error);
    if (result == RESULT_OK) {
        result = fingerprint_print(call, card, error);
    }
    card_destroy(&card);
    return result;
}

const struct command command_card_show = {
    .name = "card show",
    .operands = "[PARTY]",
    .summary = "show the own card, or a partner's",
    .examples = "  comesh card show\n  comesh card show ID --json\n"
                "  comesh card show ID --serial 3\n",
    .options = {{"serial", "N", "an older version; all that were held are kept", false}},
    .json = true,
    .most_operands = 1,
    .run = show,
};

const struct command command_card_export = {
    .name = "card export",
    .operands = "[PARTY]",
    .summary = "write the own card, or a partner's, as the signed text it is",
    .examples = "  comesh card export > KR.card\n  comesh card export --output KR.card\n",
    .details =
        "Give the file to your partners by any way; nothing in it is secret. What matters is\n"
        "that they hear the fingerprint from you (`comesh card fingerprint`).\n",
    .options = {{"output", "FILE", "write to FILE instead of stdout", false}},
    .most_operands = 1,
    .run = export_card,
};

const struct command command_card_fingerprint = {
    .name = "card fingerprint",
    .operands = "[PARTY]",
    .summary = "what two people compare: six words, 25 digits, a QR code",
    .examples = "  comesh card fingerprint\n  comesh card fingerprint ID --json\n",
    .details =
        "The fingerprint of the identity key. On a terminal as six words, as digits and as a QR\n"
        "code; in a script as digits alone. `comesh card import` takes words or digits.\n",
    .options = {{"qr", NULL, "words, digits and QR code, also where there is no terminal", false}},
    .json = true,
    .most_operands = 1,
    .run = fingerprint,
};
