/* Reading the dataset from XML: groups and the document. One pass, driven by the table. See xml.h;
 * single values are in xml_value.c, what is XML at all in xml_cursor.c and xml_prolog.c. */
#include "proto/xml.h"

#include "proto/message.h"
#include "proto/nearest.h"
#include "proto/xml_reader.h"

#include <stdio.h>

#define XSI_NAMESPACE "http://www.w3.org/2001/XMLSchema-instance"

const struct xml_heading xml_headings[XML_HEADING_COUNT] = {
    {"WCODataModelVersionCode", "4"},
    {"ResponsibleAgencyName", "comesh"},
    {"AgencyAssignedCustomizationCode", "comesh-co"},
    {"AgencyAssignedCustomizationVersionCode", "1"},
};

bool xml_looks_like(struct bytes document)
{
    struct text rest = bytes_text(document);
    (void)text_skip(&rest, "\xef\xbb\xbf");
    while (rest.size > 0 && rest.data[0] != '\0' && strchr(" \t\r\n", rest.data[0]) != NULL) {
        rest.data++;
        rest.size--;
    }
    return rest.size > 0 && rest.data[0] == '<';
}

/* ---- places ---- */

struct text xml_node_place(const struct node *node, char out[PLACE_MAX_BYTES])
{
    char pointer[PLACE_MAX_BYTES];
    return xml_place(node == NULL ? TEXT("") : node_place(node, pointer), out);
}

struct text xml_below_place(const struct node *node, const char *mark, const char *name,
                            char out[PLACE_MAX_BYTES])
{
    size_t size = xml_node_place(node, out).size;
    int more = snprintf(out + size, PLACE_MAX_BYTES - size, "%s%s", mark, name);
    size += more < 0 ? 0 : (size_t)more;
    return (struct text){out, size < PLACE_MAX_BYTES ? size : PLACE_MAX_BYTES - 1};
}

/* ---- groups ---- */

bool xml_is_ours(const struct xml_reader *reader)
{
    return text_equal(xml_namespace(&reader->cursor), TEXT(XML_NAMESPACE));
}

static bool is_blank(struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (strchr(" \t\r\n", text.data[i]) == NULL) {
            return false;
        }
    }
    return true;
}

enum xml_event xml_next_child(struct xml_reader *reader, const struct node *group)
{
    char place[PLACE_MAX_BYTES];
    char quoted[QUOTE_BYTES];
    for (;;) {
        enum xml_event event = xml_next(&reader->cursor);
        if (event == XML_EVENT_TEXT && !is_blank(xml_text(&reader->cursor))) {
            XML_REFUSE(reader, "wrong-type", group == NULL ? NULL : group->element,
                       xml_node_place(group, place),
                       "has the text '%s' where elements are expected; take it out",
                       finding_quote(xml_text(&reader->cursor), quoted));
        } else if (event == XML_EVENT_INSTRUCTION) {
            XML_REFUSE(reader, "not-accepted", group == NULL ? NULL : group->element,
                       xml_node_place(group, place),
                       "has the processing instruction '%s'; take it out",
                       finding_quote(xml_name(&reader->cursor), quoted));
        } else if (event == XML_EVENT_START || event == XML_EVENT_END) {
            return event;
        } else if (event == XML_EVENT_FAILED || event == XML_EVENT_CLOSED) {
            return XML_EVENT_FAILED;
        }
    }
}

bool xml_unknown(struct xml_reader *reader, const struct node *group, const char *nearest)
{
    char place[PLACE_MAX_BYTES];
    char name[QUOTE_BYTES];
    char space[QUOTE_BYTES];
    const struct element *element = group == NULL ? NULL : group->element;
    (void)finding_quote(xml_name(&reader->cursor), name);
    (void)xml_below_place(group, "/", name, place);
    if (!xml_is_ours(reader)) {
        XML_REFUSE(reader, "wrong-namespace", element, text_of(place),
                   "has '%s' in the namespace '%s'; write xmlns=\"%s\"", name,
                   finding_quote(xml_namespace(&reader->cursor), space), XML_NAMESPACE);
    } else {
        XML_REFUSE(reader, "unknown-element", element, text_of(place),
                   "has '%s', which is not known here%s%s%s; take it out, or mend its name", name,
                   nearest == NULL ? "" : " (did you mean ", nearest == NULL ? "" : nearest,
                   nearest == NULL ? "" : "?)");
    }
    return xml_skip(&reader->cursor);
}

/* How far the elements of a group have come. */
struct family {
    struct node *group;
    const struct element *last; /* NULL before the first */
    uint32_t count;             /* of the last */
    uint64_t seen;              /* a bit a tag */
};

/* Refuses an element that stands too often or in the wrong place; true when there was nothing to
 * refuse. */
