/* Agreements that come in: what is taken as a proposal or a version, by whose word, and what is
 * refused. */
#include "tests/unit/agreements_scene.h"

START_TEST(a_proposal_becomes_a_version_with_its_last_signature)
{
    first = pact_make(pact_draft(2, 2));
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_PROPOSED);
    ck_assert_ptr_nonnull(agreements_proposal(held, rcep));
    pact_sign(&first, NULL, 2);
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_PROPOSED);
    ck_assert_ptr_null(agreements_at(held, 0));
    agreement_destroy(&first);
    first = pact_make(pact_draft(2, 2));
    pact_sign(&first, NULL, 1);
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
    ck_assert_uint_eq(agreements_at(held, 0)->signers, 3);
    ck_assert_ptr_null(agreements_proposal_at(held, 0));
    ck_assert_ptr_eq(agreements_in_force(held, rcep, PACT_NOW_S), agreements_at(held, 0));
    ck_assert_int_ne(access(folder_path("agreements/RCEP/0001.proposal"), F_OK), 0);
}
END_TEST

START_TEST(signatures_of_fifteen_come_one_by_one_in_any_order)
{
    static const unsigned char order[] = {7, 3, 14, 0, 9, 1, 12, 5, 10, 2, 13};
    for (size_t i = 0; i < SUITE_COUNT(order); i++) {
        struct agreement *one = pact_make(pact_draft(PACT_PARTIES, 11));
        pact_sign(&one, NULL, 1U << order[i]);
        assert_ok(take(one));
        ck_assert_int_eq(outcome, i < 10 ? AGREEMENTS_PROPOSED : AGREEMENTS_ACCEPTED);
        assert_fails(take(one), RESULT_DUPLICATE, "version 1 is held already");
        agreement_destroy(&one);
    }
    first = pact_make(pact_draft(PACT_PARTIES, 11));
    pact_sign(&first, NULL, 1U << 4);
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_SIGNED);
    ck_assert_uint_eq(agreements_at(held, 0)->note.signature_count, 12);
}
END_TEST

START_TEST(a_first_version_needs_the_own_signature_or_a_persons_word)
{
    first = pact_make(pact_draft(3, 2));
    pact_sign(&first, NULL, 6); /* the quorum, without ours */
    trust.person = false;
    assert_fails(take(first), RESULT_UNTRUSTED, "a person takes the first version in");
    trust.person = true;
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_PROPOSED);
    trust.person = false;
    assert_fails(take(first), RESULT_DUPLICATE, "held already");
    trust.confirmed = true;
    assert_ok(take(first));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
}
END_TEST

START_TEST(a_first_version_is_ours_and_of_today)
{
    struct agreement *draft = pact_draft(2, 2);
    first = pact_make(draft);
    trust.party = TEXT("KR");
    assert_fails(take(first), RESULT_INVALID, "KR takes no part in it");
    trust.party = TEXT("BN");
    assert_fails(take(first), RESULT_INVALID,
                 "names another identity key for BN than its own card");
    trust.party = TEXT("AU");
    trust.environment = TEXT("prod");
    assert_fails(take(first), RESULT_INVALID, "is for test, and this node is for prod");
    trust.environment = TEXT("test");
    trust.now_s = PACT_UNTIL_S + 30 * DAY_S;
    assert_fails(take(first), RESULT_INVALID,
                 "ended at 2028-01-01T00:00:00Z, and its grace is over; the clock of this machine "
                 "says 2028-01-31T00:00:00Z");
    assert_ok(load());
    ck_assert_ptr_null(agreements_proposal_at(held, 0));
}
END_TEST

START_TEST(later_versions_follow_by_quorum_alone)
{
    take_first(3, 2);
    struct agreement *draft = pact_next(first);
    pact_join(draft, "KR", "customs.kr", pact_keys[6]);
    draft->quorum = 3;
    second = pact_make(draft);
    trust.person = false;
    pact_sign(&second, first, 6); /* BN and CN: the quorum of version 1, not of version 2 */
    assert_ok(take(second));
    ck_assert_int_eq(outcome, AGREEMENTS_PROPOSED);
    pact_sign(&second, first, 1U << 6);
    assert_ok(take(second));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
    ck_assert_uint_eq(agreements_in_force(held, rcep, PACT_NOW_S)->version, 2);
    ck_assert(agreements_vouch(held, TEXT("KR"), TEXT("customs.kr"), keypair_public(pact_keys[6]),
                               PACT_NOW_S));
    ck_assert(!agreements_vouch(held, TEXT("KR"), TEXT("customs.xx"), keypair_public(pact_keys[6]),
                                PACT_NOW_S));
    ck_assert(!agreements_vouch(held, TEXT("KR"), TEXT("customs.kr"), keypair_public(pact_keys[7]),
                                PACT_NOW_S));
    ck_assert_uint_eq(agreements_version(held, rcep, 1)->version, 1);
}
END_TEST

