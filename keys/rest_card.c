/* Cards of REST-only partners. See rest_card.h. */
#include "keys/rest_card.h"

#include "keys/text.h"
#include "proto/merkle.h"
#include "proto/operation.h"

#include <inttypes.h>
#include <stdio.h>

#define FIRST_LINE        "comesh rest card v1"
#define FINGERPRINT_LABEL "comesh rest fingerprint v1\n"
#define HTTPS_PORT        443

static const char *const pin_words[REST_PIN_KINDS] = {"client", "server"};

void rest_card_host(const struct rest_card *card, char out[CARD_NAME_BYTES])
{
    (void)snprintf(out, CARD_NAME_BYTES, "%s.coconnect.%s", card->environment, card->domain);
}

/* "https://test.coconnect.customs.go.jp", with its port when it is not the usual one. */
static void endpoint_append(const struct rest_card *card, struct buffer *out)
{
    char host[CARD_NAME_BYTES];
    rest_card_host(card, host);
    buffer_printf(out, "https://%s", host);
    if (card->port != HTTPS_PORT) {
        buffer_printf(out, ":%" PRIu64, card->port);
    }
}

void rest_card_append(const struct rest_card *card, struct buffer *out)
{
    char time[TEXT_TIME_BYTES];
    text_time(card->issued_s, time);
    buffer_printf(out, FIRST_LINE "\nparty %s\nname %s\nenvironment %s\ndomain %s\nhttps ",
                  card->party, card->name, card->environment, card->domain);
    endpoint_append(card, out);
    buffer_printf(out, "\nserial %" PRIu64 "\nissued %s\n", card->serial, time);
    for (unsigned kind = 0; kind < REST_PIN_KINDS; kind++) {
        for (size_t i = 0; i < card->pin_count[kind]; i++) {
            const struct rest_pin *pin = &card->pins[kind][i];
            buffer_printf(out, "%s ", pin_words[kind]);
            text_base64_append(out, (struct bytes){pin->hash, REST_PIN_BYTES});
            text_time(pin->from_s, time);
            buffer_printf(out, " from %s", time);
            text_time(pin->until_s, time);
            buffer_printf(out, " until %s\n", time);
        }
    }
}

bool rest_card_is(struct bytes text)
{
    struct text rest = bytes_text(text);
    return text_skip(&rest, FIRST_LINE "\n");
}

void rest_card_hash(const struct rest_card *card, uint8_t hash[WORDS_HASH_BYTES])
{
    struct buffer text = {0};
    struct merkle_hash digest;
    buffer_text(&text, FINGERPRINT_LABEL);
    rest_card_append(card, &text);
    merkle_sha256(buffer_bytes(&text), &digest);
    memcpy(hash, digest.bytes, WORDS_HASH_BYTES);
    buffer_free(&text);
}

void rest_card_fingerprint(const struct rest_card *card, char digits[WORDS_DIGITS_BYTES])
{
    uint8_t hash[WORDS_HASH_BYTES];
    rest_card_hash(card, hash);
    words_digits(hash, digits);
}

const struct rest_pin *rest_card_pin(const struct rest_card *card, enum rest_pin_kind kind,
                                     const uint8_t hash[REST_PIN_BYTES])
{
    for (size_t i = 0; i < card->pin_count[kind]; i++) {
        if (memcmp(card->pins[kind][i].hash, hash, REST_PIN_BYTES) == 0) {
            return &card->pins[kind][i];
        }
    }
    return NULL;
}

/* ---- reading ---- */

/* The next line begins with `word` and a blank; `value` is what follows. A line that does not is
 * left where it is. */
static bool take(struct text_lines *lines, const char *word, struct text *value)
{
    struct text_lines ahead = *lines;
    if (!text_lines_next(&ahead)) {
        return false;
    }
    *value = ahead.line;
    if (!text_skip(value, word) || !text_skip(value, " ")) {
        return false;
    }
    *lines = ahead;
    return true;
}

static enum result refuse(const struct text_lines *lines, const char *expected, struct error *error)
{
    struct text_lines ahead = *lines;
    struct text line = text_lines_next(&ahead) ? ahead.line : TEXT("");
    return error_set(error, RESULT_INVALID, "rest card, line %zu: '%.*s' is not %s",
                     lines->number + 1, (int)(line.size < 80 ? line.size : 80),
                     line.size == 0 ? "" : line.data, expected);
}

/* A field into a place of `size` bytes, with its NUL. */
static bool take_field(struct text_lines *lines, const char *word, bool (*accepts)(struct text),
                       char *place, size_t size)
{
    struct text value;
    struct text_lines before = *lines;
    if (!take(lines, word, &value) || value.size >= size || !accepts(value)) {
        *lines = before;
        return false;
    }
    memcpy(place, value.data, value.size);
    return true;
}

