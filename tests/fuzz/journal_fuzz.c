/* Fuzzing the opening of a journal: whatever the bytes of a segment, opening gives an answer, and
 * what it takes can be appended to and opened again with the same records. The checksums are made
 * right first, so that what they guard is reached: the first byte says of how many records. */
#include "node/core/log.h"
#include "node/store/body.h"
#include "node/store/segment.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_BYTES ((size_t)64 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static char path_of_folder[64];

static void remove_folder(void)
{
    (void)rmdir(path_of_folder);
}

static const char *folder(void)
{
    char *path = path_of_folder;
    if (path[0] == '\0') {
        log_set_level(LOG_LEVEL_ERROR + 1);
        (void)snprintf(path, sizeof path_of_folder, "/dev/shm/comesh-fuzz-%ld", (long)getpid());
        must(mkdir(path, 0700) == 0);
        must(atexit(remove_folder) == 0);
    }
    return path;
}

/* Reads each record's body as its kind, and counts. */
static enum result visit(void *self, const struct journal_record *record, struct error *error)
{
    union {
        struct body_channel channel;
        struct body_entry entry;
        struct body_receipt receipt;
        struct body_taken taken;
        struct body_hold hold;
        struct body_release release;
    } body;
    struct error ignored;
    (void)error;
    (*(size_t *)self)++;
    (void)!body_channel_unpack(record, &body.channel, &ignored);
    (void)!body_entry_unpack(record, &body.entry, &ignored);
    (void)!body_receipt_unpack(record, &body.receipt, &ignored);
    (void)!body_taken_unpack(record, &body.taken, &ignored);
    (void)!body_hold_unpack(record, &body.hold, &ignored);
    (void)!body_release_unpack(record, &body.release, &ignored);
    return RESULT_OK;
}

static enum result open_journal(struct journal **journal, size_t *records)
{
    struct error error;
    const struct journal_options options = {.path = folder(),
                                            .segment_bytes = JOURNAL_SEGMENT_MIN_BYTES,
                                            .disk = disk_real(),
                                            .world = world_real()};
    *records = 0;
    enum result result = journal_open(&options, journal, &error);
    if (result == RESULT_OK) {
        result = journal_replay(*journal, (struct journal_place){0}, visit, records, &error);
    }
    return result;
}

/* A segment file with a good head, and good checksums and positions on its first records. */
static size_t make_file(const uint8_t *data, size_t size, uint8_t *out)
{
    const struct segment segment = {.previous = SEGMENT_NO_START};
    size_t seals = size > 0 ? data[0] : 0;
    size_t length = size > FILE_MAX_BYTES ? FILE_MAX_BYTES : size;
    segment_pack(&segment, out);
    memcpy(out + SEGMENT_HEAD_BYTES, data, length);
    length += SEGMENT_HEAD_BYTES;
    for (size_t at = SEGMENT_HEAD_BYTES; seals > 0 && at + JOURNAL_RECORD_BYTES <= length;
         seals--) {
        size_t body = get_u32(out + at + 8) % 4096;
        uint32_t kind = get_u32(out + at + 12) % (JOURNAL_COMMIT + 1);
        if (record_size(body) > length - at) {
            break;
        }
        record_seal(out + at, body, (enum journal_kind)kind, at);
        at += record_size(body);
    }
    return length;
}

static void append_one(struct journal *journal)
{
    struct error error;
    struct journal_record record;
    must(journal_begin(journal, &error) == RESULT_OK);
    buffer_text(journal_record_begin(journal), "one more");
    must(journal_record_end(journal, JOURNAL_TAKEN, &record, &error) == RESULT_OK);
    must(journal_commit(journal, &error) == RESULT_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t file[SEGMENT_HEAD_BYTES + FILE_MAX_BYTES];
    char path[SEGMENT_PATH_BYTES];
    struct journal *journal = NULL;
    size_t records = 0;
    size_t again = 0;
    bool raw = size > 0 && data[0] == 0xff; /* the head is fuzzed as well */
    size_t length =
        raw ? (size > FILE_MAX_BYTES ? FILE_MAX_BYTES : size) : make_file(data, size, file);
    segment_path(folder(), 0, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    must(fd >= 0 && write(fd, raw ? data : file, length) == (ssize_t)length);
    (void)close(fd);
    enum result result = open_journal(&journal, &records);
    if (result == RESULT_OK) {
        append_one(journal);
        journal_close(&journal);
        must(open_journal(&journal, &again) == RESULT_OK);
        must(again == records + 2); /* the record and its commit */
    }
    journal_close(&journal);
    (void)unlink(path);
    return 0;
}
