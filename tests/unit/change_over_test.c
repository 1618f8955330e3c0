/* Tests of node/flow/own, carried and signer, and of the ports' keys: which of our keys serves
 * towards a partner while they change over, and what of a partner's counts when its keys change. */
#include "tests/unit/flow_fixture.h"

#include "node/flow/own.h"
#include "node/link/ports.h"

static struct keypair *next; /* Korea's new key */

static void end(void)
{
    flows_end();
    keypair_destroy(&next);
}

/* Korea's next card, with a new key of that role beside the old one. */
static void rotate(enum key_role role, const char *endpoint)
{
    struct card_key *key = &korea.card.keys[role][korea.card.key_count[role]++];
    *key = korea.card.keys[role][0];
    key->from_s += 60;
    assert_ok(keypair_generate(role, &next, &error));
    memcpy(key->public_key, keypair_public(next), KEY_PUBLIC_BYTES);
    (void)snprintf(key->endpoint, sizeof key->endpoint, "%s", endpoint);
    korea.card.serial++;
    assert_ok(card_sign(&korea.card, korea.keys[KEY_IDENTITY], &error));
    assert_ok(directory_own_store(korea.cards, &korea.card, &error));
    node_unlock(&korea, next);
    node_read_cards(&korea);
}

static void assert_serves(enum key_role role, uint64_t known, const struct keypair *key)
{
    struct own own = own_of(&korea.flow);
    const struct keypair *served = own_key(&own, role, known, &error);
    ck_assert_ptr_eq(served, key);
    own_release(&own);
}

/* Korea's newest receipt is under a checkpoint by this key. */
static void assert_signed_by(const struct keypair *key)
{
    struct store_receipt receipt;
    struct note note;
    uint32_t channel = channel_of(korea_reader)->number;
    uint64_t last = channel_of(korea_reader)->receipt_size - 1;
    assert_ok(store_read_receipt(korea_reader, channel, last, &arena, &receipt, &error));
    assert_ok(note_parse(receipt.note, &note, &error));
    assert_ok(note_verify(&note, TEXT("test.coconnect.customs.go.kr/checkpoint"), NOTE_ED25519,
                          keypair_public(key), NULL, &error));
}

/* The serial of Korea's card that Indonesia holds. */
static uint64_t held_serial(void)
{
    struct directory *directory = flow_directory(&indonesia.flow);
    uint64_t serial = directory_party(directory, TEXT("KR"))->serial;
    directory_release(&directory);
    return serial;
}

static void say(unsigned serial)
{
    ck_assert_int_eq(submit_certificate(serial).result, RESULT_OK);
    carry_all();
}

START_TEST(a_partner_is_shown_a_key_of_the_card_that_it_holds)
{
    uint64_t before = korea.card.serial;
    rotate(KEY_RECEIPT, "");
    assert_serves(KEY_RECEIPT, 0, korea.keys[KEY_RECEIPT]);
    assert_serves(KEY_RECEIPT, before, korea.keys[KEY_RECEIPT]);
    assert_serves(KEY_RECEIPT, before + 1, next);
    assert_serves(KEY_CHECKPOINT, 0, korea.keys[KEY_CHECKPOINT]);
}
END_TEST

START_TEST(a_key_does_not_sign_in_its_last_minute_where_another_is_known)
{
    rotate(KEY_RECEIPT, "");
    struct own own = own_of(&korea.flow);
    struct card *card = &korea.card;
    card->keys[KEY_RECEIPT][1].until_s = own.now_s + 60;
    own.card = card;
    ck_assert_ptr_eq(own_key(&own, KEY_RECEIPT, card->serial, &error), korea.keys[KEY_RECEIPT]);
    card->keys[KEY_RECEIPT][1].until_s = own.now_s + 61;
    ck_assert_ptr_eq(own_key(&own, KEY_RECEIPT, card->serial, &error), next);
    own_release(&own);
}
END_TEST

START_TEST(the_only_key_that_is_valid_serves_whatever_the_partner_holds)
{
    rotate(KEY_RECEIPT, "");
    atomic_store(&korea.ahead_ms, 30LL * 86400 * 1000);
    struct own own = own_of(&korea.flow);
    ck_assert_ptr_null(own_key(&own, KEY_RECEIPT, 0, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "no receipt key of our card is valid now"));
    own_release(&own);
}
END_TEST

