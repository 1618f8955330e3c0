/* Entries. See entry.h. */
#include "proto/entry.h"

#include "proto/mp.h"

#include <inttypes.h>

#define ENTRY_FIELDS     12
#define ENTRY_FIELDS_MAX 64 /* that another version may have, to be told its number */

void entry_pack(const struct entry *entry, struct buffer *out)
{
    if (buffer_reserve(out, ENTRY_MAX_BYTES) != RESULT_OK) {
        return;
    }
    mp_put_array(out, ENTRY_FIELDS);
    mp_put_uint(out, ENTRY_VERSION);
    mp_put_str(out, entry->origin);
    mp_put_uint(out, entry->index);
    mp_put_uint(out, entry->operation);
    mp_put_bin(out, (struct bytes){entry->id.bytes, sizeof entry->id.bytes});
    if (entry->has_reply_to) {
        mp_put_bin(out, (struct bytes){entry->reply_to.bytes, sizeof entry->reply_to.bytes});
    } else {
        mp_put_nil(out);
    }
    mp_put_str(out, entry->agreement);
    mp_put_uint(out, entry->menu_version);
    mp_put_uint(out, entry->time_ms);
    mp_put_uint(out, entry->payload_size);
    mp_put_bin(out, (struct bytes){entry->payload_hash.bytes, sizeof entry->payload_hash.bytes});
    mp_put_bin(out, (struct bytes){entry->salt, sizeof entry->salt});
}

/* The message and what it says, without its place in the channel and without its payload. */
static void message_get(struct mp_reader *reader, struct entry *entry)
{
    mp_field(reader, "operation");
    entry->operation = (enum operation)mp_get_within(reader, 1, OPERATION_MAX);
    mp_field(reader, "message id");
    mp_get_fixed(reader, entry->id.bytes, sizeof entry->id.bytes);
    mp_field(reader, "in-reply-to");
    entry->has_reply_to = mp_peek(reader) != MP_NIL;
    if (entry->has_reply_to) {
        mp_get_fixed(reader, entry->reply_to.bytes, sizeof entry->reply_to.bytes);
    } else {
        mp_get_nil(reader);
        entry->reply_to = (struct message_id){0};
    }
    mp_field(reader, "agreement");
    entry->agreement = mp_get_str(reader, AGREEMENT_MAX_BYTES);
    mp_field(reader, "menu version");
    entry->menu_version = (uint32_t)mp_get_uint(reader, UINT32_MAX);
    mp_field(reader, "time");
    entry->time_ms = mp_get_uint(reader, TIME_MAX_MS);
}

static void payload_get(struct mp_reader *reader, struct entry *entry)
{
    mp_field(reader, "payload length");
    entry->payload_size = (uint32_t)mp_get_uint(reader, PAYLOAD_MAX_BYTES);
    mp_field(reader, "payload hash");
    mp_get_fixed(reader, entry->payload_hash.bytes, sizeof entry->payload_hash.bytes);
    mp_field(reader, "salt");
    mp_get_fixed(reader, entry->salt, sizeof entry->salt);
}

enum result entry_unpack(struct bytes packed, struct entry *entry, struct error *error)
{
    struct mp_reader reader;
    struct channel_name name;
    mp_reader_init(&reader, packed);
    mp_field(&reader, "entry");
    if (packed.size > ENTRY_MAX_BYTES) {
        mp_fail(&reader, "is longer than its limit");
    }
    size_t fields = mp_get_array(&reader, ENTRY_FIELDS_MAX);
    mp_field(&reader, "version");
    uint64_t version = mp_get_uint(&reader, UINT64_MAX);
    if (reader.failed == RESULT_OK && version != ENTRY_VERSION) {
        return error_set(error, RESULT_UNSUPPORTED,
                         "entry: version %" PRIu64 " is not spoken here, only %d", version,
                         ENTRY_VERSION);
    }
    if (fields != ENTRY_FIELDS) {
        mp_fail(&reader, "begins an entry with another number of fields");
    }
    mp_field(&reader, "channel origin");
    entry->origin = mp_get_str(&reader, ORIGIN_MAX_BYTES - 1);
    mp_field(&reader, "index");
    entry->index = mp_get_uint(&reader, MERKLE_SIZE_MAX - 1);
    message_get(&reader, entry);
    payload_get(&reader, entry);
    enum result result = mp_finish(&reader, "entry", error);
    if (result != RESULT_OK) {
        return result;
    }
    result = channel_parse(entry->origin, &name, error);
    if (result != RESULT_OK) {
        (void)error_wrap(error, "entry %" PRIu64, entry->index);
    }
    return result;
}
