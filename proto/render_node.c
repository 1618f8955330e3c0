/* Nodes in HTML. See render_node.h. */
#include "proto/render_node.h"

#include "proto/render_text.h"

/* "2026-01-05", or with the time "2026-01-05 09:30:00 +0900". */
static void render_date(struct buffer *out, struct text value)
{
    const char *v = value.data;
    if (value.size < 8) {
        render_text(out, value);
        return;
    }
    buffer_printf(out, "%.4s-%.2s-%.2s", v, v + 4, v + 6);
    if (value.size > 14) {
        buffer_printf(out, " %.2s:%.2s:%.2s ", v + 8, v + 10, v + 12);
        render_text(out, (struct text){v + 14, value.size - 14});
    }
}

static void render_attribute(struct buffer *out, const struct node *leaf)
{
    bool unit = leaf->element->type == ELEMENT_MEASURE || leaf->element->type == ELEMENT_AMOUNT;
    if (leaf->attribute.size > 0) {
        buffer_text(out, unit ? " <span class=\"q\">" : " <span class=\"q\">(");
        render_value(out, leaf->attribute);
        buffer_text(out, unit ? "</span>" : ")</span>");
    }
}

void render_leaf(struct buffer *out, const struct node *leaf)
{
    const struct element *element = leaf->element;
    switch ((enum element_type)element->type) {
    case ELEMENT_DATE_TIME:
        render_date(out, leaf->value);
        return;
    case ELEMENT_INDICATOR:
        buffer_text(out, text_equal(leaf->value, TEXT("true")) ? "yes" : "no");
        return;
    default:
        render_value(out, leaf->value);
        render_attribute(out, leaf);
    }
    const char *meaning = element->codes == CODES_NONE
                              ? NULL
                              : code_label((enum code_list_id)element->codes, leaf->value);
    if (meaning != NULL) {
        buffer_text(out, " <span class=\"q\">");
        render_text(out, text_of(meaning));
        buffer_text(out, "</span>");
    }
}

static bool is_flat(const struct node *group)
{
    const struct node *child = group->first;
    while (child != NULL && child->element->type != ELEMENT_GROUP) {
        child = child->next;
    }
    return child == NULL;
}

/* A name, number or code that stands first says by itself what it is. */
static bool is_lead(const struct node *leaf)
{
    return leaf == leaf->parent->first &&
           (leaf->element->type == ELEMENT_TEXT || leaf->element->type == ELEMENT_IDENTIFIER ||
            leaf->element->type == ELEMENT_CODE);
}

static void render_label(struct buffer *out, const struct element *element)
{
    buffer_text(out, "<span class=\"l\">");
    render_text(out, text_of(element->label));
    buffer_text(out, "</span> ");
}

/* A group of leaves on one line. An address, a person, a telephone number need no labels. */
static void render_line(struct buffer *out, const struct node *group)
{
    const char *class = group->element->class->name;
    bool plain = strcmp(class, "Address") == 0 || strcmp(class, "Contact") == 0 ||
                 strcmp(class, "Communication") == 0;
    const struct element *before = NULL;
    for (const struct node *leaf = group->first; leaf != NULL; leaf = leaf->next) {
        bool again = leaf->element == before;
        buffer_text(out, before == NULL ? "" : plain || again ? ", " : " · ");
        if (!plain && !again && !is_lead(leaf)) {
            render_label(out, leaf->element);
        }
        render_leaf(out, leaf);
        before = leaf->element;
    }
}

const struct node *render_behind(const struct node *node)
{
    const struct element *element = node->element;
    while (node != NULL && node->element == element) {
        node = node->next;
    }
    return node;
}

const struct node *render_run(struct buffer *out, const struct node *node, const char *prefix)
{
    const struct node *behind = render_behind(node);
    buffer_text(out, "<div><dt>");
    buffer_text(out, prefix);
    render_text(out, text_of(node->element->label));
    buffer_text(out, "</dt>");
    for (; node != behind; node = node->next) {
        buffer_text(out, "<dd>");
        if (node->element->type != ELEMENT_GROUP) {
            render_leaf(out, node);
        } else if (is_flat(node)) {
            render_line(out, node);
        } else {
            buffer_text(out, "<dl>");
            render_children(out, node);
            buffer_text(out, "</dl>");
        }
        buffer_text(out, "</dd>");
    }
    buffer_text(out, "</div>\n");
    return behind;
}

void render_children(struct buffer *out, const struct node *group)
{
    const struct node *child = group->first;
    while (child != NULL) {
        child = render_run(out, child, "");
    }
}

static bool is_head(const struct node *node, const struct element *const *heads)
{
    for (; *heads != NULL; heads++) {
        bool lead = node->parent->element == *heads && is_lead(node);
        if (node->element == *heads || lead) {
            return true;
        }
    }
    return false;
}

static void render_cell_group(struct buffer *out, const struct node *group,
                              const struct element *const *heads)
{
    const struct node *child = group->first;
    while (child != NULL) {
        const struct node *behind = render_behind(child);
        bool head = is_head(child, heads);
        buffer_text(out, head ? "<div class=\"h\">" : "<div>");
        if (!head) {
            render_label(out, child->element);
        }
        for (const struct node *one = child; one != behind; one = one->next) {
            buffer_text(out, one == child || one->element->type == ELEMENT_GROUP ? "" : ", ");
            render_cell(out, one, heads);
        }
        buffer_text(out, "</div>");
        child = behind;
    }
}

void render_cell(struct buffer *out, const struct node *node, const struct element *const *heads)
{
    if (node->element->type != ELEMENT_GROUP) {
        render_leaf(out, node);
        return;
    }
    buffer_text(out, "<div class=\"g\">");
    render_cell_group(out, node, heads);
    buffer_text(out, "</div>");
}
