/* A code list read from its text. See codes_read.h. */
#include "proto/codes_read.h"

#include "proto/check_value.h"
#include "proto/finding.h"
#include "proto/nearest.h"
#include "proto/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define QUOTE(value) finding_quote((value), (char[QUOTE_BYTES]){0})

static const char columns[] = "value,name,from,until";

struct reader {
    const char *file;
    size_t number; /* of the line */
    struct arena *arena;
    struct error *error;
    enum code_list_id id;
    struct code_list *list;
    struct code *codes;
    bool edition; /* was given */
};

static enum result fail(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum result fail(struct reader *reader, const char *format, ...)
{
    char sentence[ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return error_set(reader->error, RESULT_INVALID, "%s:%zu: %s", reader->file, reader->number,
                     sentence);
}

static enum result no_memory(struct reader *reader)
{
    return error_set(reader->error, RESULT_NO_MEMORY, "no memory for a code list");
}

/* A copy with a NUL, or NULL. */
static const char *keep(struct reader *reader, struct text text)
{
    return arena_text(reader->arena, text).data;
}

/* ---- the head ---- */

static enum result read_name(struct reader *reader, struct text name)
{
    reader->id = code_list_find(name);
    if (reader->id == CODES_NONE) {
        struct nearest nearest = nearest_to(name);
        for (unsigned id = CODES_NONE + 1; id < CODE_LIST_COUNT; id++) {
            nearest_offer(&nearest, code_list((enum code_list_id)id)->name);
        }
        const char *found = nearest_found(&nearest);
        return fail(reader, "'%s' is no list of the dataset%s%s%s", QUOTE(name),
                    found == NULL ? "; see `comesh codes list`" : "; did you mean ",
                    found == NULL ? "" : found, found == NULL ? "" : "?");
    }
    *reader->list = *code_list(reader->id);
    reader->list->shape = NULL; /* a list that names its codes names all, unless its head has one */
    reader->list->shape_hint = NULL;
    return RESULT_OK;
}

/* "# key: value"; a remark that is no head is passed over. */
static enum result read_head(struct reader *reader, struct text line)
{
    struct text key = line;
    if (!text_skip(&key, "# ")) {
        return RESULT_OK;
    }
    struct text value = key;
    key = text_until(&value, ':');
    if (!text_skip(&value, ": ")) {
        return RESULT_OK;
    }
    const struct {
        const char *key;
        const char **place;
    } texts[] = {{"title", &reader->list->title},   {"edition", &reader->list->edition},
                 {"source", &reader->list->source}, {"licence", &reader->list->licence},
                 {"shape", &reader->list->shape},   {"hint", &reader->list->shape_hint}};
    if (text_equal(key, TEXT("list"))) {
        return read_name(reader, value);
    }
    if (reader->id == CODES_NONE) {
        return fail(reader, "the first line names the list, as in `# list: un-ece-20`");
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (text_equal(key, text_of(texts[i].key))) {
            *texts[i].place = keep(reader, value);
            reader->edition = reader->edition || texts[i].place == &reader->list->edition;
            return *texts[i].place == NULL ? no_memory(reader) : RESULT_OK;
        }
    }
    bool yes = text_equal(value, TEXT("yes"));
    if (text_equal(key, TEXT("percentage"))) {
        reader->list->percentage = yes;
    } else if (text_equal(key, TEXT("country"))) {
        reader->list->country = yes;
    }
    return RESULT_OK;
}

/* ---- the rows ---- */

/* Takes a field off the front of `rest` into `out`: plain, or in quotation marks with "" for one.
 */
static bool read_field(struct reader *reader, struct text *rest, struct text *out)
{
    if (rest->size == 0 || rest->data[0] != '"') {
        *out = text_until(rest, ',');
        return memchr(out->data, '"', out->size) == NULL;
    }
    char *kept = arena_alloc(reader->arena, rest->size);
    size_t size = 0;
    size_t at = 1;
    bool closed = false;
    while (kept != NULL && at < rest->size && !closed) {
        char c = rest->data[at++];
        bool twice = c == '"' && at < rest->size && rest->data[at] == '"';
        closed = c == '"' && !twice;
        at += twice ? 1 : 0;
        if (!closed) {
            kept[size++] = c;
        }
    }
    *out = (struct text){kept, size};
    *rest = (struct text){rest->data + at, rest->size - at};
    return closed;
}

static enum result read_day(struct reader *reader, struct text text, uint32_t *day)
{
    char digits[8];
    *day = 0;
    if (text.size == 0) {
        return RESULT_OK;
    }
    if (text.size == 10 && text.data[4] == '-' && text.data[7] == '-') {
        memcpy(digits, text.data, 4);
        memcpy(digits + 4, text.data + 5, 2);
        memcpy(digits + 6, text.data + 8, 2);
        if (date_flaw((struct text){digits, 8}, TEXT("102")).code == NULL) {
            *day = code_day((struct text){digits, 8});
            return RESULT_OK;
        }
    }
    return fail(reader, "'%s' is no day; write it as 2026-01-31", QUOTE(text));
}

static enum result check_value(struct reader *reader, struct text value)
{
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] <= ' ' || value.data[i] > '~') {
            return fail(reader, "the code '%s' has other characters than ASCII without blanks",
                        QUOTE(value));
        }
    }
    return value.size > 0 && value.size <= CODE_VALUE_MAX
               ? RESULT_OK
               : fail(reader, "the code '%s' has %zu characters; accepted: 1 to %d", QUOTE(value),
                      value.size, CODE_VALUE_MAX);
}

