/* A compiled menu: a rule for each element that a line speaks of, and for what stands beside it.
 * For menu*.c alone. */
#ifndef COMESH_PROTO_MENU_RULE_H
#define COMESH_PROTO_MENU_RULE_H

#include "proto/menu.h"

/* An element at its place. Rules of members exist where something below is said. */
struct menu_rule {
    const struct menu_line *line;            /* NULL: none names it */
    struct menu_rule *members;               /* of a group: in the order of its class; or NULL */
    const struct menu_condition *conditions; /* of a group */
    uint64_t mandatory; /* of a group: members that the menu, not the dataset, makes mandatory */
    uint16_t number;    /* among the elements not used, for warning once of each */
    uint8_t use;        /* enum menu_use */
    bool limits;        /* its line has limits to check */
};

/* Makes the rules of a menu whose lines and conditions were read. */
enum result menu_compile(struct menu *menu, struct menu_condition *conditions, struct arena *arena,
                         struct error *error) RESULT_CHECKED;

#endif
