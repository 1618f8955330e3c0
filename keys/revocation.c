/* Revocations. See revocation.h. */
#include "keys/revocation.h"

#include "keys/note.h"
#include "keys/text_reader.h"
#include "proto/operation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_LINE "comesh revocation v1"
#define NAME_BYTES (DOMAIN_MAX_BYTES + 64)

void revocation_text_append(const struct revocation *revocation, struct buffer *out)
{
    char time[TEXT_TIME_BYTES];
    buffer_printf(out, FIRST_LINE "\nparty %s\nenvironment %s\ndomain %s\nrole %s\nkey ",
                  revocation->party, revocation->environment, revocation->domain,
                  key_role_text(revocation->role));
    text_key_append(revocation->key, revocation->role, out);
    text_time(revocation->trusted_until_s, time);
    buffer_printf(out, "\nreason %s\ntrusted-until %s\n", revocation->reason, time);
    for (size_t i = 0; i < revocation->limit_count; i++) {
        buffer_printf(out, "channel %s %" PRIu64 "\n", revocation->limits[i].origin,
                      revocation->limits[i].size);
    }
    text_time(revocation->issued_s, time);
    buffer_printf(out, "issued %s\nidentity ", time);
    text_key_append(revocation->identity, KEY_IDENTITY, out);
    buffer_text(out, "\n");
}

#define FIELD(member) TEXT_FIELD(struct revocation, member)

static const struct text_field names[] = {
    {"party", FIELD(party), false, name_is_party, "two capital letters (ISO 3166-1)"},
    {"environment", FIELD(environment), false, environment_valid, "dev, test or prod"},
    {"domain", FIELD(domain), false, name_is_domain, "a lower-case DNS name"},
};

static const struct text_field reasons[] = {
    {"reason", FIELD(reason), false, text_is_printable, "printable UTF-8"},
};

static enum result role_read(struct text_reader *reading, struct revocation *revocation)
{
    struct text value;
    if (!text_reader_has(reading, "role", &value) || !key_role_parse(value, &revocation->role)) {
        return text_reader_refuse(reading, "'role' and identity, checkpoint, receipt or transport");
    }
    text_reader_next(reading);
    return RESULT_OK;
}

static enum result key_read(struct text_reader *reading, const char *word, enum key_role role,
                            uint8_t key[KEY_PUBLIC_BYTES])
{
    char expected[96];
    struct text value;
    if (!text_reader_has(reading, word, &value) || !text_key_read(value, role, key)) {
        (void)snprintf(expected, sizeof expected, "'%s' and a valid %s key, as %s", word,
                       key_role_text(role), role == KEY_TRANSPORT ? "Z85" : "base64");
        return text_reader_refuse(reading, expected);
    }
    text_reader_next(reading);
    return RESULT_OK;
}

/* "ORIGIN SIZE" of a channel that is not named before. */
static bool limit_read(struct text value, struct revocation *revocation)
{
    struct revocation_limit *limit = &revocation->limits[revocation->limit_count];
    struct channel_name name;
    struct text origin = text_until(&value, ' ');
    if (origin.size >= sizeof limit->origin || channel_parse(origin, &name, NULL) != RESULT_OK ||
        !text_skip(&value, " ") || !decimal_parse(value, INT64_MAX, &limit->size)) {
        return false;
    }
    memcpy(limit->origin, origin.data, origin.size);
    limit->origin[origin.size] = '\0';
    for (size_t i = 0; i < revocation->limit_count; i++) {
        if (text_equal(origin, text_of(revocation->limits[i].origin))) {
            return false;
        }
    }
    revocation->limit_count++;
    return true;
}

static enum result limits_read(struct text_reader *reading, struct revocation *revocation)
{
    struct text value;
    for (; text_reader_has(reading, "channel", &value); text_reader_next(reading)) {
        if (revocation->role != KEY_CHECKPOINT && revocation->role != KEY_RECEIPT) {
            return text_reader_refuse(reading, "for this key, which signs no channels");
        }
        if (revocation->limit_count == REVOCATION_CHANNELS_MAX || !limit_read(value, revocation)) {
            return text_reader_refuse(reading, "'channel', an origin that was not named yet and a "
                                               "size, 16 channels at most");
        }
    }
    return RESULT_OK;
}

