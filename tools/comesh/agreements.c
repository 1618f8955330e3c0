/* Agreements for the commands: naming them, and taking them in. See agreements.h. */
#include "tools/comesh/agreements.h"

#include "node/core/world.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/client.h"
#include "tools/comesh/document.h"
#include "tools/comesh/output.h"

#include <stdlib.h>
#include <unistd.h>

enum result book_open(struct call *call, struct book *book, struct error *error)
{
    *book = (struct book){.now_s = world_wall_ms(world_real()) / 1000};
    enum result result = node_config(call, &book->config, error);
    if (result == RESULT_OK) {
        result = config_place(book->config, "agreements", book->path, error);
    }
    return result == RESULT_OK
               ? agreements_load(book->path, text_of(book->config->environment), &book->held, error)
               : result;
}

void book_close(struct book *book)
{
    agreements_release(&book->held);
    free(book->config);
    book->config = NULL;
}

const struct agreement *book_before(const struct book *book, const struct agreement *agreement)
{
    return agreement->version == 1
               ? NULL
               : agreements_version(book->held, text_of(agreement->code), agreement->version - 1);
}

static bool is_held(const struct agreement *held, const struct agreement *agreement)
{
    return held != NULL && memcmp(&held->hash, &agreement->hash, sizeof held->hash) == 0;
}

const char *book_state(const struct book *book, const struct agreement *agreement)
{
    struct text code = text_of(agreement->code);
    const struct agreement *accepted = agreements_version(book->held, code, agreement->version);
    if (is_held(accepted, agreement)) {
        return agreement_state_text(agreements_state(book->held, accepted, book->now_s));
    }
    return is_held(agreements_proposal(book->held, code), agreement) ? "proposal" : "not held";
}

/* ---- naming ---- */

static enum result read_file(const char *path, struct agreement **read,
                             const struct agreement **found, struct error *error)
{
    struct buffer note = {0};
    enum result result = document_read(path, AGREEMENT_NOTE_BYTES, &note, error);
    if (result == RESULT_OK) {
        result = agreement_parse(buffer_bytes(&note), read, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "%s", path);
        }
    }
    *found = *read;
    buffer_free(&note);
    return result;
}

static enum result refuse_name(const struct book *book, const char *name, struct error *error)
{
    struct buffer known = {0};
    const struct agreement *agreement;
    for (size_t i = 0; (agreement = agreements_at(book->held, i)) != NULL; i++) {
        buffer_printf(&known, "%s%s:%u", known.size == 0 ? "" : ", ", agreement->code,
                      agreement->version);
    }
    for (size_t i = 0; (agreement = agreements_proposal_at(book->held, i)) != NULL; i++) {
        buffer_printf(&known, "%s%s:%u (a proposal)", known.size == 0 ? "" : ", ", agreement->code,
                      agreement->version);
    }
    enum result result =
        error_set(error, RESULT_NOT_FOUND, "'%s' is no agreement here and no file; there are: %.*s",
                  name, TEXT_ARGS(known.size == 0 ? TEXT("none") : buffer_view(&known)));
    buffer_free(&known);
    return result;
}

enum result book_find(const struct book *book, const char *name, struct agreement **read,
                      const struct agreement **found, struct error *error)
{
    uint64_t version = 0;
    struct text rest = text_of(name);
    struct text code = text_until(&rest, ':');
    bool right = !text_skip(&rest, ":") || decimal_parse(rest, 9999, &version);
    const struct agreement *proposal = agreements_proposal(book->held, code);
    *read = NULL;
    *found = right ? agreements_version(book->held, code, (uint32_t)version) : NULL;
    if (*found == NULL && right && proposal != NULL &&
        (version == 0 || proposal->version == version)) {
        *found = proposal;
    }
    if (*found != NULL) {
        return RESULT_OK;
    }
    return strcmp(name, "-") == 0 || access(name, R_OK) == 0 ? read_file(name, read, found, error)
                                                             : refuse_name(book, name, error);
}

/* ---- taking in ---- */

