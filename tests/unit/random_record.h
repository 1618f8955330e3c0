/* Random records from the dataset table, valid by construction, for property tests. The same seed
 * gives the same record. */
#ifndef COMESH_TESTS_RANDOM_RECORD_H
#define COMESH_TESTS_RANDOM_RECORD_H

#include "proto/record.h"

#include <stdio.h>

struct dice {
    uint64_t state;
};

static inline uint32_t dice_throw(struct dice *dice, uint32_t sides)
{
    dice->state = dice->state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(dice->state >> 33) % sides;
}

static inline struct text random_keep(struct record *record, const char *string)
{
    return arena_text(record->arena, text_of(string));
}

static inline struct text random_code(struct record *record, struct dice *dice,
                                      enum code_list_id id)
{
    const struct code_list *list = code_list(id);
    char code[40] = "";
    size_t size = 0;
    if (list->shape == NULL) {
        size_t at = dice_throw(dice, (uint32_t)list->count);
        while (list->codes[at].from > 20240101 || list->codes[at].until != 0) {
            at = (at + 1) % list->count;
        }
        return random_keep(record, list->codes[at].code);
    }
    if (list->country) {
        return random_keep(record, "KRPUS");
    }
    for (const char *shape = list->shape; *shape != '\0' && size + 1 < sizeof code; shape++) {
        bool digit =
            *shape == '9' || ((*shape == 'X' || *shape == 'L') && dice_throw(dice, 2) == 0);
        if (*shape == '[' && dice_throw(dice, 2) == 0) {
            break;
        }
        if (*shape == '-') {
            code[size++] = '-';
        } else if (*shape != '[') {
            code[size++] = (char)((digit ? '0' : 'A') + (char)dice_throw(dice, digit ? 10 : 26));
        }
    }
    return random_keep(record, code);
}

static inline struct text random_string(struct record *record, struct dice *dice,
                                        const struct element *element)
{
    static const char *const pieces[] = {"a", "Z", "7", "-", "é",   "한", "\"", "\\",
                                         "/", "𝄞", "(", "ß", "x y", "{",  "~",  "ñ"};
    char string[128] = "";
    size_t size = 0;
    size_t count = 1 + dice_throw(dice, 12);
    for (size_t i = 0; i < count && i * 3 + 3 <= element->max_length; i++) {
        const char *piece = pieces[dice_throw(dice, sizeof pieces / sizeof *pieces)];
        size += (size_t)snprintf(string + size, sizeof string - size, "%s", piece);
    }
    if (size == 0) {
        return random_keep(record, "1");
    }
    if (element->type == ELEMENT_TEXT && dice_throw(dice, 4) == 0) {
        string[0] = string[0] > 0 ? '\n' : string[0];
    }
    return random_keep(record, string);
}

static inline struct text random_number(struct record *record, struct dice *dice,
                                        const struct element *element)
{
    char string[40];
    uint32_t whole = dice_throw(dice, element->max_length > 5 ? 100000 : 100);
    if (element->fraction_digits > 0 && dice_throw(dice, 2) == 0) {
        (void)snprintf(string, sizeof string, "%u.%02u", whole, dice_throw(dice, 100));
    } else {
        (void)snprintf(string, sizeof string, "%u", whole);
    }
    return random_keep(record, string);
}

static inline void random_leaf(struct record *record, struct dice *dice, struct node *node)
{
    static const char *const dates[] = {"20260105", "20240229"};
    static const char *const times[] = {"20260105093000+0900", "20251231235959Z",
                                        "20260120110000-03"};
    const struct element *element = node->element;
    char position[16];
    bool date = dice_throw(dice, 2) == 0;
    switch ((enum element_type)element->type) {
    case ELEMENT_TEXT:
    case ELEMENT_IDENTIFIER:
        node->value = random_string(record, dice, element);
        break;
    case ELEMENT_CODE:
        node->value = random_code(record, dice, element->codes);
        break;
    case ELEMENT_INDICATOR:
        node->value = date ? TEXT("true") : TEXT("false");
        break;
    case ELEMENT_DATE_TIME:
        node->value = text_of(date ? dates[dice_throw(dice, 2)] : times[dice_throw(dice, 3)]);
        node->attribute = date ? TEXT("102") : TEXT("304");
        return;
    default:
        node->value = random_number(record, dice, element);
    }
    if (element->position) {
        (void)snprintf(position, sizeof position, "%u", node->parent->index + 1);
        node->value = random_keep(record, position);
    }
    if (element->attribute != NULL && (element->attribute->required || dice_throw(dice, 2) == 0)) {
        node->attribute = element->attribute->codes == CODES_NONE
                              ? TEXT("KR-BRN")
                              : random_code(record, dice, element->attribute->codes);
    }
}

static inline void random_group(struct record *record, struct dice *dice, struct node *group)
{
    const struct element_class *class = group->element->class;
    for (size_t i = 0; i < class->count; i++) {
        const struct element *member = &class->members[i];
        bool last_chance = i + 1 == class->count && group->first == NULL;
        if (!element_allowed(member, record->operation) ||
            (!element_required(member, record->operation) && !last_chance &&
             dice_throw(dice, 2) == 0)) {
            continue;
        }
        uint32_t count = member->max_occurs > 1 ? 1 + dice_throw(dice, 2) : 1;
        for (uint32_t n = 0; n < count; n++) {
            struct node *node = record_add(record, group, member);
            if (member->type == ELEMENT_GROUP) {
                random_group(record, dice, node);
            } else {
                random_leaf(record, dice, node);
            }
        }
    }
}

/* A record of `operation` that check_record finds nothing wrong with. */
static inline struct record *random_record(enum operation operation, uint64_t seed,
                                           struct arena *arena)
{
    struct dice dice = {seed * 2654435761u + 12345};
    struct record *record = record_new(operation, arena);
    random_group(record, &dice, &record->root);
    return record;
}

#endif
