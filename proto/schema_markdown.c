/* The dataset as tables in Markdown. See schema.h. */
#include "proto/schema.h"
#include "proto/schema_parts.h"

/* A letter for each operation, in the order of their numbers. */
static const char letters[] = "-CASF";

static void put_letters(unsigned operations, struct buffer *out)
{
    for (unsigned number = OPERATION_CO; number <= OPERATION_FEEDBACK; number++) {
        if ((operations & OPERATION_BIT(number)) != 0) {
            buffer_append(out, &letters[number], 1);
        }
    }
}

/* Text in a cell: a bar would end it. */
static void put_cell(const char *text, struct buffer *out)
{
    for (; *text != '\0'; text++) {
        buffer_text(out, *text == '|' ? "\\" : "");
        buffer_append(out, text, 1);
    }
}

static void put_list(const struct code_list *list, struct buffer *out)
{
    buffer_printf(out, "| %s | ", list->name);
    put_cell(list->title, out);
    buffer_text(out, " | ");
    if (list->shape != NULL) {
        put_cell(list->shape_hint, out);
    } else if (list->count > SCHEMA_LABELS_MAX) {
        buffer_printf(out, "%zu codes: `comesh codes show %s`", list->count, list->name);
    } else {
        for (size_t i = 0; i < list->count; i++) {
            buffer_printf(out, "%s%s ", i == 0 ? "" : ", ", list->codes[i].code);
            put_cell(list->codes[i].label, out);
        }
    }
    buffer_text(out, " | ");
    put_cell(list->source, out);
    buffer_text(out, " |\n");
}

static void put_type(const struct element *element, struct buffer *out)
{
    buffer_text(out, element->uuid ? "UUID" : element_type_text((enum element_type)element->type));
    if (element->attribute != NULL) {
        buffer_printf(out, " + %s%s", element->attribute->name,
                      element->attribute->required ? "" : " (optional)");
    }
}

static void put_length(const struct element *element, struct buffer *out)
{
    unsigned length = (unsigned)element->max_length;
    switch ((enum element_type)element->type) {
    case ELEMENT_TEXT:
    case ELEMENT_IDENTIFIER:
    case ELEMENT_CODE:
        buffer_printf(out, "%u", length);
        break;
    case ELEMENT_INTEGER:
        buffer_printf(out, "%u digits", length);
        break;
    case ELEMENT_DECIMAL:
    case ELEMENT_MEASURE:
    case ELEMENT_AMOUNT:
        buffer_printf(out, "%u,%u digits", length, (unsigned)element->fraction_digits);
        break;
    case ELEMENT_GROUP:
    case ELEMENT_INDICATOR:
    case ELEMENT_DATE_TIME:
        break;
    }
}

static void put_ids(const struct element *element, struct buffer *out)
{
    const char *wco = element->class != NULL ? element->class->wco_id : element->wco_id;
    const char *oif = element->oif_id;
    buffer_printf(out, "%s%s%s", wco == NULL ? "" : wco, wco != NULL && oif != NULL ? ", " : "",
                  oif == NULL ? "" : oif);
}

static void put_element(const struct schema_parts *parts, const struct schema_class *row,
                        const struct element *element, struct buffer *out)
{
    buffer_printf(out, "| %u | %s", (unsigned)element->tag, element->name);
    const struct schema_class *class =
        element->class == NULL ? NULL : schema_class_of(parts, element->class);
    if (class != NULL && strcmp(class->name, element->name) != 0) {
        buffer_printf(out, " → %s", class->name);
    }
    buffer_text(out, " | ");
    put_cell(element->label, out);
    if (element->note != NULL) {
        buffer_text(out, "; ");
        put_cell(element->note, out);
    }
    if (element->allowed_in != 0) {
        buffer_text(out, "; only in ");
        put_letters(element->allowed_in, out);
    }
    buffer_text(out, " | ");
    put_type(element, out);
    buffer_text(out, " | ");
    put_length(element, out);
    buffer_printf(out, " | %u | ", (unsigned)element->max_occurs);
    put_letters(element->required_in & row->operations, out);
    buffer_text(out, " | ");
    put_ids(element, out);
    buffer_printf(out, " | %s | %s |\n",
                  element->codes == CODES_NONE ? ""
                                               : code_list((enum code_list_id)element->codes)->name,
                  evidence_text((enum evidence)element->evidence));
}

static void put_class(const struct schema_parts *parts, const struct schema_class *row,
                      struct buffer *out)
{
    const struct element_class *class = row->class;
    buffer_printf(out, "\n**%s**%s%s, in ", row->name, class->wco_id == NULL ? "" : ", WCO class ",
                  class->wco_id == NULL ? "" : class->wco_id);
    put_letters(row->operations, out);
    buffer_text(out,
                "\n\n| tag | name | what it is | type | at most | occurs | required in | ids | "
                "list | evidence |\n|---:|---|---|---|---|---:|---|---|---|---|\n");
    for (size_t i = 0; i < class->count; i++) {
        put_element(parts, row, &class->members[i], out);
    }
}

void schema_markdown(struct buffer *out)
{
    struct schema_parts parts;
    schema_parts_find(&parts);
    buffer_text(out, "### Code lists\n\n| list | what | accepted | source |\n|---|---|---|---|\n");
    for (size_t i = 0; i < parts.type_count; i++) {
        if (parts.types[i].type == ELEMENT_CODE && parts.types[i].attribute == NULL) {
            put_list(code_list(parts.types[i].codes), out);
        }
    }
    buffer_text(out, "\n### Elements\n\nLetters are operations:");
    for (unsigned number = OPERATION_CO; number <= OPERATION_FEEDBACK; number++) {
        buffer_printf(out, "%s %c %s", number == OPERATION_CO ? "" : ",", letters[number],
                      operation_word((enum operation)number));
    }
    buffer_text(out, ". An arrow names the class of a group whose name differs.\n");
    for (size_t i = 0; i < parts.class_count; i++) {
        put_class(&parts, &parts.classes[i], out);
    }
}
