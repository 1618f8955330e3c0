/* The minutes of a pairing. See minutes.h. */
#include "keys/minutes.h"

#include "keys/note.h"
#include "keys/text_reader.h"
#include "proto/operation.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#define FIRST_LINE "comesh minutes v1"

static const char *const role_words[MINUTES_ROLES] = {"listener", "caller"};

static bool is_words(struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        if ((text.data[i] < 'a' || text.data[i] > 'z') && text.data[i] != ' ') {
            return false;
        }
    }
    return text.size > 0;
}

bool minutes_name_is_valid(struct text name)
{
    return name.size < MINUTES_NAME_BYTES && text_is_printable(name);
}

#define HEAD(member) TEXT_FIELD(struct minutes, member)
static const struct text_field heads[] = {
    {"environment", HEAD(environment), false, environment_valid, "dev, test or prod"},
    {"words", HEAD(words), false, is_words, "the words that were confirmed"},
};
#define HEADS (sizeof heads / sizeof heads[0])

#define FIELD(member) TEXT_FIELD(struct minutes_side, member)
static const struct text_field domain_field = {"domain", FIELD(domain), false, name_is_domain,
                                               "a lower-case DNS name"};
static const struct text_field people[] = {
    {"person", FIELD(person), false, minutes_name_is_valid, "a printable name"},
    {"place", FIELD(place), true, minutes_name_is_valid, "a printable name"},
};
#define PEOPLE (sizeof people / sizeof people[0])

static void side_fingerprint(const struct minutes *minutes, const struct minutes_side *side,
                             char digits[WORDS_DIGITS_BYTES])
{
    uint8_t hash[WORDS_HASH_BYTES];
    fingerprint_hash(text_of(side->party), text_of(minutes->environment), side->identity, hash);
    words_digits(hash, digits);
}

static void side_append(const struct minutes *minutes, enum minutes_role role, struct buffer *out)
{
    const struct minutes_side *side = &minutes->sides[role];
    char digits[WORDS_DIGITS_BYTES];
    char time[TEXT_TIME_BYTES];
    side_fingerprint(minutes, side, digits);
    text_time(side->time_s, time);
    buffer_printf(out, "%s %s\n", role_words[role], side->party);
    text_fields_append(&domain_field, 1, side, out);
    buffer_printf(out, "serial %" PRIu64 "\nidentity ", side->serial);
    text_base64_append(out, (struct bytes){side->identity, KEY_PUBLIC_BYTES});
    buffer_printf(out, "\nfingerprint %s\n", digits);
    text_fields_append(people, PEOPLE, side, out);
    buffer_printf(out, "time %s\n", time);
}

void minutes_text_append(const struct minutes *minutes, struct buffer *out)
{
    buffer_text(out, FIRST_LINE "\n");
    text_fields_append(heads, HEADS, minutes, out);
    side_append(minutes, MINUTES_LISTENER, out);
    side_append(minutes, MINUTES_CALLER, out);
}

/* Serial, identity and its fingerprint. */
static enum result key_read(struct text_reader *reader, const struct minutes *minutes,
                            struct minutes_side *side)
{
    struct text value;
    char digits[WORDS_DIGITS_BYTES];
    size_t size = 0;
    if (!text_reader_has(reader, "serial", &value) ||
        !decimal_parse(value, INT64_MAX, &side->serial) || side->serial == 0) {
        return text_reader_refuse(reader, "'serial' and a number from 1");
    }
    text_reader_next(reader);
    if (!text_reader_has(reader, "identity", &value) ||
        !text_base64_read(value, side->identity, KEY_PUBLIC_BYTES, &size) ||
        size != KEY_PUBLIC_BYTES || !key_is_valid(KEY_IDENTITY, side->identity)) {
        return text_reader_refuse(reader, "'identity' and a public key as base64");
    }
    text_reader_next(reader);
    side_fingerprint(minutes, side, digits);
    if (!text_reader_has(reader, "fingerprint", &value) || !text_equal(value, text_of(digits))) {
        return text_reader_refuse(reader, "'fingerprint' and the digits of that key");
    }
    text_reader_next(reader);
    return RESULT_OK;
}

static enum result side_read(struct text_reader *reader, const struct minutes *minutes,
                             const char *word, struct minutes_side *side)
{
    struct text value;
    if (!text_reader_has(reader, word, &value) || !name_is_party(value)) {
        return text_reader_refuse(reader, "the role and a party code");
    }
    memcpy(side->party, value.data, value.size);
    text_reader_next(reader);
    enum result result = text_fields_read(reader, &domain_field, 1, side);
    if (result == RESULT_OK) {
        result = key_read(reader, minutes, side);
    }
    if (result == RESULT_OK) {
        result = text_fields_read(reader, people, PEOPLE, side);
    }
    if (result != RESULT_OK) {
        return result;
    }
    if (!text_reader_has(reader, "time", &value) || !text_time_read(value, &side->time_s)) {
        return text_reader_refuse(reader, "'time' and a time as 2026-01-05T09:30:00Z");
    }
    text_reader_next(reader);
    return RESULT_OK;
}

