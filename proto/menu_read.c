/* A menu read from its text, line by line. See menu.h; the form is in proto/README.md. */
#include "proto/check_value.h"
#include "proto/menu_rule.h"
#include "proto/menu_words.h"
#include "proto/nearest.h"
#include "proto/utf8.h"

#define QUOTE(value) finding_quote((value), (char[QUOTE_BYTES]){0})

/* ---- what stands once ---- */

static enum result read_menu(struct menu_reader *reader)
{
    struct text code = menu_word(reader);
    if (!code_known(CODES_AGREEMENT, code)) {
        return menu_fail(reader, "'%s' is no code of an agreement; accepted: %s", QUOTE(code),
                         code_list(CODES_AGREEMENT)->shape_hint);
    }
    reader->menu->agreement = code;
    return menu_number(reader, "the version", 999999999, &reader->menu->version);
}

static enum result read_title(struct menu_reader *reader)
{
    while (reader->rest.size > 0 && reader->rest.data[0] == ' ') {
        reader->rest.data++;
        reader->rest.size--;
    }
    reader->menu->title = reader->rest;
    reader->rest.size = 0;
    return reader->menu->title.size > 0 ? RESULT_OK
                                        : menu_fail(reader, "the title of the agreement is due");
}

static enum result read_valid(struct menu_reader *reader)
{
    struct menu *menu = reader->menu;
    if (!menu_take(reader, "from")) {
        return menu_fail(reader, "write `valid from 2026-01-01`, or with `until 2027-12-31`");
    }
    enum result result = menu_day(reader, &menu->from);
    if (result == RESULT_OK && menu_take(reader, "until")) {
        result = menu_day(reader, &menu->until);
        if (result == RESULT_OK && menu->until < menu->from) {
            result = menu_fail(reader, "the last day is before the first");
        }
    }
    return result;
}

static enum result read_correction(struct menu_reader *reader)
{
    struct text word = menu_word(reader);
    for (unsigned one = CORRECTION_REPLACE; one <= CORRECTION_BOTH; one++) {
        if (text_equal(word, text_of(menu_correction_text((enum menu_correction)one)))) {
            reader->menu->correction = (enum menu_correction)one;
            return RESULT_OK;
        }
    }
    return menu_fail(reader,
                     "the correction is '%s'; accepted: replace (a new certificate, the old one "
                     "cancelled), amend (the original is corrected), both",
                     QUOTE(word));
}

static enum result read_validity(struct menu_reader *reader)
{
    enum result result = menu_number(reader, "the validity", 1200, &reader->menu->validity_months);
    if (result == RESULT_OK && !menu_take(reader, "months")) {
        result = menu_fail(reader, "write the validity in months: `validity 12 months`");
    }
    return result;
}

static enum result read_others(struct menu_reader *reader)
{
    if (menu_take(reader, "optional")) {
        return RESULT_OK;
    }
    reader->menu->others = USE_NOT_USED;
    return menu_take(reader, "not") && menu_take(reader, "used")
               ? RESULT_OK
               : menu_fail(reader, "write `others optional` or `others not used`");
}

/* ---- lines about elements ---- */

static enum result read_mandatory(struct menu_reader *reader)
{
    return menu_read_element(reader, USE_MANDATORY);
}

static enum result read_optional(struct menu_reader *reader)
{
    return menu_read_element(reader, USE_OPTIONAL);
}

static enum result read_not_used(struct menu_reader *reader)
{
    return menu_take(reader, "used") ? menu_read_element(reader, USE_NOT_USED)
                                     : menu_fail(reader, "`used` is due behind `not`");
}

/* ---- the text ---- */

static const struct statement {
    const char *word;
    bool once;
    bool
        sourced; /* its source is cut off before it is read; others do it themselves or have none */
    enum result (*read)(struct menu_reader *reader);
} statements[] = {
    {"menu", true, false, read_menu},
    {"title", true, false, read_title},
    {"valid", true, false, read_valid},
    {"correction", true, true, read_correction},
    {"validity", true, true, read_validity},
    {"others", true, true, read_others},
    {"mandatory", false, false, read_mandatory},
    {"optional", false, false, read_optional},
    {"not", false, false, read_not_used},
    {"if", false, false, menu_read_condition},
    {"proposed", false, false, menu_read_proposed},
};
#define STATEMENT_COUNT  (sizeof statements / sizeof *statements)
#define STATEMENTS_FIRST 3 /* menu, title and valid must stand, and menu first */

