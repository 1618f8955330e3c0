/* What documents are judged by: the code lists and menus that ship, and those in the folders codes/
 * and menus/ of a node's directory, which take the place of one that ships with the same name, or
 * code and version; the menus of signed agreements go before both. Does not change once it is
 * loaded: any thread. Must not know the store. */
#ifndef COMESH_NODE_CORE_RULES_H
#define COMESH_NODE_CORE_RULES_H

#include "keys/agreements.h"
#include "node/core/config.h"
#include "proto/menu.h"

#define RULES_MENUS_MAX 256

struct rules_menu {
    const struct menu *menu;
    struct text text; /* as it was read */
    const char *file; /* its path, its name when it ships, or "agreement AKFTA 2" */
    bool ships;
};

struct rules;

/* Loads them; `directory` NULL for what ships alone. The error names file and line. */
enum result rules_load(const char *directory, struct rules **rules,
                       struct error *error) RESULT_CHECKED;
void rules_destroy(struct rules **rules);

/* Puts the menus of signed agreements in, before all others of the same code and version; the rules
 * hold the snapshot. */
enum result rules_add_agreements(struct rules *rules, struct agreements *agreements,
                                 struct error *error) RESULT_CHECKED;

/* Its code lists, as check_record_with takes them; NULL of NULL. */
const struct code_lists *rules_codes(const struct rules *rules);

/* The file of a list that does not ship, or NULL. */
const char *rules_codes_file(const struct rules *rules, enum code_list_id id);

/* The menu of an agreement, or NULL; version 0 is the newest. NULL of NULL. */
const struct menu *rules_menu(const struct rules *rules, struct text agreement, uint32_t version);

/* All menus, by agreement and version. */
const struct rules_menu *rules_menus(const struct rules *rules, size_t *count);

/* Appends "ACFTA 1, AKFTA 1, …". */
void rules_name_menus(const struct rules *rules, struct buffer *out);

/* That every agreement of the configuration has its menus. On RESULT_INVALID `report` has a line
 * for each that lacks. */
enum result rules_fit(const struct rules *rules, const struct config *config, struct buffer *report,
                      struct error *error) RESULT_CHECKED;

#endif
