/* The journal: what was committed is there, in order, and what was not is not. */
#include "tests/unit/journal_scene.h"

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
}
END_TEST

START_TEST(a_batch_is_one_sync)
{
    assert_ok(try_open());
    batch(1, 1, 0);
    size_t before = flaky.syncs;
    batch(2, 3, 2000);
    ck_assert_uint_eq(flaky.syncs, before + 1);
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
}
END_TEST

START_TEST(a_replay_goes_on_in_a_later_segment)
{
    char last[HELD_BYTES];
    assert_ok(try_open());
    unsigned count = fill_segments();
    struct journal_place place = journal_end(journal);
    batch(++count, 1, 0);
    journal_close(&journal);
    assert_ok(try_open_from(place));
    ck_assert_uint_eq(held_count, 1);
    (void)snprintf(last, sizeof last, "batch %u record 0 ", count);
    ck_assert_str_eq(held[0], last);
}
END_TEST

START_TEST(a_look_ends_at_the_commit_it_is_told)
{
    assert_ok(try_open());
    batch(1, 2, 0);
    options.read_until = journal_end(journal).position;
    batch(2, 1, 0);
    options.read_only = true;
    reopen();
    ck_assert_uint_eq(held_count, 2);
    ck_assert_uint_eq(commit_count, 1);
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
}
END_TEST

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
}
END_TEST

START_TEST(a_journal_that_must_exist_is_not_made)
{
    options.must_exist = true;
    assert_fails(try_open(), RESULT_CORRUPT, "are missing");
    options.must_exist = false;
    options.read_only = true;
    assert_fails(try_open(), RESULT_NOT_FOUND, "no journal");
}
END_TEST

START_TEST(blocks_written_ahead_hide_nothing)
{
    options.segment_bytes = (uint64_t)4 << 20;
    assert_ok(try_open());
    for (unsigned number = 1; number <= 30; number++) {
        journal_prepare(journal);
        batch(number, 2, 60000);
    }
    reopen();
    ck_assert_uint_eq(held_count, 60);
}
END_TEST

/* Begins a batch with one record: "look at me". */
static struct journal_record begin_with_record(void)
{
    struct journal_record record;
    assert_ok(journal_begin(journal, &error));
    buffer_text(journal_record_begin(journal), "look at me");
    assert_ok(journal_record_end(journal, JOURNAL_TAKEN, &record, &error));
    return record;
}

START_TEST(a_record_is_pending_until_its_batch_is_committed)
{
    struct bytes pending;
    struct journal_record read;
    assert_ok(try_open());
    struct journal_record record = begin_with_record();
    ck_assert(journal_pending(journal, record.position, &pending));
    assert_ok(journal_record_parse(pending, record.position, &read, &error));
    ck_assert(bytes_equal(read.body, text_bytes(TEXT("look at me"))));
    assert_ok(journal_commit(journal, &error));
    ck_assert(!journal_pending(journal, record.position, &pending));
}
END_TEST

START_TEST(a_reader_reads_by_position_and_sees_damage)
{
    struct journal_reader *reader = NULL;
    struct journal_record read;
    uint8_t data[256];
    assert_ok(try_open());
    (void)fill_segments();
    struct journal_record record = begin_with_record();
    assert_ok(journal_commit(journal, &error));
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
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_was_committed_is_replayed_in_order,
        a_batch_is_one_sync,
        what_was_rolled_back_is_not_there,
        a_replay_goes_on_from_a_commit,
        a_replay_goes_on_in_a_later_segment,
        a_look_ends_at_the_commit_it_is_told,
        a_place_that_is_no_commit_is_refused,
        segments_follow_each_other,
        a_journal_that_must_exist_is_not_made,
        blocks_written_ahead_hide_nothing,
        a_record_is_pending_until_its_batch_is_committed,
        a_reader_reads_by_position_and_sees_damage,
    };
    return suite_run_with("journal", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
