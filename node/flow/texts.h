/* The signed texts that we hold, as they are told to partners: own card, agreements, the partners'
 * cards, revocations. A list over the snapshots of the flow that never changes; who may have a text
 * and which text of a partner's we lack is decided here. No socket, no disk. */
#ifndef COMESH_NODE_FLOW_TEXTS_H
#define COMESH_NODE_FLOW_TEXTS_H

#include "node/flow/flow.h"
#include "proto/frame.h"

/* One of them; it borrows from the snapshots. */
struct held_text {
    struct frame_text text;
    struct bytes note;
    const struct agreement *agreement; /* when it is one */
};

/* Start with {0}, end with texts_free. */
struct texts {
    struct directory *directory;
    struct agreements *agreements;
    struct held_text *rows; /* what matters most comes first */
    size_t count;
};

/* Takes the snapshots of now. */
enum result texts_load(struct flow *flow, struct texts *texts, struct error *error) RESULT_CHECKED;
void texts_free(struct texts *texts);

const struct held_text *texts_find(const struct texts *texts, const struct merkle_hash *digest);

/* Whether that partner may have it: our own texts and its own; an agreement when it is a party of
 * it or of the version before; a third party's when an agreement that is not over has both. */
bool texts_is_for(const struct texts *texts, const struct held_text *held, struct text partner,
                  uint64_t now_s);

/* Appends the frame that tells a partner what it may have; at most FRAME_TEXTS_MAX rows. */
void texts_pack(const struct texts *texts, struct text partner, uint64_t now_s,
                struct buffer *frame);

/* Whether a partner's text is one that we lack and that could be taken: of somebody who is held or
 * whom an agreement names, newer than what is held; of an agreement the version that comes next. */
bool texts_lack(const struct texts *texts, const struct frame_text *text, uint64_t now_s);

/* A hash over the agreements and where each stands in its life: another one says that the time
 * alone has changed whom we trust. */
void texts_epoch(const struct texts *texts, uint64_t now_s, struct merkle_hash *epoch);

#endif
