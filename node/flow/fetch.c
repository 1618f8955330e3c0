/* What a partner gives back: asking, and proving what comes. See fetch.h; what is proven is stored
 * by fetch_commit.c, and fetch_answer.c gives a partner what it lacks. */
#include "node/flow/fetch_parts.h"

#include "keys/evidence.h"
#include "node/flow/append.h"
#include "node/flow/reconcile.h"
#include "node/store/meaning.h"

#include <inttypes.h>
#include <stdlib.h>

#define RUN_MAX_BYTES ((size_t)16 << 20) /* of a run, when no credit is larger */

/* ---- life ---- */

/* The channel as it is held: its origin and its tree. */
static enum result side_open(const struct ours *ours, enum store_direction direction,
                             struct fetch_side *side, struct error *error)
{
    struct question question;
    struct store_hashes hashes = {.reader = ours->reader};
    enum result result = reconcile_question(ours->flow, ours->reader, text_of(ours->partner),
                                            direction == STORE_OUTGOING, 0, 0, &question, error);
    if (result != RESULT_OK) {
        return result;
    }
    *side = (struct fetch_side){.direction = direction, .held = question.size};
    memcpy(side->origin, question.origin, sizeof side->origin);
    hashes.channel = question.channel;
    return merkle_load(store_read_hash, &hashes, question.size, &side->tree, error);
}

enum result fetch_new(const struct ours *ours, uint64_t until, struct fetch **fetch,
                      struct error *error)
{
    struct fetch *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory to fetch entries back");
    }
    made->work = (struct work){.home = ours->home, .owner = made};
    made->ours = ours;
    made->until = until;
    enum result result = side_open(ours, STORE_OUTGOING, &made->outgoing, error);
    if (result == RESULT_OK) {
        result = side_open(ours, STORE_INCOMING, &made->incoming, error);
    }
    if (result != RESULT_OK) {
        fetch_destroy(&made);
        return result;
    }
    made->began = made->outgoing.held;
    made->lacks = &made->outgoing;
    *fetch = made;
    return RESULT_OK;
}

void fetch_drop(struct fetch_run **first, const struct fetch_run *end)
{
    while (*first != end) {
        struct fetch_run *gone = *first;
        *first = gone->next;
        arrival_destroy(gone->page);
        free(gone);
    }
}

void fetch_destroy(struct fetch **fetch)
{
    if (*fetch != NULL) {
        struct fetch_side *sides[] = {&(*fetch)->outgoing, &(*fetch)->incoming};
        for (size_t i = 0; i < 2; i++) {
            fetch_drop(&sides[i]->first, NULL);
            fetch_drop(&sides[i]->open, NULL);
        }
        free(*fetch);
        *fetch = NULL;
    }
}

bool fetch_is_pending(const struct fetch *fetch)
{
    return fetch->pending;
}

bool fetch_is_over(const struct fetch *fetch)
{
    return fetch->outgoing.held >= fetch->until;
}

enum result fetch_ask(struct fetch *fetch, struct buffer *out, struct error *error)
{
    struct fetch_side *side = fetch->lacks;
    if (fetch->pending || fetch->asked != NULL || fetch_is_over(fetch)) {
        return RESULT_OK;
    }
    if (fetch->work.result != RESULT_OK) {
        *error = fetch->work.error;
        return fetch->work.result;
    }
    const struct frame_fetch asked = {text_of(side->origin), side->tree.size};
    fetch->asked = side;
    frame_fetch_pack(&asked, out);
    return buffer_check(out, error);
}

/* ---- what comes ---- */

static struct fetch_run *run_new(const struct fetch *fetch, const struct fetch_side *side)
{
    struct fetch_run *run = calloc(1, sizeof *run);
    struct arrival *page = calloc(1, sizeof *page);
    if (run == NULL || page == NULL) {
        free(run);
        free(page);
        return NULL;
    }
    page->flow = fetch->ours->flow;
    page->origin = text_of(side->origin);
    run->page = page;
    return run;
}

