/* The task of the DEALERs. See peers.h. */
#include "node/link/peers.h"

#include "node/core/log.h"
#include "node/core/task.h"
#include "node/link/peer.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#define TICK_MS      1000
#define DRAIN_MS     5000
#define TURN_PUSH_NS 5000000 /* spent on pushes before the sockets are looked at again */

struct peers {
    struct lane_host host; /* first: a lane's host is its peers */
    void *context;
    struct task *task;
    struct peer **rows;
    size_t count;
    zmq_pollitem_t *items; /* one for the wake-up, then two for each row */
    size_t next;           /* whose push comes first in the next turn */
    uint64_t tick_ms;
    atomic_bool reload;
    bool more;
    bool heard;     /* each partner answered, or is not reached: told by `heard_fd` */
    int heard_fd;   /* eventfd */
    bool abandoned; /* the writer kept works past the drain: their memory stays */
};

/* ---- the partners ---- */

static struct peer *find(const struct peers *peers, const char *party)
{
    for (size_t i = 0; i < peers->count; i++) {
        if (strcmp(peers->rows[i]->lane->party, party) == 0) {
            return peers->rows[i];
        }
    }
    return NULL;
}

static enum result add(struct peers *peers, const char *party, struct error *error)
{
    size_t count = peers->count + 1;
    struct peer **rows = realloc(peers->rows, count * sizeof(struct peer *));
    if (rows != NULL) {
        peers->rows = rows;
    }
    zmq_pollitem_t *items = realloc(peers->items, (1 + 2 * count) * sizeof *items);
    if (items != NULL) {
        peers->items = items;
    }
    if (rows == NULL || items == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "partner '%s': no memory to dial it", party);
    }
    enum result result =
        peer_new(&peers->host, peers->context, text_of(party), &peers->rows[peers->count], error);
    peers->count = result == RESULT_OK ? count : peers->count;
    return result;
}

static void look(struct peers *peers, bool retry)
{
    struct error error;
    enum result result = RESULT_OK;
    struct directory *directory = flow_directory(peers->host.flow);
    for (size_t i = 0; i < directory_count(directory) && result == RESULT_OK; i++) {
        const char *party = directory_at(directory, i)->party;
        if (find(peers, party) == NULL) {
            result = add(peers, party, &error);
        }
    }
    for (size_t i = 0; i < peers->count && result == RESULT_OK; i++) {
        result = peer_look(peers->rows[i], directory, &error);
        if (retry) {
            peer_retry(peers->rows[i]);
        }
    }
    directory_release(&directory);
    if (result != RESULT_OK) {
        log_error("peers", "partners not taken over", &error);
    }
}

/* Frees those that are not in the directory any more, once nothing of them is in the writer. */
static void sweep(struct peers *peers)
{
    struct directory *directory = flow_directory(peers->host.flow);
    for (size_t i = peers->count; i-- > 0;) {
        const struct lane *lane = peers->rows[i]->lane;
        if (!lane_is_wanted(lane) && lane_pending(lane) == 0 &&
            directory_party(directory, text_of(lane->party)) == NULL) {
            peer_destroy(&peers->rows[i]);
            peers->rows[i] = peers->rows[--peers->count];
        }
    }
    directory_release(&directory);
}

static size_t pending(const struct peers *peers)
{
    size_t sum = 0;
    for (size_t i = 0; i < peers->count; i++) {
        sum += lane_pending(peers->rows[i]->lane);
    }
    return sum;
}

/* ---- the loop ---- */

static size_t fill_items(struct peers *peers)
{
    size_t count = 0;
    peers->items[count++] = (zmq_pollitem_t){.fd = peers->host.home.wake_fd, .events = ZMQ_POLLIN};
    for (size_t i = 0; i < peers->count; i++) {
        const struct peer *peer = peers->rows[i];
        if (peer->dealer != NULL) {
            bool blocked = lane_is_blocked(peer->lane);
            peers->items[count++] =
                (zmq_pollitem_t){.socket = peer->dealer,
                                 .events = (short)(ZMQ_POLLIN | (blocked ? ZMQ_POLLOUT : 0))};
            peers->items[count++] =
                (zmq_pollitem_t){.socket = peer->monitor.pair, .events = ZMQ_POLLIN};
        }
    }
    return count;
}

static long patience(const struct peers *peers)
{
    uint64_t now_ms = lane_now_ms(&peers->host);
    uint64_t due_ms = peers->tick_ms;
    for (size_t i = 0; i < peers->count; i++) {
        uint64_t lane_ms = lane_due_ms(peers->rows[i]->lane);
        due_ms = lane_ms < due_ms ? lane_ms : due_ms;
    }
    if (peers->more || atomic_load(&peers->reload) || now_ms >= due_ms) {
        return 0;
    }
    return (long)(due_ms - now_ms);
}

static void tick(struct peers *peers)
{
    uint64_t now_ms = lane_now_ms(&peers->host);
    if (now_ms >= peers->tick_ms) {
        peers->tick_ms =
            now_ms >= peers->host.farewell_ms ? now_ms + TICK_MS : peers->host.farewell_ms;
        look(peers, false); /* keys expire by themselves */
        sweep(peers);
        for (size_t i = 0; i < peers->count; i++) {
            peer_tick(peers->rows[i]);
        }
    }
}

/* At most one push for each partner in a turn, and none waits for another: the turn after a long
 * one begins where this one ended. */
