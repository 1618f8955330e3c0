/* Tests of node/flow/accept: what a partner's push must be, and what comes back. */
#include "tests/unit/flow_fixture.h"

#include "keys/checkpoint.h"
#include "proto/json.h"
#include "proto/pack.h"

/* Signs a checkpoint as Korea would, over whatever root the test wants. */
static struct bytes forged_note(uint64_t size, const struct merkle_hash *root,
                                const struct keypair *key)
{
    char name[CARD_NAME_BYTES];
    struct buffer note = {0};
    struct checkpoint checkpoint = {TEXT("test.coconnect.customs.go.kr/ID/1"), size, *root};
    card_key_name(&korea.card, KEY_CHECKPOINT, name);
    assert_ok(checkpoint_sign(&checkpoint, text_of(name), key, &note, &error));
    struct text copy = arena_text(&arena, buffer_view(&note));
    buffer_free(&note);
    return text_bytes(copy);
}

/* A push of one entry that Korea never had, well formed and well signed, at `index`. */
static struct frame_push forged_push(uint64_t index, struct bytes payload,
                                     const struct merkle_tree *before)
{
    struct entry entry = {.origin = TEXT("test.coconnect.customs.go.kr/ID/1"),
                          .index = index,
                          .operation = OPERATION_CO,
                          .id = {{(uint8_t)index, 7}},
                          .agreement = TEXT("AKFTA"),
                          .menu_version = 1,
                          .time_ms = 1,
                          .payload_size = (uint32_t)payload.size};
    struct buffer packed = {0};
    struct merkle_tree tree = *before;
    struct merkle_hash leaf;
    struct merkle_hash root;
    merkle_sha256(payload, &entry.payload_hash);
    entry_pack(&entry, &packed);
    merkle_leaf(buffer_bytes(&packed), &leaf);
    merkle_append(&tree, &leaf, NULL);
    merkle_root(&tree, &root);
    struct frame_item *item = arena_zero(&arena, sizeof *item);
    item->entry = text_bytes(arena_text(&arena, buffer_view(&packed)));
    item->payload = payload;
    buffer_free(&packed);
    return (struct frame_push){.first = index,
                               .items = item,
                               .count = 1,
                               .checkpoint =
                                   forged_note(tree.size, &root, korea.keys[KEY_CHECKPOINT])};
}

static struct frame_push first_push(struct buffer *bytes)
{
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    ck_assert_int_eq(submit_certificate(2).result, RESULT_OK);
    open_lane();
    return next_push(bytes).push;
}

static void assert_held(struct frame reply, enum refusal wanted)
{
    ck_assert_int_eq(reply.kind, FRAME_REFUSE);
    ck_assert_msg(reply.refuse.refusal == wanted, "%s", refusal_text(reply.refuse.refusal));
    ck_assert(reply_ended_lane);
    const struct store_channel *channel = channel_of(indonesia_reader);
    ck_assert(channel->held);
    ck_assert_uint_gt(strlen(channel->held_reason), 0);
}

START_TEST(a_push_is_stored_receipted_and_judged)
{
    struct buffer bytes = {0};
    struct frame_push push = first_push(&bytes);
    ck_assert_uint_eq(push.count, 2);
    struct frame reply = take_push(&push);
    ck_assert_int_eq(reply.kind, FRAME_RECEIPT);
    ck_assert_uint_eq(reply.receipt.credit, FIXTURE_CREDIT_BYTES);
    struct checkpoint checkpoint;
    uint64_t time_s = 0;
    assert_ok(checkpoint_verify_receipt(reply.receipt.checkpoint, &indonesia.card, &checkpoint,
                                        &time_s, &error));
    ck_assert_uint_eq(checkpoint.size, 2);
    const struct store_channel *theirs = channel_of(indonesia_reader);
    ck_assert_uint_eq(theirs->judged, 2);
    ck_assert_mem_eq(&theirs->tree, &channel_of(korea_reader)->tree, sizeof theirs->tree);
    buffer_free(&bytes);
}
END_TEST

