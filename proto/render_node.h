/* Nodes of a record in HTML: as lists of labels and values, and as cells of a table. Labels come
 * from the dataset, meanings of codes from their lists. */
#ifndef COMESH_PROTO_RENDER_NODE_H
#define COMESH_PROTO_RENDER_NODE_H

#include "proto/record.h"

/* The value of a leaf: dates readable, a unit or scheme behind it, a code with its meaning. */
void render_leaf(struct buffer *out, const struct node *leaf);

/* Draws `node` and the occurrences behind it as one term of a list, with `prefix` before its
 * label. Gives the node behind them. Between <dl> and </dl>. */
const struct node *render_run(struct buffer *out, const struct node *node, const char *prefix);

/* All children of `group` as terms. */
void render_children(struct buffer *out, const struct node *group);

/* One node as content of a cell; the labels of `heads`, which ends with NULL, stand above the
 * column and are left out. */
void render_cell(struct buffer *out, const struct node *node, const struct element *const *heads);

/* The next sibling that is of another element. */
const struct node *render_behind(const struct node *node);

#endif
