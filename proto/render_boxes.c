/* Boxes and the table of items. See render_boxes.h. */
#include "proto/render_boxes.h"

#include "proto/render_form.h"
#include "proto/render_node.h"
#include "proto/render_text.h"

#include <stdio.h>

#define COLUMN_HEADS_MAX 3

/* What is drawn, and into which box. */
struct drawing {
    struct buffer *out;
    const struct record *record;
    const struct render_form *form;
    const struct render_box *box;
};

static const char *label_of(const struct drawing *drawing, const char *path)
{
    const struct element *element = dataset_find(drawing->record->operation, path);
    return element == NULL ? "" : element->label;
}

/* A label up to its first comma: a heading has no room for explanations. */
static void render_heading(struct buffer *out, const char *label)
{
    struct text rest = text_of(label);
    render_text(out, text_until(&rest, ','));
}

/* ---- what no box and no column names ---- */

static void render_others(const struct drawing *drawing, const struct node *group, const char *path)
{
    const struct node *child = group->first;
    while (child != NULL) {
        char at[PLACE_MAX_BYTES];
        (void)snprintf(at, sizeof at, "%s%s%s", path, path[0] == '\0' ? "" : "/",
                       child->element->name);
        enum render_claim claim = render_claimed(drawing->form, at);
        if (claim == RENDER_NONE) {
            child = render_run(drawing->out, child, "");
            continue;
        }
        if (claim == RENDER_PART) {
            render_others(drawing, child, at);
        }
        child = render_behind(child);
    }
}

/* ---- items ---- */

/* The first node of `group` at a path below it. */
static const struct node *node_at(const struct node *group, const char *path)
{
    struct text rest = text_of(path);
    while (group != NULL) {
        char name[ELEMENT_NAME_BYTES];
        struct text part = text_until(&rest, '/');
        (void)snprintf(name, sizeof name, "%.*s", TEXT_ARGS(part));
        group = node_child(group, name);
        if (!text_skip(&rest, "/")) {
            break;
        }
    }
    return group;
}

static void render_column(const struct drawing *drawing, const struct render_column *column,
                          const struct node *item)
{
    struct buffer *out = drawing->out;
    const struct element *heads[COLUMN_HEADS_MAX + 1] = {NULL};
    for (size_t i = 0; i < COLUMN_HEADS_MAX && column->heads[i] != NULL; i++) {
        heads[i] = dataset_find(drawing->record->operation, column->heads[i]);
    }
    bool first = column == drawing->form->columns;
    buffer_printf(out, first ? "<th scope=\"row\" class=\"%s\">" : "<td class=\"%s\">",
                  column->class);
    const struct node *node = node_at(item, column->element + strlen(RENDER_ITEM "/"));
    const struct node *behind = node == NULL ? NULL : render_behind(node);
    for (; node != behind; node = node->next) {
        render_cell(out, node, heads);
    }
    if (column->others) {
        size_t start = out->size;
        buffer_text(out, "<dl>");
        size_t empty = out->size;
        render_others(drawing, item, RENDER_ITEM);
        if (out->size == empty) {
            out->size = start;
        } else {
            buffer_text(out, "</dl>");
        }
    }
    buffer_text(out, first ? "</th>" : "</td>");
}

static void render_heads(const struct drawing *drawing)
{
    struct buffer *out = drawing->out;
    buffer_text(out, "<thead><tr>");
    for (size_t i = 0; i < drawing->form->column_count; i++) {
        const struct render_column *column = &drawing->form->columns[i];
        buffer_printf(out, "<th scope=\"col\" class=\"%s\"><span class=\"t\">", column->class);
        for (size_t j = 0; j < COLUMN_HEADS_MAX && column->heads[j] != NULL; j++) {
            buffer_text(out, j == 0 ? "" : ", ");
            render_heading(out, label_of(drawing, column->heads[j]));
        }
        buffer_text(out, "</span></th>");
    }
    buffer_text(out, "</tr></thead>\n");
}

static void render_items(const struct drawing *drawing)
{
    struct buffer *out = drawing->out;
    const struct node *item = record_find(drawing->record, RENDER_ITEM);
    if (item == NULL) {
        return;
    }
    buffer_text(out, "<table>\n");
    render_heads(drawing);
    buffer_text(out, "<tbody>\n");
    for (; item != NULL; item = item->next) {
        buffer_text(out, "<tr>");
        for (size_t i = 0; i < drawing->form->column_count; i++) {
            render_column(drawing, &drawing->form->columns[i], item);
        }
        buffer_text(out, "</tr>\n");
    }
    buffer_text(out, "</tbody></table>\n");
}

