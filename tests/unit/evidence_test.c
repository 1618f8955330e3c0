/* What was signed in the past: proven with retired keys and removed cards, refused from where a
 * revocation or the key's own time says. */
#include "keys/evidence.h"
#include "tests/unit/directory_scene.h"

#define ORIGIN "test.coconnect.customs.go.kr/ID/1"
#define LATER  (PARTY_NOW_S + 30 * 86400)

static struct buffer note;

/* A checkpoint of KR at 1200 entries, with the receipt of ID at PARTY_NOW_S. */
static void make_note(void)
{
    struct checkpoint checkpoint = {TEXT(ORIGIN), 1200, {{7}}};
    struct buffer signed_note = {0};
    buffer_clear(&note);
    assert_ok(checkpoint_sign(&checkpoint, TEXT("test.coconnect.customs.go.kr/checkpoint"),
                              own.keys[KEY_CHECKPOINT], &signed_note, &error));
    assert_ok(checkpoint_cosign(buffer_bytes(&signed_note), PARTY_NOW_S,
                                TEXT("test.coconnect.beacukai.go.id/receipt"),
                                indonesia.keys[KEY_RECEIPT], &note, &error));
    buffer_free(&signed_note);
}

static void start(void)
{
    scene_start();
    assert_ok(directory_store(folder, &indonesia.card, &error));
    make_note();
}

static void end(void)
{
    buffer_free(&note);
    scene_end();
}

static enum result check_checkpoint(uint64_t time_s)
{
    struct checkpoint checkpoint;
    load();
    return evidence_checkpoint(directory, TEXT("KR"), buffer_bytes(&note), time_s, &checkpoint,
                               &error);
}

static enum result check_receipt(void)
{
    struct checkpoint checkpoint;
    uint64_t time_s = 0;
    load();
    enum result result =
        evidence_receipt(directory, TEXT("ID"), buffer_bytes(&note), &checkpoint, &time_s, &error);
    ck_assert(result != RESULT_OK || (time_s == PARTY_NOW_S && checkpoint.size == 1200));
    return result;
}

/* The party's next card, issued at LATER, has another key of that role and not the old one. */
static void replace_key(struct party *party, enum key_role role)
{
    struct keypair *next = NULL;
    assert_ok(keypair_generate(role, &next, &error));
    memcpy(party->card.keys[role][0].public_key, keypair_public(next), KEY_PUBLIC_BYTES);
    party->card.keys[role][0].from_s = LATER;
    party->card.serial++;
    party->card.issued_s = LATER;
    if (role == KEY_IDENTITY) {
        party->card.keys[role][0].from_s = PARTY_FROM_S;
        keypair_destroy(&party->keys[role]);
        party->keys[role] = next;
    } else {
        keypair_destroy(&next);
    }
    party_sign(party);
}

static void revoke_key(const struct party *party, enum key_role role, uint64_t trusted_until_s)
{
    revocation.role = role;
    revocation.trusted_until_s = trusted_until_s;
    revocation.issued_s = LATER;
    memcpy(revocation.party, party->card.party, sizeof revocation.party);
    memcpy(revocation.environment, "test", 5);
    memcpy(revocation.domain, party->card.domain, sizeof revocation.domain);
    memcpy(revocation.reason, "stolen", 7);
    memcpy(revocation.key, keypair_public(party->keys[role]), KEY_PUBLIC_BYTES);
    memcpy(revocation.identity, keypair_public(party->keys[KEY_IDENTITY]), KEY_PUBLIC_BYTES);
    assert_ok(revocation_sign(&revocation, party->keys[KEY_IDENTITY], &error));
    assert_ok(directory_revoke(folder, &revocation, &news, &error));
    ck_assert(news);
}

START_TEST(cards_in_force_prove_what_they_signed)
{
    assert_ok(check_checkpoint(PARTY_NOW_S));
    assert_ok(check_receipt());
}
END_TEST

