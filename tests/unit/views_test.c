/* The views: they keep what they are told, and know when they must not be trusted. What records do
 * to them is tested through the store. */
#include "node/core/log.h"
#include "node/store/views.h"
#include "tests/unit/store_fixture.h"

static struct views *views;
static const struct journal_id journal = {{7}};

static void start(void)
{
    log_set_level(LOG_LEVEL_ERROR + 1);
    folder_make();
    assert_ok(views_open(in_folder("views"), VIEWS_WRITE, &views, &error));
    assert_ok(views_claim(views, &error));
}

static void finish(void)
{
    views_close(&views);
    folder_remove();
}

static void commit(uint64_t sequence)
{
    const struct journal_place place = {sequence * 100, sequence};
    assert_ok(views_commit(views, &journal, place, &error));
}

static void put_entry(uint64_t index)
{
    struct merkle_completed completed = {.count = 1};
    completed.hash[0].bytes[0] = (uint8_t)index;
    const struct views_entry entry = {.channel = 1,
                                      .index = index,
                                      .position = 64 + index * 8,
                                      .record_size = 8,
                                      .operation = OPERATION_CO,
                                      .exporter = TEXT("KR"),
                                      .number = TEXT("N-1"),
                                      .completed = &completed};
    assert_ok(views_put_entry(views, &entry, &error));
}

START_TEST(new_views_have_applied_nothing)
{
    struct journal_id id;
    struct journal_place place;
    assert_ok(views_place(views, &id, &place, &error));
    ck_assert_uint_eq(place.sequence, 0);
    ck_assert_uint_eq(place.position, 0);
    finish();
}
END_TEST

START_TEST(a_commit_keeps_rows_and_place_together)
{
    struct journal_id id;
    struct journal_place place;
    struct views_entry entry;
    assert_ok(views_begin(views, &error));
    put_entry(0);
    commit(1);
    assert_ok(views_begin(views, &error));
    put_entry(1);
    views_rollback(views);
    views_close(&views);
    assert_ok(views_open(in_folder("views"), VIEWS_WRITE, &views, &error));
    assert_ok(views_place(views, &id, &place, &error));
    ck_assert_mem_eq(&id, &journal, sizeof id);
    ck_assert_uint_eq(place.sequence, 1);
    ck_assert_uint_eq(place.position, 100);
    assert_ok(views_find_entry(views, 1, 0, &arena, &entry, &error));
    ck_assert_uint_eq(entry.position, 64);
    ck_assert(text_equal(entry.number, TEXT("N-1")));
    ck_assert_int_eq(views_find_entry(views, 1, 1, &arena, &entry, &error), RESULT_NOT_FOUND);
    finish();
}
END_TEST

START_TEST(a_reader_sees_what_is_committed_only)
{
    struct views *reader = NULL;
    struct views_entry entry;
    assert_ok(views_open(in_folder("views"), VIEWS_READ, &reader, &error));
    assert_ok(views_begin(views, &error));
    put_entry(0);
    ck_assert_int_eq(views_find_entry(reader, 1, 0, &arena, &entry, &error), RESULT_NOT_FOUND);
    commit(1);
    assert_ok(views_find_entry(reader, 1, 0, &arena, &entry, &error));
    views_close(&reader);
    finish();
}
END_TEST

START_TEST(a_reader_makes_no_file)
{
    struct views *reader = NULL;
    ck_assert_int_ne(views_open(in_folder("none"), VIEWS_READ, &reader, &error), RESULT_OK);
    ck_assert_ptr_null(reader);
    ck_assert_int_ne(access(in_folder("none"), F_OK), 0);
    finish();
}
END_TEST

START_TEST(an_id_is_kept_once)
{
    const struct message_id id = {{1, 2, 3}};
    uint32_t channel;
    uint64_t index;
    bool first = false;
    assert_ok(views_begin(views, &error));
    assert_ok(views_put_message(views, &id, 1, 5, &first, &error));
    ck_assert(first);
    assert_ok(views_put_message(views, &id, 2, 6, &first, &error));
    ck_assert(!first);
    assert_ok(views_find_message(views, &id, &channel, &index, &error));
    ck_assert_uint_eq(channel, 1);
    ck_assert_uint_eq(index, 5);
    commit(1);
    finish();
}
END_TEST

START_TEST(views_that_are_no_database_are_damaged)
{
    struct views *other = NULL;
    file_write(in_folder("other"),
               "this is no database, and longer than a head of one is, so that "
               "it is not taken for an empty file at all, not at all......",
               120);
    assert_fails(views_open(in_folder("other"), VIEWS_WRITE, &other, &error), RESULT_CORRUPT,
                 "not a database");
    finish();
}
END_TEST

START_TEST(views_left_open_are_trusted_by_the_same_boot_only)
{
    size_t size;
    struct views *left = NULL;
    assert_ok(views_begin(views, &error));
    put_entry(0);
    commit(1);
    /* A copy of what a killed process leaves. */
    uint8_t *data = file_read(in_folder("views"), &size);
    file_write(in_folder("left"), data, size);
    free(data);
    data = file_read(in_folder("views-wal"), &size);
    file_write(in_folder("left-wal"), data, size);
    free(data);
    assert_ok(views_open(in_folder("left"), VIEWS_WRITE, &left, &error));
    assert_ok(views_claim(left, &error));
    struct views_entry entry;
    assert_ok(views_find_entry(left, 1, 0, &arena, &entry, &error));
    views_close(&left);

    char boot[40] = {0};
    data = file_read(in_folder("views"), &size);
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_ge(read(fd, boot, 36), 36);
    (void)close(fd);
    uint8_t *mark = memmem(data, size, boot, 36);
    ck_assert_ptr_nonnull(mark);
    mark[0] = mark[0] == 'f' ? 'e' : 'f';
    file_write(in_folder("down"), data, size);
    free(data);
    assert_ok(views_open(in_folder("down"), VIEWS_WRITE, &left, &error));
    assert_fails(views_claim(left, &error), RESULT_CORRUPT, "when the machine went down");
    views_close(&left);
    finish();
}
END_TEST

START_TEST(views_closed_in_good_order_carry_no_mark)
{
    views_close(&views);
    ck_assert_int_ne(access(in_folder("views-wal"), F_OK), 0);
    for (int turn = 0; turn < 3; turn++) {
        assert_ok(views_open(in_folder("views"), VIEWS_WRITE, &views, &error));
        assert_ok(views_claim(views, &error));
        views_close(&views);
    }
    finish();
}
END_TEST

START_TEST(removed_views_leave_no_file)
{
    views_close(&views);
    assert_ok(views_remove(in_folder("views"), &error));
    ck_assert_int_ne(access(in_folder("views"), F_OK), 0);
    assert_ok(views_remove(in_folder("views"), &error));
    finish();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        new_views_have_applied_nothing,
        a_commit_keeps_rows_and_place_together,
        a_reader_sees_what_is_committed_only,
        a_reader_makes_no_file,
        an_id_is_kept_once,
        views_that_are_no_database_are_damaged,
        views_left_open_are_trusted_by_the_same_boot_only,
        views_closed_in_good_order_carry_no_mark,
        removed_views_leave_no_file,
    };
    return suite_run("views", tests, SUITE_COUNT(tests), start);
}
