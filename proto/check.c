/* The structural check. See check.h. */
#include "proto/check.h"

#include "proto/check_value.h"

#include <inttypes.h>
#include <stdio.h>

#define CODES_SHOWN_MAX 12 /* a longer list is named instead */

struct check {
    enum operation operation;
    const struct code_lists *lists;
    uint32_t day; /* on which it was issued, CCYYMMDD: codes are judged as of then */
    struct findings *findings;
};

#define REFUSE(check, code, node, ...)                                                             \
    finding_add((check)->findings, SEVERITY_REFUSAL, (code), (node)->element,                      \
                node_place((node), (char[PLACE_MAX_BYTES]){0}), __VA_ARGS__)

#define QUOTE(value) finding_quote((value), (char[QUOTE_BYTES]){0})

/* What a list accepts, for a sentence. */
static const char *accepted(const struct code_list *list, char out[160])
{
    if (list->shape != NULL) {
        (void)snprintf(out, 160, "%s (%s)", list->shape_hint, list->source);
    } else if (list->count > CODES_SHOWN_MAX) {
        (void)snprintf(out, 160, "a code of %s (%s)", list->source, list->title);
    } else {
        size_t size = 0;
        for (size_t i = 0; i < list->count && size < 160; i++) {
            int more = snprintf(out + size, 160 - size, "%s%s",
                                i == 0                ? ""
                                : i + 1 < list->count ? ", "
                                                      : " or ",
                                list->codes[i].code);
            size += more < 0 ? 0 : (size_t)more;
        }
    }
    return out;
}

/* The code is listed and was not valid when the document was issued. */
static void refuse_date(const struct check *check, const struct node *node,
                        const struct code_list *list, const struct code *code, const char *what)
{
    char issued[CODE_DAY_BYTES];
    char bound[CODE_DAY_BYTES];
    bool early = check->day < code->from;
    REFUSE(check, "not-valid-then", node,
           "%s is '%s' (%s), which is valid %s %s by %s; the document is of %s", what, code->code,
           code->label, early ? "from" : "until",
           code_day_text(early ? code->from : code->until, bound), list->source,
           code_day_text(check->day, issued));
}

static void check_code(const struct check *check, const struct node *node, enum code_list_id id,
                       struct text value, const char *what)
{
    char shown[160];
    const struct code *code = NULL;
    enum code_state state = code_judge(check->lists, id, value, check->day, &code);
    if (state == CODE_VALID) {
        return;
    }
    const struct code_list *list = code_list_in(check->lists, id);
    if (state == CODE_OUT_OF_DATE) {
        refuse_date(check, node, list, code, what);
        return;
    }
    /* nobody reads what is beyond the limit, and looking through a long list takes time */
    const char *nearest = check->findings->count < FINDINGS_MAX
                              ? code_nearest_on(check->lists, id, value, check->day)
                              : NULL;
    REFUSE(check, "not-in-list", node, "%s is '%s'; accepted: %s%s%s%s", what, QUOTE(value),
           accepted(list, shown), nearest == NULL ? "" : " (did you mean ",
           nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?)");
}

/* Reports a flaw of `value`, when there is one; `what` is the value or its attribute. */
static void check_flaw(const struct check *check, const struct node *node, struct text value,
                       struct flaw flaw, const char *what)
{
    if (flaw.code == NULL) {
        return;
    }
    if (flaw.of_character) {
        REFUSE(check, flaw.code, node, "%s has U+%04" PRIX32 ", %s", what, flaw.character,
               flaw.clause);
    } else {
        REFUSE(check, flaw.code, node, "%s '%s' %s", what, QUOTE(value), flaw.clause);
    }
}

/* A string of at most `max` characters. A string has at least as many bytes as characters. */
static void check_string(const struct check *check, const struct node *node, struct text value,
                         uint32_t max, bool identifier)
{
    if (value.size > max && character_count(value) > max) {
        REFUSE(check, "too-long", node,
               "the value has %zu characters; at most %" PRIu32 " are accepted",
               character_count(value), max);
    }
    check_flaw(check, node, value, characters_flaw(value, identifier), "the value");
}

static void check_attribute(const struct check *check, const struct node *node)
{
    const struct attribute *attribute = node->element->attribute;
    struct text value = node->attribute;
    if (value.data == NULL) {
        if (attribute->required) {
            REFUSE(check, "missing", node, "lacks %s", attribute->name);
        }
    } else if (value.size == 0) {
        REFUSE(check, "empty", node, "%s is empty", attribute->name);
    } else if (attribute->codes != CODES_NONE) {
        check_code(check, node, attribute->codes, value, attribute->name);
    } else if (value.size > attribute->max_length &&
               character_count(value) > attribute->max_length) {
        REFUSE(check, "too-long", node, "%s has more than %" PRIu32 " characters", attribute->name,
               attribute->max_length);
    } else {
        check_flaw(check, node, value, characters_flaw(value, true), attribute->name);
    }
}

