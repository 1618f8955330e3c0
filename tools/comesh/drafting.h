/* The text of an agreement while `comesh agreement new` makes it from cards, menus and options. */
#ifndef COMESH_TOOLS_COMESH_DRAFTING_H
#define COMESH_TOOLS_COMESH_DRAFTING_H

#include "tools/comesh/agreements.h"
#include "tools/comesh/menus.h"

/* The texts of menus live in the arena. */
struct drafting {
    struct call *call;
    struct book book;
    struct rules *rules;
    struct arena arena;
    struct agreement *draft;
    const struct agreement *before; /* NULL for version 1 */
};

/* Takes every value of an option that may be given several times. */
typedef enum result drafting_option(struct drafting *drafting, const char *value,
                                    struct error *error);
enum result drafting_each(struct drafting *drafting, const char *option, drafting_option *take,
                          struct error *error) RESULT_CHECKED;

/* Puts a party in its place among the others: one whose card is held, or that of a file, of which a
 * person confirms the fingerprint. */
enum result drafting_join(struct drafting *drafting, const char *name,
                          struct error *error) RESULT_CHECKED;

/* The options leave, join, identity and role. */
enum result drafting_parties(struct drafting *drafting, struct error *error) RESULT_CHECKED;

#endif
