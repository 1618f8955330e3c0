/* Partners without a node: what goes out to them one by one, what their answers come to, and what
 * they post; on the store of one node, which keeps both logs. */
#include "node/flow/rest.h"

#include "keys/checkpoint.h"
#include "node/flow/audit.h"
#include "node/flow/posting.h"
#include "tests/unit/flow_fixture.h"

static struct posting *posting;
static struct letter letter;

/* Korea alone, with Indonesia as a partner without a node. */
static void start(void)
{
    korea_alone(1);
    node_open(&korea);
    assert_ok(queue_init(&home, &error));
    assert_ok(store_reader_open(korea.flow.store, &korea_reader, &error));
    assert_ok(posting_new(&korea.flow, korea_reader, TEXT("ID"), &home, &posting, &error));
}

static void settle_posting(void)
{
    while (posting_pending(posting) > 0) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&home);
    }
}

static void end(void)
{
    settle_posting();
    posting_destroy(&posting);
    store_reader_close(&korea_reader);
    node_end(&korea);
    rules_destroy(&rules);
    queue_close(&home);
}

/* The next letter, with the receipts for what is passed over waited for. */
static bool next(void)
{
    enum result result = posting_next(posting, &letter, &error);
    if (result == RESULT_NOT_FOUND && posting_pending(posting) > 0) {
        settle_posting();
        result = posting_next(posting, &letter, &error);
    }
    ck_assert_msg(result == RESULT_OK || result == RESULT_NOT_FOUND, "%s", error.message);
    return result == RESULT_OK;
}

static void answer(unsigned status, const char *text)
{
    const struct posting_answer given = {status, text_of(text)};
    assert_ok(posting_stored(posting, &letter, &given, &error));
    settle_posting();
}

static const struct store_channel *theirs(void)
{
    const struct store_channel *channel = NULL;
    enum result result = flow_read_channel(korea_reader, TEXT("test.coconnect.beacukai.go.id/KR/1"),
                                           &arena, &channel, &error);
    return result == RESULT_OK ? channel : NULL;
}

/* Indonesia posts a document. */
static struct submitted post(enum operation operation, const struct buffer *document)
{
    struct submitted submitted = {0};
    const struct submitter submitter = {&home, submit_done, &submitted, NULL};
    assert_ok(submit_posted(&korea.flow, TEXT("ID"), operation, buffer_bytes(document), &submitter,
                            &error));
    while (!submitted.done) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&home);
    }
    return submitted;
}

static struct submitted post_sample(enum operation operation, const char *path)
{
    struct buffer document = {0};
    document_read(path, &document);
    struct submitted submitted = post(operation, &document);
    buffer_free(&document);
    return submitted;
}

static void verify_store(void)
{
    const struct store_options options = {.path = korea.store,
                                          .segment_bytes = FIXTURE_SEGMENT_BYTES,
                                          .minimum_free_bytes = 1 << 20,
                                          .world = &korea.world,
                                          .metrics = &korea.metrics};
    struct store_summary summary;
    struct directory *directory = flow_directory(&korea.flow);
    assert_ok(audit_store(&options, directory, &summary, &error));
    directory_release(&directory);
}

