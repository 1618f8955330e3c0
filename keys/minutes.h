/* The minutes of a pairing: who confirmed whose identity key, when and where, as a text that a
 * person can read; a signed note with the signatures of both identity keys. A side whose identity
 * key is kept elsewhere signs later. The form is described in keys/README.md. Any thread. */
#ifndef COMESH_KEYS_MINUTES_H
#define COMESH_KEYS_MINUTES_H

#include "keys/card.h"

#define MINUTES_MAX_BYTES  ((size_t)8 << 10)
#define MINUTES_NAME_BYTES ((size_t)128) /* with the NUL */

enum minutes_role { MINUTES_LISTENER, MINUTES_CALLER, MINUTES_ROLES };

struct minutes_side {
    char party[PARTY_MAX_BYTES];
    char domain[DOMAIN_MAX_BYTES];
    uint64_t serial; /* of the card that was shown */
    uint8_t identity[KEY_PUBLIC_BYTES];
    char person[MINUTES_NAME_BYTES];
    char place[MINUTES_NAME_BYTES]; /* empty when none was given */
    uint64_t time_s;                /* by that side's clock */
};

struct minutes {
    char environment[8];
    char words[WORDS_TEXT_BYTES]; /* the short string that both confirmed */
    struct minutes_side sides[MINUTES_ROLES];
};

/* True for the name of a person or place: printable, and within the limits above. */
bool minutes_name_is_valid(struct text name);

/* Writes the text; with each side's fingerprint, which follows from the rest. */
void minutes_text_append(const struct minutes *minutes, struct buffer *out);

/* Reads it. RESULT_INVALID names the line that is wrong. */
enum result minutes_text_read(struct text text, struct minutes *minutes,
                              struct error *error) RESULT_CHECKED;

/* SHA-256 of the text: what a person compares who signs it on another machine. */
void minutes_hash(const struct minutes *minutes, uint8_t hash[WORDS_HASH_BYTES]);

/* Parses a note, or a text with an empty line behind it that nobody has signed yet; bit MINUTES_…
 * of `signers` is set for each side whose signature holds. RESULT_UNTRUSTED for one that does not
 * hold and for one of a stranger. */
enum result minutes_parse(struct bytes note, struct minutes *minutes, unsigned *signers,
                          struct error *error) RESULT_CHECKED;

/* Appends the note with the signatures of both, which must be of one text; in one order, so that
 * all who hold the same signatures hold the same bytes. RESULT_CONFLICT for another text. */
enum result minutes_merge(struct bytes held, struct bytes other, struct buffer *note,
                          unsigned *signers, struct error *error) RESULT_CHECKED;

/* Appends the signature line of a side over the text. RESULT_DENIED when the key is not that
 * side's. */
enum result minutes_sign(const struct minutes *minutes, enum minutes_role role,
                         const struct keypair *identity, struct buffer *line,
                         struct error *error) RESULT_CHECKED;

#endif