enum result revocation_text_read(struct text text, struct revocation *revocation,
                                 struct error *error)
{
    struct text_reader reading;
    enum result result = text_reader_start(&reading, "revocation", text, FIRST_LINE, error);
    if (result == RESULT_OK) {
        result = text_fields_read(&reading, names, sizeof names / sizeof names[0], revocation);
    }
    if (result == RESULT_OK) {
        result = role_read(&reading, revocation);
    }
    if (result == RESULT_OK) {
        result = key_read(&reading, "key", revocation->role, revocation->key);
    }
    if (result == RESULT_OK) {
        result = text_fields_read(&reading, reasons, 1, revocation);
    }
    if (result == RESULT_OK) {
        result = text_time_line_read(&reading, "trusted-until", &revocation->trusted_until_s);
    }
    if (result == RESULT_OK) {
        result = limits_read(&reading, revocation);
    }
    if (result == RESULT_OK) {
        result = text_time_line_read(&reading, "issued", &revocation->issued_s);
    }
    if (result == RESULT_OK) {
        result = key_read(&reading, "identity", KEY_IDENTITY, revocation->identity);
    }
    if (result == RESULT_OK) {
        result = text_reader_end(&reading);
    }
    if (result == RESULT_OK && revocation->trusted_until_s > revocation->issued_s) {
        result = error_set(error, RESULT_INVALID,
                           "revocation: trusted until a time after it was issued; a key that goes "
                           "later is retired by a new card");
    }
    return result;
}

static void signer_name(const struct revocation *revocation, char out[NAME_BYTES])
{
    (void)snprintf(out, NAME_BYTES, "%s.coconnect.%s/%s", revocation->environment,
                   revocation->domain, key_role_text(KEY_IDENTITY));
}

enum result revocation_sign(struct revocation *revocation, const struct keypair *identity,
                            struct error *error)
{
    struct buffer note = {0};
    struct revocation check = {0};
    char name[NAME_BYTES];
    revocation_text_append(revocation, &note);
    enum result result = buffer_check(&note, error);
    if (result == RESULT_OK) {
        result = revocation_text_read(buffer_view(&note), &check, error);
    }
    if (result == RESULT_OK &&
        memcmp(keypair_public(identity), check.identity, KEY_PUBLIC_BYTES) != 0) {
        result = error_set(error, RESULT_INVALID,
                           "revocation of %s: the key that signs is not the identity it names",
                           revocation->party);
    }
    if (result == RESULT_OK) {
        signer_name(revocation, name);
        result = note_sign(&note, text_of(name), identity, error);
    }
    if (result != RESULT_OK) {
        buffer_free(&note);
        return result;
    }
    buffer_free(&revocation->note);
    revocation->note = note;
    return RESULT_OK;
}

static enum result note_read(struct bytes bytes, struct revocation *revocation, struct error *error)
{
    struct note note;
    char name[NAME_BYTES];
    if (bytes.size > REVOCATION_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE,
                         "revocation: %zu bytes are above the limit of %zu", bytes.size,
                         REVOCATION_MAX_BYTES);
    }
    enum result result = note_parse(bytes, &note, error);
    if (result != RESULT_OK) {
        return error_wrap(error, "revocation");
    }
    result = revocation_text_read(note.body, revocation, error);
    if (result == RESULT_OK) {
        signer_name(revocation, name);
        result = note_verify_alone(&note, text_of(name), revocation->identity, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "revocation of %s", revocation->party);
        }
    }
    return result;
}

enum result revocation_parse(struct bytes note, struct revocation **revocation, struct error *error)
{
    *revocation = NULL;
    struct revocation *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a revocation");
    }
    enum result result = note_read(note, made, error);
    if (result == RESULT_OK) {
        buffer_append(&made->note, note.data, note.size);
        result = buffer_check(&made->note, error);
    }
    if (result != RESULT_OK) {
        revocation_destroy(&made);
        return result;
    }
    *revocation = made;
    return RESULT_OK;
}

void revocation_destroy(struct revocation **revocation)
{
    if (*revocation != NULL) {
        buffer_free(&(*revocation)->note);
        free(*revocation);
        *revocation = NULL;
    }
}

bool revocation_spares(const struct revocation *revocation, uint64_t time_s, struct text origin,
                       uint64_t size)
{
    for (size_t i = 0; i < revocation->limit_count; i++) {
        if (text_equal(origin, text_of(revocation->limits[i].origin)) &&
            size > revocation->limits[i].size) {
            return false;
        }
    }
    return time_s < revocation->trusted_until_s;
}
