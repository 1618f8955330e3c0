/* The rows of the control protocol, made from what the store and the lanes tell. See wire.h. */
#ifndef COMESH_NODE_CONTROL_ROWS_H
#define COMESH_NODE_CONTROL_ROWS_H

#include "node/control/control.h"
#include "node/control/wire.h"
#include "node/flow/submit.h"

void row_partner(const struct card *card, const struct standing *lane, uint64_t known_serial,
                 struct buffer *out);
void row_rest_partner(const struct rest_card *card, const struct standing *lane,
                      struct buffer *out);
void row_channel(const struct store_channel *channel, struct buffer *out);
void row_metric(const struct metrics *metrics, enum metric metric, struct buffer *out);
void row_entry(const struct store_item *item, const struct store_receipt *receipt,
               struct buffer *out);
void row_answer(const struct submit_answer *answer, struct buffer *out);

/* What a message row carries beside the message; data NULL where it was not asked for. */
struct row_extras {
    struct bytes payload;
    const struct verdict_remark *remarks;
    size_t remark_count;
    struct bytes receipt;
};
void row_message(const struct store_message *message, const struct row_extras *extras,
                 struct buffer *out);

/* One index as both hold it. */
void row_comparison(const struct question *question, const struct comparison *comparison,
                    struct buffer *out);

void row_trial(const struct trial_step *step, struct buffer *out);

#endif
