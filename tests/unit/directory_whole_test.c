/* The directory stays whole: processes that change it at once, and power cuts in the middle of
 * each write. */
#include "tests/unit/directory_scene.h"
#include "tests/unit/power_cut.h"

#define WRITERS 4
#define SERIALS 12

/* Each process stores serials 1 to SERIALS; those that another has overtaken are refused. */
static int store_serials(void)
{
    for (uint64_t serial = 1; serial <= SERIALS; serial++) {
        indonesia.card.serial = serial;
        party_sign(&indonesia);
        enum result result = directory_store(folder, &indonesia.card, &error);
        if (result != RESULT_OK && result != RESULT_CONFLICT) {
            return 1;
        }
    }
    return 0;
}

START_TEST(processes_that_change_the_directory_at_once_lose_nothing)
{
    pid_t children[WRITERS];
    for (size_t i = 0; i < WRITERS; i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] == 0) {
            _exit(store_serials());
        }
    }
    for (size_t i = 0; i < WRITERS; i++) {
        int status = 0;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
    load();
    ck_assert_uint_eq(directory_party(directory, TEXT("ID"))->serial, SERIALS);
    for (size_t i = 0; i < SERIALS; i++) {
        ck_assert_uint_eq(serial_of(i), SERIALS - i);
    }
}
END_TEST

#ifdef COMESH_FAILPOINTS

static enum result take_next(void)
{
    return take(&indonesia, false);
}

static enum result store_own(void)
{
    return directory_own_store(folder, &own.card, &error);
}

static enum result remove_card(void)
{
    return directory_remove(folder, TEXT("ID"), &error);
}

static enum result revoke_key(void)
{
    return directory_revoke(folder, &revocation, &news, &error);
}

static void next_card(void)
{
    party_next_card(&indonesia);
}

static void next_own_card(void)
{
    party_next_card(&own);
}

static void earlier_revocation(void)
{
    revocation.trusted_until_s -= 60;
    assert_ok(revocation_sign(&revocation, indonesia.keys[KEY_IDENTITY], &error));
}

/* Cuts the power at every pass of every failpoint of a write, of a change that is made anew for
 * each. The directory must load, hold a card of the partner still, and take the change when it is
 * tried again. */
static void cut_everywhere(void (*make)(void), enum result (*act)(void))
{
    for (size_t i = 0; i < SUITE_COUNT(power_cut_places); i++) {
        bool died = true;
        make();
        for (unsigned pass = 1; died; pass++) {
            died = dies_at(power_cut_places[i], pass, act);
            ck_assert(died || pass > 1);
            load();
            ck_assert_ptr_nonnull(directory_party(directory, TEXT("ID")));
        }
    }
}

START_TEST(a_power_cut_in_the_middle_of_a_card_leaves_the_directory_whole)
{
    assert_ok(directory_store(folder, &indonesia.card, &error));
    cut_everywhere(next_card, take_next);
    ck_assert_uint_eq(directory_party(directory, TEXT("ID"))->serial, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(serial_of(i), 4 - i);
    }
    cut_everywhere(next_own_card, store_own);
    ck_assert_uint_eq(directory_own(directory)->serial, 4);
}
END_TEST

static struct rest_card japan; /* has no node */

static void next_rest_card(void)
{
    japan.serial++;
}

static enum result store_rest(void)
{
    return directory_rest_store(folder, &japan, &error);
}

START_TEST(a_power_cut_in_the_middle_of_a_rest_card_leaves_the_directory_whole)
{
    const struct text text = TEXT("comesh rest card v1\n"
                                  "party JP\n"
                                  "name Japan Customs\n"
                                  "environment test\n"
                                  "domain customs.go.jp\n"
                                  "https https://test.coconnect.customs.go.jp\n"
                                  "serial 1\n"
                                  "issued 2026-01-05T09:30:00Z\n"
                                  "client AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= from "
                                  "2026-01-01T00:00:00Z until 2028-01-01T00:00:00Z\n");
    assert_ok(rest_card_read(text_bytes(text), &japan, &error));
    assert_ok(directory_store(folder, &indonesia.card, &error));
    assert_ok(store_rest());
    cut_everywhere(next_rest_card, store_rest);
    ck_assert_uint_eq(rest_cards_party(directory_rest(directory), TEXT("JP"))->serial, 4);
    ck_assert_int_eq(access(folder_path("rest-history/JP-000001.card"), F_OK), 0);
}
END_TEST

START_TEST(a_power_cut_in_the_middle_of_a_removal_or_revocation_leaves_the_directory_whole)
{
    assert_ok(directory_store(folder, &indonesia.card, &error));
    make_revocation(&indonesia, KEY_CHECKPOINT, keypair_public(indonesia.keys[KEY_CHECKPOINT]));
    cut_everywhere(earlier_revocation, revoke_key);
    ck_assert_uint_eq(directory_revocation(directory, 0)->trusted_until_s, PARTY_NOW_S - 180);
    ck_assert_int_eq(remove(folder_path("history/ID-000001.card")), 0);
    for (size_t i = 0; i < SUITE_COUNT(power_cut_places); i++) {
        ck_assert(dies_at(power_cut_places[i], 1, remove_card));
        load();
        ck_assert_ptr_nonnull(directory_party(directory, TEXT("ID")));
    }
    assert_ok(remove_card());
    load();
    ck_assert_uint_eq(serial_of(0), 1);
}
END_TEST

#endif

int main(void)
{
    const TTest *const tests[] = {
        processes_that_change_the_directory_at_once_lose_nothing,
#ifdef COMESH_FAILPOINTS
        a_power_cut_in_the_middle_of_a_card_leaves_the_directory_whole,
        a_power_cut_in_the_middle_of_a_rest_card_leaves_the_directory_whole,
        a_power_cut_in_the_middle_of_a_removal_or_revocation_leaves_the_directory_whole,
#endif
    };
    return suite_run_with("directory whole", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
