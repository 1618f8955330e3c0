/* The helper: every piece of work is done once, by it or by who asked for it, and never waits for a
 * helper that is busy. */
#include "node/core/helper.h"
#include "tests/unit/suite.h"

#include <pthread.h>
#include <stdatomic.h>

#define ROUNDS 2000

static struct helper *helper;

static void start(void)
{
    assert_ok(helper_start(&helper, &error));
}

static void end(void)
{
    helper_stop(&helper);
    ck_assert_ptr_null(helper);
}

struct piece {
    struct help help;
    atomic_uint runs;
    atomic_uint begun;
    atomic_bool *until; /* runs until it is set; NULL: not at all long */
};

static void run(void *self)
{
    struct piece *piece = self;
    atomic_fetch_add(&piece->begun, 1);
    while (piece->until != NULL && !atomic_load(piece->until)) {
    }
    atomic_fetch_add(&piece->runs, 1);
}

static void begin(struct piece *piece)
{
    piece->help = (struct help){.run = run, .self = piece};
    helper_begin(helper, &piece->help);
}

START_TEST(what_is_asked_for_is_done_once)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct piece piece = {.until = NULL};
        begin(&piece);
        helper_end(helper, &piece.help);
        ck_assert_uint_eq(atomic_load(&piece.runs), 1);
    }
}
END_TEST

START_TEST(without_a_helper_it_is_done_by_who_asks)
{
    struct piece piece = {.help = {.run = run, .self = &piece}};
    helper_begin(NULL, &piece.help);
    ck_assert_uint_eq(atomic_load(&piece.runs), 0);
    helper_end(NULL, &piece.help);
    ck_assert_uint_eq(atomic_load(&piece.runs), 1);
}
END_TEST

START_TEST(nobody_waits_for_a_helper_that_is_busy)
{
    atomic_bool go_on = false;
    struct piece slow = {.until = &go_on};
    struct piece quick = {.until = NULL};
    begin(&slow);
    while (atomic_load(&slow.begun) == 0) {
    }
    begin(&quick);
    helper_end(helper, &quick.help);
    ck_assert_uint_eq(atomic_load(&quick.runs), 1);
    ck_assert_uint_eq(atomic_load(&slow.runs), 0);
    atomic_store(&go_on, true);
    helper_end(helper, &slow.help);
    ck_assert_uint_eq(atomic_load(&slow.runs), 1);
}
END_TEST

static void *ask_often(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct piece piece = {.until = NULL};
        begin(&piece);
        helper_end(helper, &piece.help);
        if (atomic_load(&piece.runs) != 1) {
            return helper;
        }
    }
    return NULL;
}

START_TEST(threads_share_it)
{
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_often, NULL), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        void *failed = NULL;
        ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
        ck_assert_ptr_null(failed);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_asked_for_is_done_once,
        without_a_helper_it_is_done_by_who_asks,
        nobody_waits_for_a_helper_that_is_busy,
        threads_share_it,
    };
    return suite_run_with("helper", tests, SUITE_COUNT(tests), start, end);
}
