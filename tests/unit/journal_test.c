/* The journal: what was committed is there, in order; what was not is not; and damage is told from
 * a torn tail, with its place. */
#include "node/core/log.h"
#include "node/store/segment.h"
#include "tests/unit/store_fixture.h"

#define HELD_MAX   4096
#define HELD_BYTES 32
#define FIRST_SEG  "0000000000000000.seg"

static struct flaky flaky;
static struct journal *journal;
static struct journal_options options;

/* The bodies that a replay visited, without the commits. */
static char held[HELD_MAX][HELD_BYTES];
static size_t held_count;
static size_t commit_count;

static void start(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    folder_make();
    flaky_init(&flaky);
    options = (struct journal_options){.path = folder,
                                       .segment_bytes = JOURNAL_SEGMENT_MIN_BYTES,
                                       .disk = &flaky.disk,
                                       .world = world_real()};
}

static enum result hold(void *self, const struct journal_record *record, struct error *problem)
{
    (void)self;
    (void)problem;
    if (record->kind == JOURNAL_COMMIT) {
        commit_count++;
        return RESULT_OK;
    }
    ck_assert_uint_lt(held_count, HELD_MAX);
    size_t size = record->body.size < HELD_BYTES ? record->body.size : HELD_BYTES - 1;
    memcpy(held[held_count], record->body.data, size);
    held[held_count++][size] = '\0';
    return RESULT_OK;
}

static enum result try_open_from(struct journal_place from)
{
    held_count = 0;
    commit_count = 0;
    enum result result = journal_open(&options, &journal, &error);
    return result == RESULT_OK ? journal_replay(journal, from, hold, NULL, &error) : result;
}

static enum result try_open(void)
{
    return try_open_from((struct journal_place){0});
}

static void reopen(void)
{
    journal_close(&journal);
    assert_ok(try_open());
}

static void append(const char *body, size_t padding)
{
    static const char filler[] = "0123456789abcdef";
    struct journal_record record;
    struct buffer *out = journal_record_begin(journal);
    buffer_text(out, body);
    for (; padding > 0; padding--) {
        buffer_append(out, &filler[padding % 16], 1);
    }
    assert_ok(journal_record_end(journal, JOURNAL_ENTRY, &record, &error));
}

/* A batch of one, two or three records, numbered on. */
static enum result try_batch(unsigned number, unsigned count, size_t padding)
{
    char body[HELD_BYTES];
    enum result result = journal_begin(journal, &error);
    if (result != RESULT_OK) {
        return result;
    }
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(body, sizeof body, "batch %u record %u ", number, i);
        append(body, padding);
    }
    return journal_commit(journal, &error);
}

static void batch(unsigned number, unsigned count, size_t padding)
{
    assert_ok(try_batch(number, count, padding));
}

static void finish(void)
{
    journal_close(&journal);
    flaky_forget(&flaky);
    folder_remove();
}

START_TEST(what_was_committed_is_replayed_in_order)
{
    assert_ok(try_open());
    batch(1, 2, 0);
    batch(2, 1, 100);
    reopen();
    ck_assert_uint_eq(held_count, 3);
    ck_assert_uint_eq(commit_count, 2);
    ck_assert_str_eq(held[0], "batch 1 record 0 ");
    ck_assert_str_eq(held[1], "batch 1 record 1 ");
    ck_assert_int_eq(strncmp(held[2], "batch 2 record 0 ", 17), 0);
    ck_assert_uint_eq(journal_end(journal).sequence, 2);
    finish();
}
END_TEST

START_TEST(a_batch_is_one_sync)
{
    assert_ok(try_open());
    batch(1, 1, 0);
    size_t before = flaky.syncs;
    batch(2, 3, 2000);
    ck_assert_uint_eq(flaky.syncs, before + 1);
    finish();
}
END_TEST

START_TEST(what_was_rolled_back_is_not_there)
{
    assert_ok(try_open());
    assert_ok(journal_begin(journal, &error));
    append("never", 0);
    journal_rollback(journal);
    batch(1, 1, 0);
    reopen();
    ck_assert_uint_eq(held_count, 1);
    ck_assert_str_eq(held[0], "batch 1 record 0 ");
    finish();
}
END_TEST

START_TEST(a_replay_goes_on_from_a_commit)
{
    assert_ok(try_open());
    batch(1, 2, 0);
    struct journal_place place = journal_end(journal);
    batch(2, 1, 0);
    journal_close(&journal);
    assert_ok(try_open_from(place));
    ck_assert_uint_eq(held_count, 1);
    ck_assert_str_eq(held[0], "batch 2 record 0 ");
    finish();
}
END_TEST

