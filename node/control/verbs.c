/* The reading verbs of the control protocol. See verbs.h and wire.h. */
#include "node/control/verbs.h"

#include "node/control/certificate.h"
#include "node/control/rows.h"
#include "node/core/log.h"

#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PARTNERS_MAX     64
#define NUMBER_MAX_BYTES ((size_t)280)

/* ---- parts ---- */

struct part {
    struct verb_context *context;
    uint64_t number;
    size_t count;
};

static void part_send(struct part *part)
{
    if (part->count > 0) {
        wire_put_part(part->context->out, part->number, buffer_bytes(part->context->rows),
                      part->count);
        buffer_clear(part->context->rows);
        part->count = 0;
    }
}

/* After every row: a part that is large enough goes. */
static void part_row(struct part *part)
{
    part->count++;
    if (part->context->rows->size >= WIRE_PART_BYTES) {
        part_send(part);
    }
}

typedef enum result verb_function(struct verb_context *context, struct wire_request *request,
                                  struct part *part, struct error *error);

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

static const struct control_partner *lane_of(const struct control_partner *lanes, size_t count,
                                             const char *party)
{
    static const struct control_partner none = {.outgoing = "none", .incoming = "none"};
    for (size_t i = 0; i < count; i++) {
        if (strcmp(lanes[i].party, party) == 0) {
            return &lanes[i];
        }
    }
    return &none;
}

static enum result verb_partners(struct verb_context *context, struct wire_request *request,
                                 struct part *part, struct error *error)
{
    struct control_partner lanes[PARTNERS_MAX];
    enum result result = mp_finish(&request->arguments, "partners", error);
    if (result != RESULT_OK) {
        return result;
    }
    size_t count = context->node->partners(context->node->self, lanes, PARTNERS_MAX);
    struct directory *directory = flow_directory(context->node->flow);
    for (size_t i = 0; i < directory_count(directory); i++) {
        const struct card *card = directory_at(directory, i);
        row_partner(card, lane_of(lanes, count, card->party), context->rows);
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
static void explain_wait(const struct store_channel *channel, const struct control_partner *lane,
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
                             const struct control_partner *lane, struct error *error)
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
    struct control_partner lanes[PARTNERS_MAX];
    const struct store_channel *channels = NULL;
    size_t count = 0;
    size_t lane_count = context->node->partners(context->node->self, lanes, PARTNERS_MAX);
    enum result result = mp_finish(&request->arguments, "queue", error);
    if (result == RESULT_OK) {
        result = store_read_channels(context->reader, context->arena, &channels, &count, error);
    }
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        if (channels[i].direction == STORE_OUTGOING &&
            channels[i].size > channels[i].receipt_size) {
            result = queue_row(context, &channels[i],
                               lane_of(lanes, lane_count, channels[i].partner), error);
            part_row(part);
        }
    }
    return result;
}

/* ---- messages and entries ---- */

struct range {
    uint32_t channel;
    uint64_t first;
    size_t max;
};

static enum result read_range(struct wire_request *request, const char *verb, struct range *range,
                              struct error *error)
{
    range->channel = (uint32_t)mp_get_uint(&request->arguments, UINT32_MAX);
    range->first = mp_get_uint(&request->arguments, UINT64_MAX);
    range->max = (size_t)mp_get_uint(&request->arguments, WIRE_LIST_MAX);
    return mp_finish(&request->arguments, verb, error);
}

static enum result verb_messages(struct verb_context *context, struct wire_request *request,
                                 struct part *part, struct error *error)
{
    const struct row_extras nothing = {0};
    struct store_message *messages = NULL;
    struct range range;
    size_t count = 0;
    enum result result = read_range(request, "messages", &range, error);
    if (result == RESULT_OK) {
        result = store_read_messages(context->reader, range.channel, range.first, range.max,
                                     context->arena, &messages, &count, error);
    }
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        row_message(&messages[i], &nothing, context->rows);
        part_row(part);
    }
    return result;
}

static enum result verb_entries(struct verb_context *context, struct wire_request *request,
                                struct part *part, struct error *error)
{
    struct store_item *items = NULL;
    struct range range;
    size_t count = 0;
    enum result result = read_range(request, "entries", &range, error);
    if (result == RESULT_OK) {
        result = store_read_entries(context->reader, range.channel, range.first, range.max,
                                    WIRE_PART_BYTES, context->arena, &items, &count, error);
    }
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        struct store_receipt receipt = {0};
        result = store_read_receipt(context->reader, range.channel, items[i].index, context->arena,
                                    &receipt, error);
        if (result == RESULT_OK || result == RESULT_NOT_FOUND) {
            result = RESULT_OK;
            row_entry(&items[i], &receipt, context->rows);
            part_row(part);
        }
    }
    return result;
}

