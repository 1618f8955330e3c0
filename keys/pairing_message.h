/* What two sides of a pairing say to each other: canonical msgpack, each message behind its length
 * in 4 bytes, big-endian; and the hashes that the protocol computes of it. Knows nothing of the
 * order in which things are said. The form is described in keys/README.md. Any thread. */
#ifndef COMESH_KEYS_PAIRING_MESSAGE_H
#define COMESH_KEYS_PAIRING_MESSAGE_H

#include "keys/minutes.h"

#define PAIRING_VERSION           "comesh pairing v1"
#define PAIRING_MESSAGE_MAX_BYTES (CARD_MAX_BYTES + 1024)
#define PAIRING_HEAD_BYTES        ((size_t)4)
#define PAIRING_NONCE_BYTES       32
#define PAIRING_HASH_BYTES        32
#define PAIRING_SIGNATURE_MAX     ((size_t)256)
#define PAIRING_REASON_MAX        ((size_t)400)

enum pairing_kind { PAIRING_COMMIT = 1, PAIRING_REVEAL, PAIRING_CONFIRM, PAIRING_REFUSE };

/* Views borrow from the message. */
struct pairing_message {
    enum pairing_kind kind;
    uint8_t commitment[PAIRING_HASH_BYTES]; /* COMMIT */
    uint8_t nonce[PAIRING_NONCE_BYTES];     /* REVEAL … */
    uint8_t ephemeral[KEY_PUBLIC_BYTES];    /* a Curve25519 key of this run alone */
    struct bytes card;
    struct text person;
    struct text place; /* may be empty */
    uint64_t time_s;
    uint8_t proof[PAIRING_HASH_BYTES]; /* CONFIRM: made with the key of the run */
    struct text signature;             /* a line under the minutes, or empty */
    struct text reason;                /* REFUSE: a sentence */
};

/* RESULT_INVALID for anything but one whole message, RESULT_UNSUPPORTED for another version. */
enum result pairing_message_read(struct bytes bytes, struct pairing_message *message,
                                 struct error *error) RESULT_CHECKED;

/* Appends the message without its length: what is hashed. */
void pairing_message_append(const struct pairing_message *message, struct buffer *out);

/* Appends a message with its length in front, and cuts one off the front of what was received:
 * `message` has data NULL when it is not whole yet. RESULT_TOO_LARGE above the limit. */
void pairing_frame_append(struct bytes message, struct buffer *out);
enum result pairing_frame_cut(struct bytes *received, struct bytes *message,
                              struct error *error) RESULT_CHECKED;

/* SHA-256 over "comesh pairing v1 commitment" and a line feed, the side's number, and the reveal.
 */
void pairing_commitment(enum minutes_role side, struct bytes reveal,
                        uint8_t out[PAIRING_HASH_BYTES]);

/* SHA-256 over "comesh pairing v1 string" and a line feed, and both reveals, each behind its length
 * in 8 bytes: what both people compare as words or digits. */
void pairing_string(struct bytes listener_reveal, struct bytes caller_reveal,
                    uint8_t out[PAIRING_HASH_BYTES]);

#endif
