/* Between the journal and the views: what is written and not synced, what counts and the views do
 * not have yet, and what becomes of it when a later batch is taken back. */
#include "node/store/embedded.h"
#include "node/store/views_schema.h"
#include "tests/unit/store_scene.h"

#include <pthread.h>
#include <stdatomic.h>

static struct store_reader *reader;

static void start(void)
{
    scene_start();
    assert_ok(store_open(&options, &store, &error));
}

static void finish(void)
{
    store_reader_close(&reader);
    scene_end();
}

static size_t count_entries(bool ahead)
{
    struct store_item *items = NULL;
    size_t count = 0;
    if (reader == NULL) {
        assert_ok(store_reader_open(store, &reader, &error));
    }
    assert_ok((ahead ? store_read_ahead : store_read_entries)(reader, outgoing, 1, 9, SIZE_MAX / 2,
                                                              &arena, &items, &count, &error));
    return count;
}

START_TEST(what_is_written_is_read_ahead_and_counts_after_its_commit)
{
    scene_issue();
    begin();
    append_co(5);
    ck_assert_uint_eq(count_entries(true), 0);
    assert_ok(store_write(store, &error));
    ck_assert_uint_eq(store_size(store, outgoing), 1);
    ck_assert_uint_eq(store_written(store, outgoing), 2);
    ck_assert_uint_eq(count_entries(false), 0);
    ck_assert_uint_eq(count_entries(true), 1);
    commit();
    ck_assert_uint_eq(store_size(store, outgoing), 2);
    ck_assert_uint_eq(count_entries(false), 1);
    finish();
}
END_TEST

START_TEST(what_was_written_and_not_synced_is_taken_back)
{
    scene_issue();
    begin();
    append_co(5);
    assert_ok(store_write(store, &error));
    flaky.sync_fails = true;
    assert_fails(store_commit(store, &error), RESULT_IO, "cannot sync");
    ck_assert_uint_eq(store_written(store, outgoing), 1);
    ck_assert_uint_eq(count_entries(true), 0);
    assert_fails(store_begin(store, &error), RESULT_IO, "start the node again");
    flaky.sync_fails = false;
    finish();
}
END_TEST

START_TEST(what_counts_is_told_before_the_views_have_it)
{
    const struct store_channel *channels = NULL;
    size_t count = 0;
    scene_issue();
    ck_assert_uint_eq(count_entries(false), 0);
    begin();
    append_co(5);
    assert_ok(store_append_receipt(store, outgoing, 2, 1700000001,
                                   text_bytes(TEXT("note of size 2")), &error));
    assert_ok(store_commit(store, &error));
    ck_assert_uint_eq(count_entries(false), 1);
    ck_assert_uint_eq(store_receipted(store, outgoing), 2);
    assert_ok(store_read_channels(reader, &arena, &channels, &count, &error));
    ck_assert_uint_eq(channels[outgoing - 1].size, 2);
    ck_assert_uint_eq(channels[outgoing - 1].receipt_size, 2);
    store_settle(store);
    finish();
}
END_TEST

static _Atomic bool asks;

static void called(void *self)
{
    atomic_store((_Atomic bool *)self, true);
}

/* Reads what is committed and not settled; gives NULL when it was found. */
static void *ask_views(void *argument)
{
    struct arena own = {0};
    struct error problem;
    struct store_message message;
    const struct message_id *id = argument;
    enum result result = store_read_message(reader, id, &own, &message, &problem);
    arena_free(&own);
    return result == RESULT_OK ? NULL : argument;
}

/* Commits a document, and has another thread read it that finds the views without it. */
static pthread_t wait_for_views(struct scene_entry *made)
{
    pthread_t thread;
    scene_issue();
    assert_ok(store_reader_open(store, &reader, &error));
    scene_document(made, "kr-id-co", OPERATION_CO, 5, 5);
    begin();
    assert_ok(try_append(outgoing, made));
    assert_ok(store_commit(store, &error));
    ck_assert(!store_is_awaited(store));
    atomic_store(&asks, false);
    store_on_wait(store, called, &asks);
    ck_assert_int_eq(pthread_create(&thread, NULL, ask_views, &made->message.id), 0);
    while (!atomic_load(&asks)) {
    }
    ck_assert(store_is_awaited(store));
    return thread;
}

static void expect_found(pthread_t thread, struct scene_entry *made)
{
    void *missed = NULL;
    ck_assert_int_eq(pthread_join(thread, &missed), 0);
    ck_assert_ptr_null(missed);
    ck_assert(!store_is_awaited(store));
    buffer_free(&made->payload);
}

START_TEST(a_reader_of_the_views_calls_and_waits_until_they_have_what_counts)
{
    struct scene_entry made = {0};
    pthread_t thread = wait_for_views(&made);
    store_settle(store);
    expect_found(thread, &made);
    finish();
}
END_TEST

START_TEST(a_reader_of_the_views_waits_for_the_next_batch_at_most)
{
    struct scene_entry made = {0};
    pthread_t thread = wait_for_views(&made);
    begin();
    expect_found(thread, &made);
    store_rollback(store);
    finish();
}
END_TEST

