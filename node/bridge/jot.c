/* Answers in JSON and XML. See jot.h. */
#include "node/bridge/jot.h"

#include "keys/text.h"
#include "node/core/world.h"
#include "proto/json.h"
#include "proto/utf8.h"

#include <assert.h>

const struct jot_root jot_receipt = {"receipt", "urn:comesh:own-binding:receipt:1"};
const struct jot_root jot_problem = {"problem", "urn:ietf:rfc:7807"};

/* ---- XML ---- */

/* Characters that XML cannot have (XML 1.0, 2.2) are replaced; a line feed is content. */
static void put_content(struct jot *jot, struct text text)
{
    struct text rest = utf8_cut(text, text.size);
    while (rest.size > 0) {
        const char *start = rest.data;
        uint32_t c = utf8_next(&rest);
        if (c == '&' || c == '<' || c == '>') {
            buffer_text(jot->out, c == '&' ? "&amp;" : c == '<' ? "&lt;" : "&gt;");
        } else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0xfffe || c == 0xffff) {
            buffer_text(jot->out, "\xef\xbf\xbd");
        } else {
            buffer_append(jot->out, start, (size_t)(rest.data - start));
        }
    }
}

static const char *element_of(const struct jot *jot, const char *name)
{
    return jot->depth == 0 ? jot->root->name : name == NULL ? "i" : name;
}

static void open_element(struct jot *jot, const char *name)
{
    assert(jot->depth < JOT_DEPTH_MAX);
    const char *element = element_of(jot, name);
    if (jot->depth == 0) {
        buffer_printf(jot->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=\"%s\">",
                      element, jot->root->space);
    } else {
        buffer_printf(jot->out, "<%s>", element);
    }
    jot->open[jot->depth++] = element;
}

static void put_element(struct jot *jot, const char *name, struct text content)
{
    const char *element = element_of(jot, name);
    buffer_printf(jot->out, "<%s>", element);
    put_content(jot, content);
    buffer_printf(jot->out, "</%s>", element);
}

/* ---- both ---- */

void jot_name(struct jot *jot, const char *name)
{
    assert(jot->root == NULL);
    if (jot->inside) {
        buffer_byte(jot->out, ',');
    }
    if (name != NULL) {
        json_write_name(text_of(name), jot->out);
    }
    jot->inside = true;
}

void jot_open(struct jot *jot, const char *name, char bracket)
{
    if (jot->root != NULL) {
        open_element(jot, name);
        return;
    }
    jot_name(jot, name);
    buffer_byte(jot->out, bracket);
    jot->inside = false;
}

void jot_close(struct jot *jot, char bracket)
{
    if (jot->root != NULL) {
        buffer_printf(jot->out, "</%s>", jot->open[--jot->depth]);
        return;
    }
    buffer_byte(jot->out, bracket);
    jot->inside = true;
}

void jot_end(struct jot *jot)
{
    buffer_text(jot->out, "\n");
}

void jot_text(struct jot *jot, const char *name, struct text text)
{
    if (jot->root != NULL) {
        put_element(jot, name, text);
        return;
    }
    jot_name(jot, name);
    json_write_string(utf8_cut(text, text.size), jot->out);
}

/* A word of JSON, which stands in XML as it is. */
static void put_word(struct jot *jot, const char *name, struct text word)
{
    if (jot->root != NULL) {
        put_element(jot, name, word);
        return;
    }
    jot_name(jot, name);
    buffer_append(jot->out, word.data, word.size);
}

void jot_string(struct jot *jot, const char *name, const char *string)
{
    jot_text(jot, name, text_of(string));
}

void jot_uint(struct jot *jot, const char *name, uint64_t number)
{
    char digits[DECIMAL_DIGITS_MAX];
    put_word(jot, name, decimal_digits(number, digits));
}

void jot_bool(struct jot *jot, const char *name, bool truth)
{
    put_word(jot, name, truth ? TEXT("true") : TEXT("false"));
}

void jot_null(struct jot *jot, const char *name)
{
    if (jot->root == NULL) {
        put_word(jot, name, TEXT("null"));
    }
}

/* What stands before and behind a text that needs no escape. */
static void begin_plain(struct jot *jot, const char *name)
{
    if (jot->root != NULL) {
        buffer_printf(jot->out, "<%s>", element_of(jot, name));
    } else {
        jot_name(jot, name);
        buffer_text(jot->out, "\"");
    }
}

static void end_plain(struct jot *jot, const char *name)
{
    if (jot->root != NULL) {
        buffer_printf(jot->out, "</%s>", element_of(jot, name));
    } else {
        buffer_text(jot->out, "\"");
    }
}

void jot_hex(struct jot *jot, const char *name, struct bytes bytes)
{
    begin_plain(jot, name);
    if (buffer_reserve(jot->out, 2 * bytes.size + 1) == RESULT_OK) {
        hex_encode(bytes, (char *)jot->out->data + jot->out->size);
        jot->out->size += 2 * bytes.size;
    }
    end_plain(jot, name);
}

void jot_base64(struct jot *jot, const char *name, struct bytes bytes)
{
    begin_plain(jot, name);
    text_base64_append(jot->out, bytes);
    end_plain(jot, name);
}

void jot_id(struct jot *jot, const char *name, const struct message_id *id)
{
    char text[UUID_TEXT_BYTES];
    message_id_format(id, text);
    jot_string(jot, name, text);
}

void jot_time_ms(struct jot *jot, const char *name, uint64_t time_ms)
{
    char text[TIMESTAMP_BYTES];
    if (time_ms == 0) {
        jot_null(jot, name);
        return;
    }
    timestamp_format(time_ms, text);
    jot_string(jot, name, text);
}
