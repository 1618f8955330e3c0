/* The frames of the lane: each is one ZeroMQ frame holding one canonical msgpack array whose first
 * element is its kind. Decoding checks every limit before it allocates and copies nothing.
 * No socket, no key. Any thread. */
#ifndef COMESH_PROTO_FRAME_H
#define COMESH_PROTO_FRAME_H

#include "proto/arena.h"
#include "proto/entry.h"

#define FRAME_MAX_BYTES       ((size_t)256 << 10)
#define FRAME_NOTE_MAX_BYTES  ((size_t)16 << 10)
#define FRAME_ENTRIES_MAX     4096 /* also of all runs of an entries frame */
#define FRAME_RUNS_MAX        64   /* of an entries frame: each has two signatures to verify */
#define FRAME_ITEM_HEAD_BYTES 16   /* msgpack heads of one entry and payload, at most */
#define FRAME_ITEMS_MAX_BYTES (FRAME_MAX_BYTES - FRAME_NOTE_MAX_BYTES) /* of one frame */
#define FRAME_SENTENCE_BYTES  ((size_t)512)
#define FRAME_VERSIONS_MAX    8
#define FRAME_ROWS_MAX        256
#define FRAME_NUMBER_BYTES    ((size_t)280)
#define FRAME_TEXT_MAX_BYTES  (FRAME_MAX_BYTES - 16) /* a signed text that can travel */
#define FRAME_TEXTS_MAX       1024
#define LANE_VERSION          4 /* the newest that is spoken */
#define LANE_VERSION_OLDEST   1
#define LANE_VERSION_ASK      2 /* the first that has ask and holds */
#define LANE_VERSION_TEXTS    3 /* the first in which signed texts are exchanged */
#define LANE_VERSION_CARD     3 /* the first whose channels carry cards */
#define LANE_VERSION_FETCH    4 /* the first that has fetch and entries */

enum frame_kind {
    FRAME_HELLO = 1,
    FRAME_WELCOME = 2,
    FRAME_PUSH = 3,
    FRAME_RECEIPT = 4,
    FRAME_CARD = 5,
    FRAME_AGREEMENT = 6,
    FRAME_REFUSE = 7,
    FRAME_ASK = 8,
    FRAME_HOLDS = 9,
    FRAME_TEXTS = 10,
    FRAME_WANT = 11,
    FRAME_REVOCATION = 12,
    FRAME_FETCH = 13,
    FRAME_ENTRIES = 14,
};

/* symbol, number, text, whether it ends the lane. What each means: proto/README.md. */
#define REFUSAL_MAP(X)                                                                             \
    X(MALFORMED, 1, "malformed", true)                                                             \
    X(VERSION, 2, "version", true)                                                                 \
    X(PARTY, 3, "party", true)                                                                     \
    X(ENVIRONMENT, 4, "environment", true)                                                         \
    X(CHANNEL, 5, "channel", true)                                                                 \
    X(CLOCK, 6, "clock", true)                                                                     \
    X(KEY, 7, "key", true)                                                                         \
    X(NO_HELLO, 8, "no-hello", false)                                                              \
    X(ORDER, 9, "order", false)                                                                    \
    X(ROOT, 10, "root", true)                                                                      \
    X(SIGNATURE, 11, "signature", true)                                                            \
    X(FORK, 12, "fork", true)                                                                      \
    X(HELD, 13, "held", true)                                                                      \
    X(CREDIT, 14, "credit", false)                                                                 \
    X(BEHIND, 15, "behind", true)                                                                  \
    X(INTERNAL, 16, "internal", false)                                                             \
    X(CARD, 17, "card", false)

enum refusal {
#define REFUSAL_ENUM(symbol, number, text, ends) REFUSAL_##symbol = (number),
    REFUSAL_MAP(REFUSAL_ENUM)
#undef REFUSAL_ENUM
};

/* "root"; "unknown" for other numbers. Static. */
const char *refusal_text(enum refusal refusal);

/* A refusal that is not known here ends the lane. */
bool refusal_ends_lane(enum refusal refusal);

struct frame_hello {
    uint32_t versions[FRAME_VERSIONS_MAX]; /* protocol versions spoken, descending */
    size_t version_count;
    struct text party;       /* code of the sender of the channel */
    struct text environment; /* dev, test, prod */
    struct text origin;      /* of the channel that will be pushed */
    uint64_t size;           /* entries the sender holds of it */
    uint64_t card_serial;
    uint64_t time_ms; /* the sender's clock */
};

struct frame_welcome {
    uint32_t version;        /* the one chosen */
    uint64_t size;           /* entries the receiver holds of the channel */
    struct bytes checkpoint; /* the last cosigned note of it; empty when size is 0 */
    uint64_t credit;         /* payload and entry bytes that may be in flight */
    uint64_t card_serial;
    uint64_t time_ms;
};

/* One entry with its payload, both packed, borrowed. */
struct frame_item {
    struct bytes entry;
    struct bytes payload;
};

struct frame_push {
    uint64_t first; /* index of the first item */
    const struct frame_item *items;
    size_t count;            /* 0 asks for the receipt of what is held already */
    struct bytes checkpoint; /* the sender's signed note for size first + count */
};

