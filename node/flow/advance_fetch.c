/* Ours, on their way: a channel of which the partner holds more than this store. See advance.h. */
#include "node/flow/outgoing.h"

#include <stdio.h>

enum result outgoing_behind(struct outgoing *outgoing, const struct frame_welcome *welcome,
                            uint64_t size, struct refused *refused, struct error *error)
{
    char reason[STORE_REASON_BYTES];
    (void)snprintf(
        reason, sizeof reason,
        "%s holds %llu entries of our channel and we hold %llu: this store is older than "
        "what it said",
        outgoing->ours.partner, (unsigned long long)welcome->size, (unsigned long long)size);
    flow_set_behind(outgoing->ours.flow, text_of(outgoing->ours.partner), true);
    if (welcome->version < LANE_VERSION_FETCH) {
        return outgoing_hold(outgoing, refused, welcome->checkpoint, REFUSAL_BEHIND, size, reason);
    }
    outgoing->version = welcome->version;
    log_event(LOG_LEVEL_WARNING, "advance", "fetching back what this store has lost",
              "partner=%s held=%llu theirs=%llu", outgoing->ours.partner, (unsigned long long)size,
              (unsigned long long)welcome->size);
    return fetch_new(&outgoing->ours, welcome->size, &outgoing->fetch, error);
}

bool outgoing_is_fetching(const struct outgoing *outgoing)
{
    return outgoing->fetch != NULL;
}

bool outgoing_is_fetched(const struct outgoing *outgoing)
{
    return outgoing->fetch != NULL && fetch_is_over(outgoing->fetch);
}

enum result outgoing_fetch(struct outgoing *outgoing, struct buffer *out, struct error *error)
{
    return outgoing->fetch == NULL ? RESULT_OK : fetch_ask(outgoing->fetch, out, error);
}

enum result outgoing_entries(struct outgoing *outgoing, const struct frame_entries *entries,
                             struct refused *refused, struct error *error)
{
    enum result result =
        outgoing->fetch == NULL ? RESULT_OK : fetch_take(outgoing->fetch, entries, error);
    if (result == RESULT_OK || result == RESULT_NO_MEMORY || result == RESULT_IO) {
        return result;
    }
    const struct bytes proof = entries->count == 0 ? (struct bytes){NULL, 0}
                                                   : entries->runs[entries->count - 1].checkpoint;
    return outgoing_hold(outgoing, refused, proof, REFUSAL_BEHIND, entries->first, error->message);
}
