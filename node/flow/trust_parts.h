/* The inside of the trust task, shared by its parts: trust.c has its life and the lanes' side,
 * trust_post.c what is asked of a partner, trust_take.c what becomes of a text. Used by these
 * alone.
 */
#ifndef COMESH_NODE_FLOW_TRUST_PARTS_H
#define COMESH_NODE_FLOW_TRUST_PARTS_H

#include "node/core/queue.h"
#include "node/core/task.h"
#include "node/flow/texts.h"
#include "node/flow/trust.h"

#define POST_IDLE_MAX   64
#define POST_WANTED_MAX 16
#define NEWS_NAME_BYTES (AGREEMENT_MAX_BYTES + 1)

/* So many of something in a span of time. Start with {0}. */
struct allowance {
    uint64_t since_ms;
    unsigned used;
};

/* A text that we asked a partner for. */
struct asked {
    enum frame_kind kind;
    char name[NEWS_NAME_BYTES];
    uint64_t number;
    struct merkle_hash digest;
    bool sent;
    uint64_t due_ms; /* given up then */
};

/* What there is between us and one partner. */
struct post {
    char party[PARTY_MAX_BYTES];
    bool say;                /* tell it what we hold */
    struct merkle_hash said; /* of the frame that told it last */
    struct buffer told;      /* its last frame that told us */
    uint64_t known_serial;
    bool warned; /* that it holds a newer card of ours */
    struct asked asked[TRUST_WANTS_MAX];
    size_t asked_count;
    struct merkle_hash idle[POST_IDLE_MAX]; /* a ring: texts that led to nothing, until we change */
    size_t idle_count;
    struct merkle_hash wanted[POST_WANTED_MAX]; /* by the partner, not sent yet */
    size_t wanted_count;
    unsigned letters; /* that wait */
    struct allowance intake;
};

/* Texts that were kept about one party or agreement. */
struct news {
    enum frame_kind kind;
    char name[NEWS_NAME_BYTES];
    struct allowance allowance;
};

/* A frame or a text on its way to the task. */
struct letter {
    struct queue_node node; /* first */
    char party[PARTY_MAX_BYTES];
    enum frame_kind kind;
    size_t size;
    uint8_t bytes[];
};

struct trust {
    struct trust_node node;
    struct task *task;
    struct queue letters;
    atomic_bool changed;
    pthread_mutex_t lock; /* of what follows */
    struct texts texts;
    struct merkle_hash epoch;
    struct post **posts;
    size_t post_count;
    struct news *news;
    size_t news_count;
};

uint64_t trust_steady_ms(const struct trust *trust);
uint64_t trust_now_s(const struct trust *trust);

/* ---- posts, under the lock ---- */

struct post *post_find(const struct trust *trust, struct text party);

/* The partner told what it holds: what of it we lack is asked for, a few at a time. */
void post_plan(struct trust *trust, struct post *post);

/* A text came: whether it was asked for. It is no more. */
bool post_answered(struct post *post, const struct merkle_hash *digest);

/* That text led to nothing, and is not asked for again until something changes. */
void post_idle(struct post *post, const struct merkle_hash *digest);

/* Gives up what was not answered in time. */
void post_expire(struct trust *trust, struct post *post);

/* So many texts about somebody were kept that no more are today. */
bool news_is_spent(const struct trust *trust, enum frame_kind kind, struct text name);

/* A text about somebody was kept. */
void news_count(struct trust *trust, enum frame_kind kind, struct text name);

/* ---- without the lock ---- */

/* Checks and stores a text that came from `partner`; writes the act to the audit log. RESULT_OK and
 * `*news` says that the snapshots are old now; without it the text is held already. `name` gets
 * whom or what it is about. */
enum result trust_take(struct trust *trust, const char *partner, enum frame_kind kind,
                       struct bytes note, char name[NEWS_NAME_BYTES], bool *news,
                       struct error *error) RESULT_CHECKED;

/* Signs what the audit log has since it was signed last. */
void trust_sign_audit(struct trust *trust);

#endif
