/* Documents in any encoding. See encoding.h. */
#include "proto/encoding.h"

#include "proto/check.h"
#include "proto/json.h"
#include "proto/pack.h"
#include "proto/xml.h"

static const char *const names[ENCODING_COUNT] = {"json", "xml", "msgpack"};

enum encoding encoding_named(struct text name)
{
    unsigned encoding = 0;
    while (encoding < ENCODING_COUNT && !text_equal(text_of(names[encoding]), name)) {
        encoding++;
    }
    return (enum encoding)encoding;
}

enum encoding encoding_of(struct bytes document)
{
    return xml_looks_like(document) ? ENCODING_XML : ENCODING_JSON;
}

enum result encoding_read(enum encoding encoding, struct bytes document, enum operation operation,
                          struct arena *arena, struct findings *findings, struct record **record,
                          struct error *error)
{
    switch (encoding) {
    case ENCODING_JSON:
        return json_read(document, operation, arena, findings, record, error);
    case ENCODING_XML:
        return xml_read(document, operation, arena, findings, record, error);
    case ENCODING_MSGPACK:
        return pack_read(document, operation, arena, findings, record, error);
    case ENCODING_COUNT:
        break;
    }
    return error_set(error, RESULT_UNSUPPORTED, "a document is JSON, XML or msgpack");
}

enum result encoding_check(enum encoding encoding, const struct record *record,
                           const struct encoding_rules *rules, struct message *message,
                           struct findings *findings, struct error *error)
{
    enum result result = RESULT_OK;
    check_record_with(record, rules->lists, findings);
    if (findings->refusals == 0) {
        result = message_from_record(record, message, findings, error);
    }
    if (findings->refusals == 0 && result == RESULT_OK && rules->menu != NULL) {
        const struct menu *menu = rules->menu(rules->self, message);
        if (menu != NULL) {
            menu_check(menu, rules->lists, record, findings);
        }
    }
    if (encoding == ENCODING_XML) {
        xml_places(findings);
    }
    return findings->refusals == 0 ? result : findings_error(findings, error);
}

enum result encoding_write(enum encoding encoding, const struct record *record, bool pretty,
                           struct buffer *out, struct error *error)
{
    switch (encoding) {
    case ENCODING_JSON:
        json_write(record, pretty, out);
        return buffer_check(out, error);
    case ENCODING_XML:
        xml_write(record, pretty, out);
        return buffer_check(out, error);
    case ENCODING_MSGPACK:
        return pack_write(record, out, error);
    case ENCODING_COUNT:
        break;
    }
    return error_set(error, RESULT_UNSUPPORTED, "a document is JSON, XML or msgpack");
}
