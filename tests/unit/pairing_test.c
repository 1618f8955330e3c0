/* Pairing: two state machines that meet, people who compare, and whoever stands between them. */
#include "keys/pairing.h"
#include "tests/unit/party.h"

#include <sodium.h>

/* One side of a run: its party, its machine, and what it has sent and nobody has read yet. */
struct side {
    struct party party;
    struct pairing_self self;
    struct pairing *pairing;
    struct buffer out;
};

static struct side kr;    /* calls */
static struct side id;    /* listens */
static struct side as_id; /* the man in the middle, who poses as ID before KR */
static struct side as_kr; /* and as KR before ID */

static void side_make(struct side *side, enum minutes_role role, const char *code,
                      const char *domain)
{
    *side = (struct side){0};
    party_start(&side->party, code, domain);
    party_sign(&side->party);
    side->self = (struct pairing_self){.side = role,
                                       .card = &side->party.card,
                                       .identity = side->party.keys[KEY_IDENTITY],
                                       .person = TEXT("Kim Min-jun"),
                                       .place = TEXT("Seoul"),
                                       .now_s = PARTY_NOW_S};
}

/* Keys of its own under the name of another. */
static void side_disguise(struct side *side, const struct side *as)
{
    memcpy(side->party.card.party, as->party.card.party, sizeof side->party.card.party);
    memcpy(side->party.card.domain, as->party.card.domain, sizeof side->party.card.domain);
    party_sign(&side->party);
}

static void side_begin(struct side *side)
{
    pairing_destroy(&side->pairing);
    buffer_clear(&side->out);
    assert_ok(pairing_start(&side->self, &side->pairing, &side->out, &error));
}

static void side_end(struct side *side)
{
    pairing_destroy(&side->pairing);
    buffer_free(&side->out);
    party_end(&side->party);
}

static void start(void)
{
    side_make(&kr, MINUTES_CALLER, "KR", "customs.go.kr");
    side_make(&id, MINUTES_LISTENER, "ID", "beacukai.go.id");
    side_make(&as_id, MINUTES_LISTENER, "XI", "beacukai.example");
    side_make(&as_kr, MINUTES_CALLER, "XK", "customs.example");
    side_disguise(&as_id, &id);
    side_disguise(&as_kr, &kr);
}

static void end(void)
{
    side_end(&kr);
    side_end(&id);
    side_end(&as_id);
    side_end(&as_kr);
}

/* Gives `to` all that `from` has sent; the first thing that is refused ends it. */
static enum result deliver(struct side *from, struct side *to)
{
    struct bytes sent = buffer_bytes(&from->out);
    struct bytes message;
    enum result result = pairing_frame_cut(&sent, &message, &error);
    while (result == RESULT_OK && message.data != NULL) {
        result = pairing_take(to->pairing, message, &to->out, &error);
        if (result == RESULT_OK) {
            result = pairing_frame_cut(&sent, &message, &error);
        }
    }
    buffer_clear(&from->out);
    return result;
}

/* Until both know the string. */
static void meet(struct side *caller, struct side *listener)
{
    side_begin(caller);
    side_begin(listener);
    for (unsigned i = 0; i < 2; i++) {
        assert_ok(deliver(caller, listener));
        assert_ok(deliver(listener, caller));
    }
    ck_assert_int_eq(pairing_state(caller->pairing), PAIRING_COMPARING);
    ck_assert_int_eq(pairing_state(listener->pairing), PAIRING_COMPARING);
}

/* The person at `side` types what the person at `other` reads. */
static enum result confirm(struct side *side, const struct side *other)
{
    char words[WORDS_TEXT_BYTES];
    words_text(pairing_hash(other->pairing), words);
    return pairing_confirm(side->pairing, text_of(words), &side->out, &error);
}

/* The message that a side has sent last. */
static struct pairing_message sent_by(const struct side *side)
{
    struct bytes sent = buffer_bytes(&side->out);
    struct bytes message;
    struct pairing_message read;
    assert_ok(pairing_frame_cut(&sent, &message, &error));
    ck_assert_ptr_nonnull(message.data);
    assert_ok(pairing_message_read(message, &read, &error));
    return read;
}

static void send_instead(struct side *side, const struct pairing_message *message)
{
    struct buffer bytes = {0};
    struct buffer frame = {0};
    pairing_message_append(message, &bytes);
    pairing_frame_append(buffer_bytes(&bytes), &frame);
    buffer_free(&bytes);
    buffer_free(&side->out);
    side->out = frame;
}

