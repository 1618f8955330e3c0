/* The menu of an agreement: which elements its certificates must have, may have and do not use,
 * with limits, code lists and conditions. A text of lines that a policy officer reads, each with
 * its source (form: proto/README.md); read strictly, and compiled to a table for each group of the
 * dataset, so that checking costs next to nothing. Knows no disk.
 * A menu does not change once it is read: any thread. */
#ifndef COMESH_PROTO_MENU_H
#define COMESH_PROTO_MENU_H

#include "proto/finding.h"
#include "proto/record.h"

#define MENU_MAX_BYTES ((size_t)256 << 10)
#define MENU_LINES_MAX 2000

/* What a menu says about an element. */
enum menu_use {
    USE_OPTIONAL,
    USE_MANDATORY,
    USE_NOT_USED,
};

/* How a certificate is corrected under the agreement (PRACTICE: two regimes). */
enum menu_correction {
    CORRECTION_NONE,    /* not said */
    CORRECTION_REPLACE, /* a new certificate, the old one cancelled */
    CORRECTION_AMEND,   /* the original is corrected */
    CORRECTION_BOTH,
};

struct menu_path {
    const struct element *elements[ELEMENT_DEPTH_MAX]; /* below the root */
    size_t depth;
};

/* A line about an element, as it was written. */
struct menu_line {
    struct text path; /* GoodsShipment/Consignee/Name */
    struct menu_path elements;
    enum menu_use use;
    uint32_t max_length;      /* characters; 0: as in the dataset */
    uint32_t max_occurs;      /* 0: as in the dataset */
    enum code_list_id list;   /* CODES_NONE: as in the dataset */
    const struct text *codes; /* these alone; NULL: not restricted */
    size_t code_count;
    struct text source;
    size_t number; /* of the line */
};

/* if TESTED [is VALUE or VALUE] then USE NEEDED. It holds within the innermost group that both
 * paths share: in each goods item by itself, say. */
struct menu_condition {
    const struct menu_condition *next; /* of the same group */
    struct menu_path tested;
    struct menu_path needed;
    size_t shared;             /* so many elements at the front of both are the group */
    const struct text *values; /* NULL: that it is there */
    size_t value_count;
    enum menu_use use;       /* mandatory or not used */
    struct text text;        /* "flag TCI", "GoodsShipment/Seller" */
    struct text needed_text; /* its path */
    struct text source;
    size_t number;
};

/* An element that the agreement wants and the dataset lacks: what a data maintenance request says.
 */
struct menu_proposal {
    struct text path; /* where it would stand */
    struct text name;
    struct text definition;
    struct text reason;
    struct text wco_id; /* empty when there is none */
    struct text source;
    size_t number;
};

struct menu_rule; /* compiled */

struct menu {
    struct text agreement;
    uint32_t version;
    struct text title;
    uint32_t from;  /* certificates issued from that day, CCYYMMDD */
    uint32_t until; /* to that day; 0: open */
    enum menu_correction correction;
    uint32_t validity_months; /* of a certificate; 0: not said */
    enum menu_use others;     /* of elements that no line names: optional or not used */
    const struct menu_line *lines;
    size_t line_count;
    const struct menu_condition *conditions;
    size_t condition_count;
    const struct menu_proposal *proposals;
    size_t proposal_count;
    const struct menu_rule *root; /* of the document */
};

/* Reads a menu, which lives in `arena` and borrows nothing. `file` names it in messages.
 * RESULT_INVALID: "FILE:LINE: …". */
enum result menu_read(struct text text, const char *file, struct arena *arena, struct menu **menu,
                      struct error *error) RESULT_CHECKED;

/* Judges a certificate, and of an amendment what it says: adds refusals for what is missing, too
 * many, too long or of another list, and a warning for what is not used but there. Other documents
 * have no menu. `lists` as in check_record_with. */
void menu_check(const struct menu *menu, const struct code_lists *lists,
                const struct record *record, struct findings *findings);

/* What the menu says about the element at a path; `*line` is the line that says it, or NULL when it
 * follows from others or from the dataset. `line` may be NULL. */
enum menu_use menu_use_of(const struct menu *menu, const struct menu_path *path,
                          const struct menu_line **line);

/* Reads a path of names below the root of a certificate; false when there is no such element. */
bool menu_path_read(struct text path, struct menu_path *out);

/* "mandatory", "optional", "not used"; "replace", "amend", "both". Static. */
const char *menu_use_text(enum menu_use use);
const char *menu_correction_text(enum menu_correction correction);

/* A menu that ships. */
struct menu_text {
    const char *file;
    const char *text;
};
extern const struct menu_text menu_texts[];
extern const size_t menu_text_count;

#endif
