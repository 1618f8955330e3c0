/* Changes of the directory: what is taken from the mesh and what not, versions that are kept,
 * revocations, two processes at once, and power cuts in the middle of each write. */
#include "keys/directory.h"
#include "keys/file.h"
#include "tests/unit/folder.h"
#include "tests/unit/party.h"

#include <signal.h>
#include <sys/wait.h>

static struct party own;
static struct party indonesia;
static struct directory *directory;
static struct revocation revocation;
static bool news;

static void start(void)
{
    folder_start();
    party_start(&own, "KR", "customs.go.kr");
    party_start(&indonesia, "ID", "beacukai.go.id");
    party_sign(&own);
    party_sign(&indonesia);
    assert_ok(directory_own_store(folder, &own.card, &error));
}

static void end(void)
{
    party_end(&own);
    party_end(&indonesia);
    buffer_free(&revocation.note);
    directory_release(&directory);
    directory_release(&directory);
    folder_end();
}

static void load(void)
{
    directory_release(&directory);
    assert_ok(directory_load(folder, TEXT("test"), &directory, &error));
}

static enum result take(const struct party *party, bool vouched)
{
    const struct directory_vouch vouch = {0};
    return directory_take(folder, &party->card, vouched ? &vouch : NULL, &news, &error);
}

/* An agreement named that identity for the party, and now names the one of the card. */
static enum result take_instead(const struct party *party, const uint8_t *replaced)
{
    const struct directory_vouch vouch = {.replaced = replaced};
    return directory_take(folder, &party->card, &vouch, &news, &error);
}

static void next_serial(struct party *party)
{
    party->card.serial++;
    party_sign(party);
}

/* The party makes itself a new identity, and signs its card with it. */
static void change_identity(struct party *party)
{
    keypair_destroy(&party->keys[KEY_IDENTITY]);
    assert_ok(keypair_generate(KEY_IDENTITY, &party->keys[KEY_IDENTITY], &error));
    memcpy(party->card.keys[KEY_IDENTITY][0].public_key, keypair_public(party->keys[KEY_IDENTITY]),
           KEY_PUBLIC_BYTES);
    next_serial(party);
}

static void make_revocation(const struct party *party, enum key_role role, const uint8_t *key)
{
    buffer_free(&revocation.note);
    revocation = (struct revocation){.environment = "test",
                                     .role = role,
                                     .reason = "stolen",
                                     .trusted_until_s = PARTY_NOW_S,
                                     .issued_s = PARTY_NOW_S + 60};
    memcpy(revocation.party, party->card.party, sizeof revocation.party);
    memcpy(revocation.domain, party->card.domain, sizeof revocation.domain);
    memcpy(revocation.key, key, KEY_PUBLIC_BYTES);
    memcpy(revocation.identity, keypair_public(party->keys[KEY_IDENTITY]), KEY_PUBLIC_BYTES);
    assert_ok(revocation_sign(&revocation, party->keys[KEY_IDENTITY], &error));
}

static enum result revoke_role(const struct party *party, enum key_role role)
{
    make_revocation(party, role, keypair_public(party->keys[role]));
    return directory_revoke(folder, &revocation, &news, &error);
}

static uint64_t serial_of(size_t version)
{
    const struct card *card = directory_version(directory, TEXT("ID"), version);
    return card == NULL ? 0 : card->serial;
}

/* ---- cards ---- */

START_TEST(every_version_of_a_card_is_kept_the_newest_first)
{
    assert_ok(directory_store(folder, &indonesia.card, &error));
    for (int i = 0; i < 11; i++) {
        next_serial(&indonesia);
        assert_ok(take(&indonesia, false));
        ck_assert(news);
    }
    load();
    for (size_t i = 0; i < 12; i++) {
        ck_assert_uint_eq(serial_of(i), 12 - i);
    }
    ck_assert_uint_eq(serial_of(12), 0);
    next_serial(&own);
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
    next_serial(&indonesia);
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
    change_identity(&indonesia);
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
    change_identity(&indonesia);
    assert_fails(take(&indonesia, false), RESULT_UNTRUSTED, "was confirmed; ask ID by telephone");
    indonesia.card.serial = 1;
    party_sign(&indonesia);
    assert_fails(take_instead(&indonesia, first), RESULT_CONFLICT,
                 "serial 1 is held with another text");
    next_serial(&indonesia);
    assert_ok(take_instead(&indonesia, first));
    ck_assert(news);
}
END_TEST

