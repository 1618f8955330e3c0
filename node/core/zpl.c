/* ZPL with line numbers. See zpl.h. */
#include "node/core/zpl.h"

#include <czmq.h>
#include <errno.h>
#include <stdarg.h>

#define INDENT 4

/* Where a problem of `line` goes in the report: before the first of a later line. */
static size_t place_in_report(const struct problems *problems, size_t line)
{
    const char *start = (const char *)problems->report->data;
    size_t prefix = strlen(problems->path) + 1;
    size_t at = 0;
    while (at < problems->report->size) {
        if (strtoull(start + at + prefix, NULL, 10) > line) {
            break;
        }
        const char *feed = memchr(start + at, '\n', problems->report->size - at);
        at = (size_t)(feed - start) + 1;
    }
    return at;
}

void problem_add(struct problems *problems, size_t line, const char *name, const char *format, ...)
{
    char sentence[ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    problems->count++;
    struct buffer *report = problems->report;
    size_t at = place_in_report(problems, line);
    size_t before = report->size;
    buffer_printf(report, "%s:%zu: %s: %s\n", problems->path, line, name, sentence);
    size_t added = report->size - before;
    if (added > 0 && at < before && buffer_reserve(report, added) == RESULT_OK) {
        memcpy(report->data + report->size, report->data + before, added);
        memmove(report->data + at + added, report->data + at, before - at);
        memcpy(report->data + at, report->data + report->size, added);
    }
}

/* One line while it is looked at. */
struct line {
    const char *start;
    size_t size; /* without the line feed */
    size_t number;
    size_t indent;
    struct text name;
};

static bool is_name_character(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr("$-_@.&+/", c) != NULL);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* What is behind `at`, when it is neither blank nor a comment: a mistake. */
static const char *check_rest(const char *at, const char *end)
{
    while (at < end && is_blank(*at)) {
        at++;
    }
    return at == end || *at == '#' ? NULL
                                   : "there is text behind the value; accepted: a comment, #";
}

/* NULL, or what is wrong behind the name: `= value`, `= "value"`, `= 'value'`, or nothing. */
static const char *check_value(const char *at, const char *end)
{
    while (at < end && is_blank(*at)) {
        at++;
    }
    if (at == end || *at == '#') {
        return NULL;
    }
    if (*at != '=') {
        return "'=' is missing behind the name; accepted: name = value";
    }
    at++;
    while (at < end && is_blank(*at)) {
        at++;
    }
    if (at < end && (*at == '"' || *at == '\'')) {
        const char *close = memchr(at + 1, *at, (size_t)(end - at) - 1);
        return close == NULL ? "the quote is not closed; accepted: the same quote at the end"
                             : check_rest(close + 1, end);
    }
    return NULL;
}

/* NULL, or what is wrong with the characters of the whole line. */
static const char *check_characters(const struct line *line)
{
    if (line->size > ZPL_LINE_MAX_BYTES) {
        return "the line is too long; accepted: at most 1000 bytes";
    }
    for (size_t i = 0; i < line->size; i++) {
        unsigned char c = (unsigned char)line->start[i];
        if ((c < ' ' && !is_blank((char)c)) || c == 0x7f) {
            return "there is a control character; accepted: printable text";
        }
    }
    return NULL;
}

/* Finds indentation and name, and what is wrong with the line; `deepest` is how far it may be
 * indented at most. Line without a name: blank, or a comment. */
static const char *check_line(struct line *line, size_t deepest)
{
    const char *end = line->start + line->size;
    const char *at = line->start;
    while (at < end && *at == ' ') {
        at++;
    }
    line->indent = (size_t)(at - line->start);
    line->name.data = at;
    while (at < end && is_name_character(*at)) {
        at++;
    }
    line->name.size = (size_t)(at - line->name.data);
    if (line->name.size == 0 && check_rest(at, end) == NULL) {
        return check_characters(line);
    }
    if (at < end && *at == '\t' && line->name.size == 0) {
        return "is indented with a tab; accepted: 4 blanks a level";
    }
    if (line->name.size == 0) {
        return "does not begin with a name; accepted: letters, digits, and - _ . @ $ & +";
    }
    if (line->name.data[0] == '/' || at[-1] == '/') {
        return "the name begins or ends with '/'; accepted: letters, digits, and - _ . @ $ & +";
    }
    if (line->indent % INDENT != 0) {
        return "the indentation is not a multiple of 4 blanks; accepted: 4 blanks a level";
    }
    if (line->indent > deepest) {
        return "is indented deeper than one level below the line above; accepted: 4 blanks a level";
    }
    const char *problem = check_characters(line);
    return problem != NULL ? problem : check_value(at, end);
}

/* The scan of a whole file: the good lines go to `clean`, the numbers of those with a name to the
 * items. */
struct scan {
    struct zpl *zpl;
    struct problems *problems;
    struct buffer clean;
    size_t deepest; /* indentation allowed for the next line */
    bool skipping;  /* below a line of bad form, indented deeper than skip_indent */
    size_t skip_indent;
};

static void scan_line(struct scan *scan, struct line *line)
{
    const char *problem = check_line(line, scan->deepest);
    bool named = line->name.size > 0;
    if (scan->skipping && (named || problem != NULL) && line->indent <= scan->skip_indent) {
        scan->skipping = false;
    }
    if (scan->skipping || (problem == NULL && !named)) {
        return;
    }
    if (problem != NULL) {
        char name[64];
        (void)snprintf(name, sizeof name, "%.*s", TEXT_ARGS(line->name));
        problem_add(scan->problems, line->number, named ? name : "line", "%s", problem);
        scan->skipping = true;
        size_t meant = (line->indent + INDENT / 2) / INDENT * INDENT;
        scan->skip_indent = meant < scan->deepest ? meant : scan->deepest;
        scan->deepest = scan->skip_indent;
        return;
    }
    scan->deepest = line->indent + INDENT;
    scan->zpl->items[scan->zpl->count++].line = line->number;
    buffer_append(&scan->clean, line->start, line->size);
    buffer_text(&scan->clean, "\n");
}

static enum result scan_file(struct scan *scan, const char *text, size_t size, struct error *error)
{
    size_t number = 0;
    for (const char *at = text; at < text + size;) {
        if (++number > ZPL_LINES_MAX) {
            return error_set(error, RESULT_TOO_LARGE, "%s: has more than %d lines",
                             scan->problems->path, ZPL_LINES_MAX);
        }
        size_t left = (size_t)(text + size - at);
        const char *feed = memchr(at, '\n', left);
        struct line line = {.start = at, .number = number};
        line.size = feed == NULL ? left : (size_t)(feed - at);
        scan_line(scan, &line);
        at += line.size + (feed == NULL ? 0 : 1);
    }
    buffer_append(&scan->clean, "", 1);
    return buffer_check(&scan->clean, error);
}

/* Pairs zconfig's items, depth first, with the lines they stand on. */
struct pairing {
    struct zpl *zpl;
    size_t next;
};

static int pair_item(zconfig_t *item, void *argument, int level)
{
    struct pairing *pairing = argument;
    if (level > 0 && pairing->next < pairing->zpl->count) {
        struct zpl_item *slot = &pairing->zpl->items[pairing->next++];
        const char *value = zconfig_value(item);
        slot->name = zconfig_name(item);
        slot->value = value == NULL ? "" : value;
        slot->level = (unsigned)level - 1;
    }
    return 0;
}

static enum result read_file(const char *path, char **text, size_t *size, struct error *error)
{
    enum result result = RESULT_OK;
    char *bytes = malloc(ZPL_FILE_MAX_BYTES + 1);
    FILE *file = fopen(path, "re");
    if (bytes == NULL) {
        result = error_set(error, RESULT_NO_MEMORY, "%s: no memory to read it", path);
        goto cleanup;
    }
    if (file == NULL) {
        result = error_system(error, errno, "%s", path);
        goto cleanup;
    }
    *size = fread(bytes, 1, ZPL_FILE_MAX_BYTES + 1, file);
    if (ferror(file)) {
        result = error_system(error, errno, "%s", path);
    } else if (*size > ZPL_FILE_MAX_BYTES) {
        result =
            error_set(error, RESULT_TOO_LARGE, "%s: is over %zu bytes", path, ZPL_FILE_MAX_BYTES);
    }
cleanup:
    if (file != NULL) {
        (void)fclose(file);
    }
    if (result != RESULT_OK) {
        free(bytes);
        bytes = NULL;
    }
    *text = bytes;
    return result;
}

enum result zpl_read(const char *path, struct zpl **zpl, struct problems *problems,
                     struct error *error)
{
    char *text = NULL;
    size_t size = 0;
    struct scan scan = {.problems = problems};
    enum result result = read_file(path, &text, &size, error);
    if (result != RESULT_OK) {
        goto cleanup;
    }
    scan.zpl = calloc(1, sizeof *scan.zpl);
    if (scan.zpl == NULL) {
        result = error_set(error, RESULT_NO_MEMORY, "%s: no memory to read it", path);
        goto cleanup;
    }
    result = scan_file(&scan, text, size, error);
    if (result != RESULT_OK) {
        goto cleanup;
    }
    zconfig_t *tree = zconfig_str_load((const char *)scan.clean.data);
    scan.zpl->tree = tree;
    struct pairing pairing = {.zpl = scan.zpl};
    if (tree == NULL || zconfig_execute(tree, pair_item, &pairing) != 0 ||
        pairing.next != scan.zpl->count) {
        result = error_set(error, RESULT_INTERNAL, "%s: zconfig reads it in another way", path);
    }
cleanup:
    free(text);
    buffer_free(&scan.clean);
    if (result != RESULT_OK) {
        zpl_destroy(&scan.zpl);
    }
    *zpl = scan.zpl;
    return result;
}

void zpl_destroy(struct zpl **zpl)
{
    if (*zpl != NULL) {
        zconfig_t *tree = (*zpl)->tree;
        zconfig_destroy(&tree);
        free(*zpl);
        *zpl = NULL;
    }
}