START_TEST(the_channel_carries_the_card_and_then_the_new_key_signs)
{
    open_lane();
    say(1);
    rotate(KEY_CHECKPOINT, "");
    say(2);
    assert_signed_by(korea.keys[KEY_CHECKPOINT]);
    outgoing_tick(outgoing);
    outgoing_tick(outgoing);
    settle();
    carry_all();
    assert_signed_by(korea.keys[KEY_CHECKPOINT]);
    ck_assert_uint_eq(channel_of(korea_reader)->carried_serial, korea.card.serial);
    ck_assert_uint_eq(channel_of(korea_reader)->carried, channel_of(korea_reader)->size);
    ck_assert_uint_eq(held_serial(), korea.card.serial);
    say(3);
    assert_signed_by(next);
    outgoing_tick(outgoing);
    settle();
    ck_assert_uint_eq(channel_of(korea_reader)->size, 4);
}
END_TEST

START_TEST(a_card_that_may_not_be_taken_is_an_entry_and_nothing_more)
{
    open_lane();
    say(1);
    struct keypair *identity = korea.keys[KEY_IDENTITY];
    assert_ok(keypair_generate(KEY_IDENTITY, &korea.keys[KEY_IDENTITY], &error));
    memcpy(korea.card.keys[KEY_IDENTITY][0].public_key, keypair_public(korea.keys[KEY_IDENTITY]),
           KEY_PUBLIC_BYTES);
    uint64_t held = held_serial();
    rotate(KEY_CHECKPOINT, "");
    outgoing_tick(outgoing);
    settle();
    carry_all();
    ck_assert_uint_eq(channel_of(korea_reader)->receipt_size, 2);
    ck_assert_uint_eq(held_serial(), held);
    keypair_destroy(&identity);
}
END_TEST

/* What refuses a card that comes over the lane refuses one that the channel carries. */
START_TEST(a_carried_card_from_a_clock_that_is_days_ahead_is_not_taken)
{
    open_lane();
    say(1);
    uint64_t held = held_serial();
    korea.card.issued_s += (uint64_t)3 * 86400;
    korea.card.keys[KEY_IDENTITY][0].until_s += (uint64_t)30 * 86400;
    rotate(KEY_CHECKPOINT, "");
    outgoing_tick(outgoing);
    settle();
    carry_all();
    ck_assert_uint_eq(channel_of(korea_reader)->receipt_size, 2);
    ck_assert_uint_eq(held_serial(), held);
}
END_TEST

/* A push that Indonesia refuses, holding nothing. */
static void assert_refused(enum refusal refusal, const char *words)
{
    struct buffer bytes = {0};
    struct refused refused = {0};
    ck_assert_int_eq(submit_certificate(9).result, RESULT_OK);
    struct frame push = next_push(&bytes);
    ck_assert_int_ne(incoming_push(incoming, &push.push, &refused, &error), RESULT_OK);
    ck_assert_int_eq(refused.refusal, refusal);
    ck_assert_msg(strstr(refused.sentence, words) != NULL, "%s", refused.sentence);
    settle();
    ck_assert(!channel_of(indonesia_reader)->held);
    buffer_free(&bytes);
}

START_TEST(a_push_under_a_card_that_must_come_first_is_refused_and_nothing_is_held)
{
    open_lane();
    say(1);
    rotate(KEY_CHECKPOINT, "");
    korea.card.keys[KEY_CHECKPOINT][0] = korea.card.keys[KEY_CHECKPOINT][1];
    korea.card.key_count[KEY_CHECKPOINT] = 1;
    korea.card.serial++;
    assert_ok(card_sign(&korea.card, korea.keys[KEY_IDENTITY], &error));
    assert_ok(directory_own_store(korea.cards, &korea.card, &error));
    node_read_cards(&korea);
    open_lane();
    assert_refused(REFUSAL_CARD, "must come first");
    assert_ok(directory_store(indonesia.cards, &korea.card, &error));
    node_read_cards(&indonesia);
    open_lane();
    carry_all();
    assert_signed_by(next);
}
END_TEST

