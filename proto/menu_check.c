/* A certificate judged by its menu. See menu.h. */
#include "proto/check.h"
#include "proto/check_value.h"
#include "proto/menu_rule.h"

#include <inttypes.h>
#include <stdio.h>

#define WARNED_WORDS 16 /* elements not used that are warned of once each, 64 a word */
#define SHOWN_BYTES  160

struct check {
    const struct menu *menu;
    const struct code_lists *lists;
    struct findings *findings;
    uint32_t day;  /* of issue */
    bool complete; /* the document is a whole certificate */
    uint64_t warned[WARNED_WORDS];
};

#define FOUND(check, severity, code, node, ...)                                                    \
    finding_add((check)->findings, (severity), (code), (node)->element,                            \
                node_place((node), (char[PLACE_MAX_BYTES]){0}), __VA_ARGS__)
#define REFUSE(check, code, node, ...) FOUND(check, SEVERITY_REFUSAL, code, node, __VA_ARGS__)
#define QUOTE(value)                   finding_quote((value), (char[QUOTE_BYTES]){0})

#define MENU_FORMAT     "the menu of %.*s, version %" PRIu32
#define MENU_ARGS(menu) TEXT_ARGS((menu)->agreement), (menu)->version

static void warn_not_used(struct check *check, const struct menu_rule *rule,
                          const struct node *node)
{
    size_t word = rule->number / 64;
    uint64_t bit = UINT64_C(1) << rule->number % 64;
    if (word < WARNED_WORDS && (check->warned[word] & bit) != 0) {
        return;
    }
    check->warned[word < WARNED_WORDS ? word : 0] |= word < WARNED_WORDS ? bit : 0;
    FOUND(check, SEVERITY_WARNING, "not-used", node,
          MENU_FORMAT " does not use it; it travels as it is", MENU_ARGS(check->menu));
}

/* ---- values ---- */

/* The codes that a line accepts, for a sentence. */
static const char *accepted(const struct check *check, const struct menu_line *line,
                            char out[SHOWN_BYTES])
{
    const struct code_list *list = code_list_in(check->lists, line->list);
    size_t count = line->codes != NULL ? line->code_count : list->count;
    size_t size = 0;
    for (size_t i = 0; i < count && size < SHOWN_BYTES; i++) {
        struct text code = line->codes != NULL ? line->codes[i] : text_of(list->codes[i].code);
        int more =
            snprintf(out + size, SHOWN_BYTES - size, "%s%.*s", i == 0 ? "" : ", ", TEXT_ARGS(code));
        size += more < 0 ? 0 : (size_t)more;
    }
    return out;
}

static bool in_codes(const struct text *codes, size_t count, struct text value)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(codes[i], value)) {
            return true;
        }
    }
    return false;
}

static void check_code(const struct check *check, const struct menu_line *line,
                       const struct node *node)
{
    char shown[SHOWN_BYTES] = "";
    bool listed = line->codes != NULL ? in_codes(line->codes, line->code_count, node->value)
                                      : code_judge(check->lists, line->list, node->value,
                                                   check->day, NULL) == CODE_VALID;
    if (listed) {
        return;
    }
    const char *nearest = line->codes != NULL || check->findings->count >= FINDINGS_MAX
                              ? NULL
                              : code_nearest_on(check->lists, line->list, node->value, check->day);
    REFUSE(check, "not-in-menu", node,
           "the code is '%s'; " MENU_FORMAT ", accepts: %s%s%s%s (%.*s)", QUOTE(node->value),
           MENU_ARGS(check->menu), accepted(check, line, shown),
           nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest,
           nearest == NULL ? "" : "?", TEXT_ARGS(line->source));
}

