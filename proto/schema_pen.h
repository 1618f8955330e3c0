/* Writes indented JSON, a member a line. For schema*.c alone. */
#ifndef COMESH_PROTO_SCHEMA_PEN_H
#define COMESH_PROTO_SCHEMA_PEN_H

#include "proto/bytes.h"

struct pen {
    struct buffer *out;
    unsigned depth;
    bool inside;         /* a member stands before the next one */
    const char *place;   /* before every name that is referred to: "#/$defs/" */
    const char *prefix;  /* before every name of a definition */
    unsigned operations; /* OPERATION_BITs of what is written */
};

/* A key is NULL in an array. */
void pen_key(struct pen *pen, const char *key);
void pen_open(struct pen *pen, const char *key, const char *bracket);
void pen_close(struct pen *pen, const char *bracket);
void pen_string(struct pen *pen, const char *key, const char *value);
void pen_number(struct pen *pen, const char *key, uint64_t value);
void pen_word(struct pen *pen, const char *key, const char *word);
void pen_strings(struct pen *pen, const char *key, const char *const *strings, size_t count);

/* "$ref" to the definition of that name. */
void pen_reference(struct pen *pen, const char *name);

/* "pattern", anchored, in ASCII: what is invisible is written as an escape of JSON. */
void pen_pattern(struct pen *pen, struct text pattern);

#endif
