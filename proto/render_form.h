/* Which element of a document stands in which box of its form: tables, one for the certificate and
 * the amendment, one for the answers. What no box names is drawn in the last one, so that a new
 * element of the dataset is never left out. */
#ifndef COMESH_PROTO_RENDER_FORM_H
#define COMESH_PROTO_RENDER_FORM_H

#include "proto/operation.h"

#define RENDER_BOX_ELEMENTS 14
#define RENDER_ITEM         "GoodsShipment/GovernmentAgencyGoodsItem"

struct render_box {
    const char *heading; /* NULL: the label of the first element */
    const char *signer;  /* NULL, or the role of the one whose authentication this box holds */
    bool wide;
    bool usual;                                /* drawn in a certificate even when it is empty */
    const char *elements[RENDER_BOX_ELEMENTS]; /* paths below the root; none: all the others */
};

/* A column of the table of items. */
struct render_column {
    const char *class;    /* of the style */
    const char *heads[3]; /* paths whose labels head it */
    const char *element;
    bool others; /* takes what no column names */
};

struct render_form {
    const struct render_box *boxes;
    size_t box_count;
    const struct render_column *columns;
    size_t column_count;
    const char *number; /* the path of the certificate's number */
    const char *title[RENDER_BOX_ELEMENTS];
};

/* NULL for an operation without document. */
const struct render_form *render_form(enum operation operation);

/* Whether boxes and columns draw the element at `path`, parts of it, or nothing of it. */
enum render_claim { RENDER_NONE, RENDER_PART, RENDER_WHOLE };
enum render_claim render_claimed(const struct render_form *form, const char *path);

#endif