START_TEST(documents_go_out_in_order_and_an_answer_is_the_receipt)
{
    ck_assert(!next());
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    ck_assert_int_eq(submit_certificate(2).result, RESULT_OK);
    ck_assert(next());
    ck_assert_uint_eq(letter.index, 0);
    ck_assert_int_eq(letter.operation, OPERATION_CO);
    ck_assert_str_eq(letter.id, "5b0a6f0e-2c2a-4a51-9d4b-000000000001");
    ck_assert(text_equal(letter.number, TEXT("KR-020-26-0000001")));
    ck_assert_ptr_nonnull(memmem(letter.json.data, letter.json.size, "KR-020-26-0000001", 17));
    answer(201, "{\"status\":\n \"stored\"}\x01\xff");
    struct store_message message = message_at(korea_reader, 0);
    ck_assert_uint_gt(message.stored_s, 0);
    ck_assert_uint_gt(message.judged_ms, 0);
    ck_assert_uint_gt(message.delivered_ms, 0);
    ck_assert_int_eq(message.outcome, VERDICT_ACCEPTED);
    ck_assert_uint_eq(message_at(korea_reader, 1).stored_s, 0);
    struct store_receipt receipt;
    assert_ok(store_read_receipt(korea_reader, channel_of(korea_reader)->number, 0, &arena,
                                 &receipt, &error));
    static const char said[] = "\nhttp 201\nanswer {\"status\": \"stored\"}\n";
    ck_assert_ptr_nonnull(memmem(receipt.note.data, receipt.note.size, said, sizeof said - 1));
    ck_assert(next());
    ck_assert_uint_eq(letter.index, 1);
    answer(200, "");
    ck_assert(!next());
    verify_store();
}
END_TEST

START_TEST(a_refusal_holds_the_channel_until_a_person_decides)
{
    const struct posting_answer refusal = {422, TEXT("{\"title\": \"no\"}")};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    ck_assert_int_eq(submit_certificate(2).result, RESULT_OK);
    ck_assert(next());
    assert_ok(posting_hold(posting, "ID answered 422: no", &refusal, &error));
    settle_posting();
    ck_assert(!next());
    ck_assert(channel_of(korea_reader)->held);
    ck_assert(message_at(korea_reader, 0).held);
    ck_assert_str_eq(channel_of(korea_reader)->held_reason, "ID answered 422: no");
}
END_TEST

static void ordered(void *self, enum result result, const struct error *failure)
{
    *(enum result *)self = result;
    error = *failure;
}

static enum result give(enum order_kind kind)
{
    enum result result = RESULT_COUNT;
    assert_ok(order_give(&korea.flow, kind, channel_of(korea_reader)->number, 0, &home, ordered,
                         &result, &error));
    while (result == RESULT_COUNT) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&home);
    }
    return result;
}

START_TEST(what_a_person_gives_up_is_refused_and_frees_its_number)
{
    const struct posting_answer refusal = {422, TEXT("")};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    ck_assert_int_eq(submit_certificate(2).result, RESULT_OK);
    assert_fails(give(ORDER_GIVE_UP), RESULT_INVALID, "not held");
    ck_assert(next());
    assert_ok(posting_hold(posting, "ID answered 422: no", &refusal, &error));
    settle_posting();
    assert_ok(give(ORDER_GIVE_UP));
    struct store_message message = message_at(korea_reader, 0);
    ck_assert_int_eq(message.outcome, VERDICT_REFUSED);
    ck_assert(text_equal(message.remark, TEXT("refused-by-http: ID answered 422: no")));
    ck_assert(next());
    ck_assert_uint_eq(letter.index, 1);
    answer(201, "");
    struct buffer document = {0};
    certificate(1, &document);
    document_set(&document, "5b0a6f0e-2c2a", "99999999-2c2a");
    ck_assert_int_eq(submit_one(&korea, OPERATION_CO, &document).result, RESULT_OK);
    buffer_free(&document);
    verify_store();
}
END_TEST

START_TEST(a_retry_posts_the_same_message_again)
{
    const struct posting_answer refusal = {403, TEXT("who are you")};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    ck_assert(next());
    assert_ok(posting_hold(posting, "ID answered 403", &refusal, &error));
    settle_posting();
    assert_ok(give(ORDER_RELEASE));
    ck_assert(next());
    ck_assert_str_eq(letter.id, "5b0a6f0e-2c2a-4a51-9d4b-000000000001");
}
END_TEST

