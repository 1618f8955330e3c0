/* The store: what is appended can be asked and read, with its states; a batch counts whole or not
 * at all. Between the journal and the views: store_views_test.c; what happens at a start after
 * something went wrong: store_recovery_test.c. */
#include "tests/unit/store_scene.h"

static struct store_reader *reader;

static void start(void)
{
    scene_start();
    assert_ok(store_open(&options, &store, &error));
}

static void finish(void)
{
    store_reader_close(&reader);
    scene_end();
}

static struct message_id id_of(const char *text)
{
    struct message_id id;
    ck_assert(message_id_parse(text_of(text), &id));
    return id;
}

static struct store_message message_with(const char *text)
{
    struct message_id id = id_of(text);
    struct store_message message;
    if (reader == NULL) {
        assert_ok(store_reader_open(store, &reader, &error));
    }
    assert_ok(store_read_message(reader, &id, &arena, &message, &error));
    return message;
}

#define CO_ID        "5b0a6f0e-2c2a-4a51-9d4b-7d3f1a9c0e01"
#define AMENDMENT_ID "c6f1f0a9-6f4e-43f3-8a36-1e8d7be6a904"
#define FEEDBACK_ID  "3d9f5a60-7b12-4e6c-a0c5-64f2e17d1c06"

START_TEST(a_message_is_found_by_its_id_even_in_the_open_batch)
{
    struct store_position position;
    struct scene_entry made = {0};
    struct merkle_hash hash;
    struct message_id id = id_of(CO_ID);
    scene_document(&made, "kr-id-co", OPERATION_CO, 0, 0);
    merkle_sha256(buffer_bytes(&made.payload), &hash);
    buffer_free(&made.payload);
    begin();
    open_channels();
    ck_assert_int_eq(store_find_message(store, &id, &position, &error), RESULT_NOT_FOUND);
    append_document(outgoing, "kr-id-co", OPERATION_CO, 0, 0);
    for (int turn = 0; turn < 2; turn++) { /* open, then committed */
        assert_ok(store_find_message(store, &id, &position, &error));
        ck_assert_uint_eq(position.channel, outgoing);
        ck_assert_uint_eq(position.index, 0);
        ck_assert_int_eq(position.operation, OPERATION_CO);
        ck_assert_mem_eq(&position.payload_hash, &hash, sizeof hash);
        if (turn == 0) {
            commit();
        }
    }
    finish();
}
END_TEST

START_TEST(a_certificate_is_found_by_exporter_and_number)
{
    struct store_certificate certificate;
    struct text key = number_key(TEXT("kr 020/26.ooo1742"), &arena);
    scene_all();
    assert_ok(store_find_certificate(store, TEXT("KR"), key, &certificate, &error));
    ck_assert_uint_eq(certificate.channel, outgoing);
    ck_assert_uint_eq(certificate.index, 0);
    ck_assert_int_eq(store_find_certificate(store, TEXT("ID"), key, &certificate, &error),
                     RESULT_NOT_FOUND);
    finish();
}
END_TEST

START_TEST(states_follow_from_receipts_verdicts_and_answers)
{
    scene_all();
    struct store_message co = message_with(CO_ID);
    ck_assert_uint_eq(co.stored_s, 1700000001);
    ck_assert_uint_ne(co.judged_ms, 0);
    ck_assert_uint_ne(co.delivered_ms, 0);
    ck_assert_uint_ne(co.answered_ms, 0);
    ck_assert_int_eq(co.outcome, VERDICT_ACCEPTED);
    ck_assert(!co.held); /* it is receipted */
    ck_assert(text_equal(co.number, TEXT("KR-020-26-0001742")));

    struct store_message amendment = message_with(AMENDMENT_ID);
    ck_assert_uint_eq(amendment.stored_s, 0);
    ck_assert_uint_ne(amendment.judged_ms, 0);
    ck_assert_uint_eq(amendment.delivered_ms, 0);
    ck_assert_uint_ne(amendment.answered_ms, 0);
    ck_assert_int_eq(amendment.outcome, VERDICT_REFUSED);
    ck_assert(text_equal(amendment.remark, TEXT("missing: is missing")));
    ck_assert(amendment.held);

    struct store_message feedback = message_with(FEEDBACK_ID);
    ck_assert_int_eq(feedback.direction, STORE_INCOMING);
    ck_assert_uint_eq(feedback.stored_s, 1700000003);
    ck_assert_uint_ne(feedback.judged_ms, 0);
    ck_assert_uint_ne(feedback.delivered_ms, 0); /* our side has taken two */
    ck_assert_uint_eq(feedback.answered_ms, 0);
    finish();
}
END_TEST

