/* Trying out the way to a partner. See probe.h. */
#include "node/link/probe.h"

#include "node/core/task.h"
#include "node/flow/own.h"
#include "node/flow/trust.h"
#include "node/link/lookup.h"
#include "node/link/monitor.h"
#include "node/link/sockopt.h"
#include "proto/frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#define STEP_MS        5000 /* of one step */
#define STATUS_REFUSED 400
#define HANDSHAKE_EVENTS                                                                           \
    (ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |                             \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |                  \
     ZMQ_EVENT_DISCONNECTED)

struct probe {
    void *context;
    struct flow *flow;
    struct queue *asker;
    struct task *task;
    struct task *running; /* the same, as the task itself knows it */
    struct queue home;    /* wakes the probe: a look-up is done, or it is to stop */
    struct link_partner lane;
    char party[PARTY_MAX_BYTES];
    struct directory *directory;
    const struct card *card;
    char address[ENDPOINT_MAX_BYTES]; /* that answered */
    struct trial trial;
    atomic_bool done;
};

static uint64_t steady_ms(const struct probe *probe)
{
    return world_steady_ns(probe->flow->world) / 1000000;
}

/* Waits until the item is ready; false after STEP_MS, and when the probe is to stop. */
static bool await(struct probe *probe, zmq_pollitem_t item)
{
    uint64_t until_ms = steady_ms(probe) + STEP_MS;
    uint64_t now_ms = until_ms - STEP_MS;
    zmq_pollitem_t items[] = {item, {.fd = probe->home.wake_fd, .events = ZMQ_POLLIN}};
    while (now_ms < until_ms && !task_stopping(probe->running)) {
        (void)zmq_poll(items, 2, (long)(until_ms - now_ms));
        if (items[0].revents != 0) {
            return true;
        }
        (void)queue_take(&probe->home);
        now_ms = steady_ms(probe);
    }
    return false;
}

/* ---- name ---- */

static bool look_up(struct probe *probe, struct lookup **lookup)
{
    struct error error;
    const zmq_pollitem_t woken = {.fd = probe->home.wake_fd, .events = ZMQ_POLLIN};
    if (lookup_start(probe->card->mesh_endpoint, &probe->home, lookup, &error) != RESULT_OK) {
        trial_add(&probe->trial, "name", TRIAL_FAILED, "ask the partner for a card that is right",
                  "%s", error.message);
        return false;
    }
    while (!lookup_is_done(*lookup) && await(probe, woken)) {
        (void)queue_take(&probe->home);
    }
    if (!lookup_is_done(*lookup)) {
        trial_add(&probe->trial, "name", TRIAL_FAILED,
                  "see whether the name server that this machine asks answers",
                  "the name in %s was not looked up within %d s", probe->card->mesh_endpoint,
                  STEP_MS / 1000);
        return false;
    }
    if (lookup_count(*lookup) == 0) {
        trial_add(&probe->trial, "name", TRIAL_FAILED,
                  "check the name on the partner's card, and the name server of this machine",
                  "the name in %s is not found: %s", probe->card->mesh_endpoint,
                  lookup_problem(*lookup));
        return false;
    }
    return true;
}

static void tell_addresses(struct probe *probe, const struct lookup *lookup)
{
    struct buffer list = {0};
    for (size_t i = 0; i < lookup_count(lookup); i++) {
        buffer_printf(&list, "%s%s", i == 0 ? "" : ", ", lookup_endpoint(lookup, i));
    }
    trial_add(&probe->trial, "name", TRIAL_OK, NULL, "%s leads to %.*s", probe->card->mesh_endpoint,
              TEXT_ARGS(buffer_view(&list)));
    buffer_free(&list);
}

/* ---- TCP ---- */

/* The address of tcp://HOST:PORT or tcp://[HOST]:PORT, which needs no looking up. */
static struct addrinfo *address_of(const char *endpoint)
{
    char host[ENDPOINT_MAX_BYTES];
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    const char *start = endpoint + strlen("tcp://");
    const char *port = strrchr(start, ':');
    size_t size = (size_t)(port - start);
    if (start[0] == '[') {
        start++;
        size -= 2;
    }
    (void)snprintf(host, sizeof host, "%.*s", (int)size, start);
    return getaddrinfo(host, port + 1, &hints, &found) == 0 ? found : NULL;
}

