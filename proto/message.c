/* What every operation has in common. See message.h. */
#include "proto/message.h"

#include "proto/check_value.h"
#include "proto/name.h"
#include "proto/utf8.h"

/* Where each document says it; a path is NULL where the document does not. */
struct paths {
    const char *reply_to;
    const char *exporter;
    const char *importer;
    const char *agreement;
    const char *menu_version;
    const char *number;
};

static const struct paths lpco_paths = {
    .exporter = "IssuingCountryCode",
    .importer = "GoodsShipment/Destination/CountryCode",
    .agreement = "AgreementID",
    .menu_version = "MenuVersionID",
    .number = "ID",
};

static const struct paths response_paths = {
    .reply_to = "ReferencedMessageID",
    .exporter = "LPCO/IssuingCountryCode",
    .importer = "RespondingCountryCode",
    .agreement = "LPCO/AgreementID",
    .menu_version = "LPCO/MenuVersionID",
    .number = "LPCO/ID",
};

struct reader {
    const struct record *record;
    struct findings *findings;
};

static void refuse(const struct reader *reader, const char *path, const char *code,
                   struct text value, const char *clause)
{
    char place[PLACE_MAX_BYTES];
    char quoted[QUOTE_BYTES];
    const struct node *node = record_find(reader->record, path);
    finding_add(reader->findings, SEVERITY_REFUSAL, code,
                dataset_find(reader->record->operation, path),
                node_place(node != NULL ? node : &reader->record->root, place), "'%s' %s",
                finding_quote(value, quoted), clause);
}

static void read_id(const struct reader *reader, const char *path, struct message_id *id)
{
    struct text value = record_text(reader->record, path);
    if (!message_id_parse(value, id)) {
        refuse(reader, path, "not-a-uuid", value,
               "is no UUID; write one such as f81d4fae-7dec-41d0-a765-00a0c91e6bf6");
    }
}

static struct text read_party(const struct reader *reader, const char *path)
{
    struct text value = record_text(reader->record, path);
    if (!name_is_party(value)) {
        refuse(reader, path, "not-a-party", value, "is no party; write two capitals, such as KR");
    }
    return value;
}

static struct text read_agreement(const struct reader *reader, const char *path)
{
    struct text value = record_text(reader->record, path);
    if (!code_known(CODES_AGREEMENT, value)) {
        refuse(reader, path, "not-an-agreement", value,
               "is no agreement; write its short name, such as AKFTA");
    }
    return value;
}

static uint32_t read_menu_version(const struct reader *reader, const char *path)
{
    struct text value = record_text(reader->record, path);
    uint32_t version = 0;
    if (integer_flaw(value, 9).code != NULL) {
        refuse(reader, path, "not-an-integer", value, "is no version of a menu; write a number");
        return 0;
    }
    for (size_t i = 0; i < value.size; i++) {
        version = version * 10 + (uint32_t)(value.data[i] - '0');
    }
    return version;
}

static struct text read_number(const struct reader *reader, const char *path, struct text *key)
{
    struct text value = record_text(reader->record, path);
    *key = number_key(value, reader->record->arena);
    if (key->size == 0) {
        refuse(reader, path, "no-number", value,
               "has no letter or digit that it could be found by; write the certificate's number");
    }
    return value;
}

enum result message_from_record(const struct record *record, struct message *message,
                                struct findings *findings, struct error *error)
{
    const struct paths *paths =
        operation_is_outbound(record->operation) ? &lpco_paths : &response_paths;
    const struct reader reader = {.record = record, .findings = findings};
    size_t refusals = findings->refusals;
    *message = (struct message){.operation = record->operation, .record = record};
    read_id(&reader, "FunctionalReferenceID", &message->id);
    if (paths->reply_to != NULL) {
        message->has_reply_to = true;
        read_id(&reader, paths->reply_to, &message->reply_to);
    }
    message->exporter = read_party(&reader, paths->exporter);
    message->importer = read_party(&reader, paths->importer);
    message->agreement = read_agreement(&reader, paths->agreement);
    message->menu_version = read_menu_version(&reader, paths->menu_version);
    message->number = read_number(&reader, paths->number, &message->number_key);
    if (message->exporter.size > 0 && text_equal(message->exporter, message->importer)) {
        refuse(&reader, paths->importer, "same-party", message->importer,
               "is both the exporting and the importing party");
    }
    return findings->refusals > refusals ? findings_error(findings, error) : RESULT_OK;
}

struct text message_sender(const struct message *message)
{
    return operation_is_outbound(message->operation) ? message->exporter : message->importer;
}

struct text message_receiver(const struct message *message)
{
    return operation_is_outbound(message->operation) ? message->importer : message->exporter;
}

/* A character as the key has it; NUL when the key leaves it out. */
static uint32_t key_character(uint32_t character)
{
    if (character >= 0xff01 && character <= 0xff5e) {
        character -= 0xff01 - '!'; /* full width: the same characters, elsewhere */
    }
    if (character >= 'a' && character <= 'z') {
        character -= 'a' - 'A';
    }
    switch (character) {
    case ' ':
    case '-':
    case '.':
    case '/':
        return 0;
    case 'O':
        return '0';
    case 'I':
        return '1';
    default:
        return character_flaw(character, true).code == NULL ? character : 0;
    }
}

struct text number_key(struct text number, struct arena *arena)
{
    struct text rest = utf8_cut(number, number.size);
    char *key = arena_alloc(arena, rest.size + 1);
    size_t size = 0;
    if (key == NULL) {
        return TEXT("");
    }
    while (rest.size > 0) {
        const char *start = rest.data;
        uint32_t character = key_character(utf8_next(&rest));
        if (character != 0 && character < 0x80) {
            key[size++] = (char)character;
        } else if (character != 0) {
            memcpy(key + size, start, (size_t)(rest.data - start));
            size += (size_t)(rest.data - start);
        }
    }
    key[size] = '\0';
    return (struct text){key, size};
}
