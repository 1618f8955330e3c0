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

/* A partner without a node signs nothing: the receipt of either channel is ours alone. */
static enum result verify_alone(const struct card *own, bool outgoing, struct bytes note,
                                uint64_t time_s, struct checkpoint *checkpoint, struct error *error)
{
    struct text extension;
    uint64_t signed_s = time_s;
    enum result result =
        checkpoint_verify_attested(note, own, outgoing ? KEY_CHECKPOINT : KEY_RECEIPT, &signed_s,
                                   checkpoint, &extension, error);
    if (result == RESULT_OK && signed_s != time_s) {
        result = error_set(error, RESULT_CORRUPT, "the receipt is of another time than stored");
    }
    return result;
}

struct audit {
    const struct directory *directory;
    uint64_t unverified; /* receipts of channels whose partner has no card here any more */
    char partner[PARTY_MAX_BYTES]; /* the first of these */
};

/* A receipt must be signed by both parties, or by us for a partner without a node, for this channel
 * at this size and root. */
static enum result audit_receipt(void *self, const struct store_channel *channel, uint64_t size,
                                 uint64_t time_s, const struct merkle_hash *root, struct bytes note,
                                 struct error *error)
{
    struct audit *audit = self;
    const struct card *own = directory_own(audit->directory);
    const struct card *partner = directory_party(audit->directory, text_of(channel->partner));
    bool outgoing = channel->direction == STORE_OUTGOING;
    struct checkpoint checkpoint = {0};
    bool alone = rest_cards_party(directory_rest(audit->directory), text_of(channel->partner));
    if (partner == NULL && !alone) {
        if (audit->unverified++ == 0) {
            memcpy(audit->partner, channel->partner, sizeof audit->partner);
        }
        return RESULT_OK;
    }
    enum result result =
        alone ? verify_alone(own, outgoing, note, time_s, &checkpoint, error)
              : verify_signatures(note, outgoing ? own : partner, outgoing ? partner : own, time_s,
                                  &checkpoint, error);
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
    enum result result = store_verify(options, audit_receipt, &audit, summary, error);
    if (result == RESULT_OK && audit.unverified > 0) {
        summary->receipts -= audit.unverified;
        return error_set(error, RESULT_NOT_FOUND,
                         "the signatures of %llu receipts were not verified, because no card of %s "
                         "is held; import it with 'comesh card import' (all else holds)",
                         (unsigned long long)audit.unverified, audit.partner);
    }
    return result;
}
