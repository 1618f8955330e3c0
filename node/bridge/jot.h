/* Writes an answer value after value, as compact JSON, with whole documents inside that are JSON
 * already; or, for who asked for XML, as the same tree of elements: a member is an element of its
 * name, a value of an array an <i>, null is left out (as RFC 9457, appendix B, does it). For
 * answers, which are many and small; what is read is read by jansson. Any thread. */
#ifndef COMESH_NODE_BRIDGE_JOT_H
#define COMESH_NODE_BRIDGE_JOT_H

#include "proto/message_id.h"

#define JOT_DEPTH_MAX 8 /* of XML */

/* The root of an answer in XML. */
struct jot_root {
    const char *name;
    const char *space; /* its namespace */
};
extern const struct jot_root jot_receipt; /* ours */
extern const struct jot_root jot_problem; /* RFC 9457, appendix B */

/* Start with {.out = buffer}, for XML with a root beside it. A name is NULL in an array and for the
 * whole. */
struct jot {
    struct buffer *out;
    const struct jot_root *root;
    bool inside;                     /* a value stands before the next one */
    const char *open[JOT_DEPTH_MAX]; /* the elements that are open in XML */
    size_t depth;
};

/* The end of the whole: a line feed. */
void jot_end(struct jot *jot);

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

/* JSON as it is: append it to jot->out behind this. Not in XML. */
void jot_name(struct jot *jot, const char *name);

#endif
