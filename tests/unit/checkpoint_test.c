/* Checkpoints and receipts: whose key, at what time, over which text. Known answers stand in
 * vectors_keys_test. */
#include "keys/checkpoint.h"
#include "keys/note.h"
#include "tests/unit/party.h"

#define ORIGIN "test.coconnect.customs.go.kr/ID/1"

static struct party sender;
static struct party receiver;
static struct checkpoint checkpoint = {.origin = {ORIGIN, sizeof ORIGIN - 1}, .size = 21};
static struct checkpoint read;
static struct buffer note;
static struct buffer cosigned;

static void start(void)
{
    party_start(&sender, "KR", "customs.go.kr");
    party_start(&receiver, "ID", "beacukai.go.id");
    memset(checkpoint.root.bytes, 5, sizeof checkpoint.root.bytes);
}

static void end(void)
{
    party_end(&sender);
    party_end(&receiver);
    buffer_free(&note);
    buffer_free(&cosigned);
}

static void sign(void)
{
    char name[CARD_NAME_BYTES];
    card_key_name(&sender.card, KEY_CHECKPOINT, name);
    buffer_clear(&note);
    assert_ok(
        checkpoint_sign(&checkpoint, text_of(name), sender.keys[KEY_CHECKPOINT], &note, &error));
}

static void cosign(uint64_t time_s)
{
    char name[CARD_NAME_BYTES];
    card_key_name(&receiver.card, KEY_RECEIPT, name);
    buffer_clear(&cosigned);
    assert_ok(checkpoint_cosign(buffer_bytes(&note), time_s, text_of(name),
                                receiver.keys[KEY_RECEIPT], &cosigned, &error));
}

static enum result verify(uint64_t now_s)
{
    return checkpoint_verify(buffer_bytes(&note), &sender.card, now_s, &read, &error);
}

static enum result verify_receipt(uint64_t *time_s)
{
    return checkpoint_verify_receipt(buffer_bytes(&cosigned), &receiver.card, &read, time_s,
                                     &error);
}

START_TEST(a_checkpoint_is_verified_and_read)
{
    sign();
    assert_ok(verify(PARTY_NOW_S));
    ck_assert(text_equal(read.origin, TEXT(ORIGIN)));
    ck_assert_uint_eq(read.size, 21);
    ck_assert_mem_eq(&read.root, &checkpoint.root, sizeof read.root);
}
END_TEST

START_TEST(a_receipt_carries_both_signatures_and_its_time)
{
    uint64_t time_s = 0;
    sign();
    cosign(PARTY_NOW_S + 2);
    assert_ok(verify_receipt(&time_s));
    ck_assert_uint_eq(time_s, PARTY_NOW_S + 2);
    ck_assert_uint_eq(read.size, 21);
    assert_ok(checkpoint_verify(buffer_bytes(&cosigned), &sender.card, PARTY_NOW_S, &read, &error));
    ck_assert_mem_eq(cosigned.data, note.data, note.size);
}
END_TEST

START_TEST(a_note_without_a_cosignature_is_no_receipt)
{
    uint64_t time_s;
    sign();
    assert_fails(
        checkpoint_verify_receipt(buffer_bytes(&note), &receiver.card, &read, &time_s, &error),
        RESULT_UNTRUSTED, "no signature of test.coconnect.beacukai.go.id/receipt");
}
END_TEST

START_TEST(a_key_is_used_within_its_validity_only)
{
    uint64_t time_s;
    sign();
    assert_ok(verify(PARTY_FROM_S));
    assert_ok(verify(PARTY_UNTIL_S - 1));
    assert_fails(verify(PARTY_FROM_S - 1), RESULT_UNTRUSTED,
                 "valid from 2026-01-01T00:00:00Z until 2028-01-01T00:00:00Z, not at "
                 "2025-12-31T23:59:59Z");
    assert_fails(verify(PARTY_UNTIL_S), RESULT_UNTRUSTED, "checkpoint key of KR");
    cosign(PARTY_UNTIL_S);
    assert_fails(verify_receipt(&time_s), RESULT_UNTRUSTED, "receipt key of ID");
}
END_TEST

START_TEST(during_a_change_over_either_key_is_good)
{
    struct card_key *keys = sender.card.keys[KEY_CHECKPOINT];
    struct keypair *newer = NULL;
    assert_ok(keypair_generate(KEY_CHECKPOINT, &newer, &error));
    keys[1] = keys[0];
    sign();
    memcpy(keys[0].public_key, keypair_public(newer), KEY_PUBLIC_BYTES);
    sender.card.key_count[KEY_CHECKPOINT] = 2;
    assert_ok(verify(PARTY_NOW_S));
    keypair_destroy(&newer);
}
END_TEST

START_TEST(another_partys_channel_is_not_ours_to_sign)
{
    checkpoint.origin = TEXT("test.coconnect.customs.go.kr.evil.org/ID/1");
    sign();
    assert_fails(verify(PARTY_NOW_S), RESULT_UNTRUSTED, "not a channel of KR");
    checkpoint.origin = TEXT("prod.coconnect.customs.go.kr/ID/1");
    sign();
    assert_fails(verify(PARTY_NOW_S), RESULT_UNTRUSTED, "not a channel of KR");
}
END_TEST

