/* The inside of a lane, shared by its parts: lane.c has its life, lane_send.c what goes out,
 * lane_frame.c what comes in, lane_ask.c questions of both sides, lane_fetch.c what is given back,
 * lane_texts.c signed texts. Used by these alone, and by their tests. */
#ifndef COMESH_NODE_LINK_LANE_PARTS_H
#define COMESH_NODE_LINK_LANE_PARTS_H

#include "node/link/lane.h"

void lane_state_set(struct lane *lane, struct lane_half *half, enum lane_state state);

/* Sends the frame, behind those that wait; a partner that reads nothing loses the lane. */
void lane_post(struct lane *lane, struct bytes frame);

/* Sends what waits, as far as the socket takes it. */
void lane_flush(struct lane *lane);

/* Sends a refuse frame, and nothing else. */
void lane_refuse(struct lane *lane, const struct refused *refused);

/* The direction ends by that refusal, from either side. */
void lane_half_end(struct lane *lane, struct lane_half *half, enum refusal refusal);

/* We refuse, and say why; the direction ends when the refusal says so. */
void lane_half_refuse(struct lane *lane, struct lane_half *half, const struct refused *refused);

/* What a page of the flow answered; the sentence of a failure of ours goes to the log and, as
 * little as it needs, to the partner. True when all is well. */
bool lane_settle(struct lane *lane, struct lane_half *half, enum result result,
                 struct refused *refused, struct error *error);

/* A hello that is in its place; `frame` is kept when it comes too early. */
void lane_take_hello(struct lane *lane, const struct frame_hello *hello, struct bytes frame);

/* What this store has lost: the next question when there is one, and what comes. */
void lane_fetch_turn(struct lane *lane, uint64_t now_ms);
void lane_take_entries(struct lane *lane, const struct frame *frame, struct bytes bytes);

/* A partner's question, ask or fetch, answered now or in the next second; `bytes` is its frame. */
void lane_take_ask(struct lane *lane, const struct frame *frame, struct bytes bytes);
void lane_take_holds(struct lane *lane, const struct frame *frame, struct bytes bytes);

/* What waits: a question of ours to be carried, and, when a second began, one of theirs. */
void lane_ask_turn(struct lane *lane);
void lane_ask_tick(struct lane *lane);

/* A direction was opened: the signed texts are told anew. */
void lane_texts_opened(struct lane *lane);

/* A frame of the exchange of signed texts. */
void lane_take_text(struct lane *lane, const struct frame *frame, struct bytes bytes);

/* What of it is to be sent. */
void lane_texts_turn(struct lane *lane);

#endif
