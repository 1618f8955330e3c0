/* Tasks: their start is waited for, their stop is asked for. */
#include "node/core/queue.h"
#include "node/core/task.h"
#include "tests/unit/suite.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>

struct state {
    struct queue queue;
    bool fails;
    bool says_nothing;
    bool ran;
    bool signals_blocked;
    char name[16];
};

static struct state state;

static void body(struct task *task, void *argument)
{
    struct state *own = argument;
    sigset_t set;
    own->ran = true;
    (void)pthread_getname_np(pthread_self(), own->name, sizeof own->name);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &set);
    own->signals_blocked = sigismember(&set, SIGTERM) == 1 && sigismember(&set, SIGHUP) == 1;
    if (own->says_nothing) {
        return;
    }
    if (own->fails) {
        struct error problem;
        (void)error_set(&problem, RESULT_IO, "the port is taken");
        task_started(task, RESULT_IO, &problem);
        return;
    }
    task_started(task, RESULT_OK, NULL);
    while (!task_stopping(task)) {
        struct pollfd poller = {.fd = own->queue.wake_fd, .events = POLLIN};
        (void)poll(&poller, 1, -1);
        (void)queue_take(&own->queue);
    }
}

static void start(void)
{
    memset(&state, 0, sizeof state);
    assert_ok(queue_init(&state.queue, &error));
}

START_TEST(a_task_runs_until_it_is_asked_to_stop)
{
    struct task *task = NULL;
    assert_ok(task_start("writer", body, &state, &task, &error));
    ck_assert(!task_stopping(task));
    task_ask_stop(task, state.queue.wake_fd);
    task_join(&task);
    ck_assert_ptr_null(task);
    ck_assert(state.ran);
    queue_close(&state.queue);
}
END_TEST

START_TEST(a_task_has_its_name_and_no_signals)
{
    struct task *task = NULL;
    assert_ok(task_start("fifteen-letters", body, &state, &task, &error));
    task_ask_stop(task, state.queue.wake_fd);
    task_join(&task);
    ck_assert_str_eq(state.name, "fifteen-letters");
    ck_assert(state.signals_blocked);
    sigset_t set;
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &set), 0);
    ck_assert_int_eq(sigismember(&set, SIGTERM), 0);
    queue_close(&state.queue);
}
END_TEST

START_TEST(a_failed_start_comes_back_as_an_error)
{
    struct task *task = NULL;
    state.fails = true;
    assert_fails(task_start("inbox", body, &state, &task, &error), RESULT_IO,
                 "task 'inbox': the port is taken");
    ck_assert_ptr_null(task);
    queue_close(&state.queue);
}
END_TEST

START_TEST(a_task_that_ends_without_a_word_is_an_error)
{
    struct task *task = NULL;
    state.says_nothing = true;
    assert_fails(task_start("silent", body, &state, &task, &error), RESULT_INTERNAL, "silent");
    ck_assert_ptr_null(task);
    queue_close(&state.queue);
}
END_TEST

START_TEST(a_name_that_the_system_would_cut_is_refused)
{
    struct task *task = NULL;
    assert_fails(task_start("sixteen-letters!", body, &state, &task, &error), RESULT_INTERNAL,
                 "15 characters");
    ck_assert(!state.ran);
    queue_close(&state.queue);
}
END_TEST

START_TEST(joining_nothing_is_harmless)
{
    struct task *task = NULL;
    task_join(&task);
    queue_close(&state.queue);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_task_runs_until_it_is_asked_to_stop,       a_task_has_its_name_and_no_signals,
        a_failed_start_comes_back_as_an_error,       a_task_that_ends_without_a_word_is_an_error,
        a_name_that_the_system_would_cut_is_refused, joining_nothing_is_harmless,
    };
    return suite_run("task", tests, SUITE_COUNT(tests), start);
}
