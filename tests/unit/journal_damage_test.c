/* Damage of a journal is named with its place, and told from a torn tail. */
#include "node/store/segment.h"
#include "tests/unit/journal_scene.h"

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
}
END_TEST

START_TEST(a_damaged_head_is_corruption)
{
    assert_ok(try_open());
    batch(1, 2, 50);
    journal_close(&journal);
    for (size_t at = 0; at < SEGMENT_HEAD_BYTES; at++) {
        file_flip(in_folder(FIRST_SEG), at, 0x10);
        assert_fails(try_open(), RESULT_CORRUPT, FIRST_SEG);
        journal_close(&journal);
        file_flip(in_folder(FIRST_SEG), at, 0x10);
    }
}
END_TEST

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
}
END_TEST

START_TEST(a_read_only_look_cuts_no_torn_tail)
{
    const char *path = in_folder(FIRST_SEG);
    size_t size;
    size_t looked_size;
    size_t cut_size;
    assert_ok(try_open());
    batch(1, 1, 0);
    size_t torn_at = journal_end(journal).position + 20;
    batch(2, 1, 0);
    journal_close(&journal);
    uint8_t *torn = file_read(path, &size);
    memset(torn + torn_at, 0, size - torn_at);
    file_write(path, torn, size);
    options.read_only = true;
    assert_ok(try_open());
    ck_assert_uint_eq(held_count, 1);
    journal_close(&journal);
    uint8_t *looked = file_read(path, &looked_size);
    ck_assert(bytes_equal(bytes_of(torn, size), bytes_of(looked, looked_size)));
    options.read_only = false;
    assert_ok(try_open());
    uint8_t *cut = file_read(path, &cut_size);
    ck_assert(!bytes_equal(bytes_of(torn, size), bytes_of(cut, cut_size)));
    free(torn);
    free(looked);
    free(cut);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_flipped_bit_before_other_commits_is_corruption,
        a_flipped_bit_in_the_last_batch_is_no_torn_tail,
        a_damaged_head_is_corruption,
        a_missing_segment_is_named,
        a_batch_cut_off_an_earlier_segment_is_corruption,
        a_segment_of_another_journal_is_refused,
        a_read_only_look_cuts_no_torn_tail,
    };
    return suite_run_with("journal damage", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
