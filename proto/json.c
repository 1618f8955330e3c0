/* Reading the dataset from JSON: groups, arrays and the document. One pass, driven by the table.
 * See json.h; single values are in json_value.c. */
#include "proto/json.h"

#include "proto/json_reader.h"
#include "proto/message.h"

/* The occurrences of an element that may stand several times. */
static bool read_array(struct json_reader *reader, struct json_slot *slot)
{
    struct json_cursor *cursor = &reader->cursor;
    char place[PLACE_MAX_BYTES];
    if (json_peek(cursor) != '[') {
        slot->index = PLACE_NO_INDEX;
        return json_wrong_type(reader, slot, "an array in brackets, even of one");
    }
    cursor->at++;
    json_blanks(cursor);
    if (json_peek(cursor) == ']') {
        cursor->at++;
        JSON_REFUSE(reader, "empty", slot->element,
                    element_place(slot->group, slot->element, PLACE_NO_INDEX, place),
                    "is an empty array; leave it out");
        return true;
    }
    slot->depth++;
    for (;; slot->index++) {
        if (slot->index == slot->element->max_occurs) {
            JSON_REFUSE(reader, "too-many", slot->element,
                        element_place(slot->group, slot->element, PLACE_NO_INDEX, place),
                        "stands more than %u times; write at most that many",
                        (unsigned)slot->element->max_occurs);
        }
        if (slot->index < slot->element->max_occurs ? !json_read_value(reader, slot)
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

static bool unknown_name(struct json_reader *reader, const struct node *group, struct text name,
                         unsigned depth)
{
    char place[PLACE_MAX_BYTES];
    char quoted[QUOTE_BYTES];
    const char *nearest = class_nearest(group->element->class, name);
    (void)finding_quote(name, quoted);
    JSON_REFUSE(reader, "unknown-element", group->element, unknown_place(group, quoted, place),
                "has '%s', which is not in the dataset%s%s%s; take it out, or mend its name",
                quoted, nearest == NULL ? "" : " (did you mean ", nearest == NULL ? "" : nearest,
                nearest == NULL ? "" : "?)");
    return json_skip(&reader->cursor, depth + 1);
}

/* The member that is named at the cursor, or NULL with its name; `next` is where the table goes on.
 */
static bool take_name(struct json_reader *reader, const struct element_class *class, size_t next,
                      const struct element **member, struct text *name)
{
    struct json_cursor *cursor = &reader->cursor;
    if (!json_take_string(cursor, name)) {
        return false;
    }
    *member = class_member(class, *name, next);
    return json_take(cursor, ':', "a colon is expected behind a name");
}

static bool read_member(struct json_reader *reader, struct node *group,
                        const struct element *element, uint64_t *seen, unsigned depth)
{
    struct json_slot slot = {.group = group, .element = element, .depth = depth + 1};
    uint64_t bit = 1ULL << element->tag;
    if ((*seen & bit) != 0) {
        char place[PLACE_MAX_BYTES];
        JSON_REFUSE(reader, "duplicate-name", element,
                    element_place(group, element, PLACE_NO_INDEX, place),
                    "stands twice in one object; write it once%s",
                    element->max_occurs > 1 ? ", with all occurrences in its array" : "");
        return json_skip(&reader->cursor, slot.depth);
    }
    *seen |= bit;
    return element->max_occurs > 1 ? read_array(reader, &slot) : json_read_value(reader, &slot);
}

/* Recursion is as deep as the table, at most ELEMENT_DEPTH_MAX. */
bool json_read_group(struct json_reader *reader, struct node *group, unsigned depth)
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
static bool read_root(struct json_reader *reader, struct text name, bool *seen)
{
    struct node *root = &reader->record->root;
    struct json_slot slot = {.element = root->element, .depth = 1};
    const char *word = operation_word(reader->record->operation);
    bool known = text_equal(name, text_of(root->element->name));
    if (known && !*seen) {
        *seen = true;
        return json_peek(&reader->cursor) == '{' ? json_read_group(reader, root, 1)
                                                 : json_wrong_type(reader, &slot, NULL);
    }
    char place[PLACE_MAX_BYTES];
    char quoted[QUOTE_BYTES];
    JSON_REFUSE(reader, known ? "duplicate-name" : "unknown-element", NULL,
                unknown_place(NULL, finding_quote(name, quoted), place),
                "'%s' %s; a %s is one object {\"%s\": {…}}", quoted,
                known ? "stands twice" : "is not known here", word, root->element->name);
    return json_skip(&reader->cursor, 1);
}

static bool read_document(struct json_reader *reader)
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
        JSON_REFUSE(reader, "missing", reader->record->root.element, TEXT(""),
                    "is not there; a %s is one object {\"%s\": {…}}",
                    operation_word(reader->record->operation), root);
    }
    return cursor->at == cursor->end || json_fail(cursor, "something stands behind the document");
}

/* Tells a failure of the grammar with its line and column, both from 1, the column in bytes. */
static void report_syntax(struct json_reader *reader)
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
    JSON_REFUSE(reader, "syntax", NULL, TEXT(""),
                "is not JSON at line %zu, column %zu (byte %zu): %s", line,
                (size_t)(cursor->problem_at - line_start) + 1,
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
    struct json_reader reader = {
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
