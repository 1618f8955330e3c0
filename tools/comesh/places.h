/* How far each of several channels has come. */
#ifndef COMESH_TOOLS_COMESH_PLACES_H
#define COMESH_TOOLS_COMESH_PLACES_H

#include "tools/comesh/client.h"

#define PLACES_MAX 256

struct place {
    uint64_t channel;
    uint64_t upto; /* one behind the last index */
};

struct places {
    struct place rows[PLACES_MAX];
    size_t count;
};

/* Notes that entry `index` of the channel is among them. */
enum result places_note(struct places *places, uint64_t channel, uint64_t index,
                        struct error *error) RESULT_CHECKED;

/* Marks everything before these places as taken, and forgets them. */
enum result places_take(struct places *places, struct client *client,
                        struct error *error) RESULT_CHECKED;

#endif
