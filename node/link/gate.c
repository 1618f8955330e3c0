/* The ZAP handler. See gate.h. */
#include "node/link/gate.h"

#include "node/core/log.h"
#include "node/core/task.h"
#include "node/link/sockopt.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#define ZAP_ENDPOINT   "inproc://zeromq.zap.01"
#define ZAP_VERSION    "1.0"
#define ZAP_ID_MAX     255
#define ZAP_PART_BYTES 256 /* no part of a request that we take is longer */
#define GATE_BANS_MAX  64

/* RFC 27: the parts of a request with the mechanism CURVE, in their order. */
enum zap_part {
    ZAP_PART_VERSION,
    ZAP_PART_ID,
    ZAP_PART_DOMAIN,
    ZAP_PART_ADDRESS,
    ZAP_PART_IDENTITY,
    ZAP_PART_MECHANISM,
    ZAP_PART_KEY,
    ZAP_PARTS,
};

struct zap_request {
    uint8_t parts[ZAP_PARTS][ZAP_PART_BYTES];
    size_t sizes[ZAP_PARTS];
    size_t count;
    bool oversized;
};

struct zap_answer {
    const char *status;
    const char *reason;
    char party[PARTY_MAX_BYTES];
    char key[41];
};

struct gate_ban {
    char party[PARTY_MAX_BYTES];
    uint64_t until_ms;
};

struct gate {
    struct flow *flow;
    struct task *task;
    void *context;
    void *socket;
    int wake_fd;
    atomic_bool shut;
    pthread_mutex_t lock;
    struct gate_ban bans[GATE_BANS_MAX]; /* under the lock */
    size_t ban_next;
    uint64_t logged_s; /* a second has at most one line about strangers */
    unsigned long long unlogged;
};

/* 400 ends the client's session for good and 300 lets it come again, so 400 is for what does not
 * heal by itself and 300 for what may. */
#define STATUS_IN        "200"
#define STATUS_LATER     "300"
#define STATUS_OUT       "400"
#define STATUS_MALFORMED "500"

static struct bytes part(const struct zap_request *request, enum zap_part which)
{
    return (struct bytes){request->parts[which], request->sizes[which]};
}

static bool part_is(const struct zap_request *request, enum zap_part which, const char *text)
{
    return bytes_equal(part(request, which), text_bytes(text_of(text)));
}

/* Takes a whole request, with more parts and longer ones than there may be; false when none came.
 */
static bool receive(void *socket, struct zap_request *request)
{
    int more = 1;
    request->count = 0;
    request->oversized = false;
    while (more != 0) {
        uint8_t spare[ZAP_PART_BYTES];
        bool has_place = request->count < ZAP_PARTS;
        uint8_t *into = has_place ? request->parts[request->count] : spare;
        int size = zmq_recv(socket, into, ZAP_PART_BYTES, ZMQ_DONTWAIT);
        if (size < 0) {
            return false;
        }
        request->oversized = request->oversized || size > ZAP_PART_BYTES;
        if (has_place) {
            request->sizes[request->count] = (size_t)size;
        }
        request->count++;
        size_t length = sizeof more;
        if (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &length) != 0) {
            return false;
        }
    }
    return true;
}

static const char *malformed(const struct zap_request *request)
{
    if (request->count != ZAP_PARTS || request->oversized) {
        return "not seven parts of a sane length";
    }
    if (!part_is(request, ZAP_PART_VERSION, ZAP_VERSION)) {
        return "not version 1.0";
    }
    if (request->sizes[ZAP_PART_ID] > ZAP_ID_MAX) {
        return "request id too long";
    }
    if (!part_is(request, ZAP_PART_DOMAIN, LINK_ZAP_DOMAIN)) {
        return "another domain";
    }
    if (!part_is(request, ZAP_PART_MECHANISM, "CURVE")) {
        return "another mechanism than CURVE";
    }
    if (request->sizes[ZAP_PART_KEY] != KEY_PUBLIC_BYTES) {
        return "not a key of 32 bytes";
    }
    return NULL;
}

