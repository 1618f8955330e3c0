/* Walking the dataset for its classes and types. See schema_parts.h. */
#include "proto/schema_parts.h"

#include <assert.h>
#include <stdio.h>

const struct schema_type schema_bases[SCHEMA_BASE_COUNT] = {
    {.type = ELEMENT_TEXT, .name = "text"},
    {.type = ELEMENT_IDENTIFIER, .name = "identifier"},
};

const struct schema_type *schema_base_of(const struct schema_type *type)
{
    for (size_t i = 0; i < SCHEMA_BASE_COUNT; i++) {
        if (schema_bases[i].type == type->type && !type->uuid && type->length > 0) {
            return &schema_bases[i];
        }
    }
    return NULL;
}

const char *schema_attribute_name(const struct attribute *attribute, char out[ELEMENT_NAME_BYTES])
{
    (void)snprintf(out, ELEMENT_NAME_BYTES, "%c%s", attribute->name[0] | 0x20, attribute->name + 1);
    return out;
}

const char *schema_attribute_type(const struct attribute *attribute, char out[SCHEMA_NAME_BYTES])
{
    if (attribute->codes != CODES_NONE) {
        (void)snprintf(out, SCHEMA_NAME_BYTES, "%s", code_list(attribute->codes)->name);
    } else {
        (void)snprintf(out, SCHEMA_NAME_BYTES, "identifier-%u", (unsigned)attribute->max_length);
    }
    return out;
}

const char *schema_type_name(const struct element *element, bool with_attribute,
                             char out[SCHEMA_NAME_BYTES])
{
    unsigned length = (unsigned)element->max_length;
    int size = 0;
    switch ((enum element_type)element->type) {
    case ELEMENT_GROUP:
        break;
    case ELEMENT_TEXT:
        size = snprintf(out, SCHEMA_NAME_BYTES, "text-%u", length);
        break;
    case ELEMENT_IDENTIFIER:
        size = element->uuid ? snprintf(out, SCHEMA_NAME_BYTES, "uuid")
                             : snprintf(out, SCHEMA_NAME_BYTES, "identifier-%u", length);
        break;
    case ELEMENT_CODE:
        size = snprintf(out, SCHEMA_NAME_BYTES, "%s",
                        code_list((enum code_list_id)element->codes)->name);
        break;
    case ELEMENT_INTEGER:
        size = snprintf(out, SCHEMA_NAME_BYTES, "integer-%u", length);
        break;
    case ELEMENT_DECIMAL:
    case ELEMENT_MEASURE:
    case ELEMENT_AMOUNT:
        size = snprintf(out, SCHEMA_NAME_BYTES, "decimal-%u-%u", length,
                        (unsigned)element->fraction_digits);
        break;
    case ELEMENT_INDICATOR:
        size = snprintf(out, SCHEMA_NAME_BYTES, "indicator");
        break;
    case ELEMENT_DATE_TIME:
        (void)snprintf(out, SCHEMA_NAME_BYTES, "date-and-time");
        return out;
    }
    if (with_attribute && element->attribute != NULL && size > 0) {
        char name[ELEMENT_NAME_BYTES];
        (void)snprintf(out + size, SCHEMA_NAME_BYTES - (size_t)size, "-%s",
                       schema_attribute_name(element->attribute, name));
    }
    return out;
}

const struct schema_class *schema_class_of(const struct schema_parts *parts,
                                           const struct element_class *class)
{
    for (size_t i = 0; i < parts->class_count; i++) {
        if (parts->classes[i].class == class) {
            return &parts->classes[i];
        }
    }
    return NULL;
}

