/* Starts after something went wrong: the same store comes back, or the damage is named. */
#include "tests/unit/store_scene.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

#define SEGMENT "journal/0000000000000000.seg"
#define VIEWS   "views.sqlite"

static void start(void)
{
    scene_start();
    assert_ok(store_open(&options, &store, &error));
}

static void copy(const char *from, const char *to)
{
    size_t size;
    uint8_t *data = file_read(in_folder(from), &size);
    file_write(in_folder(to), data, size);
    free(data);
}

static void drop_views(void)
{
    (void)unlink(in_folder(VIEWS));
    (void)unlink(in_folder(VIEWS "-wal"));
    (void)unlink(in_folder(VIEWS "-shm"));
}

/* Runs SQL on the views of a closed store. */
static void alter_views(const char *text)
{
    sqlite3 *connection = NULL;
    ck_assert_int_eq(sqlite3_open(in_folder(VIEWS), &connection), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(connection, text, NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(connection), SQLITE_OK);
}

/* The store opens and is what it was. */
static void assert_same(const char *before)
{
    assert_ok(store_open(&options, &store, &error));
    ck_assert_str_eq(tell_store(), before);
}

START_TEST(a_store_comes_back_as_it_was)
{
    scene_all();
    const char *before = tell_store();
    store_close(&store);
    assert_same(before);
    scene_end();
}
END_TEST

START_TEST(deleted_views_are_made_again_the_same)
{
    scene_all();
    const char *before = tell_store();
    store_close(&store);
    drop_views();
    assert_same(before);
    scene_end();
}
END_TEST

START_TEST(a_rebuild_makes_the_same_views_and_counts)
{
    uint64_t records = 0;
    scene_all();
    const char *before = tell_store();
    store_close(&store);
    assert_ok(store_rebuild(&options, &records, &error));
    ck_assert_uint_eq(records, 16); /* four commits among them */
    assert_same(before);
    scene_end();
}
END_TEST

START_TEST(views_that_are_behind_catch_up)
{
    scene_issue();
    scene_amend();
    store_close(&store);
    copy(VIEWS, "old");
    assert_ok(store_open(&options, &store, &error));
    scene_answers();
    scene_hold();
    const char *before = tell_store();
    store_close(&store);
    copy("old", VIEWS);
    assert_same(before);
    scene_end();
}
END_TEST

START_TEST(views_of_another_journal_are_made_again)
{
    scene_all();
    store_close(&store);
    copy(VIEWS, "foreign");
    ck_assert_int_eq(unlink(in_folder(SEGMENT)), 0);
    drop_views();
    assert_ok(store_open(&options, &store, &error));
    scene_issue();
    const char *before = tell_store();
    store_close(&store);
    copy("foreign", VIEWS);
    assert_same(before);
    scene_end();
}
END_TEST

START_TEST(views_of_a_machine_that_went_down_are_made_again)
{
    scene_all();
    const char *before = tell_store();
    store_close(&store);
    alter_views("UPDATE applied SET boot = 'another boot'; DELETE FROM message");
    assert_same(before);
    scene_end();
}
END_TEST

START_TEST(views_of_another_schema_are_made_again)
{
    scene_all();
    const char *before = tell_store();
    store_close(&store);
    alter_views("PRAGMA user_version = 99");
    assert_same(before);
    scene_end();
}
END_TEST

START_TEST(damaged_views_are_made_again)
{
    scene_all();
    const char *before = tell_store();
    for (size_t page = 0; page < 12; page++) {
        store_close(&store);
        int fd = open(in_folder(VIEWS), O_RDWR);
        for (off_t at = 0; at < 200; at++) {
            ck_assert_int_eq(pwrite(fd, "\xa5", 1, (off_t)page * 4096 + at), 1);
        }
        (void)close(fd);
        assert_ok(store_open(&options, &store, &error));
        /* Damage that the start does not meet is met, and mended, by the batches that do. */
        for (int turn = 0; turn < 3; turn++) {
            if (store_begin(store, &error) == RESULT_OK) {
                (void)!store_append_taken(store, incoming, 1, 1, &error);
                struct message_id id = {{1}};
                struct store_position position;
                (void)!store_find_message(store, &id, &position, &error);
                store_rollback(store);
            }
        }
        uint64_t records;
        store_close(&store);
        assert_ok(store_rebuild(&options, &records, &error));
        assert_ok(store_open(&options, &store, &error));
        ck_assert_str_eq(tell_store(), before);
    }
    scene_end();
}
END_TEST

START_TEST(views_without_their_journal_do_not_begin_a_new_one)
{
    scene_all();
    store_close(&store);
    ck_assert_int_eq(unlink(in_folder(SEGMENT)), 0);
    assert_fails(store_open(&options, &store, &error), RESULT_CORRUPT, "are missing");
    ck_assert_ptr_null(store);
    scene_end();
}
END_TEST

START_TEST(a_journal_older_than_its_views_is_refused)
{
    scene_issue();
    store_close(&store);
    copy(SEGMENT, "old");
    assert_ok(store_open(&options, &store, &error));
    scene_amend();
    store_close(&store);
    copy("old", SEGMENT);
    assert_fails(store_open(&options, &store, &error), RESULT_CORRUPT, "applied commit 2");
    scene_end();
}
END_TEST

START_TEST(a_flipped_bit_stops_a_rebuild_and_names_its_place)
{
    scene_all();
    store_close(&store);
    file_flip(in_folder(SEGMENT), 1500, 4);
    drop_views();
    assert_fails(store_open(&options, &store, &error), RESULT_CORRUPT,
                 "0000000000000000.seg is damaged at offset ");
    file_flip(in_folder(SEGMENT), 1500, 4);
    assert_ok(store_open(&options, &store, &error));
    scene_end();
}
END_TEST

START_TEST(a_second_node_is_refused_with_the_number_of_the_first)
{
    struct store *second = NULL;
    char pid[32];
    (void)snprintf(pid, sizeof pid, "by process %ld", (long)getpid());
    assert_fails(store_open(&options, &second, &error), RESULT_BUSY, pid);
    ck_assert_ptr_null(second);
    store_close(&store);
    assert_ok(store_open(&options, &store, &error));
    scene_end();
}
END_TEST

START_TEST(a_failed_sync_stops_the_store_until_the_next_start)
{
    scene_issue();
    begin();
    append_co(5);
    flaky.sync_fails = true;
    assert_fails(store_commit(store, &error), RESULT_IO, "cannot sync");
    flaky.sync_fails = false;
    assert_fails(store_begin(store, &error), RESULT_IO, "start the node again");
    scene_reopen();
    scene_amend();
    scene_end();
}
END_TEST

START_TEST(a_reader_goes_on_when_the_views_are_made_again)
{
    struct store_reader *reader = NULL;
    struct message_id id;
    struct store_message message;
    scene_all();
    assert_ok(store_reader_open(store, &reader, &error));
    sqlite3 *connection = NULL;
    ck_assert_int_eq(sqlite3_open(in_folder(VIEWS), &connection), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(connection, "DROP TABLE message", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(connection), SQLITE_OK);
    struct scene_entry made = {0};
    scene_document(&made, "kr-id-co", OPERATION_CO, 8, 8);
    begin();
    assert_fails(try_append(outgoing, &made), RESULT_CORRUPT, "no such table");
    assert_fails(store_commit(store, &error), RESULT_CORRUPT, "no such table");
    begin();
    assert_ok(try_append(outgoing, &made));
    commit();
    id = made.message.id;
    assert_ok(store_read_message(reader, &id, &arena, &message, &error));
    ck_assert_uint_eq(message.index, 3);
    buffer_free(&made.payload);
    store_reader_close(&reader);
    scene_end();
}
END_TEST

START_TEST(views_that_cannot_catch_up_stop_what_is_new_and_nobody_who_reads)
{
    struct store_reader *reader = NULL;
    const struct store_channel *channels = NULL;
    size_t count = 0;
    scene_all();
    assert_ok(store_reader_open(store, &reader, &error));
    begin();
    append_co(5);
    assert_ok(store_commit(store, &error));
    begin();
    append_co(6);
    drop_views();
    ck_assert_int_eq(mkdir(in_folder(VIEWS), 0700), 0);
    store_rollback(store);
    for (int turn = 0; turn < 3; turn++) {
        assert_fails(store_begin(store, &error), RESULT_IO, "cannot make the views");
        assert_ok(store_read_channels(reader, &arena, &channels, &count, &error));
        ck_assert_uint_eq(channels[outgoing - 1].size, 3);
        ck_assert_uint_eq(store_size(store, outgoing), 4);
    }
    store_reader_close(&reader);
    ck_assert_int_eq(rmdir(in_folder(VIEWS)), 0);
    begin();
    append_co(6);
    assert_ok(store_commit(store, &error));
    begin();
    store_rollback(store);
    const char *before = tell_store();
    store_close(&store);
    drop_views();
    assert_same(before);
    ck_assert_uint_eq(store_size(store, outgoing), 5);
    scene_end();
}
END_TEST

/* ---- verification ---- */

struct seen {
    size_t count;
    uint64_t sizes[8];
    struct merkle_hash roots[8];
};

static enum result see_receipt(void *self, const struct store_channel *channel, uint64_t size,
                               uint64_t time_s, const struct merkle_hash *root, struct bytes note,
                               struct error *problem)
{
    struct seen *seen = self;
    (void)channel;
    (void)time_s;
    ck_assert_uint_gt(note.size, 0);
    seen->sizes[seen->count] = size;
    seen->roots[seen->count++] = *root;
    return size == 99 ? error_set(problem, RESULT_UNTRUSTED, "bad signature") : RESULT_OK;
}

START_TEST(verification_recomputes_what_receipts_cover)
{
    struct seen seen = {0};
    struct store_summary summary;
    struct merkle_hash root;
    scene_all();
    merkle_root(&store_channel(store, incoming)->tree, &root);
    assert_ok(store_verify(&options, see_receipt, &seen, &summary, &error)); /* while it is open */
    store_close(&store);
    ck_assert_uint_eq(seen.count, 2);
    ck_assert_uint_eq(seen.sizes[0], 1);
    ck_assert_uint_eq(seen.sizes[1], 3);
    ck_assert_mem_eq(&seen.roots[1], &root, sizeof root);
    ck_assert_uint_eq(summary.records, 16);
    ck_assert_uint_eq(summary.entries, 6);
    ck_assert_uint_eq(summary.receipts, 2);
    ck_assert_uint_eq(summary.channels, 2);
    ck_assert_uint_eq(summary.commits, 4);
    assert_ok(store_verify(&options, NULL, NULL, &summary, &error)); /* and when it is not */
    scene_end();
}
END_TEST

START_TEST(verification_names_the_first_damage)
{
    struct store_summary summary;
    scene_all();
    store_close(&store);
    alter_views("UPDATE entry SET hashes = zeroblob(64) WHERE channel = 2 AND idx = 1");
    assert_fails(store_verify(&options, NULL, NULL, &summary, &error), RESULT_CORRUPT,
                 "something else for entry 1 of channel 2");
    alter_views("DELETE FROM entry WHERE channel = 1 AND idx = 2");
    alter_views("UPDATE entry SET position = 0 WHERE channel = 1 AND idx = 0");
    assert_fails(store_verify(&options, NULL, NULL, &summary, &error), RESULT_CORRUPT,
                 "entry 0 of channel 1");
    drop_views();
    assert_ok(store_verify(&options, NULL, NULL, &summary, &error));
    file_flip(in_folder(SEGMENT), 1500, 4);
    assert_fails(store_verify(&options, NULL, NULL, &summary, &error), RESULT_CORRUPT,
                 "is damaged at offset");
    scene_end();
}
END_TEST

#ifdef COMESH_FAILPOINTS

/* ---- death at every commit point ---- */

#define BATCH_ENTRIES 3
#define BATCHES       24
#define SETTLED_EVERY 3 /* batches */

/* Commits batches and says each on `told` once it is committed, until the failpoint kills it. */
static void run_until_killed(const char *failpoint, int told)
{
    ck_assert_int_eq(setenv("COMESH_FAILPOINT", failpoint, 1), 0);
    if (store_open(&options, &store, &error) != RESULT_OK) {
        _exit(3);
    }
    for (unsigned n = 1; n <= BATCHES; n++) {
        begin();
        open_channels();
        for (unsigned i = 0; i < BATCH_ENTRIES; i++) {
            append_co(n * 100 + i);
        }
        assert_ok(store_commit(store, &error));
        if (n % SETTLED_EVERY == 0) {
            store_settle(store);
        }
        if (write(told, "+", 1) != 1) {
            _exit(4);
        }
    }
    uint64_t records;
    store_close(&store);
    (void)!store_rebuild(&options, &records, &error);
    _exit(0);
}

/* Kills a store at the failpoint, and checks that what is left is whole. */
static void assert_survives(const char *failpoint)
{
    int told[2];
    int status = 0;
    char byte;
    uint64_t committed = 0;
    ck_assert_int_eq(pipe(told), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        run_until_killed(failpoint, told[1]);
    }
    (void)close(told[1]);
    while (read(told[0], &byte, 1) == 1) {
        committed++;
    }
    (void)close(told[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%s did not kill: %d",
                  failpoint, status);

    assert_ok(store_open(&options, &store, &error));
    const struct store_channel *channel = store_channel(store, 1);
    uint64_t size = channel == NULL ? 0 : channel->size;
    ck_assert_uint_eq(size % BATCH_ENTRIES, 0);
    ck_assert_uint_ge(size / BATCH_ENTRIES, committed);
    ck_assert_uint_le(size / BATCH_ENTRIES, committed + 1);
    const char *before = tell_store();
    store_close(&store);
    drop_views();
    assert_same(before);
    begin();
    open_channels();
    append_co(9999);
    commit();
    ck_assert_uint_eq(store_channel(store, 1)->size, size + 1);
    store_close(&store);
}

START_TEST(death_at_any_commit_point_loses_and_doubles_nothing)
{
    static const char *const points[] = {
        "journal.before-write",  "journal.before-write:7", "journal.after-write",
        "journal.after-write:7", "journal.after-sync",     "journal.after-sync:7",
        "views.before-commit",   "views.before-commit:2",  "views.before-commit:8",
        "views.after-commit",    "views.after-commit:2",   "views.after-commit:8",
        "journal.new-segment",   "journal.new-segment:2",  "journal.new-segment:3",
        "journal.new-segment:4", "views.rebuild",
    };
    store_close(&store);
    options.disk = NULL;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        folder_remove();
        ck_assert_int_eq(mkdir(folder, 0700), 0);
        assert_survives(points[i]);
    }
    scene_end();
}
END_TEST

#endif

int main(void)
{
    const TTest *const tests[] = {
        a_store_comes_back_as_it_was,
        deleted_views_are_made_again_the_same,
        a_rebuild_makes_the_same_views_and_counts,
        views_that_are_behind_catch_up,
        views_of_another_journal_are_made_again,
        views_of_a_machine_that_went_down_are_made_again,
        views_of_another_schema_are_made_again,
        damaged_views_are_made_again,
        views_without_their_journal_do_not_begin_a_new_one,
        a_journal_older_than_its_views_is_refused,
        a_flipped_bit_stops_a_rebuild_and_names_its_place,
        a_second_node_is_refused_with_the_number_of_the_first,
        a_failed_sync_stops_the_store_until_the_next_start,
        a_reader_goes_on_when_the_views_are_made_again,
        views_that_cannot_catch_up_stop_what_is_new_and_nobody_who_reads,
        verification_recomputes_what_receipts_cover,
        verification_names_the_first_damage,
#ifdef COMESH_FAILPOINTS
        death_at_any_commit_point_loses_and_doubles_nothing,
#endif
    };
    return suite_run("store_recovery", tests, SUITE_COUNT(tests), start);
}
