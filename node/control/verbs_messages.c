/* The reading verbs that tell messages, entries and the inbox. See verb.h and wire.h. */
#include "node/control/certificate.h"
#include "node/control/rows.h"
#include "node/control/verb.h"
#include "node/core/log.h"
#include "node/flow/passage.h"

#define NUMBER_MAX_BYTES ((size_t)280)

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

enum result verb_messages(struct verb_context *context, struct wire_request *request,
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

enum result verb_entries(struct verb_context *context, struct wire_request *request,
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

enum result verb_show(struct verb_context *context, struct wire_request *request, struct part *part,
                      struct error *error)
{
    return named_rows(context, request, part, false, error);
}

enum result verb_trace(struct verb_context *context, struct wire_request *request,
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
enum result verb_certificate(struct verb_context *context, struct wire_request *request,
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
            if (!passage_is_for_inbox(&messages[i])) {
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

enum result verb_inbox(struct verb_context *context, struct wire_request *request,
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
enum result verb_again(struct verb_context *context, struct wire_request *request,
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
