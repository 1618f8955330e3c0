/* The table of what can be asked: method, path, who may, what is taken and given, and the function
 * that answers. One table a listener. Knows nothing of sockets. */
#ifndef COMESH_NODE_BRIDGE_ROUTE_H
#define COMESH_NODE_BRIDGE_ROUTE_H

#include "node/bridge/media.h"
#include "node/bridge/target.h"

#define ROUTE_VALUES_MAX 3

struct exchange;

/* Answers the request: fills the response and calls exchange_answer, at once or later from the same
 * listener's task. It never waits. */
typedef void route_answer(struct exchange *exchange);

/* Takes from the front of a body that comes piece by piece; gives how much. When that is not all,
 * the client is not read from until exchange_go_on. */
typedef size_t route_take(struct exchange *exchange, struct bytes piece);

struct route {
    const char *method;
    const char *path; /* "/v1/messages/{id}": a segment in braces is a value */
    route_answer *answer;
    route_take *take;    /* for a body of `streams`; the answer is called at its end */
    const char *query;   /* the parameters it knows, with blanks between; NULL: none */
    const char *schema;  /* of the JSON it gives, in the OpenAPI document; NULL: none */
    const char *summary; /* a sentence, for people */
    unsigned roles;      /* of these the caller needs one; 0: anybody may ask */
    unsigned takes;      /* MEDIA_BITs of the body; 0: no body */
    unsigned gives;      /* MEDIA_BITs to choose from by Accept; 0: not asked */
    unsigned tells;      /* where Accept is not asked: MEDIA_BITs of what it may give; 0: text */
    enum media streams;  /* this media is not gathered but taken piece by piece; MEDIA_NONE: none */
};

struct routes {
    const struct route *rows;
    size_t count;
};

#define ROUTE_ALLOW_BYTES 64

/* What of the table fits. `route` is NULL when no row has path and method; `allow` then lists the
 * methods of the path, "GET, HEAD, OPTIONS", and is empty when no row has the path. HEAD finds the
 * row of GET. `values` are the segments in braces. */
struct route_match {
    const struct route *route;
    char allow[ROUTE_ALLOW_BYTES];
    struct text values[ROUTE_VALUES_MAX];
};
void route_find(const struct routes *routes, struct text method, const struct target *target,
                struct route_match *match);

#endif