static bool class_name_taken(const struct schema_parts *parts, const char *name)
{
    for (size_t i = 0; i < parts->class_count; i++) {
        if (strcmp(parts->classes[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Several classes may have one name, as Status of a certificate and of an item: a later one is told
 * by its document, then by the class around it, too. */
static struct schema_class *add_class(struct schema_parts *parts, const struct element *root,
                                      const struct element_class *class,
                                      const struct element_class *around)
{
    assert(parts->class_count < SCHEMA_PARTS_MAX);
    struct schema_class *added = &parts->classes[parts->class_count];
    *added = (struct schema_class){.class = class, .root = root};
    const char *const heads[][2] = {
        {"", ""}, {root->name, ""}, {root->name, around == NULL ? "" : around->name}};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(added->name, sizeof added->name, "%s%s%s", heads[i][0], heads[i][1],
                       class->name);
        if (!class_name_taken(parts, added->name)) {
            break;
        }
    }
    parts->class_count++;
    return added;
}

/* Adds a type, or only the operations when it is there. */
static void add_type(struct schema_parts *parts, const struct schema_type *type)
{
    for (size_t i = 0; i < parts->type_count; i++) {
        if (strcmp(parts->types[i].name, type->name) == 0) {
            parts->types[i].operations |= type->operations;
            return;
        }
    }
    assert(parts->type_count < SCHEMA_PARTS_MAX);
    parts->types[parts->type_count++] = *type;
}

static void add_types_of(struct schema_parts *parts, const struct element *element,
                         unsigned operations)
{
    const struct attribute *attribute = element->attribute;
    bool decimal = element->type == ELEMENT_MEASURE || element->type == ELEMENT_AMOUNT;
    struct schema_type type = {
        .type = decimal ? ELEMENT_DECIMAL : (enum element_type)element->type,
        .codes = (enum code_list_id)element->codes,
        .length = element->max_length,
        .fraction_digits = element->fraction_digits,
        .uuid = element->uuid,
        .attribute = element->type == ELEMENT_DATE_TIME ? attribute : NULL,
        .operations = operations,
    };
    if (attribute != NULL) {
        struct schema_type of_attribute = {
            .type = attribute->codes == CODES_NONE ? ELEMENT_IDENTIFIER : ELEMENT_CODE,
            .codes = attribute->codes,
            .length = attribute->max_length,
            .operations = operations,
        };
        (void)schema_attribute_type(attribute, of_attribute.name);
        add_type(parts, &of_attribute);
    }
    (void)schema_type_name(element, false, type.name);
    add_type(parts, &type);
    if (attribute != NULL && type.type != ELEMENT_DATE_TIME) {
        type.attribute = attribute;
        (void)schema_type_name(element, true, type.name);
        add_type(parts, &type);
    }
}

/* Recursion is as deep as the table, at most ELEMENT_DEPTH_MAX. */
static void walk(struct schema_parts *parts, const struct element *root,
                 const struct element *group, const struct element_class *around,
                 unsigned operations)
{
    const struct element_class *class = group->class;
    struct schema_class *row = NULL;
    for (size_t i = 0; i < parts->class_count; i++) {
        row = parts->classes[i].class == class ? &parts->classes[i] : row;
    }
    if (row == NULL) {
        row = add_class(parts, root, class, around);
    } else if ((row->operations & operations) == operations) {
        return;
    }
    row->operations |= operations;
    for (const struct element *member = class->members; member < class->members + class->count;
         member++) {
        unsigned here = member->allowed_in == 0 ? operations : operations & member->allowed_in;
        if (member->type == ELEMENT_GROUP) {
            walk(parts, root, member, class, here);
        } else {
            add_types_of(parts, member, here);
        }
    }
}

void schema_parts_find(struct schema_parts *parts)
{
    const enum operation first[] = {OPERATION_CO, OPERATION_CANCELATION_STATUS};
    *parts = (struct schema_parts){.class_count = 0};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        unsigned operations = 0;
        const struct element *root = dataset_root(first[i]);
        for (unsigned number = 1; number <= OPERATION_MAX; number++) {
            operations |= dataset_root((enum operation)number) == root ? OPERATION_BIT(number) : 0;
        }
        walk(parts, root, root, NULL, operations);
    }
}