START_TEST(a_certificate_tells_its_messages_in_order_of_arrival)
{
    struct store_message *messages = NULL;
    size_t count = 0;
    static const enum operation order[] = {OPERATION_CO, OPERATION_AMENDMENT,
                                           OPERATION_CANCELATION_STATUS, OPERATION_FEEDBACK};
    struct text key = number_key(TEXT("KR-020-26-0001742"), &arena);
    scene_all();
    assert_ok(store_reader_open(store, &reader, &error));
    for (int turn = 0; turn < 2; turn++) { /* with the exporter, and with any */
        assert_ok(store_read_certificate(reader, turn == 0 ? TEXT("KR") : TEXT(""), key, &arena,
                                         &messages, &count, &error));
        ck_assert_uint_eq(count, 4);
        for (size_t i = 0; i < count; i++) {
            ck_assert_int_eq(messages[i].operation, order[i]);
        }
    }
    ck_assert_int_eq(
        store_read_certificate(reader, TEXT("UY"), key, &arena, &messages, &count, &error),
        RESULT_NOT_FOUND);
    finish();
}
END_TEST

START_TEST(the_first_of_two_messages_with_one_id_stays)
{
    struct store_position position;
    struct message_id id = id_of(CO_ID);
    scene_issue();
    begin();
    append_document(outgoing, "kr-id-co", OPERATION_CO, 0, 0);
    commit();
    ck_assert_uint_eq(store_channel(store, outgoing)->size, 2);
    assert_ok(store_find_message(store, &id, &position, &error));
    ck_assert_uint_eq(position.index, 0);
    finish();
}
END_TEST

START_TEST(the_first_of_two_certificates_with_one_number_stays)
{
    struct store_certificate certificate;
    struct text key = number_key(TEXT("KR-020-26-0001742"), &arena);
    struct store_message *messages = NULL;
    size_t count = 0;
    scene_issue();
    begin();
    append_document(outgoing, "kr-id-co", OPERATION_CO, 0, 7);
    commit();
    assert_ok(store_find_certificate(store, TEXT("KR"), key, &certificate, &error));
    ck_assert_uint_eq(certificate.index, 0);
    assert_ok(store_reader_open(store, &reader, &error));
    assert_ok(store_read_certificate(reader, TEXT("KR"), key, &arena, &messages, &count, &error));
    ck_assert_uint_eq(count, 2);
    finish();
}
END_TEST

START_TEST(nobody_takes_the_number_of_another_party)
{
    struct store_certificate certificate;
    struct text key = number_key(TEXT("KR-020-26-0001742"), &arena);
    begin();
    open_channels();
    /* ID says that it issues a certificate of KR. */
    append_document(incoming, "kr-id-co", OPERATION_CO, 0, 0);
    ck_assert_int_eq(store_find_certificate(store, TEXT("KR"), key, &certificate, &error),
                     RESULT_NOT_FOUND);
    append_document(outgoing, "kr-id-co", OPERATION_CO, 0, 1);
    assert_ok(store_find_certificate(store, TEXT("KR"), key, &certificate, &error));
    ck_assert_uint_eq(certificate.channel, outgoing);
    commit();
    finish();
}
END_TEST

