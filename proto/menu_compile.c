/* Makes a table for each group of the dataset out of the lines of a menu. See menu_rule.h. */
#include "proto/menu_rule.h"

/* The rule at the first `depth` elements of a path, made with those beside and above it when it is
 * not there; NULL without memory. */
static struct menu_rule *rule_at(struct menu_rule *root, const struct menu_path *path, size_t depth,
                                 struct arena *arena)
{
    const struct element *group = dataset_root(OPERATION_CO);
    struct menu_rule *rule = root;
    for (size_t i = 0; i < depth; i++) {
        if (rule->members == NULL) {
            rule->members = arena_zero(arena, group->class->count * sizeof *rule->members);
        }
        if (rule->members == NULL) {
            return NULL;
        }
        rule = &rule->members[path->elements[i] - group->class->members];
        group = path->elements[i];
    }
    return rule;
}

struct settling {
    enum menu_use others;
    uint16_t count; /* elements not used so far */
};

/* Gives every rule below `group` its use. `named`: a line names the group or one around it, so that
 * what no line names may stand in it. Returns what follows for the group itself: mandatory when it
 * has what a line makes mandatory, not used when nothing in it is used by a line. Recursion is as
 * deep as the dataset. */
static enum menu_use settle(struct settling *settling, struct menu_rule *rule,
                            const struct element *group, bool named)
{
    enum menu_use follows = USE_NOT_USED;
    for (size_t i = 0; i < group->class->count; i++) {
        const struct element *element = &group->class->members[i];
        struct menu_rule *member = &rule->members[i];
        bool required = element_required(element, OPERATION_CO);
        enum menu_use said = USE_NOT_USED; /* by lines */
        if (member->members != NULL) {
            said = settle(settling, member, element,
                          named || (member->line != NULL && member->line->use != USE_NOT_USED));
        }
        if (member->line != NULL) {
            said = member->line->use;
        }
        if (member->line == NULL && said == USE_NOT_USED) {
            member->use = (uint8_t)(named ? USE_OPTIONAL : settling->others);
        } else {
            member->use = (uint8_t)said;
        }
        member->use = required ? USE_MANDATORY : member->use;
        member->number = member->use == USE_NOT_USED ? settling->count++ : 0;
        rule->mandatory |= member->use == USE_MANDATORY && !required ? UINT64_C(1) << i : 0;
        if (said == USE_MANDATORY || (said == USE_OPTIONAL && follows == USE_NOT_USED)) {
            follows = said;
        }
    }
    return follows;
}

enum result menu_compile(struct menu *menu, struct menu_condition *conditions, struct arena *arena,
                         struct error *error)
{
    _Static_assert(ELEMENT_TAG_MAX < 64, "the members of a class fit a mask");
    struct menu_rule *root = arena_zero(arena, sizeof *root);
    struct settling settling = {.others = menu->others};
    for (size_t i = 0; root != NULL && i < menu->line_count; i++) {
        const struct menu_line *line = &menu->lines[i];
        struct menu_rule *rule = rule_at(root, &line->elements, line->elements.depth, arena);
        if (rule == NULL) {
            root = NULL;
            break;
        }
        rule->line = line;
        rule->limits = line->max_length != 0 || line->max_occurs != 0 || line->list != CODES_NONE ||
                       line->codes != NULL;
    }
    for (size_t i = menu->condition_count; root != NULL && i > 0; i--) {
        struct menu_condition *condition = &conditions[i - 1];
        struct menu_rule *rule = rule_at(root, &condition->needed, condition->shared, arena);
        if (rule == NULL) {
            root = NULL;
            break;
        }
        condition->next = rule->conditions;
        rule->conditions = condition;
    }
    if (root == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a menu");
    }
    if (root->members != NULL) {
        (void)settle(&settling, root, dataset_root(OPERATION_CO), false);
    }
    menu->root = root;
    return RESULT_OK;
}
