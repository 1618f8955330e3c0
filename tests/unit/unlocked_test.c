/* The unlocked keys of a node: which files are opened, what stays locked, and which key serves
 * when.
 */
#include "keys/unlocked.h"
#include "tests/unit/folder.h"
#include "tests/unit/party.h"

static struct party party;
static struct unlocked *unlocked;
static struct keypair *next; /* a second checkpoint key, on the card and in the folder */
static const struct bytes passphrase = {(const uint8_t *)"korrekt horse", 13};
static struct unlocked_source source = {.owner = {{"KR", 2}, {"test", 4}}, .now_s = PARTY_NOW_S};

static void keep(const struct keypair *key, const char *name)
{
    assert_ok(keyfile_write(folder_path(name), &source.owner, key, passphrase, KEYFILE_INTERACTIVE,
                            &error));
}

static void start(void)
{
    folder_start();
    party_start(&party, "KR", "customs.go.kr");
    keep(party.keys[KEY_CHECKPOINT], "checkpoint.key");
    keep(party.keys[KEY_RECEIPT], "receipt.key");
    keep(party.keys[KEY_TRANSPORT], "transport.key");
    source.folder = folder;
    source.passphrase = passphrase;
    assert_ok(unlocked_load(&source, &party.card, NULL, &unlocked, &error));
}

static void end(void)
{
    unlocked_release(&unlocked);
    keypair_destroy(&next);
    party_end(&party);
    folder_end();
}

/* The card gets a second checkpoint key, valid from a day before now. */
static void rotate(void)
{
    struct card_key *key = &party.card.keys[KEY_CHECKPOINT][1];
    assert_ok(keypair_generate(KEY_CHECKPOINT, &next, &error));
    keep(next, "checkpoint-2.key");
    memcpy(key->public_key, keypair_public(next), KEY_PUBLIC_BYTES);
    key->from_s = PARTY_NOW_S - 86400;
    key->until_s = PARTY_UNTIL_S;
    party.card.key_count[KEY_CHECKPOINT] = 2;
}

static void reload(struct bytes words)
{
    struct unlocked *before = unlocked;
    source.passphrase = words;
    assert_ok(unlocked_load(&source, &party.card, before, &unlocked, &error));
    unlocked_release(&before);
}

static bool is_here(const struct keypair *key)
{
    return unlocked_find(unlocked, keypair_role(key), keypair_public(key)) != NULL;
}

START_TEST(the_keys_of_the_card_are_unlocked_but_for_the_identity)
{
    for (unsigned role = 0; role < KEY_ROLE_COUNT; role++) {
        const struct keypair *key =
            unlocked_find(unlocked, (enum key_role)role, keypair_public(party.keys[role]));
        ck_assert((key != NULL) == (role != KEY_IDENTITY));
    }
    ck_assert_uint_eq(unlocked_locked(unlocked), 0);
}
END_TEST

START_TEST(a_new_key_stays_locked_without_its_passphrase_and_the_old_one_serves)
{
    rotate();
    reload((struct bytes){NULL, 0});
    ck_assert_uint_eq(unlocked_locked(unlocked), 1);
    ck_assert(is_here(party.keys[KEY_CHECKPOINT]) && !is_here(next));
    reload(passphrase);
    ck_assert_uint_eq(unlocked_locked(unlocked), 0);
    ck_assert(is_here(party.keys[KEY_CHECKPOINT]) && is_here(next));
}
END_TEST

START_TEST(a_wrong_passphrase_changes_nothing)
{
    struct unlocked *other = NULL;
    rotate();
    source.passphrase = text_bytes(TEXT("another"));
    assert_fails(unlocked_load(&source, &party.card, unlocked, &other, &error), RESULT_DENIED,
                 "the passphrase does not open it");
    ck_assert_ptr_null(other);
    ck_assert(is_here(party.keys[KEY_CHECKPOINT]));
}
END_TEST

START_TEST(a_key_whose_time_is_over_is_not_unlocked)
{
    rotate();
    party.card.keys[KEY_CHECKPOINT][0].until_s = PARTY_NOW_S;
    reload(passphrase);
    ck_assert(is_here(next));
    ck_assert(!is_here(party.keys[KEY_CHECKPOINT]));
}
END_TEST

START_TEST(a_key_that_is_not_on_the_card_stays_locked)
{
    struct unlocked *other = NULL;
    rotate();
    party.card.key_count[KEY_CHECKPOINT] = 1;
    assert_ok(unlocked_load(&source, &party.card, NULL, &other, &error));
    ck_assert_ptr_null(unlocked_find(other, KEY_CHECKPOINT, keypair_public(next)));
    unlocked_release(&other);
}
END_TEST

START_TEST(a_role_without_a_key_is_named_at_the_start)
{
    struct unlocked *none = NULL;
    ck_assert_int_eq(unlink(folder_path("receipt.key")), 0);
    assert_fails(unlocked_load(&source, &party.card, NULL, &none, &error), RESULT_NOT_FOUND,
                 "comesh key rotate receipt");
    ck_assert_ptr_null(none);
}
END_TEST

START_TEST(a_key_lives_until_the_last_snapshot_that_holds_it)
{
    struct unlocked *held = unlocked_share(unlocked);
    rotate();
    reload(passphrase);
    const uint8_t *public_key = keypair_public(party.keys[KEY_CHECKPOINT]);
    const struct keypair *key = unlocked_find(held, KEY_CHECKPOINT, public_key);
    ck_assert_ptr_eq(unlocked_find(unlocked, KEY_CHECKPOINT, public_key), key);
    unlocked_release(&held);
    ck_assert_mem_eq(keypair_public(key), public_key, KEY_PUBLIC_BYTES);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_keys_of_the_card_are_unlocked_but_for_the_identity,
        a_new_key_stays_locked_without_its_passphrase_and_the_old_one_serves,
        a_wrong_passphrase_changes_nothing,
        a_key_whose_time_is_over_is_not_unlocked,
        a_key_that_is_not_on_the_card_stays_locked,
        a_role_without_a_key_is_named_at_the_start,
        a_key_lives_until_the_last_snapshot_that_holds_it,
    };
    return suite_run_with("unlocked", tests, SUITE_COUNT(tests), start, end);
}
