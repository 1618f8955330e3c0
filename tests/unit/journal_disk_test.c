/* What a disk may do to a journal: it is full, writes less than it was told, cannot sync, or loses
 * what was not synced. */
#include "tests/unit/journal_scene.h"

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
        ck_assert_uint_eq(commit_count, sequence);
        ck_assert_uint_ge(sequence, committed);
        ck_assert_uint_le(sequence, committed + 1);
        committed = (unsigned)sequence;
    }
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
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_torn_tail_is_cut_at_every_byte,
        a_power_cut_loses_no_more_than_the_batch_that_was_not_synced,
        a_full_disk_loses_nothing_and_room_heals_it,
        no_room_for_a_new_segment_fails_the_batch_only,
        short_writes_and_reads_are_gone_on_with,
        after_a_failed_sync_nothing_is_taken_until_the_next_start,
    };
    return suite_run_with("journal disk", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