START_TEST(what_speaks_of_a_certificate_before_it_comes_is_told_with_it)
{
    struct store_certificate certificate;
    struct text key = number_key(TEXT("KR-020-26-0001742"), &arena);
    struct store_message *messages = NULL;
    size_t count = 0;
    begin();
    open_channels();
    append_document(outgoing, "kr-id-amendment", OPERATION_AMENDMENT, 0, 0);
    ck_assert_int_eq(store_find_certificate(store, TEXT("KR"), key, &certificate, &error),
                     RESULT_NOT_FOUND);
    append_document(outgoing, "kr-id-co", OPERATION_CO, 0, 0);
    assert_ok(store_find_certificate(store, TEXT("KR"), key, &certificate, &error));
    ck_assert_uint_eq(certificate.index, 1);
    commit();
    assert_ok(store_reader_open(store, &reader, &error));
    assert_ok(store_read_certificate(reader, TEXT("KR"), key, &arena, &messages, &count, &error));
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(messages[0].operation, OPERATION_AMENDMENT);
    finish();
}
END_TEST

static enum result note_said(void *self, uint32_t channel, uint64_t index, struct bytes entry,
                             struct bytes payload, struct error *why)
{
    struct buffer *told = self;
    struct entry unpacked;
    (void)payload;
    enum result result = entry_unpack(entry, &unpacked, why);
    buffer_printf(told, "%u:%llu:%s ", channel == outgoing, (unsigned long long)index,
                  operation_name(unpacked.operation));
    return result;
}

static void assert_said(const char *wanted)
{
    struct buffer told = {0};
    assert_ok(store_find_said(store, TEXT("KR"), number_key(TEXT("KR-020-26-0001742"), &arena), 9,
                              note_said, &told, &error));
    ck_assert_msg(text_equal(buffer_view(&told), text_of(wanted)), "%.*s",
                  TEXT_ARGS(buffer_view(&told)));
    buffer_free(&told);
}

START_TEST(what_is_said_of_a_certificate_is_told_with_the_open_batch_and_without_what_was_refused)
{
    const struct verdict_remark refusal = {1,        VERDICT_REFUSED, TEXT("cancelled"),
                                           TEXT(""), TEXT(""),        TEXT("is cancelled")};
    const struct verdict refuses = {.count = 2, .remarks = &refusal, .remark_count = 1};
    struct buffer told = {0};
    scene_issue();
    begin();
    append_document(outgoing, "kr-id-amendment", OPERATION_AMENDMENT, 0, 0);
    append_document(incoming, "id-kr-feedback", OPERATION_FEEDBACK, 0, 0);
    assert_said("1:0:send-co 1:1:send-amendment-notification 0:0:send-feedback ");
    append_verdict(incoming, &refuses);
    assert_said("1:0:send-co 0:0:send-feedback ");
    commit();
    begin();
    assert_said("1:0:send-co 0:0:send-feedback ");
    assert_fails(store_find_said(store, TEXT("KR"), number_key(TEXT("KR-020-26-0001742"), &arena),
                                 2, note_said, &told, &error),
                 RESULT_TOO_LARGE, "3 messages speak of this certificate");
    commit();
    buffer_free(&told);
    finish();
}
END_TEST

START_TEST(a_verdict_beyond_what_is_there_or_with_a_gap_says_nothing)
{
    const struct verdict beyond = {.first = 0, .count = 3};
    const struct verdict gap = {.first = 1, .count = 1};
    const struct verdict taken = {.first = 0, .count = 1, .has_taken = true, .taken = 9};
    scene_issue();
    scene_amend();
    begin();
    append_verdict(incoming, &beyond);
    append_verdict(incoming, &gap);
    append_verdict(incoming, &taken);
    commit();
    ck_assert_uint_eq(store_channel(store, outgoing)->judged, 0);
    ck_assert_uint_eq(store_channel(store, outgoing)->taken, 0);
    finish();
}
END_TEST

