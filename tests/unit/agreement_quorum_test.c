/* Who signs an agreement: its parties alone and each once, and the quorum of two versions, tried
 * with fifteen parties. */
#include "tests/unit/agreement_scene.h"

/* Counts the signatures, none of which is wrong; `previous` may be NULL. */
static void count_signatures(const struct agreement *agreement, const struct agreement *previous)
{
    assert_ok(agreement_quorum(agreement, previous, &count, &error));
}

/* Version 2, in which AU has that key, of a version 1 with `parties` and that quorum. */
static void make_second_with(const struct keypair *fresh, size_t parties, uint32_t quorum)
{
    first = pact_make(pact_draft(parties, quorum));
    struct agreement *draft = pact_next(first);
    memcpy(draft->parties[0].identity, keypair_public(fresh), KEY_PUBLIC_BYTES);
    second = pact_make(draft);
}

START_TEST(a_bilateral_agreement_needs_both)
{
    struct buffer text = {0};
    first = pact_make(pact_draft(2, 2));
    count_signatures(first, NULL);
    ck_assert(!count.met && count.signed_by == 0);
    pact_sign(&first, NULL, 1);
    count_signatures(first, NULL);
    ck_assert(!count.met && count.signed_by == 1);
    agreement_describe_signers(first, count.signers, &text);
    ck_assert(text_equal(buffer_view(&text), TEXT("signed by AU; not by BN; 1 of 2, quorum 2")));
    pact_sign(&first, NULL, 2);
    count_signatures(first, NULL);
    ck_assert(count.met && count.signers == 3);
    buffer_free(&text);
}
END_TEST

START_TEST(a_party_signs_once)
{
    struct buffer note = {0};
    first = pact_make(pact_draft(2, 2));
    pact_sign(&first, NULL, 1);
    assert_fails(agreement_sign(first, NULL, pact_keys[0], &note, &error), RESULT_DUPLICATE,
                 "AU has signed it already");
    buffer_clear(&note);
    buffer_append(&note, first->bytes.data, first->bytes.size);
    size_t body = first->note.body.size + 1;
    buffer_append(&note, first->bytes.data + body, first->bytes.size - body);
    assert_fails(parse(buffer_bytes(&note)), RESULT_INVALID, "a second signature of the key");
    buffer_free(&note);
}
END_TEST

START_TEST(a_stranger_does_not_sign_and_is_not_passed_over)
{
    struct buffer note = {0};
    struct keypair *stranger = pact_key(99);
    first = pact_make(pact_draft(2, 2));
    assert_fails(agreement_sign(first, NULL, stranger, &note, &error), RESULT_DENIED,
                 "of none of its parties");
    ck_assert_ptr_null(strstr(error.message, "nor of"));
    pact_sign(&first, NULL, 3);
    struct buffer line = {0};
    assert_ok(note_add_signature(first->note.body, TEXT("test.coconnect.customs.xx/identity"),
                                 NOTE_ED25519, 0, stranger, &line, &error));
    buffer_append(&note, first->bytes.data, first->bytes.size);
    buffer_append(&note, line.data, line.size);
    assert_ok(parse(buffer_bytes(&note)));
    assert_fails(agreement_quorum(parsed, NULL, &count, &error), RESULT_UNTRUSTED,
                 "signed by test.coconnect.customs.xx/identity, no party of it");
    ck_assert_ptr_null(strstr(error.message, "take version"));
    ck_assert(!count.met);
    buffer_free(&note);
    buffer_free(&line);
    keypair_destroy(&stranger);
}
END_TEST

/* Reads the text with one signature, of that key in that name. */
static void parse_signed_as(const struct agreement *agreement, struct text name,
                            const struct keypair *key)
{
    struct buffer note = {0};
    buffer_append(&note, agreement->note.body.data, agreement->note.body.size);
    assert_ok(note_sign(&note, name, key, &error));
    assert_ok(parse(buffer_bytes(&note)));
    buffer_free(&note);
}

START_TEST(a_stranger_is_of_neither_version)
{
    struct buffer note = {0};
    struct keypair *stranger = pact_key(99);
    first = pact_make(pact_draft(2, 2));
    second = pact_make(pact_next(first));
    assert_fails(agreement_sign(second, first, stranger, &note, &error), RESULT_DENIED,
                 "of none of its parties, nor of the version before");
    parse_signed_as(second, TEXT("test.coconnect.customs.xx/identity"), stranger);
    assert_fails(agreement_quorum(parsed, first, &count, &error), RESULT_UNTRUSTED,
                 "no party of it, nor of version 1");
    buffer_free(&note);
    keypair_destroy(&stranger);
}
END_TEST

