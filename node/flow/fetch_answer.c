/* What we give back to a partner. See fetch.h. */
#include "node/flow/fetch.h"

/* An answer that is made: what it holds, and what still fits. */
struct giving {
    struct store_reader *reader;
    uint32_t channel;
    struct arena *arena;
    struct frame_run runs[FRAME_RUNS_MAX];
    size_t count;
    size_t left; /* bytes; the last receipt may take more, for which the frame has room */
};

/* The items as a run, as many as fit. */
static enum result fill_run(struct giving *giving, const struct store_item *items, size_t count,
                            struct frame_run *run, struct error *error)
{
    struct frame_item *given = arena_alloc(giving->arena, (count + 1) * sizeof *given);
    if (given == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for %zu entries", count);
    }
    for (run->count = 0; run->count < count; run->count++) {
        const struct store_item *item = &items[run->count];
        size_t bytes = item->entry.size + item->payload.size + FRAME_ITEM_HEAD_BYTES;
        if (bytes > giving->left) {
            break;
        }
        given[run->count] = (struct frame_item){item->entry, item->payload};
        giving->left -= bytes;
    }
    run->items = given;
    return RESULT_OK;
}

/* The run that begins at `first`, when it fits; the first run of an answer also in part, without
 * its receipt. Gives where to go on. */
static enum result give_run(struct giving *giving, uint64_t *first, bool *full, struct error *error)
{
    struct store_receipt receipt;
    struct store_item *items = NULL;
    struct frame_run *run = &giving->runs[giving->count];
    size_t count = 0;
    *full = true;
    enum result result =
        store_read_receipt(giving->reader, giving->channel, *first, giving->arena, &receipt, error);
    if (result != RESULT_OK) {
        return result == RESULT_NOT_FOUND ? RESULT_OK : result;
    }
    uint64_t left = receipt.size - *first;
    result = store_read_entries(giving->reader, giving->channel, *first,
                                left < FRAME_ENTRIES_MAX ? (size_t)left : FRAME_ENTRIES_MAX,
                                giving->left, giving->arena, &items, &count, error);
    if (result == RESULT_OK) {
        result = fill_run(giving, items, count, run, error);
    }
    bool whole = run->count == left;
    if (result != RESULT_OK || run->count == 0 || (giving->count > 0 && !whole)) {
        return result;
    }
    run->checkpoint = whole ? receipt.note : (struct bytes){NULL, 0};
    giving->left -= giving->left < receipt.note.size ? giving->left : receipt.note.size;
    giving->count++;
    *first += run->count;
    *full = !whole || giving->count == FRAME_RUNS_MAX;
    return RESULT_OK;
}

enum result fetch_answer(struct store_reader *reader, struct text partner,
                         const struct frame_fetch *asked, struct arena *arena, struct buffer *out,
                         struct error *error)
{
    const struct store_channel *channel = NULL;
    struct giving giving = {.reader = reader, .arena = arena, .left = FRAME_ITEMS_MAX_BYTES};
    uint64_t first = asked->first;
    bool full = true;
    enum result result = flow_read_channel(reader, asked->origin, arena, &channel, error);
    if (result == RESULT_OK && text_equal(text_of(channel->partner), partner)) {
        giving.channel = channel->number;
        full = false;
    }
    while (result == RESULT_OK && !full) {
        result = give_run(&giving, &first, &full, error);
    }
    if (result != RESULT_OK && result != RESULT_NOT_FOUND) {
        return result;
    }
    const struct frame_entries entries = {asked->first, giving.runs, giving.count};
    frame_entries_pack(&entries, out);
    return buffer_check(out, error);
}
