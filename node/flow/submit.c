/* Ours, going out, and what a partner without a node posts. See submit.h. This half runs in the
 * client's thread and never touches the store; the other one, submit_decide.c, in the writer. */
#include "node/flow/submit_parts.h"

#include "node/flow/append.h"
#include "node/flow/terms.h"
#include "proto/encoding.h"
#include "proto/pack.h"

#include <stdio.h>
#include <stdlib.h>

void submit_refuse(struct submit *submit, struct submit_answer *answer, const struct error *error)
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
        submit_refuse(submit, answer, &error);
    }
}

/* ---- home again ---- */

static void submit_finish(struct work *work)
{
    struct submit *submit = (struct submit *)work;
    uint64_t taken = 0;
    for (size_t i = 0; i < submit->count; i++) {
        struct submit_answer *answer = &submit->answers[i];
        if (answer->result == RESULT_OK && work->result != RESULT_OK) {
            submit_refuse(submit, answer, &work->error);
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