START_TEST(what_was_judged_is_not_judged_again)
{
    const struct verdict_remark refusal = {0,        VERDICT_REFUSED, TEXT("missing"),
                                           TEXT(""), TEXT(""),        TEXT("is missing")};
    const struct verdict accepts = {.first = 0, .count = 1};
    const struct verdict refuses = {.first = 0, .count = 2, .remarks = &refusal, .remark_count = 1};
    struct store_certificate certificate;
    struct text key = number_key(TEXT("KR-020-26-0001742"), &arena);
    scene_issue();
    scene_amend();
    begin();
    append_verdict(incoming, &accepts);
    append_verdict(incoming, &refuses);
    commit();
    ck_assert_uint_eq(store_channel(store, outgoing)->judged, 1);
    ck_assert_int_eq(message_with(CO_ID).outcome, VERDICT_ACCEPTED);
    assert_ok(store_find_certificate(store, TEXT("KR"), key, &certificate, &error));
    finish();
}
END_TEST

START_TEST(an_unreadable_payload_is_an_entry_without_certificate)
{
    struct scene_entry made = {
        .entry.operation = OPERATION_CO, .entry.agreement = TEXT("AKFTA"), .entry.menu_version = 1};
    scene_issue();
    begin();
    made.entry.id.bytes[0] = 9;
    buffer_text(&made.payload, "no msgpack");
    assert_ok(try_append(incoming, &made));
    buffer_free(&made.payload);
    commit();
    const char *before = tell_store();
    scene_reopen();
    ck_assert_str_eq(tell_store(), before);
    finish();
}
END_TEST

START_TEST(entries_are_read_within_their_limits)
{
    struct store_item *items = NULL;
    size_t count = 0;
    begin();
    open_channels();
    for (unsigned number = 1; number <= 60; number++) {
        append_co(number);
        if (number % 9 == 0) {
            commit();
            begin();
        }
    }
    commit();
    for (int turn = 0; turn < 2; turn++) { /* from memory, then from the views alone */
        assert_ok(store_reader_open(store, &reader, &error));
        assert_ok(store_read_entries(reader, outgoing, 5, 7, SIZE_MAX / 2, &arena, &items, &count,
                                     &error));
        ck_assert_uint_eq(count, 7);
        ck_assert_uint_eq(items[0].index, 5);
        ck_assert_uint_eq(items[6].index, 11);
        assert_ok(
            store_read_entries(reader, outgoing, 0, 100, 10000, &arena, &items, &count, &error));
        ck_assert_uint_ge(count, 2);
        ck_assert_uint_le(count, 5);
        assert_ok(store_read_entries(reader, outgoing, 3, 100, 1, &arena, &items, &count, &error));
        ck_assert_uint_eq(count, 1);
        assert_ok(
            store_read_entries(reader, outgoing, 60, 9, 10000, &arena, &items, &count, &error));
        ck_assert_uint_eq(count, 0);
        store_reader_close(&reader);
        scene_reopen();
    }
    finish();
}
END_TEST

START_TEST(a_damaged_entry_is_named_when_it_is_read)
{
    struct store_item *items = NULL;
    size_t count = 0;
    scene_all();
    assert_ok(store_reader_open(store, &reader, &error));
    file_flip(in_folder("journal/0000000000000000.seg"), 1000, 2);
    assert_fails(
        store_read_entries(reader, outgoing, 0, 9, SIZE_MAX / 2, &arena, &items, &count, &error),
        RESULT_CORRUPT, "entry 0 of channel 1");
    finish();
}
END_TEST

