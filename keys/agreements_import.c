/* Agreements that come in: what is held gets their signatures, or they take their place behind it.
 * See agreements.h. Under the lock of the folder, against what is on disk at that moment. */
#include "keys/agreements.h"
#include "keys/file.h"
#include "keys/text.h"

#include <stdio.h>

/* One import under way. */
struct import {
    const char *path;
    const struct agreements_trust *trust;
    struct agreements *held;
    struct agreement *given;
    const struct agreement *newest;   /* accepted, or NULL */
    const struct agreement *proposal; /* or NULL */
    enum agreements_outcome outcome;
};

static bool is_same_text(const struct agreement *a, const struct agreement *b)
{
    return memcmp(&a->hash, &b->hash, sizeof a->hash) == 0;
}

/* Two texts of one version: both fingerprints and who signed, for people to settle. */
static enum result refuse_other_text(const struct agreement *held, const struct agreement *given,
                                     struct error *error)
{
    struct buffer signers[2] = {{0}, {0}};
    char digits[2][WORDS_DIGITS_BYTES];
    const struct agreement *const both[2] = {held, given};
    for (size_t i = 0; i < 2; i++) {
        uint8_t hash[WORDS_HASH_BYTES];
        agreement_fingerprint(both[i], hash);
        words_digits(hash, digits[i]);
        agreement_describe_signers(both[i], both[i]->signers, &signers[i]);
    }
    enum result result = error_set(
        error, RESULT_CONFLICT,
        "agreement %s: version %u is held as %s (%.*s), and this one is version %u, %s (%.*s); the "
        "parties settle which one holds; nothing was changed",
        held->code, held->version, digits[0], TEXT_ARGS(buffer_view(&signers[0])), given->version,
        digits[1], TEXT_ARGS(buffer_view(&signers[1])));
    buffer_free(&signers[0]);
    buffer_free(&signers[1]);
    return result;
}

static enum result put_file(const struct import *import, bool accepted, const struct buffer *note,
                            struct error *error)
{
    char path[PATH_MAX];
    enum result result = file_place(path, import->path, import->given->code, error);
    if (result == RESULT_OK) {
        result = file_folder(path, error);
    }
    if (result == RESULT_OK) {
        result = agreements_file(import->path, text_of(import->given->code), import->given->version,
                                 accepted, path, error);
    }
    return result == RESULT_OK ? file_replace(path, buffer_bytes(note), FILE_PUBLIC, error)
                               : result;
}

/* ---- a version that was accepted before ---- */

static enum result refuse_known(const struct import *import, struct error *error)
{
    return error_set(error, RESULT_DUPLICATE,
                     "agreement %s: version %u is held already; the newest is %u",
                     import->given->code, import->given->version,
                     import->newest == NULL ? import->given->version : import->newest->version);
}

static enum result add_signatures(struct import *import, struct error *error)
{
    struct buffer note = {0};
    struct agreement *merged = NULL;
    struct agreement_count count;
    size_t added = 0;
    struct text code = text_of(import->given->code);
    uint32_t version = import->given->version;
    const struct agreement *held = agreements_version(import->held, code, version);
    if (held == NULL) {
        return error_set(error, RESULT_DUPLICATE,
                         "agreement %s: version %u is older than all that this node holds",
                         import->given->code, version);
    }
    if (!is_same_text(held, import->given)) {
        return refuse_other_text(held, import->given, error);
    }
    enum result result = agreement_merge(held, import->given, &note, &added, error);
    if (result == RESULT_OK) {
        result = added == 0 ? refuse_known(import, error)
                            : agreement_parse(buffer_bytes(&note), &merged, error);
    }
    if (result == RESULT_OK) {
        const struct agreement *before =
            version == 1 ? NULL : agreements_version(import->held, code, version - 1);
        result = agreement_quorum(merged, before, &count, error);
    }
    if (result == RESULT_OK) {
        import->outcome = AGREEMENTS_SIGNED;
        result = put_file(import, true, &note, error);
    }
    agreement_destroy(&merged);
    buffer_free(&note);
    return result;
}

