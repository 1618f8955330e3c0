/* Text of other parties in HTML: escaped, and with what would turn or hide text made visible. */
#ifndef COMESH_PROTO_RENDER_TEXT_H
#define COMESH_PROTO_RENDER_TEXT_H

#include "proto/bytes.h"

/* Appends escaped text, for content and for attributes in quotes. A control, invisible or
 * direction-changing character stands as its name, "[U+202E]". */
void render_text(struct buffer *out, struct text text);

/* As render_text, for content: in an isolate of its own, so that right-to-left text turns nothing
 * around it, and with its line feeds. */
void render_value(struct buffer *out, struct text text);

/* The number of a certificate as a QR code, an inline SVG with a title. RESULT_TOO_LARGE when it
 * has too many characters for one. */
enum result render_qr(struct buffer *out, struct text number, struct error *error) RESULT_CHECKED;

#endif
