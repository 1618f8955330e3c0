/* Revocations in the directory: what a revoked key is good for, who revokes, and how a party whose
 * identity is revoked comes back. */
#include "tests/unit/directory_scene.h"

START_TEST(a_revoked_key_is_on_no_card_in_force_and_never_comes_back)
{
    const uint8_t *key = keypair_public(indonesia.keys[KEY_TRANSPORT]);
    assert_ok(directory_store(folder, &indonesia.card, &error));
    assert_ok(revoke_role(&indonesia, KEY_TRANSPORT));
    ck_assert(news);
    load();
    ck_assert_ptr_null(directory_transport(directory, key, PARTY_NOW_S));
    ck_assert_uint_eq(directory_party(directory, TEXT("ID"))->key_count[KEY_TRANSPORT], 0);
    ck_assert_uint_eq(directory_party(directory, TEXT("ID"))->key_count[KEY_RECEIPT], 1);
    ck_assert_uint_eq(directory_version(directory, TEXT("ID"), 0)->key_count[KEY_TRANSPORT], 1);
    ck_assert_str_eq(directory_revoked(directory, TEXT("ID"), key)->reason, "stolen");
    ck_assert_ptr_null(directory_revoked(directory, TEXT("UY"), key));
    party_next_card(&indonesia);
    assert_ok(take(&indonesia, false));
    load();
    ck_assert_ptr_null(directory_transport(directory, key, PARTY_NOW_S));
}
END_TEST

START_TEST(the_same_revocation_again_is_no_news_and_an_earlier_limit_is)
{
    assert_ok(directory_store(folder, &indonesia.card, &error));
    assert_ok(revoke_role(&indonesia, KEY_RECEIPT));
    assert_ok(revoke_role(&indonesia, KEY_RECEIPT));
    ck_assert(!news);
    revocation.trusted_until_s -= 3600;
    assert_ok(revocation_sign(&revocation, indonesia.keys[KEY_IDENTITY], &error));
    assert_ok(directory_revoke(folder, &revocation, &news, &error));
    ck_assert(news);
    revocation.trusted_until_s += 1800;
    assert_ok(revocation_sign(&revocation, indonesia.keys[KEY_IDENTITY], &error));
    assert_ok(directory_revoke(folder, &revocation, &news, &error));
    ck_assert(!news);
    load();
    ck_assert_uint_eq(directory_revocation(directory, 0)->trusted_until_s, PARTY_NOW_S - 3600);
    ck_assert_ptr_null(directory_revocation(directory, 1));
}
END_TEST

START_TEST(only_the_party_itself_revokes_its_keys)
{
    struct party stranger;
    party_start(&stranger, "UY", "aduana.gub.uy");
    assert_ok(directory_store(folder, &indonesia.card, &error));
    assert_fails(revoke_role(&stranger, KEY_TRANSPORT), RESULT_UNTRUSTED, "no card of that party");
    memcpy(stranger.card.party, "ID", 3);
    memcpy(stranger.card.domain, "beacukai.go.id", sizeof "beacukai.go.id");
    assert_fails(revoke_role(&stranger, KEY_TRANSPORT), RESULT_UNTRUSTED, "not that of its card");
    memcpy(stranger.card.domain, "evil.org", sizeof "evil.org");
    assert_fails(revoke_role(&stranger, KEY_TRANSPORT), RESULT_CONFLICT, "evil.org, where");
    make_revocation(&indonesia, KEY_TRANSPORT, keypair_public(indonesia.keys[KEY_TRANSPORT]));
    memcpy(revocation.environment, "prod", sizeof "prod");
    assert_ok(revocation_sign(&revocation, indonesia.keys[KEY_IDENTITY], &error));
    assert_fails(directory_revoke(folder, &revocation, &news, &error), RESULT_CONFLICT,
                 "for prod.coconnect.beacukai.go.id, where test.coconnect");
    load();
    ck_assert_ptr_null(directory_revocation(directory, 0));
    party_end(&stranger);
}
END_TEST

START_TEST(an_identity_that_was_replaced_revokes_itself_and_nothing_else)
{
    struct keypair *old = keypair_share(indonesia.keys[KEY_IDENTITY]);
    assert_ok(directory_store(folder, &indonesia.card, &error));
    party_change_identity(&indonesia);
    assert_ok(take_instead(&indonesia, keypair_public(old)));
    struct keypair *now = indonesia.keys[KEY_IDENTITY];
    indonesia.keys[KEY_IDENTITY] = old;
    make_revocation(&indonesia, KEY_IDENTITY, keypair_public(now));
    assert_fails(directory_revoke(folder, &revocation, &news, &error), RESULT_UNTRUSTED,
                 "not that of its card");
    assert_fails(revoke_role(&indonesia, KEY_TRANSPORT), RESULT_UNTRUSTED, "not that of its card");
    assert_ok(revoke_role(&indonesia, KEY_IDENTITY));
    load();
    ck_assert(!directory_is_suspended(directory, TEXT("ID")));
    indonesia.keys[KEY_IDENTITY] = now;
    keypair_destroy(&old);
}
END_TEST

