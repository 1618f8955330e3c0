/* Checkpoints and receipts. See checkpoint.h. */
#include "keys/checkpoint.h"

#include "keys/note.h"
#include "keys/text.h"

#include <inttypes.h>

static void body_append(const struct checkpoint *checkpoint, struct buffer *out)
{
    buffer_printf(out, "%.*s\n%" PRIu64 "\n", TEXT_ARGS(checkpoint->origin), checkpoint->size);
    text_base64_append(out, (struct bytes){checkpoint->root.bytes, sizeof checkpoint->root.bytes});
    buffer_text(out, "\n");
}

enum result checkpoint_sign(const struct checkpoint *checkpoint, struct text key_name,
                            const struct keypair *key, struct buffer *note, struct error *error)
{
    struct buffer signed_note = {0};
    if (keypair_role(key) != KEY_CHECKPOINT) {
        return error_set(error, RESULT_DENIED, "checkpoint: a %s key does not sign channels",
                         key_role_text(keypair_role(key)));
    }
    body_append(checkpoint, &signed_note);
    enum result result = buffer_check(&signed_note, error);
    if (result == RESULT_OK) {
        result = note_sign(&signed_note, key_name, key, error);
    }
    if (result == RESULT_OK) {
        buffer_append(note, signed_note.data, signed_note.size);
        result = buffer_check(note, error);
    }
    buffer_free(&signed_note);
    return result;
}

/* Three lines: origin, size, root; and the extension lines behind them, which tlog-checkpoint
 * leaves open. */
static enum result body_read(struct text body, struct checkpoint *checkpoint,
                             struct text *extension, struct error *error)
{
    struct text_lines lines = {.rest = body};
    size_t size = 0;
    if (!text_lines_next(&lines) || lines.line.size == 0) {
        return error_set(error, RESULT_INVALID, "checkpoint: line 1 is no origin");
    }
    checkpoint->origin = lines.line;
    if (!text_lines_next(&lines) ||
        !decimal_parse(lines.line, MERKLE_SIZE_MAX, &checkpoint->size)) {
        return error_set(error, RESULT_INVALID, "checkpoint: line 2 is no size of a tree");
    }
    if (!text_lines_next(&lines) ||
        !text_base64_read(lines.line, checkpoint->root.bytes, sizeof checkpoint->root.bytes,
                          &size) ||
        size != sizeof checkpoint->root.bytes) {
        return error_set(error, RESULT_INVALID, "checkpoint: line 3 is no base64 of 32 bytes");
    }
    *extension = lines.rest;
    return RESULT_OK;
}

static enum result note_read_extended(struct bytes bytes, struct note *note,
                                      struct checkpoint *checkpoint, struct text *extension,
                                      struct error *error)
{
    enum result result = note_parse(bytes, note, error);
    if (result != RESULT_OK) {
        (void)error_wrap(error, "checkpoint");
        return result;
    }
    return body_read(note->body, checkpoint, extension, error);
}

/* Extension lines in what a partner signs are refused: nobody here could check them. */
static enum result note_read(struct bytes bytes, struct note *note, struct checkpoint *checkpoint,
                             struct error *error)
{
    struct text extension = TEXT("");
    enum result result = note_read_extended(bytes, note, checkpoint, &extension, error);
    if (result == RESULT_OK && extension.size > 0) {
        result = error_set(error, RESULT_INVALID, "checkpoint: line 4 is one too many");
    }
    return result;
}

/* The key that made a signature was valid at its time. */
static enum result validity_check(const struct card_key *key, const struct card *card,
                                  enum key_role role, uint64_t time_s, struct error *error)
{
    char at[TEXT_TIME_BYTES];
    char from[TEXT_TIME_BYTES];
    char until[TEXT_TIME_BYTES];
    if (card_key_is_valid(key, time_s)) {
        return RESULT_OK;
    }
    text_time(time_s, at);
    text_time(key->from_s, from);
    text_time(key->until_s, until);
    return error_set(error, RESULT_UNTRUSTED,
                     "checkpoint: signed by a %s key of %s that is valid from %s until %s, not at "
                     "%s",
                     key_role_text(role), card->party, from, until, at);
}

/* Looks for the key of `role` that signed the note, which must have been valid when it did: at the
 * time that a cosignature carries and that is given back, otherwise at `time_s`. */
static enum result signer_check(const struct note *note, const struct card *card,
                                enum key_role role, uint64_t *time_s, struct error *error)
{
    bool timed = role == KEY_RECEIPT;
    char name[CARD_NAME_BYTES];
    card_key_name(card, role, name);
    for (size_t i = 0; i < card->key_count[role]; i++) {
        const struct card_key *key = &card->keys[role][i];
        enum result result =
            note_verify(note, text_of(name), timed ? NOTE_COSIGNATURE_V1 : NOTE_ED25519,
                        key->public_key, timed ? time_s : NULL, error);
        if (result == RESULT_OK) {
            return validity_check(key, card, role, *time_s, error);
        }
        if (result != RESULT_NOT_FOUND) {
            return result;
        }
    }
    return error_set(error, RESULT_UNTRUSTED,
                     "checkpoint: no signature of %s by one of the %zu keys on card %" PRIu64
                     " of %s; exchange cards",
                     name, card->key_count[role], card->serial, card->party);
}

