/* What stands before the root element, read before libxml2 sees a byte: the encoding, and that no
 * document type is declared, so that there are no entities to expand or to fetch.
 * Grammar: XML 1.0, sections 2.8 and 4.3.3. See xml_cursor.h. */
#include "proto/utf8.h"
#include "proto/xml_cursor.h"

#include <strings.h>

static void skip_blanks(struct text *rest)
{
    while (rest->size > 0 && rest->data[0] != '\0' && strchr(" \t\r\n", rest->data[0]) != NULL) {
        rest->data++;
        rest->size--;
    }
}

/* Cuts off everything up to and with `mark`; all of it when the mark is not there. */
static void skip_behind(struct text *rest, const char *mark)
{
    const char *found = memmem(rest->data, rest->size, mark, strlen(mark));
    size_t size = found == NULL ? rest->size : (size_t)(found - rest->data) + strlen(mark);
    rest->data += size;
    rest->size -= size;
}

/* Takes `name = "value"` of the XML declaration. */
static bool take_declared(struct text *rest, struct text *name, struct text *value)
{
    skip_blanks(rest);
    *name = text_until(rest, '=');
    while (name->size > 0 && strchr(" \t\r\n", name->data[name->size - 1]) != NULL) {
        name->size--;
    }
    if (!text_skip(rest, "=")) {
        return false;
    }
    skip_blanks(rest);
    const char *quote = rest->size > 0 && rest->data[0] == '"' ? "\"" : "'";
    if (!text_skip(rest, quote)) {
        return false;
    }
    *value = text_until(rest, *quote);
    return text_skip(rest, quote);
}

/* The encoding that is declared, or the empty text. */
static struct text declared_encoding(struct text declaration)
{
    struct text name;
    struct text value;
    while (take_declared(&declaration, &name, &value)) {
        if (text_equal(name, TEXT("encoding"))) {
            return value;
        }
    }
    return TEXT("");
}

struct xml_refusal xml_prolog_refusal(struct bytes xml)
{
    struct text rest = bytes_text(xml);
    if (!utf8_valid(rest) || (rest.size > 0 && memchr(rest.data, '\0', rest.size) != NULL)) {
        return (struct xml_refusal){"encoding", "is not UTF-8; write it in UTF-8"};
    }
    (void)text_skip(&rest, "\xef\xbb\xbf");
    if (text_skip(&rest, "<?xml")) {
        struct text declaration = rest;
        skip_behind(&rest, "?>");
        declaration.size -= rest.size;
        struct text encoding = declared_encoding(declaration);
        if (encoding.size > 0 && (encoding.size != sizeof "UTF-8" - 1 ||
                                  strncasecmp(encoding.data, "UTF-8", encoding.size) != 0)) {
            return (struct xml_refusal){"encoding", "is declared to be in another encoding; write "
                                                    "it in UTF-8, and declare that or nothing"};
        }
    }
    for (;;) {
        skip_blanks(&rest);
        if (text_skip(&rest, "<!--")) {
            skip_behind(&rest, "-->");
        } else if (text_skip(&rest, "<?")) {
            skip_behind(&rest, "?>");
        } else {
            break;
        }
    }
    if (text_skip(&rest, "<!")) {
        return (struct xml_refusal){"not-accepted",
                                    "declares a document type (DOCTYPE), which can define and "
                                    "fetch what the document does not say; take it out"};
    }
    return (struct xml_refusal){NULL, NULL};
}
