/* A partner without a node that nobody answers for: what is found of its queue all the same. */
#include "node/bridge/knock.h"

#include "tests/unit/flow_fixture.h"

static struct trying *trying;

/* Korea alone, with Indonesia as a partner without a node, at a port where nobody listens. */
static void start(void)
{
    korea_alone(7);
    korea.config.outbound.connect_count = 1;
    (void)snprintf(korea.config.outbound.connects[0], CONFIG_URL_BYTES,
                   "test.coconnect.beacukai.go.id=127.0.0.1:1");
    korea.config.outbound.connect_timeout_s = 5;
    korea.config.outbound.timeout_s = 5;
    node_open(&korea);
    assert_ok(queue_init(&home, &error));
    assert_ok(store_reader_open(korea.flow.store, &korea_reader, &error));
}

static void end(void)
{
    trying_end(&trying);
    store_reader_close(&korea_reader);
    node_end(&korea);
    rules_destroy(&rules);
    queue_close(&home);
}

static const struct trial *knock(const struct standing *queue)
{
    trying_end(&trying);
    assert_ok(knock_start(&korea.flow, TEXT("ID"), queue, &home, &trying, &error));
    while (trying_result(trying) == NULL) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&home);
    }
    return trying_result(trying);
}

static void check_step(const struct trial *trial, const char *what, enum trial_outcome outcome,
                       const char *words)
{
    for (size_t i = 0; i < trial->count; i++) {
        const struct trial_step *step = &trial->steps[i];
        if (text_equal(text_of(step->what), text_of(what))) {
            ck_assert_msg(step->outcome == outcome && strstr(step->found, words) != NULL,
                          "%s: %s: %s", what, trial_outcome_text(step->outcome), step->found);
            return;
        }
    }
    ck_abort_msg("no step '%s'", what);
}

START_TEST(who_is_not_reached_is_told_with_the_card_and_the_menu)
{
    const struct standing queue = {.outgoing = "open"};
    const struct trial *trial = knock(&queue);
    check_step(trial, "their card", TRIAL_OK, "serial 7, with no pin of its server");
    check_step(trial, "their client", TRIAL_WARNING, "this node has no public listener");
    check_step(trial, "our client", TRIAL_WARNING, "no client certificate");
    check_step(trial, "name", TRIAL_OK, "by outbound/connect");
    check_step(trial, "tcp", TRIAL_FAILED, "no connection");
    check_step(trial, "agreement", TRIAL_SKIPPED, "none is signed");
    check_step(trial, "menu", TRIAL_WARNING, "AKFTA menu 1");
    check_step(trial, "queue", TRIAL_OK, "nothing waits");
}
END_TEST

START_TEST(pins_whose_time_has_not_come_let_nobody_through)
{
    const struct standing queue = {.outgoing = "open"};
    struct rest_card card = indonesia_without_node(8);
    for (unsigned kind = 0; kind < REST_PIN_KINDS; kind++) {
        card.pin_count[kind] = 1;
        card.pins[kind][0] = (struct rest_pin){
            .hash = {(uint8_t)(kind + 1)}, .from_s = UINT32_MAX - 1, .until_s = UINT32_MAX};
    }
    assert_ok(directory_rest_store(korea.cards, &card, &error));
    node_read_cards(&korea);
    const struct trial *trial = knock(&queue);
    check_step(trial, "their card", TRIAL_FAILED, "serial 8, whose last pin of its server has not");
    check_step(trial, "their client", TRIAL_FAILED, "has begun: it cannot come to us");
}
END_TEST

START_TEST(a_queue_that_is_broken_says_until_when_and_why)
{
    struct standing queue = {.outgoing = "open"};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    ck_assert_int_eq(submit_certificate(2).result, RESULT_OK);
    check_step(knock(&queue), "queue", TRIAL_OK, "2 on the way");
    queue = (struct standing){.outgoing = "waiting",
                              .next_try_ms = (uint64_t)1798761600 * 1000,
                              .trouble = "ID answered 503"};
    check_step(knock(&queue), "queue", TRIAL_WARNING,
               "tried again at 2027-01-01T00:00:00Z, with 2 waiting: ID answered 503");
    queue.outgoing = "broken";
    check_step(knock(&queue), "queue", TRIAL_FAILED,
               "broken until 2027-01-01T00:00:00Z, with 2 waiting");
}
END_TEST

START_TEST(a_partner_that_is_gone_is_not_knocked_at)
{
    const struct standing queue = {.outgoing = "open"};
    assert_fails(knock_start(&korea.flow, TEXT("UY"), &queue, &home, &trying, &error),
                 RESULT_NOT_FOUND, "no card of 'UY'");
    ck_assert_ptr_null(trying);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        who_is_not_reached_is_told_with_the_card_and_the_menu,
        pins_whose_time_has_not_come_let_nobody_through,
        a_queue_that_is_broken_says_until_when_and_why,
        a_partner_that_is_gone_is_not_knocked_at,
    };
    return suite_run_with("knock", tests, SUITE_COUNT(tests), start, end);
}