START_TEST(a_partys_name_with_another_key_is_not_the_party)
{
    struct keypair *stranger = pact_key(99);
    first = pact_make(pact_draft(2, 2));
    parse_signed_as(first, TEXT("test.coconnect.customs.au/identity"), stranger);
    assert_fails(agreement_quorum(parsed, NULL, &count, &error), RESULT_UNTRUSTED,
                 "signed in the name of AU with another key");
    keypair_destroy(&stranger);
}
END_TEST

START_TEST(fifteen_parties_agree_by_a_quorum_of_eleven)
{
    first = pact_make(pact_draft(PACT_PARTIES, 11));
    pact_sign(&first, NULL, PACT_ALL >> 5);
    count_signatures(first, NULL);
    ck_assert_uint_eq(count.signed_by, 10);
    ck_assert(!count.met);
    pact_sign(&first, NULL, 1U << 14);
    count_signatures(first, NULL);
    ck_assert(count.met && count.signed_by == 11);
}
END_TEST

START_TEST(a_quorum_is_more_than_half)
{
    struct agreement *draft = pact_draft(PACT_PARTIES, 7);
    assert_fails(agreement_draft(draft, &parsed, &error), RESULT_INVALID,
                 "quorum 7 of 15 parties; accepted: 8 to 15, more than half");
    draft->quorum = 8;
    assert_ok(agreement_draft(draft, &parsed, &error));
}
END_TEST

START_TEST(a_new_version_needs_the_quorum_of_both)
{
    first = pact_make(pact_draft(14, 11));
    pact_sign(&first, NULL, PACT_ALL >> 4);
    struct agreement *draft = pact_next(first);
    draft->party_count = 2; /* twelve leave, VN joins: the two and VN cannot do it alone */
    pact_join(draft, "VN", "customs.vn", pact_keys[14]);
    draft->quorum = 2;
    second = pact_make(draft);
    pact_sign(&second, first, 3);
    count_signatures(second, first);
    ck_assert(!count.met && count.signed_by == 2 && count.previous_signed_by == 2);
    pact_sign(&second, first, PACT_ALL >> 4 & ~3U);
    count_signatures(second, first);
    ck_assert(count.met && count.signed_by == 2 && count.previous_signed_by == 11);
    ck_assert_uint_eq(count.signers, 3);
}
END_TEST

START_TEST(who_left_may_sign_the_version_it_leaves_by)
{
    first = pact_make(pact_draft(3, 3));
    struct agreement *draft = pact_next(first);
    draft->party_count = 2;
    draft->quorum = 2;
    second = pact_make(draft);
    pact_sign(&second, first, 3);
    count_signatures(second, first);
    ck_assert(!count.met);
    pact_sign(&second, first, 4);
    count_signatures(second, first);
    ck_assert(count.met);
    assert_fails(agreement_quorum(second, NULL, &count, &error), RESULT_UNTRUSTED,
                 "customs.cn/identity, no party of it; take version 1 first");
}
END_TEST

START_TEST(a_party_that_changes_its_key_counts_once_in_each_version)
{
    struct keypair *fresh = pact_key(50);
    make_second_with(fresh, 2, 2);
    pact_sign_with(&second, first, fresh);
    pact_sign_with(&second, first, pact_keys[0]);
    ck_assert_uint_eq(second->note.signature_count, 2);
    count_signatures(second, first);
    ck_assert(!count.met && count.signed_by == 1 && count.previous_signed_by == 1);
    pact_sign(&second, first, 2);
    count_signatures(second, first);
    ck_assert(count.met && count.signed_by == 2 && count.previous_signed_by == 2);
    keypair_destroy(&fresh);
}
END_TEST

START_TEST(a_forged_signature_of_the_key_before_refuses_the_whole)
{
    struct keypair *fresh = pact_key(50);
    struct agreement *forged = NULL;
    make_second_with(fresh, 2, 2);
    pact_sign_with(&second, first, pact_keys[0]);
    uint8_t *place = second->bytes.data + second->bytes.size - 8;
    *place = *place == 'A' ? 'B' : 'A';
    assert_ok(agreement_parse(buffer_bytes(&second->bytes), &forged, &error));
    assert_fails(agreement_quorum(forged, first, &count, &error), RESULT_UNTRUSTED,
                 "agreement RCEP 2: AU: ");
    ck_assert(!count.met);
    agreement_destroy(&forged);
    keypair_destroy(&fresh);
}
END_TEST

