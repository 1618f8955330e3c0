/* The cursor over libxml2. See xml_cursor.h. */
#include "proto/xml_cursor.h"

#include "proto/xml.h"

#include <libxml/xmlreader.h>

#include <stdio.h>
#include <strings.h>

static void fail(struct xml_cursor *cursor, const char *problem, int line, int column)
{
    if (cursor->problem[0] == '\0') {
        (void)snprintf(cursor->problem, sizeof cursor->problem, "%s", problem);
        cursor->problem[strcspn(cursor->problem, "\n")] = '\0';
        cursor->line = line;
        cursor->column = column;
    }
}

static void fail_here(struct xml_cursor *cursor, const char *problem)
{
    fail(cursor, problem, xmlTextReaderGetParserLineNumber(cursor->reader),
         xmlTextReaderGetParserColumnNumber(cursor->reader));
}

/* libxml2 tells here what it would print. */
static void take_error(void *self, xmlErrorPtr problem)
{
    struct xml_cursor *cursor = self;
    if (problem->level >= XML_ERR_ERROR) {
        cursor->no_memory = cursor->no_memory || problem->code == XML_ERR_NO_MEMORY;
        fail(cursor, problem->message == NULL ? "it is not well-formed" : problem->message,
             problem->line, problem->int2);
    }
}

bool xml_cursor_open(struct xml_cursor *cursor, struct bytes xml)
{
    *cursor = (struct xml_cursor){.reader = NULL};
    cursor->reader =
        xmlReaderForMemory((const char *)xml.data, (int)xml.size, NULL, NULL, XML_PARSE_NONET);
    cursor->no_memory = cursor->reader == NULL;
    if (cursor->reader != NULL) {
        xmlTextReaderSetStructuredErrorHandler(cursor->reader, take_error, cursor);
    }
    return cursor->reader != NULL;
}

void xml_cursor_close(struct xml_cursor *cursor)
{
    xmlFreeTextReader(cursor->reader);
    cursor->reader = NULL;
}

/* The prolog was read for it before; this is libxml2's own word. */
static bool is_utf8(const struct xml_cursor *cursor)
{
    const xmlChar *encoding = xmlTextReaderConstEncoding(cursor->reader);
    return encoding == NULL || strcasecmp((const char *)encoding, "UTF-8") == 0;
}

static enum xml_event begin(struct xml_cursor *cursor)
{
    if (cursor->depth == XML_DEPTH_MAX) {
        fail_here(cursor, "it is nested too deep");
        return XML_EVENT_FAILED;
    }
    if (!is_utf8(cursor)) {
        fail_here(cursor, "it is not in UTF-8");
        return XML_EVENT_FAILED;
    }
    cursor->depth++;
    cursor->is_empty = xmlTextReaderIsEmptyElement(cursor->reader) == 1;
    return XML_EVENT_START;
}

static enum xml_event end(struct xml_cursor *cursor)
{
    cursor->depth--;
    cursor->is_empty = false;
    return XML_EVENT_END;
}

enum xml_event xml_next(struct xml_cursor *cursor)
{
    if (cursor->is_empty) {
        return end(cursor);
    }
    int read = xmlTextReaderRead(cursor->reader);
    if (read < 0 && cursor->problem[0] == '\0') {
        fail_here(cursor, "it is not well-formed");
    }
    if (cursor->problem[0] != '\0') {
        return XML_EVENT_FAILED;
    }
    if (read == 0) {
        return XML_EVENT_CLOSED;
    }
    switch (xmlTextReaderNodeType(cursor->reader)) {
    case XML_READER_TYPE_ELEMENT:
        return begin(cursor);
    case XML_READER_TYPE_END_ELEMENT:
        return end(cursor);
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_WHITESPACE:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        return XML_EVENT_TEXT;
    case XML_READER_TYPE_COMMENT:
        return XML_EVENT_COMMENT;
    case XML_READER_TYPE_PROCESSING_INSTRUCTION:
        return XML_EVENT_INSTRUCTION;
    default:
        fail_here(cursor, "it has an entity or a document type");
        return XML_EVENT_FAILED;
    }
}

bool xml_skip(struct xml_cursor *cursor)
{
    unsigned outside = cursor->depth - 1;
    while (cursor->depth > outside) {
        enum xml_event event = xml_next(cursor);
        if (event == XML_EVENT_FAILED || event == XML_EVENT_CLOSED) {
            return false;
        }
    }
    return true;
}

static struct text text_from(const xmlChar *string)
{
    return string == NULL ? TEXT("") : text_of((const char *)string);
}

struct text xml_name(const struct xml_cursor *cursor)
{
    return text_from(xmlTextReaderConstLocalName(cursor->reader));
}

struct text xml_namespace(const struct xml_cursor *cursor)
{
    return text_from(xmlTextReaderConstNamespaceUri(cursor->reader));
}

struct text xml_text(const struct xml_cursor *cursor)
{
    return text_from(xmlTextReaderConstValue(cursor->reader));
}

bool xml_next_attribute(struct xml_cursor *cursor)
{
    int moved = 0;
    do {
        moved = xmlTextReaderMoveToNextAttribute(cursor->reader);
    } while (moved == 1 && xmlTextReaderIsNamespaceDecl(cursor->reader) == 1);
    if (moved != 1) {
        (void)xmlTextReaderMoveToElement(cursor->reader);
    }
    return moved == 1;
}
