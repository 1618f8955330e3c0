/* The golden vectors of notes, checkpoints, receipts, cards and agreements: the C code makes
 * exactly these bytes, and verifies them. tests/vectors/verify.py recomputes the same files
 * independently. */
#include "keys/agreement.h"
#include "keys/card.h"
#include "keys/card_text.h"
#include "keys/checkpoint.h"
#include "keys/note.h"
#include "tests/unit/vectors.h"

static void start(void)
{
    assert_ok(keys_init(&error));
}

/* The key of the document that is called `name`; its name is its role. */
static struct keypair *key_named(const json_t *document, struct text name)
{
    uint8_t seed[KEY_SECRET_BYTES];
    struct keypair *key = NULL;
    enum key_role role;
    ck_assert(key_role_parse(name, &role));
    const json_t *keys = json_object_get(document, "keys");
    fixed_at(json_object_get(keys, key_role_text(role)), "seed", seed, sizeof seed);
    assert_ok(keypair_from_secret(role, seed, &key, &error));
    return key;
}

static void check_key(const json_t *object, const json_t *document)
{
    uint8_t id[NOTE_KEY_ID_BYTES];
    struct keypair *key = key_named(document, text_at(object, "key"));
    check_bytes(object, "public", bytes_of(keypair_public(key), KEY_PUBLIC_BYTES));
    note_key_id(text_at(object, "name"), NOTE_ED25519, keypair_public(key), id);
    check_bytes(object, "plain_id", bytes_of(id, sizeof id));
    note_key_id(text_at(object, "name"), NOTE_COSIGNATURE_V1, keypair_public(key), id);
    check_bytes(object, "cosignature_id", bytes_of(id, sizeof id));
    keypair_destroy(&key);
}

static void check_note(const json_t *object, const json_t *document)
{
    struct buffer made = {0};
    struct note note;
    struct keypair *key = key_named(document, text_at(object, "signer"));
    struct text body = text_at(object, "body");
    struct text name = text_at(object, "signer_name");
    buffer_append(&made, body.data, body.size);
    assert_ok(note_sign(&made, name, key, &error));
    check_text(object, "note", buffer_view(&made));
    assert_ok(note_parse(buffer_bytes(&made), &note, &error));
    assert_ok(note_verify(&note, name, NOTE_ED25519, keypair_public(key), NULL, &error));
    keypair_destroy(&key);
    buffer_free(&made);
}

static void check_published(const json_t *object)
{
    struct note note;
    uint8_t key[KEY_PUBLIC_BYTES];
    fixed_at(object, "public", key, sizeof key);
    assert_ok(note_parse(text_bytes(text_at(object, "note")), &note, &error));
    assert_ok(note_verify(&note, text_at(object, "name"), NOTE_ED25519, key, NULL, &error));
    ck_assert(json_is_true(json_object_get(object, "holds")));
}

/* A card that has the one key, valid always, and the endpoint name of the key's name. */
static struct card card_with(const struct keypair *key, struct text key_name)
{
    struct card card = {.party = "XX"};
    enum key_role role = keypair_role(key);
    struct text environment = text_until(&key_name, '.');
    ck_assert(text_skip(&key_name, ".coconnect."));
    struct text domain = text_until(&key_name, '/');
    memcpy(card.environment, environment.data, environment.size);
    memcpy(card.domain, domain.data, domain.size);
    memcpy(card.keys[role][0].public_key, keypair_public(key), KEY_PUBLIC_BYTES);
    card.keys[role][0].until_s = UINT64_MAX;
    card.key_count[role] = 1;
    return card;
}

static void check_checkpoint(const json_t *object, const json_t *document)
{
    struct checkpoint read;
    struct checkpoint checkpoint = {.origin = text_at(object, "origin"),
                                    .size = number_at(object, "size")};
    struct text signer_name = text_at(object, "signer_name");
    struct text cosigner_name = text_at(object, "cosigner_name");
    struct keypair *signer = key_named(document, text_at(object, "signer"));
    struct keypair *cosigner = key_named(document, text_at(object, "cosigner"));
    struct card sender = card_with(signer, signer_name);
    struct card receiver = card_with(cosigner, cosigner_name);
    struct buffer note = {0};
    struct buffer cosigned = {0};
    uint64_t time_s = UINT64_MAX;
    fixed_at(object, "root", checkpoint.root.bytes, sizeof checkpoint.root.bytes);
    assert_ok(checkpoint_sign(&checkpoint, signer_name, signer, &note, &error));
    check_text(object, "note", buffer_view(&note));
    assert_ok(checkpoint_cosign(buffer_bytes(&note), number_at(object, "time_s"), cosigner_name,
                                cosigner, &cosigned, &error));
    check_text(object, "cosigned", buffer_view(&cosigned));
    assert_ok(checkpoint_verify(buffer_bytes(&cosigned), &sender, 0, &read, &error));
    assert_ok(
        checkpoint_verify_receipt(buffer_bytes(&cosigned), &receiver, &read, &time_s, &error));
    ck_assert_uint_eq(time_s, number_at(object, "time_s"));
    ck_assert_uint_eq(read.size, checkpoint.size);
    ck_assert_mem_eq(&read.root, &checkpoint.root, sizeof read.root);
    keypair_destroy(&signer);
    keypair_destroy(&cosigner);
    buffer_free(&note);
    buffer_free(&cosigned);
}

