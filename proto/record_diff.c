/* Where two records differ. See record.h. */
#include "proto/record.h"

struct comparison {
    struct arena *arena;
    struct difference *out;
    size_t max;
    size_t count;
};

/* A leaf's value, and its attribute behind a blank; for a group the empty text. */
static struct text shown(const struct node *node, struct arena *arena)
{
    if (node == NULL || node->element->type == ELEMENT_GROUP) {
        return TEXT("");
    }
    if (node->attribute.data == NULL) {
        return node->value;
    }
    size_t size = node->value.size + 1 + node->attribute.size;
    char *copy = arena_alloc(arena, size);
    if (copy == NULL) {
        return node->value;
    }
    memcpy(copy, node->value.data, node->value.size);
    copy[node->value.size] = ' ';
    memcpy(copy + node->value.size + 1, node->attribute.data, node->attribute.size);
    return (struct text){copy, size};
}

static void differ(struct comparison *comparison, const struct node *before,
                   const struct node *after)
{
    const struct node *there = before != NULL ? before : after;
    if (comparison->count < comparison->max) {
        char place[PLACE_MAX_BYTES];
        comparison->out[comparison->count] = (struct difference){
            .element = there->element,
            .place = arena_text(comparison->arena, node_place(there, place)),
            .before = shown(before, comparison->arena),
            .after = shown(after, comparison->arena),
        };
    }
    comparison->count++;
}

/* Below 0 when `a` stands before `b` in canonical order, 0 when both are the same occurrence. */
static int order(const struct node *a, const struct node *b)
{
    if (a->element->tag != b->element->tag) {
        return a->element->tag < b->element->tag ? -1 : 1;
    }
    return a->index == b->index ? 0 : a->index < b->index ? -1 : 1;
}

/* Recursion is as deep as the table, at most ELEMENT_DEPTH_MAX. */
static void compare_groups(struct comparison *comparison, const struct node *before,
                           const struct node *after);

static void compare_nodes(struct comparison *comparison, const struct node *before,
                          const struct node *after)
{
    if (before->element->type == ELEMENT_GROUP) {
        compare_groups(comparison, before, after);
    } else if (!text_equal(before->value, after->value) ||
               !text_equal(before->attribute, after->attribute)) {
        differ(comparison, before, after);
    }
}

static void compare_groups(struct comparison *comparison, const struct node *before,
                           const struct node *after)
{
    const struct node *a = before->first;
    const struct node *b = after->first;
    while (a != NULL || b != NULL) {
        int way = a == NULL ? 1 : b == NULL ? -1 : order(a, b);
        if (way == 0) {
            compare_nodes(comparison, a, b);
        } else {
            differ(comparison, way < 0 ? a : NULL, way < 0 ? NULL : b);
        }
        a = way <= 0 ? a->next : a;
        b = way >= 0 ? b->next : b;
    }
}

size_t record_diff(const struct record *before, const struct record *after, struct arena *arena,
                   struct difference *out, size_t max)
{
    struct comparison comparison = {.arena = arena, .out = out, .max = max};
    if (before->root.element != after->root.element) {
        differ(&comparison, &before->root, &after->root);
    } else {
        compare_groups(&comparison, &before->root, &after->root);
    }
    return comparison.count;
}
