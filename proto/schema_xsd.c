/* The dataset as XML Schema 1.0. See schema.h. */
#include "proto/schema.h"
#include "proto/schema_parts.h"
#include "proto/utf8.h"
#include "proto/xml.h"

#include <stdio.h>

#define SCHEMA_CODES_A_LINE 8 /* of a long list */

/* Writes a line with its indent. */
static void put_indent(unsigned depth, struct buffer *out)
{
    buffer_printf(out, "%*s", (int)depth * 2, "");
}

/* The text of an attribute, in ASCII. */
static void put_escaped(struct text text, struct buffer *out)
{
    while (text.size > 0) {
        uint32_t point = utf8_next(&text);
        if (point < 0x20 || point > 0x7e || point == '&' || point == '<' || point == '"') {
            buffer_printf(out, "&#x%X;", point);
        } else {
            buffer_append(out, (char[]){(char)point}, 1);
        }
    }
}

static void put_facet(unsigned depth, const char *facet, struct text value, struct buffer *out)
{
    put_indent(depth, out);
    buffer_printf(out, "<xs:%s value=\"", facet);
    put_escaped(value, out);
    buffer_text(out, "\"/>\n");
}

static void put_about(unsigned depth, const char *about, struct buffer *out)
{
    put_indent(depth, out);
    buffer_text(out, "<xs:annotation><xs:documentation>");
    put_escaped(text_of(about), out);
    buffer_text(out, "</xs:documentation></xs:annotation>\n");
}

/* ---- types of values ---- */

static void put_code(const char *code, struct buffer *out)
{
    buffer_text(out, "<xs:enumeration value=\"");
    put_escaped(text_of(code), out);
    buffer_text(out, "\"");
}

static void put_codes(const struct code_list *list, struct buffer *out)
{
    bool labels = list->count <= SCHEMA_LABELS_MAX;
    for (size_t i = 0; list->shape == NULL && i < list->count; i++) {
        if (labels) {
            put_indent(3, out);
            put_code(list->codes[i].code, out);
            buffer_text(out, "><xs:annotation><xs:documentation>");
            put_escaped(text_of(list->codes[i].label), out);
            buffer_text(out, "</xs:documentation></xs:annotation></xs:enumeration>\n");
        } else {
            bool first = i % SCHEMA_CODES_A_LINE == 0;
            put_indent(first ? 3 : 0, out);
            put_code(list->codes[i].code, out);
            bool last = i + 1 == list->count || (i + 1) % SCHEMA_CODES_A_LINE == 0;
            buffer_text(out, last ? "/>\n" : "/>");
        }
    }
}

static void put_facets(const struct schema_type *type, struct buffer *out)
{
    if (schema_base_of(type) != NULL) {
        char digits[16];
        (void)snprintf(digits, sizeof digits, "%u", (unsigned)type->length);
        put_facet(3, "maxLength", text_of(digits), out);
        return;
    }
    struct buffer pattern = {0};
    schema_pattern(type, true, &pattern);
    if (pattern.size > 0) {
        put_facet(3, "pattern", buffer_view(&pattern), out);
    }
    if (type->type == ELEMENT_CODE) {
        put_codes(code_list(type->codes), out);
    } else if (type->type == ELEMENT_INDICATOR) {
        put_facet(3, "enumeration", TEXT("true"), out);
        put_facet(3, "enumeration", TEXT("false"), out);
    }
    buffer_free(&pattern);
}

static void put_simple(const struct schema_type *type, const char *name, struct buffer *out)
{
    buffer_printf(out, "  <xs:simpleType name=\"%s\">\n", name);
    if (type->type == ELEMENT_CODE) {
        const struct code_list *list = code_list(type->codes);
        struct buffer about = {0};
        buffer_printf(&about, "%s, %s%s%s", list->title, list->source,
                      list->shape == NULL ? "" : ": ", list->shape == NULL ? "" : list->shape_hint);
        buffer_append(&about, "", 1);
        put_about(2, (const char *)about.data, out);
        buffer_free(&about);
    }
    const struct schema_type *base = schema_base_of(type);
    buffer_printf(out, "    <xs:restriction base=\"%s\">\n",
                  base == NULL ? "xs:string" : base->name);
    put_facets(type, out);
    buffer_text(out, "    </xs:restriction>\n  </xs:simpleType>\n");
}

/* Text of type `base` with an attribute. */
static void put_attributed(unsigned depth, const char *base, const struct attribute *attribute,
                           struct buffer *out)
{
    char name[ELEMENT_NAME_BYTES];
    char type[SCHEMA_NAME_BYTES];
    put_indent(depth, out);
    buffer_printf(out, "<xs:simpleContent><xs:extension base=\"%s\">\n", base);
    put_indent(depth + 1, out);
    buffer_printf(out, "<xs:attribute name=\"%s\" type=\"%s\"%s/>\n",
                  schema_attribute_name(attribute, name), schema_attribute_type(attribute, type),
                  attribute->required ? " use=\"required\"" : "");
    put_indent(depth, out);
    buffer_text(out, "</xs:extension></xs:simpleContent>\n");
}

static void put_date(const struct schema_type *type, struct buffer *out)
{
    put_simple(type, "date-or-time", out);
    buffer_printf(out,
                  "  <xs:complexType name=\"%s\">\n"
                  "    <xs:sequence>\n"
                  "      <xs:element name=\"DateTimeString\">\n"
                  "        <xs:complexType>\n",
                  type->name);
    put_attributed(5, "date-or-time", type->attribute, out);
    buffer_text(out, "        </xs:complexType>\n"
                     "      </xs:element>\n"
                     "    </xs:sequence>\n"
                     "  </xs:complexType>\n");
}

