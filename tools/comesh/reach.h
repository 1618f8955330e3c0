/* Who would be locked out when own keys change: what each partner knows of the own card, as the
 * running node has heard it, against the time that is left to tell it. */
#ifndef COMESH_TOOLS_COMESH_REACH_H
#define COMESH_TOOLS_COMESH_REACH_H

#include "tools/comesh/own.h"

#include <jansson.h>

#define REACH_WHY_BYTES 256

struct reach_row {
    char party[PARTY_MAX_BYTES];
    bool at_risk;              /* would be locked out at the end of the overlap as things stand */
    char why[REACH_WHY_BYTES]; /* one or more sentences */
};

struct reach {
    struct reach_row *rows;
    size_t count;
    bool running; /* the node was asked */
};

/* Looks at all partners for a change of a key of `role` whose overlap ends at `end_s`. */
enum result reach_look(struct own *own, enum key_role role, uint64_t end_s, struct reach *reach,
                       struct error *error) RESULT_CHECKED;
void reach_free(struct reach *reach);

void reach_print(const struct reach *reach, FILE *file);
json_t *reach_json(const struct reach *reach);

#endif
