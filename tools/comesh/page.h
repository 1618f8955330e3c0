/* A self-contained, accessible page: HTML that needs no other file, reads well aloud and prints on
 * paper. */
#ifndef COMESH_TOOLS_COMESH_PAGE_H
#define COMESH_TOOLS_COMESH_PAGE_H

#include "proto/bytes.h"

void page_begin(const char *title, struct buffer *out);
void page_end(struct buffer *out);

/* Text of others: escaped, and without what could hide or turn it. */
void page_text(struct text text, struct buffer *out);

#endif
