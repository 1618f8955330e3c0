/* The elements of the dataset as the commands show them: with their whole path and how often they
 * stand in each operation. */
#ifndef COMESH_TOOLS_COMESH_ELEMENTS_H
#define COMESH_TOOLS_COMESH_ELEMENTS_H

#include "proto/record.h"

#include <jansson.h>

#define ELEMENT_OPERATIONS  4 /* those with documents, in the order of their numbers */
#define ELEMENT_COUNT_BYTES 16

struct element_row {
    const struct element *element;
    char path[PLACE_MAX_BYTES];                           /* "Response/LPCO/ID" */
    char counts[ELEMENT_OPERATIONS][ELEMENT_COUNT_BYTES]; /* "1", "0..1", "1..99"; "" where not */
};

/* Calls `visit` for every element, in the order of the documents. */
void elements_each(void (*visit)(void *self, const struct element_row *row), void *self);

/* "500", "16,6", or "". Returns `out`. */
#define ELEMENT_LENGTH_BYTES 16
const char *element_length(const struct element *element, char out[ELEMENT_LENGTH_BYTES]);

/* "measure + UnitCode". Returns `out`. */
#define ELEMENT_KIND_BYTES 48
const char *element_kind(const struct element *element, char out[ELEMENT_KIND_BYTES]);

/* The id in the WCO Data Model, of its class for a group; NULL when there is none. */
const char *element_wco_id(const struct element *element);

/* All of it as an object. */
json_t *element_json(const struct element_row *row);

#endif
