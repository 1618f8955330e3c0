/* Writing the dataset as JSON. See json.h. */
#include "proto/json.h"

struct writer {
    struct buffer *out;
    bool pretty;
    unsigned depth;
};

/* What stands in a string as it is. */
static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\';
}

/* Whether one of eight bytes is zero. */
static bool has_zero(uint64_t eight)
{
    return ((eight - 0x0101010101010101ULL) & ~eight & 0x8080808080808080ULL) != 0;
}

/* The same of eight bytes at a time. */
static bool are_plain(const char *at)
{
    uint64_t eight;
    memcpy(&eight, at, sizeof eight);
    return !has_zero(eight & 0xe0e0e0e0e0e0e0e0ULL) && !has_zero(eight ^ 0x2222222222222222ULL) &&
           !has_zero(eight ^ 0x5c5c5c5c5c5c5c5cULL);
}

/* How many bytes at the front are plain. */
static size_t plain_size(struct text text)
{
    size_t size = 0;
    while (text.size - size >= 8 && are_plain(text.data + size)) {
        size += 8;
    }
    while (size < text.size && is_plain((uint8_t)text.data[size])) {
        size++;
    }
    return size;
}

/* Plain text in quotes, with what stands behind it. */
static void put_quoted(struct buffer *out, struct text plain, struct text behind)
{
    if (buffer_reserve(out, plain.size + behind.size + 2) != RESULT_OK) {
        return;
    }
    uint8_t *at = out->data + out->size;
    *at++ = '"';
    if (plain.size > 0) {
        at = mempcpy(at, plain.data, plain.size);
    }
    *at++ = '"';
    for (size_t i = 0; i < behind.size; i++) {
        *at++ = (uint8_t)behind.data[i];
    }
    out->size += plain.size + behind.size + 2;
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
    size_t plain = plain_size(text);
    if (plain == text.size) {
        put_quoted(out, text, TEXT(""));
        return;
    }
    buffer_byte(out, '"');
    while (text.size > 0) {
        buffer_append(out, text.data, plain);
        if (plain < text.size) {
            escape((uint8_t)text.data[plain++], out);
        }
        text = (struct text){text.data + plain, text.size - plain};
        plain = plain_size(text);
    }
    buffer_byte(out, '"');
}

void json_write_name(struct text name, struct buffer *out)
{
    put_quoted(out, name, TEXT(":"));
}

static void new_line(struct writer *writer)
{
    static const char blanks[] = "                                        ";
    if (writer->pretty) {
        size_t indent = (size_t)writer->depth * 2;
        buffer_byte(writer->out, '\n');
        buffer_append(writer->out, blanks, indent < sizeof blanks - 1 ? indent : sizeof blanks - 1);
    }
}

static void open_bracket(struct writer *writer, char bracket)
{
    buffer_byte(writer->out, bracket);
    writer->depth++;
    new_line(writer);
}

static void close_bracket(struct writer *writer, char bracket)
{
    writer->depth--;
    new_line(writer);
    buffer_byte(writer->out, bracket);
}

static void write_name(struct writer *writer, const struct element *element)
{
    put_quoted(writer->out, (struct text){element->name, element->name_size},
               writer->pretty ? TEXT(": ") : TEXT(":"));
}

static void put_text(struct buffer *out, struct text text)
{
    buffer_append(out, text.data, text.size);
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
    put_text(out, writer->pretty ? TEXT("{ \"Value\": ") : TEXT("{\"Value\":"));
    json_write_string(node->value, out);
    put_text(out, writer->pretty ? TEXT(", ") : TEXT(","));
    put_quoted(out, text_of(element->attribute->name), writer->pretty ? TEXT(": ") : TEXT(":"));
    json_write_string(node->attribute, out);
    put_text(out, writer->pretty ? TEXT(" }") : TEXT("}"));
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
    open_bracket(writer, '[');
    write_node(writer, node);
    for (node = node->next; node != NULL && node->element == element; node = node->next) {
        buffer_byte(writer->out, ',');
        new_line(writer);
        write_node(writer, node);
    }
    close_bracket(writer, ']');
    return node;
}

static void write_group(struct writer *writer, const struct node *group)
{
    const struct node *node = group->first;
    if (node == NULL) {
        buffer_text(writer->out, "{}");
        return;
    }
    open_bracket(writer, '{');
    while ((node = write_member(writer, node)) != NULL) {
        buffer_byte(writer->out, ',');
        new_line(writer);
    }
    close_bracket(writer, '}');
}

void json_write(const struct record *record, bool pretty, struct buffer *out)
{
    struct writer writer = {.out = out, .pretty = pretty};
    open_bracket(&writer, '{');
    write_name(&writer, record->root.element);
    write_group(&writer, &record->root);
    close_bracket(&writer, '}');
    if (pretty) {
        buffer_byte(out, '\n');
    }
}
