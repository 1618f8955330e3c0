/* Pairing: two state machines that meet, people who compare, who may pair, and the minutes. */
#include "tests/unit/pairing_scene.h"

START_TEST(two_sides_that_meet_show_one_string_and_pair)
{
    meet(&kr, &id);
    ck_assert_mem_eq(pairing_hash(kr.pairing), pairing_hash(id.pairing), PAIRING_HASH_BYTES);
    ck_assert_str_eq(pairing_card(kr.pairing)->party, "ID");
    ck_assert_str_eq(pairing_card(id.pairing)->party, "KR");
    ck_assert_str_eq(pairing_person(id.pairing), "Kim Min-jun");
    assert_ok(confirm(&kr, &id));
    assert_ok(confirm(&id, &kr));
    assert_ok(deliver(&kr, &id));
    assert_ok(deliver(&id, &kr));
    ck_assert_int_eq(state_of(&kr), PAIRING_PAIRED);
    ck_assert_int_eq(state_of(&id), PAIRING_PAIRED);
}
END_TEST

START_TEST(the_string_is_another_in_each_run)
{
    uint8_t before[PAIRING_HASH_BYTES];
    meet(&kr, &id);
    memcpy(before, pairing_hash(kr.pairing), sizeof before);
    meet(&kr, &id);
    ck_assert_mem_ne(before, pairing_hash(kr.pairing), sizeof before);
}
END_TEST

/* What KR reveals in a new run. */
static struct pairing_message revealed(void)
{
    side_begin(&kr);
    side_begin(&id);
    assert_ok(deliver(&kr, &id));
    assert_ok(deliver(&id, &kr));
    return sent_by(&kr);
}

START_TEST(nonce_and_key_are_drawn_for_each_run)
{
    const struct pairing_message first = revealed();
    const struct pairing_message second = revealed();
    ck_assert_int_eq(second.kind, PAIRING_REVEAL);
    ck_assert_mem_ne(first.nonce, second.nonce, sizeof first.nonce);
    ck_assert_mem_ne(first.ephemeral, second.ephemeral, sizeof first.ephemeral);
}
END_TEST

START_TEST(nothing_is_paired_before_both_have_confirmed)
{
    meet(&kr, &id);
    assert_ok(confirm(&kr, &id));
    ck_assert_int_eq(state_of(&kr), PAIRING_WAITING);
    assert_ok(deliver(&kr, &id));
    ck_assert_int_eq(state_of(&id), PAIRING_COMPARING);
    assert_ok(confirm(&id, &kr));
    ck_assert_int_eq(state_of(&id), PAIRING_PAIRED);
    ck_assert_int_eq(state_of(&kr), PAIRING_WAITING);
    assert_ok(deliver(&id, &kr));
    ck_assert_int_eq(state_of(&kr), PAIRING_PAIRED);
}
END_TEST

START_TEST(other_words_end_the_run_on_both_sides)
{
    meet(&kr, &id);
    assert_ok(confirm(&kr, &id));
    assert_ok(deliver(&kr, &id));
    assert_fails(
        pairing_confirm(id.pairing, TEXT("zoom zoom zoom zoom zoom zoom"), &id.out, &error),
        RESULT_UNTRUSTED, "the words differ");
    ck_assert_int_eq(state_of(&id), PAIRING_ENDED);
    assert_fails(deliver(&id, &kr), RESULT_DENIED,
                 "the other side ended the pairing: the words that were typed are not those");
    ck_assert_int_eq(state_of(&kr), PAIRING_ENDED);
    assert_fails(confirm(&id, &kr), RESULT_DENIED, "nothing to confirm");
    assert_ok(pairing_start(&as_kr.self, &as_kr.pairing, &as_kr.out, &error));
    assert_fails(deliver(&as_kr, &id), RESULT_DENIED, "this pairing has ended");
}
END_TEST

START_TEST(a_slip_of_the_hand_may_be_typed_again)
{
    meet(&kr, &id);
    assert_fails(pairing_confirm(kr.pairing, TEXT("yes"), &kr.out, &error), RESULT_INVALID,
                 "'yes' is none of the words");
    ck_assert_uint_eq(kr.out.size, 0);
    assert_ok(confirm(&kr, &id));
}
END_TEST

