/* The pairing of two parties, live: cards are exchanged so that whoever stands between the two is
 * seen. Each side commits to its card, a nonce and a key of this run before it sees the other's;
 * from all of them follows one short string, which two people compare aloud; what they confirm is
 * bound by the key that both sides agreed on. A state machine: bytes in, bytes out. Knows no
 * socket, no clock and no file; stores nothing. One thread.
 *
 *     caller    COMMIT ────────────>
 *               <──────────── COMMIT
 *               REVEAL ────────────>      opened before the listener shows anything of its own
 *               <──────────── REVEAL      here both know the string: the one guess of this run
 *               CONFIRM <────> CONFIRM    each when its person has typed what the other read
 *
 * Any error ends the run, on both sides, with a REFUSE. The messages and why they stand in this
 * order are described in keys/README.md. */
#ifndef COMESH_KEYS_PAIRING_H
#define COMESH_KEYS_PAIRING_H

#include "keys/pairing_message.h"

#define PAIRING_CLOCK_MAX_S ((uint64_t)300) /* between the two clocks */

enum pairing_state {
    PAIRING_MEETING,   /* neither string nor card is known */
    PAIRING_COMPARING, /* both are: our person is asked */
    PAIRING_WAITING,   /* our person has confirmed, the other's has not yet */
    PAIRING_PAIRED,    /* both have */
    PAIRING_ENDED,     /* it failed, here or there; nothing of it may be used */
};

/* Who we are in a run; all of it is borrowed until its end. */
struct pairing_self {
    enum minutes_role side;
    const struct card *card;
    const struct keypair *identity; /* signs the minutes; NULL when it is kept elsewhere */
    struct text person;
    struct text place; /* may be empty */
    uint64_t now_s;
};

struct pairing;

/* Begins a run. What is to be sent, here and below, is appended to `out`, framed. */
enum result pairing_start(const struct pairing_self *self, struct pairing **pairing,
                          struct buffer *out, struct error *error) RESULT_CHECKED;
void pairing_destroy(struct pairing **pairing);

/* Takes a message of the other side. On every error the run has ended and `out` says so to the
 * other: RESULT_INVALID and RESULT_UNSUPPORTED for what belongs to no pairing, RESULT_UNTRUSTED
 * when something was not what it was committed to, or proven with another key; RESULT_DENIED when
 * its card does not fit here, or the other side has ended the run, with its reason. */
enum result pairing_take(struct pairing *pairing, struct bytes message, struct buffer *out,
                         struct error *error) RESULT_CHECKED;

/* What our person typed, hearing the other read. RESULT_INVALID when it is no string at all, and
 * may be typed again; RESULT_UNTRUSTED when it is another one: the run has ended. */
enum result pairing_confirm(struct pairing *pairing, struct text said, struct buffer *out,
                            struct error *error) RESULT_CHECKED;

/* Ends a run that goes on; the other side is told why. */
void pairing_refuse(struct pairing *pairing, const char *reason, struct buffer *out);

enum pairing_state pairing_state(const struct pairing *pairing);

/* From PAIRING_COMPARING on: the other's card and person, and the string as words and digits. */
const struct card *pairing_card(const struct pairing *pairing);
const char *pairing_person(const struct pairing *pairing);
const uint8_t *pairing_hash(const struct pairing *pairing);

/* In PAIRING_PAIRED: appends the minutes, with the signatures of the sides whose identity key was
 * at hand; bit MINUTES_… of `signers` is set for each. */
enum result pairing_minutes(const struct pairing *pairing, struct buffer *note, unsigned *signers,
                            struct error *error) RESULT_CHECKED;

#endif
