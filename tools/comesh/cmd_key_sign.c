/* comesh key sign: on the machine that has the identity key and needs no network. Its directory
 * holds keys/ alone; what is to be signed comes as a file, and goes back as one. */
#include "keys/agreement.h"
#include "keys/file.h"
#include "keys/minutes.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/confirm.h"
#include "tools/comesh/requests.h"
#include "tools/comesh/unlock.h"

#include <stdio.h>

#define SIGNED_SUFFIX ".signed"

/* One file that is to be signed: a request, an agreement, or the minutes of a pairing. */
struct signing {
    struct call *call;
    const char *path;
    struct buffer content;
    struct request *request;
    struct agreement *agreement;
    struct agreement *before; /* the version before, of --before; or NULL */
    struct minutes minutes;
    enum minutes_role side; /* of the minutes */
    bool is_minutes;
    struct text text;
    const char *party; /* who signs */
    const char *environment;
    uint8_t hash[WORDS_HASH_BYTES];
    const struct keyring_file *file;
    const struct keyring_file *old_file; /* of the identity that the version before names */
    struct buffer note;                  /* signed */
};

static enum result folder_place(const struct call *call, const char *name, char out[PATH_MAX],
                                struct error *error)
{
    return file_place(out, call->directory, name, error);
}

/* ---- what is to be signed, and with which key ---- */

/* The file that holds an identity of the agreement; `*party` is whose it is. */
static const struct keyring_file *find_in(const struct agreement *agreement,
                                          const struct keyring *keyring, const char **party)
{
    const struct keyring_file *file = NULL;
    for (size_t i = 0; agreement != NULL && file == NULL && i < agreement->party_count; i++) {
        file = keyring_find(keyring, KEY_IDENTITY, agreement->parties[i].identity);
        *party = file == NULL ? *party : agreement->parties[i].party;
    }
    return file;
}

/* A party that changes its identity signs with the new key and with the old one. */
static enum result find_for_agreement(struct signing *signing, const struct keyring *keyring,
                                      struct error *error)
{
    const struct agreement *agreement = signing->agreement;
    signing->text = agreement->note.body;
    signing->environment = agreement->environment;
    agreement_fingerprint(agreement, signing->hash);
    signing->old_file = find_in(signing->before, keyring, &signing->party);
    signing->file = find_in(agreement, keyring, &signing->party);
    if (signing->old_file == signing->file) {
        signing->old_file = NULL;
    }
    if (signing->file == NULL && signing->old_file == NULL) {
        return error_set(error, RESULT_NOT_FOUND,
                         "'%s': no key file in keys/ holds an identity that %s %u names%s",
                         signing->path, agreement->code, agreement->version,
                         signing->before == NULL ? ", and no version before was given (--before)"
                                                 : ", or the version before");
    }
    return RESULT_OK;
}

static enum result read_agreement(const char *path, struct agreement **agreement,
                                  struct error *error)
{
    struct buffer content = {0};
    enum result result = file_read(path, AGREEMENT_NOTE_BYTES, FILE_PUBLIC, &content, error);
    if (result == RESULT_OK) {
        result = agreement_parse(buffer_bytes(&content), agreement, error);
    }
    buffer_free(&content);
    return result;
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
    const char *before = call_value(signing->call, "before");
    enum result result =
        file_read(signing->path, AGREEMENT_NOTE_BYTES, FILE_PUBLIC, &signing->content, error);
    struct text first = buffer_view(&signing->content);
    if (result == RESULT_OK && text_skip(&first, "comesh agreement ")) {
        result = agreement_parse(buffer_bytes(&signing->content), &signing->agreement, error);
        if (result == RESULT_OK && before != NULL) {
            result = read_agreement(before, &signing->before, error);
        }
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

/* Adds a signature to those that the agreement has. */
static enum result sign_agreement(struct signing *signing, const struct keypair *identity,
                                  struct error *error)
{
    struct agreement *now = NULL;
    struct buffer note = {0};
    struct bytes held = signing->note.size > 0 ? buffer_bytes(&signing->note)
                                               : buffer_bytes(&signing->agreement->bytes);
    enum result result = agreement_parse(held, &now, error);
    if (result == RESULT_OK) {
        result = agreement_sign(now, signing->before, identity, &note, error);
    }
    agreement_destroy(&now);
    if (result != RESULT_OK) {
        buffer_free(&note);
        return result;
    }
    buffer_free(&signing->note);
    signing->note = note;
    return RESULT_OK;
}

static enum result sign_with(struct signing *signing, const struct keyring_file *file,
                             const struct passphrase *passphrase, struct error *error)
{
    const struct keyfile_owner owner = {text_of(signing->party), text_of(signing->environment)};
    struct keypair *identity = NULL;
    if (file == NULL) {
        return RESULT_OK;
    }
    enum result result = keyfile_read(file->path, KEY_IDENTITY, &owner,
                                      passphrase_bytes(passphrase), &identity, error);
    if (result == RESULT_OK) {
        result = signing->is_minutes        ? sign_minutes(signing, identity, error)
                 : signing->request != NULL ? sign_request(signing, identity, error)
                                            : sign_agreement(signing, identity, error);
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
        result = sign_with(&signing, signing.file, *passphrase, error);
    }
    if (result == RESULT_OK) {
        result = sign_with(&signing, signing.old_file, *passphrase, error);
    }
    if (result == RESULT_OK) {
        result = write_signed(&signing, error);
    }
    agreement_destroy(&signing.agreement);
    agreement_destroy(&signing.before);
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

const struct command command_key_sign = {
    .name = "key sign",
    .operands = "REQUEST…",
    .summary = "sign a card, a revocation or an agreement, where the identity key is",
    .examples =
        "  comesh -C /media/vault key sign card.request\n"
        "  comesh -C /media/vault key sign card.request --fingerprint 'amber canyon glider mosaic "
        "parcel violin'\n"
        "  comesh -C /media/vault key sign AKFTA.agreement\n"
        "  comesh -C /media/vault key sign AKFTA-2.agreement --before AKFTA-1.agreement\n",
    .details =
        "For a machine without network, whose directory needs keys/ alone. Shows the whole text\n"
        "and asks for its fingerprint, which the node shows with `comesh key request` (of an\n"
        "agreement: `comesh agreement show`), so that nothing else is signed than was asked for.\n"
        "Writes REQUEST.signed; `comesh key import`, or `agreement import`, takes it at the "
        "node.\n",
    .options = {CONFIRM_OPTION,
                {"before", "FILE", "the version before of an agreement that changes this identity",
                 false},
                UNLOCK_OPTION,
                {"by", "NAME", "who signs, for the log", false}},
    .least_operands = 1,
    .most_operands = 16,
    .run = sign,
};
