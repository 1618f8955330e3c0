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

/* Cards may be as old as the store: what a key of a newer one signed is believed once that is here.
 */
static bool is_card_lacking(const struct outgoing *outgoing, struct refused *refused)
{
    struct directory *directory = flow_directory(outgoing->ours.flow);
    const struct card *card = directory_party(directory, text_of(outgoing->ours.partner));
    uint64_t held = card == NULL ? 0 : card->serial;
    directory_release(&directory);
    if (held < outgoing->their_serial) {
        (void)refuse_with(
            refused, REFUSAL_KEY, 0, RESULT_UNTRUSTED,
            "what %s gives back may be signed by keys of its card %llu, and card %llu "
            "is held; card %llu must come first",
            outgoing->ours.partner, (unsigned long long)outgoing->their_serial,
            (unsigned long long)held, (unsigned long long)outgoing->their_serial);
    }
    return refused->refusal != 0;
}

enum result outgoing_entries(struct outgoing *outgoing, const struct frame_entries *entries,
                             struct refused *refused, struct error *error)
{
    enum result result =
        outgoing->fetch == NULL ? RESULT_OK : fetch_take(outgoing->fetch, entries, error);
    if (result == RESULT_OK || result == RESULT_NO_MEMORY || result == RESULT_IO) {
        return result;
    }
    if (is_card_lacking(outgoing, refused)) {
        return result;
    }
    const struct bytes proof = entries->count == 0 ? (struct bytes){NULL, 0}
                                                   : entries->runs[entries->count - 1].checkpoint;
    return outgoing_hold(outgoing, refused, proof, REFUSAL_BEHIND, entries->first, error->message);
}
