/* The dataset as JSON Schema 2020-12. See schema.h. */
#include "proto/json.h"
#include "proto/schema.h"
#include "proto/schema_parts.h"
#include "proto/schema_pen.h"

#include <assert.h>
#include <stdio.h>

#define DIALECT "https://json-schema.org/draft/2020-12/schema"

/* ---- types of values ---- */

static void put_pattern_of(struct pen *pen, const struct schema_type *type)
{
    struct buffer pattern = {0};
    schema_pattern(type, false, &pattern);
    pen_pattern(pen, buffer_view(&pattern));
    buffer_free(&pattern);
}

static void put_codes(struct pen *pen, const struct code_list *list)
{
    struct buffer labels = {0};
    pen_string(pen, "title", list->title);
    if (list->shape != NULL) {
        buffer_printf(&labels, "%s: %s", list->source, list->shape_hint);
    } else {
        buffer_printf(&labels, "%s", list->source);
        for (size_t i = 0; list->count <= SCHEMA_LABELS_MAX && i < list->count; i++) {
            buffer_printf(&labels, "%s %s %s", i == 0 ? ":" : ";", list->codes[i].code,
                          list->codes[i].label);
        }
    }
    buffer_append(&labels, "", 1);
    pen_string(pen, "description", (const char *)labels.data);
    buffer_free(&labels);
    pen_string(pen, "type", "string");
    if (list->shape == NULL) {
        pen_key(pen, "enum");
        for (size_t i = 0; i < list->count; i++) {
            buffer_text(pen->out, i == 0 ? "[" : ", ");
            json_write_string(text_of(list->codes[i].code), pen->out);
        }
        buffer_text(pen->out, "]");
    }
}

/* One of the two forms of a date. */
static void put_date(struct pen *pen, const char *format, bool time)
{
    struct buffer pattern = {0};
    pen_open(pen, NULL, "{");
    pen_open(pen, "properties", "{");
    pen_open(pen, "Value", "{");
    pen_string(pen, "type", "string");
    schema_date_pattern(!time, time, &pattern);
    pen_pattern(pen, buffer_view(&pattern));
    pen_close(pen, "}");
    pen_open(pen, "FormatCode", "{");
    pen_string(pen, "const", format);
    pen_close(pen, "}");
    pen_close(pen, "}");
    pen_close(pen, "}");
    buffer_free(&pattern);
}

/* {"Value": …, "UnitCode": …}, both there and nothing else. */
static void put_pair(struct pen *pen, const struct attribute *attribute, const char *value)
{
    char name[SCHEMA_NAME_BYTES];
    const char *const required[] = {"Value", attribute->name};
    pen_string(pen, "type", "object");
    pen_open(pen, "properties", "{");
    pen_open(pen, "Value", "{");
    if (value == NULL) {
        pen_string(pen, "type", "string");
    } else {
        pen_reference(pen, value);
    }
    pen_close(pen, "}");
    pen_open(pen, attribute->name, "{");
    pen_reference(pen, schema_attribute_type(attribute, name));
    pen_close(pen, "}");
    pen_close(pen, "}");
    pen_strings(pen, "required", required, 2);
    pen_word(pen, "additionalProperties", "false");
}

static void put_dates(struct pen *pen, const struct attribute *attribute)
{
    put_pair(pen, attribute, NULL);
    pen_open(pen, "anyOf", "[");
    put_date(pen, "102", false);
    put_date(pen, "304", true);
    pen_close(pen, "]");
}

/* A value with its attribute; alone, too, where the attribute is optional. */
static void put_attributed(struct pen *pen, const struct schema_type *type)
{
    char name[ELEMENT_NAME_BYTES];
    char plain[SCHEMA_NAME_BYTES];
    size_t size = strlen(type->name) - strlen(schema_attribute_name(type->attribute, name)) - 1;
    (void)snprintf(plain, sizeof plain, "%.*s", (int)size, type->name);
    if (type->attribute->required) {
        put_pair(pen, type->attribute, plain);
        return;
    }
    pen_open(pen, "anyOf", "[");
    pen_open(pen, NULL, "{");
    pen_reference(pen, plain);
    pen_close(pen, "}");
    pen_open(pen, NULL, "{");
    put_pair(pen, type->attribute, plain);
    pen_close(pen, "}");
    pen_close(pen, "]");
}

