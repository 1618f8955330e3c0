/* The audit log proven, and signed. See audit.h. */
#include "keys/audit.h"

#include "keys/audit_file.h"
#include "keys/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

/* The next note of the file; false at its end. */
static bool note_next(struct text *rest, struct text *note)
{
    struct text_lines lines = {.rest = *rest};
    while (lines.number < AUDIT_NOTE_LINES) {
        if (!text_lines_next(&lines)) {
            return false;
        }
    }
    *note = (struct text){rest->data, (size_t)(lines.rest.data - rest->data)};
    *rest = lines.rest;
    return true;
}

enum result audit_signers(const struct directory *directory, const struct card ***cards,
                          size_t *count, struct error *error)
{
    const struct card *own = directory_own(directory);
    struct text party = text_of(own->party);
    size_t versions = 0;
    while (directory_version(directory, party, versions) != NULL) {
        versions++;
    }
    *count = 0;
    *cards = calloc(versions + 1, sizeof(struct card *));
    if (*cards == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for %zu cards", versions + 1);
    }
    (*cards)[(*count)++] = own;
    for (size_t i = 0; i < versions; i++) {
        (*cards)[(*count)++] = directory_version(directory, party, i);
    }
    return RESULT_OK;
}

/* Whether a checkpoint key of the card signed the note for this log. When that was the order of the
 * acts tells, so that each key counts as of its first second. */
