/* The page, and what stands around a form: the mark, what to compare, the state. See render.h. */
#include "proto/render.h"

#include "proto/merkle.h"
#include "proto/render_boxes.h"
#include "proto/render_form.h"
#include "proto/render_node.h"
#include "proto/render_style.h"
#include "proto/render_text.h"

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
                        const struct render_passage *passage)
{
    struct merkle_hash hash;
    char digest[2 * sizeof hash.bytes + 1];
    merkle_sha256(payload, &hash);
    hex_encode((struct bytes){hash.bytes, sizeof hash.bytes}, digest);
    buffer_text(out, "<header>\n<p class=\"mark\">" MARK "</p>\n<dl>\n");
    term(out, "certificate", render_number(record));
    term(out, "message", record_text(record, "FunctionalReferenceID"));
    if (passage == NULL) {
        term(out, "origin", TEXT("none: a document that was not exchanged"));
    } else {
        term(out, "origin", passage->origin);
        term(out, "entry", passage->index);
        term(out, "receipt", passage->receipt.size == 0 ? TEXT("none yet") : passage->receipt);
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

static void render_state(struct buffer *out, const struct render_passage *passage)
{
    buffer_text(out, "<section class=\"state\"><h2><span class=\"t\">state of the message"
                     "</span></h2>\n<dl>\n");
    for (size_t i = 0; i < passage->fact_count; i++) {
        term(out, passage->facts[i].label, passage->facts[i].value);
    }
    buffer_text(out, "</dl>\n</section>\n");
}

enum result render_message(struct buffer *out, const struct record *record, struct bytes payload,
                           const struct render_passage *passage, struct error *error)
{
    buffer_text(out, "<article>\n");
    render_mark(out, record, payload, passage);
    buffer_text(out, "<div class=\"sheet\">\n");
    enum result result = render_title(out, record, error);
    render_boxes(out, record);
    if (passage != NULL) {
        render_state(out, passage);
    }
    buffer_text(out, "</div>\n</article>\n");
    return result;
}
