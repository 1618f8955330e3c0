/* The boxes of a form with their content. */
#ifndef COMESH_PROTO_RENDER_BOXES_H
#define COMESH_PROTO_RENDER_BOXES_H

#include "proto/record.h"

/* All boxes of the record's form that hold something, and in a certificate the usual ones even when
 * empty. Their numbers are those of the form, always the same. */
void render_boxes(struct buffer *out, const struct record *record);

#endif
