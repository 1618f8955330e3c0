/* A raw DEALER beside whole nodes, for what no node sends: it dials with a transport key, as libzmq
 * lets anybody do, and says what it likes. */
#ifndef COMESH_TESTS_RAW_PEER_H
#define COMESH_TESTS_RAW_PEER_H

#include "node/link/sockopt.h"
#include "tests/unit/node_fixture.h"

#include <zmq.h>

struct raw {
    void *context;
    void *dealer;
    void *monitor;
};

/* Dials `server` with a transport key, as libzmq lets anybody do; `id` may be NULL. */
static inline struct raw raw_dial(const struct mesh_node *server, const struct keypair *own,
                                  const char *id)
{
    static int opened;
    char monitor[32];
    struct raw raw = {.context = zmq_ctx_new()};
    assert_ok(sockopt_dealer(raw.context, own, keypair_public(server->keys[KEY_TRANSPORT]),
                             &raw.dealer, &error));
    int64_t no_limit = -1;
    (void)zmq_setsockopt(raw.dealer, ZMQ_MAXMSGSIZE, &no_limit, sizeof no_limit);
    if (id != NULL) {
        ck_assert_int_eq(zmq_setsockopt(raw.dealer, ZMQ_ROUTING_ID, id, strlen(id)), 0);
    }
    (void)snprintf(monitor, sizeof monitor, "inproc://raw-%d", opened++);
    ck_assert_int_eq(zmq_socket_monitor(raw.dealer, monitor, ZMQ_EVENT_ALL), 0);
    raw.monitor = zmq_socket(raw.context, ZMQ_PAIR);
    ck_assert_int_eq(zmq_connect(raw.monitor, monitor), 0);
    assert_ok(sockopt_family(raw.dealer, server->card.mesh_endpoint, &error));
    ck_assert_int_eq(zmq_connect(raw.dealer, server->card.mesh_endpoint), 0);
    return raw;
}

/* Waits for one event of the mask and gives its value; -1 when none comes. */
static inline int64_t raw_event(const struct raw *raw, int events, int wait_ms)
{
    uint64_t until_ms = fixture_now_ms() + (uint64_t)wait_ms;
    while (fixture_now_ms() < until_ms) {
        zmq_pollitem_t item = {.socket = raw->monitor, .events = ZMQ_POLLIN};
        uint8_t frame[6];
        char address[256];
        uint16_t event;
        uint32_t value;
        if (zmq_poll(&item, 1, (long)(until_ms - fixture_now_ms())) <= 0) {
            continue;
        }
        ck_assert_int_eq(zmq_recv(raw->monitor, frame, sizeof frame, 0), sizeof frame);
        (void)zmq_recv(raw->monitor, address, sizeof address, 0);
        memcpy(&event, frame, sizeof event);
        memcpy(&value, frame + sizeof event, sizeof value);
        if ((event & events) != 0) {
            return value;
        }
    }
    return -1;
}

static inline bool raw_is_admitted(const struct raw *raw)
{
    return raw_event(raw, ZMQ_EVENT_HANDSHAKE_SUCCEEDED, FIXTURE_WAIT_MS) >= 0;
}

/* The status with which the gate refuses; -1 when it does not. */
static inline int64_t raw_refused(const struct raw *raw)
{
    return raw_event(raw, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, FIXTURE_WAIT_MS);
}

static inline bool raw_is_cut_off(const struct raw *raw)
{
    return raw_event(raw, ZMQ_EVENT_DISCONNECTED, FIXTURE_WAIT_MS) >= 0;
}

/* The next frame, copied to the arena; empty when none comes. */
static inline struct bytes raw_receive(const struct raw *raw, int wait_ms)
{
    zmq_pollitem_t item = {.socket = raw->dealer, .events = ZMQ_POLLIN};
    zmq_msg_t message;
    if (zmq_poll(&item, 1, wait_ms) <= 0) {
        return (struct bytes){NULL, 0};
    }
    (void)zmq_msg_init(&message);
    ck_assert_int_ge(zmq_msg_recv(&message, raw->dealer, ZMQ_DONTWAIT), 0);
    size_t size = zmq_msg_size(&message);
    uint8_t *copy = arena_alloc(&arena, size + 1);
    memcpy(copy, zmq_msg_data(&message), size);
    (void)zmq_msg_close(&message);
    return (struct bytes){copy, size};
}

/* The next frame of that kind. */
static inline struct frame raw_frame(const struct raw *raw, enum frame_kind kind)
{
    struct frame frame = {0};
    do {
        struct bytes bytes = raw_receive(raw, FIXTURE_WAIT_MS);
        ck_assert_msg(bytes.size > 0, "no frame of kind %d came", (int)kind);
        assert_ok(frame_unpack(bytes, &arena, &frame, &error));
    } while (frame.kind != kind);
    return frame;
}

static inline void raw_send(const struct raw *raw, struct bytes frame, int flags)
{
    zmq_pollitem_t item = {.socket = raw->dealer, .events = ZMQ_POLLOUT};
    (void)zmq_poll(&item, 1, FIXTURE_WAIT_MS);
    ck_assert_int_eq(zmq_send(raw->dealer, frame.data, frame.size, flags), (int)frame.size);
}

static inline void raw_hello(const struct raw *raw, const struct mesh_node *self,
                             const struct mesh_node *server)
{
    char origin[ORIGIN_MAX_BYTES];
    struct buffer out = {0};
    assert_ok(flow_origin(&self->flow, text_of(server->card.party), origin, &error));
    struct frame_hello hello = {.versions = {LANE_VERSION},
                                .version_count = 1,
                                .party = text_of(self->card.party),
                                .environment = TEXT("test"),
                                .origin = text_of(origin),
                                .card_serial = self->card.serial,
                                .time_ms = world_wall_ms(world_real())};
    frame_hello_pack(&hello, &out);
    raw_send(raw, buffer_bytes(&out), 0);
    buffer_free(&out);
}

static inline void raw_close(struct raw *raw)
{
    (void)zmq_socket_monitor(raw->dealer, NULL, 0);
    (void)zmq_close(raw->monitor);
    (void)zmq_close(raw->dealer);
    (void)zmq_ctx_term(raw->context);
    *raw = (struct raw){0};
}

#endif
