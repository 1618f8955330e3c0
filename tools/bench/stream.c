/* Certificates from a node to one partner. See stream.h. */
#include "tools/bench/stream.h"

#include "tools/bench/report.h"
#include "tools/comesh/client.h"

#include <stdlib.h>

#define DOCUMENTS_AT_ONCE  192 /* in one request: 0.8 MB of a frame's 1 MiB */
#define REQUESTS_UNDER_WAY 8
#define START_PATIENCE_S   60.0
#define PATIENCE_S         120.0
#define START_PAUSE_US     5000
#define WAIT_MS            1000 /* of one wait for receipts, so that progress is shown */
#define ENTRIES_LOOKED_AT  200

volatile sig_atomic_t stream_interrupted = 0;

static enum result interrupted(struct error *error)
{
    return stream_interrupted == 0
               ? RESULT_OK
               : error_set(error, RESULT_UNAVAILABLE, "interrupted by a signal");
}

static enum result connect_when_ready(struct stream *stream, struct config *config,
                                      struct error *error)
{
    double until = clock_s() + START_PATIENCE_S;
    enum result result = RESULT_OK;
    do {
        result = client_open(config, &stream->client, error);
        if (result != RESULT_UNAVAILABLE) {
            return result;
        }
        pause_us(START_PAUSE_US);
        result = member_check(stream->member, error);
        if (result == RESULT_OK) {
            result = interrupted(error);
        }
    } while (result == RESULT_OK && clock_s() < until);
    return result == RESULT_OK ? error_set(error, RESULT_UNAVAILABLE,
                                           "the node of %s gives no control socket in %.0f s",
                                           stream->member->party, START_PATIENCE_S)
                               : result;
}

enum result stream_open(struct stream *stream, struct member *member, const char *partner,
                        _Atomic uint64_t *serial, struct error *error)
{
    struct config *config = calloc(1, sizeof *config);
    *stream = (struct stream){.member = member, .serial = serial};
    if (config == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a configuration");
    }
    (void)snprintf(stream->partner, sizeof stream->partner, "%s", partner);
    (void)snprintf(config->path, sizeof config->path, "%s/comesh.zpl", member->folder);
    (void)snprintf(config->control_socket, sizeof config->control_socket, "%s/%s", member->folder,
                   WIRE_SOCKET_NAME);
    enum result result = source_init(&stream->source, member->party, partner, error);
    if (result == RESULT_OK) {
        result = connect_when_ready(stream, config, error);
    }
    free(config);
    if (result != RESULT_OK) {
        stream_close(stream);
    }
    return result;
}

void stream_close(struct stream *stream)
{
    client_close(&stream->client);
    source_free(&stream->source);
}

/* ---- submitting ---- */

static enum result request(struct stream *stream, uint64_t first, size_t count, struct error *error)
{
    struct buffer *out = client_begin(stream->client, "submit", 2);
    mp_put_str(out, TEXT("send-co"));
    mp_put_array(out, count);
    for (size_t i = 0; i < count; i++) {
        mp_put_bin(out, source_document(&stream->source, first + i));
    }
    return client_send(stream->client, error);
}

static enum result answered(void *self, const struct wire_row *row, struct error *error)
{
    uint64_t *index = self;
    struct text code = wire_row_text(row, WIRE_ANSWER_CODE);
    *index = wire_row_uint(row, WIRE_ANSWER_INDEX);
    return text_equal(code, TEXT("ok"))
               ? RESULT_OK
               : error_set(error, RESULT_INTERNAL, "certificate %.*s is answered with '%.*s': %.*s",
                           TEXT_ARGS(wire_row_text(row, WIRE_ANSWER_NUMBER)), TEXT_ARGS(code),
                           TEXT_ARGS(wire_row_text(row, WIRE_ANSWER_SENTENCE)));
}

static size_t part_of(uint64_t left)
{
    return left < DOCUMENTS_AT_ONCE ? (size_t)left : DOCUMENTS_AT_ONCE;
}

enum result stream_send(struct stream *stream, uint64_t count, const char *what,
                        struct error *error)
{
    uint64_t first = atomic_fetch_add(stream->serial, count);
    uint64_t sent = 0;
    uint64_t done = 0;
    uint64_t index = 0;
    enum result result = RESULT_OK;
    while (result == RESULT_OK && done < count) {
        if (sent < count && sent - done < (uint64_t)REQUESTS_UNDER_WAY * DOCUMENTS_AT_ONCE) {
            size_t part = part_of(count - sent);
            result = request(stream, first + sent, part, error);
            sent += part;
            continue;
        }
        result = client_receive(stream->client, answered, &index, error);
        done += part_of(count - done);
        if (what != NULL) {
            progress(what, done, count);
        }
        if (result == RESULT_OK) {
            result = interrupted(error);
        }
    }
    return result;
}

enum result stream_send_one(struct stream *stream, uint64_t *index, struct error *error)
{
    enum result result = request(stream, atomic_fetch_add(stream->serial, 1), 1, error);
    return result == RESULT_OK ? client_receive(stream->client, answered, index, error) : result;
}

/* ---- reading ---- */

static enum result count_row(void *self, const struct wire_row *row, struct error *error)
{
    size_t *rows = self;
    (void)row;
    (void)error;
    (*rows)++;
    return RESULT_OK;
}

