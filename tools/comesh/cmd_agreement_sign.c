/* comesh agreement sign and import: whom and what this party agrees to. */
#include "keys/file.h"
#include "tools/comesh/agreements.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/changes.h"
#include "tools/comesh/confirm.h"
#include "tools/comesh/document.h"
#include "tools/comesh/unlock.h"

/* An agreement that is about to be signed. */
struct signing {
    struct call *call;
    struct book book;
    struct agreement *read; /* when it came from a file, or has a signature of ours by now */
    const struct agreement *agreement;
    const struct agreement *before; /* NULL for version 1 */
    struct buffer note;             /* with the signatures made so far */
    size_t made;
};

/* ---- what is signed ---- */

/* A key that the agreement names must be that of the card, or change it before our eyes. */
static enum result check_party(struct signing *signing, const struct agreement_party *party,
                               struct error *error)
{
    struct card *card = NULL;
    bool own = strcmp(party->party, signing->book.config->party) == 0;
    const struct agreement_party *was =
        signing->before == NULL ? NULL : agreement_party(signing->before, text_of(party->party));
    enum result result = card_load(signing->call, own ? NULL : party->party, &card, error);
    if (result == RESULT_NOT_FOUND) {
        (void)fprintf(stderr,
                      "comesh: no card of %s is held here; by signing you say that the key "
                      "above is theirs\n",
                      party->party);
        return RESULT_OK;
    }
    if (result != RESULT_OK) {
        return result;
    }
    const uint8_t *held = card->keys[KEY_IDENTITY][0].public_key;
    if (memcmp(held, party->identity, KEY_PUBLIC_BYTES) != 0) {
        bool changes = was != NULL && memcmp(was->identity, party->identity, KEY_PUBLIC_BYTES) != 0;
        if (changes) {
            (void)fprintf(stderr,
                          "comesh: %s GETS A NEW IDENTITY KEY, above; sign only if you have "
                          "heard it from %s\n",
                          party->party, party->party);
        } else {
            result = error_set(error, RESULT_UNTRUSTED,
                               "NOT SIGNED: %s %u names another identity key for %s than its card, "
                               "which is held here; ask %s by telephone",
                               signing->agreement->code, signing->agreement->version, party->party,
                               party->party);
        }
    }
    card_destroy(&card);
    return result;
}

static enum result look(struct signing *signing, struct error *error)
{
    enum result result = RESULT_OK;
    agreement_print(&signing->book, signing->agreement, stderr);
    if (signing->before != NULL) {
        (void)fprintf(stderr, "\nWhat it changes:\n");
        (void)changes_print(signing->before, signing->agreement, stderr);
    }
    (void)fprintf(stderr, "\n");
    for (size_t i = 0; i < signing->agreement->party_count && result == RESULT_OK; i++) {
        result = check_party(signing, &signing->agreement->parties[i], error);
    }
    return result;
}

/* The proposal of a code goes before what is accepted. */
static enum result find(struct signing *signing, struct error *error)
{
    const char *name = signing->call->operands[0];
    signing->agreement = agreements_proposal(signing->book.held, text_of(name));
    enum result result = RESULT_OK;
    if (signing->agreement == NULL) {
        result = book_find(&signing->book, name, &signing->read, &signing->agreement, error);
    }
    if (signing->agreement == NULL) {
        return result;
    }
    signing->before = book_before(&signing->book, signing->agreement);
    buffer_append(&signing->note, signing->agreement->bytes.data, signing->agreement->bytes.size);
    return buffer_check(&signing->note, error);
}

/* ---- signing ---- */

/* Signs with the key of a version that names the own party, when its file is here. */
static enum result sign_as(struct signing *signing, const struct keyring *keyring,
                           const struct agreement *names, struct error *error)
{
    struct agreement *now = NULL;
    struct keypair *identity = NULL;
    struct buffer note = {0};
    const struct agreement_party *own =
        names == NULL ? NULL : agreement_party(names, text_of(signing->book.config->party));
    const struct keyring_file *file =
        own == NULL ? NULL : keyring_find(keyring, KEY_IDENTITY, own->identity);
    if (file == NULL) {
        return RESULT_OK;
    }
    enum result result = unlock_key(signing->call, signing->book.config, file, &identity, error);
    if (result == RESULT_OK) {
        result = agreement_parse(buffer_bytes(&signing->note), &now, error);
    }
    if (result == RESULT_OK) {
        result = agreement_sign(now, signing->before, identity, &note, error);
    }
    if (result == RESULT_OK) {
        buffer_free(&signing->note);
        signing->note = note;
        note = (struct buffer){0};
        signing->made++;
    }
    keypair_destroy(&identity);
    agreement_destroy(&now);
    buffer_free(&note);
    return result;
}

/* With the key of this version, and of the one before when it is another. */
static enum result sign_all(struct signing *signing, struct error *error)
{
    struct keyring keyring = {0};
    struct text party = text_of(signing->book.config->party);
    const struct agreement_party *now = agreement_party(signing->agreement, party);
    const struct agreement_party *was =
        signing->before == NULL ? NULL : agreement_party(signing->before, party);
    bool changed =
        was != NULL && (now == NULL || memcmp(now->identity, was->identity, KEY_PUBLIC_BYTES) != 0);
    enum result result = unlock_keyring(signing->book.config, &keyring, error);
    if (result == RESULT_OK) {
        result = sign_as(signing, &keyring, signing->agreement, error);
    }
    if (result == RESULT_OK && changed) {
        result = sign_as(signing, &keyring, signing->before, error);
    }
    keyring_free(&keyring);
    if (result == RESULT_OK && signing->made == 0) {
        result = error_set(error, RESULT_NOT_FOUND,
                           "NOT SIGNED: the identity key that %s %u names for %.*s is not in keys/ "
                           "of this node; sign where it is kept (comesh help key)",
                           signing->agreement->code, signing->agreement->version, TEXT_ARGS(party));
    }
    return result;
}

