/* What a partner gave back goes into the store, in an order in which it was said. See fetch.h.
 * The order is told by our own verdicts: one was appended right behind the partner's entries that
 * it judges, so it waits for them; what the partner says about an entry of ours is judged in turn
 * by a verdict behind that entry, so it does not come too early. */
#include "node/flow/fetch_parts.h"

/* Entries of the partner's channel that were held when this one was said. What it says is taken was
 * judged by one before it. */
static uint64_t needs(const struct arrived *arrived)
{
    const struct verdict *verdict = arrived->verdict;
    return verdict == NULL ? 0 : verdict->first + verdict->count;
}

/* `time_ms`: when it was committed first. Ours when it was signed, theirs when we receipted it. */
static enum result append_one(const struct arrived *arrived, uint64_t time_ms, uint32_t channel,
                              struct store *store, struct error *error)
{
    const struct store_entry row = arrival_row(arrived, channel, time_ms);
    return store_append_entry(store, &row, error);
}

static enum result append_receipt(const struct fetch_run *run, uint32_t channel,
                                  struct store *store, struct error *error)
{
    return store_append_receipt(store, channel, run->size, run->time_s, run->page->checkpoint_note,
                                error);
}

static enum result append_incoming(const struct fetch_run *run, uint32_t channel,
                                   struct store *store, struct error *error)
{
    enum result result = RESULT_OK;
    for (size_t i = 0; i < run->page->count && result == RESULT_OK; i++) {
        result = append_one(&run->page->entries[i], run->time_s * 1000, channel, store, error);
    }
    return result == RESULT_OK ? append_receipt(run, channel, store, error) : result;
}

/* As far as the partner's entries that are there allow. */
static enum result append_outgoing(struct fetch *fetch, const uint32_t channels[2],
                                   struct store *store, struct error *error)
{
    struct fetch_place *place = &fetch->place;
    uint64_t held = fetch->incoming.held;
    enum result result = RESULT_OK;
    while (place->ours != NULL && result == RESULT_OK) {
        const struct arrival *page = place->ours->page;
        const struct arrived *next = place->at == page->count ? NULL : &page->entries[place->at];
        uint64_t needed = next == NULL ? 0 : needs(next);
        if (next == NULL) {
            result = append_receipt(place->ours, channels[STORE_OUTGOING], store, error);
            place->ours = place->ours->next;
            place->at = 0;
        } else if (needed > held && place->theirs != NULL) {
            result = append_incoming(place->theirs, channels[STORE_INCOMING], store, error);
            held = place->theirs->size;
            place->theirs = place->theirs->next;
        } else if (needed > held && !fetch->incoming.has_ended) {
            break;
        } else {
            result = append_one(next, next->entry.time_ms, channels[STORE_OUTGOING], store, error);
            place->at++;
        }
    }
    return result;
}

/* The channel as it was when the fetch began, made when all of it was lost. */
static enum result open_side(const struct fetch *fetch, const struct fetch_side *side,
                             struct store *store, uint32_t *number, struct error *error)
{
    const struct store_channel *channel = NULL;
    enum result result =
        store_channel_open(store, text_of(side->origin), text_of(fetch->ours->partner),
                           side->direction, &channel, error);
    if (result == RESULT_OK && channel->size != side->held + side->at) {
        result = error_set(
            error, RESULT_BUSY, "%s has %llu entries by now, and had %llu when it was fetched back",
            side->origin, (unsigned long long)channel->size, (unsigned long long)side->held);
    }
    *number = result == RESULT_OK ? channel->number : 0;
    return result;
}

static enum result fetch_apply(struct work *work, struct store *store, struct error *error)
{
    struct fetch *fetch = (struct fetch *)work;
    uint32_t channels[2] = {0};
    fetch->place = (struct fetch_place){
        .ours = fetch->outgoing.first, .at = fetch->outgoing.at, .theirs = fetch->incoming.first};
    enum result result = store_room(store, error);
    if (result == RESULT_OK) {
        result = open_side(fetch, &fetch->outgoing, store, &channels[STORE_OUTGOING], error);
    }
    if (result == RESULT_OK && fetch->incoming.first != NULL) {
        result = open_side(fetch, &fetch->incoming, store, &channels[STORE_INCOMING], error);
    }
    return result == RESULT_OK ? append_outgoing(fetch, channels, store, error) : result;
}

static void side_stored(struct fetch_side *side, const struct fetch_run *next, size_t at)
{
    for (const struct fetch_run *run = side->first; run != next; run = run->next) {
        side->held = run->size;
    }
    fetch_drop(&side->first, next);
    side->at = at;
}

static void fetch_finish(struct work *work)
{
    struct fetch *fetch = (struct fetch *)work;
    fetch->pending = false;
    if (work->result != RESULT_OK) {
        log_error("fetch", "not stored; it is fetched again with the next welcome", &work->error);
        return;
    }
    side_stored(&fetch->outgoing, fetch->place.ours, fetch->place.at);
    side_stored(&fetch->incoming, fetch->place.theirs, 0);
    if (fetch_is_over(fetch)) {
        log_event(LOG_LEVEL_INFO, "fetch", "what this store had lost is back",
                  "partner=%s entries=%llu of=%llu theirs=%llu", fetch->ours->partner,
                  (unsigned long long)(fetch->outgoing.held - fetch->began),
                  (unsigned long long)fetch->outgoing.held,
                  (unsigned long long)fetch->incoming.held);
    }
}

void fetch_commit(struct fetch *fetch)
{
    const struct fetch_side *sides[] = {&fetch->outgoing, &fetch->incoming};
    fetch->work.weight = 0;
    for (size_t i = 0; i < 2; i++) {
        for (const struct fetch_run *run = sides[i]->first; run != NULL; run = run->next) {
            fetch->work.weight += run->page->bytes;
        }
    }
    fetch->work.apply = fetch_apply;
    fetch->work.finish = fetch_finish;
    fetch->pending = true;
    writer_submit(fetch->ours->flow->writer, &fetch->work);
}
