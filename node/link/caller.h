/* The partners that may dial us, each with its lane and the connections it has at the inbox. A
 * party is known by its key alone; a routing id only says which connection of that party it is.
 * The inbox's thread. */
#ifndef COMESH_NODE_LINK_CALLER_H
#define COMESH_NODE_LINK_CALLER_H

#include "node/link/lane.h"
#include "node/link/letter.h"

#define CALLER_ROUTES 4      /* connections of one partner; the oldest makes room */
#define CALLER_BAN_MS 300000 /* for one that sent what no node sends */

/* A connection, as long as it is believed to be there. */
struct route {
    uint8_t id[ROUTE_ID_BYTES];
    int fd;                        /* of the connection, for the monitor's events */
    uint8_t key[KEY_PUBLIC_BYTES]; /* that was proven on it */
    uint64_t born;                 /* order of the first message; 0: the place is free */
    bool gone;                     /* what is read of it yet is cut */
};

struct caller {
    struct lane *lane; /* its connection is a route, or NULL */
    struct route routes[CALLER_ROUTES];
    uint64_t banned_until_ms; /* wall clock */
};

/* Start with {0}. */
struct callers {
    struct caller **rows;
    size_t count;
    uint64_t born; /* of the newest route */
};

/* Makes room for the partners of the directory and hosts here what belongs here: their channels to
 * us when our card names an endpoint, and then our channels to those whose card names none. */
enum result callers_sync(struct callers *callers, struct lane_host *host,
                         const struct directory *directory, struct error *error) RESULT_CHECKED;

/* Frees those that are not wanted and not pending any more. */
void callers_sweep(struct callers *callers);
void callers_free(struct callers *callers);

struct caller *callers_find(const struct callers *callers, struct text party);
size_t callers_pending(const struct callers *callers);

/* True when the connection of the letter was heard before. */
bool caller_knows(const struct caller *caller, const struct letter *letter);

/* The lane of a letter of this party; a connection not seen before replaces the one of the lane.
 * NULL for a connection that is gone, or was replaced while the newer one stands. */
struct lane *caller_lane(struct callers *callers, struct caller *caller,
                         const struct letter *letter);

/* True when a connection that is believed to be there has proven this key. */
bool callers_show(const struct callers *callers, const uint8_t key[KEY_PUBLIC_BYTES]);

/* The connection with this descriptor is gone. Told before the next one that has it is heard. */
void callers_lost(struct callers *callers, int fd);

/* All connections are gone. */
void callers_drop(struct callers *callers);

#endif