START_TEST(a_push_before_hello_is_refused)
{
    struct frame_push push = {.first = 0};
    assert_push_refused(&push, REFUSAL_NO_HELLO);
}
END_TEST

START_TEST(a_push_that_begins_too_late_is_told_where_to_go_on)
{
    struct buffer bytes = {0};
    struct frame_push push = first_push(&bytes);
    struct refused refused = {0};
    push.first = 1;
    ck_assert_int_ne(incoming_push(incoming, &push, &refused, &error), RESULT_OK);
    ck_assert_int_eq(refused.refusal, REFUSAL_ORDER);
    ck_assert_uint_eq(refused.index, 0);
    ck_assert_ptr_null(channel_of(indonesia_reader));
    buffer_free(&bytes);
}
END_TEST

START_TEST(a_push_again_is_receipted_again_and_nothing_is_doubled)
{
    struct buffer bytes = {0};
    struct frame_push push = first_push(&bytes);
    ck_assert_int_eq(take_push(&push).kind, FRAME_RECEIPT);
    ck_assert_int_eq(take_push(&push).kind, FRAME_RECEIPT);
    ck_assert_uint_eq(channel_of(indonesia_reader)->size, 2);
    ck_assert_uint_eq(replies, 2);
    buffer_free(&bytes);
}
END_TEST

START_TEST(entries_that_are_swapped_hold_the_channel_and_store_nothing)
{
    struct buffer bytes = {0};
    struct frame_push push = first_push(&bytes);
    struct frame_item swapped[2] = {push.items[1], push.items[0]};
    push.items = swapped;
    assert_held(take_push(&push), REFUSAL_MALFORMED);
    ck_assert_uint_eq(channel_of(indonesia_reader)->size, 0);
    buffer_free(&bytes);
}
END_TEST

START_TEST(a_payload_that_is_not_the_named_one_holds_the_channel)
{
    struct buffer bytes = {0};
    struct frame_push push = first_push(&bytes);
    struct frame_item exchanged[2] = {push.items[0], push.items[1]};
    exchanged[1].payload = push.items[0].payload;
    push.items = exchanged;
    assert_held(take_push(&push), REFUSAL_ROOT);
    buffer_free(&bytes);
}
END_TEST

START_TEST(a_wrong_root_holds_the_channel_until_a_person_releases_it)
{
    struct buffer bytes = {0};
    struct buffer welcome = {0};
    struct refused refused = {0};
    struct merkle_hash root = {{1}};
    struct frame_push push = first_push(&bytes);
    struct frame_push wrong = push;
    wrong.checkpoint = forged_note(2, &root, korea.keys[KEY_CHECKPOINT]);
    assert_held(take_push(&wrong), REFUSAL_ROOT);
    assert_push_refused(&push, REFUSAL_HELD);

    buffer_clear(&bytes);
    assert_ok(outgoing_hello(outgoing, &bytes, &error));
    struct frame hello = unpack(&bytes);
    ck_assert_int_eq(incoming_hello(incoming, &hello.hello, &welcome, &refused, &error),
                     RESULT_HELD);
    ck_assert_int_eq(refused.refusal, REFUSAL_HELD);
    buffer_free(&bytes);
    buffer_free(&welcome);
}
END_TEST

START_TEST(a_signature_of_another_key_holds_the_channel)
{
    struct buffer bytes = {0};
    struct merkle_hash root = {{0}};
    struct frame_push push = first_push(&bytes);
    push.checkpoint = forged_note(2, &root, indonesia.keys[KEY_CHECKPOINT]);
    assert_held(take_push(&push), REFUSAL_SIGNATURE);
    buffer_free(&bytes);
}
END_TEST