START_TEST(stored_hashes_give_the_tree_at_every_size)
{
    struct merkle_tree trees[70] = {{0}};
    struct store_hashes hashes = {.channel = 1};
    begin();
    open_channels();
    for (unsigned number = 1; number < 70; number++) {
        append_co(number);
        trees[number] = store_channel(store, outgoing)->tree;
    }
    commit();
    assert_ok(store_reader_open(store, &reader, &error));
    hashes.reader = reader;
    for (unsigned size = 1; size < 70; size++) {
        struct merkle_tree loaded;
        struct merkle_hash root;
        struct merkle_hash wanted;
        struct merkle_proof proof;
        struct merkle_hash leaf;
        assert_ok(merkle_load(store_read_hash, &hashes, size, &loaded, &error));
        merkle_root(&loaded, &root);
        merkle_root(&trees[size], &wanted);
        ck_assert_mem_eq(&root, &wanted, sizeof root);
        assert_ok(store_read_hash(&hashes, size / 2, 0, &leaf, &error));
        assert_ok(merkle_inclusion(store_read_hash, &hashes, size / 2, size, &proof, &error));
        assert_ok(merkle_inclusion_verify(&leaf, size / 2, size, &proof, &root, &error));
    }
    assert_fails(store_read_hash(&hashes, 70, 0, &(struct merkle_hash){0}, &error), RESULT_CORRUPT,
                 "comesh rebuild");
    finish();
}
END_TEST

START_TEST(a_rolled_back_batch_leaves_nothing)
{
    scene_issue();
    const char *before = tell_store();
    const struct store_channel *third = NULL;
    begin();
    append_co(5);
    assert_ok(store_channel_open(store, TEXT("test.coconnect.aduana.gub.uy/KR/1"), TEXT("UY"),
                                 STORE_INCOMING, &third, &error));
    assert_ok(store_append_receipt(store, outgoing, 1, 5, text_bytes(TEXT("n")), &error));
    store_rollback(store);
    ck_assert_str_eq(tell_store(), before);
    ck_assert_ptr_null(store_channel(store, 3));
    scene_amend();
    finish();
}
END_TEST

START_TEST(a_full_disk_fails_the_batch_and_the_next_one_goes)
{
    scene_issue();
    const char *before = tell_store();
    begin();
    append_co(5);
    flaky.room = 700;
    assert_fails(store_commit(store, &error), RESULT_FULL, "cannot write");
    ck_assert_str_eq(tell_store(), before);
    flaky.room = FLAKY_NEVER_FULL;
    begin();
    append_co(6);
    commit();
    ck_assert_uint_eq(store_channel(store, outgoing)->size, 2);
    before = tell_store();
    scene_reopen();
    ck_assert_str_eq(tell_store(), before);
    finish();
}
END_TEST

START_TEST(an_entry_out_of_order_is_not_appended)
{
    struct scene_entry made = {0};
    scene_issue();
    scene_document(&made, "kr-id-co", OPERATION_CO, 3, 3);
    struct store_entry entry = {.channel = outgoing, .entry = &made.entry};
    made.entry.index = 2;
    begin();
    assert_fails(store_append_entry(store, &entry, &error), RESULT_INTERNAL, "which has 1 entries");
    store_rollback(store);
    assert_fails(store_append_taken(store, incoming, 0, 1, &error), RESULT_INTERNAL,
                 "outside a batch");
    buffer_free(&made.payload);
    finish();
}
END_TEST

START_TEST(an_append_that_fails_fails_the_batch)
{
    scene_issue();
    begin();
    append_co(3);
    assert_fails(store_append_taken(store, 99, 1, 1, &error), RESULT_INTERNAL, "no channel 99");
    assert_fails(store_commit(store, &error), RESULT_INTERNAL, "no channel 99");
    ck_assert_uint_eq(store_channel(store, outgoing)->size, 1);
    finish();
}
END_TEST

START_TEST(a_channel_keeps_its_direction_and_partner)
{
    const struct store_channel *channel = NULL;
    scene_issue();
    begin();
    assert_fails(
        store_channel_open(store, TEXT(ORIGIN_OUT), TEXT("UY"), STORE_OUTGOING, &channel, &error),
        RESULT_CONFLICT, "with partner 'UY'");
    store_rollback(store);
    finish();
}
END_TEST

