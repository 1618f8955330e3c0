/* The life of a certificate, as a fold over its messages: what is asked, what is agreed, how each
 * item was treated and how much of it is used. Pure: no disk, no clock, times are passed in.
 * The exporting party's channel says what is issued and asked, the importing party's what is agreed
 * and used. The order of each channel counts and nothing between them, so that both ends come to
 * the same state whenever messages cross: proto/README.md, "The life of a certificate".
 * One thread at a time. */
#ifndef COMESH_PROTO_LIFECYCLE_H
#define COMESH_PROTO_LIFECYCLE_H

#include "proto/arena.h"
#include "proto/decimal.h"
#include "proto/message.h"

#define LIFECYCLE_REASONS_DAYS      60  /* for the reasons of a denial */
#define LIFECYCLE_REPLY_DAYS        90  /* for the reply to a verification */
#define LIFECYCLE_VERIFICATION_DAYS 180 /* for the whole of it */
#define LIFECYCLE_WORDS_BYTES       160

/* symbol, word; the first that holds is the state of the certificate. */
#define LIFECYCLE_STATES(X)                                                                        \
    X(REFUSED, "refused")                                                                          \
    X(REPLACED, "replaced")                                                                        \
    X(CANCELLED, "cancelled")                                                                      \
    X(EXHAUSTED, "exhausted")                                                                      \
    X(EXPIRED, "expired")                                                                          \
    X(SUSPENDED, "suspended")                                                                      \
    X(CANCEL_ASKED, "cancelation asked")                                                           \
    X(CHANGE_ASKED, "change asked")                                                                \
    X(AMENDED, "amended")                                                                          \
    X(ISSUED, "issued")

enum lifecycle_state {
#define LIFECYCLE_STATE(symbol, word) LIFECYCLE_##symbol,
    LIFECYCLE_STATES(LIFECYCLE_STATE)
#undef LIFECYCLE_STATE
        LIFECYCLE_STATE_COUNT
};

/* What an amendment notification asks for. */
enum lifecycle_effect { EFFECT_CORRECT, EFFECT_CANCEL, EFFECT_REPLACE };

/* What its cancelation status said last; agreed and declined are final. */
enum lifecycle_answer { ANSWER_NONE, ANSWER_PENDING, ANSWER_AGREED, ANSWER_DECLINED };

enum lifecycle_treatment {
    TREATMENT_NONE,
    TREATMENT_GRANTED,
    TREATMENT_PARTLY,
    TREATMENT_DENIED,
    TREATMENT_SUSPENDED,
    TREATMENT_REINSTATED,
};

enum lifecycle_hold { HOLD_UNSAID, HOLD_SET, HOLD_LIFTED };

struct lifecycle_use {
    struct text declaration; /* number of the import declaration, or empty */
    struct decimal quantity;
    struct text unit; /* empty when no quantity is said */
};

/* An item as one message speaks of it. */
struct lifecycle_line {
    uint32_t number;
    bool has_certified; /* certificate, and amendment that corrects it */
    struct decimal certified;
    struct text unit;
    enum lifecycle_treatment treatment; /* feedback */
    bool has_reasons;
    const struct lifecycle_use *uses;
    size_t use_count;
};

/* A message as far as it moves a certificate. */
struct lifecycle_event {
    enum operation operation;
    struct message_id id;
    struct message_id answers;
    uint64_t time_ms;                  /* signed by its sender: the same at both ends */
    uint32_t issued;                   /* certificate: CCYYMMDD */
    uint32_t valid_until;              /* certificate: CCYYMMDD, the last day */
    uint32_t revision;                 /* certificate, amendment; 0 when not said */
    enum lifecycle_effect asked;       /* amendment */
    struct text replacement;           /* amendment: number of the new certificate, or empty */
    struct text replaces;              /* certificate: number of the old one, or empty */
    enum lifecycle_answer answer;      /* cancelation status */
    enum lifecycle_hold hold;          /* feedback: of the certificate's validity */
    char kinds[LIFECYCLE_WORDS_BYTES]; /* certificate: "back-to-back, issued retroactively" */
    const struct lifecycle_line *lines;
    size_t line_count;
    uint32_t repeated; /* feedback: an item that it names twice, or 0 */
};

/* What was written off by one declaration, as it was last told. */
struct lifecycle_declared {
    struct lifecycle_declared *next;
    struct text declaration;
    struct decimal quantity;
    uint64_t told; /* number of the feedback that told it */
};

struct lifecycle_item {
    uint32_t number;
    bool has_certified;
    struct decimal certified;
    struct text unit;    /* of what is certified, else of the first use */
    struct decimal used; /* in all */
    struct lifecycle_declared *declared;
    enum lifecycle_treatment treatment; /* the last */
    bool has_reasons;
    uint64_t treated_ms;
};

struct lifecycle_amendment {
    struct lifecycle_amendment *next;
    struct message_id id;
    uint64_t time_ms;
    enum lifecycle_effect asked;
    enum lifecycle_answer answer;
    uint32_t revision;
    struct text replacement;
    struct lifecycle_line *lines; /* new quantities */
    size_t line_count;
};

/* Start with {.arena = …}. */
struct lifecycle {
    struct arena *arena; /* what is kept lives here */
    bool issued;
    bool refused; /* set by who knows the verdict */
    uint32_t issued_day;
    uint32_t valid_until;
    uint32_t revision; /* from 1 */
    bool cancelled;
    bool suspended;
    struct text replaced_by;
    struct text replaces;
    char kinds[LIFECYCLE_WORDS_BYTES];
    struct lifecycle_item *items; /* by number, from 1 */
    size_t item_count;
    struct lifecycle_amendment *amendments; /* in order of their channel */
    struct lifecycle_amendment *last_amendment;
    uint64_t feedbacks;
};

/* Whether the message may be said now. RESULT_OK, or RESULT_INVALID with a static code:
 * unknown-item, repeated-item, other-unit, over-use with the balance, cancelled, unknown-amendment.
 */
enum result lifecycle_judge(const struct lifecycle *life, const struct lifecycle_event *event,
                            const char **code, struct error *error) RESULT_CHECKED;

/* Takes the next message of its channel in. A message of the importing party that lifecycle_judge
 * refuses has no effect. Fails only without memory. */
enum result lifecycle_fold(struct lifecycle *life, const struct lifecycle_event *event,
                           struct error *error) RESULT_CHECKED;

/* `today` is CCYYMMDD. */
enum lifecycle_state lifecycle_state(const struct lifecycle *life, uint32_t today);
const char *lifecycle_state_text(enum lifecycle_state state);
const char *lifecycle_treatment_text(enum lifecycle_treatment treatment);

/* How the items were treated, in one sentence for the whole certificate. Static. */
const char *lifecycle_roll_up(const struct lifecycle *life);

/* What somebody still has to do. */
struct lifecycle_matter {
    const char *what; /* static */
    uint32_t item;    /* 0: the certificate as a whole */
    uint64_t since_ms;
    uint64_t due_ms; /* 0: no date is set */
};

/* The open matters, at most `max`, in `out`; gives how many there are. */
size_t lifecycle_open(const struct lifecycle *life, struct lifecycle_matter *out, size_t max);

/* The day, by UTC, of a time in milliseconds since 1970, as CCYYMMDD. */
uint32_t lifecycle_day(uint64_t time_ms);

/* ---- lifecycle_read.c ---- */

/* A checked record as an event. Texts borrow from the record, arrays live in its arena. */
enum result lifecycle_read(const struct message *message, const struct record *record,
                           uint64_t time_ms, struct lifecycle_event *event,
                           struct error *error) RESULT_CHECKED;

#endif
