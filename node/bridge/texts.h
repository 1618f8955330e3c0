/* Texts that are written as files and built in: the schemas of answers, the samples that are the
 * examples of the OpenAPI document. */
#ifndef COMESH_NODE_BRIDGE_TEXTS_H
#define COMESH_NODE_BRIDGE_TEXTS_H

#include <stddef.h>

struct bridge_text {
    const char *name; /* of the file */
    const char *text;
};

extern const struct bridge_text bridge_texts[];
extern const size_t bridge_text_count;

#endif
