/* What a partner gave back goes into the store, in an order in which it was said. See fetch.h.
 * The order is told by the verdicts of both: one was appended behind the entries of the other
 * channel that it judges, so it waits for them. A run of the partner's is stored whole, with its
 * receipt, in one commit; one of ours may end anywhere. */
#include "node/flow/fetch_parts.h"

#define QUEUE_BYTES                                                                                \
    ((size_t)32 << 20) /* of runs that wait for each other; behind it they do not                  \
                        */

/* ---- the order ---- */

enum step { STEP_OURS, STEP_THEIRS, STEP_LACKS_OURS, STEP_LACKS_THEIRS };

static const struct arrived *next_of(const struct fetch_run *run, size_t at)
{
    return run == NULL ? NULL : &run->page->entries[at];
}

/* Whether all that the entry judges of the other channel is there. */
static bool may_follow(const struct arrived *arrived, uint64_t held)
{
    const struct verdict *verdict = arrived->verdict;
    return verdict == NULL || verdict->first + verdict->count <= held;
}

/* Ours, as long as they can; then a run of theirs, and within it ours again where theirs wait. A
 * verdict of theirs on more than there is at all said nothing when it came: it waits for nothing.
 */
static enum step choose(const struct fetch *fetch, const struct fetch_place *place)
{
    const struct arrived *ours = next_of(place->ours, place->at);
    const struct arrived *theirs = next_of(place->theirs, place->theirs_at);
    const bool within = place->theirs_at > 0;
    const bool last = ours == NULL && (fetch->outgoing.tree.size >= fetch->until ||
                                       fetch->work.weight > QUEUE_BYTES);
    if (within && (may_follow(theirs, place->held) || last)) {
        return STEP_THEIRS;
    }
    if (ours == NULL) {
        return STEP_LACKS_OURS;
    }
    if (may_follow(ours, place->theirs_held) || fetch->incoming.has_ended) {
        return STEP_OURS;
    }
    return theirs == NULL ? STEP_LACKS_THEIRS : STEP_THEIRS;
}

/* Moves on by one entry; true when that ends its run, which is then in `ended`. */
static bool move(struct fetch_place *place, enum step step, const struct fetch_run **ended)
{
    struct fetch_run **run = step == STEP_OURS ? &place->ours : &place->theirs;
    size_t *at = step == STEP_OURS ? &place->at : &place->theirs_at;
    *(step == STEP_OURS ? &place->held : &place->theirs_held) += 1;
    *ended = *run;
    if (++*at < (*run)->page->count) {
        return false;
    }
    *run = (*run)->next;
    *at = 0;
    return true;
}

/* How many entries can be stored now: up to where no run of theirs is begun. Says what is lacked
 * then. */
static size_t plan(struct fetch *fetch, struct fetch_place place)
{
    const struct fetch_run *ended = NULL;
    size_t steps = 0;
    size_t whole = 0;
    enum step step = choose(fetch, &place);
    while (step == STEP_OURS || step == STEP_THEIRS) {
        (void)move(&place, step, &ended);
        steps++;
        whole = place.theirs_at == 0 ? steps : whole;
        step = choose(fetch, &place);
    }
    fetch->lacks = step == STEP_LACKS_OURS ? &fetch->outgoing : &fetch->incoming;
    return whole;
}

/* ---- storing ---- */

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

/* The next entry of that channel, and its receipt behind the last of a run. */
static enum result store_step(struct fetch *fetch, enum step step, const uint32_t channels[2],
                              struct store *store, struct error *error)
{
    struct fetch_place *place = &fetch->place;
    const bool ours = step == STEP_OURS;
    const struct fetch_run *run = ours ? place->ours : place->theirs;
    const struct arrived *next = next_of(run, ours ? place->at : place->theirs_at);
    const uint32_t channel = channels[ours ? STORE_OUTGOING : STORE_INCOMING];
    const uint64_t time_ms = ours ? next->entry.time_ms : run->time_s * 1000;
    enum result result = append_one(next, time_ms, channel, store, error);
    if (result == RESULT_OK && move(place, step, &run)) {
        result = append_receipt(run, channel, store, error);
    }
    return result;
}

static enum result store_all(struct fetch *fetch, const uint32_t channels[2], struct store *store,
                             struct error *error)
{
    enum result result = RESULT_OK;
    for (size_t steps = plan(fetch, fetch->place); steps > 0 && result == RESULT_OK; steps--) {
        result = store_step(fetch, choose(fetch, &fetch->place), channels, store, error);
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
    fetch->place = (struct fetch_place){.ours = fetch->outgoing.first,
                                        .at = fetch->outgoing.at,
                                        .held = fetch->outgoing.held + fetch->outgoing.at,
                                        .theirs = fetch->incoming.first,
                                        .theirs_held = fetch->incoming.held};
    enum result result = store_room(store, error);
    if (result == RESULT_OK) {
        result = open_side(fetch, &fetch->outgoing, store, &channels[STORE_OUTGOING], error);
    }
    if (result == RESULT_OK && fetch->incoming.first != NULL) {
        result = open_side(fetch, &fetch->incoming, store, &channels[STORE_INCOMING], error);
    }
    return result == RESULT_OK ? store_all(fetch, channels, store, error) : result;
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
