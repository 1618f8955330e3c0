/* One webhook: the events of all incoming channels, one after the other, posted to a URL with a
 * signature (Standard Webhooks). What is refused too often becomes a dead letter, that a person can
 * have tried again; an endpoint that cannot be reached is tried for ever. Used by notify.c alone.
 */
#ifndef COMESH_NODE_BRIDGE_HOOK_H
#define COMESH_NODE_BRIDGE_HOOK_H

#include "keys/webhook_key.h"
#include "node/bridge/call.h"
#include "node/core/hook_file.h"
#include "node/flow/flow.h"

struct hook;

/* What all webhooks share; outlives them. */
struct hook_office {
    struct flow *flow;
    struct store_reader *reader;
    struct calls *calls;
    const struct webhook_key *key;
};

/* Goes on where the URL's file says; a new one begins with what arrives next. */
enum result hook_new(const struct hook_office *office, const char *url, struct hook **hook,
                     struct error *error) RESULT_CHECKED;

/* Breaks off what is under way and writes down how far it has come. */
void hook_destroy(struct hook **hook);

const char *hook_url(const struct hook *hook);

/* Configuration was read again, or a person ordered a replay: it is tried at once. */
void hook_look(struct hook *hook);

/* Posts the next event when it is time for one, and writes down what has changed. */
void hook_advance(struct hook *hook);

/* When it wants to be advanced though nothing happens: steady milliseconds. */
uint64_t hook_due_ms(const struct hook *hook);

#endif
