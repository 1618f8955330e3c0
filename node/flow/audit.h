/* The whole store proven again: every record's checksum, every leaf and root recomputed, every
 * receipt's two signatures verified with the cards that are held. For `comesh verify`; a running
 * node may go on meanwhile. */
#ifndef COMESH_NODE_FLOW_AUDIT_H
#define COMESH_NODE_FLOW_AUDIT_H

#include "keys/directory.h"
#include "node/store/store.h"

/* The first damage or false signature ends it, with its place in the sentence. RESULT_NOT_FOUND
 * when all holds but for receipts of a partner whose card is not held, which could not be verified.
 */
enum result audit_store(const struct store_options *options, const struct directory *directory,
                        struct store_summary *summary, struct error *error) RESULT_CHECKED;

#endif
