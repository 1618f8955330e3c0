/* Tests of node/flow/life: what must fit a certificate's life is weighed at the sender and at the
 * receiver, message by message within a batch, and what was refused counts at neither end. */
#include "node/flow/append.h"
#include "node/flow/life.h"
#include "proto/encoding.h"
#include "proto/pack.h"
#include "tests/unit/flow_fixture.h"

#define FEEDBACKS 4

/* A feedback of Indonesia: item 1 of the sample certificate, of which 1800 C62 are certified, used
 * by a declaration of its own. */
static void feedback(unsigned serial, const char *quantity, struct buffer *out)
{
    char id[40];
    char declaration[40];
    document_read("tests/samples/id-kr-feedback.json", out);
    (void)snprintf(id, sizeof id, "3d9f5a60-7b12-4e6c-a0c5-%012u", serial);
    (void)snprintf(declaration, sizeof declaration, "000000-007712-20260119-%06u", serial);
    document_set(out, "3d9f5a60-7b12-4e6c-a0c5-64f2e17d1c06", id);
    char *used = strstr((char *)out->data, "\"WriteOff\"");
    ck_assert_ptr_nonnull(used);
    char *named = used;
    while (memcmp(named, "000000-007712-20260119-000415", 29) != 0) {
        named--;
    }
    memcpy(named, declaration, strlen(declaration));
    char value[8];
    (void)snprintf(value, sizeof value, "\"%s\"%*s", quantity, 4 - (int)strlen(quantity), "");
    memcpy(strstr(used, "\"1800\""), value, 6);
}

/* Korea's certificate, held by both. */
static void certificate_held(void)
{
    struct buffer document = {0};
    document_read("tests/samples/kr-id-co.json", &document);
    ck_assert_int_eq(submit_one(&korea, OPERATION_CO, &document).result, RESULT_OK);
    open_lane();
    carry_all();
    buffer_free(&document);
}

/* From now on the lane goes from `sender` to `receiver`. */
static void turn(struct mesh_node *sender, struct store_reader *sender_reader,
                 struct mesh_node *receiver, struct store_reader *receiver_reader)
{
    settle();
    outgoing_destroy(&outgoing);
    incoming_destroy(&incoming);
    assert_ok(outgoing_new(&sender->flow, sender_reader, text_of(receiver->config.party), &home,
                           &outgoing, &error));
    assert_ok(incoming_new(&receiver->flow, receiver_reader, text_of(sender->config.party), &home,
                           keep_reply, NULL, &incoming, &error));
    open_lane();
}

/* ---- a sender that does not weigh ---- */

struct careless {
    struct work work;
    struct outbound outbound;
    bool done;
};

static enum result careless_apply(struct work *work, struct store *to, struct error *why)
{
    struct careless *careless = (struct careless *)work;
    uint32_t channel;
    uint64_t index;
    return append_outbound(&indonesia.flow, to, TEXT("KR"), &careless->outbound, &channel, &index,
                           why);
}

static void careless_finish(struct work *work)
{
    ((struct careless *)work)->done = true;
}

/* Indonesia's node takes the feedback as it is, as other software might. */
static void say_carelessly(const struct buffer *document)
{
    struct record *record = NULL;
    struct message message;
    struct buffer payload = {0};
    struct findings findings = {.arena = &arena};
    assert_ok(encoding_read(ENCODING_JSON, buffer_bytes(document), OPERATION_FEEDBACK, &arena,
                            &findings, &record, &error));
    assert_ok(message_from_record(record, &message, &findings, &error));
    assert_ok(pack_write(record, &payload, &error));
    struct careless careless = {
        .work = {.home = &home, .apply = careless_apply, .finish = careless_finish},
        .outbound = {.operation = OPERATION_FEEDBACK,
                     .id = message.id,
                     .has_reply_to = message.has_reply_to,
                     .reply_to = message.reply_to,
                     .agreement = message.agreement,
                     .menu_version = message.menu_version,
                     .payload = buffer_bytes(&payload),
                     .message = &message},
    };
    merkle_sha256(careless.outbound.payload, &careless.outbound.payload_hash);
    writer_submit(indonesia.flow.writer, &careless.work);
    while (!careless.done) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&home);
    }
    ck_assert_int_eq(careless.work.result, RESULT_OK);
    buffer_free(&payload);
}

/* ---- tests ---- */

static enum result results[FEEDBACKS];
static char last_sentence[ERROR_MESSAGE_BYTES];
static size_t answer_count;

static void keep_results(struct submit *submit, void *self)
{
    size_t count = 0;
    const struct submit_answer *answers = submit_answers(submit, &count);
    (void)self;
    for (size_t i = 0; i < count; i++) {
        results[i] = answers[i].result;
        (void)snprintf(last_sentence, sizeof last_sentence, "%.*s", TEXT_ARGS(answers[i].sentence));
    }
    answer_count = count;
    submit_destroy(&submit);
}