static void push(struct peers *peers)
{
    const struct world *world = peers->host.flow->world;
    uint64_t start_ns = world_steady_ns(world);
    size_t done = 0;
    while (done < peers->count && world_steady_ns(world) - start_ns < TURN_PUSH_NS) {
        struct peer *peer = peers->rows[(peers->next + done) % peers->count];
        peers->more = lane_push(peer->lane, lane_now_ms(&peers->host)) || peers->more;
        done++;
    }
    peers->more = peers->more || done < peers->count;
    peers->next = peers->count == 0 ? 0 : (peers->next + done) % peers->count;
}

static void turn(struct peers *peers)
{
    peers->more = false;
    if (atomic_exchange(&peers->reload, false)) {
        lane_host_changed(&peers->host, &peers->tick_ms);
        look(peers, true);
    }
    uint64_t now_ms = lane_now_ms(&peers->host);
    for (size_t i = 0; i < peers->count; i++) {
        peer_turn(peers->rows[i], now_ms);
        peers->more = peers->more || peers->rows[i]->more;
    }
    work_finish_all(&peers->host.home);
    tick(peers);
    for (size_t i = 0; i < peers->count; i++) {
        lane_turn(peers->rows[i]->lane, now_ms);
    }
    push(peers);
}

/* Whether it is not known yet what the partner says to our first hello. */
static bool is_awaited(const struct lane *lane)
{
    enum lane_state state = lane->outgoing_half.state;
    return state == LANE_HELLO || (state == LANE_CONNECTING && lane->trouble[0] == '\0');
}

static void hear(struct peers *peers)
{
    bool awaited = false;
    for (size_t i = 0; i < peers->count && !peers->heard; i++) {
        awaited |= is_awaited(peers->rows[i]->lane);
    }
    if (!peers->heard && !awaited && !atomic_load(&peers->reload)) {
        peers->heard = true;
        (void)eventfd_write(peers->heard_fd, 1);
    }
}

/* Reads and sends nothing more; what is in the writer comes home. */
static void drain(struct peers *peers)
{
    uint64_t until_ms = lane_now_ms(&peers->host) + DRAIN_MS;
    for (size_t i = 0; i < peers->count; i++) {
        lane_close_credit(peers->rows[i]->lane);
    }
    while (pending(peers) > 0 && lane_now_ms(&peers->host) < until_ms) {
        zmq_pollitem_t item = {.fd = peers->host.home.wake_fd, .events = ZMQ_POLLIN};
        (void)zmq_poll(&item, 1, (long)(until_ms - lane_now_ms(&peers->host)));
        work_finish_all(&peers->host.home);
    }
    peers->abandoned = pending(peers) > 0;
    if (peers->abandoned) {
        log_event(LOG_LEVEL_ERROR, "peers", "stopped with receipts in the writer", "pending=%zu",
                  pending(peers));
    }
}

/* ---- start and stop ---- */

static void close_all(struct peers *peers)
{
    for (size_t i = 0; i < peers->count; i++) {
        peer_close(peers->rows[i]);
    }
    if (!peers->abandoned) {
        for (size_t i = 0; i < peers->count; i++) {
            peer_destroy(&peers->rows[i]);
        }
        store_reader_close(&peers->host.reader);
        free(peers->rows);
    }
    free(peers->items);
    arena_free(&peers->host.arena);
}

static void run(struct task *task, void *state)
{
    struct peers *peers = state;
    struct error error;
    enum result result = store_reader_open(peers->host.flow->store, &peers->host.reader, &error);
    task_started(task, result, &error);
    if (result != RESULT_OK) {
        return;
    }
    peers->items = malloc(sizeof *peers->items);
    while (peers->items != NULL && !task_stopping(task)) {
        (void)zmq_poll(peers->items, (int)fill_items(peers), patience(peers));
        turn(peers);
        hear(peers);
    }
    drain(peers);
    close_all(peers);
}

static void peers_free(struct peers *peers)
{
    queue_close(&peers->host.home);
    if (peers->heard_fd >= 0) {
        (void)close(peers->heard_fd);
    }
    free(peers);
}

enum result peers_start(void *context, struct flow *flow, struct board *board, struct desk *desk,
                        struct peers **peers, struct error *error)
{
    *peers = NULL;
    struct peers *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "peers: no memory");
    }
    made->host = (struct lane_host){.flow = flow, .board = board, .desk = desk, .send = peer_send};
    made->context = context;
    atomic_init(&made->reload, true);
    made->heard_fd = eventfd(0, EFD_CLOEXEC);
    enum result result = queue_init(&made->host.home, error);
    if (result == RESULT_OK) {
        result = task_start("peers", run, made, &made->task, error);
    }
    if (result != RESULT_OK) {
        peers_free(made);
        return result;
    }
    *peers = made;
    return RESULT_OK;
}

struct lane_host *peers_host(struct peers *peers)
{
    return &peers->host;
}

void peers_hear(struct peers *peers, int most_ms)
{
    struct pollfd heard = {.fd = peers->heard_fd, .events = POLLIN};
    (void)poll(&heard, 1, most_ms);
}

void peers_reload(struct peers *peers)
{
    atomic_store(&peers->reload, true);
    queue_wake(&peers->host.home);
}

void peers_stop(struct peers **peers)
{
    if (*peers == NULL) {
        return;
    }
    task_ask_stop((*peers)->task, (*peers)->host.home.wake_fd);
    task_join(&(*peers)->task);
    if (!(*peers)->abandoned) {
        peers_free(*peers);
    }
    *peers = NULL;
}
