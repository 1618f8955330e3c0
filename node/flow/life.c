/* The life of a certificate out of the store. See life.h. */
#include "node/flow/life.h"

#include "proto/pack.h"

void life_end(struct life *life)
{
    arena_free(&life->arena);
    arena_free(&life->scratch);
}

/* A payload as a document and an event. RESULT_NOT_FOUND without a sentence when it cannot be read.
 */
static enum result read_event(struct bytes payload, enum operation operation, uint64_t time_ms,
                              struct arena *scratch, struct record **document,
                              struct lifecycle_event *event, struct error *error)
{
    struct error unread;
    struct message message;
    struct findings findings = {.arena = scratch};
    *document = NULL;
    enum result result = pack_read(payload, operation, scratch, &findings, document, &unread);
    if (result == RESULT_OK) {
        result = message_from_record(*document, &message, &findings, &unread);
    }
    if (result != RESULT_OK) {
        return RESULT_NOT_FOUND;
    }
    return lifecycle_read(&message, *document, time_ms, event, error);
}

enum result life_fold(struct lifecycle *state, struct bytes entry, struct bytes payload,
                      struct arena *scratch, struct error *error)
{
    struct entry unpacked;
    struct record *document = NULL;
    struct lifecycle_event event;
    enum result result = entry_unpack(entry, &unpacked, error);
    if (result == RESULT_OK) {
        arena_reset(scratch);
        result = read_event(payload, unpacked.operation, unpacked.time_ms, scratch, &document,
                            &event, error);
    }
    if (result == RESULT_OK) {
        result = lifecycle_fold(state, &event, error);
    }
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static enum result take_said(void *self, uint32_t channel, uint64_t index, struct bytes entry,
                             struct bytes payload, struct error *error)
{
    struct life *life = self;
    if (life->skips != NULL && life->skips(life->self, channel, index)) {
        return RESULT_OK;
    }
    return life_fold(&life->state, entry, payload, &life->scratch, error);
}

/* Reads the certificate's life unless it is the one in memory. */
static enum result life_of(struct life *life, struct store *store, const struct message *message,
                           struct error *error)
{
    struct store_certificate certificate;
    enum result result =
        store_find_certificate(store, message->exporter, message->number_key, &certificate, error);
    if (result == RESULT_OK && certificate.number != life->certificate) {
        life->certificate = 0;
        arena_reset(&life->arena);
        life->state = (struct lifecycle){.arena = &life->arena};
        result = store_find_said(store, message->exporter, message->number_key, LIFE_MESSAGES_MAX,
                                 take_said, life, error);
        life->certificate = result == RESULT_OK ? certificate.number : 0;
    }
    return result;
}

enum result life_weigh(struct life *life, struct store *store, const struct message *message,
                       struct bytes payload, uint64_t time_ms, const char **code,
                       struct error *error)
{
    struct record *document = NULL;
    struct lifecycle_event event;
    *code = NULL;
    enum result result = life_of(life, store, message, error);
    if (result == RESULT_OK) {
        arena_reset(&life->scratch);
        result = read_event(payload, message->operation, time_ms, &life->scratch, &document, &event,
                            error);
    }
    if (result == RESULT_OK) {
        result = lifecycle_judge(&life->state, &event, code, error);
    }
    if (result == RESULT_OK) {
        result = lifecycle_fold(&life->state, &event, error);
    }
    if (result == RESULT_TOO_LARGE || result == RESULT_NO_MEMORY) {
        *code = "too-much-said"; /* what the partner says must not stop its channel */
        life->certificate = 0;
    }
    return result;
}

/* ---- for who only looks ---- */

/* Whether the message counts for the exporter's certificate: what was refused moves nothing. */
static bool counts(const struct store_message *message, struct text exporter)
{
    return text_equal(message->exporter, exporter) && message->outcome != VERDICT_DUPLICATE &&
           message->outcome != VERDICT_REFUSED;
}

static const struct store_message *issue_of(const struct store_message *messages, size_t count,
                                            struct text exporter)
{
    const struct store_message *issue = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct store_message *message = &messages[i];
        if (message->operation != OPERATION_CO || !text_equal(message->exporter, exporter)) {
            continue;
        }
        if (counts(message, exporter)) {
            return message;
        }
        issue = message;
    }
    return issue;
}

/* The issue's document lasts, in the arena of the state. */
static enum result fold_one(struct lifecycle *state, const struct store_message *message,
                            struct arena *arena, struct record **document, struct error *error)
{
    struct lifecycle_event event;
    enum result result = read_event(message->payload, message->operation, message->queued_ms, arena,
                                    document, &event, error);
    if (result == RESULT_OK) {
        result = lifecycle_fold(state, &event, error);
    }
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result life_read(const struct store_message *messages, size_t count, struct text exporter,
                      struct life_issue *issue, struct lifecycle *state, struct error *error)
{
    struct arena scratch = {0};
    enum result result = RESULT_OK;
    *issue = (struct life_issue){.message = issue_of(messages, count, exporter)};
    if (issue->message == NULL) {
        return RESULT_OK;
    }
    state->refused = !counts(issue->message, exporter);
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        struct record *ignored = NULL;
        if (&messages[i] == issue->message) {
            result = fold_one(state, &messages[i], state->arena, &issue->document, error);
        } else if (counts(&messages[i], exporter)) {
            arena_reset(&scratch);
            result = fold_one(state, &messages[i], &scratch, &ignored, error);
        }
    }
    arena_free(&scratch);
    return result;
}