START_TEST(a_place_that_is_no_commit_is_refused)
{
    assert_ok(try_open());
    batch(1, 2, 0);
    struct journal_place place = journal_end(journal);
    journal_close(&journal);
    place.sequence = 2;
    assert_fails(try_open_from(place), RESULT_CORRUPT, "applied commit 2");
    journal_close(&journal);
    place = (struct journal_place){1 << 20, 9};
    assert_fails(try_open_from(place), RESULT_CORRUPT, "applied commit 9");
    finish();
}
END_TEST

START_TEST(a_torn_tail_is_cut_at_every_byte)
{
    size_t size;
    const char *path = in_folder(FIRST_SEG);
    assert_ok(try_open());
    batch(1, 2, 0);
    size_t begin = journal_end(journal).position;
    batch(2, 2, 40);
    size_t end = journal_end(journal).position;
    journal_close(&journal);
    uint8_t *whole = file_read(path, &size);
    uint8_t *torn = malloc(size);
    for (size_t cut = begin; cut < end; cut++) {
        bool short_file = cut % 2 == 0;
        memcpy(torn, whole, cut);
        memset(torn + cut, 0, size - cut);
        /* What the last bytes of the commit hold is zeros: cut there, it is whole. */
        bool is_whole = memcmp(torn, whole, size) == 0 && !short_file;
        file_write(path, torn, short_file ? cut : size);
        assert_ok(try_open());
        ck_assert_uint_eq(held_count, is_whole ? 4 : 2);
        batch(3, 1, 0);
        reopen();
        ck_assert_uint_eq(held_count, is_whole ? 5 : 3);
        ck_assert_str_eq(held[held_count - 1], "batch 3 record 0 ");
        journal_close(&journal);
    }
    free(torn);
    free(whole);
    finish();
}
END_TEST

START_TEST(a_power_cut_loses_no_more_than_the_batch_that_was_not_synced)
{
    uint64_t dice = 1;
    flaky.remembers = true;
    assert_ok(try_open());
    unsigned committed = 0;
    for (unsigned number = 1; number <= 200; number++) {
        batch(number, 1, number * 7 % 900);
        committed++;
        /* The next batch is written; the power goes before it is synced. */
        flaky.sync_fails = true;
        ck_assert_int_eq(try_batch(1000 + number, 1 + number % 3, number * 37 % 2000), RESULT_IO);
        flaky_cut_power(&flaky, &dice);
        flaky.sync_fails = false;
        reopen();
        uint64_t sequence = journal_end(journal).sequence;
        ck_assert_uint_ge(sequence, committed);
        ck_assert_uint_le(sequence, committed + 1);
        committed = (unsigned)sequence;
    }
    finish();
}
END_TEST

/* Flips a bit at every third byte of [begin, end): each must be found, and named. */
static void assert_flips_found(size_t begin, size_t end)
{
    const char *path = in_folder(FIRST_SEG);
    for (size_t at = begin; at < end; at += 3) {
        file_flip(path, at, (uint8_t)(1U << at % 8));
        assert_fails(try_open(), RESULT_CORRUPT, FIRST_SEG " is damaged at offset ");
        journal_close(&journal);
        file_flip(path, at, (uint8_t)(1U << at % 8));
    }
    assert_ok(try_open());
    ck_assert_uint_eq(held_count, 6);
}

START_TEST(a_flipped_bit_before_other_commits_is_corruption)
{
    assert_ok(try_open());
    batch(1, 2, 50);
    size_t end = journal_end(journal).position;
    batch(2, 2, 50);
    batch(3, 2, 50);
    journal_close(&journal);
    assert_flips_found(SEGMENT_HEAD_BYTES, end);
    finish();
}
END_TEST

START_TEST(a_flipped_bit_in_the_last_batch_is_no_torn_tail)
{
    assert_ok(try_open());
    batch(1, 2, 50);
    batch(2, 2, 50);
    size_t begin = journal_end(journal).position;
    batch(3, 2, 49);
    size_t end = journal_end(journal).position;
    journal_close(&journal);
    assert_flips_found(begin, end);
    finish();
}
END_TEST

START_TEST(a_damaged_head_is_corruption)
{
    assert_ok(try_open());
    batch(1, 2, 50);
    journal_close(&journal);
    for (size_t at = 0; at < SEGMENT_HEAD_BYTES; at++) {
        file_flip(in_folder(FIRST_SEG), at, 0x10);
        ck_assert_int_ne(try_open(), RESULT_OK);
        ck_assert_ptr_nonnull(strstr(error.message, FIRST_SEG));
        journal_close(&journal);
        file_flip(in_folder(FIRST_SEG), at, 0x10);
    }
    finish();
}
END_TEST

