/* The inside of an outgoing, shared by the parts of the page: advance.c opens the channel to a
 * partner, advance_push.c moves it on, advance_fetch.c has it given back. Used by these alone. */
#ifndef COMESH_NODE_FLOW_OUTGOING_H
#define COMESH_NODE_FLOW_OUTGOING_H

#include "node/flow/advance.h"

#include "keys/checkpoint.h"
#include "node/flow/fetch.h"
#include "node/flow/ours.h"

#define FLIGHTS_MAX 64 /* pushes without receipt */

/* A push that is on its way: what its receipt must say. */
struct flight {
    uint64_t size;
    struct merkle_hash root;
    uint64_t bytes;
};

struct outgoing {
    struct ours ours;
    bool open;           /* welcomed */
    struct fetch *fetch; /* what the partner gives back; NULL: nothing is lacked */
    uint32_t version;    /* of the lane, as of the last welcome; 0 before it */
    bool waiting;        /* refused for now; goes on with the next credit */
    struct merkle_tree sent;
    uint64_t receipted;
    uint64_t carried;        /* as in struct store_channel */
    uint64_t carried_serial; /* the same */
    bool carrying;           /* our card is on its way into the channel */
    uint64_t their_serial;   /* of the partner's own card, as its welcome says */
    uint64_t credit;
    uint64_t in_flight;
    struct flight flights[FLIGHTS_MAX]; /* a ring, oldest at first */
    size_t flight_first;
    size_t flight_count;
    int64_t clock_ahead_ms;
    uint64_t due_ms; /* steady: when waiting verdicts go; 0 when none wait */
    struct arena arena;
};

/* Finds the committed channel, in the arena; NULL while nothing was ever said to the partner. */
enum result outgoing_channel(struct outgoing *outgoing, const struct store_channel **channel,
                             struct error *error) RESULT_CHECKED;

/* The partner's log is not ours: nothing more is signed until a person looked. Fills `refused` and
 * returns RESULT_HELD; the hold and its proof go to the store. */
enum result outgoing_hold(struct outgoing *outgoing, struct refused *refused, struct bytes proof,
                          enum refusal refusal, uint64_t index, const char *reason);

/* The partner holds more of the channel than the `size` that we do: this store is older than what
 * it said. Nothing is appended to the channel, and nothing signed, before the partner has given it
 * back; one of an older version cannot, and the channel is held. */
enum result outgoing_behind(struct outgoing *outgoing, const struct frame_welcome *welcome,
                            uint64_t size, struct refused *refused,
                            struct error *error) RESULT_CHECKED;

/* Hands a verified receipt to the writer. */
enum result outgoing_store_receipt(struct outgoing *outgoing, struct bytes note, uint64_t size,
                                   uint64_t time_s, struct error *error) RESULT_CHECKED;

/* A note of the partner does not hold: when its key was revoked, or stands on a card that must come
 * first, `refused` says so and the lane ends, and nothing is held. */
bool outgoing_key_refused(const struct outgoing *outgoing, struct bytes note,
                          struct refused *refused);

/* Verifies a note that the partner cosigned just now: its signature and its channel. */
enum result outgoing_check_note(const struct outgoing *outgoing, struct bytes note,
                                struct checkpoint *checkpoint, uint64_t *time_s,
                                struct error *error) RESULT_CHECKED;

#endif
