/* Failpoints: they kill where they are told to, and in a release they are nothing. */
#include "proto/failpoint.h"
#include "tests/unit/suite.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define PASSES 3

/* How a process ends that passes "store.commit" three times with that setting: the pass in which
 * it was killed, or 0. */
static int killed_at(const char *setting)
{
    int passed[2];
    ck_assert_int_eq(pipe(passed), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        (void)setenv("COMESH_FAILPOINT", setting, 1);
        for (int i = 0; i < PASSES; i++) {
            FAILPOINT("store.other");
            if (write(passed[1], "x", 1) != 1) {
                _exit(1);
            }
            FAILPOINT("store.commit");
        }
        _exit(0);
    }
    (void)close(passed[1]);
    int passes = 0;
    char letter;
    while (read(passed[0], &letter, 1) == 1) {
        passes++;
    }
    (void)close(passed[0]);
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
        ck_assert_int_eq(WTERMSIG(status), SIGKILL);
        return passes;
    }
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    ck_assert_int_eq(passes, PASSES);
    return 0;
}

#ifdef COMESH_FAILPOINTS

START_TEST(the_process_dies_at_the_first_pass)
{
    ck_assert_int_eq(killed_at("store.commit"), 1);
}
END_TEST

START_TEST(the_process_dies_at_the_pass_that_is_named)
{
    ck_assert_int_eq(killed_at("store.commit:2"), 2);
    ck_assert_int_eq(killed_at("store.commit:3"), 3);
}
END_TEST

START_TEST(other_names_and_later_passes_do_nothing)
{
    ck_assert_int_eq(killed_at("store.commit:4"), 0);
    ck_assert_int_eq(killed_at("store.comm"), 0);
    ck_assert_int_eq(killed_at("store.commits"), 0);
    ck_assert_int_eq(killed_at(""), 0);
}
END_TEST

static const TTest *const *all_tests(size_t *count)
{
    static const TTest *tests[3];
    tests[0] = the_process_dies_at_the_first_pass;
    tests[1] = the_process_dies_at_the_pass_that_is_named;
    tests[2] = other_names_and_later_passes_do_nothing;
    *count = SUITE_COUNT(tests);
    return tests;
}

#else

START_TEST(a_release_has_no_failpoints)
{
    ck_assert_int_eq(killed_at("store.commit"), 0);
}
END_TEST

static const TTest *const *all_tests(size_t *count)
{
    static const TTest *tests[1];
    tests[0] = a_release_has_no_failpoints;
    *count = SUITE_COUNT(tests);
    return tests;
}

#endif

int main(void)
{
    size_t count = 0;
    const TTest *const *tests = all_tests(&count);
    return suite_run("failpoint", tests, count, NULL);
}