START_TEST(all_fifteen_may_change_their_keys_at_once)
{
    struct keypair *fresh[PACT_PARTIES];
    first = pact_make(pact_draft(PACT_PARTIES, 15));
    struct agreement *draft = pact_next(first);
    for (size_t i = 0; i < PACT_PARTIES; i++) {
        fresh[i] = pact_key((uint8_t)(50 + i));
        memcpy(draft->parties[i].identity, keypair_public(fresh[i]), KEY_PUBLIC_BYTES);
    }
    second = pact_make(draft);
    pact_sign(&second, first, PACT_ALL);
    for (size_t i = 0; i < PACT_PARTIES; i++) {
        pact_sign_with(&second, first, fresh[i]);
        keypair_destroy(&fresh[i]);
    }
    count_signatures(second, first);
    ck_assert(count.met && count.signers == PACT_ALL && count.previous_signers == PACT_ALL);
    ck_assert_uint_eq(second->note.signature_count, 30);
}
END_TEST

START_TEST(a_party_without_its_old_key_is_covered_by_the_others)
{
    struct keypair *fresh = pact_key(50);
    make_second_with(fresh, PACT_PARTIES, 11);
    pact_sign(&second, first, 0x0ffe);
    count_signatures(second, first);
    ck_assert(count.met && count.previous_signed_by == 11);
    keypair_destroy(&fresh);
}
END_TEST

START_TEST(a_version_follows_the_text_it_names)
{
    first = pact_make(pact_draft(2, 2));
    struct agreement *draft = pact_next(first);
    draft->previous.bytes[0] ^= 1;
    second = pact_make(draft);
    assert_fails(agreement_quorum(second, first, &count, &error), RESULT_CONFLICT,
                 "follows another text than the RCEP 1 that is held");
    agreement_destroy(&second);
    struct agreement *other = pact_draft(2, 2);
    other->grace_days++;
    parsed = pact_make(other);
    second = pact_make(pact_next(parsed));
    assert_fails(agreement_quorum(second, first, &count, &error), RESULT_CONFLICT,
                 "follows another text");
    agreement_destroy(&second);
    draft = pact_next(first);
    draft->version = 3;
    second = pact_make(draft);
    assert_fails(agreement_quorum(second, first, &count, &error), RESULT_CONFLICT,
                 "follows another text");
}
END_TEST

START_TEST(the_text_of_a_menu_version_does_not_change)
{
    struct buffer text = {0};
    first = pact_make(pact_draft(2, 2));
    struct agreement *draft = pact_next(first);
    buffer_append(&text, draft->menus[0].text.data, draft->menus[0].text.size);
    buffer_text(&text, "# changed\n");
    draft->menus[0].text = arena_text(&arena, buffer_view(&text));
    second = pact_make(draft);
    assert_fails(agreement_quorum(second, first, &count, &error), RESULT_CONFLICT,
                 "changes the text of menu version 1");
    buffer_free(&text);
}
END_TEST

START_TEST(merged_signatures_make_one_text_in_any_order)
{
    struct agreement *other = NULL;
    struct buffer ways[2] = {{0}, {0}};
    size_t added = 0;
    first = pact_make(pact_draft(PACT_PARTIES, 11));
    other = pact_make(pact_draft(PACT_PARTIES, 11));
    pact_sign(&first, NULL, 0x5555 & PACT_ALL);
    pact_sign(&other, NULL, 0x2aab);
    assert_ok(agreement_merge(first, other, &ways[0], &added, &error));
    ck_assert_uint_eq(added, 7);
    assert_ok(agreement_merge(other, first, &ways[1], &added, &error));
    ck_assert_uint_eq(added, 7);
    ck_assert(bytes_equal(buffer_bytes(&ways[0]), buffer_bytes(&ways[1])));
    assert_ok(parse(buffer_bytes(&ways[0])));
    ck_assert_uint_eq(parsed->signers, PACT_ALL);
    buffer_free(&ways[0]);
    buffer_free(&ways[1]);
    agreement_destroy(&other);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_bilateral_agreement_needs_both,
        a_party_signs_once,
        a_stranger_does_not_sign_and_is_not_passed_over,
        a_stranger_is_of_neither_version,
        a_partys_name_with_another_key_is_not_the_party,
        fifteen_parties_agree_by_a_quorum_of_eleven,
        a_quorum_is_more_than_half,
        a_new_version_needs_the_quorum_of_both,
        who_left_may_sign_the_version_it_leaves_by,
        a_party_that_changes_its_key_counts_once_in_each_version,
        a_forged_signature_of_the_key_before_refuses_the_whole,
        all_fifteen_may_change_their_keys_at_once,
        a_party_without_its_old_key_is_covered_by_the_others,
        a_version_follows_the_text_it_names,
        the_text_of_a_menu_version_does_not_change,
        merged_signatures_make_one_text_in_any_order,
    };
    return suite_run_with("agreement quorum", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
