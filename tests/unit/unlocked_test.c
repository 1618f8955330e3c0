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

static void assert_serves(uint64_t now_s, enum unlocked_choice choice, const struct keypair *key)
{
    const struct keypair *chosen =
        unlocked_key(unlocked, &party.card, KEY_CHECKPOINT, now_s, choice);
    ck_assert_ptr_nonnull(chosen);
    ck_assert_mem_eq(keypair_public(chosen), keypair_public(key), KEY_PUBLIC_BYTES);
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
    assert_serves(PARTY_NOW_S, UNLOCKED_NEWEST, party.keys[KEY_CHECKPOINT]);
    reload(passphrase);
    ck_assert_uint_eq(unlocked_locked(unlocked), 0);
    assert_serves(PARTY_NOW_S, UNLOCKED_NEWEST, next);
    assert_serves(PARTY_NOW_S, UNLOCKED_OLDEST, party.keys[KEY_CHECKPOINT]);
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
    assert_serves(PARTY_NOW_S, UNLOCKED_NEWEST, party.keys[KEY_CHECKPOINT]);
}
END_TEST

START_TEST(a_key_begins_and_ends_by_its_dates_alone)
{
    rotate();
    reload(passphrase);
    party.card.keys[KEY_CHECKPOINT][1].from_s = PARTY_NOW_S + 10;
    party.card.keys[KEY_CHECKPOINT][0].until_s = PARTY_NOW_S + 20;
    assert_serves(PARTY_NOW_S + 9, UNLOCKED_NEWEST, party.keys[KEY_CHECKPOINT]);
    assert_serves(PARTY_NOW_S + 10, UNLOCKED_NEWEST, next);
    assert_serves(PARTY_NOW_S + 19, UNLOCKED_OLDEST, party.keys[KEY_CHECKPOINT]);
    assert_serves(PARTY_NOW_S + 20, UNLOCKED_OLDEST, next);
}
END_TEST

START_TEST(a_key_that_is_not_on_the_card_does_not_serve)
{
    party.card.key_count[KEY_CHECKPOINT] = 0;
    ck_assert_ptr_null(
        unlocked_key(unlocked, &party.card, KEY_CHECKPOINT, PARTY_NOW_S, UNLOCKED_NEWEST));
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
    const struct keypair *key =
        unlocked_key(held, &party.card, KEY_CHECKPOINT, PARTY_NOW_S, UNLOCKED_OLDEST);
    assert_serves(PARTY_NOW_S, UNLOCKED_OLDEST, key);
    unlocked_release(&held);
    assert_serves(PARTY_NOW_S, UNLOCKED_OLDEST, party.keys[KEY_CHECKPOINT]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_keys_of_the_card_are_unlocked_but_for_the_identity,
        a_new_key_stays_locked_without_its_passphrase_and_the_old_one_serves,
        a_wrong_passphrase_changes_nothing,
        a_key_begins_and_ends_by_its_dates_alone,
        a_key_that_is_not_on_the_card_does_not_serve,
        a_role_without_a_key_is_named_at_the_start,
        a_key_lives_until_the_last_snapshot_that_holds_it,
    };
    return suite_run_with("unlocked", tests, SUITE_COUNT(tests), start, end);
}