/* ---- boxes ---- */

/* Every run of nodes at a path, through all occurrences on the way; those within an item say of
 * which. */
static void render_path(const struct drawing *drawing, const struct node *group, const char *path,
                        const char *prefix)
{
    char name[ELEMENT_NAME_BYTES];
    struct text rest = text_of(path);
    struct text part = text_until(&rest, '/');
    (void)snprintf(name, sizeof name, "%.*s", TEXT_ARGS(part));
    const struct node *node = node_child(group, name);
    if (node == NULL) {
        return;
    }
    if (!text_skip(&rest, "/")) {
        (void)render_run(drawing->out, node, prefix);
        return;
    }
    const struct node *behind = render_behind(node);
    for (; node != behind; node = node->next) {
        char within[32];
        (void)snprintf(within, sizeof within, "item %u: ", node->index + 1);
        render_path(drawing, node, rest.data, node->element->max_occurs > 1 ? within : prefix);
    }
}

/* The authentications of one signer; whatever is not the exporter's is the authority's. */
static void render_signatures(const struct drawing *drawing)
{
    bool exporter = strcmp(drawing->box->signer, "EXP") == 0;
    const struct node *node = record_find(drawing->record, drawing->box->elements[0]);
    const struct node *behind = node == NULL ? NULL : render_behind(node);
    for (; node != behind; node = node->next) {
        const struct node *role = node_child(node, "RoleCode");
        if ((role != NULL && text_equal(role->value, TEXT("EXP"))) == exporter) {
            render_children(drawing->out, node);
        }
    }
}

static void render_content(const struct drawing *drawing)
{
    const char *const *elements = drawing->box->elements;
    const struct node *root = &drawing->record->root;
    const struct node *only = elements[0] != NULL && elements[1] == NULL
                                  ? record_find(drawing->record, elements[0])
                                  : NULL;
    if (drawing->box->signer != NULL) {
        render_signatures(drawing);
    } else if (elements[0] == NULL) {
        render_others(drawing, root, "");
    } else if (only != NULL && only->element->type == ELEMENT_GROUP &&
               only->element->max_occurs == 1) {
        render_children(drawing->out, only);
    } else {
        for (size_t i = 0; i < RENDER_BOX_ELEMENTS && elements[i] != NULL; i++) {
            render_path(drawing, root, elements[i], "");
        }
    }
}

static void render_box(const struct drawing *drawing, unsigned number)
{
    const struct render_box *box = drawing->box;
    struct buffer *out = drawing->out;
    size_t start = out->size;
    bool items = box->elements[0] != NULL && strcmp(box->elements[0], RENDER_ITEM) == 0;
    buffer_printf(out,
                  "<section class=\"box%s%s\"><h2><span class=\"n\">%u</span> <span class=\"t\">",
                  box->wide ? " wide" : "", items ? " items" : "", number);
    if (box->heading != NULL) {
        render_text(out, text_of(box->heading));
    } else {
        render_heading(out, label_of(drawing, box->elements[0]));
    }
    buffer_text(out, "</span></h2>\n");
    size_t empty = out->size;
    if (items) {
        render_items(drawing);
    } else {
        buffer_text(out, "<dl>\n");
        size_t list = out->size;
        render_content(drawing);
        if (out->size == list) {
            out->size = empty;
        } else {
            buffer_text(out, "</dl>");
        }
    }
    if (out->size == empty) {
        if (!box->usual || drawing->record->operation != OPERATION_CO) {
            out->size = start;
            return;
        }
        buffer_text(out, "<p class=\"empty\">not filled</p>");
    }
    buffer_text(out, "</section>\n");
}

void render_boxes(struct buffer *out, const struct record *record)
{
    struct drawing drawing = {.out = out, .record = record, .form = render_form(record->operation)};
    buffer_text(out, "<div class=\"boxes\">\n");
    for (size_t i = 0; i < drawing.form->box_count; i++) {
        drawing.box = &drawing.form->boxes[i];
        render_box(&drawing, (unsigned)i + 1);
    }
    buffer_text(out, "</div>\n");
}