static void check_limits(const struct check *check, const struct menu_line *line,
                         const struct node *node)
{
    if (line->max_occurs != 0 && node->index == line->max_occurs) {
        REFUSE(check, "too-many", node,
               "stands more than %" PRIu32 " times, the most of " MENU_FORMAT " (%.*s)",
               line->max_occurs, MENU_ARGS(check->menu), TEXT_ARGS(line->source));
    }
    if (node->element->type == ELEMENT_GROUP) {
        return;
    }
    if (line->max_length != 0 && node->value.size > line->max_length &&
        character_count(node->value) > line->max_length) {
        REFUSE(check, "too-long", node,
               "the value has %zu characters; " MENU_FORMAT ", accepts %" PRIu32 " (%.*s)",
               character_count(node->value), MENU_ARGS(check->menu), line->max_length,
               TEXT_ARGS(line->source));
    }
    if (line->list != CODES_NONE || line->codes != NULL) {
        check_code(check, line, node);
    }
}

/* ---- conditions ---- */

/* True when the path leads from `group` to an element with one of the values. */
static bool stands(const struct node *group, const struct menu_path *path, size_t at,
                   const struct menu_condition *condition)
{
    for (const struct node *node = group->first; node != NULL; node = node->next) {
        if (node->element != path->elements[at]) {
            continue;
        }
        if (at + 1 < path->depth
                ? stands(node, path, at + 1, condition)
                : condition == NULL || condition->values == NULL ||
                      in_codes(condition->values, condition->value_count, node->value)) {
            return true;
        }
    }
    return false;
}

/* Where what is needed lacks: the group that is there, and how far down the path it is. */
static const struct node *group_of(const struct node *group, const struct menu_path *path,
                                   size_t *at)
{
    const struct node *node = group->first;
    while (node != NULL && *at + 1 < path->depth) {
        if (node->element == path->elements[*at]) {
            group = node;
            node = group->first;
            ++*at;
        } else {
            node = node->next;
        }
    }
    return group;
}

static void check_condition(const struct check *check, const struct menu_condition *condition,
                            const struct node *group)
{
    const struct menu_path *needed = &condition->needed;
    char place[PLACE_MAX_BYTES];
    bool holds = condition->tested.depth == condition->shared ||
                 stands(group, &condition->tested, condition->shared, condition);
    bool there = holds && stands(group, needed, condition->shared, NULL);
    if (!holds || there == (condition->use == USE_MANDATORY)) {
        return;
    }
    size_t at = condition->shared;
    const struct node *above = group_of(group, needed, &at);
    struct text where = element_place(above, needed->elements[at], PLACE_NO_INDEX, place);
    const struct element *element = needed->elements[needed->depth - 1];
    if (there) {
        finding_add(check->findings, SEVERITY_WARNING, "not-used", element, where,
                    MENU_FORMAT " does not use it with %.*s (%.*s)", MENU_ARGS(check->menu),
                    TEXT_ARGS(condition->text), TEXT_ARGS(condition->source));
    } else {
        finding_add(check->findings, SEVERITY_REFUSAL, "missing", element, where,
                    "%.*s is missing; " MENU_FORMAT ", wants it with %.*s (%.*s)",
                    TEXT_ARGS(condition->needed_text), MENU_ARGS(check->menu),
                    TEXT_ARGS(condition->text), TEXT_ARGS(condition->source));
    }
}

/* ---- groups ---- */

static void check_missing(const struct check *check, const struct menu_rule *rule,
                          const struct node *group, uint64_t missing)
{
    const struct element_class *class = group->element->class;
    for (size_t i = 0; i < class->count; i++) {
        char place[PLACE_MAX_BYTES];
        const struct menu_line *line = rule->members[i].line;
        if ((missing >> i & 1) != 0) {
            finding_add(check->findings, SEVERITY_REFUSAL, "missing", &class->members[i],
                        element_place(group, &class->members[i], PLACE_NO_INDEX, place),
                        "is missing; it is mandatory in " MENU_FORMAT "%s%.*s%s",
                        MENU_ARGS(check->menu), line == NULL ? "" : " (",
                        TEXT_ARGS(line == NULL ? TEXT("") : line->source), line == NULL ? "" : ")");
        }
    }
}

/* Recursion is as deep as the dataset. */
static void check_group(struct check *check, const struct menu_rule *rule,
                        const struct node *group);

