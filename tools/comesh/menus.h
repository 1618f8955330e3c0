/* The code lists and menus that a command works with: those that ship, with those of the node's
 * directory and of its signed agreements; no node need run. */
#ifndef COMESH_TOOLS_COMESH_MENUS_H
#define COMESH_TOOLS_COMESH_MENUS_H

#include "node/core/rules.h"
#include "tools/comesh/command.h"

/* Those of the directory that the call names. */
enum result call_rules(struct call *call, struct rules **rules, struct error *error) RESULT_CHECKED;

/* The menu that a person names: AKFTA (the newest), AKFTA:1, or a file, which is read into `arena`.
 */
enum result menu_named(const struct rules *rules, const char *name, struct arena *arena,
                       const struct menu **menu, struct error *error) RESULT_CHECKED;

/* Appends the text of a menu that menu_named found by `name`: the form that is read is the form
 * that is shown. */
enum result menu_text_of(const struct rules *rules, const struct menu *menu, const char *name,
                         struct buffer *text, struct error *error) RESULT_CHECKED;

/* Reads a certificate from a file, in JSON or XML, and checks it; `in` is its memory. What is wrong
 * is in `findings`. */
struct certificate {
    struct arena arena;
    struct buffer in;
    struct findings findings;
    struct record *record;
};
enum result certificate_read(const char *path, const struct rules *rules,
                             struct certificate *certificate, struct error *error) RESULT_CHECKED;
void certificate_free(struct certificate *certificate);

/* The menu that the certificate names. */
enum result certificate_menu(const struct certificate *certificate, const struct rules *rules,
                             const struct menu **menu, struct error *error) RESULT_CHECKED;

/* "2026-01-05", or "" for 0. Returns `out`. */
const char *menu_day_text(uint32_t day, char out[CODE_DAY_BYTES]);

#endif
