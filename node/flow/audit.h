/* The whole store proven again: every record's checksum, every leaf and root recomputed, every
 * receipt's two signatures verified with the cards that are held. For `comesh verify`; runs on a
 * store that no node has open. */
#ifndef COMESH_NODE_FLOW_AUDIT_H
#define COMESH_NODE_FLOW_AUDIT_H

#include "keys/directory.h"
#include "node/store/store.h"

struct audit_summary {
    uint64_t records;
    uint64_t entries;
    uint64_t channels;
    uint64_t receipts; /* with both signatures verified */
};

/* The first damage or false signature ends it, with its place in the sentence. */
enum result audit_store(const struct store_options *options, const struct directory *directory,
                        struct audit_summary *summary, struct error *error) RESULT_CHECKED;

#endif