START_TEST(a_hold_says_why_and_is_released)
{
    scene_all();
    ck_assert(store_channel(store, outgoing)->held);
    ck_assert_str_eq(store_channel(store, outgoing)->held_reason, "a fork was seen");
    begin();
    assert_ok(store_append_release(store, outgoing, ++clock_ms, &error));
    commit();
    scene_reopen();
    ck_assert(!store_channel(store, outgoing)->held);
    finish();
}
END_TEST

START_TEST(a_receipt_is_read_by_what_it_covers)
{
    struct store_receipt receipt;
    scene_all();
    begin();
    assert_ok(store_append_receipt(store, outgoing, 3, 1700000009, text_bytes(TEXT("note of 3")),
                                   &error));
    commit();
    assert_ok(store_reader_open(store, &reader, &error));
    assert_ok(store_read_receipt(reader, outgoing, 0, &arena, &receipt, &error));
    ck_assert_uint_eq(receipt.size, 1);
    ck_assert_uint_eq(receipt.time_s, 1700000001);
    assert_ok(store_read_receipt(reader, outgoing, 1, &arena, &receipt, &error));
    ck_assert_uint_eq(receipt.size, 3);
    ck_assert(bytes_equal(receipt.note, text_bytes(TEXT("note of 3"))));
    ck_assert_int_eq(store_read_receipt(reader, outgoing, 3, &arena, &receipt, &error),
                     RESULT_NOT_FOUND);
    finish();
}
END_TEST

START_TEST(remarks_are_read_in_order)
{
    struct verdict_remark *remarks = NULL;
    size_t count = 0;
    scene_all();
    assert_ok(store_reader_open(store, &reader, &error));
    assert_ok(store_read_remarks(reader, outgoing, 1, &arena, &remarks, &count, &error));
    ck_assert_uint_eq(count, 2);
    ck_assert(text_equal(remarks[0].code, TEXT("not-used")));
    ck_assert(text_equal(remarks[0].place, TEXT("/LPCO/Seller")));
    ck_assert(text_equal(remarks[1].code, TEXT("missing")));
    finish();
}
END_TEST

START_TEST(room_is_told_with_both_figures_and_asked_seldom)
{
    flaky.room_told = (struct statvfs){.f_bavail = 1024, .f_frsize = 1024};
    assert_ok(store_room(store, &error));
    flaky.room_told.f_bavail = 10;
    assert_ok(store_room(store, &error)); /* what was asked a moment ago */
    clock_ms += 200;
    assert_fails(store_room(store, &error), RESULT_FULL, "(0 MiB free, 1 MiB needed)");
    finish();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_message_is_found_by_its_id_even_in_the_open_batch,
        a_certificate_is_found_by_exporter_and_number,
        states_follow_from_receipts_verdicts_and_answers,
        a_certificate_tells_its_messages_in_order_of_arrival,
        the_first_of_two_messages_with_one_id_stays,
        the_first_of_two_certificates_with_one_number_stays,
        nobody_takes_the_number_of_another_party,
        what_speaks_of_a_certificate_before_it_comes_is_told_with_it,
        what_is_said_of_a_certificate_is_told_with_the_open_batch_and_without_what_was_refused,
        a_verdict_beyond_what_is_there_or_with_a_gap_says_nothing,
        what_was_judged_is_not_judged_again,
        an_unreadable_payload_is_an_entry_without_certificate,
        entries_are_read_within_their_limits,
        a_damaged_entry_is_named_when_it_is_read,
        stored_hashes_give_the_tree_at_every_size,
        a_rolled_back_batch_leaves_nothing,
        a_full_disk_fails_the_batch_and_the_next_one_goes,
        an_entry_out_of_order_is_not_appended,
        an_append_that_fails_fails_the_batch,
        a_channel_keeps_its_direction_and_partner,
        a_hold_says_why_and_is_released,
        a_receipt_is_read_by_what_it_covers,
        remarks_are_read_in_order,
        room_is_told_with_both_figures_and_asked_seldom,
    };
    return suite_run("store", tests, SUITE_COUNT(tests), start);
}
