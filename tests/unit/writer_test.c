/* The writer: works commit in batches that form by themselves, one that is refused harms no other,
 * and nobody hears of success before the commit. */
#include "node/store/writer.h"
#include "tests/unit/store_scene.h"

#include <poll.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

#define WORKS   500
#define WAIT_NS ((uint64_t)10 * 1000 * 1000 * 1000)

struct act {
    struct work work; /* first: it is how the work is known again */
    unsigned number;
    bool refuse; /* an error of its own */
    bool breaks; /* an append that fails */
    bool holds;  /* waits in its turn until `released` has come to it */
    bool done;
    unsigned turn;           /* in which it was applied, from 1 on */
    uint64_t commits_before; /* of the store when it was done */
};

static struct writer *writer;
static struct queue home;
static atomic_uint told;  /* commits */
static atomic_uint turns; /* works applied */
static atomic_uint gate;  /* applies wait while it is closed: 1 */
static atomic_uint released;

static void written(void *self)
{
    (void)self;
}

static void committed(void *self)
{
    (void)self;
    atomic_fetch_add(&told, 1);
}

static enum result apply(struct work *work, struct store *to, struct error *problem)
{
    struct act *act = (struct act *)work;
    const struct store_channel *channel = NULL;
    while (atomic_load(&gate) == 1) {
        (void)poll(NULL, 0, 1);
    }
    act->turn = atomic_fetch_add(&turns, 1) + 1;
    while (act->holds && atomic_load(&released) < act->turn) {
        (void)poll(NULL, 0, 1);
    }
    if (act->refuse) {
        return error_set(problem, RESULT_CONFLICT, "refused %u", act->number);
    }
    if (store_channel_open(to, TEXT(ORIGIN_IN), TEXT("ID"), STORE_INCOMING, &channel, problem) !=
        RESULT_OK) {
        return problem->code;
    }
    if (act->breaks) {
        return store_append_taken(to, 77, 1, 1, problem);
    }
    return store_append_taken(to, channel->number, act->number, act->number, problem);
}

static void done(struct work *work)
{
    struct act *act = (struct act *)work;
    act->done = true;
    act->commits_before = atomic_load(&options.metrics->value[METRIC_COMMITS]);
}

static void start(void)
{
    scene_start();
    atomic_store(&told, 0);
    atomic_store(&gate, 0);
    atomic_store(&turns, 0);
    atomic_store(&released, 0);
    assert_ok(store_open(&options, &store, &error));
    assert_ok(queue_init(&home, &error));
    const struct writer_watch watch = {written, committed, NULL};
    assert_ok(writer_start(store, &watch, &writer, &error));
}

static void finish(void)
{
    writer_stop(&writer);
    queue_close(&home);
    scene_end();
}

static void submit(struct act *act, unsigned number)
{
    act->number = number;
    act->work.home = &home;
    act->work.finish = done;
    act->work.apply = apply;
    act->work.weight = 100;
    writer_submit(writer, &act->work);
}

static void wait_for(const struct act *act)
{
    uint64_t until = world_steady_ns(world_real()) + WAIT_NS;
    while (!act->done && world_steady_ns(world_real()) < until) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, 100);
        work_finish_all(&home);
    }
    ck_assert(act->done);
}

START_TEST(a_work_comes_home_after_its_commit)
{
    struct act act = {.refuse = false};
    submit(&act, 1);
    wait_for(&act);
    ck_assert_int_eq(act.work.result, RESULT_OK);
    ck_assert_uint_eq(act.commits_before, 1);
    finish();
}
END_TEST

START_TEST(what_arrives_while_a_batch_runs_is_the_next_batch)
{
    static struct act acts[WORKS];
    memset(acts, 0, sizeof acts);
    atomic_store(&gate, 1);
    for (unsigned i = 0; i < WORKS; i++) {
        submit(&acts[i], i + 1);
    }
    atomic_store(&gate, 0);
    wait_for(&acts[WORKS - 1]);
    for (unsigned i = 0; i < WORKS; i++) {
        ck_assert(acts[i].done);
        ck_assert_int_eq(acts[i].work.result, RESULT_OK);
    }
    /* The first may have gone alone or with a few; the others could only wait for it together. */
    finish();
    ck_assert_uint_le(atomic_load(&told), 2);
}
END_TEST

