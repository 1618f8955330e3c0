/* The frames of the lane: each is one ZeroMQ frame holding one canonical msgpack array whose first
 * element is its kind. Decoding checks every limit before it allocates and copies nothing.
 * No socket, no key. Any thread. */
#ifndef COMESH_PROTO_FRAME_H
#define COMESH_PROTO_FRAME_H

#include "proto/arena.h"
#include "proto/entry.h"

#define FRAME_MAX_BYTES      ((size_t)256 << 10)
#define FRAME_NOTE_MAX_BYTES ((size_t)16 << 10)
#define FRAME_ENTRIES_MAX    4096
#define FRAME_SENTENCE_BYTES ((size_t)512)
#define FRAME_VERSIONS_MAX   8
#define LANE_VERSION         1

enum frame_kind {
    FRAME_HELLO = 1,
    FRAME_WELCOME = 2,
    FRAME_PUSH = 3,
    FRAME_RECEIPT = 4,
    FRAME_CARD = 5,
    FRAME_AGREEMENT = 6,
    FRAME_REFUSE = 7,
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
    X(INTERNAL, 16, "internal", false)

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

struct frame_receipt {
    struct bytes checkpoint; /* the cosigned note; empty when only credit is granted */
    uint64_t credit;
};

/* A newer signed text: a card or an agreement. */
struct frame_note {
    struct bytes note;
};

struct frame_refuse {
    enum refusal refusal; /* may be a number that is not known here */
    struct text sentence; /* cut at FRAME_SENTENCE_BYTES when packed */
    uint64_t index;       /* the entry it is about; 0 when none */
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
    };
};

void frame_hello_pack(const struct frame_hello *hello, struct buffer *out);
void frame_welcome_pack(const struct frame_welcome *welcome, struct buffer *out);
void frame_push_pack(const struct frame_push *push, struct buffer *out);
void frame_receipt_pack(const struct frame_receipt *receipt, struct buffer *out);
void frame_note_pack(enum frame_kind kind, struct bytes note, struct buffer *out);
void frame_refuse_pack(const struct frame_refuse *refuse, struct buffer *out);

/* Decodes any frame; push items are put in `arena`, everything else borrows from `bytes`.
 * RESULT_TOO_LARGE above FRAME_MAX_BYTES, RESULT_INVALID otherwise. */
enum result frame_unpack(struct bytes bytes, struct arena *arena, struct frame *frame,
                         struct error *error) RESULT_CHECKED;

#endif
