/* The dataset in canonical msgpack. See pack.h. */
#include "proto/pack.h"

#include "proto/entry.h"
#include "proto/mp.h"

#define INTEGER_MAX 999999999999999999ULL /* as many digits as JSON may bring */

static void put_group(struct buffer *out, const struct node *group);

static void put_leaf(struct buffer *out, const struct node *node)
{
    switch ((enum element_type)node->element->type) {
    case ELEMENT_INTEGER: {
        uint64_t number = 0;
        for (size_t i = 0; i < node->value.size; i++) {
            number = number * 10 + (uint64_t)(node->value.data[i] - '0');
        }
        mp_put_uint(out, number);
        break;
    }
    case ELEMENT_INDICATOR:
        mp_put_bool(out, text_equal(node->value, TEXT("true")));
        break;
    default:
        if (node->attribute.data != NULL) {
            mp_put_array(out, 2);
            mp_put_str(out, node->value);
            mp_put_str(out, node->attribute);
        } else {
            mp_put_str(out, node->value);
        }
    }
}

static void put_node(struct buffer *out, const struct node *node)
{
    if (node->element->type == ELEMENT_GROUP) {
        put_group(out, node);
    } else {
        put_leaf(out, node);
    }
}

/* The node behind the last occurrence of `node`'s element, and how many there are. */
static const struct node *occurrences(const struct node *node, size_t *count)
{
    const struct element *element = node->element;
    *count = 0;
    for (; node != NULL && node->element == element; node = node->next) {
        (*count)++;
    }
    return node;
}

/* Recursion is as deep as the table, at most ELEMENT_DEPTH_MAX. */
static void put_group(struct buffer *out, const struct node *group)
{
    size_t members = 0;
    size_t count;
    for (const struct node *node = group->first; node != NULL; members++) {
        node = occurrences(node, &count);
    }
    mp_put_map(out, members);
    for (const struct node *node = group->first; node != NULL;) {
        const struct node *end = occurrences(node, &count);
        mp_put_uint(out, node->element->tag);
        if (node->element->max_occurs > 1) {
            mp_put_array(out, count);
        }
        for (; node != end; node = node->next) {
            put_node(out, node);
        }
    }
}

enum result pack_write(const struct record *record, struct buffer *out, struct error *error)
{
    size_t before = out->size;
    put_group(out, &record->root);
    size_t size = out->size - before;
    enum result result = buffer_check(out, error);
    if (result == RESULT_OK && size > PAYLOAD_MAX_BYTES) {
        result = error_set(error, RESULT_TOO_LARGE,
                           "the document has %zu bytes when packed; at most %zu are taken", size,
                           PAYLOAD_MAX_BYTES);
    }
    if (result != RESULT_OK) {
        out->size = before;
    }
    return result;
}

struct reader {
    struct mp_reader mp;
    struct record *record;
    struct findings *findings;
    bool no_memory;
};

static void get_group(struct reader *reader, struct node *group);

/* The text of an integer, in the arena. */
static struct text integer_text(struct reader *reader, uint64_t number)
{
    char digits[DECIMAL_DIGITS_MAX];
    return arena_text(reader->record->arena, decimal_digits(number, digits));
}

static void get_leaf(struct reader *reader, struct node *node)
{
    const struct attribute *attribute = node->element->attribute;
    struct mp_reader *mp = &reader->mp;
    switch ((enum element_type)node->element->type) {
    case ELEMENT_INTEGER:
        node->value = integer_text(reader, mp_get_uint(mp, INTEGER_MAX));
        reader->no_memory = reader->no_memory || node->value.data == NULL;
        break;
    case ELEMENT_INDICATOR:
        node->value = mp_get_bool(mp) ? TEXT("true") : TEXT("false");
        break;
    default:
        if (attribute != NULL && (attribute->required || mp_peek(mp) == MP_ARRAY)) {
            if (mp_get_array(mp, 2) != 2) {
                mp_fail(mp, "is not a value and its attribute");
            }
            node->value = mp_get_str(mp, PAYLOAD_MAX_BYTES);
            node->attribute = mp_get_str(mp, PAYLOAD_MAX_BYTES);
        } else {
            node->value = mp_get_str(mp, PAYLOAD_MAX_BYTES);
        }
    }
}

static bool get_node(struct reader *reader, struct node *node)
{
    if (node == NULL) {
        reader->no_memory = true;
        return false;
    }
    if (node->element->type == ELEMENT_GROUP) {
        get_group(reader, node);
    } else {
        get_leaf(reader, node);
    }
    return reader->mp.failed == RESULT_OK && !reader->no_memory;
}

static void get_member(struct reader *reader, struct node *group, const struct element *element)
{
    size_t count = 1;
    if (element->max_occurs > 1) {
        count = mp_get_array(&reader->mp, element->max_occurs);
        if (count == 0) {
            mp_fail(&reader->mp, "is an empty array, or one that is too long");
            return;
        }
    }
    struct node *node = record_add(reader->record, group, element);
    while (get_node(reader, node) && --count > 0) {
        node = record_add_behind(reader->record, node);
    }
}

static void unknown_tag(struct reader *reader, const struct node *group, uint64_t tag)
{
    char place[PLACE_MAX_BYTES];
    finding_add(reader->findings, SEVERITY_REFUSAL, "unknown-element", group->element,
                node_place(group, place),
                "has the tag %llu, which is not in the dataset; it comes from a newer dataset",
                (unsigned long long)tag);
    mp_skip(&reader->mp);
}

/* Recursion is as deep as the table, at most ELEMENT_DEPTH_MAX. */
static void get_group(struct reader *reader, struct node *group)
{
    const struct element_class *class = group->element->class;
    size_t members = mp_get_map(&reader->mp, PAYLOAD_MAX_BYTES);
    uint64_t before = 0;
    size_t next = 0;
    for (; members > 0 && reader->mp.failed == RESULT_OK && !reader->no_memory; members--) {
        uint64_t tag = mp_get_uint(&reader->mp, UINT64_MAX);
        if (tag <= before) {
            mp_fail(&reader->mp, "follows a tag that is not below its own");
            return;
        }
        before = tag;
        const struct element *member = class_tagged(class, tag, next);
        if (member == NULL) {
            unknown_tag(reader, group, tag);
            continue;
        }
        next = (size_t)(member - class->members) + 1;
        get_member(reader, group, member);
    }
}

enum result pack_read(struct bytes packed, enum operation operation, struct arena *arena,
                      struct findings *findings, struct record **record, struct error *error)
{
    *record = NULL;
    if (packed.size > PAYLOAD_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE,
                         "the packed document has %zu bytes; at most %zu are taken", packed.size,
                         PAYLOAD_MAX_BYTES);
    }
    if (dataset_root(operation) == NULL) {
        return error_set(error, RESULT_INVALID, "the operation '%s' has no document",
                         operation_name(operation));
    }
    size_t refusals = findings->refusals;
    struct reader reader = {.record = record_new(operation, arena), .findings = findings};
    mp_reader_init(&reader.mp, packed);
    if (reader.record != NULL) {
        get_group(&reader, &reader.record->root);
    }
    if (reader.record == NULL || reader.no_memory) {
        return error_set(error, RESULT_NO_MEMORY, "there is no memory to read the document");
    }
    struct error cause;
    if (mp_finish(&reader.mp, "packed document", &cause) != RESULT_OK) {
        finding_add(findings, SEVERITY_REFUSAL, "encoding", NULL, TEXT(""), "%s", cause.message);
    }
    if (findings->refusals > refusals) {
        return findings_error(findings, error);
    }
    *record = reader.record;
    return RESULT_OK;
}
