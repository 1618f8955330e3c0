/* The directory of cards: loaded whole or not at all, shared, and changed only by what may follow.
 */
#include "keys/directory.h"
#include "tests/unit/folder.h"
#include "tests/unit/party.h"

#include <pthread.h>

static struct party own;
static struct party indonesia;
static struct party uruguay;
static struct directory *directory;

static void start(void)
{
    folder_start();
    party_start(&own, "KR", "customs.go.kr");
    party_start(&indonesia, "ID", "beacukai.go.id");
    party_start(&uruguay, "UY", "aduana.gub.uy");
    party_sign(&own);
    party_sign(&indonesia);
    party_sign(&uruguay);
    folder_write("own.card", own.card.note.data, own.card.note.size);
}

static void end(void)
{
    party_end(&own);
    party_end(&indonesia);
    party_end(&uruguay);
    directory_release(&directory);
    directory_release(&directory);
    folder_end();
}

static enum result load(void)
{
    directory_release(&directory);
    return directory_load(folder, TEXT("test"), &directory, &error);
}

static enum result store(struct party *party)
{
    return directory_store(folder, &party->card, &error);
}

START_TEST(cards_are_loaded_and_found)
{
    assert_ok(store(&uruguay));
    assert_ok(store(&indonesia));
    assert_ok(load());
    ck_assert_str_eq(directory_own(directory)->party, "KR");
    ck_assert_uint_eq(directory_count(directory), 2);
    ck_assert_str_eq(directory_at(directory, 0)->party, "ID");
    ck_assert_str_eq(directory_at(directory, 1)->party, "UY");
    ck_assert_ptr_null(directory_at(directory, 2));
    ck_assert_str_eq(directory_party(directory, TEXT("UY"))->domain, "aduana.gub.uy");
    ck_assert_ptr_null(directory_party(directory, TEXT("KR")));
    ck_assert_ptr_null(directory_party(directory, TEXT("")));
}
END_TEST

START_TEST(a_transport_key_names_its_partner_while_it_is_valid)
{
    assert_ok(store(&indonesia));
    assert_ok(load());
    const uint8_t *key = keypair_public(indonesia.keys[KEY_TRANSPORT]);
    ck_assert_str_eq(directory_transport(directory, key, PARTY_NOW_S)->party, "ID");
    ck_assert_ptr_null(directory_transport(directory, key, PARTY_UNTIL_S));
    ck_assert_ptr_null(directory_transport(directory, key, PARTY_FROM_S - 1));
    ck_assert_ptr_null(
        directory_transport(directory, keypair_public(own.keys[KEY_TRANSPORT]), PARTY_NOW_S));
    ck_assert_ptr_null(directory_transport(
        directory, keypair_public(indonesia.keys[KEY_CHECKPOINT]), PARTY_NOW_S));
}
END_TEST

START_TEST(without_partners_there_is_only_the_own_card)
{
    assert_ok(load());
    ck_assert_uint_eq(directory_count(directory), 0);
}
END_TEST

START_TEST(without_an_own_card_there_is_no_directory)
{
    ck_assert_int_eq(remove(folder_path("own.card")), 0);
    assert_fails(load(), RESULT_NOT_FOUND, "own.card");
    ck_assert_ptr_null(directory);
}
END_TEST

START_TEST(a_file_that_is_no_card_of_the_environment_is_named)
{
    assert_ok(store(&indonesia));
    folder_write("partners/UY.card", "rubbish\n", 8);
    assert_fails(load(), RESULT_INVALID, "partners/UY.card");
    folder_write("partners/UY.card", indonesia.card.note.data, indonesia.card.note.size);
    assert_fails(load(), RESULT_INVALID, "is the card of ID; name it ID.card");
    ck_assert_int_eq(remove(folder_path("partners/UY.card")), 0);
    folder_write("partners/notes.txt", "x", 1);
    assert_fails(load(), RESULT_INVALID, "partners/notes.txt");
    ck_assert_int_eq(remove(folder_path("partners/notes.txt")), 0);
    folder_write("partners/.UY.card.ab12cd", "half", 4);
    assert_ok(load());
    memcpy(uruguay.card.environment, "prod", 5);
    party_sign(&uruguay);
    folder_write("partners/UY.card", uruguay.card.note.data, uruguay.card.note.size);
    assert_fails(load(), RESULT_INVALID, "a card of UY for prod, where this node is for test");
}
END_TEST

static void write_card(const char *name, const struct party *party)
{
    folder_write(name, party->card.note.data, party->card.note.size);
}