START_TEST(feedbacks_of_one_batch_are_weighed_one_behind_the_other)
{
    struct buffer documents[FEEDBACKS] = {0};
    struct bytes bytes[FEEDBACKS];
    certificate_held();
    for (unsigned i = 0; i < FEEDBACKS; i++) {
        feedback(i, "500", &documents[i]);
        bytes[i] = buffer_bytes(&documents[i]);
    }
    answer_count = 0;
    const struct submitter submitter = {&home, keep_results, NULL, NULL};
    assert_ok(submit_documents(&indonesia.flow, OPERATION_FEEDBACK, bytes, FEEDBACKS, &submitter,
                               &error));
    while (answer_count == 0) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&home);
    }
    for (size_t i = 0; i < FEEDBACKS; i++) {
        ck_assert_int_eq(results[i], i < 3 ? RESULT_OK : RESULT_INVALID);
        buffer_free(&documents[i]);
    }
    ck_assert_msg(strstr(last_sentence, "item 1: 500 C62 more are used, and 300 C62 are left") !=
                      NULL,
                  "%s", last_sentence);
}
END_TEST

START_TEST(another_unit_is_refused_with_the_balance)
{
    struct buffer document = {0};
    certificate_held();
    feedback(1, "1800", &document);
    char *unit = strstr(strstr((char *)document.data, "WriteOff"), "C62");
    memcpy(unit, TEXT("KGM").data, TEXT("KGM").size);
    assert_answer(submit_one(&indonesia, OPERATION_FEEDBACK, &document), RESULT_INVALID,
                  "used in KGM, and counted in C62, of which 1800 is left");
    buffer_free(&document);
}
END_TEST

START_TEST(a_status_that_answers_no_amendment_is_refused)
{
    struct buffer document = {0};
    certificate_held();
    document_read("tests/samples/id-kr-cancelation-status.json", &document);
    document_set(&document, "c6f1f0a9-6f4e-43f3-8a36-1e8d7be6a904", ID_AT);
    assert_answer(submit_one(&indonesia, OPERATION_CANCELATION_STATUS, &document), RESULT_INVALID,
                  "answers no amendment notification of this certificate");
    buffer_free(&document);
}
END_TEST

static size_t messages_of(struct store_reader *reader, struct store_message **messages)
{
    size_t count = 0;
    assert_ok(store_read_certificate(reader, TEXT("KR"), number_key(TEXT(NUMBER_AT), &arena),
                                     &arena, messages, &count, &error));
    return count;
}

START_TEST(what_a_partner_uses_over_the_balance_is_refused_by_the_verdict_and_counts_nowhere)
{
    static const char *const used[] = {"1000", "1700", "800"};
    struct buffer document = {0};
    struct store_message *messages = NULL;
    certificate_held();
    for (unsigned i = 0; i < 3; i++) {
        buffer_clear(&document);
        feedback(i, used[i], &document);
        say_carelessly(&document);
    }
    turn(&indonesia, indonesia_reader, &korea, korea_reader);
    carry_all();
    ck_assert_uint_eq(messages_of(korea_reader, &messages), 4);
    ck_assert_int_eq(messages[1].outcome, VERDICT_ACCEPTED);
    ck_assert_int_eq(messages[2].outcome, VERDICT_REFUSED);
    ck_assert_msg(memmem(messages[2].remark.data, messages[2].remark.size,
                         "over-use: item 1: 1700 C62 more are used, and 800 C62 are left",
                         62) != NULL,
                  "%.*s", TEXT_ARGS(messages[2].remark));
    ck_assert_int_eq(messages[3].outcome, VERDICT_ACCEPTED);
    turn(&korea, korea_reader, &indonesia, indonesia_reader);
    carry_all();
    ck_assert_uint_eq(messages_of(indonesia_reader, &messages), 4);
    ck_assert_int_eq(messages[2].outcome, VERDICT_REFUSED);
    buffer_clear(&document);
    feedback(9, "1800", &document);
    assert_answer(submit_one(&indonesia, OPERATION_FEEDBACK, &document), RESULT_INVALID,
                  "0 C62 are left: 1800 certified, 1800 used before");
    buffer_free(&document);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        feedbacks_of_one_batch_are_weighed_one_behind_the_other,
        another_unit_is_refused_with_the_balance,
        a_status_that_answers_no_amendment_is_refused,
        what_a_partner_uses_over_the_balance_is_refused_by_the_verdict_and_counts_nowhere,
    };
    return suite_run_with("life", tests, SUITE_COUNT(tests), flows_start, flows_end);
}
