/* Writing the dataset as XML. See xml.h. */
#include "proto/xml.h"

struct writer {
    struct buffer *out;
    bool pretty;
    unsigned depth;
};

/* Characters that would be read as something else. A line feed in an attribute would be read as a
 * blank, a carriage return as a line feed (XML 1.0, 2.11 and 3.3.3). */
static const char *escaped(char character, bool attribute)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '\r':
        return "&#13;";
    case '"':
        return attribute ? "&quot;" : NULL;
    case '\n':
        return attribute ? "&#10;" : NULL;
    case '\t':
        return attribute ? "&#9;" : NULL;
    default:
        return NULL;
    }
}

static void write_escaped(struct text text, bool attribute, struct buffer *out)
{
    size_t from = 0;
    for (size_t i = 0; i < text.size; i++) {
        const char *escape = escaped(text.data[i], attribute);
        if (escape != NULL) {
            buffer_append(out, text.data + from, i - from);
            buffer_text(out, escape);
            from = i + 1;
        }
    }
    if (text.size > from) {
        buffer_append(out, text.data + from, text.size - from);
    }
}

static void new_line(struct writer *writer)
{
    if (writer->pretty) {
        buffer_printf(writer->out, "\n%*s", (int)writer->depth * 2, "");
    }
}

static void open_element(struct writer *writer, const char *name)
{
    new_line(writer);
    buffer_text(writer->out, "<");
    buffer_text(writer->out, name);
    writer->depth++;
}

static void close_element(struct writer *writer, const char *name)
{
    buffer_text(writer->out, "</");
    buffer_text(writer->out, name);
    buffer_text(writer->out, ">");
}

static void write_leaf(struct writer *writer, const struct node *node)
{
    struct buffer *out = writer->out;
    bool date = node->element->type == ELEMENT_DATE_TIME;
    open_element(writer, node->element->name);
    buffer_text(out, date ? "><DateTimeString" : "");
    if (node->attribute.data != NULL) {
        const char *name = node->element->attribute->name;
        char small = (char)(name[0] | 0x20);
        buffer_text(out, " ");
        buffer_append(out, &small, 1);
        buffer_text(out, name + 1);
        buffer_text(out, "=\"");
        write_escaped(node->attribute, true, out);
        buffer_text(out, "\"");
    }
    buffer_text(out, ">");
    write_escaped(node->value, false, out);
    buffer_text(out, date ? "</DateTimeString>" : "");
    writer->depth--;
    close_element(writer, node->element->name);
}

/* Recursion is as deep as the table, at most ELEMENT_DEPTH_MAX. */
static void write_group(struct writer *writer, const struct node *group)
{
    open_element(writer, group->element->name);
    buffer_text(writer->out, ">");
    for (const struct node *node = group->first; node != NULL; node = node->next) {
        if (node->element->type == ELEMENT_GROUP) {
            write_group(writer, node);
        } else {
            write_leaf(writer, node);
        }
    }
    writer->depth--;
    new_line(writer);
    close_element(writer, group->element->name);
}

void xml_write(const struct record *record, bool pretty, struct buffer *out)
{
    struct writer writer = {.out = out, .pretty = pretty};
    buffer_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    buffer_text(out, pretty ? "" : "\n");
    open_element(&writer, "MetaData");
    buffer_text(out, " xmlns=\"" XML_NAMESPACE "\">");
    for (size_t i = 0; i < XML_HEADING_COUNT; i++) {
        open_element(&writer, xml_headings[i].name);
        buffer_text(out, ">");
        buffer_text(out, xml_headings[i].value);
        writer.depth--;
        close_element(&writer, xml_headings[i].name);
    }
    write_group(&writer, &record->root);
    writer.depth--;
    new_line(&writer);
    close_element(&writer, "MetaData");
    buffer_text(out, pretty ? "\n" : "");
}
