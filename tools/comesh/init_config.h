/* The first configuration of a node, from the options of `comesh init`. */
#ifndef COMESH_TOOLS_COMESH_INIT_CONFIG_H
#define COMESH_TOOLS_COMESH_INIT_CONFIG_H

#include "keys/card.h"
#include "tools/comesh/command.h"

/* Appends comesh.zpl, with the party of the card; RESULT_INVALID for an option of another form. */
enum result init_config(struct call *call, const struct card *card, struct buffer *out,
                        struct error *error) RESULT_CHECKED;

#endif
