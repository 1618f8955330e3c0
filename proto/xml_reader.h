/* What the two halves of the XML reader share. For xml.c and xml_value.c alone. */
#ifndef COMESH_PROTO_XML_READER_H
#define COMESH_PROTO_XML_READER_H

#include "proto/xml.h"
#include "proto/xml_cursor.h"

struct xml_reader {
    struct xml_cursor cursor;
    struct record *record;
    struct findings *findings;
    struct buffer value; /* of the element that is being read */
};

#define XML_REFUSE(reader, code, element, place, ...)                                              \
    finding_add((reader)->findings, SEVERITY_REFUSAL, (code), (element), (place), __VA_ARGS__)

/* The XPath of a node; of MetaData for NULL. */
struct text xml_node_place(const struct node *node, char out[PLACE_MAX_BYTES]);

/* The XPath of what stands below a node and is not in the table: `mark` is "/" or "/@". */
struct text xml_below_place(const struct node *node, const char *mark, const char *name,
                            char out[PLACE_MAX_BYTES]);

/* Each of these returns false when what stands at the cursor is not XML, or without memory. */

/* The next element of a group, or its end; refuses and passes over what may not stand between.
 * XML_EVENT_START, XML_EVENT_END or XML_EVENT_FAILED. */
enum xml_event xml_next_child(struct xml_reader *reader, const struct node *group);

/* Refuses the element that was just begun, which `group` may not have, and passes over it.
 * `nearest` is what may have been meant, or NULL. */
bool xml_unknown(struct xml_reader *reader, const struct node *group, const char *nearest);

/* True when the element that was just begun is in our namespace. */
bool xml_is_ours(const struct xml_reader *reader);

/* Takes the attributes of the element that was just begun: `attribute`, or none for NULL. */
bool xml_read_attributes(struct xml_reader *reader, struct node *node,
                         const struct attribute *attribute);

/* Takes text up to the end of the element that was just begun. `node` is NULL in MetaData. */
bool xml_read_text(struct xml_reader *reader, const struct node *node, struct text *text);

/* The value and the attribute of a node that is no group. */
bool xml_read_leaf(struct xml_reader *reader, struct node *node);

#endif
