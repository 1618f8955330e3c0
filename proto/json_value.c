/* Reading the dataset from JSON: single values. See json.h. */
#include "proto/json_reader.h"

#include <stdio.h>

#define INTEGER_MAX_DIGITS 18

static struct node *slot_node(struct json_reader *reader, struct json_slot *slot)
{
    struct node *node = slot->elder != NULL
                            ? record_add_behind(reader->record, slot->elder)
                            : record_add(reader->record, slot->group, slot->element);
    if (node == NULL) {
        reader->cursor.no_memory = true;
        (void)json_fail(&reader->cursor, "there is no memory for the document");
        return NULL;
    }
    slot->elder = node;
    return node;
}

static bool needs_attribute(const struct element *element)
{
    return element->attribute != NULL && element->attribute->required;
}

static const char *kind_found(char first)
{
    switch (first) {
    case '"':
        return "a string";
    case '{':
        return "an object";
    case '[':
        return "an array";
    case 't':
    case 'f':
        return "true or false";
    case 'n':
        return "null";
    default:
        return "a number";
    }
}

static const char *kind_wanted(const struct element *element, char out[96])
{
    if (needs_attribute(element)) {
        (void)snprintf(out, 96, "an object {\"Value\": \"…\", \"%s\": \"…\"}",
                       element->attribute->name);
        return out;
    }
    switch ((enum element_type)element->type) {
    case ELEMENT_GROUP:
        return "an object";
    case ELEMENT_INTEGER:
        return "a whole number without quotes, sign, fraction or exponent";
    case ELEMENT_INDICATOR:
        return "true or false";
    case ELEMENT_DECIMAL:
        return "a string in quotes, so that the decimal stays exact";
    default:
        return "a string in quotes";
    }
}

bool json_wrong_type(struct json_reader *reader, const struct json_slot *slot, const char *wanted)
{
    char place[PLACE_MAX_BYTES];
    char buffer[96];
    char first = json_peek(&reader->cursor);
    if (!json_skip(&reader->cursor, slot->depth)) {
        return false;
    }
    JSON_REFUSE(reader, "wrong-type", slot->element,
                element_place(slot->group, slot->element, slot->index, place), "is %s; write %s%s",
                kind_found(first), wanted != NULL ? wanted : kind_wanted(slot->element, buffer),
                first == 'n' ? ", or leave it out" : "");
    return true;
}

/* Takes a string for the slot, and refuses it when half a surrogate pair is in it. */
static bool take_text(struct json_reader *reader, const struct json_slot *slot, struct text *out)
{
    if (!json_take_string(&reader->cursor, out)) {
        return false;
    }
    if (reader->cursor.lone_surrogate) {
        char place[PLACE_MAX_BYTES];
        JSON_REFUSE(
            reader, "lone-surrogate", slot->element,
            element_place(slot->group, slot->element, slot->index, place),
            "has half a surrogate pair, which is no character; mend the text at its source");
    }
    return true;
}

/* One member of {"Value": …, "UnitCode": …}; what it names is in `values`. */
static bool read_pair_member(struct json_reader *reader, const struct json_slot *slot,
                             struct text values[2])
{
    const struct attribute *attribute = slot->element->attribute;
    char place[PLACE_MAX_BYTES];
    char quoted[QUOTE_BYTES];
    struct text name;
    if (!json_take_string(&reader->cursor, &name) ||
        !json_take(&reader->cursor, ':', "a colon is expected behind a name")) {
        return false;
    }
    bool value = text_equal(name, TEXT("Value"));
    if (!value && !text_equal(name, text_of(attribute->name))) {
        JSON_REFUSE(reader, "unknown-element", slot->element,
                    element_place(slot->group, slot->element, slot->index, place),
                    "has '%s', which is not known here; write Value and %s",
                    finding_quote(name, quoted), attribute->name);
        return json_skip(&reader->cursor, slot->depth + 1);
    }
    struct text *to = &values[value ? 0 : 1];
    if (to->data != NULL) {
        JSON_REFUSE(reader, "duplicate-name", slot->element,
                    element_place(slot->group, slot->element, slot->index, place),
                    "has %s more than once; write it once", value ? "Value" : attribute->name);
    }
    if (json_peek(&reader->cursor) != '"') {
        JSON_REFUSE(reader, "wrong-type", slot->element,
                    element_place(slot->group, slot->element, slot->index, place),
                    "has as %s %s; write a string in quotes", value ? "Value" : attribute->name,
                    kind_found(json_peek(&reader->cursor)));
        *to = TEXT("");
        return json_skip(&reader->cursor, slot->depth + 1);
    }
    return take_text(reader, slot, to);
}