/* A party signs its own channels only: the origin begins with its endpoint name. */
static enum result origin_check(struct text origin, const struct card *card, struct error *error)
{
    char name[CARD_NAME_BYTES];
    struct text rest = origin;
    card_endpoint_name(card, name);
    if (!text_skip(&rest, name) || !text_skip(&rest, "/")) {
        return error_set(error, RESULT_UNTRUSTED,
                         "checkpoint of '%.*s': not a channel of %s, whose begin with %s/",
                         (int)(origin.size < 160 ? origin.size : 160), origin.data, card->party,
                         name);
    }
    return RESULT_OK;
}

enum result checkpoint_verify(struct bytes note, const struct card *card, uint64_t now_s,
                              struct checkpoint *checkpoint, struct error *error)
{
    struct note parsed;
    enum result result = note_read(note, &parsed, checkpoint, error);
    if (result == RESULT_OK) {
        result = origin_check(checkpoint->origin, card, error);
    }
    if (result == RESULT_OK) {
        result = signer_check(&parsed, card, KEY_CHECKPOINT, &now_s, error);
    }
    return result;
}

struct bytes checkpoint_without_receipt(struct bytes note)
{
    struct text rest = bytes_text(note);
    struct text_lines lines = {.rest = rest};
    bool in_body = true;
    while (text_lines_next(&lines)) {
        if (in_body) {
            in_body = lines.line.size > 0;
            continue;
        }
        return (struct bytes){note.data, note.size - lines.rest.size};
    }
    return note;
}

enum result checkpoint_cosign(struct bytes note, uint64_t time_s, struct text key_name,
                              const struct keypair *key, struct buffer *cosigned,
                              struct error *error)
{
    struct note parsed;
    struct checkpoint checkpoint;
    struct buffer line = {0};
    enum result result = note_read(note, &parsed, &checkpoint, error);
    if (result == RESULT_OK) {
        result = note_add_signature(parsed.body, key_name, NOTE_COSIGNATURE_V1, time_s, key, &line,
                                    error);
    }
    if (result == RESULT_OK) {
        buffer_append(cosigned, note.data, note.size);
        buffer_append(cosigned, line.data, line.size);
        result = buffer_check(cosigned, error);
    }
    buffer_free(&line);
    return result;
}

enum result checkpoint_verify_receipt(struct bytes note, const struct card *card,
                                      struct checkpoint *checkpoint, uint64_t *time_s,
                                      struct error *error)
{
    struct note parsed;
    enum result result = note_read(note, &parsed, checkpoint, error);
    if (result == RESULT_OK) {
        result = signer_check(&parsed, card, KEY_RECEIPT, time_s, error);
    }
    return result;
}

/* ---- what our node says alone ---- */

enum result checkpoint_attest(const struct checkpoint *checkpoint, struct text extension,
                              uint64_t time_s, struct text key_name, const struct keypair *key,
                              struct buffer *note, struct error *error)
{
    struct buffer body = {0};
    struct buffer line = {0};
    enum note_algorithm algorithm =
        keypair_role(key) == KEY_RECEIPT ? NOTE_COSIGNATURE_V1 : NOTE_ED25519;
    if (keypair_role(key) != KEY_RECEIPT && keypair_role(key) != KEY_CHECKPOINT) {
        return error_set(error, RESULT_DENIED, "checkpoint: a %s key does not sign channels",
                         key_role_text(keypair_role(key)));
    }
    body_append(checkpoint, &body);
    buffer_append(&body, extension.data, extension.size);
    enum result result = buffer_check(&body, error);
    if (result == RESULT_OK) {
        result =
            note_add_signature(buffer_view(&body), key_name, algorithm, time_s, key, &line, error);
    }
    if (result == RESULT_OK) {
        buffer_append(note, body.data, body.size);
        buffer_text(note, "\n");
        buffer_append(note, line.data, line.size);
        result = buffer_check(note, error);
    }
    buffer_free(&body);
    buffer_free(&line);
    return result;
}

enum result checkpoint_verify_attested(struct bytes note, const struct card *card,
                                       enum key_role role, uint64_t *time_s,
                                       struct checkpoint *checkpoint, struct text *extension,
                                       struct error *error)
{
    struct note parsed;
    enum result result = note_read_extended(note, &parsed, checkpoint, extension, error);
    return result == RESULT_OK ? signer_check(&parsed, card, role, time_s, error) : result;
}

const struct card_key *checkpoint_signer(struct bytes note, const struct card *card,
                                         enum key_role role)
{
    struct note parsed;
    char name[CARD_NAME_BYTES];
    card_key_name(card, role, name);
    if (note_parse(note, &parsed, NULL) != RESULT_OK) {
        return NULL;
    }
    for (size_t i = 0; i < card->key_count[role]; i++) {
        const struct card_key *key = &card->keys[role][i];
        if (note_names(&parsed, text_of(name),
                       role == KEY_RECEIPT ? NOTE_COSIGNATURE_V1 : NOTE_ED25519, key->public_key)) {
            return key;
        }
    }
    return NULL;
}
