/* Writing the dataset as JSON. See json.h. */
#include "proto/json.h"

struct writer {
    struct buffer *out;
    bool pretty;
    unsigned depth;
};

static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\';
}

static void escape(uint8_t byte, struct buffer *out)
{
    static const char letters[] = "btnfr"; /* behind 0x08, 0x09, 0x0a, 0x0c, 0x0d */
    static const char controls[] = "\b\t\n\f\r";
    const char *known = byte == 0 ? NULL : strchr(controls, byte);
    if (known != NULL) {
        buffer_append(out, (char[]){'\\', letters[known - controls]}, 2);
    } else if (byte < 0x20) {
        buffer_printf(out, "\\u%04x", byte);
    } else {
        buffer_append(out, (char[]){'\\', (char)byte}, 2);
    }
}

void json_write_string(struct text text, struct buffer *out)
{
    buffer_append(out, "\"", 1);
    size_t from = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (!is_plain((uint8_t)text.data[i])) {
            buffer_append(out, text.data + from, i - from);
            escape((uint8_t)text.data[i], out);
            from = i + 1;
        }
    }
    if (text.size > from) {
        buffer_append(out, text.data + from, text.size - from);
    }
    buffer_append(out, "\"", 1);
}

static void new_line(struct writer *writer)
{
    static const char blanks[] = "                                        ";
    if (writer->pretty) {
        size_t indent = (size_t)writer->depth * 2;
        buffer_append(writer->out, "\n", 1);
        buffer_append(writer->out, blanks, indent < sizeof blanks - 1 ? indent : sizeof blanks - 1);
    }
}

static void open_bracket(struct writer *writer, const char *bracket)
{
    buffer_append(writer->out, bracket, 1);
    writer->depth++;
    new_line(writer);
}

static void close_bracket(struct writer *writer, const char *bracket)
{
    writer->depth--;
    new_line(writer);
    buffer_append(writer->out, bracket, 1);
}

static void write_name(struct writer *writer, const struct element *element)
{
    buffer_append(writer->out, "\"", 1);
    buffer_append(writer->out, element->name, element->name_size);
    buffer_append(writer->out, "\": ", writer->pretty ? 3 : 2);
}

static void write_leaf(struct writer *writer, const struct node *node)
{
    const struct element *element = node->element;
    struct buffer *out = writer->out;
    if (element->type == ELEMENT_INTEGER || element->type == ELEMENT_INDICATOR) {
        buffer_append(out, node->value.data, node->value.size);
        return;
    }
    if (node->attribute.data == NULL) {
        json_write_string(node->value, out);
        return;
    }
    buffer_text(out, writer->pretty ? "{ \"Value\": " : "{\"Value\":");
    json_write_string(node->value, out);
    buffer_text(out, writer->pretty ? ", \"" : ",\"");
    buffer_text(out, element->attribute->name);
    buffer_text(out, writer->pretty ? "\": " : "\":");
    json_write_string(node->attribute, out);
    buffer_text(out, writer->pretty ? " }" : "}");
}

/* Recursion is as deep as the table, at most ELEMENT_DEPTH_MAX. */
static void write_group(struct writer *writer, const struct node *group);

static void write_node(struct writer *writer, const struct node *node)
{
    if (node->element->type == ELEMENT_GROUP) {
        write_group(writer, node);
    } else {
        write_leaf(writer, node);
    }
}

/* One member: a value, or the array of all occurrences. Returns the node behind it. */
static const struct node *write_member(struct writer *writer, const struct node *node)
{
    const struct element *element = node->element;
    write_name(writer, element);
    if (element->max_occurs == 1) {
        write_node(writer, node);
        return node->next;
    }
    open_bracket(writer, "[");
    write_node(writer, node);
    for (node = node->next; node != NULL && node->element == element; node = node->next) {
        buffer_append(writer->out, ",", 1);
        new_line(writer);
        write_node(writer, node);
    }
    close_bracket(writer, "]");
    return node;
}

static void write_group(struct writer *writer, const struct node *group)
{
    const struct node *node = group->first;
    if (node == NULL) {
        buffer_text(writer->out, "{}");
        return;
    }
    open_bracket(writer, "{");
    while ((node = write_member(writer, node)) != NULL) {
        buffer_append(writer->out, ",", 1);
        new_line(writer);
    }
    close_bracket(writer, "}");
}

void json_write(const struct record *record, bool pretty, struct buffer *out)
{
    struct writer writer = {.out = out, .pretty = pretty};
    open_bracket(&writer, "{");
    write_name(&writer, record->root.element);
    write_group(&writer, &record->root);
    close_bracket(&writer, "}");
    if (pretty) {
        buffer_append(out, "\n", 1);
    }
}
