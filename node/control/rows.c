/* The rows of the control protocol. See rows.h. */
#include "node/control/rows.h"

#include "proto/dataset.h"

#include <stdio.h>

static const char *direction_text(enum store_direction direction)
{
    return direction == STORE_OUTGOING ? "outgoing" : "incoming";
}

static struct bytes hash_bytes(const struct merkle_hash *hash)
{
    return (struct bytes){hash->bytes, sizeof hash->bytes};
}

/* The part of a partner's row that tells how its lanes stand. */
static void put_lane(const struct standing *lane, uint64_t known_serial, struct buffer *out)
{
    int64_t ahead = lane->clock_ahead_ms;
    wire_text(out, WIRE_PARTNER_OUTGOING, text_of(lane->outgoing));
    wire_text(out, WIRE_PARTNER_INCOMING, text_of(lane->incoming));
    wire_uint(out, WIRE_PARTNER_SENT, lane->sent);
    wire_uint(out, WIRE_PARTNER_RECEIPTED, lane->receipted);
    wire_uint(out, WIRE_PARTNER_IN_FLIGHT, lane->in_flight_bytes);
    wire_uint(out, WIRE_PARTNER_CREDIT, lane->credit);
    wire_uint(out, WIRE_PARTNER_CLOCK_AHEAD, ahead > 0 ? (uint64_t)ahead : 0);
    wire_uint(out, WIRE_PARTNER_CLOCK_BEHIND, ahead < 0 ? (uint64_t)-ahead : 0);
    wire_time(out, WIRE_PARTNER_LAST_HEARD, lane->last_heard_ms);
    wire_text(out, WIRE_PARTNER_TROUBLE, text_of(lane->trouble));
    wire_uint(out, WIRE_PARTNER_KNOWN_SERIAL, known_serial);
    wire_uint(out, WIRE_PARTNER_VERSION, lane->version);
    wire_time(out, WIRE_PARTNER_NEXT_TRY, lane->next_try_ms);
}

void row_partner(const struct card *card, const struct standing *lane, uint64_t known_serial,
                 struct buffer *out)
{
    char fingerprint[FINGERPRINT_DIGITS_BYTES];
    card_fingerprint(card, fingerprint);
    wire_row(out, &wire_shape_partner);
    wire_text(out, WIRE_PARTNER_PARTY, text_of(card->party));
    wire_text(out, WIRE_PARTNER_NAME, text_of(card->name));
    wire_text(out, WIRE_PARTNER_DOMAIN, text_of(card->domain));
    wire_text(out, WIRE_PARTNER_ENDPOINT, text_of(card->mesh_endpoint));
    wire_text(out, WIRE_PARTNER_FINGERPRINT, text_of(fingerprint));
    wire_uint(out, WIRE_PARTNER_SERIAL, card->serial);
    put_lane(lane, known_serial, out);
}

void row_rest_partner(const struct rest_card *card, const struct standing *lane, struct buffer *out)
{
    char fingerprint[WORDS_DIGITS_BYTES];
    char host[CARD_NAME_BYTES];
    char endpoint[CARD_NAME_BYTES + 32];
    rest_card_fingerprint(card, fingerprint);
    rest_card_host(card, host);
    (void)snprintf(endpoint, sizeof endpoint, "https://%s:%u", host, (unsigned)card->port);
    wire_row(out, &wire_shape_partner);
    wire_text(out, WIRE_PARTNER_PARTY, text_of(card->party));
    wire_text(out, WIRE_PARTNER_NAME, text_of(card->name));
    wire_text(out, WIRE_PARTNER_DOMAIN, text_of(card->domain));
    wire_text(out, WIRE_PARTNER_ENDPOINT, text_of(endpoint));
    wire_text(out, WIRE_PARTNER_FINGERPRINT, text_of(fingerprint));
    wire_uint(out, WIRE_PARTNER_SERIAL, card->serial);
    put_lane(lane, 0, out);
}

void row_channel(const struct store_channel *channel, struct buffer *out)
{
    struct merkle_hash root;
    merkle_root(&channel->tree, &root);
    wire_row(out, &wire_shape_channel);
    wire_uint(out, WIRE_CHANNEL_NUMBER, channel->number);
    wire_text(out, WIRE_CHANNEL_DIRECTION, text_of(direction_text(channel->direction)));
    wire_text(out, WIRE_CHANNEL_PARTNER, text_of(channel->partner));
    wire_text(out, WIRE_CHANNEL_ORIGIN, text_of(channel->origin));
    wire_uint(out, WIRE_CHANNEL_SIZE, channel->size);
    wire_bytes(out, WIRE_CHANNEL_ROOT, hash_bytes(&root));
    wire_uint(out, WIRE_CHANNEL_RECEIPT_SIZE, channel->receipt_size);
    wire_time(out, WIRE_CHANNEL_RECEIPT_TIME, channel->receipt_time_s);
    wire_uint(out, WIRE_CHANNEL_JUDGED, channel->judged);
    wire_uint(out, WIRE_CHANNEL_TAKEN, channel->taken);
    wire_bool(out, WIRE_CHANNEL_HELD, channel->held);
    wire_text(out, WIRE_CHANNEL_HELD_REASON, text_of(channel->held_reason));
}

