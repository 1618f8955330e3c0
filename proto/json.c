/* Reading the dataset from JSON: one pass, driven by the table. See json.h. */
#include "proto/json.h"

#include "proto/json_cursor.h"
#include "proto/message.h"

#include <stdio.h>

#define INTEGER_MAX_DIGITS 18

struct reader {
    struct json_cursor cursor;
    struct record *record;
    struct findings *findings;
};

/* One value on its way in: where it stands, and its elder occurrence. */
struct slot {
    struct node *group;
    const struct element *element;
    struct node *elder;
    uint32_t index;
    unsigned depth;
};

static bool read_group(struct reader *reader, struct node *group, unsigned depth);

#define REFUSE(reader, code, element, place, ...)                                                  \
    finding_add((reader)->findings, SEVERITY_REFUSAL, (code), (element), (place), __VA_ARGS__)

static struct node *slot_node(struct reader *reader, struct slot *slot)
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

/* Refuses the value at the cursor and passes over it. */
static bool wrong_type(struct reader *reader, const struct slot *slot, const char *wanted)
{
    char place[PLACE_MAX_BYTES];
    char buffer[96];
    char first = json_peek(&reader->cursor);
    if (!json_skip(&reader->cursor, slot->depth)) {
        return false;
    }
    REFUSE(reader, "wrong-type", slot->element,
           element_place(slot->group, slot->element, slot->index, place), "is %s; write %s%s",
           kind_found(first), wanted != NULL ? wanted : kind_wanted(slot->element, buffer),
           first == 'n' ? ", or leave it out" : "");
    return true;
}

/* Takes a string for the slot, and refuses it when half a surrogate pair is in it. */
static bool take_text(struct reader *reader, const struct slot *slot, struct text *out)
{
    if (!json_take_string(&reader->cursor, out)) {
        return false;
    }
    if (reader->cursor.lone_surrogate) {
        char place[PLACE_MAX_BYTES];
        REFUSE(reader, "lone-surrogate", slot->element,
               element_place(slot->group, slot->element, slot->index, place),
               "has half a surrogate pair, which is no character; mend the text at its source");
    }
    return true;
}

/* One member of {"Value": …, "UnitCode": …}; what it names is in `values`. */
static bool read_pair_member(struct reader *reader, const struct slot *slot, struct text values[2])
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
        REFUSE(reader, "unknown-element", slot->element,
               element_place(slot->group, slot->element, slot->index, place),
               "has '%s', which is not known here; write Value and %s", finding_quote(name, quoted),
               attribute->name);
        return json_skip(&reader->cursor, slot->depth + 1);
    }
    struct text *to = &values[value ? 0 : 1];
    if (to->data != NULL) {
        REFUSE(reader, "duplicate-name", slot->element,
               element_place(slot->group, slot->element, slot->index, place),
               "has %s more than once; write it once", value ? "Value" : attribute->name);
    }
    if (json_peek(&reader->cursor) != '"') {
        REFUSE(reader, "wrong-type", slot->element,
               element_place(slot->group, slot->element, slot->index, place),
               "has as %s %s; write a string in quotes", value ? "Value" : attribute->name,
               kind_found(json_peek(&reader->cursor)));
        *to = TEXT("");
        return json_skip(&reader->cursor, slot->depth + 1);
    }
    return take_text(reader, slot, to);
}

