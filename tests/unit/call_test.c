/* Requests beside a name server that does not answer: nobody waits for it. */
#include "node/bridge/call.h"

#include "tests/unit/suite.h"

#include <netdb.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

static pthread_mutex_t asked = PTHREAD_MUTEX_INITIALIZER; /* held: no question is answered */
static struct call_answer told;
static unsigned told_count;

/* Takes the place of the C library's, which libcurl calls in a thread of its own. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    (void)name;
    (void)service;
    (void)hints;
    *found = NULL;
    (void)pthread_mutex_lock(&asked);
    (void)pthread_mutex_unlock(&asked);
    return EAI_AGAIN;
}

static void ended(void *self, const struct call_answer *answer)
{
    (void)self;
    told = *answer;
    told_count++;
}

static struct calls *calls;
static struct call *call;
static int wake_fd;

static void start(void)
{
    static const struct call_way way = {.certificate = "",
                                        .key = "",
                                        .authorities = "",
                                        .proxy = "",
                                        .connect = "",
                                        .connect_timeout_s = 1,
                                        .timeout_s = 1};
    const struct call_request request = {.url = "https://slow.example/"};
    told_count = 0;
    wake_fd = eventfd(0, EFD_CLOEXEC);
    (void)pthread_mutex_lock(&asked);
    assert_ok(calls_new(&calls, &error));
    assert_ok(call_new(calls, ended, NULL, &call, &error));
    assert_ok(call_get(call, &way, &request, &error));
}

static void end(void)
{
    call_destroy(&call);
    calls_destroy(&calls);
    (void)pthread_mutex_unlock(&asked);
    (void)close(wake_fd);
}

START_TEST(a_name_that_is_not_answered_ends_the_call_in_its_time_and_not_later)
{
    while (call_is_under_way(call)) {
        calls_turn(calls, wake_fd, 1000);
    }
    ck_assert_uint_eq(told_count, 1);
    ck_assert_int_eq(told.reach, CALL_NOWHERE);
    ck_assert_uint_eq(told.status, 0);
    ck_assert_msg(strstr(told.trouble, "timed out") != NULL, "%s", told.trouble);
}
END_TEST

START_TEST(a_call_whose_name_is_being_looked_up_can_be_broken_off)
{
    calls_turn(calls, wake_fd, 0);
    call_destroy(&call);
    calls_destroy(&calls);
    ck_assert_uint_eq(told_count, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_name_that_is_not_answered_ends_the_call_in_its_time_and_not_later,
        a_call_whose_name_is_being_looked_up_can_be_broken_off,
    };
    return suite_run_with("call", tests, SUITE_COUNT(tests), start, end);
}
