/* How an entry is made: in the writer, when its place in the channel is known. The one place that
 * packs entries, for documents that go out, for verdicts and for our cards. Runs in the writer
 * task. */
#ifndef COMESH_NODE_FLOW_APPEND_H
#define COMESH_NODE_FLOW_APPEND_H

#include "node/flow/flow.h"

/* What an entry became when it was made. */
struct appended {
    struct merkle_hash leaf;
    uint64_t time_ms;
};

/* A payload on its way into a channel of ours. */
struct outbound {
    enum operation operation;
    struct message_id id;
    bool has_reply_to;
    struct message_id reply_to;
    struct text agreement;
    uint32_t menu_version;
    struct bytes payload;
    struct merkle_hash payload_hash;
    const struct message *message; /* NULL for a verdict and a card */
    const struct verdict *verdict; /* NULL for a document */
    struct appended *appended;     /* filled when the entry is made; or NULL */
    uint64_t card_serial;          /* of a card of ours; else 0 */
};

/* A channel, which is made when it is new. */
struct append_place {
    struct text origin;
    struct text partner;
    enum store_direction direction;
};

/* Appends it as the next entry of that channel, and gives its place. A failure fails the batch. */
enum result append_entry(struct flow *flow, struct store *store, const struct append_place *place,
                         const struct outbound *outbound, uint32_t *channel, uint64_t *index,
                         struct error *error) RESULT_CHECKED;

/* Whether our channel to `partner` may get an entry now: RESULT_UNAVAILABLE while it is behind what
 * the partner holds (flow_is_behind). Asked before anything is appended. */
enum result append_may(const struct flow *flow, struct text partner,
                       struct error *error) RESULT_CHECKED;

/* Appends it as the next entry of our channel to `partner`, and gives its place. A failure fails
 * the batch. */
enum result append_outbound(struct flow *flow, struct store *store, struct text partner,
                            const struct outbound *outbound, uint32_t *channel, uint64_t *index,
                            struct error *error) RESULT_CHECKED;

/* Packs a verdict into `payload`, which the outbound borrows. */
enum result outbound_of_verdict(struct flow *flow, const struct verdict *verdict,
                                struct buffer *payload, struct outbound *outbound,
                                struct error *error) RESULT_CHECKED;

/* Appends a verdict of ours to the channel to `partner`. */
enum result append_verdict(struct flow *flow, struct store *store, struct text partner,
                           const struct verdict *verdict, struct error *error) RESULT_CHECKED;

/* Appends our card of now to the channel to `partner`, unless that carries it already. */
enum result append_card(struct flow *flow, struct store *store, struct text partner,
                        struct error *error) RESULT_CHECKED;

/* Copies the texts of `message` to `arena`, so that it outlives its record, and drops the record.
 */
enum result message_keep(struct message *message, struct arena *arena,
                         struct error *error) RESULT_CHECKED;

/* Why a message id or a certificate number that is held at `held` cannot be taken by `payload`:
 * names the message that holds it and the first element that differs, in `out`. */
void describe_conflict(struct store *store, const struct store_position *held,
                       enum operation operation, struct bytes payload, char *out, size_t size);

#endif