static bool read_pair(struct reader *reader, struct slot *slot)
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
        REFUSE(reader, "missing", slot->element,
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

static bool read_number(struct reader *reader, struct slot *slot)
{
    struct text digits;
    bool whole;
    const char *start = reader->cursor.at;
    if (!json_take_number(&reader->cursor, &digits, &whole)) {
        return false;
    }
    if (!whole || digits.size > INTEGER_MAX_DIGITS) {
        reader->cursor.at = start;
        return wrong_type(reader, slot, NULL);
    }
    struct node *node = slot_node(reader, slot);
    if (node == NULL) {
        return false;
    }
    node->value = digits;
    return true;
}

static bool read_plain(struct reader *reader, struct slot *slot)
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

/* One occurrence of the slot's element: the table says what may stand here. */
static bool read_value(struct reader *reader, struct slot *slot)
{
    const struct element *element = slot->element;
    char first = json_peek(&reader->cursor);
    switch ((enum element_type)element->type) {
    case ELEMENT_GROUP:
        if (first == '{') {
            struct node *node = slot_node(reader, slot);
            return node != NULL && read_group(reader, node, slot->depth + 1);
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
    return wrong_type(reader, slot, NULL);
}

/* The occurrences of an element that may stand several times. */
static bool read_array(struct reader *reader, struct slot *slot)
{
    struct json_cursor *cursor = &reader->cursor;
    char place[PLACE_MAX_BYTES];
    if (json_peek(cursor) != '[') {
        slot->index = PLACE_NO_INDEX;
        return wrong_type(reader, slot, "an array in brackets, even of one");
    }
    cursor->at++;
    json_blanks(cursor);
    if (json_peek(cursor) == ']') {
        cursor->at++;
        REFUSE(reader, "empty", slot->element,
               element_place(slot->group, slot->element, PLACE_NO_INDEX, place),
               "is an empty array; leave it out");
        return true;
    }
    slot->depth++;
    for (;; slot->index++) {
        if (slot->index == slot->element->max_occurs) {
            REFUSE(reader, "too-many", slot->element,
                   element_place(slot->group, slot->element, PLACE_NO_INDEX, place),
                   "stands more than %u times; write at most that many",
                   (unsigned)slot->element->max_occurs);
        }
        if (slot->index < slot->element->max_occurs ? !read_value(reader, slot)
                                                    : !json_skip(cursor, slot->depth)) {
            return false;
        }
        json_blanks(cursor);
        if (json_peek(cursor) == ']') {
            cursor->at++;
            return true;
        }
        if (!json_take(cursor, ',', "a comma or a closing bracket is expected")) {
            return false;
        }
    }
}

/* The pointer to an unknown name in `group`, escaped as RFC 6901, section 3, says. */
static struct text unknown_place(const struct node *group, const char *name,
                                 char out[PLACE_MAX_BYTES])
{
    size_t size = group == NULL ? 0 : node_place(group, out).size;
    if (size + 1 < PLACE_MAX_BYTES) {
        out[size++] = '/';
    }
    for (; *name != '\0' && size + 2 < PLACE_MAX_BYTES; name++) {
        if (*name == '~' || *name == '/') {
            out[size++] = '~';
            out[size++] = *name == '~' ? '0' : '1';
        } else {
            out[size++] = *name;
        }
    }
    return (struct text){out, size};
}

static bool unknown_name(struct reader *reader, const struct node *group, struct text name,
                         unsigned depth)
{
    char place[PLACE_MAX_BYTES];
    char quoted[QUOTE_BYTES];
    const char *nearest = class_nearest(group->element->class, name);
    (void)finding_quote(name, quoted);
    REFUSE(reader, "unknown-element", group->element, unknown_place(group, quoted, place),
           "has '%s', which is not in the dataset%s%s%s; take it out, or mend its name", quoted,
           nearest == NULL ? "" : " (did you mean ", nearest == NULL ? "" : nearest,
           nearest == NULL ? "" : "?)");
    return json_skip(&reader->cursor, depth + 1);
}

/* The member that is named at the cursor, or NULL with its name; `next` is where the table goes on.
 */
static bool take_name(struct reader *reader, const struct element_class *class, size_t next,
                      const struct element **member, struct text *name)
{
    struct json_cursor *cursor = &reader->cursor;
    if (!json_take_string(cursor, name)) {
        return false;
    }
    *member = class_member(class, *name, next);
    return json_take(cursor, ':', "a colon is expected behind a name");
}

static bool read_member(struct reader *reader, struct node *group, const struct element *element,
                        uint64_t *seen, unsigned depth)
{
    struct slot slot = {.group = group, .element = element, .depth = depth + 1};
    uint64_t bit = 1ULL << element->tag;
    if ((*seen & bit) != 0) {
        char place[PLACE_MAX_BYTES];
        REFUSE(reader, "duplicate-name", element,
               element_place(group, element, PLACE_NO_INDEX, place),
               "stands twice in one object; write it once%s",
               element->max_occurs > 1 ? ", with all occurrences in its array" : "");
        return json_skip(&reader->cursor, slot.depth);
    }
    *seen |= bit;
    return element->max_occurs > 1 ? read_array(reader, &slot) : read_value(reader, &slot);
}

/* Recursion is as deep as the table, at most ELEMENT_DEPTH_MAX. */
static bool read_group(struct reader *reader, struct node *group, unsigned depth)
{
    struct json_cursor *cursor = &reader->cursor;
    const struct element_class *class = group->element->class;
    uint64_t seen = 0;
    size_t next = 0;
    cursor->at++;
    json_blanks(cursor);
    if (json_peek(cursor) == '}') {
        cursor->at++;
        return true;
    }
    for (;;) {
        const struct element *member;
        struct text name;
        if (!take_name(reader, class, next, &member, &name)) {
            return false;
        }
        if (member == NULL ? !unknown_name(reader, group, name, depth)
                           : !read_member(reader, group, member, &seen, depth)) {
            return false;
        }
        next = member == NULL ? next : (size_t)(member - class->members) + 1;
        json_blanks(cursor);
        if (json_peek(cursor) == '}') {
            cursor->at++;
            return true;
        }
        if (!json_take(cursor, ',', "a comma or a closing bracket is expected")) {
            return false;
        }
    }
}

/* The root group, when it is the one that is wanted and stands there first. */
static bool read_root(struct reader *reader, struct text name, bool *seen)
{
    struct node *root = &reader->record->root;
    struct slot slot = {.element = root->element, .depth = 1};
    const char *word = operation_word(reader->record->operation);
    bool known = text_equal(name, text_of(root->element->name));
    if (known && !*seen) {
        *seen = true;
        return json_peek(&reader->cursor) == '{' ? read_group(reader, root, 1)
                                                 : wrong_type(reader, &slot, NULL);
    }
    char place[PLACE_MAX_BYTES];
    char quoted[QUOTE_BYTES];
    REFUSE(reader, known ? "duplicate-name" : "unknown-element", NULL,
           unknown_place(NULL, finding_quote(name, quoted), place),
           "'%s' %s; a %s is one object {\"%s\": {…}}", quoted,
           known ? "stands twice" : "is not known here", word, root->element->name);
    return json_skip(&reader->cursor, 1);
}

static bool read_document(struct reader *reader)
{
    struct json_cursor *cursor = &reader->cursor;
    const char *root = reader->record->root.element->name;
    struct text name;
    bool seen = false;
    json_blanks(cursor);
    if (!json_take(cursor, '{', "an object in braces is expected")) {
        return false;
    }
    while (json_peek(cursor) != '}') {
        if (!json_take_string(cursor, &name) ||
            !json_take(cursor, ':', "a colon is expected behind a name") ||
            !read_root(reader, name, &seen)) {
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
    json_blanks(cursor);
    if (!seen) {
        REFUSE(reader, "missing", reader->record->root.element, TEXT(""),
               "is not there; a %s is one object {\"%s\": {…}}",
               operation_word(reader->record->operation), root);
    }
    return cursor->at == cursor->end || json_fail(cursor, "something stands behind the document");
}

/* Tells a failure of the grammar with its line and column, both from 1, the column in bytes. */
static void report_syntax(struct reader *reader)
{
    const struct json_cursor *cursor = &reader->cursor;
    size_t line = 1;
    const char *line_start = cursor->start;
    for (const char *at = cursor->start; at < cursor->problem_at; at++) {
        if (*at == '\n') {
            line++;
            line_start = at + 1;
        }
    }
    REFUSE(reader, "syntax", NULL, TEXT(""), "is not JSON at line %zu, column %zu (byte %zu): %s",
           line, (size_t)(cursor->problem_at - line_start) + 1,
           (size_t)(cursor->problem_at - cursor->start), cursor->problem);
}

enum result json_read(struct bytes json, enum operation operation, struct arena *arena,
                      struct findings *findings, struct record **record, struct error *error)
{
    *record = NULL;
    if (json.size > DOCUMENT_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE,
                         "the document has %zu bytes; at most %zu are taken", json.size,
                         DOCUMENT_MAX_BYTES);
    }
    if (dataset_root(operation) == NULL) {
        return error_set(error, RESULT_INVALID, "the operation '%s' has no document in JSON",
                         operation_name(operation));
    }
    const char *start = (const char *)json.data;
    size_t refusals = findings->refusals;
    struct reader reader = {
        .cursor = {.start = start, .at = start, .end = start + json.size, .arena = arena},
        .record = record_new(operation, arena),
        .findings = findings,
    };
    if (reader.record == NULL || (!read_document(&reader) && reader.cursor.no_memory)) {
        return error_set(error, RESULT_NO_MEMORY, "there is no memory to read the document");
    }
    if (reader.cursor.problem != NULL) {
        report_syntax(&reader);
    }
    if (findings->refusals > refusals) {
        return findings_error(findings, error);
    }
    *record = reader.record;
    return RESULT_OK;
}
