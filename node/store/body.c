/* The bodies of the journal's records. See body.h. */
#include "node/store/body.h"

#include "proto/mp.h"

#include <inttypes.h>

#define NOTE_MAX_BYTES ((size_t)64 << 10)

void body_channel_pack(const struct body_channel *body, struct buffer *out)
{
    mp_put_array(out, 4);
    mp_put_uint(out, body->channel);
    mp_put_uint(out, body->direction);
    mp_put_str(out, body->partner);
    mp_put_str(out, body->origin);
}

void body_entry_pack(const struct body_entry *body, struct buffer *out)
{
    mp_put_array(out, 5);
    mp_put_uint(out, body->channel);
    mp_put_uint(out, body->index);
    mp_put_uint(out, body->time_ms);
    mp_put_bin(out, body->entry);
    mp_put_bin(out, body->payload);
}

void body_receipt_pack(const struct body_receipt *body, struct buffer *out)
{
    mp_put_array(out, 4);
    mp_put_uint(out, body->channel);
    mp_put_uint(out, body->size);
    mp_put_uint(out, body->time_s);
    mp_put_bin(out, body->note);
}

void body_taken_pack(const struct body_taken *body, struct buffer *out)
{
    mp_put_array(out, 3);
    mp_put_uint(out, body->channel);
    mp_put_uint(out, body->taken);
    mp_put_uint(out, body->time_ms);
}

void body_hold_pack(const struct body_hold *body, struct buffer *out)
{
    mp_put_array(out, 5);
    mp_put_uint(out, body->channel);
    mp_put_uint(out, body->time_ms);
    mp_put_str(out, body->reason);
    mp_put_bin(out, body->proof);
    mp_put_bin(out, body->other_proof);
}

void body_release_pack(const struct body_release *body, struct buffer *out)
{
    mp_put_array(out, 2);
    mp_put_uint(out, body->channel);
    mp_put_uint(out, body->time_ms);
}

/* Starts a body: checks the number of its fields and reads the channel, the first of all. */
static uint32_t body_begin(struct mp_reader *reader, const struct journal_record *record,
                           size_t fields)
{
    mp_reader_init(reader, record->body);
    if (mp_get_array(reader, fields) != fields) {
        mp_fail(reader, "has another number of fields than its kind");
    }
    return (uint32_t)mp_get_uint(reader, UINT32_MAX);
}

static enum result body_finish(const struct mp_reader *reader, const struct journal_record *record,
                               struct error *error)
{
    struct error problem;
    if (mp_finish(reader, "its body", &problem) == RESULT_OK) {
        return RESULT_OK;
    }
    return error_set(error, RESULT_CORRUPT,
                     "the journal's record at position %" PRIu64 " of kind %d cannot be read: %s",
                     record->position, record->kind, problem.message);
}

enum result body_channel_unpack(const struct journal_record *record, struct body_channel *body,
                                struct error *error)
{
    struct mp_reader reader;
    body->channel = body_begin(&reader, record, 4);
    body->direction =
        mp_get_uint(&reader, STORE_INCOMING) == STORE_OUTGOING ? STORE_OUTGOING : STORE_INCOMING;
    body->partner = mp_get_str(&reader, PARTY_MAX_BYTES - 1);
    body->origin = mp_get_str(&reader, ORIGIN_MAX_BYTES - 1);
    return body_finish(&reader, record, error);
}

enum result body_entry_unpack(const struct journal_record *record, struct body_entry *body,
                              struct error *error)
{
    struct mp_reader reader;
    body->channel = body_begin(&reader, record, 5);
    body->index = mp_get_uint(&reader, INT64_MAX);
    body->time_ms = mp_get_uint(&reader, UINT64_MAX);
    body->entry = mp_get_bin(&reader, ENTRY_MAX_BYTES);
    body->payload = mp_get_bin(&reader, JOURNAL_BODY_MAX_BYTES);
    return body_finish(&reader, record, error);
}

enum result body_receipt_unpack(const struct journal_record *record, struct body_receipt *body,
                                struct error *error)
{
    struct mp_reader reader;
    body->channel = body_begin(&reader, record, 4);
    body->size = mp_get_uint(&reader, INT64_MAX);
    body->time_s = mp_get_uint(&reader, UINT64_MAX);
    body->note = mp_get_bin(&reader, NOTE_MAX_BYTES);
    return body_finish(&reader, record, error);
}

enum result body_taken_unpack(const struct journal_record *record, struct body_taken *body,
                              struct error *error)
{
    struct mp_reader reader;
    body->channel = body_begin(&reader, record, 3);
    body->taken = mp_get_uint(&reader, INT64_MAX);
    body->time_ms = mp_get_uint(&reader, UINT64_MAX);
    return body_finish(&reader, record, error);
}

enum result body_hold_unpack(const struct journal_record *record, struct body_hold *body,
                             struct error *error)
{
    struct mp_reader reader;
    body->channel = body_begin(&reader, record, 5);
    body->time_ms = mp_get_uint(&reader, UINT64_MAX);
    body->reason = mp_get_str(&reader, STORE_REASON_BYTES - 1);
    body->proof = mp_get_bin(&reader, NOTE_MAX_BYTES);
    body->other_proof = mp_get_bin(&reader, NOTE_MAX_BYTES);
    return body_finish(&reader, record, error);
}

enum result body_release_unpack(const struct journal_record *record, struct body_release *body,
                                struct error *error)
{
    struct mp_reader reader;
    body->channel = body_begin(&reader, record, 2);
    body->time_ms = mp_get_uint(&reader, UINT64_MAX);
    return body_finish(&reader, record, error);
}
