/* Partners without a node: our node keeps both channel logs alone. What goes out is posted to their
 * endpoint, and the receipt is the HTTP answer; what they post becomes an entry of their channel.
 * Such a receipt is a note that we alone signed: weaker, and told from others by that. */
#ifndef COMESH_NODE_FLOW_REST_H
#define COMESH_NODE_FLOW_REST_H

#include "node/flow/append.h"

/* The origin line of the log that we keep for `partner`, a REST-only one. RESULT_NOT_FOUND when its
 * card is not held. Any thread. */
enum result rest_origin(struct flow *flow, struct text partner, char out[ORIGIN_MAX_BYTES],
                        struct error *error) RESULT_CHECKED;

/* True when the party is a REST-only partner now. Any thread. */
bool rest_is_partner(struct flow *flow, struct text party);

/* True for a receipt that we signed alone, as all of such a partner's channels are. */
bool rest_is_attested(struct bytes note);

/* ---- in the writer ---- */

/* Appends what the partner posted to its channel, accepted with `remarks` (warnings), tells that to
 * our own channel as a verdict, and signs the receipt: three records of one batch. */
struct rest_arrival {
    struct text partner;
    const struct outbound *outbound; /* the document, as it is packed */
    struct verdict_remark *remarks;  /* their index is filled in */
    size_t remark_count;
};
enum result rest_append_arrival(struct flow *flow, struct store *store,
                                const struct rest_arrival *arrival, uint32_t *channel,
                                uint64_t *index, struct error *error) RESULT_CHECKED;

/* Appends what the partner's HTTP answer said about our channel to it, as a verdict in its own. */
enum result rest_append_verdict(struct flow *flow, struct store *store, struct text partner,
                                const struct verdict *verdict, struct error *error) RESULT_CHECKED;

/* ---- in a reader's thread ---- */

/* What a partner gets for entry `index` of its channel: the entry, the first receipt that covers
 * it, and the way from one to the other. */
struct rest_receipt {
    struct text origin;
    uint64_t index;
    uint64_t size;
    uint64_t time_s;
    struct text note;
    struct bytes entry;
    struct merkle_proof proof;
};
enum result rest_read_receipt(struct store_reader *reader, uint32_t channel, uint64_t index,
                              struct arena *arena, struct rest_receipt *receipt,
                              struct error *error) RESULT_CHECKED;

#endif
