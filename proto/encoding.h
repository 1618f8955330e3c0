/* A document in any of its encodings, for whoever takes or gives documents: reading, checking and
 * writing, with places that fit the encoding. Any thread. */
#ifndef COMESH_PROTO_ENCODING_H
#define COMESH_PROTO_ENCODING_H

#include "proto/menu.h"
#include "proto/message.h"

enum encoding {
    ENCODING_JSON,
    ENCODING_XML,
    ENCODING_MSGPACK,
    ENCODING_COUNT /* also: none of them */
};

/* The encoding of that name ("json", "xml", "msgpack"), or ENCODING_COUNT. */
enum encoding encoding_named(struct text name);

/* XML when the first byte that is no blank is '<', else JSON: what national systems send. */
enum encoding encoding_of(struct bytes document);

/* As json_read, pack_read or xml_read. The record may borrow from `document`. */
enum result encoding_read(enum encoding encoding, struct bytes document, enum operation operation,
                          struct arena *arena, struct findings *findings, struct record **record,
                          struct error *error) RESULT_CHECKED;

/* What a document is checked by: the code lists of a node (NULL: those that ship), and its menus:
 * the one that a message names, or NULL. `menu` may be NULL: then no menu is asked. */
struct encoding_rules {
    const struct code_lists *lists;
    const struct menu *(*menu)(void *self, const struct message *message);
    void *self;
};

/* Checks a record that was read, reads out of it what its way is told by, and judges it by its
 * menu. RESULT_INVALID with the first finding. */
enum result encoding_check(enum encoding encoding, const struct record *record,
                           const struct encoding_rules *rules, struct message *message,
                           struct findings *findings, struct error *error) RESULT_CHECKED;

/* Appends a checked record; `pretty` is for people, and nothing to msgpack. */
enum result encoding_write(enum encoding encoding, const struct record *record, bool pretty,
                           struct buffer *out, struct error *error) RESULT_CHECKED;

#endif