static enum result read_payload(struct verb_context *context, const struct store_message *message,
                                struct row_extras *extras, struct error *error)
{
    struct store_item *items = NULL;
    size_t count = 0;
    enum result result = store_read_entries(context->reader, message->channel, message->index, 1,
                                            WIRE_PART_BYTES, context->arena, &items, &count, error);
    if (result == RESULT_OK && count == 1) {
        extras->payload = items[0].payload;
    }
    return result;
}

static enum result read_proof(struct verb_context *context, const struct store_message *message,
                              struct row_extras *extras, struct error *error)
{
    struct store_receipt receipt = {0};
    struct verdict_remark *remarks = NULL;
    enum result result = store_read_receipt(context->reader, message->channel, message->index,
                                            context->arena, &receipt, error);
    if (result == RESULT_OK || result == RESULT_NOT_FOUND) {
        extras->receipt = receipt.note;
        result = store_read_remarks(context->reader, message->channel, message->index,
                                    context->arena, &remarks, &extras->remark_count, error);
        extras->remarks = remarks;
    }
    return result;
}

/* The messages that a request names: one by its id, or all of a certificate by its number. */
static enum result read_named(struct verb_context *context, struct wire_request *request,
                              struct store_message **messages, size_t *count, struct error *error)
{
    struct message_id id;
    if (mp_peek(&request->arguments) == MP_BIN) {
        mp_get_fixed(&request->arguments, id.bytes, sizeof id.bytes);
        (void)mp_get_str(&request->arguments, PARTY_MAX_BYTES);
        enum result result = mp_finish(&request->arguments, "message id", error);
        *messages = arena_zero(context->arena, sizeof **messages);
        *count = 1;
        if (result != RESULT_OK || *messages == NULL) {
            return result == RESULT_OK ? error_set(error, RESULT_NO_MEMORY, "no memory") : result;
        }
        result = store_read_message(context->reader, &id, context->arena, *messages, error);
        char text[UUID_TEXT_BYTES];
        message_id_format(&id, text);
        return result != RESULT_NOT_FOUND
                   ? result
                   : error_set(error, result, "no message %s is held here", text);
    }
    struct text number = mp_get_str(&request->arguments, NUMBER_MAX_BYTES);
    struct text exporter = mp_get_str(&request->arguments, PARTY_MAX_BYTES);
    enum result result = mp_finish(&request->arguments, "number", error);
    if (result != RESULT_OK) {
        return result;
    }
    result = store_read_certificate(context->reader, exporter, number_key(number, context->arena),
                                    context->arena, messages, count, error);
    if (result == RESULT_NOT_FOUND) {
        return error_set(error, result,
                         "no certificate '%.*s'%s%.*s is held here, neither sent nor received",
                         TEXT_ARGS(number), exporter.size > 0 ? " of " : "", TEXT_ARGS(exporter));
    }
    return result;
}

static enum result named_rows(struct verb_context *context, struct wire_request *request,
                              struct part *part, bool proof, struct error *error)
{
    struct store_message *messages = NULL;
    size_t count = 0;
    enum result result = read_named(context, request, &messages, &count, error);
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        struct row_extras extras = {0};
        result = proof ? read_proof(context, &messages[i], &extras, error)
                       : read_payload(context, &messages[i], &extras, error);
        if (result == RESULT_OK) {
            row_message(&messages[i], &extras, context->rows);
            part_row(part);
        }
    }
    return result;
}

static enum result verb_show(struct verb_context *context, struct wire_request *request,
                             struct part *part, struct error *error)
{
    return named_rows(context, request, part, false, error);
}

static enum result verb_trace(struct verb_context *context, struct wire_request *request,
                              struct part *part, struct error *error)
{
    return named_rows(context, request, part, true, error);
}

/* Whether an earlier message issues a certificate of the same exporting party. */
static bool is_told(const struct store_message *messages, size_t at)
{
    bool told = false;
    for (size_t i = 0; i < at && !told; i++) {
        told = messages[i].operation == OPERATION_CO &&
               text_equal(messages[i].exporter, messages[at].exporter);
    }
    return told;
}

