/* The words of a line of a menu, one after the other. For menu_read*.c alone. */
#ifndef COMESH_PROTO_MENU_WORDS_H
#define COMESH_PROTO_MENU_WORDS_H

#include "proto/menu.h"

/* A menu while it is read, and the place in it. */
struct menu_reader {
    const char *file;
    size_t number;    /* of the line */
    struct text rest; /* of the line, behind the words that were taken */
    struct arena *arena;
    struct error *error;
    struct menu *menu;
    struct menu_line *lines;
    struct menu_condition *conditions;
    struct menu_proposal *proposals;
    unsigned seen; /* bits of the statements that stand once */
};

/* RESULT_INVALID with "FILE:LINE: " before the sentence. */
enum result menu_fail(struct menu_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes the next word: up to a blank or a comma; a comma is a word. Empty at the end of the line.
 */
struct text menu_word(struct menu_reader *reader);

/* Takes the next word when it is `word`. */
bool menu_take(struct menu_reader *reader, const char *word);

/* Takes "a text in quotation marks". */
enum result menu_quoted(struct menu_reader *reader, struct text *out) RESULT_CHECKED;

/* Takes a number from 1 to `max`; `what` names it. */
enum result menu_number(struct menu_reader *reader, const char *what, uint32_t max,
                        uint32_t *number) RESULT_CHECKED;

/* Takes a day, 2026-01-31, as CCYYMMDD. */
enum result menu_day(struct menu_reader *reader, uint32_t *day) RESULT_CHECKED;

/* Takes a path, whether the dataset has it or not. `Item` at its front stands for the goods item.
 */
enum result menu_place(struct menu_reader *reader, struct text *path) RESULT_CHECKED;

/* Takes a path of the dataset. A wrong name is told with the nearest one. */
enum result menu_path(struct menu_reader *reader, struct text *text,
                      struct menu_path *path) RESULT_CHECKED;

/* Cuts " (source)" off the end of the line: every statement about elements has one. */
enum result menu_source(struct menu_reader *reader, struct text *source) RESULT_CHECKED;

/* Takes the words up to the next comma or the end, one at least, and keeps them in the arena. */
enum result menu_values(struct menu_reader *reader, const struct text **values,
                        size_t *count) RESULT_CHECKED;

/* RESULT_OK at the end of the line, else what stands there too much. */
enum result menu_end(struct menu_reader *reader) RESULT_CHECKED;

/* The statements about elements, behind their first word. */
enum result menu_read_element(struct menu_reader *reader, enum menu_use use) RESULT_CHECKED;
enum result menu_read_condition(struct menu_reader *reader) RESULT_CHECKED;
enum result menu_read_proposed(struct menu_reader *reader) RESULT_CHECKED;

#endif