static bool may_stand(struct xml_reader *reader, const struct family *family,
                      const struct element *element)
{
    char pointer[PLACE_MAX_BYTES];
    char place[PLACE_MAX_BYTES];
    const struct element *last = family->last;
    bool again = (family->seen & (1ULL << element->tag)) != 0;
    bool late = last != NULL && element->tag < last->tag;
    if (!late && (!again || family->count < element->max_occurs)) {
        return true;
    }
    (void)xml_place(element_place(family->group, element, PLACE_NO_INDEX, pointer), place);
    if (again && element->max_occurs == 1) {
        XML_REFUSE(reader, "duplicate-name", element, text_of(place),
                   "stands twice; write it once");
    } else if (late) {
        XML_REFUSE(reader, "wrong-order", element, text_of(place),
                   "stands behind %s; elements stand in the order of the schema, so move it "
                   "before that%s",
                   last->name, again ? ", to the others of its name" : "");
    } else if (family->count == element->max_occurs) {
        XML_REFUSE(reader, "too-many", element, text_of(place),
                   "stands more than %u times; write at most that many",
                   (unsigned)element->max_occurs);
    }
    return false;
}

static bool read_group(struct xml_reader *reader, struct node *group);

static bool read_child(struct xml_reader *reader, struct family *family)
{
    const struct element_class *class = family->group->element->class;
    struct text name = xml_name(&reader->cursor);
    size_t guess = family->last == NULL ? 0 : (size_t)(family->last - class->members);
    const struct element *element = class_member(class, name, guess);
    if (element == NULL || !xml_is_ours(reader)) {
        return xml_unknown(reader, family->group, class_nearest(class, name));
    }
    bool stands = may_stand(reader, family, element);
    if (element == family->last || stands) {
        family->count = element == family->last ? family->count + 1 : 1;
        family->last = element;
        family->seen |= 1ULL << element->tag;
    }
    if (!stands) {
        return xml_skip(&reader->cursor);
    }
    struct node *node = record_add(reader->record, family->group, element);
    if (node == NULL) {
        reader->cursor.no_memory = true;
        return false;
    }
    return element->type == ELEMENT_GROUP ? read_group(reader, node) : xml_read_leaf(reader, node);
}

/* Recursion is as deep as the table, at most ELEMENT_DEPTH_MAX. */
static bool read_group(struct xml_reader *reader, struct node *group)
{
    struct family family = {.group = group};
    if (!xml_read_attributes(reader, group, NULL)) {
        return false;
    }
    enum xml_event event;
    while ((event = xml_next_child(reader, group)) == XML_EVENT_START) {
        if (!read_child(reader, &family)) {
            return false;
        }
    }
    return event == XML_EVENT_END;
}

/* ---- the document ---- */

/* The name of a child of MetaData: a heading by its number, the document behind them all. */
static const char *child_named(const struct xml_reader *reader, size_t number)
{
    return number < XML_HEADING_COUNT ? xml_headings[number].name
                                      : reader->record->root.element->name;
}

/* The number of the child of MetaData that was just begun; one too many when it is none. */
static size_t child_number(const struct xml_reader *reader)
{
    struct text name = xml_name(&reader->cursor);
    size_t number = 0;
    while (number <= XML_HEADING_COUNT && !text_equal(name, text_of(child_named(reader, number)))) {
        number++;
    }
    return number;
}

static const char *child_nearest(const struct xml_reader *reader)
{
    struct nearest nearest = nearest_to(xml_name(&reader->cursor));
    for (size_t i = 0; i <= XML_HEADING_COUNT; i++) {
        nearest_offer(&nearest, child_named(reader, i));
    }
    return nearest_found(&nearest);
}

static bool read_heading(struct xml_reader *reader, const struct xml_heading *heading)
{
    char place[PLACE_MAX_BYTES];
    char quoted[QUOTE_BYTES];
    struct text value;
    if (!xml_read_attributes(reader, NULL, NULL) || !xml_read_text(reader, NULL, &value)) {
        return false;
    }
    if (!text_equal(value, text_of(heading->value))) {
        XML_REFUSE(reader, "not-in-list", NULL, xml_below_place(NULL, "/", heading->name, place),
                   "is '%s'; accepted: %s", finding_quote(value, quoted), heading->value);
    }
    return true;
}

/* One child of MetaData; `next` is the number that is due. */
static bool read_section(struct xml_reader *reader, unsigned *seen, size_t *next)
{
    char place[PLACE_MAX_BYTES];
    size_t number = child_number(reader);
    if (number > XML_HEADING_COUNT || !xml_is_ours(reader)) {
        return xml_unknown(reader, NULL, child_nearest(reader));
    }
    bool again = (*seen & (1u << number)) != 0;
    struct node *root = &reader->record->root;
    if (again || number < *next) {
        XML_REFUSE(reader, again ? "duplicate-name" : "wrong-order", NULL,
                   xml_below_place(NULL, "/", child_named(reader, number), place), "%s",
                   again ? "stands twice; write it once"
                         : "stands too late; elements stand in the order of the schema");
        *seen |= 1u << number;
        return xml_skip(&reader->cursor);
    }
    *seen |= 1u << number;
    *next = number + 1;
    return number < XML_HEADING_COUNT ? read_heading(reader, &xml_headings[number])
                                      : read_group(reader, root);
}

/* A hint where the schema is, xsi:schemaLocation, is the one attribute that MetaData may have. It
 * is not followed. */
