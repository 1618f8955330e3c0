/* Code lists. See codes.h. */
#include "proto/codes.h"

#include "proto/nearest.h"

#include <stdio.h>

#define FIRST_DAY 19000101 /* no list speaks of earlier ones */

#define STRIPPED_MAX 35 /* a longer value has no percentage in it */

static const struct code_list none = {
    .name = "none", .title = "no list", .edition = "", .source = "ours", .licence = "MPL-2.0"};

static const struct code_list *const shipped[CODE_LIST_COUNT] = {&none,
#define CODE_LIST_ROW(id, symbol) &code_list_##symbol,
                                                                 CODE_LIST_MAP(CODE_LIST_ROW)
#undef CODE_LIST_ROW
};

const struct code_list *code_list_in(const struct code_lists *lists, enum code_list_id id)
{
    size_t at = (unsigned)id < CODE_LIST_COUNT ? id : CODES_NONE;
    return lists != NULL && lists->lists[at] != NULL ? lists->lists[at] : shipped[at];
}

const struct code_list *code_list(enum code_list_id id)
{
    return code_list_in(NULL, id);
}

enum code_list_id code_list_find(struct text name)
{
    for (unsigned id = CODES_NONE + 1; id < CODE_LIST_COUNT; id++) {
        if (text_equal(text_of(shipped[id]->name), name)) {
            return (enum code_list_id)id;
        }
    }
    return CODES_NONE;
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool shape_accepts(char shape, char c)
{
    switch (shape) {
    case 'A':
        return is_capital(c);
    case '9':
        return is_digit(c);
    case 'X':
        return is_capital(c) || is_digit(c);
    case 'L':
        return is_capital(c) || is_digit(c) || (c != '\0' && strchr("-./%+", c) != NULL);
    default:
        return shape == c;
    }
}

static bool shape_matches(const char *shape, struct text value)
{
    bool optional = false;
    for (size_t i = 0; i < value.size; i++) {
        if (*shape == '[') {
            optional = true;
            shape++;
        }
        if (*shape == '\0' || !shape_accepts(*shape, value.data[i])) {
            return false;
        }
        shape++;
    }
    return *shape == '\0' || *shape == '[' || (optional && value.size > 0);
}

uint64_t code_key(struct text value)
{
    uint8_t bytes[8] = {0};
    uint64_t key = 0;
    memcpy(bytes, value.data, value.size < sizeof bytes ? value.size : sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        key = key << 8 | bytes[i];
    }
    return key;
}

static bool valid_on(const struct code *code, uint32_t day)
{
    return day == 0 || (day >= code->from && (code->until == 0 || day <= code->until));
}

/* The row of `value` that is valid on the day, else any row of it, else NULL. */
static const struct code *find(const struct code_list *list, struct text value, uint32_t day)
{
    uint64_t key = code_key(value);
    const struct code *at = list->codes;
    const struct code *found = NULL;
    if (list->count == 0) {
        return NULL;
    }
    const struct code *end = list->codes + list->count;
    for (size_t left = list->count; left > 0;) { /* without a branch that the data decides */
        size_t half = (left + 1) / 2;
        at += at[half - 1].key < key ? half : 0;
        left -= half;
    }
    for (; at < end && at->key == key; at++) {
        if (text_equal(text_of(at->code), value)) {
            found = at;
            if (valid_on(at, day)) {
                break;
            }
        }
    }
    return found;
}

/* Without digits, points and percent signs. */
static struct text strip_percentages(struct text value, char out[STRIPPED_MAX])
{
    size_t size = 0;
    for (size_t i = 0; i < value.size && value.size <= STRIPPED_MAX; i++) {
        char c = value.data[i];
        if (!is_digit(c) && c != '.' && c != '%') {
            out[size++] = c;
        }
    }
    return (struct text){out, size};
}

static bool country_known(const struct code_lists *lists, struct text value, uint32_t day)
{
    return value.size >= 2 &&
           code_judge(lists, CODES_COUNTRY, (struct text){value.data, 2}, day, NULL) == CODE_VALID;
}

enum code_state code_judge(const struct code_lists *lists, enum code_list_id id, struct text value,
                           uint32_t day, const struct code **code)
{
    const struct code_list *list = code_list_in(lists, id);
    char stripped[STRIPPED_MAX];
    const struct code *found = value.size == 0 ? NULL : find(list, value, day);
    if (found == NULL && list->percentage) {
        struct text bare = strip_percentages(value, stripped);
        found = bare.size == 0 ? NULL : find(list, bare, day);
    }
    if (code != NULL) {
        *code = found;
    }
    if (list->shape != NULL) {
        return shape_matches(list->shape, value) &&
                       (!list->country || country_known(lists, value, day))
                   ? CODE_VALID
                   : CODE_UNKNOWN;
    }
    if (found == NULL) {
        return CODE_UNKNOWN;
    }
    return valid_on(found, day) ? CODE_VALID : CODE_OUT_OF_DATE;
}

const char *code_nearest_on(const struct code_lists *lists, enum code_list_id id, struct text value,
                            uint32_t day)
{
    const struct code_list *list = code_list_in(lists, id);
    struct nearest nearest = nearest_to(value);
    for (size_t i = 0; i < list->count; i++) {
        if (valid_on(&list->codes[i], day)) {
            nearest_offer(&nearest, list->codes[i].code);
        }
    }
    return nearest_found(&nearest);
}

bool code_known(enum code_list_id id, struct text value)
{
    return code_judge(NULL, id, value, 0, NULL) == CODE_VALID;
}

const char *code_label(enum code_list_id id, struct text value)
{
    const struct code *code = NULL;
    (void)code_judge(NULL, id, value, 0, &code);
    return code == NULL || code->label[0] == '\0' ? NULL : code->label;
}

const char *code_nearest(enum code_list_id id, struct text value)
{
    return code_nearest_on(NULL, id, value, 0);
}

uint32_t code_day(struct text date)
{
    uint32_t day = 0;
    if (date.size < 8) {
        return 0;
    }
    for (size_t i = 0; i < 8; i++) {
        if (!is_digit(date.data[i])) {
            return 0;
        }
        day = day * 10 + (uint32_t)(date.data[i] - '0');
    }
    return day < FIRST_DAY ? 0 : day; /* such a date is refused as a date */
}

const char *code_day_text(uint32_t day, char out[CODE_DAY_BYTES])
{
    (void)snprintf(out, CODE_DAY_BYTES, "%04u-%02u-%02u", day / 10000 % 10000, day / 100 % 100,
                   day % 100);
    return out;
}