START_TEST(another_card_or_a_changed_text_is_untrusted)
{
    uint64_t time_s;
    sign();
    cosign(PARTY_NOW_S);
    assert_fails(checkpoint_verify(buffer_bytes(&note), &receiver.card, PARTY_NOW_S, &read, &error),
                 RESULT_UNTRUSTED, "not a channel of ID");
    cosigned.data[sizeof ORIGIN] = '3';
    assert_fails(verify_receipt(&time_s), RESULT_UNTRUSTED, "does not hold");
    note.data[sizeof ORIGIN] = '3';
    assert_fails(verify(PARTY_NOW_S), RESULT_UNTRUSTED, "does not hold");
}
END_TEST

START_TEST(keys_of_other_roles_neither_sign_nor_cosign)
{
    for (unsigned i = 0; i < KEY_ROLE_COUNT; i++) {
        const struct keypair *key = sender.keys[i];
        if (i != KEY_CHECKPOINT) {
            assert_fails(checkpoint_sign(&checkpoint, TEXT("n"), key, &note, &error), RESULT_DENIED,
                         key_role_text((enum key_role)i));
            ck_assert_uint_eq(note.size, 0);
        }
    }
    sign();
    for (unsigned i = 0; i < KEY_ROLE_COUNT; i++) {
        const struct keypair *key = sender.keys[i];
        if (i != KEY_RECEIPT) {
            assert_fails(
                checkpoint_cosign(buffer_bytes(&note), 1, TEXT("n"), key, &cosigned, &error),
                RESULT_DENIED, key_role_text((enum key_role)i));
            ck_assert_uint_eq(cosigned.size, 0);
        }
    }
}
END_TEST

START_TEST(a_body_of_another_form_is_refused_though_it_is_signed)
{
    static const struct {
        const char *body;
        const char *words;
    } rows[] = {
        {ORIGIN "\n", "line 2"},
        {ORIGIN "\n1\n", "line 3"},
        {"\n1\nx\n", "line 1"},
        {ORIGIN "\n01\nBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\n", "line 2"},
        {ORIGIN "\n-1\nBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\n", "line 2"},
        {ORIGIN "\n9223372036854775808\nBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\n", "line 2"},
        {ORIGIN "\n1\nBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQ==\n", "line 3"},
        {ORIGIN "\n1\nBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQV=\n", "line 3"},
        {ORIGIN "\n1\nBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\nmore\n", "line 4"},
    };
    char name[CARD_NAME_BYTES];
    card_key_name(&sender.card, KEY_CHECKPOINT, name);
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        buffer_clear(&note);
        buffer_text(&note, rows[i].body);
        assert_ok(note_sign(&note, text_of(name), sender.keys[KEY_CHECKPOINT], &error));
        assert_fails(verify(PARTY_NOW_S), RESULT_INVALID, rows[i].words);
    }
}
END_TEST

START_TEST(what_we_say_alone_of_a_channel_is_told_by_one_signature_and_its_lines)
{
    const struct text lines = TEXT("http 201\nanswer stored\n");
    const enum key_role roles[] = {KEY_CHECKPOINT, KEY_RECEIPT};
    for (size_t i = 0; i < SUITE_COUNT(roles); i++) {
        char name[CARD_NAME_BYTES];
        struct text extension;
        uint64_t time_s = PARTY_NOW_S;
        card_key_name(&sender.card, roles[i], name);
        buffer_clear(&note);
        assert_ok(checkpoint_attest(&checkpoint, lines, PARTY_NOW_S, text_of(name),
                                    sender.keys[roles[i]], &note, &error));
        assert_ok(checkpoint_verify_attested(buffer_bytes(&note), &sender.card, roles[i], &time_s,
                                             &read, &extension, &error));
        ck_assert(text_equal(extension, lines));
        ck_assert_uint_eq(time_s, PARTY_NOW_S);
        ck_assert_uint_eq(read.size, 21);
        assert_fails(verify(PARTY_NOW_S), RESULT_INVALID, "line 4");
        note.data[note.size - 120] ^= 1;
        ck_assert_int_ne(checkpoint_verify_attested(buffer_bytes(&note), &sender.card, roles[i],
                                                    &time_s, &read, &extension, &error),
                         RESULT_OK);
    }
    assert_fails(checkpoint_attest(&checkpoint, lines, PARTY_NOW_S, TEXT("x"),
                                   sender.keys[KEY_IDENTITY], &note, &error),
                 RESULT_DENIED, "identity");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_checkpoint_is_verified_and_read,
        a_receipt_carries_both_signatures_and_its_time,
        a_note_without_a_cosignature_is_no_receipt,
        a_key_is_used_within_its_validity_only,
        during_a_change_over_either_key_is_good,
        another_partys_channel_is_not_ours_to_sign,
        another_card_or_a_changed_text_is_untrusted,
        keys_of_other_roles_neither_sign_nor_cosign,
        a_body_of_another_form_is_refused_though_it_is_signed,
        what_we_say_alone_of_a_channel_is_told_by_one_signature_and_its_lines,
    };
    return suite_run_with("checkpoint", tests, SUITE_COUNT(tests), start, end);
}
