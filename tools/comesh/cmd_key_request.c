/* comesh key request and import: at the node, what the identity key on another machine is to sign,
 * and taking it when it is signed. */
#include "keys/directory.h"
#include "keys/file.h"
#include "keys/note.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/client.h"
#include "tools/comesh/output.h"
#include "tools/comesh/requests.h"
#include "tools/comesh/unlock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void request_print(const struct request *request)
{
    struct buffer what = {0};
    uint8_t hash[WORDS_HASH_BYTES];
    char words[WORDS_TEXT_BYTES];
    char digits[WORDS_DIGITS_BYTES];
    request_describe(request, &what);
    request_hash(buffer_bytes(&request->text), hash);
    words_text(hash, words);
    words_digits(hash, digits);
    (void)printf("%s: %.*s, to be signed by its identity key.\n\n%.*s\n"
                 "Fingerprint: %s\n"
                 "  in digits: %s\n",
                 request->name, TEXT_ARGS(buffer_view(&what)),
                 TEXT_ARGS(buffer_view(&request->text)), words, digits);
    buffer_free(&what);
}

static enum result request_output(const struct request *request, struct error *error)
{
    uint8_t hash[WORDS_HASH_BYTES];
    char words[WORDS_TEXT_BYTES];
    char digits[WORDS_DIGITS_BYTES];
    request_hash(buffer_bytes(&request->text), hash);
    words_text(hash, words);
    words_digits(hash, digits);
    return output_json(json_pack("{s:s, s:s, s:s, s:s%, s:s, s:s}", "name", request->name, "party",
                                 request->party, "environment", request->environment, "text",
                                 (const char *)request->text.data, request->text.size, "words",
                                 words, "digits", digits),
                       error);
}

static enum result ask(struct call *call, struct error *error)
{
    struct config *config = NULL;
    struct request *request = NULL;
    const char *output = call_value(call, "output");
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = request_get(config, call->operand_count > 0 ? call->operands[0] : NULL, &request,
                             error);
    }
    if (result == RESULT_OK && output != NULL) {
        result = file_replace(output, buffer_bytes(&request->text), FILE_PUBLIC, error);
    }
    if (result == RESULT_OK && call->json) {
        result = request_output(request, error);
    } else if (result == RESULT_OK) {
        request_print(request);
    }
    request_destroy(&request);
    free(config);
    return result;
}

/* ---- import ---- */

/* A file that was signed elsewhere, and the request it answers. */
struct answer {
    struct call *call;
    struct config *config;
    char cards[CONFIG_PATH_BYTES];
    struct buffer note;
    struct request *request; /* as it waits here */
};

/* What is taken is what this node asked for, to the byte. */
static enum result find_request(struct answer *answer, struct error *error)
{
    struct note *note = calloc(1, sizeof *note);
    struct request *answered = NULL;
    if (note == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a note");
    }
    enum result result = note_parse(buffer_bytes(&answer->note), note, error);
    if (result == RESULT_OK) {
        result = request_parse(text_bytes(note->body), &answered, error);
    }
    if (result == RESULT_OK) {
        result = request_get(answer->config, answered->name, &answer->request, error);
        bool asked =
            result == RESULT_OK && text_equal(note->body, buffer_view(&answer->request->text));
        if ((result == RESULT_OK || result == RESULT_NOT_FOUND) && !asked) {
            result = error_set(error, RESULT_UNTRUSTED,
                               "%s is not what this node asked to have signed (`comesh key "
                               "request`)",
                               answered->name);
        }
    }
    request_destroy(&answered);
    free(note);
    return result;
}

static enum result take_card(const struct answer *answer, struct error *error)
{
    struct card *card = NULL;
    enum result result = card_parse(buffer_bytes(&answer->note), &card, error);
    if (result == RESULT_OK) {
        result = directory_own_store(answer->cards, card, error);
    }
    if (result == RESULT_OK) {
        result =
            act_record_card(answer->call, answer->config->directory, "key import", card, error);
    }
    card_destroy(&card);
    return result;
}

