/* Cards that change in the directory: what is taken from the mesh and what not, and versions that
 * are kept. */
#include "tests/unit/directory_scene.h"

START_TEST(every_version_of_a_card_is_kept_the_newest_first)
{
    assert_ok(directory_store(folder, &indonesia.card, &error));
    for (int i = 0; i < 11; i++) {
        party_next_card(&indonesia);
        assert_ok(take(&indonesia, false));
        ck_assert(news);
    }
    load();
    for (size_t i = 0; i < 12; i++) {
        ck_assert_uint_eq(serial_of(i), 12 - i);
    }
    ck_assert_uint_eq(serial_of(12), 0);
    party_next_card(&own);
    assert_ok(directory_own_store(folder, &own.card, &error));
    load();
    ck_assert_uint_eq(directory_own(directory)->serial, 2);
    ck_assert_uint_eq(directory_version(directory, TEXT("KR"), 1)->serial, 1);
}
END_TEST

START_TEST(a_card_that_was_removed_stays_in_the_history)
{
    assert_ok(directory_store(folder, &indonesia.card, &error));
    assert_ok(directory_remove(folder, TEXT("ID"), &error));
    load();
    ck_assert_ptr_null(directory_party(directory, TEXT("ID")));
    ck_assert_uint_eq(serial_of(0), 1);
    assert_fails(directory_remove(folder, TEXT("ID"), &error), RESULT_NOT_FOUND, "no card of 'ID'");
    assert_ok(directory_store(folder, &indonesia.card, &error));
    load();
    ck_assert_ptr_nonnull(directory_party(directory, TEXT("ID")));
    ck_assert_uint_eq(serial_of(1), 0);
}
END_TEST

START_TEST(a_removed_card_does_not_come_back_older_nor_by_the_mesh)
{
    struct party older = indonesia;
    older.card.note = (struct buffer){0};
    older.card.name[0] = 'X';
    party_sign(&older);
    party_next_card(&indonesia);
    assert_ok(directory_store(folder, &indonesia.card, &error));
    assert_ok(directory_remove(folder, TEXT("ID"), &error));
    assert_fails(directory_store(folder, &older.card, &error), RESULT_CONFLICT,
                 "serial 1 is older than 2");
    assert_ok(take(&indonesia, true));
    ck_assert(!news);
    load();
    ck_assert_ptr_null(directory_party(directory, TEXT("ID")));
    buffer_free(&older.card.note);
}
END_TEST

START_TEST(two_identities_with_one_serial_are_both_kept)
{
    assert_ok(directory_store(folder, &indonesia.card, &error));
    assert_ok(directory_remove(folder, TEXT("ID"), &error));
    party_change_identity(&indonesia);
    indonesia.card.serial = 1;
    party_sign(&indonesia);
    assert_ok(directory_store(folder, &indonesia.card, &error));
    load();
    ck_assert_uint_eq(serial_of(0), 1);
    ck_assert_uint_eq(serial_of(1), 1);
    ck_assert_uint_eq(serial_of(2), 0);
}
END_TEST

START_TEST(a_card_from_the_mesh_is_of_a_party_that_is_held_or_vouched_for)
{
    assert_fails(take(&indonesia, false), RESULT_UNTRUSTED, "no agreement in force names its");
    ck_assert(!news);
    assert_ok(take(&indonesia, true));
    ck_assert(news);
    assert_ok(take(&indonesia, false));
    ck_assert(!news);
    load();
    ck_assert_uint_eq(directory_party(directory, TEXT("ID"))->serial, 1);
}
END_TEST

START_TEST(another_identity_is_taken_only_when_it_is_vouched_for)
{
    uint8_t first[KEY_PUBLIC_BYTES];
    memcpy(first, keypair_public(indonesia.keys[KEY_IDENTITY]), sizeof first);
    assert_ok(directory_store(folder, &indonesia.card, &error));
    party_change_identity(&indonesia);
    assert_fails(take(&indonesia, false), RESULT_UNTRUSTED, "was confirmed; ask ID by telephone");
    indonesia.card.serial = 1;
    party_sign(&indonesia);
    assert_fails(take_instead(&indonesia, first), RESULT_CONFLICT,
                 "serial 1 is held with another text");
    party_next_card(&indonesia);
    assert_ok(take_instead(&indonesia, first));
    ck_assert(news);
}
END_TEST

/* A quorum of others may say who somebody is that nobody here knows, and no more than that. */
START_TEST(who_never_had_the_identity_that_is_held_does_not_replace_it)
{
    assert_ok(directory_store(folder, &indonesia.card, &error));
    party_change_identity(&indonesia);
    assert_fails(take(&indonesia, true), RESULT_UNTRUSTED, "was confirmed; ask ID by telephone");
    assert_fails(take_instead(&indonesia, own.card.keys[KEY_IDENTITY][0].public_key),
                 RESULT_UNTRUSTED, "was confirmed; ask ID by telephone");
    ck_assert(!news);
    load();
    ck_assert_uint_eq(directory_party(directory, TEXT("ID"))->serial, 1);
}
END_TEST

START_TEST(an_older_card_from_the_mesh_changes_nothing)
{
    struct buffer first = {0};
    struct card *old = NULL;
    assert_ok(directory_store(folder, &indonesia.card, &error));
    buffer_append(&first, indonesia.card.note.data, indonesia.card.note.size);
    party_next_card(&indonesia);
    assert_ok(take(&indonesia, false));
    assert_ok(card_parse(buffer_bytes(&first), &old, &error));
    assert_ok(directory_take(folder, old, NULL, &news, &error));
    ck_assert(!news);
    load();
    ck_assert_uint_eq(directory_party(directory, TEXT("ID"))->serial, 2);
    card_destroy(&old);
    buffer_free(&first);
}
END_TEST

START_TEST(a_card_that_would_break_the_directory_is_not_taken)
{
    assert_ok(directory_store(folder, &indonesia.card, &error));
    indonesia.card.keys[KEY_TRANSPORT][0] = own.card.keys[KEY_TRANSPORT][0];
    party_next_card(&indonesia);
    assert_fails(take(&indonesia, true), RESULT_CONFLICT, "have one key");
    load();
    ck_assert_uint_eq(directory_party(directory, TEXT("ID"))->serial, 1);
}
END_TEST

START_TEST(the_own_card_is_followed_by_a_higher_serial_of_the_own_party)
{
    own.card.name[0] = 'X';
    party_sign(&own);
    assert_fails(directory_own_store(folder, &own.card, &error), RESULT_CONFLICT,
                 "serial 1 is held with another text");
    assert_fails(directory_own_store(folder, &indonesia.card, &error), RESULT_CONFLICT,
                 "the own party is KR");
    party_change_identity(&own);
    assert_ok(directory_own_store(folder, &own.card, &error));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_version_of_a_card_is_kept_the_newest_first,
        a_card_that_was_removed_stays_in_the_history,
        a_removed_card_does_not_come_back_older_nor_by_the_mesh,
        two_identities_with_one_serial_are_both_kept,
        a_card_from_the_mesh_is_of_a_party_that_is_held_or_vouched_for,
        another_identity_is_taken_only_when_it_is_vouched_for,
        who_never_had_the_identity_that_is_held_does_not_replace_it,
        an_older_card_from_the_mesh_changes_nothing,
        a_card_that_would_break_the_directory_is_not_taken,
        the_own_card_is_followed_by_a_higher_serial_of_the_own_party,
    };
    return suite_run_with("directory change", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