/* 0, or the errno of what went wrong. */
static int connect_to(struct probe *probe, const struct addrinfo *address)
{
    int problem = 0;
    socklen_t size = sizeof problem;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0) {
        problem = errno;
    }
    if (problem == EINPROGRESS) {
        problem = ETIMEDOUT;
        if (await(probe, (zmq_pollitem_t){.fd = fd, .events = ZMQ_POLLOUT}) &&
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) != 0) {
            problem = errno;
        }
    }
    (void)close(fd);
    return problem;
}

/* The first address at which somebody answers. */
static bool try_tcp(struct probe *probe, const struct lookup *lookup)
{
    int problem = EHOSTUNREACH;
    for (size_t i = 0; i < lookup_count(lookup) && !task_stopping(probe->running); i++) {
        struct addrinfo *address = address_of(lookup_endpoint(lookup, i));
        uint64_t start_ns = world_steady_ns(probe->flow->world);
        problem = address == NULL ? EINVAL : connect_to(probe, address);
        if (address != NULL) {
            freeaddrinfo(address);
        }
        if (problem == 0) {
            uint64_t took_us = (world_steady_ns(probe->flow->world) - start_ns) / 1000;
            (void)snprintf(probe->address, sizeof probe->address, "%s", lookup_endpoint(lookup, i));
            trial_add(&probe->trial, "tcp", TRIAL_OK, NULL,
                      "%s answers in %" PRIu64 ".%03" PRIu64 " ms", probe->address, took_us / 1000,
                      took_us % 1000);
            return true;
        }
    }
    trial_add(&probe->trial, "tcp", TRIAL_FAILED,
              problem == ECONNREFUSED
                  ? "ask the partner whether its node runs, and whether it listens there"
                  : "check the firewalls of both sides and the way between them",
              "nobody answers at %s: %s", probe->card->mesh_endpoint, strerror(problem));
    return false;
}

/* ---- CURVE and admission ---- */

static void *dial(struct probe *probe, const struct keypair *own, const uint8_t *server_key,
                  struct monitor *monitor, struct error *error)
{
    void *dealer = NULL;
    enum result result = sockopt_dealer(probe->context, own, server_key, &dealer, error);
    if (result == RESULT_OK) {
        result = monitor_open(probe->context, dealer, HANDSHAKE_EVENTS, monitor, error);
    }
    if (result == RESULT_OK) {
        result = sockopt_family(dealer, probe->address, error);
    }
    if (result == RESULT_OK && zmq_connect(dealer, probe->address) != 0) {
        result = error_set(error, RESULT_IO, "%s: %s", probe->address, zmq_strerror(zmq_errno()));
    }
    if (result != RESULT_OK && dealer != NULL) {
        monitor_close(monitor);
        (void)zmq_close(dealer);
        dealer = NULL;
    }
    return dealer;
}

/* The event that ended the handshake; event 0 when none came in time. */
static struct monitor_event await_handshake(struct probe *probe, struct monitor *monitor)
{
    struct monitor_event event = {0};
    (void)await(probe, (zmq_pollitem_t){.socket = monitor->pair, .events = ZMQ_POLLIN});
    (void)monitor_next(monitor, &event);
    return event;
}

/* What the handshake with one key of the card says. True when it is the last word. */
static bool judge_handshake(struct probe *probe, const struct monitor_event *event)
{
    struct trial *trial = &probe->trial;
    char remedy[TRIAL_SENTENCE_BYTES];
    if (event->event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
        trial_add(trial, "curve", TRIAL_OK, NULL, "%s has the transport key of its card",
                  probe->party);
        trial_add(trial, "admission", TRIAL_OK, NULL, "%s admits our transport key", probe->party);
        return true;
    }
    if (event->event != ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
        return false;
    }
    trial_add(trial, "curve", TRIAL_OK, NULL, "%s has the transport key of its card", probe->party);
    (void)snprintf(remedy, sizeof remedy,
                   event->value == STATUS_REFUSED
                       ? "give %s our newest card (`comesh card export`); its people import it"
                       : "%s turns us away for a while: its node stops, or something of ours was "
                         "no frame; try again in five minutes",
                   probe->party);
    trial_add(trial, "admission", TRIAL_FAILED, remedy, "%s does not admit our transport key (%u)",
              probe->party, event->value);
    return true;
}

