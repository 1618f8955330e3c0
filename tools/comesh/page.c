/* A page. See page.h. */
#include "tools/comesh/page.h"

#include "tools/comesh/output.h"

static const char style[] =
    "body{font:16px/1.4 sans-serif;margin:2em;color:#111;background:#fff}"
    "table{border-collapse:collapse}caption{text-align:left;font-weight:bold;padding:.5em 0}"
    "th,td{border:1px solid #767676;padding:.3em .6em;text-align:left;vertical-align:top}"
    "thead th{background:#e8eef4}tr.differs{background:#fff6d6}small{color:#444}"
    "@media print{body{margin:0;font-size:10pt}tr{break-inside:avoid}thead{display:table-header-"
    "group}}";

void page_begin(const char *title, struct buffer *out)
{
    buffer_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\">\n<title>");
    page_text(text_of(title), out);
    buffer_printf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>", style);
    page_text(text_of(title), out);
    buffer_text(out, "</h1>\n");
}

void page_end(struct buffer *out)
{
    buffer_text(out, "</main>\n</body>\n</html>\n");
}

void page_text(struct text text, struct buffer *out)
{
    struct buffer plain = {0};
    output_text(&plain, text);
    for (size_t i = 0; i < plain.size; i++) {
        char c = (char)plain.data[i];
        const char *escaped = c == '<'   ? "&lt;"
                              : c == '>' ? "&gt;"
                              : c == '&' ? "&amp;"
                              : c == '"' ? "&quot;"
                                         : NULL;
        if (escaped != NULL) {
            buffer_text(out, escaped);
        } else {
            buffer_append(out, &c, 1);
        }
    }
    buffer_free(&plain);
}