START_TEST(other_content_at_a_known_index_is_a_fork)
{
    struct buffer bytes = {0};
    struct merkle_tree empty = {0};
    struct frame_push push = first_push(&bytes);
    ck_assert_int_eq(take_push(&push).kind, FRAME_RECEIPT);
    struct frame_push fork = forged_push(0, (struct bytes){(const uint8_t *)"x", 1}, &empty);
    assert_held(take_push(&fork), REFUSAL_FORK);
    ck_assert_uint_eq(channel_of(indonesia_reader)->size, 2);
    buffer_free(&bytes);
}
END_TEST

START_TEST(a_payload_nobody_can_read_is_stored_receipted_and_refused_by_verdict)
{
    struct buffer bytes = {0};
    struct frame_push push = first_push(&bytes);
    ck_assert_int_eq(take_push(&push).kind, FRAME_RECEIPT);
    struct merkle_tree tree = channel_of(indonesia_reader)->tree;
    struct frame_push odd = forged_push(2, (struct bytes){(const uint8_t *)"\xc1", 1}, &tree);
    ck_assert_int_eq(take_push(&odd).kind, FRAME_RECEIPT);
    struct store_message message = message_at(indonesia_reader, 2);
    ck_assert_int_eq(message.outcome, VERDICT_REFUSED);
    ck_assert_uint_gt(message.remark.size, 0);
    ck_assert_int_eq(message_at(indonesia_reader, 1).outcome, VERDICT_ACCEPTED);
    buffer_free(&bytes);
}
END_TEST

/* That our verdict refuses the entry, with a remark of that code that says `words`. */
static void assert_remark(uint64_t index, const char *code, const char *words)
{
    struct verdict_remark *remarks = NULL;
    size_t count = 0;
    ck_assert_int_eq(message_at(indonesia_reader, index).outcome, VERDICT_REFUSED);
    assert_ok(store_read_remarks(indonesia_reader, channel_of(indonesia_reader)->number, index,
                                 &arena, &remarks, &count, &error));
    for (size_t i = 0; i < count; i++) {
        struct text detail = remarks[i].detail;
        if (text_equal(remarks[i].code, text_of(code)) &&
            memmem(detail.data, detail.size, words, strlen(words)) != NULL) {
            return;
        }
    }
    ck_abort_msg("no remark %s with '%s' among %zu", code, words, count);
}

/* Korea's certificate as another party would have issued it, packed. */
static struct bytes certificate_of(const char *issuer)
{
    char issuing[64];
    struct buffer json = {0};
    struct buffer packed = {0};
    struct record *record = NULL;
    struct findings findings = {.arena = &arena};
    certificate(3, &json);
    (void)snprintf(issuing, sizeof issuing, "\"IssuingCountryCode\": \"%s\"", issuer);
    document_set(&json, "\"IssuingCountryCode\": \"KR\"", issuing);
    assert_ok(json_read(buffer_bytes(&json), OPERATION_CO, &arena, &findings, &record, &error));
    assert_ok(pack_write(record, &packed, &error));
    struct text copy = arena_text(&arena, buffer_view(&packed));
    buffer_free(&json);
    buffer_free(&packed);
    return text_bytes(copy);
}

START_TEST(a_document_of_another_party_is_refused_by_verdict)
{
    struct buffer bytes = {0};
    struct frame_push push = first_push(&bytes);
    ck_assert_int_eq(take_push(&push).kind, FRAME_RECEIPT);
    struct merkle_tree tree = channel_of(indonesia_reader)->tree;
    struct frame_push foreign = forged_push(2, certificate_of("UY"), &tree);
    ck_assert_int_eq(take_push(&foreign).kind, FRAME_RECEIPT);
    assert_remark(2, "misrouted", "from 'UY'");
    buffer_free(&bytes);
}
END_TEST

