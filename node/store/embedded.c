/* The embedded store: opening it, its lock, its room. See embedded.h. */
#include "node/store/embedded.h"

#include "node/core/log.h"
#include "node/store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE   0750
#define LOCK_MODE     0640
#define ROOM_LASTS_NS ((uint64_t)100 * 1000 * 1000)
#define MIB_BYTES     ((uint64_t)1 << 20)

/* ---- the lock ---- */

static enum result refuse_second(int fd, const char *path, struct error *error)
{
    char pid[24] = {0};
    ssize_t size = pread(fd, pid, sizeof pid - 1, 0);
    pid[size > 0 ? strcspn(pid, "\n") : 0] = '\0';
    return error_set(error, RESULT_BUSY,
                     "the store %s is in use by process %s; stop it first, a store has one node",
                     path, pid[0] == '\0' ? "(unknown)" : pid);
}

/* One process has the store: a lock that goes with the process, with its number for people. */
static enum result take_lock(struct embedded *embedded, struct error *error)
{
    char name[EMBEDDED_PATH_BYTES + 16];
    (void)snprintf(name, sizeof name, "%s/lock", embedded->path);
    embedded->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, LOCK_MODE);
    if (embedded->lock_fd < 0) {
        return error_system(error, errno, "cannot open the lock %s", name);
    }
    if (flock(embedded->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? refuse_second(embedded->lock_fd, embedded->path, error)
                                    : error_system(error, errno, "cannot lock %s", name);
    }
    if (ftruncate(embedded->lock_fd, 0) != 0 ||
        dprintf(embedded->lock_fd, "%ld\n", (long)getpid()) < 0) {
        /* The number is for people only; on a full disk the lock holds without it. */
        log_event(LOG_LEVEL_WARNING, "store", "lock without pid", "errno=%d", errno);
    }
    return RESULT_OK;
}

/* ---- room ---- */

static enum result free_bytes(struct embedded *embedded, uint64_t *bytes, struct error *error)
{
    uint64_t now = world_steady_ns(embedded->world);
    uint64_t checked = embedded->room_checked_ns;
    if (checked == 0 || now - checked > ROOM_LASTS_NS) {
        struct statvfs found;
        if (embedded->disk->statvfs(embedded->disk->self, embedded->path, &found) != 0) {
            return error_system(error, errno, "cannot ask how much room %s has", embedded->path);
        }
        embedded->room_free = (uint64_t)found.f_bavail * found.f_frsize;
        embedded->room_checked_ns = now;
    }
    *bytes = embedded->room_free;
    return RESULT_OK;
}

static enum result embedded_room(struct store *store, struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    uint64_t bytes = 0;
    enum result result = free_bytes(embedded, &bytes, error);
    if (result == RESULT_OK && bytes < embedded->minimum_free_bytes) {
        result =
            error_set(error, RESULT_FULL,
                      "store %s: disk full (%" PRIu64 " MiB free, %" PRIu64 " MiB needed)",
                      embedded->path, bytes / MIB_BYTES, embedded->minimum_free_bytes / MIB_BYTES);
    }
    return result;
}

static bool embedded_is_awaited(struct store *store)
{
    return front_is_awaited(&embedded_of(store)->front);
}

static void embedded_on_wait(struct store *store, void (*call)(void *self), void *self)
{
    front_on_wait(&embedded_of(store)->front, call, self);
}

static void embedded_idle(struct store *store)
{
    struct embedded *embedded = embedded_of(store);
    if (!embedded->open) {
        embedded_try_again(embedded);
        journal_prepare(embedded->journal);
    }
}

/* ---- open and close ---- */

static void embedded_close(struct store *store)
{
    struct embedded *embedded = embedded_of(store);
    embedded_rollback(store);
    embedded_settle(store);
    views_close(&embedded->views);
    journal_reader_close(&embedded->reader);
    journal_close(&embedded->journal);
    embedded_drop_slots(embedded);
    front_free(&embedded->front);
    arena_free(&embedded->arena);
    if (embedded->lock_fd >= 0) {
        (void)close(embedded->lock_fd);
    }
    free(embedded);
}

