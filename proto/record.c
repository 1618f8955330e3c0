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

struct node *record_add_behind(struct record *record, struct node *elder)
{
    struct node *node = arena_alloc(record->arena, sizeof *node);
    if (node == NULL) {
        return NULL;
    }
    *node = (struct node){.element = elder->element,
                          .parent = elder->parent,
                          .next = elder->next,
                          .index = elder->index + 1};
    elder->next = node;
    if (elder->parent->last == elder) {
        elder->parent->last = node;
    }
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

static size_t place_append(char *out, size_t size, const struct element *element, uint32_t index)
{
    size_t room = PLACE_MAX_BYTES - size;
    int more = element->max_occurs > 1 && index != PLACE_NO_INDEX
                   ? snprintf(out + size, room, "/%s/%u", element->name, (unsigned)index)
                   : snprintf(out + size, room, "/%s", element->name);
    size += more < 0 ? 0 : (size_t)more;
    return size < PLACE_MAX_BYTES ? size : PLACE_MAX_BYTES - 1;
}

struct text node_place(const struct node *node, char out[PLACE_MAX_BYTES])
{
    const struct node *path[ELEMENT_DEPTH_MAX];
    size_t depth = 0;
    for (; node != NULL && depth < ELEMENT_DEPTH_MAX; node = node->parent) {
        path[depth++] = node;
    }
    size_t size = 0;
    while (depth > 0) {
        depth--;
        size = place_append(out, size, path[depth]->element, path[depth]->index);
    }
    return (struct text){out, size};
}

struct text element_place(const struct node *group, const struct element *element, uint32_t index,
                          char out[PLACE_MAX_BYTES])
{
    size_t size = node_place(group, out).size;
    return (struct text){out, place_append(out, size, element, index)};
}
