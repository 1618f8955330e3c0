/* The words of a line of a menu. See menu_words.h. */
#include "proto/menu_words.h"

#include "proto/check_value.h"

#include <stdarg.h>
#include <stdio.h>

#define QUOTE(value) finding_quote((value), (char[QUOTE_BYTES]){0})

enum result menu_fail(struct menu_reader *reader, const char *format, ...)
{
    char sentence[ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return error_set(reader->error, RESULT_INVALID, "%s:%zu: %s", reader->file, reader->number,
                     sentence);
}

static void skip_blanks(struct text *rest)
{
    while (rest->size > 0 && rest->data[0] == ' ') {
        rest->data++;
        rest->size--;
    }
}

static struct text take(struct text *rest, size_t size)
{
    struct text taken = {rest->data, size};
    rest->data += size;
    rest->size -= size;
    return taken;
}

struct text menu_word(struct menu_reader *reader)
{
    struct text *rest = &reader->rest;
    size_t size = 0;
    skip_blanks(rest);
    while (size < rest->size && rest->data[size] != ' ' && rest->data[size] != ',') {
        size++;
    }
    return take(rest, size == 0 && rest->size > 0 ? 1 : size);
}

bool menu_take(struct menu_reader *reader, const char *word)
{
    struct text before = reader->rest;
    if (text_equal(menu_word(reader), text_of(word))) {
        return true;
    }
    reader->rest = before;
    return false;
}

enum result menu_quoted(struct menu_reader *reader, struct text *out)
{
    struct text *rest = &reader->rest;
    skip_blanks(rest);
    const char *end =
        rest->size < 2 || rest->data[0] != '"' ? NULL : memchr(rest->data + 1, '"', rest->size - 1);
    if (end == NULL || end == rest->data + 1) {
        return menu_fail(reader, "a text in quotation marks is due at '%s'", QUOTE(*rest));
    }
    struct text whole = take(rest, (size_t)(end - rest->data) + 1);
    *out = (struct text){whole.data + 1, whole.size - 2};
    return RESULT_OK;
}

enum result menu_number(struct menu_reader *reader, const char *what, uint32_t max,
                        uint32_t *number)
{
    uint64_t value = 0;
    struct text word = menu_word(reader);
    if (!decimal_parse(word, max, &value) || value == 0) {
        return menu_fail(reader, "%s is '%s'; accepted: a whole number from 1 to %u", what,
                         QUOTE(word), max);
    }
    *number = (uint32_t)value;
    return RESULT_OK;
}

enum result menu_day(struct menu_reader *reader, uint32_t *day)
{
    struct text word = menu_word(reader);
    char digits[8];
    if (word.size == 10 && word.data[4] == '-' && word.data[7] == '-') {
        memcpy(digits, word.data, 4);
        memcpy(digits + 4, word.data + 5, 2);
        memcpy(digits + 6, word.data + 8, 2);
        if (date_flaw((struct text){digits, 8}, TEXT("102")).code == NULL) {
            *day = code_day((struct text){digits, 8});
            return RESULT_OK;
        }
    }
    return menu_fail(reader, "'%s' is no day; write it as 2026-01-31", QUOTE(word));
}

enum result menu_values(struct menu_reader *reader, const struct text **values, size_t *count)
{
    struct text *kept = arena_alloc(reader->arena, (reader->rest.size / 2 + 1) * sizeof *kept);
    *count = 0;
    if (kept == NULL) {
        return error_set(reader->error, RESULT_NO_MEMORY, "no memory for a menu");
    }
    for (;;) {
        struct text before = reader->rest;
        struct text word = menu_word(reader);
        if (word.size == 0 || word.data[0] == ',') {
            reader->rest = before;
            break;
        }
        kept[(*count)++] = word;
    }
    *values = kept;
    return *count > 0 ? RESULT_OK : menu_fail(reader, "one code at least is due");
}

/* The name at which a path leaves the dataset, and what was meant. */
static enum result refuse_path(struct menu_reader *reader, struct text path)
{
    const struct element *element = dataset_root(OPERATION_CO);
    struct text rest = path;
    while (element->class != NULL) {
        struct text name = text_until(&rest, '/');
        const struct element *member = class_member(element->class, name, 0);
        if (member == NULL) {
            const char *nearest = class_nearest(element->class, name);
            return menu_fail(reader, "'%s' is no element of %s%s%s%s", QUOTE(name), element->name,
                             nearest == NULL ? "" : "; did you mean ",
                             nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?");
        }
        element = member;
        if (!text_skip(&rest, "/")) {
            break;
        }
    }
    return menu_fail(reader, "'%s' is no path in a certificate; nothing stands in %s", QUOTE(path),
                     element->name);
}

enum result menu_place(struct menu_reader *reader, struct text *path)
{
    static const char item[] = "GoodsShipment/GovernmentAgencyGoodsItem";
    struct text word = menu_word(reader);
    struct text below = word;
    *path = word;
    if (word.size == 0) {
        return menu_fail(reader, "the path of an element is due, such as Exporter/Name");
    }
    if (!text_skip(&below, "Item") || (below.size > 0 && below.data[0] != '/')) {
        return RESULT_OK;
    }
    char *whole = arena_alloc(reader->arena, sizeof item - 1 + below.size);
    if (whole == NULL) {
        return error_set(reader->error, RESULT_NO_MEMORY, "no memory for a menu");
    }
    memcpy(whole, item, sizeof item - 1);
    memcpy(whole + sizeof item - 1, below.data, below.size);
    *path = (struct text){whole, sizeof item - 1 + below.size};
    return RESULT_OK;
}

enum result menu_path(struct menu_reader *reader, struct text *text, struct menu_path *path)
{
    enum result result = menu_place(reader, text);
    return result != RESULT_OK || menu_path_read(*text, path) ? result : refuse_path(reader, *text);
}

enum result menu_source(struct menu_reader *reader, struct text *source)
{
    struct text *rest = &reader->rest;
    size_t at = rest->size;
    while (at > 0 && rest->data[at - 1] != '(') {
        at--;
    }
    if (at < 2 || rest->data[rest->size - 1] != ')' || rest->data[at - 2] != ' ' ||
        at + 1 >= rest->size) {
        return menu_fail(reader, "the source is missing; end the line with it, such as (ours)");
    }
    *source = (struct text){rest->data + at, rest->size - at - 1};
    rest->size = at - 1;
    while (rest->size > 0 && rest->data[rest->size - 1] == ' ') {
        rest->size--;
    }
    return RESULT_OK;
}

enum result menu_end(struct menu_reader *reader)
{
    skip_blanks(&reader->rest);
    return reader->rest.size == 0
               ? RESULT_OK
               : menu_fail(reader, "'%s' is too much on this line", QUOTE(reader->rest));
}