/* A key is revoked after the card that replaces it: the node is never without one. */
static enum result card_goes_first(const struct answer *answer, struct error *error)
{
    struct card *own = NULL;
    struct request *waiting = NULL;
    char name[REQUEST_NAME_BYTES];
    enum result result = card_load(answer->call, NULL, &own, error);
    if (result == RESULT_OK) {
        (void)snprintf(name, sizeof name, "card-%06" PRIu64, own->serial + 1);
        result = request_get(answer->config, name, &waiting, error);
        if (result == RESULT_OK) {
            result = error_set(error, RESULT_CONFLICT,
                               "%s goes first: it is without the key, and has the one in its "
                               "place; import it signed, then this one",
                               name);
        } else if (result == RESULT_NOT_FOUND) {
            result = RESULT_OK;
        }
    }
    request_destroy(&waiting);
    card_destroy(&own);
    return result;
}

static enum result take_revocation(const struct answer *answer, struct error *error)
{
    struct revocation *revocation = NULL;
    bool news = false;
    enum result result = card_goes_first(answer, error);
    if (result == RESULT_OK) {
        result = revocation_parse(buffer_bytes(&answer->note), &revocation, error);
    }
    if (result == RESULT_OK) {
        result = directory_revoke(answer->cards, revocation, &news, error);
    }
    if (result == RESULT_OK) {
        result = act_record(answer->call, answer->config->directory, "key revoke",
                            key_role_text(revocation->role), revocation->reason, error);
    }
    revocation_destroy(&revocation);
    return result;
}

static enum result import_file(struct answer *answer, const char *path, struct error *error)
{
    struct buffer what = {0};
    enum result result = file_read(path, CARD_MAX_BYTES, FILE_PUBLIC, &answer->note, error);
    if (result == RESULT_OK) {
        result = find_request(answer, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "NOT IMPORTED: '%s'", path);
        }
    }
    if (result == RESULT_OK) {
        result = answer->request->kind == REQUEST_CARD ? take_card(answer, error)
                                                       : take_revocation(answer, error);
    }
    if (result == RESULT_OK) {
        result = request_done(answer->config, answer->request, error);
    }
    if (result == RESULT_OK) {
        request_describe(answer->request, &what);
        (void)fprintf(stderr, "comesh: taken: %.*s\n", TEXT_ARGS(buffer_view(&what)));
    }
    buffer_free(&what);
    buffer_clear(&answer->note);
    request_destroy(&answer->request);
    return result;
}

static enum result import(struct call *call, struct error *error)
{
    struct answer answer = {.call = call};
    struct passphrase *passphrase = NULL; /* of the new key, when the user gives it */
    enum result result = node_config(call, &answer.config, error);
    if (result == RESULT_OK && call_value(call, "passphrase-fd") != NULL) {
        result = unlock_passphrase(call, "passphrase-fd", "", false, &passphrase, error);
    }
    if (result == RESULT_OK) {
        result = config_place(answer.config, "cards", answer.cards, error);
    }
    for (size_t i = 0; i < call->operand_count && result == RESULT_OK; i++) {
        result = import_file(&answer, call->operands[i], error);
    }
    if (result == RESULT_OK) {
        result = node_unlock(answer.config, passphrase, error);
    }
    passphrase_destroy(&passphrase);
    buffer_free(&answer.note);
    free(answer.config);
    return result;
}

const struct command command_key_request = {
    .name = "key request",
    .operands = "[NAME]",
    .summary = "what the identity key on another machine is to sign",
    .examples = "  comesh key request\n"
                "  comesh key request --output card.request\n"
                "  comesh key request revocation-receipt-0123456789abcdef --output r.request\n",
    .details =
        "Shows the text that waits, with its fingerprint, and writes it to --output for the\n"
        "machine that has the identity key: `comesh key sign` there, `comesh key import` here.\n"
        "For an agreement: `comesh agreement export`, `key sign`, `agreement import`.\n",
    .options = {{"output", "FILE", "write the text to FILE", false}},
    .json = true,
    .most_operands = 1,
    .run = ask,
};

const struct command command_key_import = {
    .name = "key import",
    .operands = "FILE…",
    .summary = "take a card or a revocation that was signed on another machine",
    .examples = "  comesh key import card.request.signed\n",
    .details =
        "Only what this node asked for is taken, to the byte, and a card before the revocation\n"
        "that it makes room for. A running node takes it at once, and uses a new key of it once "
        "it\n"
        "has the passphrase: given here, or with `comesh reload --unlock`.\n",
    .options = {UNLOCK_OPTION, {"by", "NAME", "who did it, for the audit log", false}},
    .least_operands = 1,
    .most_operands = 16,
    .run = import,
};
