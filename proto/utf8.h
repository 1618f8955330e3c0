/* UTF-8 as RFC 3629 has it: no surrogates, no long forms, nothing above U+10FFFF. Any thread. */
#ifndef COMESH_PROTO_UTF8_H
#define COMESH_PROTO_UTF8_H

#include "proto/bytes.h"

bool utf8_valid(struct text text);

/* The longest start of `text` of at most `max_bytes` that is valid UTF-8. */
struct text utf8_cut(struct text text, size_t max_bytes);

/* Cuts the first character off `rest`, which is valid UTF-8 and not empty, and gives it. */
uint32_t utf8_next(struct text *rest);

/* Whether a character shows nothing, moves what is around it, or controls a terminal: what text of
 * another party must not do to a reader (Unicode categories Cc and Cf, in short). */
bool utf8_deceives(uint32_t character);

#endif
