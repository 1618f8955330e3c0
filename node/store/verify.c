/* A full pass over the journal: every checksum, leaf and root, held against the views. See
 * store_verify in store.h. */
#include "node/store/embedded.h"

#include "node/store/disk.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

/* A channel as recomputed. The leaves that no receipt covers yet are kept, so that the root at a
 * receipt's size can be had when the receipt comes, which may be many entries later. */
struct recomputed {
    struct store_channel now;
    struct merkle_tree covered;
    struct buffer leaves; /* of the entries from covered.size on, after those used */
    size_t used;          /* bytes of them */
};

struct verify {
    store_verify_receipt *receipt;
    void *self;
    struct store_summary *summary;
    struct views *views;          /* NULL when there are none */
    struct journal_place applied; /* by the views: up to here they are compared */
    struct store_channel *viewed; /* the views' channels at that place */
    size_t viewed_count;
    struct arena arena; /* for one record at a time */
    struct arena kept;  /* for `viewed` */
    struct recomputed *channels;
    size_t count;
};

static enum result damage(const struct journal_record *record, struct error *error,
                          const char *format, ...) __attribute__((format(printf, 3, 4)));

static enum result damage(const struct journal_record *record, struct error *error,
                          const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return error_set(error, RESULT_CORRUPT, "journal record at position %" PRIu64 ": %s",
                     record->position, what);
}

static struct recomputed *channel_of(struct verify *verify, uint32_t number)
{
    return number == 0 || number > verify->count ? NULL : &verify->channels[number - 1];
}

static enum result verify_channel(struct verify *verify, const struct journal_record *record,
                                  struct error *error)
{
    struct body_channel body;
    enum result result = body_channel_unpack(record, &body, error);
    if (result != RESULT_OK) {
        return result;
    }
    if (body.channel != verify->count + 1) {
        return damage(record, error, "it opens channel %" PRIu32 " when %zu are open", body.channel,
                      verify->count);
    }
    struct recomputed *grown = realloc(verify->channels, (verify->count + 1) * sizeof *grown);
    if (grown == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the channels");
    }
    verify->channels = grown;
    struct recomputed *channel = &grown[verify->count++];
    *channel = (struct recomputed){
        .now = {.number = body.channel, .direction = body.direction},
    };
    memcpy(channel->now.origin, body.origin.data, body.origin.size);
    memcpy(channel->now.partner, body.partner.data, body.partner.size);
    verify->summary->channels++;
    return RESULT_OK;
}

/* The views must hold the leaf that was computed, at this place. */
static enum result compare_entry(struct verify *verify, const struct journal_record *record,
                                 const struct body_entry *body, const struct merkle_hash *leaf,
                                 struct error *error)
{
    struct views_run *run = NULL;
    size_t count = 0;
    if (verify->views == NULL || record->position >= verify->applied.position) {
        return RESULT_OK;
    }
    enum result result = views_run(verify->views, body->channel, body->index, 1, &verify->arena,
                                   &run, &count, error);
    if (result != RESULT_OK) {
        return result;
    }
    if (count == 0 || run->index != body->index || run->position != record->position ||
        memcmp(&run->leaf, leaf, sizeof *leaf) != 0) {
        return damage(record, error,
                      "the views hold something else for entry %" PRIu64 " of channel %" PRIu32
                      "; make them again with 'comesh rebuild'",
                      body->index, body->channel);
    }
    return RESULT_OK;
}

static enum result check_entry(const struct journal_record *record, const struct body_entry *body,
                               const struct store_channel *channel, struct error *error)
{
    struct entry entry;
    struct merkle_hash hash;
    struct error problem;
    if (entry_unpack(body->entry, &entry, &problem) != RESULT_OK) {
        return damage(record, error, "its entry cannot be read: %.160s", problem.message);
    }
    if (body->index != channel->size || entry.index != body->index ||
        !text_equal(entry.origin, text_of(channel->origin))) {
        return damage(record, error, "entry %" PRIu64 " is not the next of %s", body->index,
                      channel->origin);
    }
    merkle_sha256(body->payload, &hash);
    if (entry.payload_size != body->payload.size ||
        memcmp(&hash, &entry.payload_hash, sizeof hash) != 0) {
        return damage(record, error,
                      "the payload of entry %" PRIu64 " of %s has another digest "
                      "than its entry names",
                      body->index, channel->origin);
    }
    return RESULT_OK;
}

