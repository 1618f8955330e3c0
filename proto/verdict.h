/* The verdict: what the receiving node found about a run of entries of the other direction's
 * channel, and how far its national system has taken them. One verdict serves a whole batch, so
 * that a signed answer to every message costs next to nothing. It is the payload of an entry
 * (operation verdict), canonical msgpack. Any thread. */
#ifndef COMESH_PROTO_VERDICT_H
#define COMESH_PROTO_VERDICT_H

#include "proto/arena.h"
#include "proto/bytes.h"

/* The largest verdict fits the payload of one entry; more remarks need another verdict. */
#define VERDICT_REMARKS_MAX     160
#define VERDICT_CODE_MAX_BYTES  ((size_t)32)
#define VERDICT_TEXT_MAX_BYTES  ((size_t)512)
#define VERDICT_PLACE_MAX_BYTES ((size_t)256)

/* ACCEPTED_WITH_WARNINGS and REFUSED carry findings; DUPLICATE says that the same message was held
 * already and has no second effect. What no remark names is accepted, and no remark says so. */
enum verdict_outcome {
    VERDICT_ACCEPTED = 0,
    VERDICT_ACCEPTED_WITH_WARNINGS = 1,
    VERDICT_REFUSED = 2,
    VERDICT_DUPLICATE = 3,
};

struct verdict_remark {
    uint64_t index; /* of the entry, within [first, first + count) */
    enum verdict_outcome outcome;
    struct text code;    /* finding code: "missing", "unknown-agreement", "other-content" */
    struct text element; /* element name with its ids, or empty */
    struct text place;   /* JSON pointer, or empty */
    struct text detail;  /* sentence */
};

struct verdict {
    uint64_t first; /* entries [first, first + count) are judged here; count may be 0 */
    uint64_t count;
    bool has_taken;
    uint64_t taken; /* the receiver's national system has taken all below this index */
    const struct verdict_remark *remarks; /* ascending by index, several for one index allowed */
    size_t remark_count;
};

/* A text above its limit is cut there, between characters. */
void verdict_pack(const struct verdict *verdict, struct buffer *out);

/* Remarks are put in `arena`, their texts borrow from `packed`. RESULT_INVALID names the field. */
enum result verdict_unpack(struct bytes packed, struct arena *arena, struct verdict *verdict,
                           struct error *error) RESULT_CHECKED;

/* "accepted", "accepted-with-warnings", "refused", "duplicate". Static. */
const char *verdict_outcome_text(enum verdict_outcome outcome);

#endif