static bool read_pair(struct json_reader *reader, struct json_slot *slot)
{
    struct text values[2] = {{NULL, 0}, {NULL, 0}};
    struct json_cursor *cursor = &reader->cursor;
    cursor->at++;
    json_blanks(cursor);
    while (json_peek(cursor) != '}') {
        if (!read_pair_member(reader, slot, values)) {
            return false;
        }
        json_blanks(cursor);
        if (json_peek(cursor) == '}') {
            break;
        }
        if (!json_take(cursor, ',', "a comma or a closing bracket is expected")) {
            return false;
        }
        if (json_peek(cursor) == '}') {
            return json_fail(cursor, "a name is expected behind a comma");
        }
    }
    cursor->at++;
    if (values[0].data == NULL || values[1].data == NULL) {
        char place[PLACE_MAX_BYTES];
        const char *name = slot->element->attribute->name;
        JSON_REFUSE(reader, "missing", slot->element,
                    element_place(slot->group, slot->element, slot->index, place),
                    "lacks %s; write {\"Value\": \"…\", \"%s\": \"…\"}%s",
                    values[0].data == NULL ? "Value" : name, name,
                    needs_attribute(slot->element) ? "" : ", or the value alone as a string");
        return true;
    }
    struct node *node = slot_node(reader, slot);
    if (node == NULL) {
        return false;
    }
    node->value = values[0];
    node->attribute = values[1];
    return true;
}

static bool read_number(struct json_reader *reader, struct json_slot *slot)
{
    struct text digits;
    bool whole;
    const char *start = reader->cursor.at;
    if (!json_take_number(&reader->cursor, &digits, &whole)) {
        return false;
    }
    if (!whole || digits.size > INTEGER_MAX_DIGITS) {
        reader->cursor.at = start;
        return json_wrong_type(reader, slot, NULL);
    }
    struct node *node = slot_node(reader, slot);
    if (node == NULL) {
        return false;
    }
    node->value = digits;
    return true;
}

static bool read_plain(struct json_reader *reader, struct json_slot *slot)
{
    struct text value;
    bool taken = json_peek(&reader->cursor) == '"' ? take_text(reader, slot, &value)
                                                   : json_take_word(&reader->cursor, &value);
    struct node *node = taken ? slot_node(reader, slot) : NULL;
    if (node == NULL) {
        return false;
    }
    node->value = value;
    return true;
}

bool json_read_value(struct json_reader *reader, struct json_slot *slot)
{
    const struct element *element = slot->element;
    char first = json_peek(&reader->cursor);
    switch ((enum element_type)element->type) {
    case ELEMENT_GROUP:
        if (first == '{') {
            struct node *node = slot_node(reader, slot);
            return node != NULL && json_read_group(reader, node, slot->depth + 1);
        }
        break;
    case ELEMENT_INTEGER:
        if (first >= '0' && first <= '9') {
            return read_number(reader, slot);
        }
        break;
    case ELEMENT_INDICATOR:
        if (first == 't' || first == 'f') {
            return read_plain(reader, slot);
        }
        break;
    default:
        if (first == '"' && !needs_attribute(element)) {
            return read_plain(reader, slot);
        }
        if (first == '{' && element->attribute != NULL) {
            return read_pair(reader, slot);
        }
        break;
    }
    return json_wrong_type(reader, slot, NULL);
}