START_TEST(retired_keys_and_removed_cards_prove_what_they_signed)
{
    replace_key(&own, KEY_CHECKPOINT);
    assert_ok(directory_own_store(folder, &own.card, &error));
    replace_key(&indonesia, KEY_RECEIPT);
    assert_ok(directory_store(folder, &indonesia.card, &error));
    assert_ok(check_checkpoint(PARTY_NOW_S));
    assert_ok(check_receipt());
    replace_key(&indonesia, KEY_IDENTITY);
    assert_ok(directory_remove(folder, TEXT("ID"), &error));
    assert_ok(check_receipt());
    assert_ok(directory_store(folder, &indonesia.card, &error));
    assert_ok(check_receipt());
}
END_TEST

START_TEST(a_key_proves_nothing_outside_its_time)
{
    assert_fails(check_checkpoint(PARTY_UNTIL_S), RESULT_UNTRUSTED, "not at 2028-01-01T00:00:00Z");
    own.card.serial = 2;
    own.card.keys[KEY_CHECKPOINT][0].until_s = LATER;
    party_sign(&own);
    assert_ok(directory_own_store(folder, &own.card, &error));
    assert_ok(check_checkpoint(LATER - 1));
    assert_fails(check_checkpoint(LATER), RESULT_UNTRUSTED, "not at 2026-02-04T09:30:00Z");
}
END_TEST

START_TEST(a_party_without_any_card_and_a_key_of_no_card_prove_nothing)
{
    struct checkpoint checkpoint;
    load();
    assert_fails(evidence_checkpoint(directory, TEXT("UY"), buffer_bytes(&note), PARTY_NOW_S,
                                     &checkpoint, &error),
                 RESULT_NOT_FOUND, "no card of UY was ever held");
    assert_fails(evidence_checkpoint(directory, TEXT("ID"), buffer_bytes(&note), PARTY_NOW_S,
                                     &checkpoint, &error),
                 RESULT_UNTRUSTED, "any card of ID that was ever held");
}
END_TEST

START_TEST(what_a_revoked_key_signed_in_time_stays_proof_and_nothing_later)
{
    revoke_key(&own, KEY_CHECKPOINT, PARTY_NOW_S + 1);
    assert_ok(check_checkpoint(PARTY_NOW_S));
    assert_fails(
        check_checkpoint(PARTY_NOW_S + 1), RESULT_UNTRUSTED,
        "by a checkpoint key that KR revoked (stolen), trusted until 2026-01-05T09:30:01Z");
    revoke_key(&indonesia, KEY_RECEIPT, PARTY_NOW_S);
    assert_fails(check_receipt(), RESULT_UNTRUSTED, "by a receipt key that ID revoked");
}
END_TEST

START_TEST(a_channel_is_trusted_up_to_the_size_that_the_revocation_names)
{
    memcpy(revocation.limits[0].origin, ORIGIN, sizeof ORIGIN);
    revocation.limits[0].size = 1200;
    revocation.limit_count = 1;
    revoke_key(&indonesia, KEY_RECEIPT, LATER);
    assert_ok(check_receipt());
    revocation.limits[0].size = 1199;
    revoke_key(&indonesia, KEY_RECEIPT, LATER - 1);
    assert_fails(check_receipt(), RESULT_UNTRUSTED, "by a receipt key that ID revoked");
}
END_TEST

START_TEST(cards_of_a_stolen_identity_prove_nothing_from_the_theft_on)
{
    assert_ok(check_receipt());
    revoke_key(&indonesia, KEY_IDENTITY, PARTY_NOW_S + 1);
    assert_ok(check_receipt());
    revoke_key(&indonesia, KEY_IDENTITY, PARTY_NOW_S);
    assert_fails(check_receipt(), RESULT_UNTRUSTED, "any card of ID that was ever held");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        cards_in_force_prove_what_they_signed,
        retired_keys_and_removed_cards_prove_what_they_signed,
        a_key_proves_nothing_outside_its_time,
        a_party_without_any_card_and_a_key_of_no_card_prove_nothing,
        what_a_revoked_key_signed_in_time_stays_proof_and_nothing_later,
        a_channel_is_trusted_up_to_the_size_that_the_revocation_names,
        cards_of_a_stolen_identity_prove_nothing_from_the_theft_on,
    };
    return suite_run_with("evidence", tests, SUITE_COUNT(tests), start, end);
}
