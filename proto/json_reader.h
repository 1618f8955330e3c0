/* What the two halves of the JSON reader share. For json.c and json_value.c alone. */
#ifndef COMESH_PROTO_JSON_READER_H
#define COMESH_PROTO_JSON_READER_H

#include "proto/finding.h"
#include "proto/json_cursor.h"
#include "proto/record.h"

struct json_reader {
    struct json_cursor cursor;
    struct record *record;
    struct findings *findings;
};

/* One value on its way in: where it stands, and its elder occurrence. */
struct json_slot {
    struct node *group;
    const struct element *element;
    struct node *elder;
    uint32_t index;
    unsigned depth;
};

#define JSON_REFUSE(reader, code, element, place, ...)                                             \
    finding_add((reader)->findings, SEVERITY_REFUSAL, (code), (element), (place), __VA_ARGS__)

/* Each of these takes what stands at the cursor and returns false when it is not JSON, or without
 * memory. */

/* Refuses a value and passes over it; `wanted` is NULL for what the element's type wants. */
bool json_wrong_type(struct json_reader *reader, const struct json_slot *slot, const char *wanted);

/* One occurrence of the slot's element: the table says what may stand here. */
bool json_read_value(struct json_reader *reader, struct json_slot *slot);

/* The members of a group, from its opening brace to its closing one. */
bool json_read_group(struct json_reader *reader, struct node *group, unsigned depth);

#endif