static enum result verify_entry(struct verify *verify, const struct journal_record *record,
                                struct error *error)
{
    struct body_entry body;
    struct merkle_hash leaf;
    enum result result = body_entry_unpack(record, &body, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct recomputed *channel = channel_of(verify, body.channel);
    if (channel == NULL) {
        return damage(record, error, "it is of a channel that is not open");
    }
    result = check_entry(record, &body, &channel->now, error);
    if (result != RESULT_OK) {
        return result;
    }
    merkle_leaf(body.entry, &leaf);
    merkle_append(&channel->now.tree, &leaf, NULL);
    channel->now.size++;
    if (verify->receipt != NULL) {
        buffer_append(&channel->leaves, leaf.bytes, sizeof leaf.bytes);
    }
    verify->summary->entries++;
    result = buffer_check(&channel->leaves, error);
    return result == RESULT_OK ? compare_entry(verify, record, &body, &leaf, error) : result;
}

/* Brings the covered tree to a receipt's size. */
static void cover(struct recomputed *channel, uint64_t size)
{
    while (channel->covered.size < size) {
        struct merkle_hash leaf;
        memcpy(leaf.bytes, channel->leaves.data + channel->used, sizeof leaf.bytes);
        channel->used += sizeof leaf.bytes;
        merkle_append(&channel->covered, &leaf, NULL);
    }
    if (channel->used == channel->leaves.size) {
        buffer_clear(&channel->leaves);
        channel->used = 0;
    }
}

static enum result verify_receipt(struct verify *verify, const struct journal_record *record,
                                  struct error *error)
{
    struct body_receipt body;
    struct merkle_hash root;
    enum result result = body_receipt_unpack(record, &body, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct recomputed *channel = channel_of(verify, body.channel);
    if (channel == NULL || body.size > channel->now.size) {
        return damage(record, error, "a receipt covers %" PRIu64 " entries and there are %" PRIu64,
                      body.size, channel == NULL ? 0 : channel->now.size);
    }
    verify->summary->receipts++;
    if (body.size < channel->covered.size || verify->receipt == NULL) {
        return RESULT_OK; /* a newer receipt covers the same entries */
    }
    cover(channel, body.size);
    merkle_root(&channel->covered, &root);
    channel->now.receipt_size = body.size;
    channel->now.receipt_time_s = body.time_s;
    return verify->receipt(verify->self, &channel->now, body.size, body.time_s, &root, body.note,
                           error);
}

/* At the place that the views have applied, their channels must be those recomputed. */
static enum result verify_commit(struct verify *verify, const struct journal_record *record,
                                 struct error *error)
{
    verify->summary->commits++;
    if (verify->views == NULL || record->position + record->size != verify->applied.position) {
        return RESULT_OK;
    }
    for (size_t i = 0; i < verify->count || i < verify->viewed_count; i++) {
        struct merkle_hash root = {{0}};
        struct merkle_hash viewed = {{1}};
        if (i < verify->count && i < verify->viewed_count) {
            merkle_root(&verify->channels[i].now.tree, &root);
            merkle_root(&verify->viewed[i].tree, &viewed);
        }
        if (memcmp(&root, &viewed, sizeof root) != 0) {
            return damage(record, error,
                          "the views hold another root of channel %zu; make them "
                          "again with 'comesh rebuild'",
                          i + 1);
        }
    }
    return RESULT_OK;
}

static enum result verify_record(void *self, const struct journal_record *record,
                                 struct error *error)
{
    struct verify *verify = self;
    verify->summary->records++;
    arena_reset(&verify->arena);
    switch (record->kind) {
    case JOURNAL_CHANNEL:
        return verify_channel(verify, record, error);
    case JOURNAL_ENTRY:
        return verify_entry(verify, record, error);
    case JOURNAL_RECEIPT:
        return verify_receipt(verify, record, error);
    case JOURNAL_COMMIT:
        return verify_commit(verify, record, error);
    case JOURNAL_TAKEN:
    case JOURNAL_HOLD:
    case JOURNAL_RELEASE:
        break;
    }
    return RESULT_OK;
}

/* The views as they are now, when there are any: what they have applied is compared. */
static enum result open_views(struct verify *verify, const char *path, struct journal_id *id,
                              struct error *error)
{
    if (access(path, F_OK) != 0) {
        return RESULT_OK;
    }
    enum result result = views_open(path, VIEWS_READ, &verify->views, error);
    if (result == RESULT_OK) {
        result = views_snapshot(verify->views, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    result = views_place(verify->views, id, &verify->applied, error);
    if (result == RESULT_OK) {
        result = views_channels(verify->views, &verify->kept, &verify->viewed,
                                &verify->viewed_count, error);
    }
    views_snapshot_end(verify->views);
    return result;
}

/* True when no node has the store; then nobody starts one while the lock is held. */
static bool lock_store(const char *path, int *fd)
{
    char name[EMBEDDED_PATH_BYTES + 16];
    (void)snprintf(name, sizeof name, "%s/lock", path);
    *fd = open(name, O_RDONLY | O_CLOEXEC);
    return *fd < 0 || flock(*fd, LOCK_SH | LOCK_NB) == 0;
}

static enum result verify_journal(struct verify *verify, const struct store_options *options,
                                  const struct journal_id *id, bool stopped, struct error *error)
{
    char path[EMBEDDED_PATH_BYTES + 16];
    struct journal *journal = NULL;
    (void)snprintf(path, sizeof path, "%s/journal", options->path);
    const struct journal_options journal_options = {
        .path = path,
        .read_only = true,
        .read_until = stopped ? 0 : verify->applied.position,
        .disk = options->disk == NULL ? disk_real() : options->disk,
        .world = options->world,
    };
    enum result result = journal_open(&journal_options, &journal, error);
    if (result == RESULT_OK && verify->views != NULL && verify->applied.sequence > 0 &&
        memcmp(id, journal_id(journal), sizeof *id) != 0) {
        result = error_set(error, RESULT_CORRUPT,
                           "the views in %s are of another journal; make them again with 'comesh "
                           "rebuild'",
                           options->path);
    }
    if (result == RESULT_OK) {
        result = journal_replay(journal, (struct journal_place){0}, verify_record, verify, error);
    }
    journal_close(&journal);
    return result;
}

enum result store_verify(const struct store_options *options, store_verify_receipt *receipt,
                         void *self, struct store_summary *summary, struct error *error)
{
    struct verify verify = {.receipt = receipt, .self = self, .summary = summary};
    struct journal_id id = {{0}};
    char path[EMBEDDED_PATH_BYTES + 16];
    int lock_fd = -1;
    *summary = (struct store_summary){0};
    (void)snprintf(path, sizeof path, "%s/views.sqlite", options->path);
    bool stopped = lock_store(options->path, &lock_fd);
    enum result result = open_views(&verify, path, &id, error);
    if (result == RESULT_OK) {
        result = verify_journal(&verify, options, &id, stopped, error);
    }
    for (size_t i = 0; i < verify.count; i++) {
        buffer_free(&verify.channels[i].leaves);
    }
    free(verify.channels);
    views_close(&verify.views);
    arena_free(&verify.arena);
    arena_free(&verify.kept);
    if (lock_fd >= 0) {
        (void)close(lock_fd);
    }
    return result;
}
