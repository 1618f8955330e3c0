/* The text of a card. See card_text.h. */
#include "keys/card_text.h"

#include "keys/text_reader.h"
#include "proto/operation.h"

#include <inttypes.h>

#define FIRST_LINE     "comesh card v1"
#define TEXT_TIME_SIZE (TEXT_TIME_BYTES - 1)

static bool is_tcp(struct text value)
{
    return name_is_endpoint(value, "tcp");
}

static bool is_https(struct text value)
{
    return name_is_endpoint(value, "https");
}

#define FIELD(member) TEXT_FIELD(struct card, member)

static const struct text_field fields[] = {
    {"party", FIELD(party), false, name_is_party, "two capital letters (ISO 3166-1)"},
    {"name", FIELD(name), false, text_is_printable, TEXT_PRINTABLE},
    {"environment", FIELD(environment), false, environment_valid, "dev, test or prod"},
    {"domain", FIELD(domain), false, name_is_domain, "a lower-case DNS name"},
    {"mesh", FIELD(mesh_endpoint), true, is_tcp, "tcp://host:port"},
    {"https", FIELD(https_endpoint), true, is_https, "https://host or https://host:port"},
};
#define FIELDS (sizeof fields / sizeof fields[0])

static void key_append(const struct card_key *key, enum key_role role, struct buffer *out)
{
    char from[TEXT_TIME_BYTES];
    char until[TEXT_TIME_BYTES];
    buffer_printf(out, "%s ", key_role_text(role));
    text_key_append(key->public_key, role, out);
    text_time(key->from_s, from);
    text_time(key->until_s, until);
    buffer_printf(out, " from %s until %s", from, until);
    if (key->endpoint[0] != '\0') {
        buffer_printf(out, " at %s", key->endpoint);
    }
    buffer_text(out, "\n");
}

void card_text_append(const struct card *card, struct buffer *out)
{
    char issued[TEXT_TIME_BYTES];
    buffer_text(out, FIRST_LINE "\n");
    text_fields_append(fields, FIELDS, card, out);
    text_time(card->issued_s, issued);
    buffer_printf(out, "serial %" PRIu64 "\nissued %s\n", card->serial, issued);
    for (unsigned role = 0; role < KEY_ROLE_COUNT; role++) {
        for (size_t i = 0; i < card->key_count[role] && i < CARD_KEYS_MAX; i++) {
            key_append(&card->keys[role][i], (enum key_role)role, out);
        }
    }
}

static enum result serial_read(struct text_reader *reading, struct card *card)
{
    struct text value;
    if (!text_reader_has(reading, "serial", &value) ||
        !decimal_parse(value, INT64_MAX, &card->serial) || card->serial == 0) {
        return text_reader_refuse(reading, "'serial' and a number from 1");
    }
    text_reader_next(reading);
    return text_time_line_read(reading, "issued", &card->issued_s);
}

/* " at tcp://host:port", or nothing */
static bool key_endpoint_read(struct text value, struct card_key *key)
{
    if (value.size == 0) {
        return true;
    }
    if (!text_skip(&value, " at ") || value.size >= sizeof key->endpoint || !is_tcp(value)) {
        return false;
    }
    memcpy(key->endpoint, value.data, value.size);
    return true;
}

/* "KEY from TIME until TIME", for a transport key also "at ENDPOINT" */
static bool key_read(struct text value, enum key_role role, struct card_key *key)
{
    struct text text = text_until(&value, ' ');
    if (!text_key_read(text, role, key->public_key) || !text_skip(&value, " from ")) {
        return false;
    }
    struct text from = text_until(&value, ' ');
    if (!text_time_read(from, &key->from_s) || !text_skip(&value, " until ")) {
        return false;
    }
    struct text until = {value.data, value.size < TEXT_TIME_SIZE ? value.size : TEXT_TIME_SIZE};
    value = (struct text){value.data + until.size, value.size - until.size};
    return text_time_read(until, &key->until_s) && key->from_s < key->until_s &&
           (value.size == 0 || role == KEY_TRANSPORT) && key_endpoint_read(value, key);
}

static enum result keys_read(struct text_reader *reading, struct card *card)
{
    for (unsigned i = 0; i < KEY_ROLE_COUNT; i++) {
        enum key_role role = (enum key_role)i;
        size_t most = role == KEY_IDENTITY ? 1 : CARD_KEYS_MAX;
        struct text value;
        for (; text_reader_has(reading, key_role_text(role), &value); text_reader_next(reading)) {
            struct card_key *key = &card->keys[role][card->key_count[role]];
            if (card->key_count[role] == most) {
                return text_reader_refuse(reading, "within the limit of keys of one role");
            }
            if (!key_read(value, role, key)) {
                return text_reader_refuse(reading,
                                          "ROLE KEY from TIME until TIME with a valid key, as "
                                          "base64 or for transport as Z85, which may end in 'at' "
                                          "and its endpoint");
            }
            card->key_count[role]++;
        }
    }
    if (card->key_count[KEY_IDENTITY] == 0) {
        return text_reader_refuse(reading, "an identity key");
    }
    return text_reader_end(reading);
}

/* Never one key in two roles (nor twice in one). */
static enum result roles_check(const struct card *card, struct error *error)
{
    enum key_role role;
    enum key_role other_role;
    const struct card_key *key;
    const struct card_key *other;
    for (size_t i = 0; (key = card_key_at(card, i, &role)) != NULL; i++) {
        for (size_t k = i + 1; (other = card_key_at(card, k, &other_role)) != NULL; k++) {
            if (key_is_same(role, key->public_key, other_role, other->public_key)) {
                return error_set(error, RESULT_INVALID,
                                 "card: one key stands as %s key and again as %s key; make a key "
                                 "for each",
                                 key_role_text(role), key_role_text(other_role));
            }
        }
    }
    return RESULT_OK;
}

/* A party that names no endpoint serves no key. */
static enum result endpoints_check(const struct card *card, struct error *error)
{
    for (size_t i = 0; i < card->key_count[KEY_TRANSPORT]; i++) {
        if (card->mesh_endpoint[0] == '\0' && card->keys[KEY_TRANSPORT][i].endpoint[0] != '\0') {
            return error_set(error, RESULT_INVALID,
                             "card: a transport key at %s, where the card has no 'mesh' endpoint",
                             card->keys[KEY_TRANSPORT][i].endpoint);
        }
    }
    return RESULT_OK;
}

enum result card_text_read(struct text text, struct card *card, struct error *error)
{
    struct text_reader reading;
    enum result result = text_reader_start(&reading, "card", text, FIRST_LINE, error);
    if (result == RESULT_OK) {
        result = text_fields_read(&reading, fields, FIELDS, card);
    }
    if (result == RESULT_OK) {
        result = serial_read(&reading, card);
    }
    if (result == RESULT_OK) {
        result = keys_read(&reading, card);
    }
    if (result == RESULT_OK) {
        result = endpoints_check(card, error);
    }
    return result == RESULT_OK ? roles_check(card, error) : result;
}
