/* comesh agreement diff and compare: what a new version changes, and whether two people hold the
 * same. */
#include "tools/comesh/agreements.h"
#include "tools/comesh/changes.h"
#include "tools/comesh/output.h"

/* Two agreements that were named, or read from files. */
struct pair {
    struct book book;
    struct agreement *read[2];
    const struct agreement *agreements[2]; /* before, after */
};

static void pair_close(struct pair *pair)
{
    agreement_destroy(&pair->read[0]);
    agreement_destroy(&pair->read[1]);
    book_close(&pair->book);
}

static void add_change(void *self, const char *what, struct text before, struct text after)
{
    json_t *change = json_pack("{s:s}", "what", what);
    if (before.size > 0) {
        (void)json_object_set_new(change, "before", json_stringn(before.data, before.size));
    }
    if (after.size > 0) {
        (void)json_object_set_new(change, "after", json_stringn(after.data, after.size));
    }
    (void)json_array_append_new(self, change);
}

/* ---- diff ---- */

/* Of one code: the proposal and the newest version, or that and the one before. */
static enum result find_last_two(struct pair *pair, const char *code, struct error *error)
{
    const struct agreement *proposal = agreements_proposal(pair->book.held, text_of(code));
    enum result result =
        proposal == NULL ? book_find(&pair->book, code, &pair->read[1], &pair->agreements[1], error)
                         : RESULT_OK;
    if (result != RESULT_OK) {
        return result;
    }
    if (proposal != NULL) {
        pair->agreements[1] = proposal;
    }
    pair->agreements[0] = book_before(&pair->book, pair->agreements[1]);
    return pair->agreements[0] == NULL
               ? error_set(error, RESULT_NOT_FOUND,
                           "the version before %s:%u is not held here; name two to compare",
                           pair->agreements[1]->code, pair->agreements[1]->version)
               : RESULT_OK;
}

static enum result diff(struct call *call, struct error *error)
{
    struct pair pair = {.read = {NULL, NULL}};
    enum result result = book_open(call, &pair.book, error);
    if (result == RESULT_OK && call->operand_count == 1) {
        result = find_last_two(&pair, call->operands[0], error);
    }
    for (size_t i = 0; i < 2 && result == RESULT_OK && call->operand_count == 2; i++) {
        result =
            book_find(&pair.book, call->operands[i], &pair.read[i], &pair.agreements[i], error);
    }
    if (result == RESULT_OK && call->json) {
        json_t *changes = json_array();
        (void)changes_between(pair.agreements[0], pair.agreements[1], add_change, changes);
        result = output_json(changes, error);
    } else if (result == RESULT_OK) {
        (void)changes_print(pair.agreements[0], pair.agreements[1], stdout);
    }
    pair_close(&pair);
    return result;
}

/* ---- compare ---- */

/* Bits of the parties of `own` that have signed there and not in `other`. */
static void tell_signers(const struct agreement *own, const struct agreement *other,
                         const char *whose, json_t *json)
{
    for (size_t i = 0; i < own->party_count; i++) {
        uint32_t bit = (uint32_t)1 << i;
        if ((own->signers & ~other->signers & bit) == 0) {
            continue;
        }
        if (json == NULL) {
            (void)printf("only %s has the signature of %s\n", whose, own->parties[i].party);
        } else {
            (void)json_array_append_new(
                json, json_pack("{s:s, s:s}", "only", whose, "signature", own->parties[i].party));
        }
    }
}

static enum result tell_comparison(struct call *call, const struct pair *pair, struct error *error)
{
    const struct agreement *own = pair->agreements[0];
    const struct agreement *theirs = pair->agreements[1];
    bool same = memcmp(&own->hash, &theirs->hash, sizeof own->hash) == 0;
    json_t *changes = call->json ? json_array() : NULL;
    json_t *signers = call->json ? json_array() : NULL;
    call->exit_code = same ? 0 : 1;
    if (same) {
        tell_signers(own, theirs, "this node", signers);
        tell_signers(theirs, own, "the file", signers);
    }
    if (call->json) {
        (void)changes_between(own, theirs, add_change, changes);
        return output_json(
            json_pack("{s:b, s:o, s:o}", "same", same, "changes", changes, "signatures", signers),
            error);
    }
    (void)printf("%s, version %u: %s\n", own->code, own->version,
                 same ? "the same text" : "NOT the same text; from this node's to the file's:");
    (void)changes_print(own, theirs, stdout);
    return RESULT_OK;
}

/* What is held here of the version that the file has. */
static enum result find_counterpart(struct pair *pair, struct error *error)
{
    const struct agreement *file = pair->agreements[1];
    struct text code = text_of(file->code);
    const struct agreement *own = agreements_version(pair->book.held, code, file->version);
    const struct agreement *proposal = agreements_proposal(pair->book.held, code);
    if (own == NULL && proposal != NULL && proposal->version == file->version) {
        own = proposal;
    }
    pair->agreements[0] = own;
    return own != NULL ? RESULT_OK
                       : error_set(error, RESULT_NOT_FOUND,
                                   "%s, version %u, is not held here; take it with `comesh "
                                   "agreement import`",
                                   file->code, file->version);
}

static enum result compare(struct call *call, struct error *error)
{
    struct pair pair = {.read = {NULL, NULL}};
    enum result result = book_open(call, &pair.book, error);
    if (result == RESULT_OK) {
        result =
            book_find(&pair.book, call->operands[0], &pair.read[1], &pair.agreements[1], error);
    }
    if (result == RESULT_OK) {
        result = find_counterpart(&pair, error);
    }
    if (result == RESULT_OK) {
        result = tell_comparison(call, &pair, error);
    }
    pair_close(&pair);
    return result;
}

const struct command command_agreement_diff = {
    .name = "agreement diff",
    .operands = "AGREEMENT [AGREEMENT]",
    .summary = "what a version changes: parties, keys, dates, quorum, lines of the menu",
    .examples = "  comesh agreement diff AKFTA\n  comesh agreement diff AKFTA:1 AKFTA:3\n"
                "  comesh agreement diff AKFTA from-id.agreement --json\n",
    .details =
        "Of one code: what the proposal changes, or where there is none the newest version.\n",
    .json = true,
    .least_operands = 1,
    .most_operands = 2,
    .run = diff,
};

const struct command command_agreement_compare = {
    .name = "agreement compare",
    .operands = "FILE",
    .summary = "whether a partner holds the same text, and whose signatures each has",
    .examples = "  comesh agreement compare AKFTA-of-ID.agreement\n",
    .details = "Exit code 1 when the texts differ.\n",
    .json = true,
    .least_operands = 1,
    .most_operands = 1,
    .run = compare,
};