/* The endpoint must be the one of the pattern; only its port is free. */
static bool take_endpoint(struct text_lines *lines, struct rest_card *card)
{
    char host[CARD_NAME_BYTES];
    struct text value;
    struct text_lines before = *lines;
    rest_card_host(card, host);
    card->port = HTTPS_PORT;
    bool good =
        take(lines, "https", &value) && text_skip(&value, "https://") && text_skip(&value, host) &&
        (value.size == 0 || (text_skip(&value, ":") && decimal_parse(value, 65535, &card->port) &&
                             card->port != 0 && card->port != HTTPS_PORT));
    if (!good) {
        *lines = before;
    }
    return good;
}

/* "BASE64 from TIME until TIME" */
static bool pin_read(struct text value, struct rest_pin *pin)
{
    size_t size = 0;
    struct text hash = text_until(&value, ' ');
    if (!text_base64_read(hash, pin->hash, REST_PIN_BYTES, &size) || size != REST_PIN_BYTES ||
        !text_skip(&value, " from ")) {
        return false;
    }
    struct text from = text_until(&value, ' ');
    return text_time_read(from, &pin->from_s) && text_skip(&value, " until ") &&
           text_time_read(value, &pin->until_s) && pin->from_s < pin->until_s;
}

static enum result pins_read(struct text_lines *lines, struct rest_card *card, struct error *error)
{
    for (unsigned kind = 0; kind < REST_PIN_KINDS; kind++) {
        struct text value;
        for (struct text_lines before = *lines; take(lines, pin_words[kind], &value);
             before = *lines) {
            struct rest_pin pin;
            if (card->pin_count[kind] == REST_PINS_MAX || !pin_read(value, &pin) ||
                rest_card_pin(card, (enum rest_pin_kind)kind, pin.hash) != NULL) {
                return refuse(&before,
                              "another key as base64 of SHA-256 from TIME until TIME, of "
                              "at most 8 of its kind",
                              error);
            }
            card->pins[kind][card->pin_count[kind]++] = pin;
        }
    }
    if (card->pin_count[REST_CLIENT] == 0) {
        return refuse(lines, "'client' and the key of a client certificate", error);
    }
    return lines->rest.size == 0
               ? RESULT_OK
               : refuse(lines, "a line that belongs here, in the order of a card", error);
}

static enum result head_read(struct text_lines *lines, struct rest_card *card, struct error *error)
{
    struct text value;
    if (!text_lines_next(lines) || !text_equal(lines->line, TEXT(FIRST_LINE))) {
        *lines = (struct text_lines){.rest = lines->rest};
        return refuse(lines, "'" FIRST_LINE "', the first line", error);
    }
    if (!take_field(lines, "party", name_is_party, card->party, sizeof card->party)) {
        return refuse(lines, "'party' and two capital letters (ISO 3166-1)", error);
    }
    if (!take_field(lines, "name", text_is_printable, card->name, sizeof card->name)) {
        return refuse(lines, "'name' and printable UTF-8", error);
    }
    if (!take_field(lines, "environment", environment_valid, card->environment,
                    sizeof card->environment)) {
        return refuse(lines, "'environment' and dev, test or prod", error);
    }
    if (!take_field(lines, "domain", name_is_domain, card->domain, sizeof card->domain)) {
        return refuse(lines, "'domain' and a lower-case DNS name", error);
    }
    if (!take_endpoint(lines, card)) {
        return refuse(lines,
                      "'https' and https://{environment}.coconnect.{domain}, with a port "
                      "unless it is 443",
                      error);
    }
    struct text_lines before = *lines;
    if (!take(lines, "serial", &value) || !decimal_parse(value, INT64_MAX, &card->serial) ||
        card->serial == 0) {
        return refuse(&before, "'serial' and a number from 1", error);
    }
    before = *lines;
    if (!take(lines, "issued", &value) || !text_time_read(value, &card->issued_s)) {
        return refuse(&before, "'issued' and a time as 2026-01-05T09:30:00Z", error);
    }
    return RESULT_OK;
}

enum result rest_card_read(struct bytes text, struct rest_card *card, struct error *error)
{
    struct text_lines lines = {.rest = bytes_text(text)};
    *card = (struct rest_card){0};
    if (text.size > REST_CARD_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE, "rest card: %zu bytes are above the limit of %zu",
                         text.size, REST_CARD_MAX_BYTES);
    }
    enum result result = head_read(&lines, card, error);
    return result == RESULT_OK ? pins_read(&lines, card, error) : result;
}