/* Room for `more` entries in the run. */
static enum result run_reserve(struct fetch_run *run, size_t more, struct error *error)
{
    struct arrival *page = run->page;
    if (page->count + more > run->capacity) {
        size_t capacity = run->capacity + page->count + more;
        struct arrived *grown = arena_zero(&page->arena, capacity * sizeof *grown);
        if (grown == NULL) {
            return error_set(error, RESULT_NO_MEMORY, "no memory for %zu entries", capacity);
        }
        if (page->count > 0) {
            memcpy(grown, page->entries, page->count * sizeof *grown);
        }
        page->entries = grown;
        run->capacity = capacity;
    }
    return RESULT_OK;
}

/* What the entry says to the views, as when it was said first. */
static enum result read_meaning(struct arrival *page, struct arrived *arrived,
                                struct arena *scratch, struct error *error)
{
    struct meaning meaning;
    bool document = !operation_is_of_mesh(arrived->entry.operation);
    meaning_read(arrived->entry.operation, arrived->payload, document ? scratch : &page->arena,
                 &meaning);
    arrived->card_serial = meaning.card_serial;
    if (meaning.has_verdict) {
        struct verdict *verdict = arena_alloc(&page->arena, sizeof *verdict);
        if (verdict == NULL) {
            return error_set(error, RESULT_NO_MEMORY, "no memory for a verdict");
        }
        *verdict = meaning.verdict;
        arrived->verdict = verdict;
    }
    arrived->has_message = meaning.has_message;
    arrived->message = meaning.message;
    return meaning.has_message ? message_keep(&arrived->message, &page->arena, error) : RESULT_OK;
}

