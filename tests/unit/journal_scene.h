/* A journal on a disk that fails on demand, batches for it, and what a replay of it visits. */
#ifndef COMESH_TESTS_JOURNAL_SCENE_H
#define COMESH_TESTS_JOURNAL_SCENE_H

#include "node/core/log.h"
#include "node/store/journal.h"
#include "tests/unit/store_fixture.h"

#define HELD_MAX   4096
#define HELD_BYTES 32
#define FIRST_SEG  "0000000000000000.seg"

static struct flaky flaky;
static struct journal *journal;
static struct journal_options options;

/* The bodies that a replay visited, without the commits. */
static char held[HELD_MAX][HELD_BYTES];
static size_t held_count;
static size_t commit_count;

static inline void scene_start(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    folder_make();
    flaky_init(&flaky);
    options = (struct journal_options){.path = folder,
                                       .segment_bytes = JOURNAL_SEGMENT_MIN_BYTES,
                                       .disk = &flaky.disk,
                                       .world = world_real()};
}

static inline void scene_end(void)
{
    journal_close(&journal);
    flaky_forget(&flaky);
    folder_remove();
}

static inline enum result hold(void *self, const struct journal_record *record,
                               struct error *problem)
{
    (void)self;
    (void)problem;
    if (record->kind == JOURNAL_COMMIT) {
        commit_count++;
        return RESULT_OK;
    }
    ck_assert_uint_lt(held_count, HELD_MAX);
    size_t size = record->body.size < HELD_BYTES ? record->body.size : HELD_BYTES - 1;
    memcpy(held[held_count], record->body.data, size);
    held[held_count++][size] = '\0';
    return RESULT_OK;
}

static inline enum result try_open_from(struct journal_place from)
{
    held_count = 0;
    commit_count = 0;
    enum result result = journal_open(&options, &journal, &error);
    return result == RESULT_OK ? journal_replay(journal, from, hold, NULL, &error) : result;
}

static inline enum result try_open(void)
{
    return try_open_from((struct journal_place){0});
}

static inline void reopen(void)
{
    journal_close(&journal);
    assert_ok(try_open());
}

static inline void append(const char *body, size_t padding)
{
    static const char filler[] = "0123456789abcdef";
    struct journal_record record;
    struct buffer *out = journal_record_begin(journal);
    buffer_text(out, body);
    for (; padding > 0; padding--) {
        buffer_append(out, &filler[padding % 16], 1);
    }
    assert_ok(journal_record_end(journal, JOURNAL_ENTRY, &record, &error));
}

/* A batch of one, two or three records, numbered on. */
static inline enum result try_batch(unsigned number, unsigned count, size_t padding)
{
    char body[HELD_BYTES];
    enum result result = journal_begin(journal, &error);
    if (result != RESULT_OK) {
        return result;
    }
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(body, sizeof body, "batch %u record %u ", number, i);
        append(body, padding);
    }
    return journal_commit(journal, &error);
}

static inline void batch(unsigned number, unsigned count, size_t padding)
{
    assert_ok(try_batch(number, count, padding));
}

/* Enough batches for at least four segments. */
static inline unsigned fill_segments(void)
{
    unsigned number = 0;
    while (journal_end(journal).position < 4 * JOURNAL_SEGMENT_MIN_BYTES) {
        batch(++number, 1, 10000);
    }
    return number;
}

#endif