START_TEST(what_a_partner_posts_is_an_entry_of_its_channel_with_our_receipt)
{
    struct rest_receipt receipt;
    struct checkpoint checkpoint;
    struct merkle_hash leaf;
    struct text extension;
    uint64_t time_s = 0;
    assert_answer(post_sample(OPERATION_CO, "tests/samples/id-kr-co.json"), RESULT_OK, "");
    ck_assert_uint_eq(theirs()->size, 1);
    ck_assert_uint_eq(theirs()->judged, 1);
    assert_ok(rest_read_receipt(korea_reader, theirs()->number, 0, &arena, &receipt, &error));
    assert_ok(checkpoint_verify_attested(text_bytes(receipt.note), &korea.card, KEY_RECEIPT,
                                         &time_s, &checkpoint, &extension, &error));
    ck_assert(rest_is_attested(text_bytes(receipt.note)));
    ck_assert_uint_eq(extension.size, 0);
    ck_assert_uint_eq(time_s, receipt.time_s);
    merkle_leaf(receipt.entry, &leaf);
    assert_ok(
        merkle_inclusion_verify(&leaf, 0, receipt.size, &receipt.proof, &checkpoint.root, &error));
    ck_assert(!next()); /* our verdict is the answer already: nothing is posted */
    ck_assert_uint_eq(channel_of(korea_reader)->receipt_size, 1);
    verify_store();
}
END_TEST

START_TEST(the_same_again_has_the_effect_of_one_and_gets_the_first_receipt)
{
    struct submitted first = post_sample(OPERATION_CO, "tests/samples/id-kr-co.json");
    struct submitted again = post_sample(OPERATION_CO, "tests/samples/id-kr-co.json");
    ck_assert_int_eq(again.result, RESULT_DUPLICATE);
    ck_assert_uint_eq(again.channel, first.channel);
    ck_assert_uint_eq(again.index, first.index);
    ck_assert_uint_eq(theirs()->size, 1);
}
END_TEST

START_TEST(what_is_refused_is_not_stored)
{
    struct buffer document = {0};
    assert_answer(post_sample(OPERATION_CO, "tests/samples/kr-id-co.json"), RESULT_DENIED,
                  "send-co is said by the exporting party, which is 'KR' here");
    assert_answer(post_sample(OPERATION_CO, "tests/samples/uy-kr-co.json"), RESULT_DENIED,
                  "who says it is 'ID'");
    document_read("tests/samples/id-kr-co.json", &document);
    document_set(&document, "\"AKFTA\"", "\"ATIGA\"");
    assert_answer(post(OPERATION_CO, &document), RESULT_NOT_FOUND, "ATIGA");
    document_set(&document, "\"861\"", "\"999\"");
    assert_answer(post(OPERATION_CO, &document), RESULT_INVALID, "");
    ck_assert_ptr_null(theirs());
    buffer_free(&document);
}
END_TEST

START_TEST(a_posted_answer_counts_for_what_it_answers)
{
    struct buffer document = {0};
    document_read("tests/samples/kr-id-co.json", &document);
    ck_assert_int_eq(submit_one(&korea, OPERATION_CO, &document).result, RESULT_OK);
    assert_answer(post_sample(OPERATION_FEEDBACK, "tests/samples/id-kr-feedback.json"), RESULT_OK,
                  "");
    ck_assert_uint_gt(message_at(korea_reader, 0).answered_ms, 0);
    buffer_free(&document);
}
END_TEST

START_TEST(without_its_card_nothing_goes_and_nothing_comes)
{
    assert_ok(directory_rest_remove(korea.cards, TEXT("ID"), &error));
    node_read_cards(&korea);
    assert_answer(submit_certificate(1), RESULT_NOT_FOUND, "no card of party 'ID'");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        documents_go_out_in_order_and_an_answer_is_the_receipt,
        a_refusal_holds_the_channel_until_a_person_decides,
        what_a_person_gives_up_is_refused_and_frees_its_number,
        a_retry_posts_the_same_message_again,
        what_a_partner_posts_is_an_entry_of_its_channel_with_our_receipt,
        the_same_again_has_the_effect_of_one_and_gets_the_first_receipt,
        what_is_refused_is_not_stored,
        a_posted_answer_counts_for_what_it_answers,
        without_its_card_nothing_goes_and_nothing_comes,
    };
    return suite_run_with("rest", tests, SUITE_COUNT(tests), start, end);
}