/* A quorum of others may say who somebody is that nobody here knows, and no more than that. */
START_TEST(who_never_had_the_identity_that_is_held_does_not_replace_it)
{
    assert_ok(directory_store(folder, &indonesia.card, &error));
    change_identity(&indonesia);
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
    next_serial(&indonesia);
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
    next_serial(&indonesia);
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
    change_identity(&own);
    assert_ok(directory_own_store(folder, &own.card, &error));
}
END_TEST

/* ---- revocations ---- */

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
    next_serial(&indonesia);
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
    change_identity(&indonesia);
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
    next_serial(&indonesia);
    assert_fails(take(&indonesia, true), RESULT_UNTRUSTED, "its identity key is revoked");
    assert_fails(directory_store(folder, &indonesia.card, &error), RESULT_UNTRUSTED,
                 "its identity key is revoked");
    assert_fails(revoke_role(&indonesia, KEY_TRANSPORT), RESULT_UNTRUSTED, "not that of its card");
    change_identity(&indonesia);
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
    change_identity(&indonesia);
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

/* ---- two processes at once ---- */

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

START_TEST(two_processes_that_change_the_directory_at_once_lose_nothing)
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

/* ---- power cuts ---- */

#ifdef COMESH_FAILPOINTS

/* Runs `act` in a process that dies at the failpoint; true when it did. */
static bool dies_at(const char *failpoint, enum result (*act)(void))
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        (void)setenv("COMESH_FAILPOINT", failpoint, 1);
        _exit(act() == RESULT_OK ? 0 : 1);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

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
    next_serial(&indonesia);
}

static void next_own_card(void)
{
    next_serial(&own);
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
    static const char *const places[] = {"file.written", "file.synced", "file.renamed"};
    for (size_t i = 0; i < SUITE_COUNT(places); i++) {
        char failpoint[64];
        bool died = true;
        make();
        for (unsigned pass = 1; died; pass++) {
            (void)snprintf(failpoint, sizeof failpoint, "%s:%u", places[i], pass);
            died = dies_at(failpoint, act);
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
    ck_assert(dies_at("file.written", remove_card));
    ck_assert(dies_at("file.renamed", remove_card));
    load();
    ck_assert_ptr_nonnull(directory_party(directory, TEXT("ID")));
    assert_ok(remove_card());
    load();
    ck_assert_uint_eq(serial_of(0), 1);
}
END_TEST

#define CUTS                                                                                       \
    a_power_cut_in_the_middle_of_a_card_leaves_the_directory_whole,                                \
        a_power_cut_in_the_middle_of_a_rest_card_leaves_the_directory_whole,                       \
        a_power_cut_in_the_middle_of_a_removal_or_revocation_leaves_the_directory_whole,
#else
#define CUTS
#endif

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
        a_revoked_key_is_on_no_card_in_force_and_never_comes_back,
        the_same_revocation_again_is_no_news_and_an_earlier_limit_is,
        only_the_party_itself_revokes_its_keys,
        an_identity_that_was_replaced_revokes_itself_and_nothing_else,
        a_party_whose_identity_is_revoked_is_suspended_until_a_new_one_is_trusted,
        a_suspended_party_comes_back_by_the_agreement_that_had_it,
        a_revocation_on_disk_that_nobody_trusted_signed_is_named,
        two_processes_that_change_the_directory_at_once_lose_nothing,
        CUTS};
    return suite_run_with("directory change", tests, SUITE_COUNT(tests), start, end);
}