START_TEST(a_push_by_a_revoked_key_is_refused_and_what_is_stored_stays)
{
    struct revocation revocation = {.role = KEY_CHECKPOINT,
                                    .trusted_until_s = korea.card.issued_s,
                                    .issued_s = korea.card.issued_s};
    bool news = false;
    open_lane();
    say(1);
    memcpy(revocation.party, korea.card.party, sizeof revocation.party);
    memcpy(revocation.environment, korea.card.environment, sizeof revocation.environment);
    memcpy(revocation.domain, korea.card.domain, sizeof revocation.domain);
    memcpy(revocation.key, keypair_public(korea.keys[KEY_CHECKPOINT]), KEY_PUBLIC_BYTES);
    memcpy(revocation.identity, keypair_public(korea.keys[KEY_IDENTITY]), KEY_PUBLIC_BYTES);
    (void)snprintf(revocation.reason, sizeof revocation.reason, "the disk was stolen");
    assert_ok(revocation_sign(&revocation, korea.keys[KEY_IDENTITY], &error));
    assert_ok(directory_revoke(indonesia.cards, &revocation, &news, &error));
    node_read_cards(&indonesia);
    assert_refused(REFUSAL_KEY, "1 entries are trusted and stay");
    ck_assert_uint_eq(channel_of(indonesia_reader)->size, 1);
    buffer_free(&revocation.note);
}
END_TEST

START_TEST(a_receipt_whose_key_is_off_the_card_is_signed_anew_for_the_welcome)
{
    struct card *card = &indonesia.card;
    struct keypair *old = indonesia.keys[KEY_RECEIPT];
    open_lane();
    say(1);
    assert_ok(keypair_generate(KEY_RECEIPT, &indonesia.keys[KEY_RECEIPT], &error));
    memcpy(card->keys[KEY_RECEIPT][0].public_key, keypair_public(indonesia.keys[KEY_RECEIPT]),
           KEY_PUBLIC_BYTES);
    card->serial++;
    assert_ok(card_sign(card, indonesia.keys[KEY_IDENTITY], &error));
    assert_ok(directory_own_store(indonesia.cards, card, &error));
    assert_ok(directory_store(korea.cards, card, &error));
    node_unlock(&indonesia, NULL);
    node_read_cards(&indonesia);
    node_read_cards(&korea);
    open_lane();
    say(2);
    ck_assert_uint_eq(channel_of(korea_reader)->receipt_size, 2);
    keypair_destroy(&old);
}
END_TEST

START_TEST(a_port_serves_the_key_that_the_card_places_there)
{
    (void)snprintf(korea.card.mesh_endpoint, sizeof korea.card.mesh_endpoint, "%s",
                   "tcp://mesh.customs.go.kr:7710");
    rotate(KEY_TRANSPORT, "tcp://mesh.customs.go.kr:7711");
    struct own own = own_of(&korea.flow);
    ck_assert_ptr_eq(port_key("tcp://0.0.0.0:7710", &own), korea.keys[KEY_TRANSPORT]);
    ck_assert_ptr_eq(port_key("tcp://[::]:7711", &own), next);
    ck_assert_ptr_eq(port_key("tcp://0.0.0.0:17710", &own), korea.keys[KEY_TRANSPORT]);
    own_release(&own);
}
END_TEST

START_TEST(at_one_port_the_old_key_is_served_until_its_time_is_over)
{
    (void)snprintf(korea.card.mesh_endpoint, sizeof korea.card.mesh_endpoint, "%s",
                   "tcp://mesh.customs.go.kr:7710");
    rotate(KEY_TRANSPORT, "");
    struct own own = own_of(&korea.flow);
    ck_assert_ptr_eq(port_key("tcp://0.0.0.0:7710", &own), korea.keys[KEY_TRANSPORT]);
    own.now_s = korea.card.keys[KEY_TRANSPORT][0].until_s;
    ck_assert_ptr_null(port_key("tcp://0.0.0.0:7710", &own));
    own_release(&own);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_partner_is_shown_a_key_of_the_card_that_it_holds,
        a_key_does_not_sign_in_its_last_minute_where_another_is_known,
        the_only_key_that_is_valid_serves_whatever_the_partner_holds,
        the_channel_carries_the_card_and_then_the_new_key_signs,
        a_card_that_may_not_be_taken_is_an_entry_and_nothing_more,
        a_carried_card_from_a_clock_that_is_days_ahead_is_not_taken,
        a_push_under_a_card_that_must_come_first_is_refused_and_nothing_is_held,
        a_push_by_a_revoked_key_is_refused_and_what_is_stored_stays,
        a_receipt_whose_key_is_off_the_card_is_signed_anew_for_the_welcome,
        a_port_serves_the_key_that_the_card_places_there,
        at_one_port_the_old_key_is_served_until_its_time_is_over,
    };
    return suite_run_with("change_over", tests, SUITE_COUNT(tests), flows_start, end);
}