START_TEST(a_side_that_gives_up_ends_it_for_both)
{
    meet(&kr, &id);
    pairing_refuse(kr.pairing, "nobody answered the telephone", &kr.out);
    assert_fails(deliver(&kr, &id), RESULT_DENIED, "nobody answered the telephone");
    assert_fails(confirm(&kr, &id), RESULT_DENIED, "nothing to confirm");
    assert_fails(confirm(&id, &kr), RESULT_DENIED, "nothing to confirm");
}
END_TEST

/* ---- who may pair ---- */

/* What the caller hears of the listener's refusal. */
static void assert_refused(const char *sentence)
{
    side_begin(&kr);
    side_begin(&id);
    assert_ok(deliver(&kr, &id));
    assert_ok(deliver(&id, &kr));
    assert_fails(deliver(&kr, &id), RESULT_DENIED, sentence);
    assert_fails(deliver(&id, &kr), RESULT_DENIED, sentence);
    ck_assert_ptr_nonnull(strstr(error.message, "the other side ended the pairing"));
}

START_TEST(cards_and_clocks_that_do_not_fit_are_refused_on_both_sides)
{
    kr.self.now_s += PAIRING_CLOCK_MAX_S;
    meet(&kr, &id);
    kr.self.now_s += 1;
    assert_refused("the clock of ID shows 2026-01-05T09:30:00Z, that of KR 2026-01-05T09:35:01Z");
    kr.party.card.keys[KEY_IDENTITY][0].until_s = PARTY_NOW_S + 60;
    party_sign(&kr.party);
    kr.self.now_s = PARTY_NOW_S;
    id.self.now_s = PARTY_NOW_S + 60;
    assert_refused("the identity key of KR is not valid now");
    id.self.now_s = PARTY_NOW_S;
    kr.party.card.keys[KEY_IDENTITY][0].until_s = PARTY_UNTIL_S;
    memcpy(kr.party.card.environment, "prod", 5);
    party_sign(&kr.party);
    assert_refused("the card of KR is of environment prod, that of ID of test");
    side_disguise(&kr, &id);
    memcpy(kr.party.card.environment, "test", 5);
    party_sign(&kr.party);
    assert_refused("two different parties pair");
}
END_TEST

START_TEST(an_own_card_past_its_time_and_names_that_hide_something_are_told_at_the_start)
{
    kr.self.now_s = PARTY_UNTIL_S;
    assert_fails(pairing_start(&kr.self, &kr.pairing, &kr.out, &error), RESULT_DENIED,
                 "is not valid now");
    kr.self.now_s = PARTY_NOW_S;
    kr.self.person = TEXT("");
    assert_fails(pairing_start(&kr.self, &kr.pairing, &kr.out, &error), RESULT_INVALID,
                 "printable name of a person");
    kr.self.person = TEXT("Kim\xe2\x80\xae");
    assert_fails(pairing_start(&kr.self, &kr.pairing, &kr.out, &error), RESULT_INVALID,
                 "printable name of a person");
    ck_assert_ptr_null(kr.pairing);
}
END_TEST

START_TEST(what_comes_out_of_order_or_is_rubbish_ends_the_run)
{
    static const uint8_t rubbish[] = "GET / HTTP/1.1\r\n\r\n";
    const struct pairing_message confirm = {.kind = PAIRING_CONFIRM};
    side_begin(&id);
    assert_fails(pairing_take(id.pairing, bytes_of(rubbish, sizeof rubbish), &id.out, &error),
                 RESULT_INVALID, "pairing message");
    side_begin(&id);
    send_instead(&kr, &confirm);
    assert_fails(deliver(&kr, &id), RESULT_INVALID, "in another order");
    ck_assert_int_eq(state_of(&id), PAIRING_ENDED);
}
END_TEST

START_TEST(another_version_is_told_and_a_long_message_is_not_waited_for)
{
    struct buffer other = {0};
    buffer_append(&other,
                  "\x93\x01\xb1"
                  "comesh pairing v2"
                  "\xc4\x20",
                  22);
    uint8_t zeros[32] = {0};
    buffer_append(&other, zeros, sizeof zeros);
    side_begin(&id);
    assert_fails(pairing_take(id.pairing, buffer_bytes(&other), &id.out, &error),
                 RESULT_UNSUPPORTED, "the other side speaks 'comesh pairing v2'");
    buffer_free(&other);
    struct bytes received = {(const uint8_t *)"\xff\xff\xff\xff", 4};
    struct bytes message;
    assert_fails(pairing_frame_cut(&received, &message, &error), RESULT_TOO_LARGE,
                 "this is no pairing");
}
END_TEST

