/* What the store says to a submit: is it held already, is the number taken, does it fit what was
 * said; and the entries of what it takes. Runs in the writer, inside the batch. */
#include "node/flow/append.h"
#include "node/flow/life.h"
#include "node/flow/rest.h"
#include "node/flow/submit_parts.h"

#define CONFLICT_BYTES     512
#define POSTED_REMARKS_MAX 8

static struct bytes payload_of(const struct submit *submit, const struct prepared *prepared)
{
    return (struct bytes){submit->payloads.data + prepared->payload_at, prepared->payload_size};
}

/* The same id again: the same content has the effect of one, other content is refused. */
static enum result decide_id(struct submit *submit, const struct prepared *prepared,
                             struct store *store, struct submit_answer *answer, struct error *error)
{
    struct store_position held;
    enum result result = store_find_message(store, &prepared->message.id, &held, error);
    if (result == RESULT_NOT_FOUND) {
        return RESULT_OK;
    }
    if (result != RESULT_OK) {
        return result;
    }
    answer->channel = held.channel;
    answer->index = held.index;
    if (held.operation == prepared->message.operation &&
        memcmp(&held.payload_hash, &prepared->payload_hash, sizeof held.payload_hash) == 0) {
        return error_set(error, RESULT_DUPLICATE, "held already with the same content");
    }
    char conflict[CONFLICT_BYTES];
    describe_conflict(store, &held, prepared->message.operation, payload_of(submit, prepared),
                      conflict, sizeof conflict);
    return error_set(error, RESULT_CONFLICT, "message id %s; use a new id for a new message",
                     conflict);
}

/* A number is issued once; whatever speaks about a certificate needs one that is held. */
static enum result decide_number(struct submit *submit, const struct prepared *prepared,
                                 struct store *store, struct error *error)
{
    const struct message *message = &prepared->message;
    struct store_certificate certificate;
    enum result result =
        store_find_certificate(store, message->exporter, message->number_key, &certificate, error);
    if (message->operation != OPERATION_CO) {
        if (result != RESULT_NOT_FOUND) {
            return result;
        }
        return error_set(error, RESULT_NOT_FOUND,
                         "no certificate '%.*s' of %.*s is held here, so nothing can be said about "
                         "it; look with 'comesh show %.*s'",
                         TEXT_ARGS(message->number), TEXT_ARGS(message->exporter),
                         TEXT_ARGS(message->number));
    }
    if (result == RESULT_NOT_FOUND) {
        return RESULT_OK;
    }
    if (result != RESULT_OK) {
        return result;
    }
    char conflict[CONFLICT_BYTES];
    struct store_position held = {.channel = certificate.channel, .index = certificate.index};
    describe_conflict(store, &held, message->operation, payload_of(submit, prepared), conflict,
                      sizeof conflict);
    return error_set(error, RESULT_CONFLICT,
                     "certificate number '%.*s' is %s; a correction goes as an amendment "
                     "notification",
                     TEXT_ARGS(message->number), conflict);
}

static enum result decide_reply(const struct prepared *prepared, struct store *store,
                                struct error *error)
{
    struct store_position answered;
    if (!prepared->message.has_reply_to) {
        return RESULT_OK;
    }
    enum result result = store_find_message(store, &prepared->message.reply_to, &answered, error);
    if (result == RESULT_NOT_FOUND) {
        char id[UUID_TEXT_BYTES];
        message_id_format(&prepared->message.reply_to, id);
        return error_set(error, RESULT_NOT_FOUND, "it answers message %s, which is not held here",
                         id);
    }
    return result;
}

/* What is said about a certificate fits what has been said, down to the balance of its items. */
static enum result decide_life(struct submit *submit, const struct prepared *prepared,
                               struct store *store, struct life *life, struct error *error)
{
    const char *code = NULL;
    return life_weigh(life, store, &prepared->message, payload_of(submit, prepared),
                      world_wall_ms(submit->flow->world), &code, error);
}

/* A channel that is behind gets nothing before it is whole again. */
static enum result decide_channel(const struct submit *submit, const struct prepared *prepared,
                                  struct error *error)
{
    const struct text to = message_receiver(&prepared->message);
    return submit->from[0] == '\0' ? append_may(submit->flow, to, error) : RESULT_OK;
}

static enum result decide(struct submit *submit, const struct prepared *prepared,
                          struct store *store, struct life *life, struct submit_answer *answer,
                          struct error *error)
{
    enum result result = decide_channel(submit, prepared, error);
    if (result == RESULT_OK) {
        result = decide_id(submit, prepared, store, answer, error);
    }
    if (result == RESULT_OK) {
        result = decide_number(submit, prepared, store, error);
    }
    if (result == RESULT_OK) {
        result = decide_reply(prepared, store, error);
    }
    if (result == RESULT_OK && prepared->message.operation != OPERATION_CO) {
        result = decide_life(submit, prepared, store, life, error);
    }
    return result;
}

/* What a partner posted, accepted, with the warnings that it gets as its answer. */
static enum result append_posted(struct submit *submit, const struct outbound *outbound,
                                 struct store *store, struct submit_answer *answer,
                                 struct error *error)
{
    const struct findings *findings = &answer->findings;
    struct rest_arrival arrival = {.partner = text_of(submit->from), .outbound = outbound};
    arrival.remarks =
        arena_zero(&submit->arena, (POSTED_REMARKS_MAX + 1) * sizeof *arrival.remarks);
    if (arrival.remarks == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for warnings");
    }
    for (const struct finding *at = findings->first;
         at != NULL && arrival.remark_count < POSTED_REMARKS_MAX; at = at->next) {
        arrival.remarks[arrival.remark_count++] =
            (struct verdict_remark){.outcome = VERDICT_ACCEPTED_WITH_WARNINGS,
                                    .code = text_of(at->code),
                                    .place = at->place,
                                    .detail = at->detail};
    }
    return rest_append_arrival(submit->flow, store, &arrival, &answer->channel, &answer->index,
                               error);
}

static enum result append(struct submit *submit, const struct prepared *prepared,
                          struct store *store, struct submit_answer *answer, struct error *error)
{
    const struct message *message = &prepared->message;
    const struct outbound outbound = {
        .operation = message->operation,
        .id = message->id,
        .has_reply_to = message->has_reply_to,
        .reply_to = message->reply_to,
        .agreement = message->agreement,
        .menu_version = message->menu_version,
        .payload = payload_of(submit, prepared),
        .payload_hash = prepared->payload_hash,
        .message = message,
        .appended = &answer->appended,
    };
    return submit->from[0] == '\0'
               ? append_outbound(submit->flow, store, message_receiver(message), &outbound,
                                 &answer->channel, &answer->index, error)
               : append_posted(submit, &outbound, store, answer, error);
}

enum result submit_apply(struct work *work, struct store *store, struct error *error)
{
    struct submit *submit = (struct submit *)work;
    struct life life = {0};
    enum result result = store_room(store, error);
    for (size_t i = 0; i < submit->count && result == RESULT_OK; i++) {
        struct submit_answer *answer = &submit->answers[i];
        if (answer->result != RESULT_OK) {
            continue;
        }
        struct error refusal = {0};
        enum result decided = decide(submit, &submit->prepared[i], store, &life, answer, &refusal);
        if (decided != RESULT_OK) {
            submit_refuse(submit, answer, &refusal);
            continue;
        }
        result = append(submit, &submit->prepared[i], store, answer, error);
    }
    life_end(&life);
    return result;
}