/* The life of a certificate that is named by its number, or by the id of any of its messages. */
static enum result verb_certificate(struct verb_context *context, struct wire_request *request,
                                    struct part *part, struct error *error)
{
    struct store_message *messages = NULL;
    size_t count = 0;
    size_t told = 0;
    bool by_id = mp_peek(&request->arguments) == MP_BIN;
    enum result result = read_named(context, request, &messages, &count, error);
    if (result == RESULT_OK && by_id) {
        struct text key = number_key(messages[0].number, context->arena);
        result = store_read_certificate(context->reader, messages[0].exporter, key, context->arena,
                                        &messages, &count, error);
    }
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        if (messages[i].operation == OPERATION_CO && !is_told(messages, i)) {
            result = certificate_row(context, messages, count, messages[i].exporter, error);
            part_row(part);
            told++;
        }
    }
    if ((result == RESULT_OK || (result == RESULT_NOT_FOUND && by_id)) && told == 0) {
        return error_set(error, RESULT_NOT_FOUND,
                         "it is not about a certificate that is held here; see 'comesh trace'");
    }
    return result;
}

/* What the national system is to take: documents that our verdict did not refuse, each once. */
static bool is_for_inbox(const struct store_message *message)
{
    return message->operation != OPERATION_VERDICT && message->outcome != VERDICT_REFUSED &&
           message->outcome != VERDICT_DUPLICATE;
}

/* Those of a channel from `at` on, at most `*left`. */
static enum result inbox_channel(struct verb_context *context, const struct store_channel *channel,
                                 uint64_t at, size_t *left, struct part *part, struct error *error)
{
    enum result result = RESULT_OK;
    while (*left > 0 && at < channel->size && result == RESULT_OK) {
        struct store_message *messages = NULL;
        size_t count = 0;
        result = store_read_messages(context->reader, channel->number, at, *left, context->arena,
                                     &messages, &count, error);
        if (count == 0) {
            break;
        }
        at += count;
        for (size_t i = 0; i < count && result == RESULT_OK; i++) {
            struct row_extras extras = {0};
            if (!is_for_inbox(&messages[i])) {
                continue;
            }
            result = read_payload(context, &messages[i], &extras, error);
            row_message(&messages[i], &extras, context->rows);
            part_row(part);
            (*left)--;
        }
    }
    return result;
}

static enum result verb_inbox(struct verb_context *context, struct wire_request *request,
                              struct part *part, struct error *error)
{
    const struct store_channel *channels = NULL;
    size_t count = 0;
    size_t left = (size_t)mp_get_uint(&request->arguments, WIRE_LIST_MAX);
    enum result result = mp_finish(&request->arguments, "inbox", error);
    if (result == RESULT_OK) {
        result = store_read_channels(context->reader, context->arena, &channels, &count, error);
    }
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        if (channels[i].direction == STORE_INCOMING) {
            result = inbox_channel(context, &channels[i], channels[i].taken, &left, part, error);
        }
    }
    return result;
}

/* For a national system that lost what it took: the log gives it again, and nothing changes. */
static enum result verb_again(struct verb_context *context, struct wire_request *request,
                              struct part *part, struct error *error)
{
    const struct store_channel *channels = NULL;
    struct range range;
    size_t count = 0;
    enum result result = read_range(request, "again", &range, error);
    if (result == RESULT_OK) {
        result = store_read_channels(context->reader, context->arena, &channels, &count, error);
    }
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        if (channels[i].number == range.channel && channels[i].direction == STORE_INCOMING) {
            log_event(LOG_LEVEL_INFO, "control", "inbox given again",
                      "partner=%s channel=%s first=%llu max=%zu", channels[i].partner,
                      channels[i].origin, (unsigned long long)range.first, range.max);
            return inbox_channel(context, &channels[i], range.first, &range.max, part, error);
        }
    }
    return result != RESULT_OK
               ? result
               : error_set(error, RESULT_NOT_FOUND,
                           "no incoming channel %u; 'comesh status' lists the channels",
                           range.channel);
}

static enum result verb_reload(struct verb_context *context, struct wire_request *request,
                               struct part *part, struct error *error)
{
    (void)part;
    enum result result = mp_finish(&request->arguments, "reload", error);
    return result == RESULT_OK ? context->node->reload(context->node->self, error) : result;
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