static bool is_banned(struct gate *gate, const char *party, uint64_t now_ms)
{
    bool banned = false;
    (void)pthread_mutex_lock(&gate->lock);
    for (size_t i = 0; i < GATE_BANS_MAX && !banned; i++) {
        banned = strcmp(gate->bans[i].party, party) == 0 && now_ms < gate->bans[i].until_ms;
    }
    (void)pthread_mutex_unlock(&gate->lock);
    return banned;
}

static void decide(struct gate *gate, const struct zap_request *request, struct zap_answer *answer)
{
    uint64_t now_ms = world_wall_ms(gate->flow->world);
    answer->reason = malformed(request);
    if (answer->reason != NULL) {
        answer->status = STATUS_MALFORMED;
        return;
    }
    key_z85(request->parts[ZAP_PART_KEY], answer->key);
    struct directory *directory = flow_directory(gate->flow);
    const struct card *card =
        directory_transport(directory, request->parts[ZAP_PART_KEY], now_ms / 1000);
    if (atomic_load(&gate->shut)) {
        answer->status = STATUS_LATER;
        answer->reason = "not now";
    } else if (card == NULL) {
        answer->status = STATUS_OUT;
        answer->reason = "no card has this key";
    } else if (is_banned(gate, card->party, now_ms)) {
        answer->status = STATUS_LATER;
        answer->reason = "turned away for a while";
    } else {
        answer->status = STATUS_IN;
        answer->reason = "admitted";
        memcpy(answer->party, card->party, sizeof answer->party);
    }
    directory_release(&directory);
}

/* A property as ZMTP (ZeroMQ RFC 23) writes it in metadata: both lengths are short here. */
static size_t property(struct text name, struct text value, uint8_t out[ZAP_PART_BYTES])
{
    const uint8_t length[4] = {0, 0, 0, (uint8_t)value.size};
    uint8_t *at = out;
    *at++ = (uint8_t)name.size;
    memcpy(at, name.data, name.size);
    at += name.size;
    memcpy(at, length, sizeof length);
    at += sizeof length;
    memcpy(at, value.data, value.size);
    return (size_t)(at - out) + value.size;
}

static void reply(struct gate *gate, const struct zap_request *request,
                  const struct zap_answer *answer)
{
    bool in = answer->party[0] != '\0';
    bool has_id = request->count > ZAP_PART_ID && request->sizes[ZAP_PART_ID] <= ZAP_ID_MAX;
    uint8_t metadata[ZAP_PART_BYTES];
    const struct bytes parts[] = {
        text_bytes(TEXT(ZAP_VERSION)),
        has_id ? part(request, ZAP_PART_ID) : (struct bytes){NULL, 0},
        text_bytes(text_of(answer->status)),
        text_bytes(text_of(answer->reason)),
        text_bytes(text_of(answer->party)),
        {metadata, in ? property(TEXT(GATE_KEY_PROPERTY), text_of(answer->key), metadata) : 0},
    };
    const size_t count = sizeof parts / sizeof parts[0];
    for (size_t i = 0; i < count; i++) {
        int flags = ZMQ_DONTWAIT | (i + 1 < count ? ZMQ_SNDMORE : 0);
        if (zmq_send(gate->socket, parts[i].data, parts[i].size, flags) < 0) {
            return;
        }
    }
}

