/* Reading the dataset from XML: single values and their attributes. See xml.h. */
#include "proto/xml_reader.h"

#include <stdio.h>

#define DATE_ELEMENT "DateTimeString"

/* Attributes of XML begin with a small letter: UnitCode is unitCode. */
static bool is_named(const struct attribute *attribute, struct text name)
{
    return name.size > 0 && name.size == strlen(attribute->name) &&
           name.data[0] == (attribute->name[0] | 0x20) &&
           memcmp(name.data + 1, attribute->name + 1, name.size - 1) == 0;
}

bool xml_read_attributes(struct xml_reader *reader, struct node *node,
                         const struct attribute *attribute)
{
    struct xml_cursor *cursor = &reader->cursor;
    while (xml_next_attribute(cursor)) {
        struct text name = xml_name(cursor);
        if (attribute != NULL && xml_namespace(cursor).size == 0 && is_named(attribute, name)) {
            node->attribute = arena_text(reader->record->arena, xml_text(cursor));
            if (node->attribute.data == NULL) {
                cursor->no_memory = true;
                return false;
            }
            continue;
        }
        char place[PLACE_MAX_BYTES];
        char quoted[QUOTE_BYTES];
        (void)finding_quote(name, quoted);
        XML_REFUSE(reader, "unknown-element", node == NULL ? NULL : node->element,
                   xml_below_place(node, "/@", quoted, place),
                   "has the attribute '%s', which is not in the dataset; take it out", quoted);
    }
    return true;
}

/* What may not stand within a value, and would make two readers read two values. */
static bool refuse_within(struct xml_reader *reader, const struct node *node, enum xml_event event)
{
    char place[PLACE_MAX_BYTES];
    char quoted[QUOTE_BYTES];
    const struct element *element = node == NULL ? NULL : node->element;
    (void)xml_node_place(node, place);
    if (event == XML_EVENT_START) {
        XML_REFUSE(reader, "wrong-type", element, text_of(place),
                   "has the element '%s' where text is expected; write text",
                   finding_quote(xml_name(&reader->cursor), quoted));
        return xml_skip(&reader->cursor);
    }
    XML_REFUSE(reader, "not-accepted", element, text_of(place),
               "has %s within its value; take it out",
               event == XML_EVENT_COMMENT ? "a comment" : "a processing instruction");
    return true;
}

bool xml_read_text(struct xml_reader *reader, const struct node *node, struct text *text)
{
    struct buffer *value = &reader->value;
    buffer_clear(value);
    for (;;) {
        enum xml_event event = xml_next(&reader->cursor);
        struct text piece;
        switch (event) {
        case XML_EVENT_TEXT:
            piece = xml_text(&reader->cursor);
            buffer_append(value, piece.data, piece.size);
            break;
        case XML_EVENT_END:
            *text = arena_text(reader->record->arena, buffer_view(value));
            reader->cursor.no_memory = value->failed || text->data == NULL;
            return !reader->cursor.no_memory;
        case XML_EVENT_FAILED:
        case XML_EVENT_CLOSED:
            return false;
        default:
            if (!refuse_within(reader, node, event)) {
                return false;
            }
        }
    }
}

/* <IssueDateTime><DateTimeString formatCode="304">…</DateTimeString></IssueDateTime> */
static bool read_date(struct xml_reader *reader, struct node *node)
{
    char place[PLACE_MAX_BYTES];
    bool seen = false;
    if (!xml_read_attributes(reader, node, NULL)) {
        return false;
    }
    for (;;) {
        enum xml_event event = xml_next_child(reader, node);
        if (event == XML_EVENT_END) {
            break;
        }
        bool known = event == XML_EVENT_START && xml_is_ours(reader) &&
                     text_equal(xml_name(&reader->cursor), TEXT(DATE_ELEMENT));
        bool taken = false;
        if (known && seen) {
            XML_REFUSE(reader, "duplicate-name", node->element,
                       xml_below_place(node, "/", DATE_ELEMENT, place), "has two %s; write one",
                       DATE_ELEMENT);
            taken = xml_skip(&reader->cursor);
        } else if (known) {
            seen = true;
            taken = xml_read_attributes(reader, node, node->element->attribute) &&
                    xml_read_text(reader, node, &node->value);
        } else {
            taken = event == XML_EVENT_START && xml_unknown(reader, node, DATE_ELEMENT);
        }
        if (!taken) {
            return false;
        }
    }
    if (!seen) {
        XML_REFUSE(reader, "missing", node->element, xml_node_place(node, place),
                   "lacks its %s; write <%s formatCode=\"…\">…</%s>", DATE_ELEMENT, DATE_ELEMENT,
                   DATE_ELEMENT);
    }
    return true;
}

bool xml_read_leaf(struct xml_reader *reader, struct node *node)
{
    if (node->element->type == ELEMENT_DATE_TIME) {
        return read_date(reader, node);
    }
    return xml_read_attributes(reader, node, node->element->attribute) &&
           xml_read_text(reader, node, &node->value);
}
