/* What a webhook's receiver gets for one event: a body that says what there is, and the headers of
 * Standard Webhooks with the signature. One task. */
#ifndef COMESH_NODE_BRIDGE_HOOK_LETTER_H
#define COMESH_NODE_BRIDGE_HOOK_LETTER_H

#include "keys/webhook_key.h"
#include "node/store/store.h"

#define HOOK_LETTER_HEADERS      4
#define HOOK_LETTER_HEADER_BYTES 192

/* Start with zeros; free the body. */
struct hook_letter {
    struct buffer body;
    char headers[HOOK_LETTER_HEADERS][HOOK_LETTER_HEADER_BYTES];
};

/* Writes the letter about a message, signed at `now_s`. The document is not in it: the receiver
 * asks the private listener for that. */
enum result hook_letter_write(const struct webhook_key *key, const struct store_message *message,
                              uint64_t now_s, struct hook_letter *letter,
                              struct error *error) RESULT_CHECKED;

#endif