static enum pairing_state state_of(const struct side *side)
{
    return pairing_state(side->pairing);
}

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
    assert_fails(confirm(&id, &kr), RESULT_DENIED, "nothing to confirm");
}
END_TEST

/* ---- whoever stands between ---- */

START_TEST(a_man_in_the_middle_who_shows_other_cards_makes_the_strings_differ)
{
    meet(&kr, &as_id);
    meet(&as_kr, &id);
    ck_assert_str_eq(pairing_card(kr.pairing)->party, "ID");
    ck_assert_mem_ne(pairing_hash(kr.pairing), pairing_hash(id.pairing), PAIRING_HASH_BYTES);
    assert_fails(confirm(&kr, &id), RESULT_UNTRUSTED, "the words differ");
    assert_fails(confirm(&id, &kr), RESULT_UNTRUSTED, "the words differ");
    ck_assert_int_eq(state_of(&kr), PAIRING_ENDED);
    ck_assert_int_eq(state_of(&id), PAIRING_ENDED);
}
END_TEST

START_TEST(a_man_in_the_middle_who_confirms_for_somebody_confirms_another_string)
{
    meet(&kr, &as_id);
    meet(&as_kr, &id);
    assert_ok(confirm(&as_kr, &as_kr));
    assert_ok(deliver(&as_kr, &id));
    ck_assert_int_eq(state_of(&id), PAIRING_COMPARING);
    assert_fails(confirm(&id, &kr), RESULT_UNTRUSTED, "the words differ");
    ck_assert_int_eq(state_of(&id), PAIRING_ENDED);
}
END_TEST

/* The man in the middle has seen what KR revealed, and shows a nonce that he has chosen since. */
START_TEST(a_nonce_that_was_chosen_after_the_others_is_refused)
{
    side_begin(&kr);
    side_begin(&as_id);
    assert_ok(deliver(&kr, &as_id));
    assert_ok(deliver(&as_id, &kr));
    assert_ok(deliver(&kr, &as_id));
    struct pairing_message reveal = sent_by(&as_id);
    struct buffer card = {0};
    buffer_append(&card, reveal.card.data, reveal.card.size);
    reveal.card = buffer_bytes(&card);
    reveal.person = TEXT("Kim Min-jun");
    reveal.place = TEXT("Seoul");
    reveal.nonce[31] ^= 1;
    send_instead(&as_id, &reveal);
    buffer_free(&card);
    assert_fails(deliver(&as_id, &kr), RESULT_UNTRUSTED, "did not show what it had committed to");
    ck_assert_int_eq(state_of(&kr), PAIRING_ENDED);
    assert_fails(deliver(&kr, &as_id), RESULT_DENIED, "the other side ended the pairing");
}
END_TEST

START_TEST(the_listener_shows_nothing_before_the_caller_has_shown_what_it_committed_to)
{
    side_begin(&as_kr);
    side_begin(&id);
    assert_ok(deliver(&as_kr, &id));
    ck_assert_int_eq(sent_by(&id).kind, PAIRING_COMMIT);
    assert_ok(deliver(&id, &as_kr));
    struct pairing_message reveal = sent_by(&as_kr);
    reveal.card = buffer_bytes(&as_kr.party.card.note);
    reveal.person = TEXT("Kim");
    reveal.place = TEXT("");
    reveal.nonce[0] ^= 1;
    send_instead(&as_kr, &reveal);
    assert_fails(deliver(&as_kr, &id), RESULT_UNTRUSTED, "did not show what it had committed to");
    ck_assert_int_eq(sent_by(&id).kind, PAIRING_REFUSE);
}
END_TEST

START_TEST(what_is_thrown_back_at_its_sender_is_refused)
{
    side_begin(&kr);
    struct buffer echo = {0};
    struct bytes message;
    buffer_append(&echo, kr.out.data, kr.out.size);
    struct bytes sent = buffer_bytes(&echo);
    assert_ok(pairing_frame_cut(&sent, &message, &error));
    buffer_clear(&kr.out);
    assert_ok(pairing_take(kr.pairing, message, &kr.out, &error));
    buffer_clear(&echo);
    buffer_append(&echo, kr.out.data, kr.out.size);
    sent = buffer_bytes(&echo);
    assert_ok(pairing_frame_cut(&sent, &message, &error));
    assert_fails(pairing_take(kr.pairing, message, &kr.out, &error), RESULT_UNTRUSTED,
                 "did not show what it had committed to");
    buffer_free(&echo);
}
END_TEST