static void check_signed(const json_t *object, const json_t *document)
{
    struct text what = text_at(object, "what");
    if (text_equal(what, TEXT("key"))) {
        check_key(object, document);
    } else if (text_equal(what, TEXT("note"))) {
        check_note(object, document);
    } else if (text_equal(what, TEXT("checkpoint"))) {
        check_checkpoint(object, document);
    } else {
        check_published(object);
    }
}

START_TEST(notes_checkpoints_and_receipts_are_those_of_the_vectors)
{
    vectors_each("notes.json", check_signed);
}
END_TEST

static void check_card(const json_t *object, const json_t *document)
{
    struct card *card = NULL;
    struct card again = {0};
    struct keypair *identity = NULL;
    uint8_t seed[KEY_SECRET_BYTES];
    char fingerprint[FINGERPRINT_DIGITS_BYTES];
    (void)document;
    fixed_at(object, "identity_seed", seed, sizeof seed);
    assert_ok(keypair_from_secret(KEY_IDENTITY, seed, &identity, &error));
    assert_ok(card_parse(text_bytes(text_at(object, "note")), &card, &error));
    check_text(object, "party", text_of(card->party));
    check_text(object, "environment", text_of(card->environment));
    check_text(object, "domain", text_of(card->domain));
    card_fingerprint(card, fingerprint);
    check_text(object, "fingerprint", text_of(fingerprint));
    assert_ok(card_text_read(text_at(object, "text"), &again, &error));
    assert_ok(card_sign(&again, identity, &error));
    check_text(object, "note", buffer_view(&again.note));
    buffer_free(&again.note);
    card_destroy(&card);
    keypair_destroy(&identity);
}

START_TEST(cards_and_fingerprints_are_those_of_the_vectors)
{
    vectors_each("cards.json", check_card);
}
END_TEST

static struct agreement *agreement_of(struct text note)
{
    struct agreement *agreement = NULL;
    assert_ok(agreement_parse(text_bytes(note), &agreement, &error));
    return agreement;
}

/* The codes in `signers` are those of the list. */
static void check_signers(const json_t *list, const struct agreement *agreement, uint32_t signers)
{
    size_t i;
    json_t *code;
    uint32_t wanted = 0;
    json_array_foreach(list, i, code)
    {
        const struct agreement_party *party =
            agreement_party(agreement, text_of(json_string_value(code)));
        ck_assert_ptr_nonnull(party);
        wanted |= (uint32_t)1 << (party - agreement->parties);
    }
    ck_assert_uint_eq(signers, wanted);
}

/* Signs the text again with the same keys, in their order. */
static void check_signing(const json_t *object, const struct agreement *previous)
{
    struct buffer note = {0};
    struct text text = text_at(object, "text");
    size_t i;
    json_t *signer;
    buffer_append(&note, text.data, text.size);
    buffer_text(&note, "\n");
    json_array_foreach(json_object_get(object, "signers"), i, signer)
    {
        uint8_t seed[KEY_SECRET_BYTES];
        struct keypair *identity = NULL;
        struct buffer more = {0};
        struct agreement *now = agreement_of(buffer_view(&note));
        fixed_at(signer, "seed", seed, sizeof seed);
        assert_ok(keypair_from_secret(KEY_IDENTITY, seed, &identity, &error));
        assert_ok(agreement_sign(now, previous, identity, &more, &error));
        buffer_free(&note);
        note = more;
        agreement_destroy(&now);
        keypair_destroy(&identity);
    }
    check_text(object, "note", buffer_view(&note));
    buffer_free(&note);
}

static void check_agreement(const json_t *object, const json_t *document)
{
    struct agreement *agreement = agreement_of(text_at(object, "note"));
    struct agreement *previous = NULL;
    struct agreement_count count;
    uint8_t hash[WORDS_HASH_BYTES];
    char digits[WORDS_DIGITS_BYTES];
    if (json_object_get(object, "follows") != NULL) {
        const json_t *cases = json_object_get(document, "cases");
        previous = agreement_of(
            text_at(json_array_get(cases, (size_t)number_at(object, "follows")), "note"));
    }
    check_bytes(object, "hash", bytes_of(agreement->hash.bytes, MERKLE_HASH_BYTES));
    agreement_fingerprint(agreement, hash);
    words_digits(hash, digits);
    check_text(object, "fingerprint", text_of(digits));
    assert_ok(agreement_quorum(agreement, previous, &count, &error));
    check_signers(json_object_get(object, "signed_by"), agreement, count.signers);
    if (previous != NULL) {
        check_signers(json_object_get(object, "previous_signed_by"), previous,
                      count.previous_signers);
    }
    ck_assert(count.met == json_is_true(json_object_get(object, "met")));
    check_signing(object, previous);
    agreement_destroy(&agreement);
    agreement_destroy(&previous);
}

START_TEST(agreements_and_their_quorums_are_those_of_the_vectors)
{
    vectors_each("agreements.json", check_agreement);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        notes_checkpoints_and_receipts_are_those_of_the_vectors,
        cards_and_fingerprints_are_those_of_the_vectors,
        agreements_and_their_quorums_are_those_of_the_vectors,
    };
    return suite_run("vectors of keys", tests, SUITE_COUNT(tests), start);
}
