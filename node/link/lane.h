/* A lane: the conversation with one partner over the connection that is there now. It carries up to
 * two channels, one each way, and dispatches every frame by a table of kinds and states. A lane
 * lives across connections, in the thread of the socket that hosts it, and knows no socket. */
#ifndef COMESH_NODE_LINK_LANE_H
#define COMESH_NODE_LINK_LANE_H

#include "node/flow/accept.h"
#include "node/flow/advance.h"
#include "node/link/board.h"
#include "node/link/desk.h"
#include "node/link/outbox.h"

#define LANE_WELCOME_MS      10000 /* a hello without an answer is said again after it */
#define LANE_PAUSE_MS        1000 /* between a refusal that does not end the lane and the next try */
#define LANE_RETRY_MS        300000 /* between a refusal that ends the lane and the next hello */
#define LANE_KEY_MS          5000  /* the same when it is about a key: its card may be on its way */
#define LANE_STUCK_MS        10000 /* frames that wait so long are told in the status */
#define LANE_FAREWELL_MS     800   /* from a reload until what our own keys lost is acted upon */
#define LANE_FAREWELL_MAX_MS 4000  /* the same when reloads follow each other */
#define LANE_ANSWERS         32    /* to a partner's questions in a second; one more waits */

struct lane;

enum lane_sent {
    LANE_SENT,
    LANE_BLOCKED, /* the socket takes no more now: keep the frame */
    LANE_GONE,    /* the connection is not there any more */
};

/* What the thread that hosts lanes gives to all of them. */
struct lane_host {
    struct flow *flow;
    struct store_reader *reader; /* of the host's thread */
    struct queue home;           /* works come home here */
    atomic_bool speaks;          /* it has or had a lane with an outgoing */
    atomic_bool holds;           /* a lane of it waits for the next commit */
    struct board *board;
    struct desk *desk;
    /* Before `farewell_ms` connections of a key that we lost stay, so that partners hear of it. */
    uint64_t farewell_ms;
    uint64_t farewell_begun_ms;
    struct arena arena; /* of the frame that is being read */
    enum lane_sent (*send)(struct lane *lane, struct bytes frame); /* must not wait */
};

/* A batch with entries of ours is written; it is committed: wakes the host when that may concern
 * its lanes. The writer. */
void lane_host_written(struct lane_host *host);
void lane_host_committed(struct lane_host *host);

/* One direction of a lane. */
struct lane_half {
    bool wanted;            /* hosted here */
    enum lane_state state;  /* LANE_NONE while not hosted */
    uint32_t version;       /* of the lane, while it is open */
    uint64_t hello_due_ms;  /* outgoing: when to say hello (again); 0: not */
    uint64_t welcome_by_ms; /* outgoing: when a hello or fetch counts as unanswered; 0: none said */
};

struct lane {
    struct lane_host *host;
    char party[PARTY_MAX_BYTES];
    void *connection; /* the host's */
    bool connected;
    struct lane_half outgoing_half;
    struct lane_half incoming_half;
    struct outgoing *outgoing;
    struct incoming *incoming;
    struct buffer kept_hello; /* came while pushes of an earlier connection are in the writer */
    struct outbox outbox;
    struct buffer kept_ask;    /* came when enough was answered in this second */
    struct buffer kept_fetch;  /* the same */
    unsigned answers;          /* in this second */
    struct buffer push;        /* a push that the socket did not take yet */
    uint64_t push_due_ms;      /* no push before it */
    uint64_t blocked_since_ms; /* 0: the socket takes what we send */
    uint64_t last_heard_ms;    /* wall clock */
    bool changed;              /* the board does not show it yet */
    char trouble[256];
};

enum result lane_new(struct lane_host *host, struct text party, struct lane **lane,
                     struct error *error) RESULT_CHECKED;

/* Only when nothing is pending. Sets to NULL. */
void lane_destroy(struct lane **lane);

/* Which directions are hosted here from now on. What is not wanted any more is let go by the next
 * lane_turn after its works came home. */
enum result lane_want(struct lane *lane, bool outgoing, bool incoming,
                      struct error *error) RESULT_CHECKED;
bool lane_is_wanted(const struct lane *lane);
size_t lane_pending(const struct lane *lane);

/* A connection is being made: what was refused over the last one is open again. */
void lane_dialling(struct lane *lane);

/* The connection is up and proven: says hello where there is an outgoing. */
void lane_connected(struct lane *lane);

/* The connection is gone. `trouble` may be NULL. */
void lane_disconnected(struct lane *lane, const char *trouble);

/* There will be no connection for now: the partner turned us away, or we the partner. */
void lane_turned_away(struct lane *lane, const char *trouble);

/* A frame came in. */
void lane_receive(struct lane *lane, struct bytes frame);

/* Refuses what is not a frame: the lane ends. */
void lane_cut(struct lane *lane, const char *sentence);

/* Once per loop turn: frames that wait, a hello that was kept, timers, the board. */
void lane_turn(struct lane *lane, uint64_t now_ms);

/* Sends the next push, if there is one and the socket takes it: true then, and there may be more.
 */
bool lane_push(struct lane *lane, uint64_t now_ms);

/* About once a second. */
void lane_tick(struct lane *lane);

/* When the lane wants to be asked for a push again though nothing happens: as lane_now_ms, 0 at
 * once, UINT64_MAX when it does not. Asked right before the host's poll: a lane whose push waits
 * for its commit has the host woken by that. */
uint64_t lane_due_ms(const struct lane *lane);

/* The directory changed or a person released a channel: what was refused is tried again now. */
void lane_retry(struct lane *lane);

/* Tells the partner to send nothing more: the node stops. */
void lane_close_credit(struct lane *lane);

/* Something waits for the socket. */
bool lane_is_blocked(const struct lane *lane);

/* Neither direction goes on over this connection: both ended by refusal. */
bool lane_is_over(const struct lane *lane);

/* The partner did not answer our hello, or give back what we asked for, in time. */
bool lane_is_unanswered(const struct lane *lane, uint64_t now_ms);

/* Milliseconds of the steady clock. */
uint64_t lane_now_ms(const struct lane_host *host);

/* The directory changed, perhaps by a key of our own: the host's next tick comes when partners have
 * had a moment to hear of it over the connections that are there. */
void lane_host_changed(struct lane_host *host, uint64_t *tick_ms);

/* The last sentence that ended a lane or keeps it from opening: for the log and the status. */
void lane_trouble(struct lane *lane, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