START_TEST(a_batch_ends_by_its_weight)
{
    static struct act acts[8];
    memset(acts, 0, sizeof acts);
    atomic_store(&gate, 1);
    struct act first = {.refuse = false};
    submit(&first, 1);
    for (unsigned i = 0; i < 8; i++) {
        acts[i].number = i;
        submit(&acts[i], i + 2);
        acts[i].work.weight = WRITER_BATCH_BYTES;
    }
    atomic_store(&gate, 0);
    wait_for(&acts[7]);
    finish();
    ck_assert_uint_ge(atomic_load(&told), 8);
}
END_TEST

START_TEST(owners_take_turns_and_each_keeps_its_order)
{
    static struct act bulk[20];
    struct act single[2] = {{.work.owner = &single[0]}, {.work.owner = &single[1]}};
    memset(bulk, 0, sizeof bulk);
    atomic_store(&gate, 1);
    for (unsigned i = 0; i < 20; i++) {
        bulk[i].work.owner = bulk;
        submit(&bulk[i], i + 1);
        bulk[i].work.weight = WRITER_BATCH_BYTES;
    }
    submit(&single[0], 21);
    submit(&single[1], 22);
    atomic_store(&gate, 0);
    wait_for(&bulk[19]);
    /* Owners share 64 lines, by their address: one of the two may be in that of the bulk. */
    ck_assert((single[0].done && single[0].turn <= 4) || (single[1].done && single[1].turn <= 4));
    for (unsigned i = 1; i < 20; i++) {
        ck_assert_uint_gt(bulk[i].turn, bulk[i - 1].turn);
    }
    finish();
}
END_TEST

START_TEST(a_refused_work_harms_no_other)
{
    struct act good = {.refuse = false};
    struct act bad = {.refuse = true};
    struct act also_good = {.refuse = false};
    atomic_store(&gate, 1);
    submit(&good, 1);
    submit(&bad, 2);
    submit(&also_good, 3);
    atomic_store(&gate, 0);
    wait_for(&also_good);
    ck_assert_int_eq(good.work.result, RESULT_OK);
    ck_assert_int_eq(bad.work.result, RESULT_CONFLICT);
    ck_assert_str_eq(bad.work.error.message, "refused 2");
    ck_assert_int_eq(also_good.work.result, RESULT_OK);
    finish();
}
END_TEST

START_TEST(an_append_that_fails_fails_its_batch_and_not_the_next)
{
    struct act first = {.refuse = false};
    struct act bad = {.breaks = true};
    struct act later = {.refuse = false};
    atomic_store(&gate, 1);
    submit(&bad, 1);
    atomic_store(&gate, 0);
    wait_for(&bad);
    ck_assert_int_eq(bad.work.result, RESULT_INTERNAL);
    submit(&first, 2);
    wait_for(&first);
    submit(&later, 3);
    wait_for(&later);
    ck_assert_int_eq(first.work.result, RESULT_OK);
    ck_assert_int_eq(later.work.result, RESULT_OK);
    finish();
    ck_assert_uint_eq(atomic_load(&told), 2);
}
END_TEST

/* The commits that the views have in their file, as another process sees them. */
static uint64_t commits_viewed(void)
{
    struct error problem;
    struct store_summary summary;
    assert_ok(store_verify(&options, NULL, NULL, &summary, &problem));
    return summary.commits;
}

START_TEST(the_views_follow_by_themselves_when_nothing_is_to_do)
{
    struct act acts[3] = {{.refuse = false}};
    for (unsigned i = 0; i < 3; i++) {
        submit(&acts[i], i + 1);
        wait_for(&acts[i]);
    }
    uint64_t until = world_steady_ns(world_real()) + WAIT_NS;
    while (commits_viewed() < 3 && world_steady_ns(world_real()) < until) {
    }
    ck_assert_uint_eq(commits_viewed(), 3);
    finish();
}
END_TEST

static atomic_uint failing; /* so many commits of the views fail from now on */

/* SQLite takes a commit back when it is told so here. */
static int on_views_commit(void *self)
{
    unsigned left = atomic_load(&failing);
    (void)self;
    if (left > 0) {
        atomic_store(&failing, left - 1);
    }
    return left > 0;
}

/* For every connection that is opened. */
static int watch_commits(sqlite3 *connection, const char **trouble,
                         const struct sqlite3_api_routines *routines)
{
    (void)trouble;
    (void)routines;
    (void)sqlite3_commit_hook(connection, on_views_commit, NULL);
    return SQLITE_OK;
}

