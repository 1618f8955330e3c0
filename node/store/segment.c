/* The bytes of the journal. See segment.h. */
#include "node/store/segment.h"

#include <inttypes.h>
#include <xxhash.h>

static const uint8_t segment_magic[8] = {'c', 'o', 'm', 'e', 's', 'h', 'J', '\n'};

void segment_pack(const struct segment *segment, uint8_t out[SEGMENT_HEAD_BYTES])
{
    memset(out, 0, SEGMENT_HEAD_BYTES);
    memcpy(out, segment_magic, sizeof segment_magic);
    put_u32(out + 8, SEGMENT_VERSION);
    put_u32(out + 12, SEGMENT_HEAD_BYTES);
    memcpy(out + 16, segment->id.bytes, JOURNAL_ID_BYTES);
    put_u64(out + 32, segment->start);
    put_u64(out + 40, segment->previous);
    put_u64(out + 48, segment->sequence);
    put_u64(out + 56, XXH3_64bits(out, 56));
}

enum result segment_unpack(const uint8_t head[SEGMENT_HEAD_BYTES], struct segment *segment,
                           struct error *error)
{
    if (memcmp(head, segment_magic, sizeof segment_magic) != 0) {
        return error_set(error, RESULT_CORRUPT, "it does not begin as a journal segment");
    }
    if (get_u64(head + 56) != XXH3_64bits(head, 56)) {
        return error_set(error, RESULT_CORRUPT, "the checksum of its head differs");
    }
    if (get_u32(head + 8) != SEGMENT_VERSION || get_u32(head + 12) != SEGMENT_HEAD_BYTES) {
        return error_set(error, RESULT_UNSUPPORTED,
                         "it has format %" PRIu32 " and this program reads format %d",
                         get_u32(head + 8), SEGMENT_VERSION);
    }
    memcpy(segment->id.bytes, head + 16, JOURNAL_ID_BYTES);
    segment->start = get_u64(head + 32);
    segment->previous = get_u64(head + 40);
    segment->sequence = get_u64(head + 48);
    return RESULT_OK;
}

void segment_path(const char *folder, uint64_t start, char out[SEGMENT_PATH_BYTES])
{
    (void)snprintf(out, SEGMENT_PATH_BYTES, "%s/%016" PRIx64 ".seg", folder, start);
}

bool segment_name_parse(const char *name, uint64_t *start)
{
    uint8_t digits[8];
    uint64_t value = 0;
    if (strlen(name) != SEGMENT_NAME_BYTES - 1 || strcmp(name + 16, ".seg") != 0 ||
        !hex_decode((struct text){name, 16}, digits, sizeof digits)) {
        return false;
    }
    for (size_t i = 0; i < sizeof digits; i++) {
        value = value << 8 | digits[i];
    }
    *start = value;
    return true;
}

size_t record_size(size_t body_size)
{
    return (JOURNAL_RECORD_BYTES + body_size + 7) & ~(size_t)7;
}

void record_seal(uint8_t *record, size_t body_size, enum journal_kind kind, uint64_t position)
{
    put_u32(record + 8, (uint32_t)body_size);
    put_u32(record + 12, (uint32_t)kind);
    put_u64(record + 16, position);
    put_u64(record, XXH3_64bits(record + 8, record_size(body_size) - 8));
}

/* What is wrong with a record, or NULL. */
static const char *record_problem(struct bytes bytes, uint64_t position)
{
    if (bytes.size < JOURNAL_RECORD_BYTES) {
        return "it ends too early";
    }
    size_t length = get_u32(bytes.data + 8);
    uint32_t kind = get_u32(bytes.data + 12);
    if (length > JOURNAL_BODY_MAX_BYTES) {
        return "its length is beyond the limit";
    }
    if (bytes.size < record_size(length)) {
        return "it ends too early";
    }
    if (get_u64(bytes.data) != XXH3_64bits(bytes.data + 8, record_size(length) - 8)) {
        return "its checksum differs";
    }
    if (get_u64(bytes.data + 16) != position) {
        return "it was written for another position";
    }
    return kind < JOURNAL_CHANNEL || kind > JOURNAL_COMMIT ? "it is of an unknown kind" : NULL;
}

enum result journal_record_parse(struct bytes bytes, uint64_t position,
                                 struct journal_record *record, struct error *error)
{
    const char *problem = record_problem(bytes, position);
    if (problem != NULL) {
        return error_set(error, RESULT_CORRUPT,
                         "the journal's record at position %" PRIu64 " is damaged: %s", position,
                         problem);
    }
    size_t length = get_u32(bytes.data + 8);
    *record = (struct journal_record){
        .position = position,
        .size = (uint32_t)record_size(length),
        .kind = (enum journal_kind)get_u32(bytes.data + 12),
        .body = {bytes.data + JOURNAL_RECORD_BYTES, length},
    };
    return RESULT_OK;
}

void commit_pack(const struct commit *commit, uint8_t out[COMMIT_BODY_BYTES])
{
    put_u64(out, commit->sequence);
    put_u64(out + 8, commit->begin);
    put_u64(out + 16, commit->count);
}

bool commit_unpack(const struct journal_record *record, struct commit *commit)
{
    if (record->kind != JOURNAL_COMMIT || record->body.size != COMMIT_BODY_BYTES) {
        return false;
    }
    *commit = (struct commit){.sequence = get_u64(record->body.data),
                              .begin = get_u64(record->body.data + 8),
                              .count = get_u64(record->body.data + 16)};
    return true;
}
