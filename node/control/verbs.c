/* The reading verbs of the control protocol: their table, the node, its partners and its channels.
 * See verbs.h and wire.h. */
#include "node/control/verbs.h"

#include "node/control/rows.h"
#include "node/control/verb.h"
#include "node/flow/trust.h"

#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* ---- parts ---- */

void part_send(struct part *part)
{
    if (part->count > 0) {
        wire_put_part(part->context->out, part->number, buffer_bytes(part->context->rows),
                      part->count);
        buffer_clear(part->context->rows);
        part->count = 0;
    }
}

void part_row(struct part *part)
{
    part->count++;
    if (part->context->rows->size >= WIRE_PART_BYTES) {
        part_send(part);
    }
}

/* ---- the node and its partners ---- */

static enum result verb_status(struct verb_context *context, struct wire_request *request,
                               struct part *part, struct error *error)
{
    struct flow *flow = context->node->flow;
    const struct config *config = flow->config;
    struct buffer *out = context->rows;
    char fingerprint[FINGERPRINT_DIGITS_BYTES];
    struct statvfs disk = {0};
    enum result result = mp_finish(&request->arguments, "status", error);
    if (result != RESULT_OK) {
        return result;
    }
    (void)statvfs(config->directory, &disk);
    struct directory *directory = flow_directory(flow);
    const struct card *own = directory_own(directory);
    card_fingerprint(own, fingerprint);
    wire_row(out, &wire_shape_node);
    wire_text(out, WIRE_NODE_PARTY, text_of(own->party));
    wire_text(out, WIRE_NODE_NAME, text_of(own->name));
    wire_text(out, WIRE_NODE_ENVIRONMENT, text_of(own->environment));
    wire_text(out, WIRE_NODE_DOMAIN, text_of(own->domain));
    wire_text(out, WIRE_NODE_FINGERPRINT, text_of(fingerprint));
    wire_text(out, WIRE_NODE_DIRECTORY, text_of(config->directory));
    wire_text(out, WIRE_NODE_VERSION, text_of(COMESH_VERSION));
    wire_uint(out, WIRE_NODE_PID, (uint64_t)getpid());
    wire_time(out, WIRE_NODE_STARTED, context->started_ms);
    wire_time(out, WIRE_NODE_NOW, world_wall_ms(flow->world));
    wire_uint(out, WIRE_NODE_FREE, (uint64_t)disk.f_bavail * disk.f_frsize);
    wire_uint(out, WIRE_NODE_MINIMUM_FREE, config->minimum_free_bytes);
    directory_release(&directory);
    part_row(part);
    return RESULT_OK;
}

static enum result verb_partners(struct verb_context *context, struct wire_request *request,
                                 struct part *part, struct error *error)
{
    struct standing lanes[STANDINGS_MAX];
    enum result result = mp_finish(&request->arguments, "partners", error);
    if (result != RESULT_OK) {
        return result;
    }
    size_t count = context->node->partners(context->node->self, lanes, STANDINGS_MAX);
    struct directory *directory = flow_directory(context->node->flow);
    for (size_t i = 0; i < directory_count(directory); i++) {
        const struct card *card = directory_at(directory, i);
        row_partner(card, standing_of(lanes, count, card->party),
                    trust_known_serial(context->node->flow->trust, card->party), context->rows);
        part_row(part);
    }
    const struct rest_card *rest;
    for (size_t i = 0; (rest = rest_cards_at(directory_rest(directory), i)) != NULL; i++) {
        row_rest_partner(rest, standing_of(lanes, count, rest->party), context->rows);
        part_row(part);
    }
    directory_release(&directory);
    return RESULT_OK;
}

static enum result verb_metrics(struct verb_context *context, struct wire_request *request,
                                struct part *part, struct error *error)
{
    enum result result = mp_finish(&request->arguments, "metrics", error);
    for (unsigned metric = 0; metric < METRIC_COUNT && result == RESULT_OK; metric++) {
        row_metric(context->node->flow->metrics, (enum metric)metric, context->rows);
        part_row(part);
    }
    return result;
}

/* ---- channels and what waits in them ---- */

static enum result verb_channels(struct verb_context *context, struct wire_request *request,
                                 struct part *part, struct error *error)
{
    const struct store_channel *channels = NULL;
    size_t count = 0;
    enum result result = mp_finish(&request->arguments, "channels", error);
    if (result == RESULT_OK) {
        result = store_read_channels(context->reader, context->arena, &channels, &count, error);
    }
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        row_channel(&channels[i], context->rows);
        part_row(part);
    }
    return result;
}

/* Why what is queued for a partner has no receipt yet, as a sentence. */
static void explain_wait(const struct store_channel *channel, const struct standing *lane,
                         char *out, size_t size)
{
    if (channel->held) {
        (void)snprintf(out, size, "held: %s", channel->held_reason);
    } else if (strcmp(lane->outgoing, "open") == 0) {
        (void)snprintf(out, size, "%s",
                       lane->credit == 0 ? "the partner's node has no room"
                                         : "on its way, the receipt is awaited");
    } else {
        (void)snprintf(out, size, "lane %s%s%s", lane->outgoing,
                       lane->trouble[0] == '\0' ? "" : ": ", lane->trouble);
    }
}

