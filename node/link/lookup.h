/* Where an endpoint's name leads, looked up in a thread of its own: libzmq asks the resolver in its
 * I/O thread, where one slow name server would stop the lanes of all partners, and with IPv6 on it
 * never falls back to IPv4 (#4313). Here every address of a name gets its turn. */
#ifndef COMESH_NODE_LINK_LOOKUP_H
#define COMESH_NODE_LINK_LOOKUP_H

#include "keys/card.h"
#include "node/core/queue.h"

#define LOOKUP_ADDRESSES_MAX 8

struct lookup;

/* Begins to look `endpoint` (tcp://host:port) up, and wakes `home` when it is done. An address
 * needs no looking up and is there at once. */
enum result lookup_start(const char *endpoint, struct queue *home, struct lookup **lookup,
                         struct error *error) RESULT_CHECKED;

/* True when the answer is there. */
bool lookup_is_done(struct lookup *lookup);

/* When it is done: how many addresses there are; with 0 the sentence of the resolver. */
size_t lookup_count(const struct lookup *lookup);
const char *lookup_problem(const struct lookup *lookup);

/* The endpoint with address `index` instead of the name. */
const char *lookup_endpoint(const struct lookup *lookup, size_t index);

/* At any time: a look-up under way is left to its thread, which wakes nobody then. Sets to NULL. */
void lookup_end(struct lookup **lookup);

#endif