/* ---- the next version, or the first ---- */

/* The first version of a code concerns this node, or is not its business. */
static enum result first_check(const struct import *import, struct error *error)
{
    const struct agreement *given = import->given;
    const struct agreements_trust *trust = import->trust;
    const struct agreement_party *own = agreement_party(given, trust->party);
    char now[TEXT_TIME_BYTES];
    char until[TEXT_TIME_BYTES];
    if (own == NULL) {
        return error_set(error, RESULT_INVALID, "agreement %s %u: %.*s takes no part in it",
                         given->code, given->version, TEXT_ARGS(trust->party));
    }
    if (memcmp(own->identity, trust->identity, KEY_PUBLIC_BYTES) != 0) {
        return error_set(error, RESULT_INVALID,
                         "agreement %s %u: names another identity key for %.*s than its own card; "
                         "have it made again with the card of now",
                         given->code, given->version, TEXT_ARGS(trust->party));
    }
    if (agreements_state(import->held, given, trust->now_s) == AGREEMENT_ENDED) {
        text_time(trust->now_s, now);
        text_time(given->until_s, until);
        return error_set(error, RESULT_INVALID,
                         "agreement %s %u: ended at %s, and its grace is over; the clock of this "
                         "machine says %s",
                         given->code, given->version, until, now);
    }
    return RESULT_OK;
}

/* Whether this node may take the candidate as accepted, once its quorum is met. */
static bool is_trusted(const struct import *import, const struct agreement *candidate)
{
    const struct agreement_party *own = agreement_party(candidate, import->trust->party);
    uint32_t bit = own == NULL ? 0 : (uint32_t)1 << (own - candidate->parties);
    return import->newest != NULL || import->trust->confirmed || (candidate->signers & bit) != 0;
}

static enum result put_candidate(struct import *import, const struct agreement *candidate,
                                 bool accepted, struct error *error)
{
    char path[PATH_MAX];
    enum result result = put_file(import, accepted, &candidate->bytes, error);
    import->outcome = accepted ? AGREEMENTS_ACCEPTED : AGREEMENTS_PROPOSED;
    if (result != RESULT_OK || !accepted || import->proposal == NULL ||
        !is_same_text(import->proposal, candidate)) {
        return result;
    }
    result = agreements_file(import->path, text_of(candidate->code), candidate->version, false,
                             path, error);
    return result == RESULT_OK ? file_remove(path, error) : result;
}

/* What comes without a person must be of a known agreement, and the word of one of its parties: a
 * proposal keeps others of its number out. */
static enum result proposal_check(const struct import *import, const struct agreement *candidate,
                                  const struct agreement_count *count, struct error *error)
{
    if (import->newest == NULL) {
        return error_set(error, RESULT_UNTRUSTED,
                         "agreement %s is not known here; a person takes the first version in, "
                         "with `comesh agreement import`",
                         candidate->code);
    }
    if ((count->signers | count->previous_signers) == 0) {
        return error_set(error, RESULT_UNTRUSTED,
                         "agreement %s %u: a proposal that none of its parties has signed",
                         candidate->code, candidate->version);
    }
    return RESULT_OK;
}

/* `candidate` holds all signatures that are known; `news` says that some are new here. */
static enum result take_candidate(struct import *import, const struct agreement *candidate,
                                  bool news, struct error *error)
{
    struct agreement_count count;
    const struct agreement *proposal = import->proposal;
    enum result result = agreement_quorum(candidate, import->newest, &count, error);
    if (result != RESULT_OK) {
        return result;
    }
    bool accepted = count.met && is_trusted(import, candidate);
    if (proposal != NULL && !is_same_text(proposal, candidate) && !accepted) {
        return refuse_other_text(proposal, import->given, error);
    }
    if (!accepted && !news) {
        return refuse_known(import, error);
    }
    if (!accepted && proposal == NULL && !import->trust->person) {
        result = proposal_check(import, candidate, &count, error);
        if (result != RESULT_OK) {
            return result;
        }
    }
    return put_candidate(import, candidate, accepted, error);
}