static enum result read_statement(struct menu_reader *reader, size_t at)
{
    const struct statement *statement = &statements[at];
    struct text source;
    enum result result = RESULT_OK;
    if (at > 0 && (reader->seen & 1U) == 0) {
        return menu_fail(reader, "a menu begins with its code and version, as `menu AKFTA 1`");
    }
    if (statement->once && (reader->seen & 1U << at) != 0) {
        return menu_fail(reader, "`%s` stands twice", statement->word);
    }
    reader->seen |= 1U << at;
    if (statement->sourced) {
        result = menu_source(reader, &source);
    }
    if (result == RESULT_OK) {
        result = statement->read(reader);
    }
    return result == RESULT_OK ? menu_end(reader) : result;
}

static enum result read_line(struct menu_reader *reader)
{
    struct nearest nearest;
    if (reader->rest.size == 0 || reader->rest.data[0] == '#') {
        return RESULT_OK;
    }
    struct flaw flaw = characters_flaw(reader->rest, false);
    if (flaw.code != NULL) {
        return menu_fail(reader, "U+%04X, %s", (unsigned)flaw.character, flaw.clause);
    }
    struct text word = menu_word(reader);
    nearest = nearest_to(word);
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        if (text_equal(word, text_of(statements[i].word))) {
            return read_statement(reader, i);
        }
        nearest_offer(&nearest, statements[i].word);
    }
    const char *found = nearest_found(&nearest);
    return menu_fail(reader, "a line does not begin with '%s'%s%s%s", QUOTE(word),
                     found == NULL ? "" : "; did you mean ", found == NULL ? "" : found,
                     found == NULL ? "" : "?");
}

/* Room for as many of each as there are lines. */
static enum result make_room(struct menu_reader *reader, struct text text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.size; i++) {
        count += text.data[i] == '\n' ? 1 : 0;
    }
    if (text.size > MENU_MAX_BYTES || count > MENU_LINES_MAX) {
        return error_set(reader->error, RESULT_TOO_LARGE,
                         "%s: a menu has at most %zu bytes and %d lines", reader->file,
                         MENU_MAX_BYTES, MENU_LINES_MAX);
    }
    reader->menu = arena_zero(reader->arena, sizeof *reader->menu);
    reader->lines = arena_alloc(reader->arena, count * sizeof *reader->lines);
    reader->conditions = arena_alloc(reader->arena, count * sizeof *reader->conditions);
    reader->proposals = arena_alloc(reader->arena, count * sizeof *reader->proposals);
    return reader->menu == NULL || reader->lines == NULL || reader->conditions == NULL ||
                   reader->proposals == NULL
               ? error_set(reader->error, RESULT_NO_MEMORY, "no memory for a menu")
               : RESULT_OK;
}

static enum result read_lines(struct menu_reader *reader, struct text rest)
{
    enum result result = RESULT_OK;
    while (rest.size > 0 && result == RESULT_OK) {
        reader->rest = text_until(&rest, '\n');
        reader->number++;
        (void)text_skip(&rest, "\n");
        result = read_line(reader);
    }
    for (size_t i = 0; i < STATEMENTS_FIRST && result == RESULT_OK; i++) {
        if ((reader->seen & 1U << i) == 0) {
            result = menu_fail(reader, "`%s` is missing", statements[i].word);
        }
    }
    return result;
}

enum result menu_read(struct text text, const char *file, struct arena *arena, struct menu **menu,
                      struct error *error)
{
    struct menu_reader reader = {.file = file, .arena = arena, .error = error};
    *menu = NULL;
    enum result result = make_room(&reader, text);
    if (result != RESULT_OK) {
        return result;
    }
    struct text kept = arena_text(arena, text);
    if (kept.data == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a menu");
    }
    if (!utf8_valid(kept)) {
        return error_set(error, RESULT_INVALID, "%s: is not UTF-8", file);
    }
    result = read_lines(&reader, kept);
    reader.menu->lines = reader.lines;
    reader.menu->conditions = reader.conditions;
    reader.menu->proposals = reader.proposals;
    if (result == RESULT_OK) {
        result = menu_compile(reader.menu, reader.conditions, arena, error);
    }
    *menu = result == RESULT_OK ? reader.menu : NULL;
    return result;
}
