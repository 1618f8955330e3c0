/* The ROUTER's task. See inbox.h. */
#include "node/link/inbox.h"

#include "node/core/log.h"
#include "node/core/task.h"
#include "node/link/caller.h"
#include "node/link/letter.h"
#include "node/link/monitor.h"
#include "node/link/ports.h"
#include "node/link/sockopt.h"

#include <stdio.h>
#include <stdlib.h>

#define MESSAGES_PER_TURN 64
#define TICK_MS           1000
#define BLOCKED_POLL_MS                                                                            \
    5 /* POLLOUT of a ROUTER tells of any partner, not of the one we wait for                      \
       */
#define REBIND_POLL_MS 1
#define DRAIN_MS       5000

struct inbox {
    struct lane_host host; /* first: a lane's host is its inbox */
    void *context;
    struct gate *gate;
    struct task *task;
    void *router;
    struct monitor monitor;
    struct ports ports;
    struct callers callers;
    struct own own;   /* as of the last look */
    uint64_t tick_ms; /* when the next one is due */
    atomic_bool reload;
    bool more;      /* work was left for the next turn */
    bool abandoned; /* the writer kept works past the drain: their memory stays */
};

static enum lane_sent send_frame(struct lane *lane, struct bytes frame)
{
    const struct inbox *inbox = (const struct inbox *)lane->host;
    const struct route *route = lane->connection;
    if (route == NULL) {
        return LANE_GONE;
    }
    if (zmq_send(inbox->router, route->id, ROUTE_ID_BYTES, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        return zmq_errno() == EAGAIN ? LANE_BLOCKED : LANE_GONE;
    }
    return zmq_send(inbox->router, frame.data, frame.size, ZMQ_DONTWAIT) < 0 ? LANE_GONE
                                                                             : LANE_SENT;
}

/* ---- trust ---- */

/* A fresh handshake comes past the gate, and what is queued is judged message by message. */
static void expel(struct inbox *inbox, const char *why)
{
    log_event(LOG_LEVEL_WARNING, "inbox", "all connections dropped", "reason=\"%s\"", why);
    ports_drop(&inbox->ports);
    callers_drop(&inbox->callers);
}

/* A key that was good at the last look and is not any more: it was revoked, or its card is gone, or
 * has another owner. One whose time is over by itself disturbs nobody, unless it is in use. */
static bool key_lost(const struct inbox *inbox, const struct card *card, const struct card_key *key,
                     const struct directory *now, uint64_t now_s)
{
    const struct card *owner = directory_transport(now, key->public_key, now_s);
    if (owner != NULL) {
        return strcmp(owner->party, card->party) != 0;
    }
    return now_s < key->until_s || callers_show(&inbox->callers, key->public_key);
}

static bool trust_lost(const struct inbox *inbox, const struct directory *now, uint64_t now_s)
{
    const struct directory *known = inbox->own.directory;
    for (size_t i = 0; i < directory_count(known); i++) {
        const struct card *card = directory_at(known, i);
        for (size_t j = 0; j < card->key_count[KEY_TRANSPORT]; j++) {
            const struct card_key *key = &card->keys[KEY_TRANSPORT][j];
            if (directory_transport(known, key->public_key, inbox->own.now_s) == card &&
                key_lost(inbox, card, key, now, now_s)) {
                return true;
            }
        }
    }
    return false;
}

/* Looks at the directory and at our keys: at a reload, and each second, for keys begin and end by
 * themselves. */
static void look(struct inbox *inbox)
{
    struct error error;
    struct own own = own_of(inbox->host.flow);
    if (trust_lost(inbox, own.directory, own.now_s)) {
        expel(inbox, "a key is trusted no more");
    }
    if (atomic_exchange(&inbox->reload, false) &&
        callers_sync(&inbox->callers, &inbox->host, own.directory, &error) != RESULT_OK) {
        log_error("inbox", "partners not taken over", &error);
    }
    own_release(&inbox->own);
    inbox->own = own;
}

/* The directory changed. Our own ports follow a moment later: over the connections that are there
 * partners hear of a key that we revoked, and get our new card. */
static void reloaded(struct inbox *inbox)
{
    lane_host_changed(&inbox->host, &inbox->tick_ms);
    look(inbox);
    ports_check(inbox->host.flow->config, inbox->own.card);
}

/* ---- messages ---- */

/* What no node sends: the party is turned away for a while, its connections end. */
static void ban(struct inbox *inbox, struct caller *caller, const struct letter *letter)
{
    uint64_t until_ms = world_wall_ms(inbox->host.flow->world) + CALLER_BAN_MS;
    char trouble[192];
    caller->banned_until_ms = until_ms;
    gate_ban(inbox->gate, text_of(caller->lane->party), until_ms);
    (void)snprintf(trouble, sizeof trouble,
                   "%s sent a message of %zu frames, where a message is one frame that is not "
                   "empty; turned away for %d minutes",
                   caller->lane->party, letter->parts, CALLER_BAN_MS / 60000);
    lane_turned_away(caller->lane, trouble);
    expel(inbox, "a message that no node sends");
}

static void cut(struct inbox *inbox)
{
    metrics_add(inbox->host.flow->metrics, METRIC_FRAMES_CUT, 1);
}

static void take_events(struct inbox *inbox)
{
    struct monitor_event event;
    while (monitor_next(&inbox->monitor, &event)) {
        callers_lost(&inbox->callers, (int)event.value);
    }
}

/* A connection that is heard for the first time may have the descriptor of one that is gone; what
 * the monitor has said by now is about that one. */
static struct lane *lane_of(struct inbox *inbox, struct caller *caller, const struct letter *letter)
{
    if (!caller_knows(caller, letter)) {
        take_events(inbox);
    }
    return caller_lane(&inbox->callers, caller, letter);
}

static void letter_take(struct inbox *inbox, struct letter *letter)
{
    struct flow *flow = inbox->host.flow;
    const char *party = letter_party(letter, flow);
    struct caller *caller = party == NULL ? NULL : callers_find(&inbox->callers, text_of(party));
    if (caller == NULL || world_wall_ms(flow->world) < caller->banned_until_ms) {
        cut(inbox);
    } else if (!letter_is_frame(letter)) {
        cut(inbox);
        ban(inbox, caller, letter);
    } else if (letter->id_is_claimed) {
        cut(inbox);
        lane_trouble(caller->lane, "%s claims a routing id; its node must set none", party);
    } else {
        struct lane *lane = lane_of(inbox, caller, letter);
        if (lane != NULL) {
            lane_receive(lane, letter_frame(letter));
        }
    }
}

static void receive(struct inbox *inbox)
{
    struct letter letter;
    size_t taken = 0;
    while (taken < MESSAGES_PER_TURN && letter_receive(inbox->router, &letter)) {
        letter_take(inbox, &letter);
        letter_close(&letter);
        taken++;
    }
    inbox->more = taken == MESSAGES_PER_TURN;
}

/* ---- the loop ---- */

static void turn_lanes(struct inbox *inbox)
{
    uint64_t now_ms = lane_now_ms(&inbox->host);
    for (size_t i = 0; i < inbox->callers.count; i++) {
        struct lane *lane = inbox->callers.rows[i]->lane;
        lane_turn(lane, now_ms);
        inbox->more = lane_push(lane, now_ms) || inbox->more;
    }
    callers_sweep(&inbox->callers);
}

static void tick(struct inbox *inbox)
{
    uint64_t now_ms = lane_now_ms(&inbox->host);
    if (now_ms >= inbox->tick_ms) {
        inbox->tick_ms = now_ms + TICK_MS;
        look(inbox);
        if (now_ms >= inbox->host.farewell_ms) {
            ports_follow(&inbox->ports, inbox->host.flow->config, &inbox->own);
        } else {
            inbox->tick_ms = inbox->host.farewell_ms;
        }
        for (size_t i = 0; i < inbox->callers.count; i++) {
            lane_tick(inbox->callers.rows[i]->lane);
        }
    }
}

static long patience(struct inbox *inbox, bool is_bound)
{
    uint64_t now_ms = lane_now_ms(&inbox->host);
    if (inbox->more || atomic_load(&inbox->reload)) {
        return 0;
    }
    if (!is_bound) {
        return REBIND_POLL_MS;
    }
    uint64_t due_ms = inbox->tick_ms;
    for (size_t i = 0; i < inbox->callers.count; i++) {
        const struct lane *lane = inbox->callers.rows[i]->lane;
        uint64_t lane_ms = lane_is_blocked(lane) ? now_ms + BLOCKED_POLL_MS : lane_due_ms(lane);
        due_ms = lane_ms < due_ms ? lane_ms : due_ms;
    }
    return now_ms >= due_ms ? 0 : (long)(due_ms - now_ms);
}

static void loop(struct inbox *inbox, struct task *task)
{
    while (!task_stopping(task)) {
        bool is_bound = ports_rebind(&inbox->ports, &inbox->own);
        zmq_pollitem_t items[] = {{.socket = inbox->router, .events = ZMQ_POLLIN},
                                  {.socket = inbox->monitor.pair, .events = ZMQ_POLLIN},
                                  {.fd = inbox->host.home.wake_fd, .events = ZMQ_POLLIN}};
        (void)zmq_poll(items, sizeof items / sizeof items[0], patience(inbox, is_bound));
        if (atomic_load(&inbox->reload)) {
            reloaded(inbox);
        }
        work_finish_all(&inbox->host.home); /* first: receipts leave */
        take_events(inbox);
        receive(inbox);
        tick(inbox);
        turn_lanes(inbox);
    }
}

/* Stops taking; what is in the writer comes home, and its receipts go out. Unbinding comes after
 * that, for it drops the connections. */
static void drain(struct inbox *inbox)
{
    uint64_t until_ms = lane_now_ms(&inbox->host) + DRAIN_MS;
    for (size_t i = 0; i < inbox->callers.count; i++) {
        lane_close_credit(inbox->callers.rows[i]->lane);
    }
    while (callers_pending(&inbox->callers) > 0 && lane_now_ms(&inbox->host) < until_ms) {
        zmq_pollitem_t item = {.fd = inbox->host.home.wake_fd, .events = ZMQ_POLLIN};
        (void)zmq_poll(&item, 1, (long)(until_ms - lane_now_ms(&inbox->host)));
        work_finish_all(&inbox->host.home);
    }
    inbox->abandoned = callers_pending(&inbox->callers) > 0;
    if (inbox->abandoned) {
        log_event(LOG_LEVEL_ERROR, "inbox", "stopped with pushes in the writer", "pending=%zu",
                  callers_pending(&inbox->callers));
    }
}

/* ---- start and stop ---- */

static enum result open_all(struct inbox *inbox, struct error *error)
{
    struct flow *flow = inbox->host.flow;
    enum result result = store_reader_open(flow->store, &inbox->host.reader, error);
    if (result == RESULT_OK) {
        result = sockopt_router(inbox->context, &inbox->router, error);
    }
    if (result == RESULT_OK) {
        result = monitor_open(inbox->context, inbox->router, ZMQ_EVENT_DISCONNECTED,
                              &inbox->monitor, error);
    }
    if (result == RESULT_OK) {
        result = callers_sync(&inbox->callers, &inbox->host, inbox->own.directory, error);
    }
    if (result == RESULT_OK) {
        ports_check(flow->config, inbox->own.card);
        inbox->ports.router = inbox->router;
        result = ports_open(&inbox->ports, inbox->context, flow->config, &inbox->own, error);
    }
    return result;
}

static void close_all(struct inbox *inbox)
{
    monitor_close(&inbox->monitor);
    if (inbox->router != NULL) {
        (void)zmq_close(inbox->router);
    }
    if (!inbox->abandoned) {
        callers_free(&inbox->callers);
        store_reader_close(&inbox->host.reader);
    }
    arena_free(&inbox->host.arena);
    own_release(&inbox->own);
}

static void run(struct task *task, void *state)
{
    struct inbox *inbox = state;
    struct error error;
    enum result result = open_all(inbox, &error);
    if (result != RESULT_OK) {
        close_all(inbox);
        task_started(task, result, &error);
        return;
    }
    task_started(task, RESULT_OK, NULL);
    loop(inbox, task);
    drain(inbox);
    close_all(inbox);
}

static void inbox_free(struct inbox *inbox)
{
    own_release(&inbox->own);
    queue_close(&inbox->host.home);
    free(inbox);
}

enum result inbox_start(void *context, struct flow *flow, struct gate *gate, struct board *board,
                        struct desk *desk, struct inbox **inbox, struct error *error)
{
    *inbox = NULL;
    struct inbox *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "inbox: no memory");
    }
    made->host = (struct lane_host){.flow = flow, .board = board, .desk = desk, .send = send_frame};
    made->context = context;
    made->gate = gate;
    atomic_init(&made->reload, false);
    enum result result = queue_init(&made->host.home, error);
    if (result == RESULT_OK) {
        made->own = own_of(flow);
        result = task_start("inbox", run, made, &made->task, error);
    }
    if (result != RESULT_OK) {
        inbox_free(made);
        return result;
    }
    *inbox = made;
    return RESULT_OK;
}

struct lane_host *inbox_host(struct inbox *inbox)
{
    return &inbox->host;
}

void inbox_reload(struct inbox *inbox)
{
    atomic_store(&inbox->reload, true);
    queue_wake(&inbox->host.home);
}

void inbox_stop(struct inbox **inbox)
{
    if (*inbox == NULL) {
        return;
    }
    task_ask_stop((*inbox)->task, (*inbox)->host.home.wake_fd);
    task_join(&(*inbox)->task);
    if (!(*inbox)->abandoned) {
        inbox_free(*inbox);
    }
    *inbox = NULL;
}
