/* Writes compact JSON value after value, with whole documents inside that are JSON already. For
 * answers, which are many and small; what is read is read by jansson. Any thread. */
#ifndef COMESH_NODE_BRIDGE_JOT_H
#define COMESH_NODE_BRIDGE_JOT_H

#include "proto/message_id.h"

/* Start with {.out = buffer}. A name is NULL in an array and for the whole. */
struct jot {
    struct buffer *out;
    bool inside; /* a value stands before the next one */
};

void jot_open(struct jot *jot, const char *name, char bracket);
void jot_close(struct jot *jot, char bracket);

/* Text that is not valid UTF-8 is cut before its first bad byte. */
void jot_text(struct jot *jot, const char *name, struct text text);
void jot_string(struct jot *jot, const char *name, const char *string);
void jot_uint(struct jot *jot, const char *name, uint64_t number);
void jot_bool(struct jot *jot, const char *name, bool truth);
void jot_null(struct jot *jot, const char *name);
void jot_hex(struct jot *jot, const char *name, struct bytes bytes);
void jot_base64(struct jot *jot, const char *name, struct bytes bytes);
void jot_id(struct jot *jot, const char *name, const struct message_id *id);

/* RFC 3339, or null for 0. */
void jot_time_ms(struct jot *jot, const char *name, uint64_t time_ms);

/* JSON as it is: append it to jot->out behind this. */
void jot_name(struct jot *jot, const char *name);

#endif
