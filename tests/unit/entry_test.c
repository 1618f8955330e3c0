/* Entries: every field both ways, and every field refused by its name. */
#include "proto/entry.h"
#include "proto/mp.h"
#include "tests/unit/suite.h"

static struct entry entry_make(void)
{
    struct entry entry = {
        .origin = TEXT("test.coconnect.customs.go.kr/ID/1"),
        .index = 41,
        .operation = OPERATION_FEEDBACK,
        .has_reply_to = true,
        .agreement = TEXT("AKFTA"),
        .menu_version = 3,
        .time_ms = 1767605400123,
        .payload_size = 1900,
    };
    memset(entry.id.bytes, 1, sizeof entry.id.bytes);
    memset(entry.reply_to.bytes, 2, sizeof entry.reply_to.bytes);
    memset(entry.payload_hash.bytes, 3, sizeof entry.payload_hash.bytes);
    memset(entry.salt, 4, sizeof entry.salt);
    return entry;
}

START_TEST(an_entry_reads_back_as_it_was_written)
{
    struct entry entry = entry_make();
    struct entry read;
    struct buffer packed = {0};
    entry_pack(&entry, &packed);
    assert_ok(entry_unpack(buffer_bytes(&packed), &read, &error));
    ck_assert(text_equal(read.origin, entry.origin));
    ck_assert_uint_eq(read.index, 41);
    ck_assert_int_eq(read.operation, OPERATION_FEEDBACK);
    ck_assert_mem_eq(&read.id, &entry.id, sizeof read.id);
    ck_assert(read.has_reply_to);
    ck_assert_mem_eq(&read.reply_to, &entry.reply_to, sizeof read.reply_to);
    ck_assert(text_equal(read.agreement, entry.agreement));
    ck_assert_uint_eq(read.menu_version, 3);
    ck_assert_uint_eq(read.time_ms, 1767605400123);
    ck_assert_uint_eq(read.payload_size, 1900);
    ck_assert_mem_eq(&read.payload_hash, &entry.payload_hash, sizeof read.payload_hash);
    ck_assert_mem_eq(read.salt, entry.salt, sizeof read.salt);
    buffer_free(&packed);
}
END_TEST

START_TEST(an_entry_that_answers_nothing_has_nil_there)
{
    struct entry entry = entry_make();
    struct entry read;
    struct buffer packed = {0};
    entry.has_reply_to = false;
    entry_pack(&entry, &packed);
    assert_ok(entry_unpack(buffer_bytes(&packed), &read, &error));
    ck_assert(!read.has_reply_to);
    ck_assert_uint_eq(read.reply_to.bytes[0], 0);
    buffer_free(&packed);
}
END_TEST

START_TEST(the_largest_entry_is_within_its_limit)
{
    char domain[DOMAIN_MAX_BYTES];
    char origin[ORIGIN_MAX_BYTES];
    char agreement[AGREEMENT_MAX_BYTES];
    struct entry read;
    struct buffer packed = {0};
    struct entry entry = entry_make();
    memset(agreement, 'A', sizeof agreement);
    for (size_t i = 0; i < sizeof domain; i++) {
        domain[i] = i % 2 == 0 ? 'a' : '.';
    }
    assert_ok(channel_origin(
        &(struct channel_name){
            TEXT("prod"), {domain, DOMAIN_MAX_BYTES - 1}, TEXT("ID"), UINT32_MAX},
        origin, &error));
    entry.origin = text_of(origin);
    entry.index = MERKLE_SIZE_MAX - 1;
    entry.agreement = (struct text){agreement, sizeof agreement};
    entry.menu_version = UINT32_MAX;
    entry.time_ms = TIME_MAX_MS;
    entry.payload_size = PAYLOAD_MAX_BYTES;
    entry_pack(&entry, &packed);
    assert_ok(entry_unpack(buffer_bytes(&packed), &read, &error));
    ck_assert_uint_le(packed.size, ENTRY_MAX_BYTES);
    buffer_free(&packed);
}
END_TEST

/* Each row breaks one field of a good entry. */
static void break_origin(struct entry *entry)
{
    entry->origin = TEXT("test.coconnect.customs.go.kr/id/1");
}

static void break_index(struct entry *entry)
{
    entry->index = MERKLE_SIZE_MAX;
}

static void break_operation(struct entry *entry)
{
    entry->operation = (enum operation)(OPERATION_MAX + 1);
}

