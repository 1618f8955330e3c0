/* The text of an agreement: writing it, and reading it strictly. Knows nothing of its signatures.
 * The form is described in keys/README.md. Any thread. */
#ifndef COMESH_KEYS_AGREEMENT_TEXT_H
#define COMESH_KEYS_AGREEMENT_TEXT_H

#include "keys/agreement.h"

void agreement_text_append(const struct agreement *agreement, struct buffer *out);

/* Reads the fields above `bytes`; the texts of menus borrow from `text`, what is read of them lives
 * in the agreement's arena. RESULT_INVALID names line, value and what is accepted. What is read
 * here is written back as the same bytes. */
enum result agreement_text_read(struct text text, struct agreement *agreement,
                                struct error *error) RESULT_CHECKED;

#endif
