/* The whole store proven again. See audit.h. */
#include "node/flow/audit.h"

#include "keys/checkpoint.h"

static enum result verify_signatures(struct bytes note, const struct card *sender,
                                     const struct card *receiver, uint64_t time_s,
                                     struct checkpoint *checkpoint, struct error *error)
{
    uint64_t signed_s = 0;
    enum result result = checkpoint_verify(note, sender, time_s, checkpoint, error);
    if (result == RESULT_OK) {
        result = checkpoint_verify_receipt(note, receiver, checkpoint, &signed_s, error);
    }
    if (result == RESULT_OK && signed_s != time_s) {
        result = error_set(error, RESULT_CORRUPT, "the receipt is of another time than stored");
    }
    return result;
}

struct audit {
    const struct directory *directory;
};

/* A receipt must be signed by both parties, for this channel at this size and root. */
static enum result audit_receipt(void *self, const struct store_channel *channel, uint64_t size,
                                 uint64_t time_s, const struct merkle_hash *root, struct bytes note,
                                 struct error *error)
{
    const struct directory *directory = ((const struct audit *)self)->directory;
    const struct card *own = directory_own(directory);
    const struct card *partner = directory_party(directory, text_of(channel->partner));
    bool outgoing = channel->direction == STORE_OUTGOING;
    struct checkpoint checkpoint = {0};
    if (partner == NULL) {
        return error_set(
            error, RESULT_NOT_FOUND,
            "%s: no card of %s is held, so its signatures cannot be verified; import it "
            "with 'comesh card import'",
            channel->origin, channel->partner);
    }
    enum result result = verify_signatures(note, outgoing ? own : partner, outgoing ? partner : own,
                                           time_s, &checkpoint, error);
    if (result == RESULT_OK &&
        (!text_equal(checkpoint.origin, text_of(channel->origin)) || checkpoint.size != size ||
         memcmp(&checkpoint.root, root, sizeof *root) != 0)) {
        result = error_set(error, RESULT_CORRUPT, "the signed root is not that of the journal");
    }
    return result == RESULT_OK ? result
                               : error_wrap(error, "%s: receipt for %llu entries", channel->origin,
                                            (unsigned long long)size);
}

enum result audit_store(const struct store_options *options, const struct directory *directory,
                        struct store_summary *summary, struct error *error)
{
    struct audit audit = {.directory = directory};
    return store_verify(options, audit_receipt, &audit, summary, error);
}