void row_metric(const struct metrics *metrics, enum metric metric, struct buffer *out)
{
    wire_row(out, &wire_shape_metric);
    wire_text(out, WIRE_METRIC_NAME, text_of(metric_name(metric)));
    wire_uint(out, WIRE_METRIC_VALUE,
              atomic_load_explicit(&metrics->value[metric], memory_order_relaxed));
    wire_text(out, WIRE_METRIC_UNIT, text_of(metric_unit(metric)));
    wire_text(out, WIRE_METRIC_HELP, text_of(metric_help(metric)));
}

void row_entry(const struct store_item *item, const struct store_receipt *receipt,
               struct buffer *out)
{
    wire_row(out, &wire_shape_entry);
    wire_uint(out, WIRE_ENTRY_INDEX, item->index);
    wire_bytes(out, WIRE_ENTRY_BYTES, item->entry);
    wire_bytes(out, WIRE_ENTRY_PAYLOAD, item->payload);
    wire_bytes(out, WIRE_ENTRY_LEAF, hash_bytes(&item->leaf));
    wire_uint(out, WIRE_ENTRY_RECEIPT_SIZE, receipt->size);
    wire_time(out, WIRE_ENTRY_RECEIPT_TIME, receipt->time_s);
    wire_bytes(out, WIRE_ENTRY_RECEIPT, receipt->note);
}

static void row_finding(const struct finding *finding, struct buffer *out)
{
    char element[ELEMENT_LABEL_BYTES];
    wire_row(out, &wire_shape_finding);
    wire_bool(out, WIRE_FINDING_REFUSES, finding->severity == SEVERITY_REFUSAL);
    wire_text(out, WIRE_FINDING_CODE, text_of(finding->code));
    wire_text(out, WIRE_FINDING_ELEMENT,
              finding->element == NULL ? TEXT("")
                                       : text_of(element_label(finding->element, element)));
    wire_text(out, WIRE_FINDING_PLACE, finding->place);
    wire_text(out, WIRE_FINDING_DETAIL, finding->detail);
}

void row_answer(const struct submit_answer *answer, struct buffer *out)
{
    bool placed = answer->result == RESULT_OK || answer->result == RESULT_DUPLICATE;
    size_t kept = 0;
    for (const struct finding *at = answer->findings.first; at != NULL; at = at->next) {
        kept++;
    }
    wire_row(out, &wire_shape_answer);
    wire_text(out, WIRE_ANSWER_CODE, text_of(result_text(answer->result)));
    wire_text(out, WIRE_ANSWER_SENTENCE, answer->sentence);
    wire_id(out, WIRE_ANSWER_ID, answer->has_id ? &answer->id : NULL);
    wire_text(out, WIRE_ANSWER_PARTNER, answer->partner);
    wire_text(out, WIRE_ANSWER_NUMBER, answer->number);
    if (placed) {
        wire_uint(out, WIRE_ANSWER_CHANNEL, answer->channel);
        wire_uint(out, WIRE_ANSWER_INDEX, answer->index);
    } else {
        wire_nil(out, WIRE_ANSWER_CHANNEL);
        wire_nil(out, WIRE_ANSWER_INDEX);
    }
    wire_rows(out, WIRE_ANSWER_FINDINGS, kept);
    for (const struct finding *at = answer->findings.first; at != NULL; at = at->next) {
        row_finding(at, out);
    }
}

static void row_remark(const struct verdict_remark *remark, struct buffer *out)
{
    wire_row(out, &wire_shape_remark);
    wire_text(out, WIRE_REMARK_OUTCOME, text_of(verdict_outcome_text(remark->outcome)));
    wire_text(out, WIRE_REMARK_CODE, remark->code);
    wire_text(out, WIRE_REMARK_ELEMENT, remark->element);
    wire_text(out, WIRE_REMARK_PLACE, remark->place);
    wire_text(out, WIRE_REMARK_DETAIL, remark->detail);
}