static void break_operation_none(struct entry *entry)
{
    entry->operation = OPERATION_NONE;
}

static void break_agreement(struct entry *entry)
{
    entry->agreement = TEXT("AN AGREEMENT WITH A NAME OF 36 BYTES");
}

static void break_time(struct entry *entry)
{
    entry->time_ms = TIME_MAX_MS + 1;
}

static void break_payload_size(struct entry *entry)
{
    entry->payload_size = (uint32_t)PAYLOAD_MAX_BYTES + 1;
}

START_TEST(a_field_out_of_its_range_is_refused_by_name)
{
    static const struct {
        void (*breaks)(struct entry *entry);
        const char *words;
    } rows[] = {
        {break_origin, "entry 41: channel origin"},
        {break_index, "entry: index at byte"},
        {break_operation, "entry: operation at byte"},
        {break_operation_none, "entry: operation at byte"},
        {break_agreement, "entry: agreement at byte"},
        {break_time, "entry: time at byte"},
        {break_payload_size, "entry: payload length at byte"},
    };
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        struct entry entry = entry_make();
        struct entry read;
        struct buffer packed = {0};
        rows[i].breaks(&entry);
        entry_pack(&entry, &packed);
        assert_fails(entry_unpack(buffer_bytes(&packed), &read, &error), RESULT_INVALID,
                     rows[i].words);
        buffer_free(&packed);
    }
}
END_TEST

START_TEST(another_version_is_told_by_its_number)
{
    struct entry entry = entry_make();
    struct entry read;
    struct buffer packed = {0};
    entry_pack(&entry, &packed);
    packed.data[1] = 2;
    assert_fails(entry_unpack(buffer_bytes(&packed), &read, &error), RESULT_UNSUPPORTED,
                 "version 2 is not spoken here");
    assert_fails(entry_unpack(bytes_of("\x91\x07", 2), &read, &error), RESULT_UNSUPPORTED,
                 "version 7");
    assert_fails(entry_unpack(bytes_of("\x91\x01", 2), &read, &error), RESULT_INVALID,
                 "number of fields");
    buffer_free(&packed);
}
END_TEST

START_TEST(every_truncation_and_every_extension_is_refused)
{
    struct entry entry = entry_make();
    struct entry read;
    struct buffer packed = {0};
    entry_pack(&entry, &packed);
    for (size_t size = 0; size < packed.size; size++) {
        ck_assert_int_eq(entry_unpack(bytes_of(packed.data, size), &read, NULL), RESULT_INVALID);
    }
    buffer_append(&packed, "\xc0", 1);
    assert_fails(entry_unpack(buffer_bytes(&packed), &read, &error), RESULT_INVALID, "left over");
    while (packed.size <= ENTRY_MAX_BYTES) {
        buffer_append(&packed, "\xc0", 1);
    }
    assert_fails(entry_unpack(buffer_bytes(&packed), &read, &error), RESULT_INVALID,
                 "longer than its limit");
    buffer_free(&packed);
}
END_TEST

START_TEST(a_changed_byte_is_refused_or_changes_the_leaf)
{
    struct entry entry = entry_make();
    struct entry read;
    struct buffer packed = {0};
    struct merkle_hash leaf;
    struct merkle_hash other;
    entry_pack(&entry, &packed);
    merkle_leaf(buffer_bytes(&packed), &leaf);
    for (size_t i = 0; i < packed.size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct buffer again = {0};
            packed.data[i] ^= (uint8_t)(1 << bit);
            if (entry_unpack(buffer_bytes(&packed), &read, NULL) == RESULT_OK) {
                entry_pack(&read, &again);
                ck_assert(bytes_equal(buffer_bytes(&again), buffer_bytes(&packed)));
                merkle_leaf(buffer_bytes(&again), &other);
                ck_assert_mem_ne(&other, &leaf, sizeof leaf);
            }
            packed.data[i] ^= (uint8_t)(1 << bit);
            buffer_free(&again);
        }
    }
    buffer_free(&packed);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_entry_reads_back_as_it_was_written,
        an_entry_that_answers_nothing_has_nil_there,
        the_largest_entry_is_within_its_limit,
        a_field_out_of_its_range_is_refused_by_name,
        another_version_is_told_by_its_number,
        every_truncation_and_every_extension_is_refused,
        a_changed_byte_is_refused_or_changes_the_leaf,
    };
    return suite_run("entry", tests, SUITE_COUNT(tests), NULL);
}