START_TEST(views_that_could_not_be_committed_are_tried_again_though_nothing_comes)
{
    struct act act = {.refuse = false};
    atomic_store(&failing, 3);
    submit(&act, 1);
    wait_for(&act);
    ck_assert_int_eq(act.work.result, RESULT_OK);
    uint64_t until = world_steady_ns(world_real()) + WAIT_NS;
    while (atomic_load(&failing) > 0 && world_steady_ns(world_real()) < until) {
    }
    ck_assert_uint_eq(atomic_load(&failing), 0);
    while (commits_viewed() < 1 && world_steady_ns(world_real()) < until) {
    }
    ck_assert_uint_eq(commits_viewed(), 1);
    finish();
}
END_TEST

/* Reads what the views have of the receipts of channel 1: 0 when it was asked. */
static void *ask_views(void *argument)
{
    struct error problem;
    struct arena own = {0};
    struct store_reader *reader = argument;
    struct store_receipt receipt;
    enum result result = store_read_receipt(reader, 1, UINT64_MAX, &own, &receipt, &problem);
    arena_free(&own);
    return result == RESULT_NOT_FOUND ? NULL : argument;
}

/* The next batch fails, or the writer stops with it. */
START_TEST(who_waits_for_the_views_is_answered_whatever_becomes_of_the_next_batch)
{
    for (unsigned turn = 0; turn < 2; turn++) {
        pthread_t thread;
        void *missed = NULL;
        struct store_reader *reader = NULL;
        struct act first = {.holds = true};
        struct act second = {.holds = true, .breaks = turn == 0};
        assert_ok(store_reader_open(store, &reader, &error));
        submit(&first, 1 + turn);
        while (atomic_load(&turns) <= 2 * turn) {
        }
        submit(&second, 3);
        atomic_store(&released, 2 * turn + 1);
        wait_for(&first);
        ck_assert_int_eq(pthread_create(&thread, NULL, ask_views, reader), 0);
        while (!store_is_awaited(store)) {
        }
        atomic_store(&released, 2 * turn + 2);
        if (turn == 1) {
            writer_stop(&writer);
        }
        ck_assert_int_eq(pthread_join(thread, &missed), 0);
        ck_assert_ptr_null(missed);
        wait_for(&second);
        ck_assert_int_eq(second.work.result, turn == 0 ? RESULT_INTERNAL : RESULT_OK);
        store_reader_close(&reader);
    }
    finish();
}
END_TEST

START_TEST(a_full_disk_fails_what_is_submitted_until_there_is_room)
{
    struct act before = {.refuse = false};
    struct act full = {.refuse = false};
    struct act after = {.refuse = false};
    submit(&before, 1);
    wait_for(&before);
    flaky.room = 10;
    submit(&full, 2);
    wait_for(&full);
    ck_assert_int_eq(full.work.result, RESULT_FULL);
    ck_assert_uint_eq(full.commits_before, 1);
    flaky.room = FLAKY_NEVER_FULL;
    submit(&after, 3);
    wait_for(&after);
    ck_assert_int_eq(after.work.result, RESULT_OK);
    finish();
}
END_TEST

START_TEST(a_stop_commits_what_was_submitted)
{
    static struct act acts[WORKS];
    memset(acts, 0, sizeof acts);
    for (unsigned i = 0; i < WORKS; i++) {
        submit(&acts[i], i + 1);
    }
    writer_stop(&writer);
    work_finish_all(&home);
    for (unsigned i = 0; i < WORKS; i++) {
        ck_assert(acts[i].done);
        ck_assert_int_eq(acts[i].work.result, RESULT_OK);
    }
    scene_reopen();
    finish();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_work_comes_home_after_its_commit,
        what_arrives_while_a_batch_runs_is_the_next_batch,
        a_batch_ends_by_its_weight,
        owners_take_turns_and_each_keeps_its_order,
        a_refused_work_harms_no_other,
        an_append_that_fails_fails_its_batch_and_not_the_next,
        the_views_follow_by_themselves_when_nothing_is_to_do,
        views_that_could_not_be_committed_are_tried_again_though_nothing_comes,
        who_waits_for_the_views_is_answered_whatever_becomes_of_the_next_batch,
        a_full_disk_fails_what_is_submitted_until_there_is_room,
        a_stop_commits_what_was_submitted,
    };
    (void)sqlite3_auto_extension((void (*)(void))watch_commits);
    return suite_run("writer", tests, SUITE_COUNT(tests), start);
}