static void check_integer(const struct check *check, const struct node *node)
{
    char wanted[16];
    struct flaw flaw = integer_flaw(node->value, node->element->max_length);
    check_flaw(check, node, node->value, flaw, "the value");
    if (flaw.code == NULL && node->element->position) {
        (void)snprintf(wanted, sizeof wanted, "%" PRIu32, node->parent->index + 1);
        if (!text_equal(node->value, text_of(wanted))) {
            REFUSE(check, "out-of-sequence", node,
                   "is %.*s where %s is due; number from 1 without gaps", TEXT_ARGS(node->value),
                   wanted);
        }
    }
}

static void check_value(const struct check *check, const struct node *node)
{
    const struct element *element = node->element;
    struct text value = node->value;
    switch ((enum element_type)element->type) {
    case ELEMENT_TEXT:
    case ELEMENT_IDENTIFIER:
        check_string(check, node, value, element->max_length, element->type == ELEMENT_IDENTIFIER);
        break;
    case ELEMENT_CODE:
        check_code(check, node, element->codes, value, "the code");
        break;
    case ELEMENT_INTEGER:
        check_integer(check, node);
        break;
    case ELEMENT_DECIMAL:
    case ELEMENT_MEASURE:
    case ELEMENT_AMOUNT:
        check_flaw(check, node, value,
                   decimal_flaw(value, element->max_length, element->fraction_digits), "the value");
        break;
    case ELEMENT_DATE_TIME:
        check_flaw(check, node, value, date_flaw(value, node->attribute), "the value");
        break;
    case ELEMENT_INDICATOR:
        if (!text_equal(value, TEXT("true")) && !text_equal(value, TEXT("false"))) {
            REFUSE(check, "not-an-indicator", node, "is '%s'; write true or false", QUOTE(value));
        }
        break;
    case ELEMENT_GROUP:
        break;
    }
}

static void check_leaf(const struct check *check, const struct node *node)
{
    if (node->value.size == 0) {
        REFUSE(check, "empty", node, "is empty; leave it out when there is nothing to say");
    } else {
        check_value(check, node);
    }
    if (node->element->attribute != NULL) {
        check_attribute(check, node);
    }
}

static void check_missing(const struct check *check, const struct node *group,
                          const struct element *member)
{
    char place[PLACE_MAX_BYTES];
    finding_add(check->findings, SEVERITY_REFUSAL, "missing", member,
                element_place(group, member, PLACE_NO_INDEX, place),
                "is missing; every %s must have it", operation_word(check->operation));
}

/* Recursion is as deep as the table, at most ELEMENT_DEPTH_MAX. */
static void check_group(const struct check *check, const struct node *group);

/* All occurrences of one element; returns the node behind them. */
static const struct node *check_member(const struct check *check, const struct node *first)
{
    const struct element *element = first->element;
    const struct node *last = first;
    if (!element_allowed(element, check->operation)) {
        REFUSE(check, "not-allowed", first, "has no place in a %s; leave it out",
               operation_word(check->operation));
    }
    for (const struct node *node = first; node != NULL && node->element == element;
         node = node->next) {
        if (element->type == ELEMENT_GROUP) {
            check_group(check, node);
        } else {
            check_leaf(check, node);
        }
        last = node;
    }
    if (last->index >= element->max_occurs) {
        REFUSE(check, "too-many", first, "stands %" PRIu32 " times; at most %u are accepted",
               last->index + 1, (unsigned)element->max_occurs);
    }
    return last->next;
}

static void check_group(const struct check *check, const struct node *group)
{
    const struct element_class *class = group->element->class;
    const struct element *end = class->members + class->count;
    const struct node *node = group->first;
    size_t before = check->findings->count;
    for (const struct element *member = class->members; member < end; member++) {
        if (node != NULL && node->element == member) {
            node = check_member(check, node);
        } else if (element_required(member, check->operation)) {
            check_missing(check, group, member);
        }
    }
    if (group->first == NULL && check->findings->count == before) {
        REFUSE(check, "empty", group, "has no content; leave it out");
    }
}

uint32_t check_day(const struct record *record)
{
    const struct node *issued = record_find(record, "IssueDateTime");
    return issued == NULL || date_flaw(issued->value, issued->attribute).code != NULL
               ? 0
               : code_day(issued->value);
}

void check_record_with(const struct record *record, const struct code_lists *lists,
                       struct findings *findings)
{
    struct check check = {.operation = record->operation,
                          .lists = lists,
                          .day = check_day(record),
                          .findings = findings};
    check_group(&check, &record->root);
}

void check_record(const struct record *record, struct findings *findings)
{
    check_record_with(record, NULL, findings);
}