/* ---- minutes ---- */

static void pair_both(void)
{
    meet(&kr, &id);
    assert_ok(confirm(&kr, &id));
    assert_ok(confirm(&id, &kr));
    assert_ok(deliver(&kr, &id));
    assert_ok(deliver(&id, &kr));
}

START_TEST(both_sides_hold_the_same_minutes_signed_by_both)
{
    struct buffer ours = {0};
    struct buffer theirs = {0};
    char digits[FINGERPRINT_DIGITS_BYTES];
    unsigned signers = 0;
    kr.self.now_s = PARTY_NOW_S + 61;
    pair_both();
    assert_ok(pairing_minutes(kr.pairing, &ours, &signers, &error));
    ck_assert_uint_eq(signers, 1U << MINUTES_LISTENER | 1U << MINUTES_CALLER);
    assert_ok(pairing_minutes(id.pairing, &theirs, &signers, &error));
    ck_assert(bytes_equal(buffer_bytes(&ours), buffer_bytes(&theirs)));
    card_fingerprint(&kr.party.card, digits);
    ck_assert_ptr_nonnull(memmem(ours.data, ours.size, digits, strlen(digits)));
    ck_assert_ptr_nonnull(memmem(ours.data, ours.size, "\nperson Kim Min-jun\nplace Seoul\n", 32));
    ck_assert_ptr_nonnull(memmem(ours.data, ours.size, "\ntime 2026-01-05T09:30:00Z\n", 27));
    ck_assert_ptr_nonnull(memmem(ours.data, ours.size, "\ntime 2026-01-05T09:31:01Z\n", 27));
    buffer_free(&ours);
    buffer_free(&theirs);
}
END_TEST

START_TEST(a_run_that_is_over_is_refused_no_more)
{
    pair_both();
    pairing_refuse(kr.pairing, "too late", &kr.out);
    ck_assert_int_eq(state_of(&kr), PAIRING_PAIRED);
    ck_assert_uint_eq(kr.out.size, 0);
    meet(&kr, &id);
    pairing_refuse(kr.pairing, "nobody answered the telephone", &kr.out);
    buffer_clear(&kr.out);
    pairing_refuse(kr.pairing, "nobody answered the telephone", &kr.out);
    ck_assert_uint_eq(kr.out.size, 0);
}
END_TEST

START_TEST(a_side_whose_identity_is_kept_elsewhere_leaves_its_signature_out)
{
    struct buffer note = {0};
    unsigned signers = 0;
    id.self.identity = NULL;
    pair_both();
    ck_assert_int_eq(state_of(&kr), PAIRING_PAIRED);
    assert_ok(pairing_minutes(kr.pairing, &note, &signers, &error));
    ck_assert_uint_eq(signers, 1U << MINUTES_CALLER);
    buffer_free(&note);
    kr.self.identity = NULL;
    pair_both();
    assert_ok(pairing_minutes(id.pairing, &note, &signers, &error));
    ck_assert_uint_eq(signers, 0);
    buffer_free(&note);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        two_sides_that_meet_show_one_string_and_pair,
        the_string_is_another_in_each_run,
        nonce_and_key_are_drawn_for_each_run,
        nothing_is_paired_before_both_have_confirmed,
        other_words_end_the_run_on_both_sides,
        a_slip_of_the_hand_may_be_typed_again,
        a_side_that_gives_up_ends_it_for_both,
        cards_and_clocks_that_do_not_fit_are_refused_on_both_sides,
        an_own_card_past_its_time_and_names_that_hide_something_are_told_at_the_start,
        what_comes_out_of_order_or_is_rubbish_ends_the_run,
        another_version_is_told_and_a_long_message_is_not_waited_for,
        both_sides_hold_the_same_minutes_signed_by_both,
        a_run_that_is_over_is_refused_no_more,
        a_side_whose_identity_is_kept_elsewhere_leaves_its_signature_out,
    };
    return suite_run_with("pairing", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
