/* The elements of the dataset. See elements.h. */
#include "tools/comesh/elements.h"

#include <stdio.h>

struct walk {
    void (*visit)(void *self, const struct element_row *row);
    void *self;
};

/* How often the element stands in one of its groups, in the operations of `operations`. */
static void count(const struct element *element, unsigned operations, struct element_row *row)
{
    for (unsigned number = OPERATION_CO; number <= OPERATION_FEEDBACK; number++) {
        char *out = row->counts[number - OPERATION_CO];
        const char *least = element_required(element, (enum operation)number) ? "1" : "0";
        if ((operations & OPERATION_BIT(number)) == 0) {
            out[0] = '\0';
        } else if (element->max_occurs == 1 && least[0] == '1') {
            (void)snprintf(out, ELEMENT_COUNT_BYTES, "1");
        } else {
            (void)snprintf(out, ELEMENT_COUNT_BYTES, "%s..%u", least,
                           (unsigned)element->max_occurs);
        }
    }
}

/* Recursion is as deep as the table, at most ELEMENT_DEPTH_MAX. */
static void walk_element(const struct walk *walk, const struct element *element, const char *around,
                         unsigned operations)
{
    struct element_row row = {.element = element};
    (void)snprintf(row.path, sizeof row.path, "%s%s%s", around, around[0] == '\0' ? "" : "/",
                   element->name);
    operations = element->allowed_in == 0 ? operations : operations & element->allowed_in;
    count(element, operations, &row);
    walk->visit(walk->self, &row);
    for (size_t i = 0; element->class != NULL && i < element->class->count; i++) {
        walk_element(walk, &element->class->members[i], row.path, operations);
    }
}

void elements_each(void (*visit)(void *self, const struct element_row *row), void *self)
{
    static const unsigned lpco = OPERATION_BIT(OPERATION_CO) | OPERATION_BIT(OPERATION_AMENDMENT);
    static const unsigned response =
        OPERATION_BIT(OPERATION_CANCELATION_STATUS) | OPERATION_BIT(OPERATION_FEEDBACK);
    struct walk walk = {visit, self};
    walk_element(&walk, dataset_root(OPERATION_CO), "", lpco);
    walk_element(&walk, dataset_root(OPERATION_FEEDBACK), "", response);
}

const char *element_length(const struct element *element, char out[ELEMENT_LENGTH_BYTES])
{
    unsigned length = (unsigned)element->max_length;
    out[0] = '\0';
    if (element->fraction_digits > 0) {
        (void)snprintf(out, ELEMENT_LENGTH_BYTES, "%u,%u", length,
                       (unsigned)element->fraction_digits);
    } else if (element->type != ELEMENT_GROUP && element->type != ELEMENT_INDICATOR &&
               element->type != ELEMENT_DATE_TIME) {
        (void)snprintf(out, ELEMENT_LENGTH_BYTES, "%u", length);
    }
    return out;
}

const char *element_kind(const struct element *element, char out[ELEMENT_KIND_BYTES])
{
    const struct attribute *attribute = element->attribute;
    const char *type = element->uuid ? "UUID" : element_type_text((enum element_type)element->type);
    bool optional = attribute != NULL && !attribute->required;
    (void)snprintf(out, ELEMENT_KIND_BYTES, "%s%s%s%s%s", type, attribute == NULL ? "" : " + ",
                   optional ? "[" : "", attribute == NULL ? "" : attribute->name,
                   optional ? "]" : "");
    return out;
}

const char *element_wco_id(const struct element *element)
{
    return element->class != NULL ? element->class->wco_id : element->wco_id;
}

static json_t *string_or_null(const char *string)
{
    return string == NULL ? json_null() : json_string(string);
}

json_t *element_json(const struct element_row *row)
{
    const struct element *element = row->element;
    const struct attribute *attribute = element->attribute;
    const char *list =
        element->codes == CODES_NONE ? NULL : code_list((enum code_list_id)element->codes)->name;
    json_t *counts = json_object();
    for (unsigned i = 0; i < ELEMENT_OPERATIONS; i++) {
        if (row->counts[i][0] != '\0') {
            (void)json_object_set_new(counts, operation_name((enum operation)(OPERATION_CO + i)),
                                      json_string(row->counts[i]));
        }
    }
    return json_pack(
        "{s:s, s:s, s:s, s:i, s:o, s:o, s:s, s:o, s:I, s:i, s:o, s:s, s:o, s:o}", "path", row->path,
        "name", element->name, "label", element->label, "tag", (int)element->tag, "wco_id",
        string_or_null(element_wco_id(element)), "oif_id", string_or_null(element->oif_id), "type",
        element_type_text((enum element_type)element->type), "attribute",
        string_or_null(attribute == NULL ? NULL : attribute->name), "length",
        (json_int_t)element->max_length, "fraction_digits", (int)element->fraction_digits, "list",
        string_or_null(list), "evidence", evidence_text((enum evidence)element->evidence), "note",
        string_or_null(element->note), "occurs", counts);
}