enum result minutes_text_read(struct text text, struct minutes *minutes, struct error *error)
{
    struct text_reader reader;
    *minutes = (struct minutes){0};
    enum result result = text_reader_start(&reader, "minutes", text, FIRST_LINE, error);
    if (result == RESULT_OK) {
        result = text_fields_read(&reader, heads, HEADS, minutes);
    }
    for (unsigned role = 0; role < MINUTES_ROLES && result == RESULT_OK; role++) {
        result = side_read(&reader, minutes, role_words[role], &minutes->sides[role]);
    }
    return result == RESULT_OK ? text_reader_end(&reader) : result;
}

void minutes_hash(const struct minutes *minutes, uint8_t hash[WORDS_HASH_BYTES])
{
    struct buffer text = {0};
    minutes_text_append(minutes, &text);
    (void)crypto_hash_sha256(hash, text.data, text.size);
    buffer_free(&text);
}

static void side_key_name(const struct minutes *minutes, enum minutes_role role,
                          char out[CARD_NAME_BYTES])
{
    (void)snprintf(out, CARD_NAME_BYTES, "%s.coconnect.%s/%s", minutes->environment,
                   minutes->sides[role].domain, key_role_text(KEY_IDENTITY));
}

enum result minutes_parse(struct bytes bytes, struct minutes *minutes, unsigned *signers,
                          struct error *error)
{
    struct note note;
    size_t held = 0;
    *signers = 0;
    if (bytes.size > MINUTES_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE, "minutes: %zu bytes are above the limit of %zu",
                         bytes.size, MINUTES_MAX_BYTES);
    }
    enum result result = note_parse_draft(bytes, &note, error);
    if (result == RESULT_OK) {
        result = minutes_text_read(note.body, minutes, error);
    }
    for (unsigned role = 0; role < MINUTES_ROLES && result == RESULT_OK; role++) {
        char name[CARD_NAME_BYTES];
        side_key_name(minutes, (enum minutes_role)role, name);
        result = note_verify(&note, text_of(name), NOTE_ED25519, minutes->sides[role].identity,
                             NULL, error);
        if (result == RESULT_OK) {
            *signers |= 1U << role;
            held++;
        }
        result = result == RESULT_NOT_FOUND ? RESULT_OK : result;
    }
    if (result == RESULT_OK && held != note.signature_count) {
        result = error_set(error, RESULT_UNTRUSTED,
                           "minutes of %s and %s: a signature of somebody else stands under them",
                           minutes->sides[0].party, minutes->sides[1].party);
    }
    return result;
}

/* The signature line of a name, with its newline; empty when there is none. */
static struct text line_of(struct bytes note, const char *name)
{
    struct text_lines lines = {.rest = bytes_text(note)};
    while (text_lines_next(&lines)) {
        struct text rest = lines.line;
        if (text_skip(&rest, "\xe2\x80\x94 ") && text_skip(&rest, name) && text_skip(&rest, " ")) {
            return (struct text){lines.line.data, lines.line.size + 1};
        }
    }
    return TEXT("");
}

enum result minutes_merge(struct bytes held, struct bytes other, struct buffer *note,
                          unsigned *signers, struct error *error)
{
    struct minutes minutes;
    struct minutes same;
    struct buffer text = {0};
    struct buffer other_text = {0};
    enum result result = minutes_parse(held, &minutes, signers, error);
    if (result == RESULT_OK) {
        result = minutes_parse(other, &same, signers, error);
    }
    if (result == RESULT_OK) {
        minutes_text_append(&minutes, &text);
        minutes_text_append(&same, &other_text);
        if (!bytes_equal(buffer_bytes(&text), buffer_bytes(&other_text))) {
            result = error_set(error, RESULT_CONFLICT,
                               "these are other minutes than those that are held");
        }
    }
    if (result == RESULT_OK) {
        buffer_append(note, text.data, text.size);
        buffer_text(note, "\n");
        for (unsigned role = 0; role < MINUTES_ROLES; role++) {
            char name[CARD_NAME_BYTES];
            side_key_name(&minutes, (enum minutes_role)role, name);
            struct text line = line_of(held, name);
            line = line.size > 0 ? line : line_of(other, name);
            buffer_append(note, line.data, line.size);
        }
        result = buffer_check(note, error);
    }
    if (result == RESULT_OK) {
        result = minutes_parse(buffer_bytes(note), &minutes, signers, error);
    }
    buffer_free(&text);
    buffer_free(&other_text);
    return result;
}

enum result minutes_sign(const struct minutes *minutes, enum minutes_role role,
                         const struct keypair *identity, struct buffer *line, struct error *error)
{
    struct buffer text = {0};
    char name[CARD_NAME_BYTES];
    if (memcmp(keypair_public(identity), minutes->sides[role].identity, KEY_PUBLIC_BYTES) != 0) {
        return error_set(error, RESULT_DENIED,
                         "minutes of %s and %s: the key that signs is not the identity of %s",
                         minutes->sides[0].party, minutes->sides[1].party,
                         minutes->sides[role].party);
    }
    side_key_name(minutes, role, name);
    minutes_text_append(minutes, &text);
    enum result result = buffer_check(&text, error);
    if (result == RESULT_OK) {
        result = note_add_signature(buffer_view(&text), text_of(name), NOTE_ED25519, 0, identity,
                                    line, error);
    }
    buffer_free(&text);
    return result;
}
