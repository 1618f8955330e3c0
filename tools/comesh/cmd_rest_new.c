/* comesh rest new: the card of a partner without a node, made from its certificates. Whoever runs
 * it needs no node and no key: the card is trusted when a person confirms its fingerprint. */
#include "keys/certificate.h"
#include "keys/file.h"
#include "node/core/world.h"
#include "proto/operation.h"
#include "tools/comesh/command.h"

#include <stdio.h>

#define HTTPS_PORT 443

static enum result take_text(struct call *call, const char *option, char *place, size_t size,
                             struct error *error)
{
    const char *value = NULL;
    enum result result = call_required(call, option, &value, error);
    if (result == RESULT_OK && strlen(value) >= size) {
        result = call_usage(call, error, "--%s '%.40s' is too long", option, value);
    }
    if (result == RESULT_OK) {
        memcpy(place, value, strlen(value) + 1);
    }
    return result;
}

static enum result take_number(struct call *call, const char *option, uint64_t standard,
                               uint64_t most, uint64_t *place, struct error *error)
{
    const char *value = call_value(call, option);
    *place = standard;
    return value == NULL || decimal_parse(text_of(value), most, place)
               ? RESULT_OK
               : call_usage(call, error, "--%s '%.40s' is no number up to %llu", option, value,
                            (unsigned long long)most);
}

static enum result take_pins(struct call *call, const char *option, enum rest_pin_kind kind,
                             struct rest_card *card, struct error *error)
{
    const char *path;
    size_t at = 0;
    enum result result = RESULT_OK;
    while (result == RESULT_OK && (path = call_next(call, option, &at)) != NULL) {
        struct buffer pem = {0};
        if (card->pin_count[kind] == REST_PINS_MAX) {
            return call_usage(call, error, "--%s: at most %d certificates", option, REST_PINS_MAX);
        }
        result = file_read(path, CERTIFICATE_MAX_BYTES, FILE_PUBLIC, &pem, error);
        if (result == RESULT_OK) {
            result = certificate_pin_pem(buffer_bytes(&pem),
                                         &card->pins[kind][card->pin_count[kind]++], error);
            if (result != RESULT_OK) {
                (void)error_wrap(error, "%s", path);
            }
        }
        buffer_free(&pem);
    }
    return result;
}

static enum result fill(struct call *call, struct rest_card *card, struct error *error)
{
    enum result result = take_text(call, "party", card->party, sizeof card->party, error);
    if (result == RESULT_OK) {
        result = take_text(call, "name", card->name, sizeof card->name, error);
    }
    if (result == RESULT_OK) {
        result = take_text(call, "environment", card->environment, sizeof card->environment, error);
    }
    if (result == RESULT_OK) {
        result = take_text(call, "domain", card->domain, sizeof card->domain, error);
    }
    if (result == RESULT_OK) {
        result = take_number(call, "port", HTTPS_PORT, 65535, &card->port, error);
    }
    if (result == RESULT_OK) {
        result = take_number(call, "serial", 1, INT64_MAX, &card->serial, error);
    }
    if (result == RESULT_OK) {
        result = take_pins(call, "client", REST_CLIENT, card, error);
    }
    if (result == RESULT_OK) {
        result = take_pins(call, "server", REST_SERVER, card, error);
    }
    card->issued_s = world_wall_ms(world_real()) / 1000;
    return result;
}

/* What is printed is what a node will take: it is read again before. */
static enum result make(struct call *call, struct error *error)
{
    struct rest_card card = {0};
    struct rest_card again;
    struct buffer text = {0};
    enum result result = fill(call, &card, error);
    if (result == RESULT_OK) {
        rest_card_append(&card, &text);
        result = buffer_check(&text, error);
    }
    if (result == RESULT_OK) {
        result = rest_card_read(buffer_bytes(&text), &again, error);
    }
    if (result == RESULT_OK) {
        char digits[WORDS_DIGITS_BYTES];
        rest_card_fingerprint(&card, digits);
        (void)printf("%.*s", TEXT_ARGS(buffer_view(&text)));
        (void)fprintf(stderr, "comesh: its fingerprint, to be told by telephone: %s\n", digits);
    }
    buffer_free(&text);
    return result;
}

const struct command command_rest_new = {
    .name = "rest new",
    .operands = "",
    .summary = "make the card of a partner without a node, from its certificates",
    .examples = "  comesh rest new --party JP --name 'Japan Customs' --environment test \\\n"
                "      --domain customs.go.jp --client client.pem --server server.pem >JP.card\n",
    .details =
        "Needs no node: the partner makes it, or you do. The card holds the hash of each\n"
        "certificate's public key (SHA-256 of SubjectPublicKeyInfo) and its validity. Without\n"
        "--server the partner's server must show a certificate of a public authority.\n",
    .options = {{"party", "CODE", "the party, two capital letters", false},
                {"name", "NAME", "the administration's name", false},
                {"environment", "WORD", "dev, test or prod", false},
                {"domain", "NAME", "its endpoint is https://ENVIRONMENT.coconnect.DOMAIN", false},
                {"port", "NUMBER", "of its endpoint; 443 unless told", false},
                {"serial", "NUMBER", "above that of the card before; 1 unless told", false},
                {"client", "FILE", "certificate (PEM) with which it calls us; up to 8 times", true},
                {"server", "FILE", "certificate (PEM) of its endpoint; up to 8 times", true}},
    .run = make,
};
