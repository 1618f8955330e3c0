/* Idempotency keys of the private listener: the same key with other content is a client's mistake
 * that is told. The message's own identity makes a repetition harmless without them, for ever; so
 * the keys are remembered in bounded memory, the oldest of a place forgotten first. One task. */
#ifndef COMESH_NODE_BRIDGE_IDEMPOTENCY_H
#define COMESH_NODE_BRIDGE_IDEMPOTENCY_H

#include "proto/merkle.h"

#define IDEMPOTENCY_KEY_MAX_BYTES 255
#define IDEMPOTENCY_PLACES        1024
#define IDEMPOTENCY_KEYS_A_PLACE  8

struct idempotency {
    struct {
        struct {
            struct merkle_hash key; /* of caller and key; all zeros: free */
            struct merkle_hash content;
        } keys[IDEMPOTENCY_KEYS_A_PLACE]; /* newest first */
    } places[IDEMPOTENCY_PLACES];
};

/* True for 1 to 255 visible ASCII characters. */
bool idempotency_key_valid(struct text key);

/* Notes that `caller` used the key for `content`. RESULT_CONFLICT, with a sentence, when it was
 * used for other content. */
enum result idempotency_note(struct idempotency *idempotency, struct text caller, struct text key,
                             const struct merkle_hash *content, struct error *error) RESULT_CHECKED;

/* What it was used for came to nothing: the key is free again. */
void idempotency_forget(struct idempotency *idempotency, struct text caller, struct text key);

#endif