START_TEST(a_party_whose_identity_is_revoked_is_suspended_until_a_new_one_is_trusted)
{
    assert_ok(directory_store(folder, &indonesia.card, &error));
    assert_ok(revoke_role(&indonesia, KEY_IDENTITY));
    load();
    const struct card *card = directory_party(directory, TEXT("ID"));
    ck_assert(directory_is_suspended(directory, TEXT("ID")));
    ck_assert(!directory_is_suspended(directory, TEXT("KR")));
    ck_assert_uint_eq(card->key_count[KEY_TRANSPORT] + card->key_count[KEY_CHECKPOINT] +
                          card->key_count[KEY_RECEIPT],
                      0);
    party_next_card(&indonesia);
    assert_fails(take(&indonesia, true), RESULT_UNTRUSTED, "its identity key is revoked");
    assert_fails(directory_store(folder, &indonesia.card, &error), RESULT_UNTRUSTED,
                 "its identity key is revoked");
    assert_fails(revoke_role(&indonesia, KEY_TRANSPORT), RESULT_UNTRUSTED, "not that of its card");
    party_change_identity(&indonesia);
    assert_fails(take(&indonesia, false), RESULT_UNTRUSTED, "was confirmed; ask ID");
    assert_fails(take(&indonesia, true), RESULT_UNTRUSTED, "was confirmed; ask ID");
    assert_ok(directory_store(folder, &indonesia.card, &error));
    load();
    ck_assert(!directory_is_suspended(directory, TEXT("ID")));
    ck_assert_uint_eq(directory_party(directory, TEXT("ID"))->key_count[KEY_TRANSPORT], 1);
}
END_TEST

START_TEST(a_suspended_party_comes_back_by_the_agreement_that_had_it)
{
    struct keypair *old = keypair_share(indonesia.keys[KEY_IDENTITY]);
    assert_ok(directory_store(folder, &indonesia.card, &error));
    assert_ok(revoke_role(&indonesia, KEY_IDENTITY));
    party_change_identity(&indonesia);
    assert_ok(take_instead(&indonesia, keypair_public(old)));
    load();
    ck_assert(!directory_is_suspended(directory, TEXT("ID")));
    ck_assert_uint_eq(directory_party(directory, TEXT("ID"))->key_count[KEY_TRANSPORT], 1);
    keypair_destroy(&old);
}
END_TEST

START_TEST(a_revocation_on_disk_that_nobody_trusted_signed_is_named)
{
    struct party stranger;
    party_start(&stranger, "UY", "aduana.gub.uy");
    assert_ok(directory_store(folder, &indonesia.card, &error));
    assert_ok(revoke_role(&indonesia, KEY_RECEIPT));
    memcpy(revocation.identity, keypair_public(stranger.keys[KEY_IDENTITY]), KEY_PUBLIC_BYTES);
    assert_ok(revocation_sign(&revocation, stranger.keys[KEY_IDENTITY], &error));
    char name[64];
    char hex[17];
    hex_encode((struct bytes){revocation.key, 8}, hex);
    (void)snprintf(name, sizeof name, "revocations/ID-receipt-%s.revocation", hex);
    folder_write(name, revocation.note.data, revocation.note.size);
    directory_release(&directory);
    assert_fails(directory_load(folder, TEXT("test"), &directory, &error), RESULT_UNTRUSTED,
                 "that no card of ID ever named; remove it");
    party_end(&stranger);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_revoked_key_is_on_no_card_in_force_and_never_comes_back,
        the_same_revocation_again_is_no_news_and_an_earlier_limit_is,
        only_the_party_itself_revokes_its_keys,
        an_identity_that_was_replaced_revokes_itself_and_nothing_else,
        a_party_whose_identity_is_revoked_is_suspended_until_a_new_one_is_trusted,
        a_suspended_party_comes_back_by_the_agreement_that_had_it,
        a_revocation_on_disk_that_nobody_trusted_signed_is_named,
    };
    return suite_run_with("directory revocation", tests, SUITE_COUNT(tests), scene_start,
                          scene_end);
}