START_TEST(two_cards_share_no_key_no_domain_no_name_and_no_party)
{
    static const char sentence[] = "the cards of ID and UY have one key, as checkpoint and";
    assert_ok(store(&indonesia));
    uruguay.card.keys[KEY_RECEIPT][0] = indonesia.card.keys[KEY_CHECKPOINT][0];
    party_sign(&uruguay);
    assert_fails(store(&uruguay), RESULT_CONFLICT, sentence);
    write_card("partners/UY.card", &uruguay);
    assert_fails(load(), RESULT_CONFLICT, sentence);
    ck_assert_int_eq(remove(folder_path("partners/UY.card")), 0);
    write_card("partners/KR.card", &own);
    assert_fails(load(), RESULT_CONFLICT, "one party code");
    ck_assert_int_eq(remove(folder_path("partners/KR.card")), 0);
    assert_fails(store(&own), RESULT_CONFLICT, "one party code");
    memcpy(uruguay.card.keys[KEY_RECEIPT][0].public_key, keypair_public(uruguay.keys[KEY_RECEIPT]),
           KEY_PUBLIC_BYTES);
    memcpy(uruguay.card.name, "Customs 0f-lD", sizeof "Customs 0f-lD");
    party_sign(&uruguay);
    assert_fails(store(&uruguay), RESULT_CONFLICT, "names that look alike, 'Customs of ID'");
    memcpy(uruguay.card.domain, "beacukai.go.id", sizeof "beacukai.go.id");
    party_sign(&uruguay);
    assert_fails(store(&uruguay), RESULT_CONFLICT, "one domain");
    assert_ok(load());
    ck_assert_uint_eq(directory_count(directory), 1);
}
END_TEST

START_TEST(a_card_of_another_environment_is_refused)
{
    memcpy(indonesia.card.environment, "prod", 5);
    party_sign(&indonesia);
    assert_fails(store(&indonesia), RESULT_CONFLICT, "for prod, where this node is for test");
}
END_TEST

START_TEST(a_newer_card_replaces_and_an_older_one_does_not)
{
    struct buffer first = {0};
    assert_ok(store(&indonesia));
    assert_ok(store(&indonesia));
    buffer_append(&first, indonesia.card.note.data, indonesia.card.note.size);
    indonesia.card.name[0] = 'X';
    party_sign(&indonesia);
    assert_fails(store(&indonesia), RESULT_CONFLICT, "serial 1 is held with another text");
    indonesia.card.serial = 2;
    party_sign(&indonesia);
    assert_ok(store(&indonesia));
    assert_ok(load());
    ck_assert_uint_eq(directory_party(directory, TEXT("ID"))->serial, 2);
    struct card *old = NULL;
    assert_ok(card_parse(buffer_bytes(&first), &old, &error));
    assert_fails(directory_store(folder, old, &error), RESULT_CONFLICT,
                 "serial 1 is older than 2, which is held");
    card_destroy(&old);
    buffer_free(&first);
}
END_TEST

START_TEST(another_identity_does_not_take_a_partners_place)
{
    struct party impostor;
    assert_ok(store(&indonesia));
    party_start(&impostor, "XX", "beacukai.go.id");
    memcpy(impostor.card.party, "ID", 3);
    impostor.card.serial = 9;
    party_sign(&impostor);
    assert_fails(store(&impostor), RESULT_CONFLICT, "was confirmed; ask ID by telephone");
    party_end(&impostor);
    memcpy(indonesia.card.domain, "evil.org", sizeof "evil.org");
    indonesia.card.serial = 2;
    party_sign(&indonesia);
    assert_fails(store(&indonesia), RESULT_CONFLICT, "test.coconnect.evil.org, where");
}
END_TEST

static void *hold_and_release(void *unused)
{
    (void)unused;
    for (int i = 0; i < 10000; i++) {
        struct directory *held = directory_share(directory);
        ck_assert_str_eq(directory_own(held)->party, "KR");
        directory_release(&held);
    }
    return NULL;
}

START_TEST(a_snapshot_lives_until_its_last_holder_lets_go)
{
    pthread_t threads[4];
    assert_ok(load());
    struct directory *held = directory_share(directory);
    for (size_t i = 0; i < SUITE_COUNT(threads); i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, hold_and_release, NULL), 0);
    }
    for (size_t i = 0; i < SUITE_COUNT(threads); i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    }
    directory_release(&directory);
    ck_assert_str_eq(directory_own(held)->party, "KR");
    directory_release(&held);
    ck_assert_ptr_null(held);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        cards_are_loaded_and_found,
        a_transport_key_names_its_partner_while_it_is_valid,
        without_partners_there_is_only_the_own_card,
        without_an_own_card_there_is_no_directory,
        a_file_that_is_no_card_of_the_environment_is_named,
        two_cards_share_no_key_no_domain_no_name_and_no_party,
        a_card_of_another_environment_is_refused,
        a_newer_card_replaces_and_an_older_one_does_not,
        another_identity_does_not_take_a_partners_place,
        a_snapshot_lives_until_its_last_holder_lets_go,
    };
    return suite_run_with("directory", tests, SUITE_COUNT(tests), start, end);
}