static void put_plain(struct pen *pen, const struct schema_type *type)
{
    uint64_t maximum = 1;
    if (type->type == ELEMENT_INTEGER) {
        for (uint32_t i = 0; i < type->length; i++) {
            maximum *= 10;
        }
        pen_string(pen, "type", "integer");
        pen_number(pen, "minimum", 0);
        pen_number(pen, "maximum", maximum - 1);
        return;
    }
    if (type->type == ELEMENT_INDICATOR) {
        pen_string(pen, "type", "boolean");
        return;
    }
    if (schema_base_of(type) != NULL) {
        pen_string(pen, "type", "string");
        pen_reference(pen, schema_base_of(type)->name);
        pen_number(pen, "maxLength", type->length);
        return;
    }
    if (type->type == ELEMENT_CODE) {
        put_codes(pen, code_list(type->codes));
        if (code_list(type->codes)->shape == NULL) {
            return;
        }
    } else {
        pen_string(pen, "type", "string");
    }
    put_pattern_of(pen, type);
}

static void put_type(struct pen *pen, const struct schema_type *type)
{
    char key[SCHEMA_NAME_BYTES + 40];
    (void)snprintf(key, sizeof key, "%s%s", pen->prefix, type->name);
    pen_open(pen, key, "{");
    if (type->type == ELEMENT_DATE_TIME) {
        put_dates(pen, type->attribute);
    } else if (type->attribute != NULL) {
        put_attributed(pen, type);
    } else {
        put_plain(pen, type);
    }
    pen_close(pen, "}");
}

/* ---- classes ---- */

static void put_about(struct pen *pen, const struct element *element)
{
    char label[ELEMENT_LABEL_BYTES];
    struct buffer about = {0};
    buffer_printf(&about, "%s; %s%s%s", element_label(element, label),
                  evidence_text((enum evidence)element->evidence),
                  element->note == NULL ? "" : "; ", element->note == NULL ? "" : element->note);
    buffer_append(&about, "", 1);
    pen_string(pen, "title", element->label);
    pen_string(pen, "description", (const char *)about.data);
    buffer_free(&about);
}

static void put_element(struct pen *pen, const struct schema_parts *parts,
                        const struct element *element)
{
    char name[SCHEMA_NAME_BYTES];
    pen_open(pen, element->name, "{");
    put_about(pen, element);
    if (element->max_occurs > 1) {
        pen_string(pen, "type", "array");
        pen_number(pen, "minItems", 1);
        pen_number(pen, "maxItems", element->max_occurs);
        pen_open(pen, "items", "{");
    }
    pen_reference(pen, element->type == ELEMENT_GROUP ? schema_class_of(parts, element->class)->name
                                                      : schema_type_name(element, true, name));
    if (element->max_occurs > 1) {
        pen_close(pen, "}");
    }
    pen_close(pen, "}");
}

static void put_class(struct pen *pen, const struct schema_parts *parts,
                      const struct schema_class *row)
{
    const struct element_class *class = row->class;
    const char *required[ELEMENT_TAG_MAX];
    size_t count = 0;
    char key[SCHEMA_NAME_BYTES + 40];
    (void)snprintf(key, sizeof key, "%s%s", pen->prefix, row->name);
    pen_open(pen, key, "{");
    pen_string(pen, "type", "object");
    pen_open(pen, "properties", "{");
    for (size_t i = 0; i < class->count; i++) {
        const struct element *member = &class->members[i];
        if (member->allowed_in == 0 || (member->allowed_in & pen->operations) != 0) {
            put_element(pen, parts, member);
        }
        if ((member->required_in & pen->operations) != 0) {
            assert(count < ELEMENT_TAG_MAX);
            required[count++] = member->name;
        }
    }
    pen_close(pen, "}");
    if (count > 0) {
        pen_strings(pen, "required", required, count);
    } else {
        pen_number(pen, "minProperties", 1);
    }
    pen_word(pen, "additionalProperties", "false");
    pen_close(pen, "}");
}