static void check_wrapper(struct xml_reader *reader)
{
    struct xml_cursor *cursor = &reader->cursor;
    char place[PLACE_MAX_BYTES];
    char quoted[QUOTE_BYTES];
    while (xml_next_attribute(cursor)) {
        if (!text_equal(xml_namespace(cursor), TEXT(XSI_NAMESPACE)) ||
            !text_equal(xml_name(cursor), TEXT("schemaLocation"))) {
            (void)finding_quote(xml_name(cursor), quoted);
            XML_REFUSE(reader, "unknown-element", NULL, xml_below_place(NULL, "/@", quoted, place),
                       "has the attribute '%s', which is not known here; take it out", quoted);
        }
    }
}

static bool read_wrapper(struct xml_reader *reader)
{
    char place[PLACE_MAX_BYTES];
    unsigned seen = 0;
    size_t next = 0;
    enum xml_event event;
    const struct element *root = reader->record->root.element;
    check_wrapper(reader);
    while ((event = xml_next_child(reader, NULL)) == XML_EVENT_START) {
        if (!read_section(reader, &seen, &next)) {
            return false;
        }
    }
    for (size_t i = 0; event == XML_EVENT_END && i <= XML_HEADING_COUNT; i++) {
        if ((seen & (1u << i)) == 0) {
            XML_REFUSE(reader, "missing", i < XML_HEADING_COUNT ? NULL : root,
                       xml_below_place(NULL, "/", child_named(reader, i), place),
                       "is not there; a %s is <MetaData>, %d headings, <%s>",
                       operation_word(reader->record->operation), XML_HEADING_COUNT, root->name);
        }
    }
    return event == XML_EVENT_END;
}

static bool read_root(struct xml_reader *reader)
{
    char quoted[QUOTE_BYTES];
    char space[QUOTE_BYTES];
    char place[QUOTE_BYTES + 1];
    bool ours = xml_is_ours(reader);
    if (ours && text_equal(xml_name(&reader->cursor), TEXT("MetaData"))) {
        return read_wrapper(reader);
    }
    (void)snprintf(place, sizeof place, "/%s", finding_quote(xml_name(&reader->cursor), quoted));
    XML_REFUSE(reader, ours ? "unknown-element" : "wrong-namespace", NULL, text_of(place),
               "is '%s' in the namespace '%s'; a %s is <MetaData xmlns=\"%s\">, with <%s> in it",
               quoted, finding_quote(xml_namespace(&reader->cursor), space),
               operation_word(reader->record->operation), XML_NAMESPACE,
               reader->record->root.element->name);
    return xml_skip(&reader->cursor);
}

static bool read_document(struct xml_reader *reader)
{
    for (;;) {
        switch (xml_next(&reader->cursor)) {
        case XML_EVENT_START:
            if (!read_root(reader)) {
                return false;
            }
            break;
        case XML_EVENT_INSTRUCTION:
            XML_REFUSE(reader, "not-accepted", NULL, TEXT(""),
                       "has a processing instruction; take it out");
            break;
        case XML_EVENT_CLOSED:
            return true;
        case XML_EVENT_FAILED:
            return false;
        default:
            break;
        }
    }
}

/* Everything behind the limits; false without memory. */
static bool read_bytes(struct xml_reader *reader, struct bytes xml)
{
    struct xml_refusal refusal = xml_prolog_refusal(xml);
    if (refusal.code != NULL) {
        XML_REFUSE(reader, refusal.code, NULL, TEXT(""), "%s", refusal.clause);
        return true;
    }
    bool read = xml_cursor_open(&reader->cursor, xml) && read_document(reader);
    if (!read && !reader->cursor.no_memory) {
        XML_REFUSE(reader, "syntax", NULL, TEXT(""), "is not XML at line %d, column %d: %s",
                   reader->cursor.line, reader->cursor.column,
                   reader->cursor.problem[0] == '\0' ? "it ends too early"
                                                     : reader->cursor.problem);
    }
    xml_cursor_close(&reader->cursor);
    buffer_free(&reader->value);
    return !reader->cursor.no_memory;
}

enum result xml_read(struct bytes xml, enum operation operation, struct arena *arena,
                     struct findings *findings, struct record **record, struct error *error)
{
    *record = NULL;
    if (xml.size > DOCUMENT_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE,
                         "the document has %zu bytes; at most %zu are taken", xml.size,
                         DOCUMENT_MAX_BYTES);
    }
    if (dataset_root(operation) == NULL) {
        return error_set(error, RESULT_INVALID, "the operation '%s' has no document in XML",
                         operation_name(operation));
    }
    size_t refusals = findings->refusals;
    struct xml_reader reader = {.record = record_new(operation, arena), .findings = findings};
    if (reader.record == NULL || !read_bytes(&reader, xml)) {
        return error_set(error, RESULT_NO_MEMORY, "there is no memory to read the document");
    }
    if (findings->refusals > refusals) {
        return findings_error(findings, error);
    }
    *record = reader.record;
    return RESULT_OK;
}
