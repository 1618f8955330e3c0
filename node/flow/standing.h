/* How the lanes to a partner stand, as node/link knows it and the node's front doors tell it. */
#ifndef COMESH_NODE_FLOW_STANDING_H
#define COMESH_NODE_FLOW_STANDING_H

#include "keys/card.h"

#define STANDINGS_MAX 64

struct standing {
    const char *outgoing; /* "open", "connecting", … : our channel to them */
    const char *incoming; /* their channel to us */
    uint64_t sent;
    uint64_t receipted;
    uint64_t in_flight_bytes;
    uint64_t credit;
    int64_t clock_ahead_ms;
    uint64_t last_heard_ms; /* 0 never */
    uint64_t next_try_ms;   /* a partner without a node, which did not answer well; 0 none */
    uint32_t version;       /* of the lane; 0 while none is open */
    char party[PARTY_MAX_BYTES];
    char trouble[256];
};

/* Fills at most `max` rows; gives the count. Any thread. */
typedef size_t standing_read(void *self, struct standing *standings, size_t max);

/* The row of a party, or one that says there is no lane. */
const struct standing *standing_of(const struct standing *standings, size_t count,
                                   const char *party);

#endif