/* A batch that counts, and is not in the views. */
static void leave_unsettled(struct scene_entry *made)
{
    scene_issue();
    assert_ok(store_reader_open(store, &reader, &error));
    scene_document(made, "kr-id-co", OPERATION_CO, 5, 5);
    begin();
    assert_ok(try_append(outgoing, made));
    assert_ok(store_commit(store, &error));
}

/* Who reads finds what counts, and nothing more. */
static void expect_two(struct scene_entry *made)
{
    struct store_message message;
    const struct store_channel *channels = NULL;
    size_t count = 0;
    ck_assert_uint_eq(store_size(store, outgoing), 2);
    assert_ok(store_read_channels(reader, &arena, &channels, &count, &error));
    ck_assert_uint_eq(channels[outgoing - 1].size, 2);
    assert_ok(store_read_message(reader, &made->message.id, &arena, &message, &error));
    ck_assert_uint_eq(message.index, 1);
}

START_TEST(batches_that_count_stay_when_a_later_one_is_taken_back)
{
    struct scene_entry made = {0};
    struct store_position position;
    leave_unsettled(&made);
    begin();
    assert_ok(store_find_message(store, &made.message.id, &position, &error));
    append_co(6);
    store_rollback(store);
    expect_two(&made);
    begin();
    assert_ok(store_find_message(store, &made.message.id, &position, &error));
    ck_assert_uint_eq(position.index, 1);
    append_co(6);
    commit();
    ck_assert_uint_eq(store_size(store, outgoing), 3);
    buffer_free(&made.payload);
    finish();
}
END_TEST

/* What SQLite does by itself, for a question too, when it has no memory or no room. */
static void views_give_up(void)
{
    const struct embedded *embedded = (const struct embedded *)store;
    ck_assert_int_eq(sqlite3_exec(embedded->views->sql.connection, "ROLLBACK", NULL, NULL, NULL),
                     SQLITE_OK);
}

START_TEST(a_batch_that_the_views_take_back_by_themselves_fails_and_those_before_it_stay)
{
    struct scene_entry made = {0};
    struct store_summary summary;
    leave_unsettled(&made);
    begin();
    append_co(6);
    views_give_up();
    assert_fails(store_append_taken(store, incoming, 1, 1, &error), RESULT_IO, "by themselves");
    assert_fails(store_commit(store, &error), RESULT_IO, "by themselves");
    expect_two(&made);
    begin();
    append_co(6);
    assert_ok(store_commit(store, &error));
    begin();
    views_give_up();
    assert_fails(store_commit(store, &error), RESULT_IO, "by themselves");
    ck_assert_uint_eq(store_size(store, outgoing), 3);
    assert_ok(store_verify(&options, NULL, NULL, &summary, &error));
    ck_assert_uint_eq(summary.entries, 3);
    ck_assert_uint_eq(summary.commits, 3);
    buffer_free(&made.payload);
    finish();
}
END_TEST

/* The commits that the views have in their file, as another process sees them. */
static uint64_t commits_viewed(void)
{
    struct store_summary summary;
    assert_ok(store_verify(&options, NULL, NULL, &summary, &error));
    return summary.commits;
}

START_TEST(sixteen_batches_at_most_are_not_in_the_views)
{
    scene_issue();
    for (unsigned i = 0; i < 16; i++) {
        begin();
        append_co(10 + i);
        assert_ok(store_commit(store, &error));
        ck_assert_uint_eq(commits_viewed(), 1);
    }
    begin();
    ck_assert_uint_eq(commits_viewed(), 17);
    append_co(50);
    commit();
    ck_assert_uint_eq(commits_viewed(), 18);
    finish();
}
END_TEST

START_TEST(a_store_that_is_closed_in_a_batch_has_those_before_it)
{
    struct scene_entry made = {0};
    struct store_position position;
    leave_unsettled(&made);
    begin();
    append_co(6);
    store_reader_close(&reader);
    scene_reopen();
    ck_assert_uint_eq(store_size(store, outgoing), 2);
    begin();
    assert_ok(store_find_message(store, &made.message.id, &position, &error));
    append_co(6);
    commit();
    buffer_free(&made.payload);
    finish();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_written_is_read_ahead_and_counts_after_its_commit,
        what_was_written_and_not_synced_is_taken_back,
        what_counts_is_told_before_the_views_have_it,
        a_reader_of_the_views_calls_and_waits_until_they_have_what_counts,
        a_reader_of_the_views_waits_for_the_next_batch_at_most,
        batches_that_count_stay_when_a_later_one_is_taken_back,
        a_batch_that_the_views_take_back_by_themselves_fails_and_those_before_it_stay,
        sixteen_batches_at_most_are_not_in_the_views,
        a_store_that_is_closed_in_a_batch_has_those_before_it,
    };
    return suite_run("store_views", tests, SUITE_COUNT(tests), start);
}
