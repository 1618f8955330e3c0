/* The text of a card: writing it, and reading it strictly. Knows nothing of its signature.
 * The form is described in keys/README.md. Any thread. */
#ifndef COMESH_KEYS_CARD_TEXT_H
#define COMESH_KEYS_CARD_TEXT_H

#include "keys/card.h"

void card_text_append(const struct card *card, struct buffer *out);

/* Reads every field of `card` but the note. RESULT_INVALID names line, value and what is accepted.
 * What is read here is written back as the same bytes. */
enum result card_text_read(struct text text, struct card *card, struct error *error) RESULT_CHECKED;

#endif