/* Tries the keys of the card one after the other; gives the connection when we are admitted. */
static void *shake_hands(struct probe *probe, const struct keypair *own, uint64_t now_s,
                         struct monitor *monitor)
{
    struct error error = {.message = "no key of its card is valid now"};
    for (size_t i = 0; i < probe->card->key_count[KEY_TRANSPORT]; i++) {
        const struct card_key *key = &probe->card->keys[KEY_TRANSPORT][i];
        if (!card_key_is_valid(key, now_s)) {
            continue;
        }
        void *dealer = dial(probe, own, key->public_key, monitor, &error);
        if (dealer == NULL) {
            continue;
        }
        struct monitor_event event = await_handshake(probe, monitor);
        bool judged = judge_handshake(probe, &event);
        if (judged && event.event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
            return dealer;
        }
        monitor_close(monitor);
        (void)zmq_close(dealer);
        if (judged) {
            return NULL;
        }
        (void)error_set(&error, RESULT_UNTRUSTED, "the handshake ended without a word");
    }
    trial_add(&probe->trial, "curve", TRIAL_FAILED,
              "compare its newest card: another key serves there, or it is no node; one that is "
              "stopping or turns us away for a while is silent, too",
              "no handshake with %s at %s: %s", probe->party, probe->address, error.message);
    return NULL;
}

/* ---- hello ---- */

static void say_hello(const struct probe *probe, const struct card *own, struct buffer *frame,
                      void *dealer)
{
    char origin[ORIGIN_MAX_BYTES];
    struct error error;
    if (flow_origin(probe->flow, text_of(probe->party), origin, &error) != RESULT_OK) {
        return;
    }
    const struct frame_hello hello = {
        .versions = {LANE_VERSION, LANE_VERSION - 1, LANE_VERSION_OLDEST},
        .version_count = 3,
        .party = text_of(own->party),
        .environment = text_of(own->environment),
        .origin = text_of(origin),
        .card_serial = own->serial,
        .time_ms = world_wall_ms(probe->flow->world)};
    frame_hello_pack(&hello, frame);
    (void)zmq_send(dealer, frame->data, frame->size, ZMQ_DONTWAIT);
}

static void judge_answer(struct probe *probe, const struct frame *frame)
{
    struct trial *trial = &probe->trial;
    uint64_t now_ms = world_wall_ms(probe->flow->world);
    if (frame->kind == FRAME_WELCOME) {
        trial_add(trial, "hello", TRIAL_OK, NULL, "%s answers, and speaks version %u of the lane",
                  probe->party, frame->welcome.version);
        trial_clock(probe->party, (int64_t)(frame->welcome.time_ms - now_ms), trial);
    } else if (frame->kind == FRAME_REFUSE) {
        trial_add(trial, "hello", TRIAL_FAILED, "what its sentence says; see also `comesh status`",
                  "%s refuses (%s): %.*s", probe->party, refusal_text(frame->refuse.refusal),
                  TEXT_ARGS(frame->refuse.sentence));
    } else {
        trial_add(trial, "hello", TRIAL_FAILED, "ask the partner which software it runs",
                  "%s answers a hello with a frame of kind %u", probe->party,
                  (unsigned)frame->kind);
    }
}

static void greet(struct probe *probe, const struct card *own, void *dealer)
{
    struct buffer hello = {0};
    struct arena arena = {0};
    struct error error;
    struct frame frame;
    zmq_msg_t answer;
    say_hello(probe, own, &hello, dealer);
    (void)zmq_msg_init(&answer);
    (void)await(probe, (zmq_pollitem_t){.socket = dealer, .events = ZMQ_POLLIN});
    if (zmq_msg_recv(&answer, dealer, ZMQ_DONTWAIT) < 0) {
        trial_add(&probe->trial, "hello", TRIAL_FAILED,
                  "ask the partner to look at its node: it is overloaded or stuck",
                  "%s does not answer a hello within %d s", probe->party, STEP_MS / 1000);
    } else if (frame_unpack((struct bytes){zmq_msg_data(&answer), zmq_msg_size(&answer)}, &arena,
                            &frame, &error) == RESULT_OK) {
        judge_answer(probe, &frame);
    } else {
        trial_add(&probe->trial, "hello", TRIAL_FAILED, "ask the partner which software it runs",
                  "%s answers a hello with what is no frame: %s", probe->party, error.message);
    }
    (void)zmq_msg_close(&answer);
    buffer_free(&hello);
    arena_free(&arena);
}

