/* The mailbox: order, wake-ups, many threads. */
#include "node/core/queue.h"
#include "tests/unit/suite.h"

#include <poll.h>
#include <pthread.h>

#define PUTTERS 4
#define EACH    20000

struct letter {
    struct queue_node node;
    size_t putter;
    size_t number;
};

static struct queue queue;

static void start(void)
{
    assert_ok(queue_init(&queue, &error));
}

static bool is_awake(int timeout_ms)
{
    struct pollfd poller = {.fd = queue.wake_fd, .events = POLLIN};
    return poll(&poller, 1, timeout_ms) == 1;
}

static struct letter *letter_of(struct queue_node *node)
{
    return (struct letter *)(void *)node;
}

START_TEST(nodes_come_out_in_the_order_they_were_put)
{
    struct letter letters[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
    for (size_t i = 0; i < 3; i++) {
        queue_put(&queue, &letters[i].node);
    }
    struct queue_node *node = queue_take(&queue);
    for (size_t i = 0; i < 3; i++, node = node->next) {
        ck_assert_ptr_nonnull(node);
        ck_assert_uint_eq(letter_of(node)->number, i);
    }
    ck_assert_ptr_null(node);
    ck_assert_ptr_null(queue_take(&queue));
    queue_close(&queue);
}
END_TEST

START_TEST(an_empty_queue_gives_nothing_and_sleeps)
{
    ck_assert(!is_awake(0));
    ck_assert_ptr_null(queue_take(&queue));
    queue_close(&queue);
}
END_TEST

START_TEST(a_put_wakes_and_a_take_lets_sleep)
{
    struct letter letters[2] = {0};
    queue_put(&queue, &letters[0].node);
    ck_assert(is_awake(0));
    queue_put(&queue, &letters[1].node);
    ck_assert_ptr_nonnull(queue_take(&queue));
    ck_assert(!is_awake(0));
    queue_put(&queue, &letters[0].node);
    ck_assert(is_awake(0));
    queue_close(&queue);
}
END_TEST

START_TEST(a_wake_alone_brings_no_node)
{
    queue_wake(&queue);
    ck_assert(is_awake(0));
    ck_assert_ptr_null(queue_take(&queue));
    ck_assert(!is_awake(0));
    queue_close(&queue);
}
END_TEST

struct putting {
    size_t putter;
    struct letter *letters;
};

static void *put_all(void *argument)
{
    struct putting *putting = argument;
    for (size_t i = 0; i < EACH; i++) {
        putting->letters[i].putter = putting->putter;
        putting->letters[i].number = i;
        queue_put(&queue, &putting->letters[i].node);
    }
    return NULL;
}

START_TEST(nothing_is_lost_or_reordered_between_many_putters_and_one_taker)
{
    struct putting puttings[PUTTERS];
    pthread_t threads[PUTTERS];
    size_t next[PUTTERS] = {0};
    size_t taken = 0;
    for (size_t i = 0; i < PUTTERS; i++) {
        puttings[i].putter = i;
        puttings[i].letters = calloc(EACH, sizeof *puttings[i].letters);
        ck_assert_ptr_nonnull(puttings[i].letters);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, put_all, &puttings[i]), 0);
    }
    while (taken < (size_t)PUTTERS * EACH) {
        ck_assert(is_awake(30000));
        for (struct queue_node *node = queue_take(&queue); node != NULL; node = node->next) {
            const struct letter *letter = letter_of(node);
            ck_assert_uint_eq(letter->number, next[letter->putter]);
            next[letter->putter]++;
            taken++;
        }
    }
    for (size_t i = 0; i < PUTTERS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        free(puttings[i].letters);
    }
    ck_assert_ptr_null(queue_take(&queue));
    queue_close(&queue);
}
END_TEST

START_TEST(closing_twice_is_harmless)
{
    queue_close(&queue);
    queue_close(&queue);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        nodes_come_out_in_the_order_they_were_put,
        an_empty_queue_gives_nothing_and_sleeps,
        a_put_wakes_and_a_take_lets_sleep,
        a_wake_alone_brings_no_node,
        nothing_is_lost_or_reordered_between_many_putters_and_one_taker,
        closing_twice_is_harmless,
    };
    return suite_run("queue", tests, SUITE_COUNT(tests), start);
}