/* The members of a group that has rules for them. */
static void check_members(struct check *check, const struct menu_rule *rule,
                          const struct node *group)
{
    uint64_t present = 0;
    for (const struct node *node = group->first; node != NULL; node = node->next) {
        size_t at = (size_t)(node->element - group->element->class->members);
        const struct menu_rule *member = &rule->members[at];
        present |= UINT64_C(1) << at;
        if (member->use == USE_NOT_USED) {
            warn_not_used(check, member, node);
            continue;
        }
        if (member->limits) {
            check_limits(check, member->line, node);
        }
        if (member->members != NULL || member->conditions != NULL) {
            check_group(check, member, node);
        }
    }
    if (check->complete && (rule->mandatory & ~present) != 0) {
        check_missing(check, rule, group, rule->mandatory & ~present);
    }
}

static void check_group(struct check *check, const struct menu_rule *rule, const struct node *group)
{
    if (rule->members != NULL) {
        check_members(check, rule, group);
    }
    for (const struct menu_condition *condition = check->complete ? rule->conditions : NULL;
         condition != NULL; condition = condition->next) {
        check_condition(check, condition, group);
    }
}

/* ---- days ---- */

/* The same day so many months later; a day past the end of its month stays past it. */
static uint32_t months_later(uint32_t day, uint32_t months)
{
    uint32_t month = day / 100 % 100 - 1 + months;
    return (day / 10000 + month / 12) * 10000 + (month % 12 + 1) * 100 + day % 100;
}

static void check_days(const struct check *check, const struct record *record)
{
    const struct menu *menu = check->menu;
    char shown[CODE_DAY_BYTES];
    const struct node *issued = record_find(record, "IssueDateTime");
    if (issued != NULL && check->day != 0 &&
        (check->day < menu->from || (menu->until != 0 && check->day > menu->until))) {
        bool early = check->day < menu->from;
        REFUSE(check, "menu-not-valid-then", issued,
               MENU_FORMAT ", is valid %s %s; use the version of the day of issue", MENU_ARGS(menu),
               early ? "from" : "until", code_day_text(early ? menu->from : menu->until, shown));
    }
    const struct node *end = record_find(record, "ValidityEndDateTime");
    uint32_t last = check->day != 0 && menu->validity_months != 0
                        ? months_later(check->day, menu->validity_months)
                        : 0;
    if (end != NULL && last != 0 && code_day(end->value) > last) {
        REFUSE(check, "validity-too-long", end,
               "is later than %s, %" PRIu32 " months from issue, the most of " MENU_FORMAT,
               code_day_text(last, shown), menu->validity_months, MENU_ARGS(menu));
    }
}

/* ---- the regime of correction ---- */

/* An amendment notification that corrects (4) or replaces (5) must do what the agreement allows;
 * to cancel (1) is always open. */
static void check_correction(const struct check *check, const struct record *record)
{
    const struct node *function = record_find(record, "FunctionCode");
    enum menu_correction allowed = check->menu->correction;
    if (function == NULL) {
        return;
    }
    if (allowed == CORRECTION_REPLACE && text_equal(function->value, TEXT("4"))) {
        REFUSE(
            check, "other-regime", function,
            "corrects the original, and under " MENU_FORMAT
            " a new certificate is issued and the old one cancelled; write 5 and name the new one "
            "in Amendment/ReplacementID",
            MENU_ARGS(check->menu));
    }
    if (allowed == CORRECTION_AMEND && text_equal(function->value, TEXT("5"))) {
        REFUSE(check, "other-regime", function,
               "replaces the certificate, and under " MENU_FORMAT
               " the original is corrected; write 4 and say what changes",
               MENU_ARGS(check->menu));
    }
}

void menu_check(const struct menu *menu, const struct code_lists *lists,
                const struct record *record, struct findings *findings)
{
    struct check check = {.menu = menu,
                          .lists = lists,
                          .findings = findings,
                          .day = check_day(record),
                          .complete = record->operation == OPERATION_CO};
    if (record->operation == OPERATION_CO || record->operation == OPERATION_AMENDMENT) {
        check_group(&check, menu->root, &record->root);
        check_days(&check, record);
    }
    if (record->operation == OPERATION_AMENDMENT) {
        check_correction(&check, record);
    }
}
