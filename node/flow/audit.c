/* The whole store proven again. See audit.h. */
#include "node/flow/audit.h"

#include "keys/evidence.h"
#include "node/flow/signer.h"

#include <stdio.h>

struct audit {
    const struct directory *directory;
    uint64_t alone;                /* receipts of partners without a node */
    uint64_t revoked;              /* receipts that do not count, for a key of theirs is revoked */
    uint64_t unverified;           /* receipts of channels whose partner never had a card here */
    char partner[PARTY_MAX_BYTES]; /* the first of these */
};

/* Both parties signed. */
static enum result verify_both(const struct audit *audit, const struct store_channel *channel,
                               struct bytes note, uint64_t time_s, struct checkpoint *checkpoint,
                               uint64_t *signed_s, struct error *error)
{
    bool outgoing = channel->direction == STORE_OUTGOING;
    const struct text own = text_of(directory_own(audit->directory)->party);
    const struct text partner = text_of(channel->partner);
    enum result result = evidence_checkpoint(audit->directory, outgoing ? own : partner, note,
                                             time_s, checkpoint, error);
    return result == RESULT_OK ? evidence_receipt(audit->directory, outgoing ? partner : own, note,
                                                  checkpoint, signed_s, error)
                               : result;
}

/* A partner without a node signs nothing: the receipt of either channel is ours alone. A party that
 * ever had a card has a node, and its receipts must be signed by both. */
static enum result verify_alone(const struct audit *audit, const struct store_channel *channel,
                                struct bytes note, struct checkpoint *checkpoint,
                                uint64_t *signed_s, struct error *error)
{
    enum key_role role = channel->direction == STORE_OUTGOING ? KEY_CHECKPOINT : KEY_RECEIPT;
    return evidence_attested(audit->directory, text_of(directory_own(audit->directory)->party),
                             role, note, signed_s, checkpoint, error);
}

/* One of its keys was revoked; what the revocation spares was proven before this is asked. */
static bool is_revoked(const struct audit *audit, const struct store_channel *channel,
                       struct bytes note)
{
    bool outgoing = channel->direction == STORE_OUTGOING;
    const struct text own = text_of(directory_own(audit->directory)->party);
    const struct text partner = text_of(channel->partner);
    return signer_revocation(audit->directory, outgoing ? own : partner, KEY_CHECKPOINT, note) !=
               NULL ||
           signer_revocation(audit->directory, outgoing ? partner : own, KEY_RECEIPT, note) != NULL;
}

/* A receipt must be signed by both parties, or by us for a partner without a node, with the keys
 * they had then, for this channel at this size and root. */
static enum result audit_receipt(void *self, const struct store_channel *channel, uint64_t size,
                                 uint64_t time_s, const struct merkle_hash *root, struct bytes note,
                                 struct error *error)
{
    struct audit *audit = self;
    const struct text partner = text_of(channel->partner);
    struct checkpoint checkpoint = {0};
    uint64_t signed_s = time_s;
    bool held = directory_version(audit->directory, partner, 0) != NULL;
    bool alone =
        !held && verify_alone(audit, channel, note, &checkpoint, &signed_s, error) == RESULT_OK;
    if (!held && !alone) {
        if (audit->unverified++ == 0) {
            (void)snprintf(audit->partner, sizeof audit->partner, "%.*s", TEXT_ARGS(partner));
        }
        return RESULT_OK;
    }
    audit->alone += alone;
    enum result result =
        alone ? RESULT_OK
              : verify_both(audit, channel, note, time_s, &checkpoint, &signed_s, error);
    if (result == RESULT_UNTRUSTED && is_revoked(audit, channel, note)) {
        audit->revoked++;
        return RESULT_OK;
    }
    if (result == RESULT_OK && signed_s != time_s) {
        result = error_set(error, RESULT_CORRUPT, "the receipt is of another time than stored");
    }
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
    summary->receipts -= audit.alone + audit.revoked;
    summary->revoked = audit.revoked;
    summary->attested = audit.alone;
    if (result == RESULT_OK && audit.unverified > 0) {
        summary->receipts -= audit.unverified;
        return error_set(error, RESULT_NOT_FOUND,
                         "the signatures of %llu receipts were not verified, because no card of %s "
                         "was ever held; import it with 'comesh card import' (all else holds)",
                         (unsigned long long)audit.unverified, audit.partner);
    }
    return result;
}