static enum result read_row(struct reader *reader, struct text line)
{
    struct text fields[4] = {{0}};
    struct code *code = &reader->codes[reader->list->count];
    for (size_t i = 0; i < 4; i++) {
        if (!read_field(reader, &line, &fields[i]) || (i < 3) != text_skip(&line, ",")) {
            return fail(reader, "the row is not %s", columns);
        }
    }
    enum result result =
        line.size > 0 ? fail(reader, "the row is not %s", columns) : check_value(reader, fields[0]);
    if (result == RESULT_OK && characters_flaw(fields[1], false).code != NULL) {
        result =
            fail(reader, "the name of '%s' has characters that cannot be shown", QUOTE(fields[0]));
    }
    if (result == RESULT_OK) {
        result = read_day(reader, fields[2], &code->from);
    }
    if (result == RESULT_OK) {
        result = read_day(reader, fields[3], &code->until);
    }
    if (result != RESULT_OK) {
        return result;
    }
    if (code->until != 0 && code->until < code->from) {
        return fail(reader, "'%s' ends before it begins", QUOTE(fields[0]));
    }
    code->code = keep(reader, fields[0]);
    code->label = keep(reader, fields[1]);
    code->key = code_key(fields[0]);
    reader->list->count++;
    return code->code == NULL || code->label == NULL ? no_memory(reader) : RESULT_OK;
}

/* ---- the whole ---- */

static int compare(const void *left, const void *right)
{
    const struct code *a = left;
    const struct code *b = right;
    int order = a->key < b->key ? -1 : a->key > b->key ? 1 : strcmp(a->code, b->code);
    if (order == 0) {
        order = a->from < b->from ? -1 : a->from > b->from ? 1 : 0;
    }
    return order;
}

/* Sorts, and refuses a code that is valid twice on one day. */
static enum result close_list(struct reader *reader)
{
    struct code_list *list = reader->list;
    qsort(reader->codes, list->count, sizeof *reader->codes, compare);
    for (size_t i = 1; i < list->count; i++) {
        const struct code *before = &reader->codes[i - 1];
        if (strcmp(before->code, reader->codes[i].code) == 0 &&
            (before->until == 0 || before->until >= reader->codes[i].from)) {
            return fail(reader, "'%s' stands twice for the same days", before->code);
        }
    }
    if (list->count == 0 && list->shape == NULL) {
        return fail(reader, "the list has no codes");
    }
    list->codes = reader->codes;
    return RESULT_OK;
}

static enum result read_lines(struct reader *reader, struct text rest)
{
    enum result result = RESULT_OK;
    bool rows = false;
    while (rest.size > 0 && result == RESULT_OK) {
        struct text line = text_until(&rest, '\n');
        (void)text_skip(&rest, "\n");
        reader->number++;
        line.size -= line.size > 0 && line.data[line.size - 1] == '\r' ? 1 : 0;
        if (rows) {
            result = line.size == 0 ? RESULT_OK : read_row(reader, line);
        } else if (text_equal(line, text_of(columns))) {
            rows = true;
            reader->list->count = 0;
            result =
                reader->id != CODES_NONE && reader->edition
                    ? RESULT_OK
                    : fail(reader, "`# list: NAME` and `# edition: …` are due before the rows");
        } else {
            result = line.size > 0 && line.data[0] != '#'
                         ? fail(reader, "the line `%s` is due before the rows", columns)
                         : read_head(reader, line);
        }
    }
    if (result == RESULT_OK && !rows) {
        result = fail(reader, "the line `%s` is missing", columns);
    }
    return result;
}

enum result code_list_read(struct text text, const char *file, struct arena *arena,
                           enum code_list_id *id, const struct code_list **list,
                           struct error *error)
{
    struct reader reader = {.file = file, .arena = arena, .error = error};
    size_t lines = 1;
    *id = CODES_NONE;
    *list = NULL;
    if (text.size > CODE_LIST_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE, "%s: a code list has at most %zu bytes", file,
                         CODE_LIST_MAX_BYTES);
    }
    if (!utf8_valid(text)) {
        return error_set(error, RESULT_INVALID, "%s: is not UTF-8", file);
    }
    for (size_t i = 0; i < text.size; i++) {
        lines += text.data[i] == '\n' ? 1 : 0;
    }
    reader.list = arena_zero(arena, sizeof *reader.list);
    reader.codes = arena_zero(arena, lines * sizeof *reader.codes);
    if (reader.list == NULL || reader.codes == NULL) {
        return no_memory(&reader);
    }
    enum result result = read_lines(&reader, text);
    if (result == RESULT_OK) {
        result = close_list(&reader);
    }
    if (result == RESULT_OK) {
        *id = reader.id;
        *list = reader.list;
    }
    return result;
}
