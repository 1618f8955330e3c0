/* A code list read from its text, as it ships and as `comesh codes import` takes it:
 *   # list: un-ece-20
 *   # edition: Revision 17
 *   value,name,from,until
 *   KGM,kilogram,,
 * Further heads are title, source, licence, shape, hint, percentage and country; what they do not
 * say stays as in the list that ships. Knows no disk. Any thread. */
#ifndef COMESH_PROTO_CODES_READ_H
#define COMESH_PROTO_CODES_READ_H

#include "proto/arena.h"
#include "proto/codes.h"

#define CODE_LIST_MAX_BYTES ((size_t)16 << 20)
#define CODE_VALUE_MAX      35

/* Reads a list, which lives in `arena` and borrows nothing. `file` names it in messages.
 * RESULT_INVALID: "FILE:LINE: …". */
enum result code_list_read(struct text text, const char *file, struct arena *arena,
                           enum code_list_id *id, const struct code_list **list,
                           struct error *error) RESULT_CHECKED;

#endif