START_TEST(a_document_that_its_entry_does_not_name_is_refused_by_verdict)
{
    struct buffer bytes = {0};
    struct frame_push push = first_push(&bytes);
    ck_assert_int_eq(take_push(&push).kind, FRAME_RECEIPT);
    struct merkle_tree tree = channel_of(indonesia_reader)->tree;
    struct frame_push other = forged_push(2, push.items[0].payload, &tree);
    ck_assert_int_eq(take_push(&other).kind, FRAME_RECEIPT);
    assert_remark(2, "entry-differs", "message id");
    buffer_free(&bytes);
}
END_TEST

START_TEST(a_document_for_another_party_is_refused_by_verdict)
{
    struct buffer bytes = {0};
    struct frame_push push = first_push(&bytes);
    memcpy(indonesia.config.party, "UY", sizeof "UY");
    ck_assert_int_eq(take_push(&push).kind, FRAME_RECEIPT);
    memcpy(indonesia.config.party, "ID", sizeof "ID");
    assert_remark(0, "misrouted", "to 'ID'");
    buffer_free(&bytes);
}
END_TEST

START_TEST(the_same_message_at_another_index_has_the_effect_of_one)
{
    struct buffer bytes = {0};
    struct frame_push push = first_push(&bytes);
    ck_assert_int_eq(take_push(&push).kind, FRAME_RECEIPT);
    struct entry first;
    struct merkle_tree tree = channel_of(indonesia_reader)->tree;
    assert_ok(entry_unpack(push.items[0].entry, &first, &error));
    struct frame_push twice = forged_push(2, push.items[0].payload, &tree);
    /* Packed again with the id of the first: the same message, said again. */
    struct entry entry;
    struct buffer packed = {0};
    struct merkle_hash leaf;
    struct merkle_hash root;
    assert_ok(entry_unpack(twice.items[0].entry, &entry, &error));
    entry.id = first.id;
    entry_pack(&entry, &packed);
    merkle_leaf(buffer_bytes(&packed), &leaf);
    merkle_append(&tree, &leaf, NULL);
    merkle_root(&tree, &root);
    const struct frame_item item = {buffer_bytes(&packed), push.items[0].payload};
    twice.items = &item;
    twice.checkpoint = forged_note(3, &root, korea.keys[KEY_CHECKPOINT]);
    ck_assert_int_eq(take_push(&twice).kind, FRAME_RECEIPT);
    ck_assert_int_eq(message_at(indonesia_reader, 2).outcome, VERDICT_DUPLICATE);
    ck_assert_int_eq(message_at(indonesia_reader, 0).outcome, VERDICT_ACCEPTED);
    buffer_free(&packed);
    buffer_free(&bytes);
}
END_TEST

START_TEST(an_agreement_only_the_sender_knows_is_refused_by_verdict_and_the_next_goes_on)
{
    indonesia.config.agreement_count = 0;
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    carry_all();
    indonesia.config.agreement_count = 1;
    ck_assert_int_eq(submit_certificate(2).result, RESULT_OK);
    carry_all();
    ck_assert_int_eq(message_at(indonesia_reader, 0).outcome, VERDICT_REFUSED);
    ck_assert(memmem(message_at(indonesia_reader, 0).remark.data,
                     message_at(indonesia_reader, 0).remark.size, "unknown-agreement", 17) != NULL);
    ck_assert_int_eq(message_at(indonesia_reader, 1).outcome, VERDICT_ACCEPTED);
}
END_TEST

START_TEST(a_menu_version_only_the_sender_knows_is_refused_by_verdict)
{
    indonesia.config.agreements[0].menu_versions[0] = 7;
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    carry_all();
    struct text remark = message_at(indonesia_reader, 0).remark;
    ck_assert_int_eq(message_at(indonesia_reader, 0).outcome, VERDICT_REFUSED);
    ck_assert(memmem(remark.data, remark.size, "menu version 1", 14) != NULL);
}
END_TEST