START_TEST(a_confirmation_of_another_key_or_side_is_refused)
{
    meet(&kr, &id);
    assert_ok(confirm(&id, &kr));
    struct pairing_message forged = sent_by(&id);
    forged.proof[0] ^= 1;
    forged.signature = TEXT("");
    send_instead(&id, &forged);
    assert_fails(deliver(&id, &kr), RESULT_UNTRUSTED, "was not made by the side whose words");
    meet(&kr, &id);
    assert_ok(confirm(&kr, &id));
    struct bytes sent = buffer_bytes(&kr.out);
    struct bytes own;
    assert_ok(pairing_frame_cut(&sent, &own, &error));
    assert_fails(pairing_take(kr.pairing, own, &id.out, &error), RESULT_UNTRUSTED,
                 "was not made by the side whose words");
    meet(&kr, &id);
    assert_ok(confirm(&id, &kr));
    struct pairing_message bare = sent_by(&id);
    bare.signature = TEXT(""); /* taken away on the way */
    send_instead(&id, &bare);
    assert_fails(deliver(&id, &kr), RESULT_UNTRUSTED, "was not made by the side whose words");
}
END_TEST

START_TEST(minutes_that_another_key_signed_are_refused)
{
    id.self.identity = as_id.party.keys[KEY_IDENTITY];
    meet(&kr, &id);
    (void)!confirm(&id, &kr);
    ck_assert_int_ne(deliver(&id, &kr), RESULT_OK);
    ck_assert_int_eq(state_of(&kr), PAIRING_ENDED);
}
END_TEST

START_TEST(a_key_of_the_run_that_is_none_is_refused)
{
    uint8_t commitment[PAIRING_HASH_BYTES];
    struct buffer bytes = {0};
    struct pairing_message reveal = {.kind = PAIRING_REVEAL,
                                     .card = buffer_bytes(&as_id.party.card.note),
                                     .person = TEXT("Mallory"),
                                     .time_s = PARTY_NOW_S};
    pairing_message_append(&reveal, &bytes); /* the point at infinity: a shared secret of zeros */
    pairing_commitment(MINUTES_LISTENER, buffer_bytes(&bytes), commitment);
    struct pairing_message commit = {.kind = PAIRING_COMMIT};
    memcpy(commit.commitment, commitment, sizeof commitment);
    side_begin(&kr);
    send_instead(&as_id, &commit);
    assert_ok(deliver(&as_id, &kr));
    send_instead(&as_id, &reveal);
    assert_fails(deliver(&as_id, &kr), RESULT_UNTRUSTED, "key of this run is none");
    buffer_free(&bytes);
}
END_TEST

/* ---- what an attacker can win ---- */

#define MACHINE_RUNS 2000
#define MACHINE_BITS 5
#define HASH_RUNS    1000000
#define HASH_BITS    12