static void put_type(const struct schema_type *type, struct buffer *out)
{
    if (type->type == ELEMENT_DATE_TIME) {
        put_date(type, out);
    } else if (type->attribute == NULL) {
        put_simple(type, type->name, out);
    } else {
        char name[ELEMENT_NAME_BYTES];
        char plain[SCHEMA_NAME_BYTES];
        size_t size = strlen(schema_attribute_name(type->attribute, name)) + 1;
        (void)snprintf(plain, sizeof plain, "%.*s", (int)(strlen(type->name) - size), type->name);
        buffer_printf(out, "  <xs:complexType name=\"%s\">\n", type->name);
        put_attributed(2, plain, type->attribute, out);
        buffer_text(out, "  </xs:complexType>\n");
    }
}

/* ---- classes ---- */

/* XML Schema knows the document and not the operation: required is what all of them require. */
static bool is_required(const struct schema_class *row, const struct element *element)
{
    return (row->operations & ~(unsigned)element->required_in) == 0;
}

static void put_element(const struct schema_parts *parts, const struct element *element,
                        bool required, unsigned depth, bool explained, struct buffer *out)
{
    char name[SCHEMA_NAME_BYTES];
    char label[ELEMENT_LABEL_BYTES];
    const char *type = element->type == ELEMENT_GROUP ? schema_class_of(parts, element->class)->name
                                                      : schema_type_name(element, true, name);
    put_indent(depth, out);
    buffer_printf(out, "<xs:element name=\"%s\" type=\"%s\"%s", element->name, type,
                  required ? "" : " minOccurs=\"0\"");
    if (element->max_occurs > 1) {
        buffer_printf(out, " maxOccurs=\"%u\"", (unsigned)element->max_occurs);
    }
    if (!explained) {
        buffer_text(out, "/>\n");
        return;
    }
    buffer_text(out, "><xs:annotation><xs:documentation>");
    put_escaped(text_of(element->label), out);
    buffer_printf(out, "; %s; %s", element_label(element, label),
                  evidence_text((enum evidence)element->evidence));
    buffer_text(out, "</xs:documentation></xs:annotation></xs:element>\n");
}

/* A group must not be empty. Where no member is required, one of them is the first: a choice of
 * sequences, each beginning with another member. */
static void put_not_empty(const struct schema_parts *parts, const struct element_class *class,
                          struct buffer *out)
{
    buffer_text(out, "    <xs:choice>\n");
    for (size_t first = 0; first < class->count; first++) {
        buffer_text(out, "      <xs:sequence>\n");
        for (size_t i = first; i < class->count; i++) {
            put_element(parts, &class->members[i], i == first, 4, first == i, out);
        }
        buffer_text(out, "      </xs:sequence>\n");
    }
    buffer_text(out, "    </xs:choice>\n");
}

static void put_class(const struct schema_parts *parts, const struct schema_class *row,
                      struct buffer *out)
{
    const struct element_class *class = row->class;
    bool required = false;
    for (size_t i = 0; i < class->count; i++) {
        required = required || is_required(row, &class->members[i]);
    }
    buffer_printf(out, "  <xs:complexType name=\"%s\">\n", row->name);
    if (required) {
        buffer_text(out, "    <xs:sequence>\n");
        for (size_t i = 0; i < class->count; i++) {
            const struct element *member = &class->members[i];
            put_element(parts, member, is_required(row, member), 3, true, out);
        }
        buffer_text(out, "    </xs:sequence>\n");
    } else {
        put_not_empty(parts, class, out);
    }
    buffer_text(out, "  </xs:complexType>\n");
}

/* ---- the document ---- */

static void put_wrapper(const struct schema_parts *parts, struct buffer *out)
{
    buffer_text(out, "  <xs:element name=\"MetaData\">\n"
                     "    <xs:complexType>\n"
                     "      <xs:sequence>\n");
    for (size_t i = 0; i < XML_HEADING_COUNT; i++) {
        buffer_printf(out,
                      "        <xs:element name=\"%s\">\n"
                      "          <xs:simpleType><xs:restriction base=\"xs:string\">"
                      "<xs:enumeration value=\"%s\"/></xs:restriction></xs:simpleType>\n"
                      "        </xs:element>\n",
                      xml_headings[i].name, xml_headings[i].value);
    }
    buffer_text(out, "        <xs:choice>\n");
    put_element(parts, dataset_root(OPERATION_CO), true, 5, true, out);
    put_element(parts, dataset_root(OPERATION_FEEDBACK), true, 5, true, out);
    buffer_text(out, "        </xs:choice>\n"
                     "      </xs:sequence>\n"
                     "    </xs:complexType>\n"
                     "  </xs:element>\n");
}

void schema_xsd(struct buffer *out)
{
    struct schema_parts parts;
    schema_parts_find(&parts);
    buffer_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<!-- Generated from the dataset of comesh, whose binding this is. -->\n"
                     "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"\n"
                     "           xmlns=\"" XML_NAMESPACE "\"\n"
                     "           targetNamespace=\"" XML_NAMESPACE "\"\n"
                     "           elementFormDefault=\"qualified\">\n");
    put_wrapper(&parts, out);
    for (size_t i = 0; i < parts.class_count; i++) {
        put_class(&parts, &parts.classes[i], out);
    }
    for (size_t i = 0; i < SCHEMA_BASE_COUNT; i++) {
        put_type(&schema_bases[i], out);
    }
    for (size_t i = 0; i < parts.type_count; i++) {
        put_type(&parts.types[i], out);
    }
    buffer_text(out, "</xs:schema>\n");
}