/* Enough batches for at least four segments. */
static unsigned fill_segments(void)
{
    unsigned number = 0;
    while (journal_end(journal).position < 4 * JOURNAL_SEGMENT_MIN_BYTES) {
        batch(++number, 1, 10000);
    }
    return number;
}

/* The start of the n-th segment, which its file is named by. */
static void segment_name(unsigned n, char out[SEGMENT_NAME_BYTES])
{
    uint64_t position = 0;
    for (unsigned found = 0;; position += 8) {
        (void)snprintf(out, SEGMENT_NAME_BYTES, "%016llx.seg", (unsigned long long)position);
        if (access(in_folder(out), F_OK) == 0 && found++ == n) {
            return;
        }
    }
}

START_TEST(segments_follow_each_other)
{
    assert_ok(try_open());
    unsigned count = fill_segments();
    reopen();
    ck_assert_uint_eq(held_count, count);
    batch(++count, 1, 3 * JOURNAL_SEGMENT_MIN_BYTES); /* larger than a segment */
    batch(++count, 1, 10);
    reopen();
    ck_assert_uint_eq(held_count, count);
    finish();
}
END_TEST

START_TEST(a_missing_segment_is_named)
{
    assert_ok(try_open());
    (void)fill_segments();
    journal_close(&journal);
    for (unsigned n = 0; n < 3; n++) {
        char name[SEGMENT_NAME_BYTES];
        char aside[256];
        segment_name(n, name);
        (void)snprintf(aside, sizeof aside, "%s", in_folder("aside"));
        ck_assert_int_eq(rename(in_folder(name), aside), 0);
        assert_fails(try_open(), RESULT_CORRUPT, name);
        ck_assert_ptr_nonnull(strstr(error.message, "is missing"));
        journal_close(&journal);
        ck_assert_int_eq(rename(aside, in_folder(name)), 0);
    }
    assert_ok(try_open());
    finish();
}
END_TEST

START_TEST(a_batch_cut_off_an_earlier_segment_is_corruption)
{
    char name[SEGMENT_NAME_BYTES];
    size_t size;
    assert_ok(try_open());
    (void)fill_segments();
    journal_close(&journal);
    segment_name(1, name);
    uint8_t *data = file_read(in_folder(name), &size);
    file_write(in_folder(name), data, size - 100);
    assert_fails(try_open(), RESULT_CORRUPT, name);
    journal_close(&journal);
    memset(data + size - 11000, 0, 11000);
    file_write(in_folder(name), data, size);
    assert_fails(try_open(), RESULT_CORRUPT, "another segment follows it");
    free(data);
    finish();
}
END_TEST

START_TEST(a_segment_of_another_journal_is_refused)
{
    char name[SEGMENT_NAME_BYTES];
    size_t size;
    assert_ok(try_open());
    (void)fill_segments();
    journal_close(&journal);
    segment_name(2, name);
    uint8_t *data = file_read(in_folder(name), &size);
    struct segment segment;
    assert_ok(segment_unpack(data, &segment, &error));
    segment.id.bytes[3] ^= 1;
    segment_pack(&segment, data);
    file_write(in_folder(name), data, size);
    assert_fails(try_open(), RESULT_CORRUPT, "another journal");
    free(data);
    finish();
}
END_TEST

START_TEST(a_journal_that_must_exist_is_not_made)
{
    options.must_exist = true;
    assert_fails(try_open(), RESULT_CORRUPT, "are missing");
    options.must_exist = false;
    options.read_only = true;
    assert_fails(try_open(), RESULT_NOT_FOUND, "no journal");
    finish();
}
END_TEST

START_TEST(a_full_disk_loses_nothing_and_room_heals_it)
{
    assert_ok(try_open());
    unsigned committed = 0;
    for (size_t room = 0; room < 1400; room += 13) {
        flaky.room = room;
        assert_fails(try_batch(9999, 3, 400), RESULT_FULL, "cannot write");
        flaky.room = FLAKY_NEVER_FULL;
        batch(++committed, 1, room % 50);
        if (room % 5 == 0) {
            reopen();
            ck_assert_uint_eq(held_count, committed);
        }
    }
    reopen();
    ck_assert_uint_eq(held_count, committed);
    finish();
}
END_TEST

START_TEST(no_room_for_a_new_segment_fails_the_batch_only)
{
    assert_ok(try_open());
    batch(1, 1, JOURNAL_SEGMENT_MIN_BYTES);
    flaky.room = 1000;
    assert_fails(try_batch(2, 1, 10), RESULT_FULL, "cannot reserve");
    flaky.room = FLAKY_NEVER_FULL;
    batch(2, 1, 10);
    reopen();
    ck_assert_uint_eq(held_count, 2);
    finish();
}
END_TEST