START_TEST(a_proposal_that_comes_without_a_person_is_signed_by_a_party)
{
    take_first(3, 2);
    second = pact_make(pact_next(first));
    trust.person = false;
    assert_fails(take(second), RESULT_UNTRUSTED, "a proposal that none of its parties has signed");
    pact_sign(&second, first, 2);
    assert_ok(take(second));
    ck_assert_int_eq(outcome, AGREEMENTS_PROPOSED);
}
END_TEST

START_TEST(a_key_that_was_changed_is_vouched_for_no_more)
{
    struct keypair *fresh = pact_key(50);
    take_first(3, 2);
    struct agreement *draft = pact_next(first);
    memcpy(draft->parties[1].identity, keypair_public(fresh), KEY_PUBLIC_BYTES);
    second = pact_make(draft);
    pact_sign(&second, first, 5);
    assert_ok(take(second));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
    ck_assert(
        agreements_vouch(held, TEXT("BN"), TEXT("customs.bn"), keypair_public(fresh), PACT_NOW_S));
    ck_assert(!agreements_vouch(held, TEXT("BN"), TEXT("customs.bn"), keypair_public(pact_keys[1]),
                                PACT_NOW_S));
    ck_assert(agreements_replaced(held, TEXT("BN"), keypair_public(pact_keys[1]), PACT_NOW_S));
    ck_assert(!agreements_replaced(held, TEXT("BN"), keypair_public(fresh), PACT_NOW_S));
    ck_assert(!agreements_replaced(held, TEXT("KR"), keypair_public(pact_keys[6]), PACT_NOW_S));
    struct agreement *third = pact_make(pact_next(second));
    pact_sign(&third, second, 5);
    assert_ok(take(third));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
    ck_assert(agreements_replaced(held, TEXT("BN"), keypair_public(pact_keys[1]), PACT_NOW_S));
    agreement_destroy(&third);
    keypair_destroy(&fresh);
}
END_TEST

START_TEST(an_older_version_that_is_played_again_changes_nothing)
{
    take_first(2, 2);
    second = pact_make(pact_next(first));
    pact_sign(&second, first, 3);
    assert_ok(take(second));
    assert_fails(take(first), RESULT_DUPLICATE, "version 1 is held already; the newest is 2");
    assert_ok(load());
    ck_assert_uint_eq(agreements_in_force(held, rcep, PACT_NOW_S)->version, 2);
    struct agreement *draft = pact_draft(2, 2);
    (void)snprintf(draft->name, sizeof draft->name, "Another one");
    agreement_destroy(&first);
    first = pact_make(draft);
    pact_sign(&first, NULL, 3);
    assert_fails(take(first), RESULT_CONFLICT, "version 1 is held as");
}
END_TEST

/* The fingerprint as digits, in the arena. */
static const char *digits_of(const struct agreement *agreement)
{
    uint8_t hash[WORDS_HASH_BYTES];
    char *digits = arena_zero(&arena, WORDS_DIGITS_BYTES);
    agreement_fingerprint(agreement, hash);
    words_digits(hash, digits);
    return digits;
}

START_TEST(two_different_next_versions_are_shown_with_who_signed_them)
{
    struct agreement *other = NULL;
    take_first(3, 2);
    struct agreement *draft = pact_next(first);
    second = pact_make(draft);
    pact_sign(&second, first, 2);
    assert_ok(take(second));
    draft->quorum = 3;
    other = pact_make(draft);
    pact_sign(&other, first, 4);
    assert_fails(take(other), RESULT_CONFLICT, "signed by BN; not by AU, CN; 1 of 3");
    ck_assert_ptr_nonnull(strstr(error.message, digits_of(second)));
    ck_assert_ptr_nonnull(strstr(error.message, digits_of(other)));
    ck_assert_ptr_nonnull(strstr(error.message, "signed by CN"));
    ck_assert_ptr_nonnull(strstr(error.message, "nothing was changed"));
    assert_ok(load());
    ck_assert_uint_eq(agreements_proposal(held, rcep)->quorum, 2);
    assert_ok(agreements_drop(folder_path("agreements"), TEXT("test"), rcep, &error));
    assert_fails(agreements_drop(folder_path("agreements"), TEXT("test"), rcep, &error),
                 RESULT_NOT_FOUND, "there is no proposal");
    assert_ok(take(other));
    agreement_destroy(&other);
}
END_TEST