/* What the lane that is open knows, so that the probe need not say hello. */
static bool lane_knows(struct probe *probe)
{
    const struct link_partner *lane = &probe->lane;
    if (lane->outgoing != LANE_OPEN && lane->incoming != LANE_OPEN) {
        return false;
    }
    trial_add(&probe->trial, "hello", TRIAL_OK, NULL,
              "a lane is open (ours %s, theirs %s), version %u", lane_state_text(lane->outgoing),
              lane_state_text(lane->incoming), lane->version);
    trial_clock(probe->party, lane->clock_ahead_ms, &probe->trial);
    return true;
}

/* ---- the task ---- */

static void try_way(struct probe *probe)
{
    struct lookup *lookup = NULL;
    struct monitor monitor = {0};
    struct error error;
    struct own own = own_of(probe->flow);
    const struct keypair *key =
        own_key(&own, KEY_TRANSPORT, trust_known_serial(probe->flow->trust, probe->party), &error);
    void *dealer = NULL;
    bool there = look_up(probe, &lookup);
    if (there) {
        tell_addresses(probe, lookup);
        there = try_tcp(probe, lookup);
    }
    if (there && key == NULL) {
        trial_add(&probe->trial, "curve", TRIAL_FAILED, "see `comesh key list`", "%s",
                  error.message);
    } else if (there) {
        dealer = shake_hands(probe, key, own.now_s, &monitor);
    }
    if (!lane_knows(probe) && dealer != NULL) {
        greet(probe, own.card, dealer);
    }
    monitor_close(&monitor);
    if (dealer != NULL) {
        (void)zmq_close(dealer);
    }
    lookup_end(&lookup);
    own_release(&own);
}

static void run(struct task *task, void *state)
{
    struct probe *probe = state;
    probe->running = task;
    task_started(task, RESULT_OK, NULL);
    trial_cards(probe->flow, probe->card, &probe->trial);
    if (probe->card->mesh_endpoint[0] == '\0') {
        trial_add(&probe->trial, "name", TRIAL_SKIPPED, NULL,
                  "the card of %s names no endpoint: it dials us", probe->party);
        if (!lane_knows(probe)) {
            trial_add(&probe->trial, "hello", TRIAL_FAILED,
                      "ask the partner whether its node runs, and to run this test there",
                      "%s has not come to us%s%s", probe->party,
                      probe->lane.trouble[0] == '\0' ? "" : ": ", probe->lane.trouble);
        }
    } else {
        try_way(probe);
    }
    trial_agreements(probe->flow, probe->card, &probe->trial);
    atomic_store(&probe->done, true);
    queue_wake(probe->asker);
}

enum result probe_start(void *context, struct flow *flow, struct board *board, const char *party,
                        struct queue *asker, struct probe **probe, struct error *error)
{
    *probe = NULL;
    struct probe *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "partner '%s': no memory to test it", party);
    }
    made->context = context;
    made->flow = flow;
    made->asker = asker;
    made->home.wake_fd = -1;
    made->directory = flow_directory(flow);
    made->card = directory_party(made->directory, text_of(party));
    (void)snprintf(made->party, sizeof made->party, "%s", party);
    board_find(board, party, &made->lane);
    enum result result = made->card == NULL ? error_set(error, RESULT_NOT_FOUND,
                                                        "no card of '%s' is held any more", party)
                                            : queue_init(&made->home, error);
    if (result == RESULT_OK) {
        result = task_start("probe", run, made, &made->task, error);
    }
    if (result != RESULT_OK) {
        probe_end(&made);
    }
    *probe = made;
    return result;
}

bool probe_is_done(const struct probe *probe)
{
    return atomic_load(&probe->done);
}

const struct trial *probe_trial(const struct probe *probe)
{
    return &probe->trial;
}

void probe_end(struct probe **probe)
{
    struct probe *gone = *probe;
    if (gone == NULL) {
        return;
    }
    if (gone->task != NULL) {
        task_ask_stop(gone->task, gone->home.wake_fd);
        task_join(&gone->task);
    }
    queue_close(&gone->home);
    directory_release(&gone->directory);
    free(gone);
    *probe = NULL;
}
