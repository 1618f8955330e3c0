/* A QR code in the terminal, for a camera held before it. */
#ifndef COMESH_TOOLS_COMESH_TERMINAL_QR_H
#define COMESH_TOOLS_COMESH_TERMINAL_QR_H

#include "proto/bytes.h"

/* Appends the code of `text` (ISO/IEC 18004, level M): a line for two rows of modules, dark on
 * light whatever the colours of the terminal. */
enum result terminal_qr(struct buffer *out, struct text text, struct error *error) RESULT_CHECKED;

#endif