/* Entries as they lie in a channel of either direction, up to a receipt: the one that first covered
 * the last of them. */
struct frame_run {
    const struct frame_item *items;
    size_t count;
    struct bytes checkpoint; /* the cosigned note; empty while the run goes on in the next frame */
};

/* The answer to fetch: runs that follow each other. None at all: no more is held under a receipt.
 */
struct frame_entries {
    uint64_t first; /* index of the first item of the first run */
    const struct frame_run *runs;
    size_t count;
};

/* Give me what you hold of that channel of us two, from that entry on. */
struct frame_fetch {
    struct text origin;
    uint64_t first;
};

struct frame_receipt {
    struct bytes checkpoint; /* the cosigned note; empty when only credit is granted */
    uint64_t credit;
};

/* A signed text that was wanted: a card, an agreement or a revocation. */
struct frame_note {
    struct bytes note;
};

struct frame_refuse {
    enum refusal refusal; /* may be a number that is not known here */
    struct text sentence; /* cut at FRAME_SENTENCE_BYTES when packed */
    uint64_t index;       /* the entry it is about; 0 when none */
};

/* What do you hold of that channel of us two? With max 0: say hello for it again. */
struct frame_ask {
    uint64_t number; /* of the question, chosen by who asks */
    struct text origin;
    uint64_t first;
    uint64_t max; /* rows, at most FRAME_ROWS_MAX */
};

/* The receiver's judgement of an entry, as far as it is known to who tells it. */
enum frame_judgement {
    JUDGEMENT_NONE,
    JUDGEMENT_ACCEPTED,
    JUDGEMENT_WARNINGS,
    JUDGEMENT_REFUSED,
    JUDGEMENT_DUPLICATE,
};

/* One entry that is held. */
struct frame_row {
    enum operation operation;
    struct message_id id;
    struct text number; /* of the certificate that it is or is about; may be empty */
    uint64_t time_ms;   /* of its signing */
    struct merkle_hash leaf;
    enum frame_judgement judgement;
    bool taken; /* by the receiver's national system */
};

/* The answer: consecutive rows from the asked index on, as many as were asked for and are held. */
struct frame_holds {
    uint64_t number; /* of the question */
    uint64_t size;   /* entries held of the channel */
    const struct frame_row *rows;
    size_t count;
};

/* A signed text by what it is, without itself. */
struct frame_text {
    enum frame_kind kind;      /* FRAME_CARD, FRAME_AGREEMENT, FRAME_REVOCATION */
    struct text name;          /* the party, or the agreement's code */
    uint64_t number;           /* serial, version, or time of issue in seconds */
    struct merkle_hash digest; /* SHA-256 of the note with its signatures */
};

/* texts: those that the sender holds and the receiver may have. want: those that the sender asks
 * for. */
struct frame_texts {
    const struct frame_text *rows;
    size_t count;
};

struct frame {
    enum frame_kind kind;
    union {
        struct frame_hello hello;
        struct frame_welcome welcome;
        struct frame_push push;
        struct frame_receipt receipt;
        struct frame_note note;
        struct frame_refuse refuse;
        struct frame_ask ask;
        struct frame_holds holds;
        struct frame_texts texts; /* and want */
        struct frame_fetch fetch;
        struct frame_entries entries;
    };
};

void frame_hello_pack(const struct frame_hello *hello, struct buffer *out);
void frame_welcome_pack(const struct frame_welcome *welcome, struct buffer *out);
void frame_push_pack(const struct frame_push *push, struct buffer *out);
void frame_receipt_pack(const struct frame_receipt *receipt, struct buffer *out);
void frame_note_pack(enum frame_kind kind, struct bytes note, struct buffer *out);
void frame_refuse_pack(const struct frame_refuse *refuse, struct buffer *out);
void frame_ask_pack(const struct frame_ask *ask, struct buffer *out);
void frame_holds_pack(const struct frame_holds *holds, struct buffer *out);
void frame_fetch_pack(const struct frame_fetch *fetch, struct buffer *out);
void frame_entries_pack(const struct frame_entries *entries, struct buffer *out);
void frame_texts_pack(enum frame_kind kind, const struct frame_texts *texts, struct buffer *out);

/* True for the kinds that carry a signed text. */
static inline bool frame_is_text(enum frame_kind kind)
{
    return kind == FRAME_CARD || kind == FRAME_AGREEMENT || kind == FRAME_REVOCATION;
}

/* True for the versions of the lane that are spoken here. */
static inline bool lane_version_is_spoken(uint32_t version)
{
    return version >= LANE_VERSION_OLDEST && version <= LANE_VERSION;
}

/* Decodes any frame; items, runs and rows are put in `arena`, everything else borrows from `bytes`.
 * RESULT_TOO_LARGE above FRAME_MAX_BYTES, RESULT_INVALID otherwise. */
enum result frame_unpack(struct bytes bytes, struct arena *arena, struct frame *frame,
                         struct error *error) RESULT_CHECKED;

#endif
