/* The page, and what stands around a form: the mark, what to compare, the state. See render.h. */
#include "tools/comesh/render.h"

#include "proto/merkle.h"
#include "tools/comesh/output.h"
#include "tools/comesh/render_boxes.h"
#include "tools/comesh/render_form.h"
#include "tools/comesh/render_node.h"
#include "tools/comesh/render_style.h"
#include "tools/comesh/render_text.h"
#include "tools/comesh/rows.h"

#define MARK "Rendering of the electronic certificate – not the certificate itself"

void render_begin(struct buffer *out, struct text number)
{
    buffer_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=\"referrer\" content=\"no-referrer\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\">\n<title>");
    render_text(out, number);
    buffer_text(out, " – " MARK "</title>\n<style>\n");
    buffer_text(out, render_style);
    buffer_text(out, "</style>\n</head>\n<body>\n<main>\n");
}

enum result render_end(struct buffer *out, struct error *error)
{
    buffer_text(out, "</main>\n</body>\n</html>\n");
    return buffer_check(out, error);
}

struct text render_number(const struct record *record)
{
    return record_text(record, render_form(record->operation)->number);
}

static void term(struct buffer *out, const char *label, struct text value)
{
    if (value.size > 0) {
        buffer_printf(out, "<div><dt>%s</dt><dd>", label);
        render_value(out, value);
        buffer_text(out, "</dd></div>\n");
    }
}

/* What an officer compares with the node's own records. It stands on every printed page. */
static void render_mark(struct buffer *out, const struct record *record, struct bytes payload,
                        const struct wire_row *row)
{
    struct merkle_hash hash;
    char digest[2 * sizeof hash.bytes + 1];
    char index[32];
    char time[OUTPUT_TIME_BYTES];
    merkle_sha256(payload, &hash);
    hex_encode((struct bytes){hash.bytes, sizeof hash.bytes}, digest);
    buffer_text(out, "<header>\n<p class=\"mark\">" MARK "</p>\n<dl>\n");
    term(out, "certificate", render_number(record));
    term(out, "message", record_text(record, "FunctionalReferenceID"));
    if (row == NULL) {
        term(out, "origin", TEXT("none: a document that was not exchanged"));
    } else {
        uint64_t stored = wire_row_uint(row, WIRE_MESSAGE_STORED);
        (void)snprintf(index, sizeof index, "%llu",
                       (unsigned long long)wire_row_uint(row, WIRE_MESSAGE_INDEX));
        term(out, "origin", wire_row_text(row, WIRE_MESSAGE_ORIGIN));
        term(out, "entry", text_of(index));
        term(out, "receipt", stored == 0 ? TEXT("none yet") : text_of(output_time_s(stored, time)));
    }
    term(out, "SHA-256", text_of(digest));
    buffer_text(out, "</dl>\n</header>\n");
}

/* A certificate is named as its type says, every other message by its operation. */
static void render_name(struct buffer *out, const struct record *record)
{
    struct text type = record_text(record, "TypeCode");
    const char *name = record->operation == OPERATION_CO ? code_label(CODES_DOCUMENT, type) : NULL;
    if (name == NULL) {
        render_text(out, text_of(operation_word(record->operation)));
    } else {
        render_text(out, text_of(name));
    }
}

static enum result render_title(struct buffer *out, const struct record *record,
                                struct error *error)
{
    const struct render_form *form = render_form(record->operation);
    buffer_text(out, "<div class=\"title\">\n<div>\n<h1><span class=\"t\">");
    render_name(out, record);
    buffer_text(out, "</span></h1>\n<dl>\n");
    for (size_t i = 0; i < RENDER_BOX_ELEMENTS && form->title[i] != NULL; i++) {
        const struct node *node = record_find(record, form->title[i]);
        if (node != NULL) {
            (void)render_run(out, node, "");
        }
    }
    buffer_text(out, "</dl>\n</div>\n");
    enum result result = render_qr(out, render_number(record), error);
    buffer_text(out, "</div>\n");
    return result;
}

/* How the message stands, from the row of the node. */
static void render_state(struct buffer *out, const struct wire_row *row)
{
    static const struct {
        const char *label;
        unsigned key;
        bool seconds;
    } times[] = {
        {"queued", WIRE_MESSAGE_QUEUED, false},
        {"arrived", WIRE_MESSAGE_ARRIVED, false},
        {"receipt", WIRE_MESSAGE_STORED, true},
        {"judged", WIRE_MESSAGE_JUDGED, false},
        {"taken by the national system", WIRE_MESSAGE_DELIVERED, false},
        {"answered", WIRE_MESSAGE_ANSWERED, false},
    };
    bool outgoing = text_equal(wire_row_text(row, WIRE_MESSAGE_DIRECTION), TEXT("outgoing"));
    buffer_text(out, "<section class=\"state\"><h2><span class=\"t\">state of the message"
                     "</span></h2>\n<dl>\n");
    term(out, "state", text_of(row_state(row)));
    term(out, outgoing ? "sent to" : "received from", wire_row_text(row, WIRE_MESSAGE_PARTNER));
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char text[OUTPUT_TIME_BYTES];
        uint64_t time = wire_row_uint(row, times[i].key);
        if (time != 0) {
            term(
                out, times[i].label,
                text_of(times[i].seconds ? output_time_s(time, text) : output_time_ms(time, text)));
        }
    }
    term(out, "verdict", wire_row_text(row, WIRE_MESSAGE_OUTCOME));
    term(out, "remark", wire_row_text(row, WIRE_MESSAGE_REMARK));
    buffer_text(out, "</dl>\n</section>\n");
}

enum result render_message(struct buffer *out, const struct record *record, struct bytes payload,
                           const struct wire_row *row, struct error *error)
{
    buffer_text(out, "<article>\n");
    render_mark(out, record, payload, row);
    buffer_text(out, "<div class=\"sheet\">\n");
    enum result result = render_title(out, record, error);
    render_boxes(out, record);
    if (row != NULL) {
        render_state(out, row);
    }
    buffer_text(out, "</div>\n</article>\n");
    return result;
}
