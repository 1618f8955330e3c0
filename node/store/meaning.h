/* What an entry's payload says, as far as the views need it: read when an entry is replayed, and
 * when one comes back that was judged before. It judges nothing: a payload that cannot be read
 * means nothing. Any thread. */
#ifndef COMESH_NODE_STORE_MEANING_H
#define COMESH_NODE_STORE_MEANING_H

#include "proto/arena.h"
#include "proto/message.h"
#include "proto/operation.h"
#include "proto/verdict.h"

struct meaning {
    bool has_message;
    struct message message; /* of a document; its record lives in the arena */
    bool has_verdict;
    struct verdict verdict;
    uint64_t card_serial; /* of a card; 0 when it is none, or cannot be read */
};

/* Texts borrow from `payload`, the rest is in `arena`. */
void meaning_read(enum operation operation, struct bytes payload, struct arena *arena,
                  struct meaning *meaning);

#endif
