/* The task that passes signed texts on between nodes: it tells each partner which cards, agreements
 * and revocations we hold that it may have, asks for those that we lack, and takes them: checks,
 * stores, writes the act to the audit log, and puts new snapshots in, all away from the lanes,
 * which never wait for it. What is said over a lane stands in proto/README.md, "Signed texts".
 * Without it (flow->trust is NULL) nothing is exchanged. Must not know a socket. */
#ifndef COMESH_NODE_FLOW_TRUST_H
#define COMESH_NODE_FLOW_TRUST_H

#include "node/flow/flow.h"
#include "proto/frame.h"

#define TRUST_WANTS_MAX      4   /* texts asked of a partner at a time */
#define TRUST_LETTERS_MAX    8   /* frames of a partner that wait to be looked at */
#define TRUST_INTAKE_MAX     256 /* texts looked at, of a partner in an hour */
#define TRUST_NEWS_MAX       16  /* cards, and revocations, of one party that are kept in a day */
#define TRUST_SIGNATURES_MAX 256 /* the same for an agreement, which grows by every signature */
#define TRUST_ANSWER_MS      60000
#define TRUST_INTAKE_MS      ((uint64_t)3600 * 1000)
#define TRUST_NEWS_MS        ((uint64_t)86400 * 1000)
#define TRUST_LOOK_MS        30000 /* between two looks at what the time alone has changed */

struct trust;

/* What the task needs of the rest of the node. */
struct trust_node {
    struct flow *flow;
    /* Reads cards and agreements again, puts the snapshots into the flow, tells the lanes. */
    enum result (*refresh)(void *self, struct error *error);
    /* Wakes the tasks that host lanes: there is something to send. */
    void (*wake)(void *self);
    void *self;
};

enum result trust_start(const struct trust_node *node, struct trust **trust,
                        struct error *error) RESULT_CHECKED;

/* After the last lane is gone. NULL is harmless. */
void trust_stop(struct trust **trust);

/* The flow has new snapshots: partners are told what is new. Any thread. */
void trust_changed(struct trust *trust);

/* ---- the lanes' side: any thread, never waits; `trust` may be NULL ---- */

/* A lane on which texts are exchanged was opened with this partner. */
void trust_opened(struct trust *trust, const char *party);

/* A frame came: texts, want, card, agreement or revocation. It is copied. */
void trust_put(struct trust *trust, const char *party, enum frame_kind kind, struct bytes frame);

/* Appends the next frame for this partner; false when there is none. */
bool trust_next(struct trust *trust, const char *party, struct buffer *frame);

/* ---- for others ---- */

/* For a text that came another way than over the exchange, as a card in a channel: whether one more
 * of that party may be kept today, and that it was. */
bool trust_may_keep(struct trust *trust, enum frame_kind kind, const char *party);
void trust_kept(struct trust *trust, enum frame_kind kind, const char *party);

/* How the partner's agreements with us compare with ours: appends a sentence, and says whether they
 * are the same. RESULT_UNAVAILABLE without a sentence when it did not tell what it holds. */
enum result trust_compare(struct trust *trust, const char *party, bool *same,
                          struct buffer *sentence) RESULT_CHECKED;

/* The serial of our card that the partner said it holds; 0 when it did not say. */
uint64_t trust_known_serial(struct trust *trust, const char *party);

#endif
