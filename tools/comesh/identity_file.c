/* The public half of an identity key. See identity_file.h. */
#include "tools/comesh/identity_file.h"

#include "keys/file.h"
#include "keys/text_reader.h"
#include "proto/name.h"
#include "proto/operation.h"

#define FIRST_LINE     "comesh identity v1"
#define FILE_MAX_BYTES ((size_t)1024)

struct identity {
    char party[PARTY_MAX_BYTES];
    char environment[8];
};

#define FIELD(member) TEXT_FIELD(struct identity, member)

static const struct text_field fields[] = {
    {"party", FIELD(party), false, name_is_party, "two capital letters (ISO 3166-1)"},
    {"environment", FIELD(environment), false, environment_valid, "dev, test or prod"},
};

void identity_file_append(const char *party, const char *environment,
                          const uint8_t public_key[KEY_PUBLIC_BYTES], struct buffer *out)
{
    buffer_printf(out, FIRST_LINE "\nparty %s\nenvironment %s\nidentity ", party, environment);
    text_key_append(public_key, KEY_IDENTITY, out);
    buffer_text(out, "\n");
}

static enum result text_read(struct text text, struct identity *identity,
                             uint8_t public_key[KEY_PUBLIC_BYTES], struct error *error)
{
    struct text_reader reader;
    struct text value;
    enum result result = text_reader_start(&reader, "identity", text, FIRST_LINE, error);
    if (result == RESULT_OK) {
        result = text_fields_read(&reader, fields, sizeof fields / sizeof fields[0], identity);
    }
    if (result == RESULT_OK && (!text_reader_has(&reader, "identity", &value) ||
                                !text_key_read(value, KEY_IDENTITY, public_key))) {
        result = text_reader_refuse(&reader, "'identity' and a key as base64");
    }
    if (result == RESULT_OK) {
        text_reader_next(&reader);
        result = text_reader_end(&reader);
    }
    return result;
}

enum result identity_file_read(const char *path, const char *party, const char *environment,
                               uint8_t public_key[KEY_PUBLIC_BYTES], struct error *error)
{
    struct buffer text = {0};
    struct identity identity = {0};
    enum result result = file_read(path, FILE_MAX_BYTES, FILE_PUBLIC, &text, error);
    if (result == RESULT_OK) {
        result = text_read(buffer_view(&text), &identity, public_key, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "'%s'", path);
        }
    }
    if (result == RESULT_OK && (!text_equal(text_of(identity.party), text_of(party)) ||
                                !text_equal(text_of(identity.environment), text_of(environment)))) {
        result =
            error_set(error, RESULT_DENIED, "'%s': the identity of %s for %s, not of %s for %s",
                      path, identity.party, identity.environment, party, environment);
    }
    buffer_free(&text);
    return result;
}