static void put_definitions(struct pen *pen)
{
    struct schema_parts parts;
    schema_parts_find(&parts);
    for (size_t i = 0; i < parts.class_count; i++) {
        if ((parts.classes[i].operations & pen->operations) != 0) {
            put_class(pen, &parts, &parts.classes[i]);
        }
    }
    for (size_t i = 0; i < SCHEMA_BASE_COUNT; i++) {
        put_type(pen, &schema_bases[i]);
    }
    for (size_t i = 0; i < parts.type_count; i++) {
        if ((parts.types[i].operations & pen->operations) != 0) {
            put_type(pen, &parts.types[i]);
        }
    }
}

void schema_json_definitions(enum operation operation, const char *place, const char *prefix,
                             unsigned depth, struct buffer *out)
{
    struct pen pen = {.out = out,
                      .depth = depth,
                      .place = place,
                      .prefix = prefix,
                      .operations = OPERATION_BIT(operation)};
    if (dataset_root(operation) != NULL) {
        put_definitions(&pen);
    }
}

/* ---- documents ---- */

/* {"LPCO": …} */
static void put_document(struct pen *pen, enum operation operation)
{
    struct schema_parts parts;
    const struct element *root = dataset_root(operation);
    schema_parts_find(&parts);
    pen_string(pen, "title", operation_word(operation));
    pen_string(pen, "type", "object");
    pen_open(pen, "properties", "{");
    pen_open(pen, root->name, "{");
    pen_reference(pen, schema_class_of(&parts, root->class)->name);
    pen_close(pen, "}");
    pen_close(pen, "}");
    pen_strings(pen, "required", (const char *const[]){root->name}, 1);
    pen_word(pen, "additionalProperties", "false");
}

void schema_json_document(enum operation operation, const char *place, const char *prefix,
                          unsigned depth, struct buffer *out)
{
    struct pen pen = {.out = out, .depth = depth, .place = place, .prefix = prefix};
    if (dataset_root(operation) != NULL) {
        put_document(&pen, operation);
    }
}

static void put_head(struct pen *pen, const char *name)
{
    char id[80];
    (void)snprintf(id, sizeof id, "urn:comesh:own-binding:wco-dm-4:1:%s", name);
    pen_string(pen, "$schema", DIALECT);
    pen_string(pen, "$id", id);
    pen_string(pen, "$comment", "Generated from the dataset of comesh, whose binding this is.");
}

static void put_operation(struct pen *pen, enum operation operation)
{
    pen->prefix = "";
    pen->operations = OPERATION_BIT(operation);
    put_head(pen, operation_name(operation));
    put_document(pen, operation);
    pen_open(pen, "$defs", "{");
    put_definitions(pen);
    pen_close(pen, "}");
}

/* All operations have one object of definitions, with the operation before each name. */
static void put_operations(struct pen *pen)
{
    put_head(pen, "all");
    pen_string(pen, "title", "the document of any operation");
    pen_key(pen, "anyOf");
    for (unsigned number = OPERATION_CO; number <= OPERATION_FEEDBACK; number++) {
        buffer_printf(pen->out, "%s{\"$ref\": \"%s%s\"}", number == OPERATION_CO ? "[" : ", ",
                      pen->place, operation_name((enum operation)number));
    }
    buffer_text(pen->out, "]");
    pen_open(pen, "$defs", "{");
    for (unsigned number = OPERATION_CO; number <= OPERATION_FEEDBACK; number++) {
        char prefix[40];
        const char *name = operation_name((enum operation)number);
        (void)snprintf(prefix, sizeof prefix, "%s.", name);
        pen->prefix = prefix;
        pen->operations = OPERATION_BIT(number);
        pen_open(pen, name, "{");
        put_document(pen, (enum operation)number);
        pen_close(pen, "}");
        put_definitions(pen);
    }
    pen_close(pen, "}");
}

void schema_json(enum operation operation, struct buffer *out)
{
    struct pen pen = {.out = out, .depth = 1, .place = "#/$defs/"};
    if (operation != OPERATION_NONE && dataset_root(operation) == NULL) {
        return;
    }
    buffer_text(out, "{");
    if (operation == OPERATION_NONE) {
        put_operations(&pen);
    } else {
        put_operation(&pen, operation);
    }
    buffer_text(out, "\n}\n");
}