START_TEST(what_a_quorum_signed_goes_before_a_proposal_and_keeps_it)
{
    struct agreement *other = NULL;
    take_first(3, 2);
    struct agreement *draft = pact_next(first);
    second = pact_make(draft);
    pact_sign(&second, first, 1);
    assert_ok(take(second));
    draft->grace_days = 31;
    other = pact_make(draft);
    pact_sign(&other, first, 6);
    assert_ok(take(other));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
    ck_assert_ptr_null(agreements_proposal(held, rcep));
    ck_assert_int_eq(access(folder_path("agreements/RCEP/0002.proposal"), R_OK), 0);
    pact_sign(&second, first, 2);
    assert_fails(take(second), RESULT_CONFLICT, "the parties settle which one holds");
    ck_assert_uint_eq(agreements_in_force(held, rcep, PACT_NOW_S)->grace_days, 31);
    agreement_destroy(&other);
}
END_TEST

START_TEST(a_version_between_is_asked_for)
{
    take_first(2, 2);
    struct agreement *draft = pact_next(first);
    draft->version = 3;
    second = pact_make(draft);
    pact_sign(&second, NULL, 3);
    assert_fails(take(second), RESULT_NOT_FOUND, "take version 2 first");
}
END_TEST

/* Takes version 1 with one signature more, of a key that nobody named. */
static enum result take_with_stranger(void)
{
    struct buffer note = {0};
    struct keypair *stranger = pact_key(99);
    buffer_append(&note, first->bytes.data, first->bytes.size);
    assert_ok(note_add_signature(first->note.body, TEXT("test.coconnect.customs.xx/identity"),
                                 NOTE_ED25519, 0, stranger, &note, &error));
    enum result result =
        agreements_import(folder_path("agreements"), buffer_bytes(&note), &trust, &outcome, &error);
    buffer_free(&note);
    keypair_destroy(&stranger);
    return result;
}

START_TEST(a_strangers_signature_refuses_the_whole)
{
    first = pact_make(pact_draft(2, 2));
    pact_sign(&first, NULL, 3);
    assert_fails(take_with_stranger(), RESULT_UNTRUSTED, "no party of it");
    assert_ok(load());
    ck_assert_ptr_null(agreements_at(held, 0));
    assert_ok(take(first));
    assert_fails(take_with_stranger(), RESULT_UNTRUSTED, "no party of it");
    assert_ok(load());
    ck_assert_uint_eq(agreements_at(held, 0)->note.signature_count, 2);
}
END_TEST

START_TEST(who_left_may_sign_the_version_it_leaves_by_when_it_is_held_already)
{
    take_first(3, 2);
    struct agreement *draft = pact_next(first);
    draft->party_count = 2;
    second = pact_make(draft);
    pact_sign(&second, first, 3);
    assert_ok(take(second));
    ck_assert_int_eq(outcome, AGREEMENTS_ACCEPTED);
    pact_sign(&second, first, 4);
    assert_ok(take(second));
    ck_assert_int_eq(outcome, AGREEMENTS_SIGNED);
    ck_assert_uint_eq(agreements_at(held, 1)->note.signature_count, 3);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_proposal_becomes_a_version_with_its_last_signature,
        signatures_of_fifteen_come_one_by_one_in_any_order,
        a_first_version_needs_the_own_signature_or_a_persons_word,
        a_first_version_is_ours_and_of_today,
        later_versions_follow_by_quorum_alone,
        a_proposal_that_comes_without_a_person_is_signed_by_a_party,
        a_key_that_was_changed_is_vouched_for_no_more,
        an_older_version_that_is_played_again_changes_nothing,
        two_different_next_versions_are_shown_with_who_signed_them,
        what_a_quorum_signed_goes_before_a_proposal_and_keeps_it,
        a_version_between_is_asked_for,
        a_strangers_signature_refuses_the_whole,
        who_left_may_sign_the_version_it_leaves_by_when_it_is_held_already,
    };
    return suite_run_with("agreements", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