START_TEST(a_certificate_that_was_refused_leaves_its_number_free_at_both_ends)
{
    struct buffer corrected = {0};
    indonesia.config.agreement_count = 0;
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    carry_all();
    indonesia.config.agreement_count = 1;
    certificate(1, &corrected);
    document_set(&corrected, "5b0a6f0e-2c2a", "99999999-2c2a");
    ck_assert_int_eq(submit_one(&korea, OPERATION_CO, &corrected).result, RESULT_CONFLICT);
    carry_verdicts();
    ck_assert_int_eq(submit_one(&korea, OPERATION_CO, &corrected).result, RESULT_OK);
    carry_all();
    ck_assert_int_eq(message_at(indonesia_reader, 0).outcome, VERDICT_REFUSED);
    ck_assert_int_eq(message_at(korea_reader, 0).outcome, VERDICT_REFUSED);
    ck_assert_int_eq(message_at(indonesia_reader, 1).outcome, VERDICT_ACCEPTED);
    buffer_free(&corrected);
}
END_TEST

/* A hello of Korea with one thing wrong. */
static void assert_hello_refused(struct frame_hello hello, enum refusal wanted)
{
    struct buffer out = {0};
    struct refused refused = {0};
    ck_assert_int_ne(incoming_hello(incoming, &hello, &out, &refused, &error), RESULT_OK);
    ck_assert_msg(refused.refusal == wanted, "%s: %s", refusal_text(refused.refusal),
                  refused.sentence);
    ck_assert_uint_gt(strlen(refused.sentence), 0);
    ck_assert_uint_eq(out.size, 0);
    buffer_free(&out);
}

START_TEST(a_hello_must_be_of_the_partner_its_channel_and_its_time)
{
    struct buffer bytes = {0};
    assert_ok(outgoing_hello(outgoing, &bytes, &error));
    const struct frame_hello good = unpack(&bytes).hello;
    struct frame_hello wrong = good;
    wrong.party = TEXT("UY");
    assert_hello_refused(wrong, REFUSAL_PARTY);
    wrong = good;
    wrong.environment = TEXT("prod");
    assert_hello_refused(wrong, REFUSAL_ENVIRONMENT);
    wrong = good;
    wrong.origin = TEXT("test.coconnect.aduana.gub.uy/ID/1");
    assert_hello_refused(wrong, REFUSAL_CHANNEL);
    wrong.origin = TEXT("test.coconnect.customs.go.kr/UY/1");
    assert_hello_refused(wrong, REFUSAL_CHANNEL);
    wrong = good;
    wrong.versions[0] = 99;
    wrong.version_count = 1;
    assert_hello_refused(wrong, REFUSAL_VERSION);
    wrong = good;
    wrong.time_ms += FLOW_CLOCK_AHEAD_MS + 60000;
    assert_hello_refused(wrong, REFUSAL_CLOCK);
    buffer_free(&bytes);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_push_is_stored_receipted_and_judged,
        a_push_before_hello_is_refused,
        a_push_that_begins_too_late_is_told_where_to_go_on,
        a_push_again_is_receipted_again_and_nothing_is_doubled,
        entries_that_are_swapped_hold_the_channel_and_store_nothing,
        a_payload_that_is_not_the_named_one_holds_the_channel,
        a_wrong_root_holds_the_channel_until_a_person_releases_it,
        a_signature_of_another_key_holds_the_channel,
        other_content_at_a_known_index_is_a_fork,
        a_payload_nobody_can_read_is_stored_receipted_and_refused_by_verdict,
        a_document_that_its_entry_does_not_name_is_refused_by_verdict,
        a_document_of_another_party_is_refused_by_verdict,
        a_document_for_another_party_is_refused_by_verdict,
        the_same_message_at_another_index_has_the_effect_of_one,
        an_agreement_only_the_sender_knows_is_refused_by_verdict_and_the_next_goes_on,
        a_menu_version_only_the_sender_knows_is_refused_by_verdict,
        a_certificate_that_was_refused_leaves_its_number_free_at_both_ends,
        a_hello_must_be_of_the_partner_its_channel_and_its_time,
    };
    return suite_run_with("accept", tests, SUITE_COUNT(tests), flows_start, flows_end);
}
