/* One act of trust as a line of the audit log, which a person can read:
 *     number TAB time TAB root TAB who TAB verb TAB subject TAB detail
 * `root` is that of the tree of all lines before it, base64, so that a line that was changed,
 * removed or put elsewhere is found by the next. Knows no file. Any thread. */
#ifndef COMESH_KEYS_AUDIT_LINE_H
#define COMESH_KEYS_AUDIT_LINE_H

#include "proto/merkle.h"

#define AUDIT_FIELD_BYTES ((size_t)480) /* of each text; a longer one is cut */
#define AUDIT_LINE_BYTES  ((size_t)2048)

/* What was done: "card import" of "ID" by "root", with what makes it clear years later. */
struct audit_act {
    uint64_t time_s;
    struct text who;
    struct text verb;
    struct text subject; /* a party, an agreement, a role of key; may be empty */
    struct text detail;  /* serial, fingerprint, file, reason; may be empty */
};

struct audit_line {
    struct text text; /* without its newline: the leaf of the tree */
    uint64_t number;
    struct merkle_hash before;
    struct audit_act act;
};

/* Appends the line with its newline. Control characters and what is no UTF-8 become '?'. */
void audit_line_append(uint64_t number, const struct merkle_hash *before,
                       const struct audit_act *act, struct buffer *out);

/* Reads a line; texts borrow from it. RESULT_INVALID says what it lacks. What is read is written
 * back as the same bytes. */
enum result audit_line_read(struct text text, struct audit_line *line,
                            struct error *error) RESULT_CHECKED;

#endif
