/* Lanes without sockets: KR's lane to ID, ID's lane to KR, and between them a wire of the test's
 * own, on which frames can wait, be lost, be changed or come in another order. */
#ifndef COMESH_TESTS_LANE_SCENE_H
#define COMESH_TESTS_LANE_SCENE_H

#include "node/link/lane_parts.h"
#include "tests/unit/node_fixture.h"

#define WIRE_FRAMES_MAX 128

/* One end: a node with its lane, and what the lane has sent. */
struct end {
    struct lane_host host; /* first, so that a lane finds its end */
    struct mesh_node node;
    struct lane *lane;
    struct buffer sent[WIRE_FRAMES_MAX];
    size_t count;
    enum lane_sent takes; /* what the wire answers to a send */
};

static struct end kr;
static struct end id;

static inline enum lane_sent wire_send(struct lane *lane, struct bytes frame)
{
    struct end *end = (struct end *)lane->host;
    if (end->takes == LANE_SENT) {
        ck_assert_uint_lt(end->count, WIRE_FRAMES_MAX);
        buffer_append(&end->sent[end->count++], frame.data, frame.size);
    }
    return end->takes;
}

static inline void end_open(struct end *end, const char *partner, bool outgoing, bool incoming)
{
    end->host = (struct lane_host){.flow = &end->node.flow, .send = wire_send};
    end->takes = LANE_SENT;
    node_open(&end->node);
    assert_ok(queue_init(&end->host.home, &error));
    assert_ok(board_new(&end->host.board, &error));
    assert_ok(desk_new(&end->host.desk, &error));
    assert_ok(store_reader_open(end->node.flow.store, &end->host.reader, &error));
    assert_ok(lane_new(&end->host, text_of(partner), &end->lane, &error));
    assert_ok(lane_want(end->lane, outgoing, incoming, &error));
}

/* Waits until the writer has nothing of the lane. */
static inline void end_settle(struct end *end)
{
    while (lane_pending(end->lane) > 0) {
        struct pollfd wake = {.fd = end->host.home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&end->host.home);
    }
}

static inline void end_close(struct end *end)
{
    end_settle(end);
    lane_destroy(&end->lane);
    store_reader_close(&end->host.reader);
    board_destroy(&end->host.board);
    desk_destroy(&end->host.desk);
    queue_close(&end->host.home);
    arena_free(&end->host.arena);
    for (size_t i = 0; i < WIRE_FRAMES_MAX; i++) {
        buffer_free(&end->sent[i]);
    }
    node_end(&end->node);
}

static inline void lanes_end(void)
{
    end_close(&kr);
    end_close(&id);
}

/* Two nodes that have not heard each other yet: see lanes_start. */
static inline void lanes_start_unheard(bool both)
{
    node_init(&kr.node, "KR", "customs.go.kr", true);
    node_init(&id.node, "ID", "beacukai.go.id", true);
    node_trust(&kr.node, &id.node);
    node_trust(&id.node, &kr.node);
    end_open(&kr, "ID", true, both);
    end_open(&id, "KR", both, true);
    lane_connected(kr.lane);
    lane_connected(id.lane);
}

/* KR sends to ID; with `both` ID sends to KR over the same lane. */
static inline void lanes_start(bool both)
{
    lanes_start_unheard(both);
    flow_set_heard(&kr.node.flow, TEXT("ID"));
    flow_set_heard(&id.node.flow, TEXT("KR"));
}

static inline uint64_t now_of(const struct end *end)
{
    return lane_now_ms(&end->host);
}

static inline void turn(struct end *end)
{
    lane_turn(end->lane, now_of(end));
    while (lane_push(end->lane, now_of(end))) {
    }
}

/* Gives all that one end has sent to the other. */
static inline void deliver(struct end *from, struct end *to)
{
    size_t count = from->count;
    from->count = 0;
    for (size_t i = 0; i < count; i++) {
        lane_receive(to->lane, buffer_bytes(&from->sent[i]));
        buffer_clear(&from->sent[i]);
    }
}

/* Until nothing moves any more. */
static inline void run_wire(void)
{
    do {
        turn(&kr);
        turn(&id);
        deliver(&kr, &id);
        deliver(&id, &kr);
        end_settle(&kr);
        end_settle(&id);
        turn(&kr);
        turn(&id);
    } while (kr.count + id.count > 0);
}

static inline void drop_sent(struct end *end)
{
    for (size_t i = 0; i < end->count; i++) {
        buffer_clear(&end->sent[i]);
    }
    end->count = 0;
}

static inline struct frame sent_frame(const struct end *end, size_t place)
{
    struct frame frame = {0};
    ck_assert_uint_lt(place, end->count);
    assert_ok(frame_unpack(buffer_bytes(&end->sent[place]), &arena, &frame, &error));
    return frame;
}

static inline enum frame_kind sent_kind(const struct end *end, size_t place)
{
    return sent_frame(end, place).kind;
}

static inline void check_states(enum lane_state outgoing, enum lane_state incoming)
{
    ck_assert_int_eq(kr.lane->outgoing_half.state, outgoing);
    ck_assert_int_eq(id.lane->incoming_half.state, incoming);
}

static inline uint64_t receipted(const struct end *end)
{
    struct outgoing_state state;
    outgoing_state(end->lane->outgoing, &state);
    return state.receipted;
}

#endif