START_TEST(short_writes_and_reads_are_gone_on_with)
{
    flaky.chunk = 7;
    assert_ok(try_open());
    batch(1, 3, 300);
    batch(2, 3, 300);
    reopen();
    ck_assert_uint_eq(held_count, 6);
    finish();
}
END_TEST

START_TEST(after_a_failed_sync_nothing_is_taken_until_the_next_start)
{
    assert_ok(try_open());
    batch(1, 1, 0);
    flaky.sync_fails = true;
    assert_fails(try_batch(2, 1, 0), RESULT_IO, "cannot sync");
    flaky.sync_fails = false;
    assert_fails(try_batch(3, 1, 0), RESULT_IO, "start the node again");
    reopen();
    batch(4, 1, 0);
    reopen();
    ck_assert_str_eq(held[0], "batch 1 record 0 ");
    ck_assert_str_eq(held[held_count - 1], "batch 4 record 0 ");
    finish();
}
END_TEST

START_TEST(a_read_only_look_changes_nothing)
{
    size_t before_size;
    size_t after_size;
    assert_ok(try_open());
    batch(1, 1, 0);
    batch(2, 1, 0);
    journal_close(&journal);
    file_flip(in_folder(FIRST_SEG), SEGMENT_HEAD_BYTES + 150, 0);
    uint8_t *before = file_read(in_folder(FIRST_SEG), &before_size);
    options.read_only = true;
    assert_ok(try_open());
    journal_close(&journal);
    uint8_t *after = file_read(in_folder(FIRST_SEG), &after_size);
    ck_assert(bytes_equal(bytes_of(before, before_size), bytes_of(after, after_size)));
    free(before);
    free(after);
    finish();
}
END_TEST

START_TEST(blocks_written_ahead_hide_nothing)
{
    assert_ok(try_open());
    batch(1, 1, 0);
    options.segment_bytes = (uint64_t)4 << 20;
    journal_close(&journal);
    (void)unlink(in_folder(FIRST_SEG));
    assert_ok(try_open());
    for (unsigned number = 1; number <= 30; number++) {
        journal_prepare(journal);
        batch(number, 2, 60000);
    }
    reopen();
    ck_assert_uint_eq(held_count, 60);
    finish();
}
END_TEST

START_TEST(a_reader_reads_by_position_and_sees_damage)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    struct journal_record read;
    uint8_t data[256];
    assert_ok(try_open());
    (void)fill_segments();
    assert_ok(journal_begin(journal, &error));
    buffer_text(journal_record_begin(journal), "look at me");
    assert_ok(journal_record_end(journal, JOURNAL_TAKEN, &record, &error));
    struct bytes pending;
    ck_assert(journal_pending(journal, record.position, &pending));
    assert_ok(journal_record_parse(pending, record.position, &read, &error));
    assert_ok(journal_commit(journal, &error));
    ck_assert(!journal_pending(journal, record.position, &pending));

    assert_ok(journal_reader_open(journal, &reader, &error));
    assert_ok(journal_read(reader, record.position, record.size, data, &error));
    assert_ok(journal_record_parse(bytes_of(data, record.size), record.position, &read, &error));
    ck_assert(bytes_equal(read.body, text_bytes(TEXT("look at me"))));
    data[30] ^= 4;
    assert_fails(journal_record_parse(bytes_of(data, record.size), record.position, &read, &error),
                 RESULT_CORRUPT, "checksum");
    assert_fails(journal_read(reader, record.position + (8 << 20), 64, data, &error),
                 RESULT_CORRUPT, "ends at offset");
    journal_reader_close(&reader);
    finish();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_was_committed_is_replayed_in_order,
        a_batch_is_one_sync,
        what_was_rolled_back_is_not_there,
        a_replay_goes_on_from_a_commit,
        a_place_that_is_no_commit_is_refused,
        a_torn_tail_is_cut_at_every_byte,
        a_power_cut_loses_no_more_than_the_batch_that_was_not_synced,
        a_flipped_bit_before_other_commits_is_corruption,
        a_flipped_bit_in_the_last_batch_is_no_torn_tail,
        a_damaged_head_is_corruption,
        segments_follow_each_other,
        a_missing_segment_is_named,
        a_batch_cut_off_an_earlier_segment_is_corruption,
        a_segment_of_another_journal_is_refused,
        a_journal_that_must_exist_is_not_made,
        a_full_disk_loses_nothing_and_room_heals_it,
        no_room_for_a_new_segment_fails_the_batch_only,
        short_writes_and_reads_are_gone_on_with,
        after_a_failed_sync_nothing_is_taken_until_the_next_start,
        a_read_only_look_changes_nothing,
        blocks_written_ahead_hide_nothing,
        a_reader_reads_by_position_and_sees_damage,
    };
    return suite_run("journal", tests, SUITE_COUNT(tests), start);
}
