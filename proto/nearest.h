/* The nearest known name to an unknown one, for messages that help. Offer the candidates one by
 * one, then ask. Any thread. */
#ifndef COMESH_PROTO_NEAREST_H
#define COMESH_PROTO_NEAREST_H

#include "proto/bytes.h"

struct nearest {
    struct text wanted;
    const char *best;
    size_t distance; /* of the best: changes of one character, transpositions included */
};

struct nearest nearest_to(struct text wanted);

/* Takes `candidate` when it is nearer than all before. Case differences cost nothing. */
void nearest_offer(struct nearest *nearest, const char *candidate);

/* The nearest candidate, or NULL when none is near enough to be what was meant. */
const char *nearest_found(const struct nearest *nearest);

#endif
