/* Compact JSON. See jot.h. */
#include "node/bridge/jot.h"

#include "keys/text.h"
#include "node/core/world.h"
#include "proto/json.h"
#include "proto/utf8.h"

void jot_name(struct jot *jot, const char *name)
{
    if (jot->inside) {
        buffer_text(jot->out, ",");
    }
    if (name != NULL) {
        buffer_printf(jot->out, "\"%s\":", name);
    }
    jot->inside = true;
}

void jot_open(struct jot *jot, const char *name, char bracket)
{
    jot_name(jot, name);
    buffer_append(jot->out, &bracket, 1);
    jot->inside = false;
}

void jot_close(struct jot *jot, char bracket)
{
    buffer_append(jot->out, &bracket, 1);
    jot->inside = true;
}

void jot_text(struct jot *jot, const char *name, struct text text)
{
    jot_name(jot, name);
    json_write_string(utf8_cut(text, text.size), jot->out);
}

void jot_string(struct jot *jot, const char *name, const char *string)
{
    jot_text(jot, name, text_of(string));
}

void jot_uint(struct jot *jot, const char *name, uint64_t number)
{
    jot_name(jot, name);
    buffer_printf(jot->out, "%llu", (unsigned long long)number);
}

void jot_bool(struct jot *jot, const char *name, bool truth)
{
    jot_name(jot, name);
    buffer_text(jot->out, truth ? "true" : "false");
}

void jot_null(struct jot *jot, const char *name)
{
    jot_name(jot, name);
    buffer_text(jot->out, "null");
}

void jot_hex(struct jot *jot, const char *name, struct bytes bytes)
{
    jot_name(jot, name);
    buffer_text(jot->out, "\"");
    if (buffer_reserve(jot->out, 2 * bytes.size + 1) == RESULT_OK) {
        hex_encode(bytes, (char *)jot->out->data + jot->out->size);
        jot->out->size += 2 * bytes.size;
    }
    buffer_text(jot->out, "\"");
}

void jot_base64(struct jot *jot, const char *name, struct bytes bytes)
{
    jot_name(jot, name);
    buffer_text(jot->out, "\"");
    text_base64_append(jot->out, bytes);
    buffer_text(jot->out, "\"");
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
