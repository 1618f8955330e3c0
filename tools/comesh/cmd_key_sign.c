/* comesh key sign and new-identity: on the machine that has the identity key and needs no network.
 * Its directory holds keys/ alone; what is to be signed comes as a file, and goes back as one. */
#include "keys/agreement.h"
#include "keys/card_text.h"
#include "keys/file.h"
#include "keys/minutes.h"
#include "proto/operation.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/confirm.h"
#include "tools/comesh/identity_file.h"
#include "tools/comesh/requests.h"
#include "tools/comesh/unlock.h"

#include <stdio.h>
#include <sysexits.h>

#define SIGNED_SUFFIX ".signed"

/* One file that is to be signed: a request, an agreement, or the minutes of a pairing. */
struct signing {
    struct call *call;
    const char *path;
    struct buffer content;
    struct request *request;
    struct agreement *agreement;
    struct minutes minutes;
    enum minutes_role side; /* of the minutes */
    bool is_minutes;
    struct text text;
    const char *party; /* who signs */
    const char *environment;
    uint8_t hash[WORDS_HASH_BYTES];
    const struct keyring_file *file;
    struct buffer note; /* signed */
};

static enum result folder_place(const struct call *call, const char *name, char out[PATH_MAX],
                                struct error *error)
{
    return file_place(out, call->directory, name, error);
}

/* ---- what is to be signed, and with which key ---- */

static enum result find_for_agreement(struct signing *signing, const struct keyring *keyring,
                                      struct error *error)
{
    const struct agreement *agreement = signing->agreement;
    signing->text = agreement->note.body;
    for (size_t i = 0; i < agreement->party_count; i++) {
        const struct agreement_party *party = &agreement->parties[i];
        signing->file = keyring_find(keyring, KEY_IDENTITY, party->identity);
        if (signing->file != NULL) {
            signing->party = party->party;
            signing->environment = agreement->environment;
            agreement_fingerprint(agreement, signing->hash);
            return RESULT_OK;
        }
    }
    return error_set(error, RESULT_NOT_FOUND,
                     "'%s': no key file in keys/ holds an identity that %s %u names", signing->path,
                     agreement->code, agreement->version);
}

static enum result find_for_request(struct signing *signing, const struct keyring *keyring,
                                    struct error *error)
{
    const struct request *request = signing->request;
    signing->text = buffer_view(&request->text);
    signing->party = request->party;
    signing->environment = request->environment;
    signing->file = keyring_find(keyring, KEY_IDENTITY, request->identity);
    request_hash(buffer_bytes(&request->text), signing->hash);
    if (signing->file == NULL) {
        return error_set(error, RESULT_NOT_FOUND,
                         "'%s': no key file in keys/ holds the identity of %s that it names",
                         signing->path, request->party);
    }
    return RESULT_OK;
}

static enum result find_for_minutes(struct signing *signing, const struct keyring *keyring,
                                    struct error *error)
{
    unsigned signers = 0;
    enum result result =
        minutes_parse(buffer_bytes(&signing->content), &signing->minutes, &signers, error);
    if (result != RESULT_OK) {
        return error_wrap(error, "'%s'", signing->path);
    }
    for (unsigned role = 0; role < MINUTES_ROLES; role++) {
        const struct minutes_side *side = &signing->minutes.sides[role];
        signing->file = keyring_find(keyring, KEY_IDENTITY, side->identity);
        if (signing->file != NULL) {
            signing->is_minutes = true;
            signing->side = (enum minutes_role)role;
            signing->party = side->party;
            signing->environment = signing->minutes.environment;
            minutes_hash(&signing->minutes, signing->hash);
            minutes_text_append(&signing->minutes, &signing->note);
            signing->text = buffer_view(&signing->note);
            return RESULT_OK;
        }
    }
    return error_set(error, RESULT_NOT_FOUND,
                     "'%s': no key file in keys/ holds an identity that it names", signing->path);
}

static enum result read_file(struct signing *signing, const struct keyring *keyring,
                             struct error *error)
{
    enum result result =
        file_read(signing->path, AGREEMENT_NOTE_BYTES, FILE_PUBLIC, &signing->content, error);
    struct text first = buffer_view(&signing->content);
    if (result == RESULT_OK && text_skip(&first, "comesh agreement ")) {
        result = agreement_parse(buffer_bytes(&signing->content), &signing->agreement, error);
        return result == RESULT_OK ? find_for_agreement(signing, keyring, error) : result;
    }
    if (result == RESULT_OK && text_skip(&first, "comesh minutes ")) {
        return find_for_minutes(signing, keyring, error);
    }
    if (result == RESULT_OK) {
        result = request_parse(buffer_bytes(&signing->content), &signing->request, error);
    }
    if (result == RESULT_OK) {
        return find_for_request(signing, keyring, error);
    }
    return error_wrap(error, "'%s'", signing->path);
}

/* ---- signing ---- */

