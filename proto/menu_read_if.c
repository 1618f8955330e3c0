/* The lines of a menu that depend on others, or on the dataset of tomorrow: conditions and
 * proposals. See menu_words.h. */
#include "proto/menu_words.h"

#define QUOTE(value) finding_quote((value), (char[QUOTE_BYTES]){0})

/* "flag TCI" is "AdditionalInformation/StatementCode is TCI". */
static enum result read_flag(struct menu_reader *reader, struct menu_condition *condition)
{
    enum result result = RESULT_OK;
    (void)menu_path_read(TEXT("AdditionalInformation/StatementCode"), &condition->tested);
    result = menu_values(reader, &condition->values, &condition->value_count);
    if (result == RESULT_OK &&
        (condition->value_count != 1 || !code_known(CODES_STATEMENT, condition->values[0]))) {
        result = menu_fail(reader, "'%s' is no flag; see `comesh codes show statement`",
                           QUOTE(condition->values[0]));
    }
    return result;
}

/* [is VALUE or VALUE …] */
static enum result read_test_values(struct menu_reader *reader, struct menu_condition *condition)
{
    const struct menu_path *tested = &condition->tested;
    if (!menu_take(reader, "is")) {
        return RESULT_OK;
    }
    if (tested->elements[tested->depth - 1]->type == ELEMENT_GROUP) {
        return menu_fail(reader, "%s is a group and has no value",
                         tested->elements[tested->depth - 1]->name);
    }
    struct text *values = arena_alloc(reader->arena, (reader->rest.size + 1) * sizeof *values);
    if (values == NULL) {
        return error_set(reader->error, RESULT_NO_MEMORY, "no memory for a menu");
    }
    condition->values = values;
    do {
        values[condition->value_count] = menu_word(reader);
    } while (values[condition->value_count++].size > 0 && menu_take(reader, "or"));
    return RESULT_OK;
}

/* How many elements both paths share before what is needed. */
static size_t shared_depth(const struct menu_path *a, const struct menu_path *b)
{
    size_t shared = 0;
    while (shared < a->depth && shared + 1 < b->depth &&
           a->elements[shared] == b->elements[shared]) {
        shared++;
    }
    return shared;
}

static enum result read_test(struct menu_reader *reader, struct menu_condition *condition)
{
    struct text path;
    struct text whole = reader->rest;
    const char *then = memmem(whole.data, whole.size, " then ", 6);
    if (then == NULL) {
        return menu_fail(reader, "`then` is missing: if Exporter/ID then mandatory Exporter/Name");
    }
    reader->rest.size = (size_t)(then - whole.data);
    enum result result = RESULT_OK;
    if (menu_take(reader, "flag")) {
        result = read_flag(reader, condition);
    } else {
        result = menu_path(reader, &path, &condition->tested);
        if (result == RESULT_OK) {
            result = read_test_values(reader, condition);
        }
    }
    if (result == RESULT_OK) {
        result = menu_end(reader);
    }
    condition->text = (struct text){whole.data + 1, (size_t)(then - whole.data) - 1};
    reader->rest = (struct text){then + 6, whole.size - (size_t)(then + 6 - whole.data)};
    return result;
}

enum result menu_read_condition(struct menu_reader *reader)
{
    struct menu_condition *condition = &reader->conditions[reader->menu->condition_count];
    *condition = (struct menu_condition){.use = USE_MANDATORY, .number = reader->number};
    enum result result = menu_source(reader, &condition->source);
    if (result == RESULT_OK) {
        result = read_test(reader, condition);
    }
    if (result != RESULT_OK) {
        return result;
    }
    if (menu_take(reader, "not") && menu_take(reader, "used")) {
        condition->use = USE_NOT_USED;
    } else if (!menu_take(reader, "mandatory")) {
        return menu_fail(reader, "behind `then` stands `mandatory` or `not used`");
    }
    result = menu_path(reader, &condition->needed_text, &condition->needed);
    if (result == RESULT_OK) {
        condition->shared = shared_depth(&condition->tested, &condition->needed);
        reader->menu->condition_count++;
    }
    return result;
}

/* proposed PATH called "NAME" means "DEFINITION" because "REASON" [wco ID] */
enum result menu_read_proposed(struct menu_reader *reader)
{
    struct menu_proposal *proposal = &reader->proposals[reader->menu->proposal_count];
    *proposal = (struct menu_proposal){.number = reader->number};
    struct menu_path path;
    enum result result = menu_source(reader, &proposal->source);
    if (result == RESULT_OK) {
        result = menu_place(reader, &proposal->path);
    }
    if (result == RESULT_OK && menu_path_read(proposal->path, &path)) {
        return menu_fail(reader, "%s is in the dataset; say mandatory, optional or not used",
                         QUOTE(proposal->path));
    }
    const struct {
        const char *word;
        struct text *text;
    } parts[] = {{"called", &proposal->name},
                 {"means", &proposal->definition},
                 {"because", &proposal->reason}};
    for (size_t i = 0; i < 3 && result == RESULT_OK; i++) {
        result = menu_take(reader, parts[i].word)
                     ? menu_quoted(reader, parts[i].text)
                     : menu_fail(reader,
                                 "`%s \"…\"` is due: proposed PATH called \"…\" means "
                                 "\"…\" because \"…\"",
                                 parts[i].word);
    }
    if (result == RESULT_OK && menu_take(reader, "wco")) {
        proposal->wco_id = menu_word(reader);
    }
    reader->menu->proposal_count += result == RESULT_OK ? 1 : 0;
    return result;
}