/* Strangers may knock as often as they like, but not fill the log. */
static void tell(struct gate *gate, const struct zap_request *request,
                 const struct zap_answer *answer)
{
    bool in = answer->party[0] != '\0';
    metrics_add(gate->flow->metrics, in ? METRIC_ADMISSIONS : METRIC_REJECTIONS, 1);
    uint64_t now_s = world_wall_ms(gate->flow->world) / 1000;
    if (!in && now_s == gate->logged_s) {
        gate->unlogged++;
        return;
    }
    char address[ZAP_PART_BYTES + 1] = "?";
    char quoted[2 * ZAP_PART_BYTES];
    if (request->count > ZAP_PART_ADDRESS && !request->oversized) {
        struct bytes from = part(request, ZAP_PART_ADDRESS);
        (void)snprintf(address, sizeof address, "%.*s", TEXT_ARGS(bytes_text(from)));
    }
    (void)log_quote(address, quoted, sizeof quoted);
    if (in) {
        log_event(LOG_LEVEL_INFO, "gate", "admitted", "partner=%s address=%s", answer->party,
                  quoted);
        return;
    }
    log_event(LOG_LEVEL_WARNING, "gate", "turned away",
              "status=%s reason=\"%s\" address=%s key=\"%s\" unlogged=%llu", answer->status,
              answer->reason, quoted, answer->key, gate->unlogged);
    gate->logged_s = now_s;
    gate->unlogged = 0;
}

static void serve(struct gate *gate)
{
    struct zap_request request;
    while (receive(gate->socket, &request)) {
        struct zap_answer answer = {0};
        decide(gate, &request, &answer);
        reply(gate, &request, &answer);
        tell(gate, &request, &answer);
    }
}

static enum result open_socket(struct gate *gate, struct error *error)
{
    int zero = 0;
    gate->socket = zmq_socket(gate->context, ZMQ_REP);
    if (gate->socket == NULL) {
        return error_system(error, zmq_errno(), "gate: REP socket");
    }
    if (zmq_setsockopt(gate->socket, ZMQ_LINGER, &zero, sizeof zero) != 0 ||
        zmq_bind(gate->socket, ZAP_ENDPOINT) != 0) {
        enum result result = error_set(error, RESULT_INTERNAL, "gate: bind " ZAP_ENDPOINT ": %s",
                                       zmq_strerror(zmq_errno()));
        (void)zmq_close(gate->socket);
        return result;
    }
    return RESULT_OK;
}

static void run(struct task *task, void *state)
{
    struct gate *gate = state;
    struct error error;
    enum result result = open_socket(gate, &error);
    task_started(task, result, &error);
    if (result != RESULT_OK) {
        return;
    }
    while (!task_stopping(task)) {
        zmq_pollitem_t items[] = {{.socket = gate->socket, .events = ZMQ_POLLIN},
                                  {.fd = gate->wake_fd, .events = ZMQ_POLLIN}};
        (void)zmq_poll(items, sizeof items / sizeof items[0], -1);
        serve(gate);
    }
    (void)zmq_close(gate->socket);
}

static void gate_free(struct gate *gate)
{
    if (gate->wake_fd >= 0) {
        (void)close(gate->wake_fd);
    }
    (void)pthread_mutex_destroy(&gate->lock);
    free(gate);
}

enum result gate_start(void *context, struct flow *flow, struct gate **gate, struct error *error)
{
    *gate = NULL;
    struct gate *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "gate: no memory");
    }
    made->flow = flow;
    made->context = context;
    atomic_init(&made->shut, false);
    (void)pthread_mutex_init(&made->lock, NULL);
    made->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    enum result result = made->wake_fd < 0
                             ? error_set(error, RESULT_IO, "gate: eventfd for the wake-up")
                             : task_start("gate", run, made, &made->task, error);
    if (result != RESULT_OK) {
        gate_free(made);
        return result;
    }
    *gate = made;
    return RESULT_OK;
}

void gate_ban(struct gate *gate, struct text party, uint64_t until_ms)
{
    (void)pthread_mutex_lock(&gate->lock);
    struct gate_ban *ban = &gate->bans[gate->ban_next++ % GATE_BANS_MAX];
    (void)snprintf(ban->party, sizeof ban->party, "%.*s", TEXT_ARGS(party));
    ban->until_ms = until_ms;
    (void)pthread_mutex_unlock(&gate->lock);
}

void gate_shut(struct gate *gate)
{
    atomic_store(&gate->shut, true);
}

void gate_stop(struct gate **gate)
{
    if (*gate == NULL) {
        return;
    }
    task_ask_stop((*gate)->task, (*gate)->wake_fd);
    task_join(&(*gate)->task);
    gate_free(*gate);
    *gate = NULL;
}
