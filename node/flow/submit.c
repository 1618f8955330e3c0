/* Ours, going out. See submit.h. Two halves: prepare_* run in the client's thread and never touch
 * the store; decide_* run in the writer, inside the batch. */
#include "node/flow/submit.h"

#include "node/flow/append.h"
#include "node/flow/life.h"
#include "node/flow/rest.h"
#include "node/flow/terms.h"
#include "proto/encoding.h"
#include "proto/pack.h"

#include <stdio.h>
#include <stdlib.h>

#define CONFLICT_BYTES     512
#define POSTED_REMARKS_MAX 8

struct prepared {
    struct message message;
    size_t payload_at; /* in the submit's payloads */
    size_t payload_size;
    struct merkle_hash payload_hash;
};

struct submit {
    struct work work;
    struct flow *flow;
    char from[PARTY_MAX_BYTES];    /* the partner who posted it; empty: the own side says it */
    struct agreements *agreements; /* of the moment it came */
    enum operation operation;
    size_t count;
    struct prepared *prepared;
    struct submit_answer *answers;
    struct arena arena; /* everything that lasts until the answers are read */
    struct buffer payloads;
    struct submitter submitter;
};

static void answer_error(struct submit *submit, struct submit_answer *answer,
                         const struct error *error)
{
    answer->result = error->code;
    answer->sentence = arena_text(&submit->arena, text_of(error->message));
}

/* ---- in the client's thread ---- */

/* Whether there is a way to the receiver: a card, or the card of a party without a node. */
static bool is_partner(struct flow *flow, struct text party)
{
    struct directory *directory = flow_directory(flow);
    bool known = directory_party(directory, party) != NULL ||
                 rest_cards_party(directory_rest(directory), party) != NULL;
    directory_release(&directory);
    return known;
}

/* What a partner posts is received; what the own side says is sent. */
static const struct menu *submit_menu(const struct submit *submit, const struct message *message,
                                      struct error *error)
{
    return terms_menu(submit->flow, submit->agreements, message,
                      submit->from[0] == '\0' ? TERMS_SENDING : TERMS_RECEIVING, error);
}

/* That `said_by` says it to `said_to`, under an agreement that both have. */
static enum result check_roles(const struct submit *submit, const struct message *message,
                               const char *said_by, const char *said_to, struct error *error)
{
    bool outbound = operation_is_outbound(message->operation);
    struct text sender = message_sender(message);
    struct text receiver = message_receiver(message);
    if (!text_equal(sender, text_of(said_by))) {
        return error_set(
            error, RESULT_DENIED, "%s is said by the %s, which is '%.*s' here, and %s is '%s'",
            operation_name(message->operation), outbound ? "exporting party" : "importing party",
            TEXT_ARGS(sender), submit->from[0] == '\0' ? "this node" : "who says it", said_by);
    }
    if (said_to != NULL && !text_equal(receiver, text_of(said_to))) {
        return error_set(error, RESULT_DENIED,
                         "%s is said to the %s, which is '%.*s' here, and this node is '%s'",
                         operation_name(message->operation),
                         outbound ? "importing party" : "exporting party", TEXT_ARGS(receiver),
                         said_to);
    }
    return submit_menu(submit, message, error) == NULL ? error->code : RESULT_OK;
}

/* That the message is its sayer's to say, to a partner we know, under an agreement both have. */
static enum result check_way(const struct submit *submit, const struct message *message,
                             struct error *error)
{
    const char *own = submit->flow->config->party;
    if (submit->from[0] != '\0') {
        return check_roles(submit, message, submit->from, own, error);
    }
    enum result result = check_roles(submit, message, own, NULL, error);
    struct text receiver = message_receiver(message);
    if (result == RESULT_OK && !is_partner(submit->flow, receiver)) {
        return error_set(error, RESULT_NOT_FOUND,
                         "no card of party '%.*s' is held; import it with 'comesh card import'",
                         TEXT_ARGS(receiver));
    }
    return result;
}

/* The menu, or NULL: check_way says later why there is none. */
static const struct menu *menu_of(void *self, const struct message *message)
{
    struct error ignored;
    return submit_menu(self, message, &ignored);
}

/* JSON or XML to a checked, packed message. `scratch` holds the record, which does not last. */
static enum result prepare(struct submit *submit, size_t at, struct bytes document,
                           struct arena *scratch, struct error *error)
{
    struct metrics *metrics = submit->flow->metrics;
    const struct world *world = submit->flow->world;
    struct prepared *prepared = &submit->prepared[at];
    struct findings *findings = &submit->answers[at].findings;
    struct record *record = NULL;
    findings->arena = &submit->arena;

    uint64_t start = world_steady_ns(world);
    enum encoding encoding = encoding_of(document);
    enum result result =
        encoding_read(encoding, document, submit->operation, scratch, findings, &record, error);
    uint64_t parsed = world_steady_ns(world);
    metrics_add(metrics, METRIC_STEP_PARSE, parsed - start);
    if (result != RESULT_OK) {
        return result;
    }
    const struct encoding_rules rules = {rules_codes(submit->flow->rules), menu_of, submit};
    result = encoding_check(encoding, record, &rules, &prepared->message, findings, error);
    uint64_t checked = world_steady_ns(world);
    metrics_add(metrics, METRIC_STEP_CHECK, checked - parsed);
    if (result != RESULT_OK) {
        return result;
    }
    prepared->payload_at = submit->payloads.size;
    result = pack_write(record, &submit->payloads, error);
    prepared->payload_size = submit->payloads.size - prepared->payload_at;
    uint64_t packed = world_steady_ns(world);
    metrics_add(metrics, METRIC_STEP_PACK, packed - checked);
    if (result == RESULT_OK) {
        result = message_keep(&prepared->message, &submit->arena, error);
    }
    if (result == RESULT_OK) {
        merkle_sha256(
            (struct bytes){submit->payloads.data + prepared->payload_at, prepared->payload_size},
            &prepared->payload_hash);
        metrics_add(metrics, METRIC_STEP_HASH, world_steady_ns(world) - packed);
    }
    return result;
}