static enum result take_next(struct import *import, struct error *error)
{
    struct buffer note = {0};
    struct agreement *candidate = NULL;
    size_t added = 0;
    const struct agreement *base = import->proposal;
    enum result result = import->newest == NULL ? first_check(import, error) : RESULT_OK;
    if (base == NULL || !is_same_text(base, import->given)) {
        base = import->given;
    }
    if (result == RESULT_OK) {
        result = agreement_merge(base, import->given, &note, &added, error);
    }
    if (result == RESULT_OK) {
        result = agreement_parse(buffer_bytes(&note), &candidate, error);
    }
    if (result == RESULT_OK) {
        result = take_candidate(import, candidate, base == import->given || added > 0, error);
    }
    agreement_destroy(&candidate);
    buffer_free(&note);
    return result;
}

/* ---- the whole ---- */

static enum result take(struct import *import, struct error *error)
{
    const struct agreement *given = import->given;
    struct text code = text_of(given->code);
    import->newest = agreements_version(import->held, code, 0);
    import->proposal = agreements_proposal(import->held, code);
    if (import->newest != NULL && given->version <= import->newest->version) {
        return add_signatures(import, error);
    }
    if (import->newest != NULL && given->version > import->newest->version + 1) {
        return error_set(error, RESULT_NOT_FOUND,
                         "agreement %s: version %u is held, and this is %u; take version %u first",
                         given->code, import->newest->version, given->version,
                         import->newest->version + 1);
    }
    return take_next(import, error);
}

enum result agreements_import(const char *path, struct bytes note,
                              const struct agreements_trust *trust,
                              enum agreements_outcome *outcome, struct error *error)
{
    struct import import = {.path = path, .trust = trust, .outcome = AGREEMENTS_UNCHANGED};
    int lock = -1;
    enum result result = agreement_parse(note, &import.given, error);
    if (result == RESULT_OK &&
        !text_equal(text_of(import.given->environment), trust->environment)) {
        result = error_set(error, RESULT_INVALID,
                           "agreement %s %u: is for %s, and this node is for %.*s",
                           import.given->code, import.given->version, import.given->environment,
                           TEXT_ARGS(trust->environment));
    }
    if (result == RESULT_OK) {
        result = file_folder(path, error);
    }
    if (result == RESULT_OK) {
        result = file_lock(path, &lock, error);
    }
    if (result == RESULT_OK) {
        result = agreements_load(path, trust->environment, &import.held, error);
    }
    if (result == RESULT_OK) {
        result = take(&import, error);
    }
    file_unlock(&lock);
    *outcome = result == RESULT_OK ? import.outcome : AGREEMENTS_UNCHANGED;
    agreements_release(&import.held);
    agreement_destroy(&import.given);
    return result;
}

enum result agreements_drop(const char *path, struct text environment, struct text code,
                            struct error *error)
{
    struct agreements *held = NULL;
    char file[PATH_MAX];
    int lock = -1;
    enum result result = file_lock(path, &lock, error);
    if (result == RESULT_OK) {
        result = agreements_load(path, environment, &held, error);
    }
    const struct agreement *proposal = agreements_proposal(held, code);
    if (result == RESULT_OK && proposal == NULL) {
        result = error_set(error, RESULT_NOT_FOUND, "agreement %.*s: there is no proposal",
                           TEXT_ARGS(code));
    }
    if (result == RESULT_OK) {
        result = agreements_file(path, code, proposal->version, false, file, error);
    }
    if (result == RESULT_OK) {
        result = file_remove(file, error);
    }
    file_unlock(&lock);
    agreements_release(&held);
    return result;
}
