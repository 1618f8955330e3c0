/* Which version of an agreement is in force when, and what is said before one ends. */
#include "tests/unit/agreements_scene.h"

START_TEST(a_version_is_in_force_in_its_time_and_its_grace)
{
    static const struct {
        uint64_t now_s;
        enum agreement_state state;
    } rows[] = {
        {PACT_FROM_S - 1, AGREEMENT_COMING},
        {PACT_FROM_S, AGREEMENT_IN_FORCE},
        {PACT_UNTIL_S - 1, AGREEMENT_IN_FORCE},
        {PACT_UNTIL_S, AGREEMENT_GRACE},
        {PACT_UNTIL_S + 30 * DAY_S - 1, AGREEMENT_GRACE},
        {PACT_UNTIL_S + 30 * DAY_S, AGREEMENT_ENDED},
        {PACT_UNTIL_S + 366 * DAY_S, AGREEMENT_ENDED}, /* a clock a year ahead */
        {PACT_NOW_S - 366 * DAY_S, AGREEMENT_COMING},  /* and one a year behind */
    };
    take_first(2, 2);
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        const struct agreement *found = agreements_in_force(held, rcep, rows[i].now_s);
        bool vouched = agreements_vouch(held, TEXT("BN"), TEXT("customs.bn"),
                                        keypair_public(pact_keys[1]), rows[i].now_s);
        bool wanted = rows[i].state == AGREEMENT_IN_FORCE || rows[i].state == AGREEMENT_GRACE;
        ck_assert_int_eq(agreements_state(held, agreements_at(held, 0), rows[i].now_s),
                         rows[i].state);
        ck_assert_msg((found != NULL) == wanted && vouched == wanted, "row %zu", i);
    }
}
END_TEST

START_TEST(a_version_ends_when_the_next_begins)
{
    const uint64_t change_s = PACT_NOW_S + 100 * DAY_S;
    take_first(2, 2);
    struct agreement *draft = pact_next(first);
    draft->from_s = change_s;
    second = pact_make(draft);
    pact_sign(&second, first, 3);
    assert_ok(take(second));
    const struct agreement *one = agreements_at(held, 0);
    const struct agreement *two = agreements_at(held, 1);
    ck_assert_ptr_eq(agreements_in_force(held, rcep, change_s - 1), one);
    ck_assert_int_eq(agreements_state(held, two, change_s - 1), AGREEMENT_COMING);
    ck_assert_ptr_eq(agreements_in_force(held, rcep, change_s), two);
    ck_assert_int_eq(agreements_state(held, one, change_s), AGREEMENT_GRACE);
    ck_assert_int_eq(agreements_state(held, one, change_s + 30 * DAY_S), AGREEMENT_ENDED);
}
END_TEST

START_TEST(an_end_is_announced_60_30_and_7_days_before)
{
    static const struct {
        uint64_t before_s;
        uint64_t now_s;
        bool due;
        uint32_t days;
    } rows[] = {
        {0, PACT_UNTIL_S - 60 * DAY_S - 1, false, 61},
        {0, PACT_UNTIL_S - 59 * DAY_S, true, 59},
        {PACT_UNTIL_S - 60 * DAY_S - 1, PACT_UNTIL_S - 60 * DAY_S, true, 60},
        {PACT_UNTIL_S - 60 * DAY_S, PACT_UNTIL_S - 31 * DAY_S, false, 31},
        {PACT_UNTIL_S - 31 * DAY_S, PACT_UNTIL_S - 30 * DAY_S, true, 30},
        {PACT_UNTIL_S - 8 * DAY_S, PACT_UNTIL_S - 7 * DAY_S + 5, true, 7},
        {PACT_UNTIL_S - 7 * DAY_S, PACT_UNTIL_S - 1, false, 1},
        {PACT_UNTIL_S - 1, PACT_UNTIL_S, true, 0},
        {PACT_UNTIL_S, PACT_UNTIL_S + 30 * DAY_S - 1, false, 0},
        {PACT_UNTIL_S + DAY_S, PACT_UNTIL_S + 30 * DAY_S, true, 0},
        {PACT_UNTIL_S + 30 * DAY_S, PACT_UNTIL_S + 31 * DAY_S, false, 0},
    };
    take_first(2, 2);
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        uint32_t days = 0;
        bool due =
            agreements_warns(held, agreements_at(held, 0), rows[i].before_s, rows[i].now_s, &days);
        ck_assert_msg(due == rows[i].due && days == rows[i].days, "row %zu: %u days", i, days);
    }
    second = pact_make(pact_next(first));
    pact_sign(&second, first, 3);
    assert_ok(take(second));
    uint32_t days = 0;
    ck_assert(!agreements_warns(held, agreements_at(held, 0), 0, PACT_UNTIL_S, &days));
    ck_assert(agreements_warns(held, agreements_at(held, 1), 0, PACT_UNTIL_S, &days));
}
END_TEST

START_TEST(a_key_is_replaced_when_the_version_that_names_another_begins)
{
    const uint64_t change_s = PACT_NOW_S + 100 * DAY_S;
    const uint8_t *old = keypair_public(pact_keys[1]);
    struct keypair *fresh = pact_key(50);
    take_first(3, 2);
    struct agreement *draft = pact_next(first);
    draft->from_s = change_s;
    memcpy(draft->parties[1].identity, keypair_public(fresh), KEY_PUBLIC_BYTES);
    second = pact_make(draft);
    pact_sign(&second, first, 5);
    assert_ok(take(second));
    ck_assert(agreements_vouch(held, TEXT("BN"), TEXT("customs.bn"), old, change_s - 1));
    ck_assert(!agreements_replaced(held, TEXT("BN"), old, change_s - 1));
    ck_assert(!agreements_replaced(held, TEXT("BN"), keypair_public(fresh), change_s - 1));
    ck_assert(!agreements_vouch(held, TEXT("BN"), TEXT("customs.bn"), old, change_s));
    ck_assert(agreements_replaced(held, TEXT("BN"), old, change_s));
    keypair_destroy(&fresh);
}
END_TEST

START_TEST(each_state_has_its_words)
{
    ck_assert_str_eq(agreement_state_text(AGREEMENT_COMING), "to come");
    ck_assert_str_eq(agreement_state_text(AGREEMENT_IN_FORCE), "in force");
    ck_assert_str_eq(agreement_state_text(AGREEMENT_GRACE), "in its grace");
    ck_assert_str_eq(agreement_state_text(AGREEMENT_ENDED), "ended");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_version_is_in_force_in_its_time_and_its_grace,
        a_version_ends_when_the_next_begins,
        a_key_is_replaced_when_the_version_that_names_another_begins,
        each_state_has_its_words,
        an_end_is_announced_60_30_and_7_days_before,
    };
    return suite_run_with("agreements time", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
