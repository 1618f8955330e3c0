/* Several menus side by side: a row for each element that one of them names, or that one of them
 * proposes, the differences first. */
#ifndef COMESH_PROTO_MATRIX_H
#define COMESH_PROTO_MATRIX_H

#include "proto/menu.h"

#define MATRIX_MENUS_MAX 8

/* What a menu says of a row. */
enum matrix_mark {
    MARK_NONE,      /* a proposal of another */
    MARK_MANDATORY, /* ✓ */
    MARK_OPTIONAL,  /* (✓) */
    MARK_NOT_USED,  /* ✗ */
    MARK_PROPOSED,  /* ? */
    MARK_VALUE,     /* the text alone: a head of the menus */
};

struct matrix_cell {
    enum matrix_mark mark;
    struct text text;   /* limits and code list, or the value of a head */
    struct text source; /* empty where no line says it */
};

struct matrix_row {
    struct menu_path path;         /* depth 0: a head, or a proposal */
    struct text name;              /* its path, its name, the head */
    const struct element *element; /* NULL: a head, or a proposal */
    bool differs;
    struct matrix_cell cells[MATRIX_MENUS_MAX];
};

struct matrix {
    const struct menu *menus[MATRIX_MENUS_MAX];
    size_t menu_count;
    struct matrix_row *rows;
    size_t count;
    size_t differing; /* of them, at the front */
};

/* Fills the rows, in `arena`; the menus are set. */
enum result matrix_make(struct matrix *matrix, struct arena *arena,
                        struct error *error) RESULT_CHECKED;

/* "✓", "(✓)", "✗", "?"; in words "mandatory", "optional", "not used", "proposed". Static. */
const char *matrix_mark_sign(enum matrix_mark mark);
const char *matrix_mark_word(enum matrix_mark mark);

#endif