static void prepare_answer(struct submit *submit, size_t at, struct bytes document,
                           struct arena *scratch)
{
    struct submit_answer *answer = &submit->answers[at];
    const struct message *message = &submit->prepared[at].message;
    struct error error = {0};
    enum result result = prepare(submit, at, document, scratch, &error);
    if (result == RESULT_OK) {
        answer->has_id = true;
        answer->id = message->id;
        answer->partner = message_receiver(message);
        answer->number = message->number;
        result = check_way(submit, message, &error);
    }
    if (result != RESULT_OK) {
        answer_error(submit, answer, &error);
    }
}

/* ---- in the writer ---- */

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
    describe_conflict(submit->flow, &held, prepared->message.operation,
                      payload_of(submit, prepared), conflict, sizeof conflict);
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
    describe_conflict(submit->flow, &held, message->operation, payload_of(submit, prepared),
                      conflict, sizeof conflict);
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

static enum result decide(struct submit *submit, const struct prepared *prepared,
                          struct store *store, struct life *life, struct submit_answer *answer,
                          struct error *error)
{
    enum result result = decide_id(submit, prepared, store, answer, error);
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

/* A document's refusal is its answer; only what the store itself cannot do fails the batch. */
static enum result submit_apply(struct work *work, struct store *store, struct error *error)
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
            answer_error(submit, answer, &refusal);
            continue;
        }
        result = append(submit, &submit->prepared[i], store, answer, error);
    }
    life_end(&life);
    return result;
}

/* ---- home again ---- */

static void submit_finish(struct work *work)
{
    struct submit *submit = (struct submit *)work;
    uint64_t taken = 0;
    for (size_t i = 0; i < submit->count; i++) {
        struct submit_answer *answer = &submit->answers[i];
        if (answer->result == RESULT_OK && work->result != RESULT_OK) {
            answer_error(submit, answer, &work->error);
        }
        taken += answer->result == RESULT_OK || answer->result == RESULT_DUPLICATE;
    }
    metrics_add(submit->flow->metrics, METRIC_SUBMITTED, taken);
    metrics_add(submit->flow->metrics, METRIC_SUBMIT_REFUSED, submit->count - taken);
    submit->submitter.finished(submit, submit->submitter.self);
}

enum result submit_new(struct flow *flow, enum operation operation, size_t max,
                       const struct submitter *submitter, struct submit **submit,
                       struct error *error)
{
    *submit = NULL;
    if (max > SUBMIT_DOCUMENTS_MAX) {
        return error_set(error, RESULT_TOO_LARGE, "%zu documents in one request, at most %d", max,
                         SUBMIT_DOCUMENTS_MAX);
    }
    struct submit *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->submitter = *submitter;
        made->work.home = submitter->home;
        made->work.owner = submitter->owner;
        made->work.finish = submit_finish;
        made->work.apply = submit_apply;
        made->flow = flow;
        made->operation = operation;
        made->agreements = flow_agreements(flow);
        made->prepared = arena_zero(&made->arena, max * sizeof *made->prepared);
        made->answers = arena_zero(&made->arena, max * sizeof *made->answers);
    }
    if (made == NULL || made->prepared == NULL || made->answers == NULL) {
        submit_destroy(&made);
        return error_set(error, RESULT_NO_MEMORY, "no memory for %zu documents", max);
    }
    *submit = made;
    return RESULT_OK;
}

void submit_read(struct submit *submit, const struct bytes *documents, size_t count)
{
    struct arena scratch = {0};
    for (size_t i = 0; i < count; i++) {
        prepare_answer(submit, submit->count++, documents[i], &scratch);
        arena_reset(&scratch);
    }
    arena_free(&scratch);
}

void submit_go(struct submit *submit)
{
    submit->work.weight = submit->payloads.size + submit->count * ENTRY_MAX_BYTES;
    writer_submit(submit->flow->writer, &submit->work);
}

enum result submit_documents(struct flow *flow, enum operation operation,
                             const struct bytes *documents, size_t count,
                             const struct submitter *submitter, struct error *error)
{
    struct submit *submit = NULL;
    enum result result = submit_new(flow, operation, count, submitter, &submit, error);
    if (result == RESULT_OK) {
        submit_read(submit, documents, count);
        submit_go(submit);
    }
    return result;
}

enum result submit_posted(struct flow *flow, struct text partner, enum operation operation,
                          struct bytes document, const struct submitter *submitter,
                          struct error *error)
{
    struct submit *submit = NULL;
    enum result result = submit_new(flow, operation, 1, submitter, &submit, error);
    if (result == RESULT_OK) {
        (void)snprintf(submit->from, sizeof submit->from, "%.*s", TEXT_ARGS(partner));
        submit_read(submit, &document, 1);
        submit_go(submit);
    }
    return result;
}

const struct submit_answer *submit_answers(const struct submit *submit, size_t *count)
{
    *count = submit->count;
    return submit->answers;
}

void submit_destroy(struct submit **submit)
{
    if (*submit != NULL) {
        buffer_free(&(*submit)->payloads);
        arena_free(&(*submit)->arena);
        agreements_release(&(*submit)->agreements);
        free(*submit);
        *submit = NULL;
    }
}