static void tell_outcome(const struct book *book, const struct agreement *agreement,
                         enum agreements_outcome outcome)
{
    const struct agreement *before = book_before(book, agreement);
    const struct agreement_party *own = agreement_party(agreement, text_of(book->config->party));
    bool is_signed =
        own != NULL && (agreement->signers & (uint32_t)1 << (own - agreement->parties)) != 0;
    struct agreement_count count;
    struct error error;
    struct buffer signers = {0};
    (void)!agreement_quorum(agreement, before, &count, &error);
    agreement_describe_signers(agreement, count.signers, &signers);
    (void)fprintf(
        stderr, "comesh: %s, version %u, %s (%.*s)\n", agreement->code, agreement->version,
        outcome == AGREEMENTS_ACCEPTED   ? "is accepted"
        : outcome == AGREEMENTS_SIGNED   ? "has more signatures now"
        : outcome == AGREEMENTS_PROPOSED ? "is kept as a proposal, and counts for nothing yet"
                                         : "is held already",
        TEXT_ARGS(buffer_view(&signers)));
    if (before != NULL && outcome == AGREEMENTS_PROPOSED) {
        buffer_clear(&signers);
        agreement_describe_signers(before, count.previous_signers, &signers);
        (void)fprintf(stderr, "comesh: of the parties of version %u: %.*s\n", before->version,
                      TEXT_ARGS(buffer_view(&signers)));
    }
    if (outcome == AGREEMENTS_PROPOSED && !is_signed) {
        (void)fprintf(stderr, "comesh: sign it with `comesh agreement sign %s`\n", agreement->code);
    } else if (outcome == AGREEMENTS_PROPOSED) {
        (void)fprintf(stderr, "comesh: give it to the others: `comesh agreement export %s:%u`\n",
                      agreement->code, agreement->version);
    }
    buffer_free(&signers);
}

static enum result record(struct call *call, const struct book *book, const char *verb,
                          const struct agreement *agreement, enum agreements_outcome outcome,
                          struct error *error)
{
    char detail[256];
    char digits[WORDS_DIGITS_BYTES];
    uint8_t hash[WORDS_HASH_BYTES];
    agreement_fingerprint(agreement, hash);
    words_digits(hash, digits);
    (void)snprintf(detail, sizeof detail, "version %u, fingerprint %s, %d of %zu signed, %s",
                   agreement->version, digits, __builtin_popcount(agreement->signers),
                   agreement->party_count,
                   outcome == AGREEMENTS_PROPOSED ? "a proposal" : "accepted");
    return act_record(call, book->config->directory, verb, agreement->code, detail, error);
}

/* What is on disk now, once more with all signatures. */
static enum result tell_taken(struct call *call, struct book *book, struct bytes note,
                              enum agreements_outcome outcome, const char *verb,
                              struct error *error)
{
    struct agreement *given = NULL;
    enum result result = agreement_parse(note, &given, error);
    agreements_release(&book->held);
    if (result == RESULT_OK) {
        result =
            agreements_load(book->path, text_of(book->config->environment), &book->held, error);
    }
    if (result == RESULT_OK) {
        struct text code = text_of(given->code);
        const struct agreement *now = agreements_version(book->held, code, given->version);
        now = now == NULL ? agreements_proposal(book->held, code) : now;
        tell_outcome(book, now, outcome);
        if (outcome != AGREEMENTS_UNCHANGED) {
            result = record(call, book, verb, now, outcome, error);
        }
    }
    if (result == RESULT_OK && given->note.signature_count > 0) {
        result = node_reload(book->config, error); /* which also passes it on */
    }
    agreement_destroy(&given);
    return result;
}

enum result book_take(struct call *call, struct book *book, struct bytes note, bool confirmed,
                      const char *verb, struct error *error)
{
    struct card *own = NULL;
    enum agreements_outcome outcome;
    enum result result = card_load(call, NULL, &own, error);
    if (result != RESULT_OK) {
        return result;
    }
    const struct agreements_trust trust = {.environment = text_of(book->config->environment),
                                           .party = text_of(book->config->party),
                                           .identity = own->keys[KEY_IDENTITY][0].public_key,
                                           .person = true,
                                           .confirmed = confirmed,
                                           .now_s = book->now_s};
    result = agreements_import(book->path, note, &trust, &outcome, error);
    if (result == RESULT_DUPLICATE) {
        (void)fprintf(stderr, "comesh: %s\n", error->message);
        result = RESULT_OK;
    } else if (result == RESULT_OK) {
        result = tell_taken(call, book, note, outcome, verb, error);
    }
    card_destroy(&own);
    return result;
}

void book_remind(const struct book *book, FILE *file)
{
    const struct agreement *agreement;
    for (size_t i = 0; (agreement = agreements_at(book->held, i)) != NULL; i++) {
        char until[OUTPUT_TIME_BYTES];
        uint32_t days = 0;
        if (!agreements_warns(book->held, agreement, 0, book->now_s, &days)) {
            continue;
        }
        (void)output_time_s(agreement->until_s, until);
        if (days > 0) {
            (void)fprintf(file,
                          "AGREEMENT %s ENDS in %u day%s, at %s: its parties sign the next version "
                          "(comesh agreement new %s)\n",
                          agreement->code, days, days == 1 ? "" : "s", until, agreement->code);
        } else {
            (void)fprintf(file, "AGREEMENT %s HAS ENDED at %s: nothing new is sent under it\n",
                          agreement->code, until);
        }
    }
}