enum result stream_show(struct stream *stream, uint64_t serial, struct error *error)
{
    char number[SOURCE_NUMBER_MAX];
    size_t rows = 0;
    struct buffer *out = client_begin(stream->client, "show", 2);
    mp_put_str(out, text_of(source_number(&stream->source, serial, number)));
    mp_put_str(out, text_of(stream->source.exporter));
    enum result result = client_send(stream->client, error);
    if (result == RESULT_OK) {
        result = client_receive(stream->client, count_row, &rows, error);
    }
    return result == RESULT_OK && rows == 0
               ? error_set(error, RESULT_NOT_FOUND, "certificate %s is not shown", number)
               : result;
}

struct wanted_channel {
    const char *partner;
    struct stream_channel *channel;
};

static enum result find_channel(void *self, const struct wire_row *row, struct error *error)
{
    struct wanted_channel *wanted = self;
    (void)error;
    if (text_equal(wire_row_text(row, WIRE_CHANNEL_DIRECTION), TEXT("outgoing")) &&
        text_equal(wire_row_text(row, WIRE_CHANNEL_PARTNER), text_of(wanted->partner))) {
        wanted->channel->number = wire_row_uint(row, WIRE_CHANNEL_NUMBER);
        wanted->channel->size = wire_row_uint(row, WIRE_CHANNEL_SIZE);
        wanted->channel->receipted = wire_row_uint(row, WIRE_CHANNEL_RECEIPT_SIZE);
    }
    return RESULT_OK;
}

enum result stream_channel(struct stream *stream, struct stream_channel *channel,
                           struct error *error)
{
    struct wanted_channel wanted = {stream->partner, channel};
    *channel = (struct stream_channel){0};
    return client_ask(stream->client, "channels", find_channel, &wanted, error);
}

/* Asks the node to answer when its receipts cover `size` entries, or after a moment. */
static enum result ask_receipts(struct stream *stream, uint64_t size,
                                struct stream_channel *channel, struct error *error)
{
    struct wanted_channel wanted = {stream->partner, channel};
    struct buffer *out = client_begin(stream->client, "wait", 3);
    mp_put_uint(out, channel->number);
    mp_put_uint(out, size);
    mp_put_uint(out, WAIT_MS);
    enum result result = client_send(stream->client, error);
    return result == RESULT_OK ? client_receive(stream->client, find_channel, &wanted, error)
                               : result;
}

enum result stream_await(struct stream *stream, uint64_t size, const char *what,
                         struct error *error)
{
    struct stream_channel channel = {.number = stream->channel};
    uint64_t before = 0;
    double moved = clock_s();
    enum result result = channel.number == 0 ? stream_channel(stream, &channel, error) : RESULT_OK;
    for (; result == RESULT_OK; result = interrupted(error)) {
        stream->channel = channel.number;
        result = channel.number == 0 ? stream_channel(stream, &channel, error)
                                     : ask_receipts(stream, size, &channel, error);
        if (result != RESULT_OK || channel.receipted >= size) {
            return result;
        }
        if (channel.receipted != before) {
            before = channel.receipted;
            moved = clock_s();
        } else if (clock_s() - moved > PATIENCE_S) {
            return error_set(error, RESULT_UNAVAILABLE,
                             "no receipt of %s moves for %.0f s: %llu of %llu entries have one",
                             stream->partner, PATIENCE_S, (unsigned long long)channel.receipted,
                             (unsigned long long)size);
        }
        if (what != NULL) {
            progress(what, channel.receipted, size);
        }
    }
    return result;
}

struct weight {
    size_t rows;
    size_t bytes;
};

static enum result weigh(void *self, const struct wire_row *row, struct error *error)
{
    struct weight *weight = self;
    (void)error;
    weight->rows++;
    weight->bytes += wire_row_bytes(row, WIRE_ENTRY_BYTES).size;
    weight->bytes += wire_row_bytes(row, WIRE_ENTRY_PAYLOAD).size;
    return RESULT_OK;
}

enum result stream_entry_bytes(struct stream *stream, double *bytes, struct error *error)
{
    struct stream_channel channel = {0};
    struct weight weight = {0};
    enum result result = stream_channel(stream, &channel, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct buffer *out = client_begin(stream->client, "entries", 3);
    mp_put_uint(out, channel.number);
    mp_put_uint(out, 0);
    mp_put_uint(out, ENTRIES_LOOKED_AT);
    result = client_send(stream->client, error);
    if (result == RESULT_OK) {
        result = client_receive(stream->client, weigh, &weight, error);
    }
    if (result == RESULT_OK && weight.rows == 0) {
        result = error_set(error, RESULT_NOT_FOUND, "the channel to %s is empty", stream->partner);
    }
    *bytes = weight.rows == 0 ? 0 : (double)weight.bytes / (double)weight.rows;
    return result;
}

static enum result take_metric(void *self, const struct wire_row *row, struct error *error)
{
    struct stream_metrics *metrics = self;
    (void)error;
    for (unsigned metric = 0; metric < METRIC_COUNT; metric++) {
        if (text_equal(wire_row_text(row, WIRE_METRIC_NAME),
                       text_of(metric_name((enum metric)metric)))) {
            metrics->value[metric] = wire_row_uint(row, WIRE_METRIC_VALUE);
        }
    }
    return RESULT_OK;
}

enum result stream_metrics(struct stream *stream, struct stream_metrics *metrics,
                           struct error *error)
{
    *metrics = (struct stream_metrics){0};
    return client_ask(stream->client, "metrics", take_metric, metrics, error);
}
