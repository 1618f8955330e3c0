/* Whoever stands between two sides that pair: what he may try, and how often he can win. */
#include "tests/unit/pairing_scene.h"

#include <sodium.h>

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
    reveal.nonce[31] ^= 1;
    send_instead(&as_id, &reveal);
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
    reveal.nonce[0] ^= 1;
    send_instead(&as_kr, &reveal);
    assert_fails(deliver(&as_kr, &id), RESULT_UNTRUSTED, "did not show what it had committed to");
    ck_assert_int_eq(sent_by(&id).kind, PAIRING_REFUSE);
}
END_TEST

/* Gives a side what it has sent itself. */
static enum result throw_back(struct side *side)
{
    struct side echo = {.out = side->out};
    side->out = (struct buffer){0};
    enum result result = deliver(&echo, side);
    buffer_free(&echo.out);
    return result;
}

START_TEST(what_is_thrown_back_at_its_sender_is_refused)
{
    side_begin(&kr);
    assert_ok(throw_back(&kr)); /* a commitment says nothing of who made it */
    assert_fails(throw_back(&kr), RESULT_UNTRUSTED, "did not show what it had committed to");
}
END_TEST

START_TEST(a_confirmation_that_is_thrown_back_at_its_sender_is_refused)
{
    meet(&kr, &id);
    assert_ok(confirm(&kr, &id));
    assert_fails(throw_back(&kr), RESULT_UNTRUSTED, "was not made by the side whose words");
}
END_TEST

START_TEST(a_confirmation_with_another_proof_or_without_its_signature_is_refused)
{
    for (unsigned turn = 0; turn < 2; turn++) {
        meet(&kr, &id);
        assert_ok(confirm(&id, &kr));
        struct pairing_message forged = sent_by(&id);
        forged.proof[0] ^= turn == 0;
        forged.signature = turn == 0 ? forged.signature : TEXT("");
        send_instead(&id, &forged);
        assert_fails(deliver(&id, &kr), RESULT_UNTRUSTED, "was not made by the side whose words");
        ck_assert_int_eq(state_of(&kr), PAIRING_ENDED);
    }
}
END_TEST

/* The proof of a listener that knows its key of the run and what both revealed. */
static void prove(const uint8_t secret[KEY_SECRET_BYTES], const uint8_t theirs[KEY_PUBLIC_BYTES],
                  const uint8_t string[PAIRING_HASH_BYTES], struct pairing_message *confirmation)
{
    struct buffer said = {0};
    uint8_t shared[crypto_scalarmult_BYTES];
    uint8_t key[crypto_hash_sha256_BYTES];
    ck_assert_int_eq(crypto_scalarmult(shared, secret, theirs), 0);
    buffer_text(&said, PAIRING_VERSION " key\n");
    buffer_append(&said, shared, sizeof shared);
    buffer_append(&said, string, PAIRING_HASH_BYTES);
    (void)crypto_hash_sha256(key, said.data, said.size);
    buffer_clear(&said);
    buffer_append(&said, &(uint8_t){MINUTES_LISTENER}, 1);
    buffer_append(&said, confirmation->signature.data, confirmation->signature.size);
    (void)crypto_auth_hmacsha256(confirmation->proof, said.data, said.size, key);
    buffer_free(&said);
}

/* A run of KR with an ID that keeps to the protocol, and signs the minutes with this line. */
static enum result pair_with_signature(struct text line)
{
    const uint8_t secret[KEY_SECRET_BYTES] = {7};
    struct buffer bytes = {0};
    uint8_t string[PAIRING_HASH_BYTES];
    struct pairing_message commit = {.kind = PAIRING_COMMIT};
    struct pairing_message confirmation = {.kind = PAIRING_CONFIRM, .signature = line};
    struct pairing_message reveal = {.kind = PAIRING_REVEAL,
                                     .card = buffer_bytes(&id.party.card.note),
                                     .person = TEXT("Mallory"),
                                     .time_s = PARTY_NOW_S};
    (void)crypto_scalarmult_base(reveal.ephemeral, secret);
    pairing_message_append(&reveal, &bytes);
    pairing_commitment(MINUTES_LISTENER, buffer_bytes(&bytes), commit.commitment);
    side_begin(&kr);
    buffer_clear(&kr.out);
    send_instead(&id, &commit);
    assert_ok(deliver(&id, &kr));
    struct bytes sent = buffer_bytes(&kr.out);
    struct bytes theirs;
    assert_ok(pairing_frame_cut(&sent, &theirs, &error));
    pairing_string(buffer_bytes(&bytes), theirs, string);
    prove(secret, sent_by(&kr).ephemeral, string, &confirmation);
    send_instead(&id, &reveal);
    assert_ok(deliver(&id, &kr));
    send_instead(&id, &confirmation);
    buffer_free(&bytes);
    return deliver(&id, &kr);
}

/* The line that this side signs the minutes of a run of its own with. */
static struct text signature_of(struct side *listener)
{
    meet(&kr, listener);
    assert_ok(confirm(listener, &kr));
    return arena_text(&arena, sent_by(listener).signature);
}

START_TEST(minutes_with_a_signature_of_another_key_or_run_are_refused)
{
    assert_ok(pair_with_signature(TEXT("")));
    ck_assert_int_eq(state_of(&kr), PAIRING_COMPARING);
    assert_fails(pair_with_signature(signature_of(&as_id)), RESULT_UNTRUSTED,
                 "a signature of somebody else stands under them");
    ck_assert_int_eq(state_of(&kr), PAIRING_ENDED);
    assert_fails(pair_with_signature(signature_of(&id)), RESULT_UNTRUSTED,
                 "the signature does not hold"); /* it is ID's, under the minutes of another run */
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

int main(void)
{
    const TTest *const tests[] = {
        a_man_in_the_middle_who_shows_other_cards_makes_the_strings_differ,
        a_man_in_the_middle_who_confirms_for_somebody_confirms_another_string,
        a_nonce_that_was_chosen_after_the_others_is_refused,
        the_listener_shows_nothing_before_the_caller_has_shown_what_it_committed_to,
        what_is_thrown_back_at_its_sender_is_refused,
        a_confirmation_that_is_thrown_back_at_its_sender_is_refused,
        a_confirmation_with_another_proof_or_without_its_signature_is_refused,
        minutes_with_a_signature_of_another_key_or_run_are_refused,
        a_key_of_the_run_that_is_none_is_refused,
        an_attacker_between_real_machines_wins_as_often_as_the_bits_promise,
        an_attacker_who_has_committed_wins_one_run_in_two_to_the_bits,
        an_attacker_who_need_not_commit_wins_every_run,
    };
    return suite_run_with("pairing attack", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
