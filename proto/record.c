/* Records. See record.h. */
#include "proto/record.h"

#include <stdio.h>

struct record *record_new(enum operation operation, struct arena *arena)
{
    const struct element *root = dataset_root(operation);
    struct record *record = root == NULL ? NULL : arena_alloc(arena, sizeof *record);
    if (record == NULL) {
        return NULL;
    }
    *record = (struct record){
        .operation = operation, .arena = arena, .root = {.element = root, .first = NULL}};
    return record;
}

/* Puts `node` behind the last child whose tag is not above its own. */
static void insert(struct node *group, struct node *node)
{
    struct node *before = NULL;
    struct node *at = group->first;
    while (at != NULL && at->element->tag <= node->element->tag) {
        before = at;
        at = at->next;
    }
    node->next = at;
    if (before == NULL) {
        group->first = node;
    } else {
        before->next = node;
        node->index = before->element == node->element ? before->index + 1 : 0;
    }
}

struct node *record_add(struct record *record, struct node *group, const struct element *element)
{
    struct node *node = arena_alloc(record->arena, sizeof *node);
    if (node == NULL) {
        return NULL;
    }
    *node = (struct node){.element = element, .parent = group};
    struct node *last = group->last;
    if (last == NULL) {
        group->first = node;
    } else if (last->element->tag <= element->tag) {
        last->next = node;
        node->index = last->element == element ? last->index + 1 : 0;
    } else {
        insert(group, node);
        return node;
    }
    group->last = node;
    return node;
}

static const struct node *child_named(const struct node *group, struct text name)
{
    if (group->element->type != ELEMENT_GROUP) {
        return NULL;
    }
    const struct node *child = group->first;
    while (child != NULL &&
           !text_equal(name, (struct text){child->element->name, child->element->name_size})) {
        child = child->next;
    }
    return child;
}

const struct node *node_child(const struct node *group, const char *name)
{
    return child_named(group, text_of(name));
}

const struct node *record_find(const struct record *record, const char *path)
{
    const struct node *node = &record->root;
    while (node != NULL && *path != '\0') {
        size_t size = strcspn(path, "/");
        node = child_named(node, (struct text){path, size});
        path += path[size] == '/' ? size + 1 : size;
    }
    return node;
}

struct text record_text(const struct record *record, const char *path)
{
    const struct node *node = record_find(record, path);
    return node == NULL || node->element->type == ELEMENT_GROUP ? TEXT("") : node->value;
}

struct text node_place(const struct node *node, char out[PLACE_MAX_BYTES])
{
    const struct node *path[ELEMENT_DEPTH_MAX];
    size_t depth = 0;
    for (; node != NULL && depth < ELEMENT_DEPTH_MAX; node = node->parent) {
        path[depth++] = node;
    }
    size_t size = 0;
    while (depth > 0 && size < PLACE_MAX_BYTES) {
        const struct node *at = path[--depth];
        int more = at->element->max_occurs > 1
                       ? snprintf(out + size, PLACE_MAX_BYTES - size, "/%s/%u", at->element->name,
                                  (unsigned)at->index)
                       : snprintf(out + size, PLACE_MAX_BYTES - size, "/%s", at->element->name);
        size += more < 0 ? 0 : (size_t)more;
    }
    return (struct text){out, size < PLACE_MAX_BYTES ? size : PLACE_MAX_BYTES - 1};
}