void row_message(const struct store_message *message, const struct row_extras *extras,
                 struct buffer *out)
{
    wire_row(out, &wire_shape_message);
    wire_uint(out, WIRE_MESSAGE_CHANNEL, message->channel);
    wire_uint(out, WIRE_MESSAGE_INDEX, message->index);
    wire_text(out, WIRE_MESSAGE_DIRECTION, text_of(direction_text(message->direction)));
    wire_text(out, WIRE_MESSAGE_PARTNER, message->partner);
    wire_text(out, WIRE_MESSAGE_ORIGIN, message->origin);
    wire_text(out, WIRE_MESSAGE_OPERATION, text_of(operation_name(message->operation)));
    wire_id(out, WIRE_MESSAGE_ID, &message->id);
    wire_id(out, WIRE_MESSAGE_REPLY_TO, message->has_reply_to ? &message->reply_to : NULL);
    wire_text(out, WIRE_MESSAGE_AGREEMENT, message->agreement);
    wire_uint(out, WIRE_MESSAGE_MENU, message->menu_version);
    wire_text(out, WIRE_MESSAGE_EXPORTER, message->exporter);
    wire_text(out, WIRE_MESSAGE_NUMBER, message->number);
    wire_uint(out, WIRE_MESSAGE_SIZE, message->payload_size);
    wire_time(out, WIRE_MESSAGE_QUEUED, message->queued_ms);
    wire_time(out, WIRE_MESSAGE_ARRIVED, message->arrived_ms);
    wire_time(out, WIRE_MESSAGE_STORED, message->stored_s);
    wire_time(out, WIRE_MESSAGE_JUDGED, message->judged_ms);
    wire_time(out, WIRE_MESSAGE_DELIVERED, message->delivered_ms);
    wire_time(out, WIRE_MESSAGE_ANSWERED, message->answered_ms);
    wire_text(out, WIRE_MESSAGE_OUTCOME,
              message->judged_ms == 0 ? TEXT("") : text_of(verdict_outcome_text(message->outcome)));
    wire_text(out, WIRE_MESSAGE_REMARK, message->remark);
    wire_bool(out, WIRE_MESSAGE_HELD, message->held);
    wire_bytes(out, WIRE_MESSAGE_PAYLOAD, extras->payload);
    wire_rows(out, WIRE_MESSAGE_REMARKS, extras->remark_count);
    for (size_t i = 0; i < extras->remark_count; i++) {
        row_remark(&extras->remarks[i], out);
    }
    wire_bytes(out, WIRE_MESSAGE_RECEIPT, extras->receipt);
}

void row_comparison(const struct question *question, const struct comparison *comparison,
                    struct buffer *out)
{
    const struct frame_row *ours = comparison->ours;
    const struct frame_row *theirs = comparison->theirs;
    const struct frame_row *either = ours != NULL ? ours : theirs;
    bool differs = comparison->mismatch != MISMATCH_NONE;
    enum store_direction direction = question->outgoing ? STORE_OUTGOING : STORE_INCOMING;
    wire_row(out, &wire_shape_comparison);
    wire_uint(out, WIRE_COMPARISON_CHANNEL, question->channel);
    wire_text(out, WIRE_COMPARISON_DIRECTION, text_of(direction_text(direction)));
    wire_text(out, WIRE_COMPARISON_PARTNER, text_of(question->party));
    wire_bool(out, WIRE_COMPARISON_HELD, question->held);
    wire_uint(out, WIRE_COMPARISON_INDEX, comparison->index);
    wire_text(out, WIRE_COMPARISON_OPERATION, text_of(operation_name(either->operation)));
    wire_id(out, WIRE_COMPARISON_ID, &either->id);
    wire_text(out, WIRE_COMPARISON_NUMBER, either->number);
    wire_time(out, WIRE_COMPARISON_SIGNED, either->time_ms);
    wire_text(out, WIRE_COMPARISON_OURS, text_of(holding_text(ours)));
    wire_text(out, WIRE_COMPARISON_THEIRS, text_of(holding_text(theirs)));
    wire_bytes(out, WIRE_COMPARISON_OUR_LEAF,
               ours == NULL ? (struct bytes){NULL, 0} : hash_bytes(&ours->leaf));
    wire_bytes(out, WIRE_COMPARISON_THEIR_LEAF,
               theirs == NULL ? (struct bytes){NULL, 0} : hash_bytes(&theirs->leaf));
    wire_text(out, WIRE_COMPARISON_DIFFERENCE,
              differs ? text_of(mismatch_text(comparison->mismatch)) : TEXT(""));
}

void row_trial(const struct trial_step *step, struct buffer *out)
{
    wire_row(out, &wire_shape_trial);
    wire_text(out, WIRE_TRIAL_WHAT, text_of(step->what));
    wire_text(out, WIRE_TRIAL_OUTCOME, text_of(trial_outcome_text(step->outcome)));
    wire_text(out, WIRE_TRIAL_FOUND, utf8_cut(text_of(step->found), sizeof step->found));
    wire_text(out, WIRE_TRIAL_REMEDY, utf8_cut(text_of(step->remedy), sizeof step->remedy));
}
