/* The next version of the own card: overlap, retirement by date, and what has no place. */
#include "keys/card_next.h"
#include "tests/unit/party.h"

#define LATER (PARTY_NOW_S + 86400)
#define MONTH ((uint64_t)30 * 86400)

static struct party party;
static struct card *next;
static struct keypair *fresh;

static void start(void)
{
    party_start(&party, "KR", "customs.go.kr");
    party_sign(&party);
    assert_ok(card_next(&party.card, LATER, &next, &error));
    assert_ok(keypair_generate(KEY_CHECKPOINT, &fresh, &error));
}

static void end(void)
{
    party_end(&party);
    card_destroy(&next);
    keypair_destroy(&fresh);
}

static enum result add(enum key_role role, uint64_t from_s, uint64_t overlap_s)
{
    const struct card_change change = {role, keypair_public(fresh), from_s, overlap_s, NULL};
    return card_next_add(next, &change, &error);
}

START_TEST(old_and_new_key_overlap_and_the_old_one_ends)
{
    assert_ok(add(KEY_CHECKPOINT, LATER, MONTH));
    ck_assert_uint_eq(next->serial, 2);
    ck_assert_uint_eq(next->issued_s, LATER);
    ck_assert_uint_eq(next->key_count[KEY_CHECKPOINT], 2);
    ck_assert_uint_eq(next->keys[KEY_CHECKPOINT][0].until_s, LATER + MONTH);
    ck_assert_uint_eq(next->keys[KEY_CHECKPOINT][1].from_s, LATER);
    const uint8_t *new_key = keypair_public(fresh);
    ck_assert_mem_eq(card_key_in_use(next, KEY_CHECKPOINT, LATER)->public_key, new_key, 32);
    ck_assert_mem_ne(card_key_in_use(next, KEY_CHECKPOINT, LATER - 1)->public_key, new_key, 32);
    assert_ok(card_sign(next, party.keys[KEY_IDENTITY], &error));
}
END_TEST

START_TEST(a_key_that_would_end_before_the_overlap_is_not_made_longer)
{
    next->keys[KEY_CHECKPOINT][0].until_s = LATER + 60;
    assert_ok(add(KEY_CHECKPOINT, LATER, MONTH));
    ck_assert_uint_eq(next->keys[KEY_CHECKPOINT][0].until_s, LATER + 60);
}
END_TEST

START_TEST(the_next_card_retires_what_is_past_its_time)
{
    struct card *after = NULL;
    assert_ok(add(KEY_CHECKPOINT, LATER, MONTH));
    assert_ok(card_next(next, LATER + MONTH, &after, &error));
    ck_assert_uint_eq(after->serial, 3);
    ck_assert_uint_eq(after->key_count[KEY_CHECKPOINT], 1);
    ck_assert_mem_eq(after->keys[KEY_CHECKPOINT][0].public_key, keypair_public(fresh), 32);
    card_destroy(&after);
}
END_TEST

START_TEST(a_new_identity_takes_the_place_of_the_old_one)
{
    struct keypair *identity = NULL;
    assert_ok(keypair_generate(KEY_IDENTITY, &identity, &error));
    const struct card_change change = {KEY_IDENTITY, keypair_public(identity), LATER, MONTH, NULL};
    assert_ok(card_next_add(next, &change, &error));
    ck_assert_uint_eq(next->key_count[KEY_IDENTITY], 1);
    assert_ok(card_sign(next, identity, &error));
    keypair_destroy(&identity);
}
END_TEST

START_TEST(a_key_is_taken_out_and_only_one_that_is_there)
{
    const uint8_t *key = keypair_public(party.keys[KEY_RECEIPT]);
    assert_ok(card_next_drop(next, KEY_RECEIPT, key, &error));
    ck_assert_uint_eq(next->key_count[KEY_RECEIPT], 0);
    assert_fails(card_next_drop(next, KEY_RECEIPT, key, &error), RESULT_NOT_FOUND,
                 "the receipt key is not on card 2 of KR");
}
END_TEST

START_TEST(a_role_has_eight_keys_at_most)
{
    for (size_t i = next->key_count[KEY_CHECKPOINT]; i < CARD_KEYS_MAX; i++) {
        assert_ok(add(KEY_CHECKPOINT, LATER, MONTH));
    }
    assert_fails(add(KEY_CHECKPOINT, LATER, MONTH), RESULT_FULL, "has 8 checkpoint keys already");
}
END_TEST

START_TEST(a_text_that_others_would_refuse_is_not_made)
{
    struct buffer text = {0};
    assert_ok(add(KEY_RECEIPT, LATER, MONTH));
    assert_ok(add(KEY_CHECKPOINT, LATER, MONTH));
    assert_fails(card_next_text(next, &text, &error), RESULT_INVALID, "one key stands as");
    ck_assert_uint_eq(text.size, 0);
    buffer_free(&text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        old_and_new_key_overlap_and_the_old_one_ends,
        a_key_that_would_end_before_the_overlap_is_not_made_longer,
        the_next_card_retires_what_is_past_its_time,
        a_new_identity_takes_the_place_of_the_old_one,
        a_key_is_taken_out_and_only_one_that_is_there,
        a_role_has_eight_keys_at_most,
        a_text_that_others_would_refuse_is_not_made,
    };
    return suite_run_with("card next", tests, SUITE_COUNT(tests), start, end);
}