static uint32_t short_string(const uint8_t hash[PAIRING_HASH_BYTES], unsigned bits)
{
    return ((uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16) >> (32 - bits);
}

/* Within six standard deviations of what the bits promise: by chance outside once in 10^9 times. */
static void assert_promised(unsigned won, unsigned runs, unsigned bits)
{
    double expected = (double)runs / (double)(1U << bits);
    double off = (double)won > expected ? (double)won - expected : expected - (double)won;
    ck_assert_msg(off * off <= 36 * expected, "%u of %u won, where %.0f are promised", won, runs,
                  expected);
}

START_TEST(an_attacker_between_real_machines_wins_as_often_as_the_bits_promise)
{
    unsigned won = 0;
    for (unsigned run = 0; run < MACHINE_RUNS; run++) {
        meet(&kr, &as_id);
        meet(&as_kr, &id);
        won += short_string(pairing_hash(kr.pairing), MACHINE_BITS) ==
               short_string(pairing_hash(id.pairing), MACHINE_BITS);
    }
    assert_promised(won, MACHINE_RUNS, MACHINE_BITS);
}
END_TEST

/* The attacker has made his own reveals, as the commitments force him to, before the honest sides
 * drew their nonces; the strings are those of the protocol. */
START_TEST(an_attacker_who_has_committed_wins_one_run_in_two_to_the_bits)
{
    uint8_t honest[2][PAIRING_NONCE_BYTES];
    uint8_t attacker[PAIRING_NONCE_BYTES] = {1};
    uint8_t strings[2][PAIRING_HASH_BYTES];
    struct bytes his = {attacker, sizeof attacker};
    unsigned won = 0;
    for (unsigned run = 0; run < HASH_RUNS; run++) {
        randombytes_buf(honest, sizeof honest);
        pairing_string(his, bytes_of(honest[0], sizeof honest[0]), strings[0]);
        pairing_string(bytes_of(honest[1], sizeof honest[1]), his, strings[1]);
        won += short_string(strings[0], HASH_BITS) == short_string(strings[1], HASH_BITS);
    }
    assert_promised(won, HASH_RUNS, HASH_BITS);
}
END_TEST

/* The test above could not fail if nobody could win: without a commitment he always does. */
START_TEST(an_attacker_who_need_not_commit_wins_every_run)
{
    for (unsigned run = 0; run < 20; run++) {
        uint8_t honest[2][PAIRING_NONCE_BYTES];
        uint8_t strings[2][PAIRING_HASH_BYTES];
        uint32_t tried = 0;
        randombytes_buf(honest, sizeof honest);
        pairing_string(bytes_of(&tried, sizeof tried), bytes_of(honest[0], sizeof honest[0]),
                       strings[0]);
        do {
            tried++;
            pairing_string(bytes_of(honest[1], sizeof honest[1]), bytes_of(&tried, sizeof tried),
                           strings[1]);
        } while (short_string(strings[0], HASH_BITS) != short_string(strings[1], HASH_BITS) &&
                 tried < 1U << (HASH_BITS + 6));
        ck_assert_uint_lt(tried, 1U << (HASH_BITS + 6));
    }
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
    assert_fails(pairing_start(&kr.self, &kr.pairing, &kr.out, &error), RESULT_INVALID, "person");
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
    pair_both();
    assert_ok(pairing_minutes(kr.pairing, &ours, &signers, &error));
    ck_assert_uint_eq(signers, 1U << MINUTES_LISTENER | 1U << MINUTES_CALLER);
    assert_ok(pairing_minutes(id.pairing, &theirs, &signers, &error));
    ck_assert(bytes_equal(buffer_bytes(&ours), buffer_bytes(&theirs)));
    card_fingerprint(&kr.party.card, digits);
    ck_assert_ptr_nonnull(memmem(ours.data, ours.size, digits, strlen(digits)));
    ck_assert_ptr_nonnull(memmem(ours.data, ours.size, "\nperson Kim Min-jun\nplace Seoul\n", 32));
    buffer_free(&ours);
    buffer_free(&theirs);
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
        nothing_is_paired_before_both_have_confirmed,
        other_words_end_the_run_on_both_sides,
        a_slip_of_the_hand_may_be_typed_again,
        a_side_that_gives_up_ends_it_for_both,
        a_man_in_the_middle_who_shows_other_cards_makes_the_strings_differ,
        a_man_in_the_middle_who_confirms_for_somebody_confirms_another_string,
        a_nonce_that_was_chosen_after_the_others_is_refused,
        the_listener_shows_nothing_before_the_caller_has_shown_what_it_committed_to,
        what_is_thrown_back_at_its_sender_is_refused,
        a_confirmation_of_another_key_or_side_is_refused,
        minutes_that_another_key_signed_are_refused,
        a_key_of_the_run_that_is_none_is_refused,
        an_attacker_between_real_machines_wins_as_often_as_the_bits_promise,
        an_attacker_who_has_committed_wins_one_run_in_two_to_the_bits,
        an_attacker_who_need_not_commit_wins_every_run,
        cards_and_clocks_that_do_not_fit_are_refused_on_both_sides,
        an_own_card_past_its_time_and_names_that_hide_something_are_told_at_the_start,
        what_comes_out_of_order_or_is_rubbish_ends_the_run,
        another_version_is_told_and_a_long_message_is_not_waited_for,
        both_sides_hold_the_same_minutes_signed_by_both,
        a_side_whose_identity_is_kept_elsewhere_leaves_its_signature_out,
    };
    return suite_run_with("pairing", tests, SUITE_COUNT(tests), start, end);
}