static enum result queue_row(struct verb_context *context, const struct store_channel *channel,
                             const struct standing *lane, struct error *error)
{
    const struct flow *flow = context->node->flow;
    struct buffer *out = context->rows;
    struct store_message *oldest = NULL;
    size_t count = 0;
    char why[1024];
    enum result result =
        store_read_messages(context->reader, channel->number, channel->receipt_size, 1,
                            context->arena, &oldest, &count, error);
    if (result != RESULT_OK || count == 0) {
        return result;
    }
    uint64_t age_ms = world_wall_ms(flow->world) - oldest->queued_ms;
    explain_wait(channel, lane, why, sizeof why);
    wire_row(out, &wire_shape_queue);
    wire_text(out, WIRE_QUEUE_PARTNER, text_of(channel->partner));
    wire_uint(out, WIRE_QUEUE_CHANNEL, channel->number);
    wire_uint(out, WIRE_QUEUE_FIRST, channel->receipt_size);
    wire_uint(out, WIRE_QUEUE_COUNT, channel->size - channel->receipt_size);
    wire_time(out, WIRE_QUEUE_OLDEST, oldest->queued_ms);
    wire_text(out, WIRE_QUEUE_WHY, text_of(why));
    wire_bool(out, WIRE_QUEUE_ALARM, age_ms / 1000 > flow->config->receipt_alarm_s);
    return RESULT_OK;
}

static enum result verb_queue(struct verb_context *context, struct wire_request *request,
                              struct part *part, struct error *error)
{
    struct standing lanes[STANDINGS_MAX];
    const struct store_channel *channels = NULL;
    size_t count = 0;
    size_t lane_count = context->node->partners(context->node->self, lanes, STANDINGS_MAX);
    enum result result = mp_finish(&request->arguments, "queue", error);
    if (result == RESULT_OK) {
        result = store_read_channels(context->reader, context->arena, &channels, &count, error);
    }
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        if (channels[i].direction == STORE_OUTGOING &&
            channels[i].size > channels[i].receipt_size) {
            result = queue_row(context, &channels[i],
                               standing_of(lanes, lane_count, channels[i].partner), error);
            part_row(part);
        }
    }
    return result;
}

static enum result reload(struct verb_context *context, struct bytes passphrase, struct part *part,
                          struct error *error)
{
    size_t locked = 0;
    enum result result = context->node->reload(context->node->self, passphrase, &locked, error);
    if (result == RESULT_OK) {
        wire_row(context->rows, &wire_shape_reloaded);
        wire_uint(context->rows, WIRE_RELOADED_LOCKED, locked);
        part_row(part);
    }
    return result;
}

static enum result verb_reload(struct verb_context *context, struct wire_request *request,
                               struct part *part, struct error *error)
{
    const struct bytes none = {NULL, 0};
    enum result result = mp_finish(&request->arguments, "reload", error);
    return result == RESULT_OK ? reload(context, none, part, error) : result;
}

static enum result verb_unlock(struct verb_context *context, struct wire_request *request,
                               struct part *part, struct error *error)
{
    struct bytes passphrase = mp_get_bin(&request->arguments, PASSPHRASE_MAX_BYTES);
    enum result result = mp_finish(&request->arguments, "unlock", error);
    return result == RESULT_OK ? reload(context, passphrase, part, error) : result;
}

static enum result verb_stop(struct verb_context *context, struct wire_request *request,
                             struct part *part, struct error *error)
{
    (void)part;
    enum result result = mp_finish(&request->arguments, "stop", error);
    if (result == RESULT_OK) {
        context->node->stop(context->node->self);
    }
    return result;
}

static const struct {
    const char *name;
    verb_function *answer;
} verbs[] = {
    {"status", verb_status},     {"partners", verb_partners},
    {"channels", verb_channels}, {"queue", verb_queue},
    {"metrics", verb_metrics},   {"messages", verb_messages},
    {"entries", verb_entries},   {"show", verb_show},
    {"trace", verb_trace},       {"inbox", verb_inbox},
    {"again", verb_again},       {"reload", verb_reload},
    {"stop", verb_stop},         {"certificate", verb_certificate},
    {"unlock", verb_unlock},
};

enum result verb_answer(struct verb_context *context, struct wire_request *request,
                        struct error *error)
{
    struct part part = {.context = context, .number = request->number};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (!text_equal(request->verb, text_of(verbs[i].name))) {
            continue;
        }
        arena_reset(context->arena);
        buffer_clear(context->rows);
        enum result result = verbs[i].answer(context, request, &part, error);
        if (result == RESULT_OK) {
            part_send(&part);
            wire_put_end(context->out, request->number);
        }
        return result;
    }
    return error_set(error, RESULT_NOT_FOUND, "verb '%.*s' is not known", TEXT_ARGS(request->verb));
}