static enum result add_items(struct fetch_side *side, const struct frame_run *given,
                             struct error *error)
{
    struct refused refused = {0};
    struct arena scratch = {0};
    struct arrival *page = side->open->page;
    enum result result = run_reserve(side->open, given->count, error);
    for (size_t i = 0; i < given->count && result == RESULT_OK; i++) {
        result = arrival_add(page, &given->items[i], &side->tree, &refused, error);
        if (refused.refusal != 0) {
            result = error_set(error, RESULT_UNTRUSTED, "%s", refused.sentence);
        } else if (result == RESULT_OK) {
            result = read_meaning(page, &page->entries[page->count - 1], &scratch, error);
        }
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    return result;
}

/* Both signed that root, with the keys they had then. */
static enum result check_note(const struct fetch *fetch, struct fetch_side *side, struct bytes note,
                              uint64_t *time_s, struct error *error)
{
    bool outgoing = side->direction == STORE_OUTGOING;
    const struct text own = text_of(fetch->ours->flow->config->party);
    const struct text partner = text_of(fetch->ours->partner);
    struct directory *directory = flow_directory(fetch->ours->flow);
    struct checkpoint checkpoint = {0};
    struct merkle_hash root;
    enum result result =
        evidence_receipt(directory, outgoing ? partner : own, note, &checkpoint, time_s, error);
    if (result == RESULT_OK) {
        result = evidence_checkpoint(directory, outgoing ? own : partner, note, *time_s,
                                     &checkpoint, error);
    }
    directory_release(&directory);
    if (result != RESULT_OK) {
        return error_wrap(error, "%s, entries up to %llu", side->origin,
                          (unsigned long long)side->tree.size);
    }
    merkle_root(&side->tree, &root);
    if (!text_equal(checkpoint.origin, text_of(side->origin)) ||
        checkpoint.size != side->tree.size || memcmp(&checkpoint.root, &root, sizeof root) != 0) {
        return error_set(error, RESULT_UNTRUSTED,
                         "%s: the entries up to %llu are not those that both signed, or something "
                         "was said behind a backup before they came back; put the backup in its "
                         "place again, and start while %s is there",
                         side->origin, (unsigned long long)side->tree.size, fetch->ours->partner);
    }
    return RESULT_OK;
}

/* The run that is open is whole, when its receipt holds. */
static enum result end_run(const struct fetch *fetch, struct fetch_side *side, struct bytes note,
                           struct error *error)
{
    struct fetch_run *run = side->open;
    struct fetch_run **last = &side->first;
    enum result result = check_note(fetch, side, note, &run->time_s, error);
    if (result != RESULT_OK) {
        return result;
    }
    const struct text text = {(const char *)note.data, note.size};
    const struct text kept = arena_text(&run->page->arena, text);
    if (kept.data == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a receipt");
    }
    run->page->checkpoint_note = (struct bytes){(const uint8_t *)kept.data, kept.size};
    run->size = side->tree.size;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = run;
    side->open = NULL;
    return RESULT_OK;
}

/* A run is what was under way at once, so that it ends: one that does not would fill the memory,
 * and one without entries would be asked for again without end. */
static enum result check_run(const struct fetch *fetch, const struct fetch_side *side,
                             const struct frame_run *given, struct error *error)
{
    size_t credit = fetch->ours->flow->config->credit_bytes;
    size_t most = credit > RUN_MAX_BYTES ? credit : RUN_MAX_BYTES;
    if (given->count == 0) {
        return error_set(error, RESULT_UNTRUSTED, "%s: given without entries from %" PRIu64 " on",
                         side->origin, side->tree.size);
    }
    if (side->open != NULL && side->open->page->bytes > most) {
        return error_set(error, RESULT_UNTRUSTED,
                         "%s: %zu entries up to %" PRIu64 " are given without a receipt; no more "
                         "than %zu bytes can have been under way",
                         side->origin, side->open->page->count, side->tree.size, most);
    }
    return RESULT_OK;
}

static enum result take_run(const struct fetch *fetch, struct fetch_side *side,
                            const struct frame_run *given, struct error *error)
{
    enum result result = check_run(fetch, side, given, error);
    if (result != RESULT_OK) {
        return result;
    }
    side->open = side->open == NULL ? run_new(fetch, side) : side->open;
    if (side->open == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for entries that come back");
    }
    result = add_items(side, given, error);
    return result == RESULT_OK && given->checkpoint.size > 0
               ? end_run(fetch, side, given->checkpoint, error)
               : result;
}

/* The partner has no more of that channel. */
static enum result end_side(struct fetch *fetch, struct fetch_side *side, struct error *error)
{
    if (side->direction == STORE_OUTGOING || side->open != NULL) {
        return error_set(
            error, RESULT_UNTRUSTED,
            "%s says that it holds %llu entries of our channel, and gives back none of "
            "%s from entry %llu on",
            fetch->ours->partner, (unsigned long long)fetch->until, side->origin,
            (unsigned long long)side->tree.size);
    }
    side->has_ended = true;
    log_event(LOG_LEVEL_WARNING, "fetch", "a verdict of ours is on entries that are not given back",
              "partner=%s from=%llu", fetch->ours->partner, (unsigned long long)side->tree.size);
    fetch_commit(fetch);
    return RESULT_OK;
}

enum result fetch_take(struct fetch *fetch, const struct frame_entries *entries,
                       struct error *error)
{
    struct fetch_side *side = fetch->asked;
    if (side == NULL) {
        return RESULT_OK;
    }
    fetch->asked = NULL;
    if (entries->first != side->tree.size) {
        return error_set(error, RESULT_UNTRUSTED, "%s: asked for from entry %llu, given from %llu",
                         side->origin, (unsigned long long)side->tree.size,
                         (unsigned long long)entries->first);
    }
    if (entries->count == 0) {
        return end_side(fetch, side, error);
    }
    enum result result = RESULT_OK;
    for (size_t i = 0; i < entries->count && result == RESULT_OK; i++) {
        result = take_run(fetch, side, &entries->runs[i], error);
    }
    if (result == RESULT_OK && side->first != NULL) {
        fetch_commit(fetch);
    }
    return result;
}
