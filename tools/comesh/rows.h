/* Rows of an answer gathered: as a JSON array, or kept to be printed later. */
#ifndef COMESH_TOOLS_COMESH_ROWS_H
#define COMESH_TOOLS_COMESH_ROWS_H

#include "tools/comesh/client.h"

#include <jansson.h>

/* A client_row: appends the row as an object to the array `self`. */
enum result rows_to_json(void *self, const struct wire_row *row, struct error *error);

/* As rows_to_json, with the document of a message row as its member "document". */
enum result rows_to_json_documents(void *self, const struct wire_row *row, struct error *error);

/* Asks a verb without arguments and prints its rows as an array. */
enum result rows_print_json(struct client *client, const char *verb,
                            struct error *error) RESULT_CHECKED;

/* The state of a message in a word: held, refused, answered, delivered, stored, queued. */
const char *row_state(const struct wire_row *row);

/* "certificate", "amendment", … of a message row. */
const char *row_operation(const struct wire_row *row);

/* The id of a message row as text, "-" when there is none. Returns `out`. */
const char *row_id(const struct wire_row *row, unsigned key, char out[UUID_TEXT_BYTES]);

#endif
