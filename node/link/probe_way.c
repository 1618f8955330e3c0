/* The way to a partner: its name, its port, its key, and whether it lets us in. See probe.h. */
#include "node/link/probe_parts.h"

#include "node/link/sockopt.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

#define STATUS_REFUSED 400
#define HANDSHAKE_EVENTS                                                                           \
    (ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |                             \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |                  \
     ZMQ_EVENT_DISCONNECTED)

bool probe_await(struct probe *probe, zmq_pollitem_t item)
{
    uint64_t until_ms = trying_now_ms(&probe->trying) + TRYING_STEP_MS;
    uint64_t now_ms = until_ms - TRYING_STEP_MS;
    zmq_pollitem_t items[] = {item, {.fd = probe->trying.home.wake_fd, .events = ZMQ_POLLIN}};
    while (now_ms < until_ms && !trying_stops(&probe->trying)) {
        (void)zmq_poll(items, 2, (long)(until_ms - now_ms));
        if (items[0].revents != 0) {
            return true;
        }
        (void)queue_take(&probe->trying.home);
        now_ms = trying_now_ms(&probe->trying);
    }
    return false;
}

/* ---- name ---- */

/* The endpoint at which the newest key serves that is valid now. */
static void choose_endpoint(struct probe *probe)
{
    const struct card *card = probe->card;
    const struct card_key *newest = NULL;
    uint64_t now_s = world_wall_ms(probe->trying.flow->world) / 1000;
    for (size_t i = 0; i < card->key_count[KEY_TRANSPORT]; i++) {
        const struct card_key *key = &card->keys[KEY_TRANSPORT][i];
        if (card_key_is_valid(key, now_s) && (newest == NULL || key->from_s > newest->from_s)) {
            newest = key;
        }
    }
    (void)snprintf(probe->endpoint, sizeof probe->endpoint, "%s",
                   newest == NULL ? card->mesh_endpoint : card_key_endpoint(card, newest));
}

static void tell_addresses(struct probe *probe, const struct lookup *lookup)
{
    struct buffer list = {0};
    for (size_t i = 0; i < lookup_count(lookup); i++) {
        buffer_printf(&list, "%s%s", i == 0 ? "" : ", ", lookup_endpoint(lookup, i));
    }
    trial_add(&probe->trying.trial, "name", TRIAL_OK, NULL, "%s leads to %.*s", probe->endpoint,
              TEXT_ARGS(buffer_view(&list)));
    buffer_free(&list);
}

bool probe_name(struct probe *probe, struct lookup **lookup)
{
    struct error error;
    const zmq_pollitem_t woken = {.fd = probe->trying.home.wake_fd, .events = ZMQ_POLLIN};
    choose_endpoint(probe);
    if (lookup_start(probe->endpoint, &probe->trying.home, lookup, &error) != RESULT_OK) {
        trial_add(&probe->trying.trial, "name", TRIAL_FAILED,
                  "ask the partner for a card that is right", "%s", error.message);
        return false;
    }
    while (!lookup_is_done(*lookup) && probe_await(probe, woken)) {
        (void)queue_take(&probe->trying.home);
    }
    if (!lookup_is_done(*lookup)) {
        trial_add(&probe->trying.trial, "name", TRIAL_FAILED,
                  "see whether the name server that this machine asks answers",
                  "the name in %s was not looked up within %d s", probe->endpoint,
                  TRYING_STEP_MS / 1000);
        return false;
    }
    if (lookup_count(*lookup) == 0) {
        trial_add(&probe->trying.trial, "name", TRIAL_FAILED,
                  "check the name on the partner's card, and the name server of this machine",
                  "the name in %s is not found: %s", probe->endpoint, lookup_problem(*lookup));
        return false;
    }
    tell_addresses(probe, *lookup);
    return true;
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
        if (probe_await(probe, (zmq_pollitem_t){.fd = fd, .events = ZMQ_POLLOUT}) &&
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) != 0) {
            problem = errno;
        }
    }
    (void)close(fd);
    return problem;
}

bool probe_tcp(struct probe *probe, const struct lookup *lookup)
{
    int problem = EHOSTUNREACH;
    for (size_t i = 0; i < lookup_count(lookup) && !trying_stops(&probe->trying); i++) {
        struct addrinfo *address = address_of(lookup_endpoint(lookup, i));
        uint64_t start_ns = world_steady_ns(probe->trying.flow->world);
        problem = address == NULL ? EINVAL : connect_to(probe, address);
        if (address != NULL) {
            freeaddrinfo(address);
        }
        if (problem == 0) {
            uint64_t took_us = (world_steady_ns(probe->trying.flow->world) - start_ns) / 1000;
            (void)snprintf(probe->address, sizeof probe->address, "%s", lookup_endpoint(lookup, i));
            trial_add(&probe->trying.trial, "tcp", TRIAL_OK, NULL,
                      "%s answers in %" PRIu64 ".%03" PRIu64 " ms", probe->address, took_us / 1000,
                      took_us % 1000);
            return true;
        }
    }
    trial_add(&probe->trying.trial, "tcp", TRIAL_FAILED,
              problem == ECONNREFUSED
                  ? "ask the partner whether its node runs, and whether it listens there"
                  : "check the firewalls of both sides and the way between them",
              "nobody answers at %s: %s", probe->endpoint, strerror(problem));
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
    (void)probe_await(probe, (zmq_pollitem_t){.socket = monitor->pair, .events = ZMQ_POLLIN});
    (void)monitor_next(monitor, &event);
    return event;
}

/* What the handshake with one key of the card says. True when it is the last word. */
static bool judge_handshake(struct probe *probe, const struct monitor_event *event)
{
    struct trial *trial = &probe->trying.trial;
    char remedy[TRIAL_SENTENCE_BYTES];
    if (event->event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
        trial_add(trial, "curve", TRIAL_OK, NULL, "%s has the transport key of its card",
                  probe->trying.party);
        trial_add(trial, "admission", TRIAL_OK, NULL, "%s admits our transport key",
                  probe->trying.party);
        return true;
    }
    if (event->event != ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
        return false;
    }
    trial_add(trial, "curve", TRIAL_OK, NULL, "%s has the transport key of its card",
              probe->trying.party);
    (void)snprintf(remedy, sizeof remedy,
                   event->value == STATUS_REFUSED
                       ? "give %s our newest card (`comesh card export`); its people import it"
                       : "%s turns us away for a while: its node stops, or something of ours was "
                         "no frame; try again in five minutes",
                   probe->trying.party);
    trial_add(trial, "admission", TRIAL_FAILED, remedy, "%s does not admit our transport key (%u)",
              probe->trying.party, event->value);
    return true;
}

void *probe_handshake(struct probe *probe, const struct keypair *own, uint64_t now_s,
                      struct monitor *monitor)
{
    struct error error = {.message = "no key of its card is valid now"};
    for (size_t i = 0; i < probe->card->key_count[KEY_TRANSPORT]; i++) {
        const struct card_key *key = &probe->card->keys[KEY_TRANSPORT][i];
        if (!card_key_is_valid(key, now_s) ||
            strcmp(card_key_endpoint(probe->card, key), probe->endpoint) != 0) {
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
    trial_add(&probe->trying.trial, "curve", TRIAL_FAILED,
              "compare its newest card: another key serves there, or it is no node; one that is "
              "stopping or turns us away for a while is silent, too",
              "no handshake with %s at %s: %s", probe->trying.party, probe->address, error.message);
    return NULL;
}
