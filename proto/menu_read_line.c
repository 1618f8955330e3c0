/* The lines of a menu about one element each: mandatory, optional, not used, with their limits. See
 * menu_words.h. */
#include "proto/menu_words.h"
#include "proto/nearest.h"

#define QUOTE(value) finding_quote((value), (char[QUOTE_BYTES]){0})

static enum result read_list(struct menu_reader *reader, struct menu_line *line,
                             const struct element *element)
{
    struct text name = menu_word(reader);
    struct nearest nearest = nearest_to(name);
    line->list = code_list_find(name);
    if (line->list != CODES_NONE && element->type == ELEMENT_CODE) {
        return RESULT_OK;
    }
    if (line->list != CODES_NONE) {
        return menu_fail(reader, "%s is not coded, so it has no list", element->name);
    }
    for (unsigned id = CODES_NONE + 1; id < CODE_LIST_COUNT; id++) {
        nearest_offer(&nearest, code_list((enum code_list_id)id)->name);
    }
    const char *found = nearest_found(&nearest);
    return menu_fail(reader, "'%s' is no code list%s%s%s", QUOTE(name),
                     found == NULL ? "; see `comesh codes list`" : "; did you mean ",
                     found == NULL ? "" : found, found == NULL ? "" : "?");
}

/* "at most N times" or "at most N characters", which may only narrow the dataset. */
static enum result read_most(struct menu_reader *reader, struct menu_line *line,
                             const struct element *element)
{
    uint32_t most = 0;
    enum result result =
        menu_take(reader, "most")
            ? menu_number(reader, "the limit", 999999, &most)
            : menu_fail(reader, "write `at most N times` or `at most N characters`");
    if (result != RESULT_OK) {
        return result;
    }
    bool times = menu_take(reader, "times");
    if (!times && !menu_take(reader, "characters")) {
        return menu_fail(reader, "`times` or `characters` is due behind %u", most);
    }
    if (!times && element->type != ELEMENT_TEXT && element->type != ELEMENT_IDENTIFIER) {
        return menu_fail(reader, "%s is no text, so its characters cannot be limited",
                         element->name);
    }
    uint32_t limit = times ? element->max_occurs : element->max_length;
    *(times ? &line->max_occurs : &line->max_length) = most;
    return most <= limit ? RESULT_OK
                         : menu_fail(reader,
                                     "%u is more than the dataset's %u; a menu can only "
                                     "narrow it",
                                     most, limit);
}

static enum result read_limits(struct menu_reader *reader, struct menu_line *line)
{
    const struct element *element = line->elements.elements[line->elements.depth - 1];
    enum result result = RESULT_OK;
    while (result == RESULT_OK && menu_take(reader, ",")) {
        if (line->use == USE_NOT_USED) {
            result = menu_fail(reader, "an element that is not used has no limits");
        } else if (menu_take(reader, "at")) {
            result = read_most(reader, line, element);
        } else if (menu_take(reader, "list")) {
            result = read_list(reader, line, element);
        } else if (menu_take(reader, "codes")) {
            result = menu_values(reader, &line->codes, &line->code_count);
        } else {
            result = menu_fail(reader, "behind a comma stands `at most`, `list` or `codes`");
        }
    }
    return result;
}

static bool same_path(const struct menu_path *a, const struct menu_path *b)
{
    size_t same = 0;
    while (same < a->depth && same < b->depth && a->elements[same] == b->elements[same]) {
        same++;
    }
    return same == a->depth && same == b->depth;
}

enum result menu_read_element(struct menu_reader *reader, enum menu_use use)
{
    struct menu *menu = reader->menu;
    struct menu_line *line = &reader->lines[menu->line_count];
    *line = (struct menu_line){.use = use, .number = reader->number};
    enum result result = menu_source(reader, &line->source);
    if (result == RESULT_OK) {
        result = menu_path(reader, &line->path, &line->elements);
    }
    if (result == RESULT_OK) {
        result = read_limits(reader, line);
    }
    for (size_t i = 0; i < menu->line_count && result == RESULT_OK; i++) {
        if (same_path(&reader->lines[i].elements, &line->elements)) {
            result = menu_fail(reader, "%s is on line %zu already", QUOTE(line->path),
                               reader->lines[i].number);
        }
    }
    if (result == RESULT_OK && use == USE_NOT_USED &&
        element_required(line->elements.elements[line->elements.depth - 1], OPERATION_CO)) {
        result = menu_fail(reader, "every certificate must have %s", QUOTE(line->path));
    }
    menu->line_count += result == RESULT_OK ? 1 : 0;
    return result;
}
