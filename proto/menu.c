/* Asking a menu. See menu.h. */
#include "proto/menu_rule.h"

bool menu_path_read(struct text path, struct menu_path *out)
{
    const struct element *element = dataset_root(OPERATION_CO);
    out->depth = 0;
    while (path.size > 0) {
        struct text name = text_until(&path, '/');
        element = element->class == NULL ? NULL : class_member(element->class, name, 0);
        if (element == NULL || out->depth == ELEMENT_DEPTH_MAX || text_equal(path, TEXT("/"))) {
            return false;
        }
        out->elements[out->depth++] = element;
        (void)text_skip(&path, "/");
    }
    return out->depth > 0;
}

enum menu_use menu_use_of(const struct menu *menu, const struct menu_path *path,
                          const struct menu_line **line)
{
    const struct menu_rule *rule = menu->root;
    const struct element *group = dataset_root(OPERATION_CO);
    const struct menu_line *ignored = NULL;
    const struct menu_line **said = line == NULL ? &ignored : line;
    bool named = false;
    *said = NULL;
    for (size_t i = 0; i < path->depth; i++) {
        if (rule->members == NULL) { /* nothing is said from here on */
            return element_required(path->elements[path->depth - 1], OPERATION_CO) ? USE_MANDATORY
                   : named                                                         ? USE_OPTIONAL
                                                                                   : menu->others;
        }
        rule = &rule->members[path->elements[i] - group->class->members];
        if (rule->use == USE_NOT_USED) {
            *said = rule->line;
            return USE_NOT_USED;
        }
        named = named || rule->line != NULL;
        group = path->elements[i];
    }
    *said = rule->line;
    return (enum menu_use)rule->use;
}

const char *menu_use_text(enum menu_use use)
{
    static const char *const texts[] = {
        [USE_OPTIONAL] = "optional",
        [USE_MANDATORY] = "mandatory",
        [USE_NOT_USED] = "not used",
    };
    return (unsigned)use <= USE_NOT_USED ? texts[use] : "unknown";
}

const char *menu_correction_text(enum menu_correction correction)
{
    static const char *const texts[] = {
        [CORRECTION_NONE] = "not said",
        [CORRECTION_REPLACE] = "replace",
        [CORRECTION_AMEND] = "amend",
        [CORRECTION_BOTH] = "both",
    };
    return (unsigned)correction <= CORRECTION_BOTH ? texts[correction] : "unknown";
}