static enum result signer_check(struct text note, const struct card *card,
                                struct checkpoint *checkpoint, struct error *error)
{
    char endpoint[CARD_NAME_BYTES];
    enum result result = RESULT_NOT_FOUND;
    for (size_t i = 0; i < card->key_count[KEY_CHECKPOINT] && result != RESULT_OK; i++) {
        result = checkpoint_verify(text_bytes(note), card, card->keys[KEY_CHECKPOINT][i].from_s,
                                   checkpoint, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    struct text rest = checkpoint->origin;
    card_endpoint_name(card, endpoint);
    if (!text_skip(&rest, endpoint) || !text_equal(rest, TEXT("/" AUDIT_FOLDER))) {
        return error_set(error, RESULT_UNTRUSTED, "checkpoint of '%.*s', not of %s/" AUDIT_FOLDER,
                         TEXT_ARGS(checkpoint->origin), endpoint);
    }
    return RESULT_OK;
}

static enum result checkpoint_check(struct text note, const struct card *const *cards, size_t count,
                                    struct checkpoint *checkpoint, struct error *error)
{
    enum result result = error_set(error, RESULT_UNTRUSTED, "checkpoint without an own card");
    for (size_t i = 0; i < count && result != RESULT_OK; i++) {
        result = signer_check(note, cards[i], checkpoint, error);
    }
    return result;
}

/* A proof under way: the tree grows line by line, and the checkpoints wait for their size. */
struct proof {
    const struct card *const *cards;
    size_t count;
    struct text notes; /* not looked at yet */
    struct merkle_tree tree;
    struct audit_summary summary;
};

static enum result line_check(struct proof *proof, struct text text, struct error *error)
{
    struct audit_line line;
    struct merkle_hash root;
    uint64_t number = proof->tree.size;
    if (audit_line_read(text, &line, error) != RESULT_OK) {
        char why[ERROR_MESSAGE_BYTES];
        (void)snprintf(why, sizeof why, "%s", error->message);
        return error_set(error, RESULT_CORRUPT, "act %" PRIu64 " does not hold: its line %s",
                         number, why);
    }
    if (line.number != number) {
        return error_set(error, RESULT_CORRUPT,
                         "act %" PRIu64 " does not hold: act %" PRIu64
                         " stands in its place; acts were removed or moved",
                         number, line.number);
    }
    merkle_root(&proof->tree, &root);
    if (memcmp(root.bytes, line.before.bytes, sizeof root.bytes) != 0) {
        return error_set(error, RESULT_CORRUPT,
                         "act %" PRIu64 " does not hold: act %" PRIu64
                         " names another root for what stands before it; one of both was changed",
                         number == 0 ? 0 : number - 1, number);
    }
    audit_tree_add(&proof->tree, text);
    return RESULT_OK;
}

/* The checkpoints of the size that the tree has now. */
static enum result checkpoints_check(struct proof *proof, struct error *error)
{
    struct text rest = proof->notes;
    struct text note;
    struct checkpoint checkpoint;
    struct merkle_hash root;
    while (note_next(&rest, &note)) {
        enum result result = checkpoint_check(note, proof->cards, proof->count, &checkpoint, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "checkpoint %" PRIu64 " of the audit log",
                             proof->summary.checkpoints);
            return result;
        }
        if (checkpoint.size > proof->tree.size) {
            return RESULT_OK;
        }
        merkle_root(&proof->tree, &root);
        if (checkpoint.size < proof->tree.size ||
            memcmp(root.bytes, checkpoint.root.bytes, sizeof root.bytes) != 0) {
            return error_set(error, RESULT_UNTRUSTED,
                             "act %" PRIu64 " does not hold, or one behind it: the acts %" PRIu64
                             " to %" PRIu64 " are not those that were signed",
                             proof->summary.signed_size, proof->summary.signed_size,
                             checkpoint.size - 1);
        }
        proof->summary.signed_size = checkpoint.size;
        proof->summary.checkpoints++;
        proof->notes = rest;
    }
    return RESULT_OK;
}

/* Looks at all lines and all checkpoints. */
static enum result prove(const struct audit_files *files, struct proof *proof, struct error *error)
{
    struct text_lines lines = {.rest = buffer_view(&files->lines)};
    struct text note;
    struct checkpoint checkpoint;
    proof->notes = buffer_view(&files->notes);
    enum result result = RESULT_OK;
    while (result == RESULT_OK && text_lines_next(&lines)) {
        result = line_check(proof, lines.line, error);
        if (result == RESULT_OK) {
            result = checkpoints_check(proof, error);
        }
    }
    if (result == RESULT_OK && note_next(&proof->notes, &note)) {
        result = checkpoint_check(note, proof->cards, proof->count, &checkpoint, error);
        if (result == RESULT_OK) {
            result = error_set(error, RESULT_CORRUPT,
                               "act %" PRIu64 " does not hold: it is not there any more; "
                               "%" PRIu64 " acts were signed",
                               proof->tree.size, checkpoint.size);
        }
    }
    proof->summary.size = proof->tree.size;
    merkle_root(&proof->tree, &proof->summary.root);
    return result;
}

enum result audit_verify(const char *directory, const struct card *const *cards, size_t count,
                         struct audit_summary *summary, struct error *error)
{
    struct audit_files files;
    struct proof proof = {.cards = cards, .count = count};
    enum result result = audit_open(directory, LOCK_SH, &files, error);
    if (result == RESULT_OK) {
        result = prove(&files, &proof, error);
    }
    *summary = proof.summary;
    audit_close(&files);
    return result;
}

enum result audit_verify_against(const char *directory, struct bytes note,
                                 const struct card *const *cards, size_t count, struct error *error)
{
    struct audit_files files;
    struct checkpoint kept;
    struct merkle_hash root;
    struct merkle_tree tree = {0};
    enum result result = audit_open(directory, LOCK_SH, &files, error);
    if (result == RESULT_OK) {
        result = checkpoint_check(bytes_text(note), cards, count, &kept, error);
    }
    struct text_lines lines = {.rest = buffer_view(&files.lines)};
    while (result == RESULT_OK && tree.size < kept.size && text_lines_next(&lines)) {
        audit_tree_add(&tree, lines.line);
    }
    merkle_root(&tree, &root);
    if (result == RESULT_OK &&
        (tree.size != kept.size || memcmp(root.bytes, kept.root.bytes, sizeof root.bytes) != 0)) {
        result = error_set(error, RESULT_UNTRUSTED,
                           "the log does not begin with the %" PRIu64
                           " acts of the checkpoint that was kept",
                           kept.size);
    }
    audit_close(&files);
    return result;
}

/* Appends a checkpoint over the whole proven tree. */
static enum result sign_all(struct audit_files *files, const struct proof *proof,
                            const struct card *own, const struct keypair *key, struct error *error)
{
    char endpoint[CARD_NAME_BYTES];
    char origin[CARD_NAME_BYTES + sizeof AUDIT_FOLDER];
    char name[CARD_NAME_BYTES];
    struct buffer note = {0};
    card_endpoint_name(own, endpoint);
    card_key_name(own, KEY_CHECKPOINT, name);
    (void)snprintf(origin, sizeof origin, "%s/" AUDIT_FOLDER, endpoint);
    const struct checkpoint checkpoint = {text_of(origin), proof->summary.size,
                                          proof->summary.root};
    enum result result = checkpoint_sign(&checkpoint, text_of(name), key, &note, error);
    if (result == RESULT_OK) {
        result = audit_add_note(files, &note, error);
    }
    buffer_free(&note);
    return result;
}

enum result audit_sign(const char *directory, const struct card *const *cards, size_t count,
                       const struct keypair *key, struct error *error)
{
    struct audit_files files;
    struct proof proof = {.cards = cards, .count = count};
    enum result result = audit_open(directory, LOCK_EX, &files, error);
    if (result == RESULT_OK) {
        result = prove(&files, &proof, error);
    }
    if (result == RESULT_OK && proof.summary.signed_size < proof.summary.size) {
        result = sign_all(&files, &proof, cards[0], key, error);
    }
    if (result != RESULT_OK) {
        (void)error_wrap(error, "audit log not signed");
    }
    audit_close(&files);
    return result;
}
