/* Reading runs of entries, with few reads of the journal. See embedded.h. */
#include "node/store/embedded.h"

#include <inttypes.h>

#define JOIN_GAP_BYTES 4096 /* records no farther apart than this are read together */

/* How many of the run fit the byte limit: at least one. */
static size_t run_within(const struct views_run *run, size_t count, size_t max_bytes)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += run[i].record_size;
        if (i > 0 && bytes > max_bytes) {
            return i;
        }
    }
    return count;
}

/* How many records, from the first on, lie so close together that one read brings them all. */
static size_t run_joined(struct journal_reader *journal, const struct views_run *run, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint64_t end = run[i - 1].position + run[i - 1].record_size;
        if (run[i].position < end || run[i].position - end > JOIN_GAP_BYTES ||
            !journal_same_segment(journal, run[0].position, run[i].position)) {
            return i;
        }
    }
    return count;
}

static enum result parse_item(const struct views_run *row, uint32_t channel, const uint8_t *data,
                              struct store_item *item, struct error *error)
{
    struct journal_record record;
    struct body_entry body;
    enum result result =
        journal_record_parse((struct bytes){data, row->record_size}, row->position, &record, error);
    if (result == RESULT_OK) {
        result = body_entry_unpack(&record, &body, error);
    }
    if (result == RESULT_OK && (body.channel != channel || body.index != row->index)) {
        result = error_set(error, RESULT_CORRUPT, "another entry lies there");
    }
    if (result != RESULT_OK) {
        return error_wrap(error, "entry %" PRIu64 " of channel %" PRIu32, row->index, channel);
    }
    *item = (struct store_item){
        .index = row->index, .entry = body.entry, .payload = body.payload, .leaf = row->leaf};
    return RESULT_OK;
}

/* One read for records that lie together. */
static enum result read_joined(struct journal_reader *journal, uint32_t channel,
                               const struct views_run *run, size_t count, struct arena *arena,
                               struct store_item *items, struct error *error)
{
    uint64_t start = run[0].position;
    size_t size = (size_t)(run[count - 1].position - start) + run[count - 1].record_size;
    uint8_t *data = arena_alloc(arena, size);
    if (data == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory to read %zu bytes of entries", size);
    }
    enum result result = journal_read(journal, start, size, data, error);
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        result = parse_item(&run[i], channel, data + (run[i].position - start), &items[i], error);
    }
    return result;
}

/* Where the entries lie: the newest are known before the views have them. */
static enum result find_run(struct store_reader *reader, uint32_t channel, uint64_t first,
                            size_t max_count, bool ahead, struct arena *arena,
                            struct views_run **run, size_t *count, struct error *error)
{
    struct views *views = NULL;
    struct front *front = &((struct embedded_reader *)reader)->embedded->front;
    enum result result =
        front_run(front, channel, first, max_count, ahead, arena, run, count, error);
    if (result == RESULT_OK && *count == 0) {
        result = embedded_reader_views(reader, &views, error);
        if (result == RESULT_OK) {
            result = views_run(views, channel, first, max_count, arena, run, count, error);
        }
    }
    return result;
}

static enum result read_entries(struct store_reader *reader, uint32_t channel,
                                const struct views_run *run, size_t found, size_t max_bytes,
                                struct arena *arena, struct store_item **items, size_t *count,
                                struct error *error)
{
    struct journal_reader *journal = ((struct embedded_reader *)reader)->journal;
    enum result result = RESULT_OK;
    *count = 0;
    *items = NULL;
    if (found == 0) {
        return RESULT_OK;
    }
    found = run_within(run, found, max_bytes);
    *items = arena_alloc(arena, found * sizeof **items);
    if (*items == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for %zu entries", found);
    }
    for (size_t at = 0; at < found && result == RESULT_OK;) {
        size_t joined = run_joined(journal, run + at, found - at);
        result = read_joined(journal, channel, run + at, joined, arena, *items + at, error);
        at += joined;
    }
    *count = result == RESULT_OK ? found : 0;
    return result;
}

enum result embedded_read_entries(struct store_reader *reader, uint32_t channel, uint64_t first,
                                  size_t max_count, size_t max_bytes, struct arena *arena,
                                  struct store_item **items, size_t *count, struct error *error)
{
    struct views_run *run = NULL;
    size_t found = 0;
    enum result result =
        find_run(reader, channel, first, max_count, false, arena, &run, &found, error);
    return result == RESULT_OK
               ? read_entries(reader, channel, run, found, max_bytes, arena, items, count, error)
               : result;
}

enum result embedded_read_ahead(struct store_reader *reader, uint32_t channel, uint64_t first,
                                size_t max_count, size_t max_bytes, struct arena *arena,
                                struct store_item **items, size_t *count, struct error *error)
{
    struct views_run *run = NULL;
    size_t found = 0;
    enum result result =
        find_run(reader, channel, first, max_count, true, arena, &run, &found, error);
    return result == RESULT_OK
               ? read_entries(reader, channel, run, found, max_bytes, arena, items, count, error)
               : result;
}