static enum result sign(struct call *call, struct error *error)
{
    struct signing signing = {.call = call};
    const char *output = call_value(call, "output");
    enum result result = book_open(call, &signing.book, error);
    if (result == RESULT_OK) {
        result = find(&signing, error);
    }
    if (result == RESULT_OK) {
        result = look(&signing, error);
    }
    if (result == RESULT_OK) {
        result = sign_all(&signing, error);
    }
    if (result == RESULT_OK) {
        result = book_take(call, &signing.book, buffer_bytes(&signing.note), false,
                           "agreement sign", error);
    }
    if (result == RESULT_OK && output != NULL) {
        result = file_replace(output, buffer_bytes(&signing.note), FILE_PUBLIC, error);
    }
    agreement_destroy(&signing.read);
    buffer_free(&signing.note);
    book_close(&signing.book);
    return result;
}

/* ---- import ---- */

/* Whether a person must confirm it now: a first version that counts without our signature. */
static bool needs_confirmation(const struct book *book, const struct agreement *agreement)
{
    struct agreement_count count;
    struct error error;
    const struct agreement_party *own = agreement_party(agreement, text_of(book->config->party));
    return agreements_version(book->held, text_of(agreement->code), 0) == NULL && own != NULL &&
           agreement_quorum(agreement, NULL, &count, &error) == RESULT_OK && count.met &&
           (agreement->signers & (uint32_t)1 << (own - agreement->parties)) == 0;
}

static enum result confirm(struct call *call, const struct book *book,
                           const struct agreement *agreement, bool *confirmed, struct error *error)
{
    uint8_t hash[WORDS_HASH_BYTES];
    const struct confirmation confirmation = {.thing = "agreement",
                                              .party = "another party",
                                              .command = "comesh agreement show",
                                              .undone = "NOT IMPORTED"};
    *confirmed = false;
    if (call_value(call, "fingerprint") == NULL && !needs_confirmation(book, agreement)) {
        return RESULT_OK;
    }
    if (call_value(call, "fingerprint") == NULL && call_value(call, "propose") != NULL) {
        return RESULT_OK;
    }
    agreement_fingerprint(agreement, hash);
    enum result result = confirm_hash(call, &confirmation, hash, error);
    *confirmed = result == RESULT_OK;
    return result;
}

static enum result import(struct call *call, struct error *error)
{
    struct book book;
    struct buffer note = {0};
    struct agreement *given = NULL;
    bool confirmed = false;
    enum result result = book_open(call, &book, error);
    if (result == RESULT_OK) {
        result = document_read(call->operands[0], AGREEMENT_NOTE_BYTES, &note, error);
    }
    if (result == RESULT_OK) {
        result = agreement_parse(buffer_bytes(&note), &given, error);
    }
    if (result == RESULT_OK) {
        result = confirm(call, &book, given, &confirmed, error);
    }
    if (result == RESULT_OK) {
        result = book_take(call, &book, buffer_bytes(&note), confirmed, "agreement import", error);
    }
    agreement_destroy(&given);
    buffer_free(&note);
    book_close(&book);
    return result;
}

const struct command command_agreement_sign = {
    .name = "agreement sign",
    .operands = "AGREEMENT",
    .summary = "sign an agreement for the own party",
    .examples = "  comesh agreement sign AKFTA\n"
                "  comesh agreement sign from-id.agreement --output AKFTA.agreement\n",
    .details =
        "Shows what is signed, and what it changes, then asks for the passphrase of the identity\n"
        "key. AGREEMENT is a code (its proposal), CODE:VERSION, or a file. A party whose key the\n"
        "new version changes signs with both, the new one first. With the last signature of the\n"
        "quorum the version is accepted, and a running node takes it over at once.\n",
    .options = {UNLOCK_OPTION,
                {"output", "FILE", "also write it with the signature to FILE", false},
                {"by", "NAME", "who decided it, for the audit log", false}},
    .least_operands = 1,
    .most_operands = 1,
    .run = sign,
};

const struct command command_agreement_import = {
    .name = "agreement import",
    .operands = "FILE",
    .summary = "take an agreement, a proposal or more signatures from a file",
    .examples = "  comesh agreement import AKFTA.agreement\n"
                "  comesh agreement import RCEP.agreement --fingerprint 'amber canyon glider "
                "mosaic parcel violin'\n",
    .details =
        "Signatures are added to what is held. A version counts once its quorum, and that of the\n"
        "version before, has signed; the first one only with the own signature, or when its\n"
        "fingerprint was confirmed. Another text of a version that is held is refused, with who\n"
        "signed which.\n",
    .options = {CONFIRM_OPTION,
                {"propose", NULL, "keep it as a proposal to sign, and ask nothing", false},
                {"by", "NAME", "who decided it, for the audit log", false}},
    .least_operands = 1,
    .most_operands = 1,
    .run = import,
};