static const struct store_functions embedded_functions = {
    .close = embedded_close,
    .begin = embedded_begin,
    .write = embedded_write,
    .speech = embedded_speech,
    .commit = embedded_commit,
    .settle = embedded_settle,
    .is_awaited = embedded_is_awaited,
    .on_wait = embedded_on_wait,
    .rollback = embedded_rollback,
    .room = embedded_room,
    .idle = embedded_idle,
    .size = embedded_size,
    .written = embedded_written,
    .receipted = embedded_receipted,
    .channel_open = embedded_channel_open,
    .channel = embedded_channel,
    .find_message = embedded_find_message,
    .find_certificate = embedded_find_certificate,
    .find_said = embedded_find_said,
    .find_entry = embedded_find_entry,
    .append_entry = embedded_append_entry,
    .append_receipt = embedded_append_receipt,
    .append_taken = embedded_append_taken,
    .append_hold = embedded_append_hold,
    .append_release = embedded_append_release,
    .reader_open = embedded_reader_open,
    .reader_close = embedded_reader_close,
    .read_channels = embedded_read_channels,
    .read_entries = embedded_read_entries,
    .read_ahead = embedded_read_ahead,
    .read_hash = embedded_read_hash,
    .read_message = embedded_read_message,
    .read_certificate = embedded_read_certificate,
    .read_messages = embedded_read_messages,
    .read_receipt = embedded_read_receipt,
    .read_remarks = embedded_read_remarks,
};

static enum result set_up(const struct store_options *options, struct embedded *made,
                          struct error *error)
{
    made->store.functions = &embedded_functions;
    made->disk = options->disk == NULL ? disk_real() : options->disk;
    made->world = options->world;
    made->metrics = options->metrics;
    made->segment_bytes = options->segment_bytes;
    made->minimum_free_bytes = options->minimum_free_bytes;
    made->lock_fd = -1;
    if ((size_t)snprintf(made->path, sizeof made->path, "%s", options->path) >= sizeof made->path) {
        return error_set(error, RESULT_TOO_LARGE, "the store's path '%s' is too long",
                         options->path);
    }
    (void)snprintf(made->views_path, sizeof made->views_path, "%s/views.sqlite", made->path);
    if (mkdir(made->path, FOLDER_MODE) != 0 && errno != EEXIST) {
        return error_system(error, errno, "cannot make the store's folder %s", made->path);
    }
    return RESULT_OK;
}

/* Whether the views know of a journal: then its absence is a loss, not a first start. */
static bool journal_expected(const struct embedded *embedded)
{
    struct views *views = NULL;
    struct journal_id id;
    struct journal_place place = {0};
    struct error error;
    if (access(embedded->views_path, F_OK) != 0) {
        return false;
    }
    enum result result = views_open(embedded->views_path, VIEWS_WRITE, &views, &error);
    if (result == RESULT_OK) {
        result = views_place(views, &id, &place, &error);
    }
    views_close(&views);
    return result != RESULT_OK || place.sequence > 0;
}

static enum result open_journal(struct embedded *embedded, struct error *error)
{
    char path[EMBEDDED_PATH_BYTES + 16];
    (void)snprintf(path, sizeof path, "%s/journal", embedded->path);
    const struct journal_options options = {
        .path = path,
        .segment_bytes = embedded->segment_bytes,
        .must_exist = journal_expected(embedded),
        .disk = embedded->disk,
        .world = embedded->world,
    };
    enum result result = journal_open(&options, &embedded->journal, error);
    return result == RESULT_OK ? journal_reader_open(embedded->journal, &embedded->reader, error)
                               : result;
}

static enum result open_store(const struct store_options *options, bool again,
                              struct embedded **embedded, struct error *error)
{
    struct embedded *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory to open the store");
    }
    enum result result = front_init(&made->front, error);
    if (result == RESULT_OK) {
        result = set_up(options, made, error);
    }
    if (result == RESULT_OK) {
        result = take_lock(made, error);
    }
    if (result == RESULT_OK) {
        result = open_journal(made, error);
    }
    if (result == RESULT_OK) {
        result = embedded_catch_up(made, again, error);
    }
    if (result != RESULT_OK) {
        embedded_close(&made->store);
        return result;
    }
    embedded_show_channels(made);
    *embedded = made;
    return RESULT_OK;
}

enum result store_open(const struct store_options *options, struct store **store,
                       struct error *error)
{
    struct embedded *embedded = NULL;
    *store = NULL;
    enum result result = open_store(options, false, &embedded, error);
    if (embedded != NULL) {
        *store = &embedded->store;
    }
    return result;
}

enum result store_rebuild(const struct store_options *options, uint64_t *records,
                          struct error *error)
{
    struct embedded *embedded = NULL;
    enum result result = open_store(options, true, &embedded, error);
    if (embedded != NULL) {
        *records = embedded->records;
        embedded_close(&embedded->store);
    }
    return result;
}