/* The whole text, before a person says yes to it. */
static enum result confirm(const struct signing *signing, struct error *error)
{
    const struct confirmation confirmation = {.thing = signing->is_minutes        ? "text"
                                                       : signing->request == NULL ? "agreement"
                                                                                  : "request",
                                              .party = signing->party,
                                              .command = signing->is_minutes ? "comesh minutes list"
                                                         : signing->request == NULL
                                                             ? "comesh agreement show"
                                                             : "comesh key request",
                                              .undone = "NOT SIGNED"};
    (void)fprintf(stderr, "%s is to be signed as %s (%s):\n\n%.*s\n", signing->path, signing->party,
                  signing->environment, TEXT_ARGS(signing->text));
    return confirm_hash(signing->call, &confirmation, signing->hash, error);
}

static enum result sign_minutes(struct signing *signing, const struct keypair *identity,
                                struct error *error)
{
    buffer_text(&signing->note, "\n");
    return minutes_sign(&signing->minutes, signing->side, identity, &signing->note, error);
}

static enum result sign_request(struct signing *signing, const struct keypair *identity,
                                struct error *error)
{
    struct request *request = signing->request;
    struct buffer *note =
        request->kind == REQUEST_CARD ? &request->card.note : &request->revocation.note;
    enum result result = request->kind == REQUEST_CARD
                             ? card_sign(&request->card, identity, error)
                             : revocation_sign(&request->revocation, identity, error);
    if (result == RESULT_OK) {
        buffer_append(&signing->note, note->data, note->size);
        result = buffer_check(&signing->note, error);
    }
    buffer_free(note);
    return result;
}

static enum result sign_with(struct signing *signing, const struct passphrase *passphrase,
                             struct error *error)
{
    const struct keyfile_owner owner = {text_of(signing->party), text_of(signing->environment)};
    struct keypair *identity = NULL;
    enum result result = keyfile_read(signing->file->path, KEY_IDENTITY, &owner,
                                      passphrase_bytes(passphrase), &identity, error);
    if (result == RESULT_OK) {
        result = signing->is_minutes ? sign_minutes(signing, identity, error)
                 : signing->request != NULL
                     ? sign_request(signing, identity, error)
                     : agreement_sign(signing->agreement, NULL, identity, &signing->note, error);
    }
    keypair_destroy(&identity);
    return result;
}

static enum result write_signed(const struct signing *signing, struct error *error)
{
    char path[PATH_MAX];
    char digits[WORDS_DIGITS_BYTES];
    int size = snprintf(path, sizeof path, "%s" SIGNED_SUFFIX, signing->path);
    if (size < 0 || (size_t)size >= sizeof path) {
        return error_set(error, RESULT_INVALID, "'%s' is too long a path", signing->path);
    }
    words_digits(signing->hash, digits);
    enum result result = file_replace(path, buffer_bytes(&signing->note), FILE_PUBLIC, error);
    if (result == RESULT_OK) {
        (void)printf("%s\n", path);
        result = act_record(signing->call, signing->call->directory, "key sign", signing->party,
                            digits, error);
    }
    return result;
}

static enum result sign_file(struct call *call, const char *path, const struct keyring *keyring,
                             struct passphrase **passphrase, struct error *error)
{
    struct signing signing = {.call = call, .path = path};
    enum result result = read_file(&signing, keyring, error);
    if (result == RESULT_OK) {
        result = confirm(&signing, error);
    }
    if (result == RESULT_OK && *passphrase == NULL) {
        result = unlock_passphrase(call, "passphrase-fd", "Passphrase of the identity key", false,
                                   passphrase, error);
    }
    if (result == RESULT_OK) {
        result = sign_with(&signing, *passphrase, error);
    }
    if (result == RESULT_OK) {
        result = write_signed(&signing, error);
    }
    agreement_destroy(&signing.agreement);
    request_destroy(&signing.request);
    buffer_free(&signing.content);
    buffer_free(&signing.note);
    return result;
}

static enum result sign(struct call *call, struct error *error)
{
    struct keyring keyring = {0};
    struct passphrase *passphrase = NULL;
    char folder[PATH_MAX];
    enum result result = folder_place(call, "keys", folder, error);
    if (result == RESULT_OK) {
        result = keyring_load(folder, NULL, &keyring, error);
    }
    for (size_t i = 0; i < call->operand_count && result == RESULT_OK; i++) {
        result = sign_file(call, call->operands[i], &keyring, &passphrase, error);
    }
    passphrase_destroy(&passphrase);
    keyring_free(&keyring);
    return result;
}

/* ---- a new identity ---- */

struct newborn {
    const char *party;
    const char *environment;
    enum keyfile_cost cost;
};

static enum result read_options(struct call *call, struct newborn *newborn, struct error *error)
{
    const char *kdf = call_value(call, "kdf");
    enum result result = call_required(call, "party", &newborn->party, error);
    if (result == RESULT_OK) {
        result = call_required(call, "environment", &newborn->environment, error);
    }
    if (result == RESULT_OK && (!name_is_party(text_of(newborn->party)) ||
                                !environment_valid(text_of(newborn->environment)))) {
        result = call_usage(call, error,
                            "--party '%.20s' --environment '%.20s'; accepted: two capital letters, "
                            "and dev, test or prod",
                            newborn->party, newborn->environment);
    }
    newborn->cost = KEYFILE_SENSITIVE;
    if (result == RESULT_OK && kdf != NULL && !keyfile_cost_parse(text_of(kdf), &newborn->cost)) {
        result =
            call_usage(call, error, "--kdf '%s'; accepted: interactive, moderate, sensitive", kdf);
    }
    return result;
}

