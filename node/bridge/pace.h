/* How many requests a second a client of a listener may make, so that one that runs wild does not
 * take the listener from the others. Each client has a bucket that fills at its rate and holds
 * PACE_BURST_S seconds of it; it is kept as the one moment at which it is full again. No lock, no
 * allocation, no clock of its own. In the listener's task. */
#ifndef COMESH_NODE_BRIDGE_PACE_H
#define COMESH_NODE_BRIDGE_PACE_H

#include "node/bridge/exchange.h"
#include "node/core/metrics.h"

#define PACE_CLIENTS_MAX 1024 /* more than there are tokens, or parties */
#define PACE_BURST_S     10

struct pace_client {
    char name[EXCHANGE_CALLER_BYTES];
    uint64_t full_ns; /* steady */
};

/* Start with {0}. */
struct pace {
    struct pace_client clients[PACE_CLIENTS_MAX];
    size_t count;
};

/* Takes one request out of the client's bucket; gives 0, or in how many nanoseconds there is one.
 * `per_second` is at least 1. */
uint64_t pace_take(struct pace *pace, const char *client, uint64_t per_second, uint64_t now_ns);

/* Puts back one request that pace_take took, if the client is still known. */
void pace_give_back(struct pace *pace, const char *client, uint64_t per_second);

/* The limit of a listener, as its configuration has it. */
struct pace_limit {
    const char *option;  /* its name, for people */
    uint64_t per_second; /* 0: none */
};

/* Answers a caller, which is known, with 429 and when to come again if it asks too often. */
void pace_admit(struct pace *pace, struct exchange *exchange, const struct pace_limit *limit,
                struct metrics *metrics);

#endif