/* keys/identity.key, or the next free name when there is one: keys/identity-2.key. */
static enum result free_path(struct call *call, char out[PATH_MAX], struct error *error)
{
    enum result result = folder_place(call, "keys", out, error);
    if (result == RESULT_OK) {
        result = file_folder(call->directory, error);
    }
    if (result == RESULT_OK) {
        result = file_folder(out, error);
    }
    for (unsigned i = 1; result == RESULT_OK; i++) {
        char name[64] = "keys/identity.key";
        struct buffer content = {0};
        if (i > 1) {
            (void)snprintf(name, sizeof name, "keys/identity-%u.key", i);
        }
        result = folder_place(call, name, out, error);
        enum result found =
            result == RESULT_OK ? file_read(out, 1, FILE_PUBLIC, &content, error) : result;
        buffer_free(&content);
        if (found == RESULT_NOT_FOUND) {
            return RESULT_OK;
        }
    }
    return result;
}

static enum result write_identity(struct call *call, const struct newborn *newborn,
                                  const struct keypair *identity, const char *path,
                                  struct error *error)
{
    const struct keyfile_owner owner = {text_of(newborn->party), text_of(newborn->environment)};
    const char *output = call_value(call, "output");
    struct passphrase *passphrase = NULL;
    struct buffer text = {0};
    identity_file_append(newborn->party, newborn->environment, keypair_public(identity), &text);
    enum result result = unlock_passphrase(call, "passphrase-fd", "Passphrase for the identity key",
                                           true, &passphrase, error);
    if (result == RESULT_OK) {
        result = keyfile_write(path, &owner, identity, passphrase_bytes(passphrase), newborn->cost,
                               error);
    }
    if (result == RESULT_OK && output != NULL) {
        result = file_replace(output, buffer_bytes(&text), FILE_PUBLIC, error);
    } else if (result == RESULT_OK) {
        (void)fwrite(text.data, 1, text.size, stdout);
    }
    if (result == RESULT_OK) {
        result = act_record(call, call->directory, "key new-identity", newborn->party,
                            newborn->environment, error);
    }
    buffer_free(&text);
    passphrase_destroy(&passphrase);
    return result;
}

static enum result new_identity(struct call *call, struct error *error)
{
    struct newborn newborn = {0};
    struct keypair *identity = NULL;
    char path[PATH_MAX];
    enum result result = read_options(call, &newborn, error);
    if (result == RESULT_OK) {
        result = free_path(call, path, error);
    }
    if (result == RESULT_OK) {
        result = keypair_generate(KEY_IDENTITY, &identity, error);
    }
    if (result == RESULT_OK) {
        result = write_identity(call, &newborn, identity, path, error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: the secret stays here, in %s; back it up\n", path);
    }
    keypair_destroy(&identity);
    return result;
}

const struct command command_key_sign = {
    .name = "key sign",
    .operands = "REQUEST…",
    .summary = "sign a card, a revocation or an agreement, where the identity key is",
    .examples =
        "  comesh -C /media/vault key sign card.request\n"
        "  comesh -C /media/vault key sign card.request --fingerprint 'amber canyon glider mosaic "
        "parcel violin'\n"
        "  comesh -C /media/vault key sign AKFTA.agreement\n",
    .details =
        "For a machine without network, whose directory needs keys/ alone. Shows the whole text\n"
        "and asks for its fingerprint, which the node shows with `comesh key request` (of an\n"
        "agreement: `comesh agreement show`), so that nothing else is signed than was asked for.\n"
        "Writes REQUEST.signed; `comesh key import`, or `agreement import`, takes it at the "
        "node.\n",
    .options = {CONFIRM_OPTION, UNLOCK_OPTION, {"by", "NAME", "who signs, for the log", false}},
    .least_operands = 1,
    .most_operands = 16,
    .run = sign,
};

const struct command command_key_new_identity = {
    .name = "key new-identity",
    .operands = "--party CODE --environment ENV",
    .summary = "make an identity key on a machine without network",
    .examples = "  comesh -C /media/vault key new-identity --party KR --environment test \\\n"
                "         --output KR.identity\n",
    .details =
        "Writes keys/identity.key, encrypted, and its public half to --output or stdout. Take "
        "that\n"
        "to the node: `comesh init --identity FILE`, or `comesh key rotate identity --identity\n"
        "FILE` where there is one already.\n",
    .options = {{"party", "CODE", "the party, ISO 3166-1 alpha-2", false},
                {"environment", "ENV", "dev, test or prod", false},
                {"output", "FILE", "the public half; stdout without it", false},
                UNLOCK_OPTION,
                {"kdf", "COST", "interactive, moderate or sensitive (default)", false},
                {"by", "NAME", "who made it, for the log", false}},
    .run = new_identity,
};
