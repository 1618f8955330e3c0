/* Findings. See finding.h. */
#include "proto/finding.h"

#include "proto/dataset.h"
#include "proto/utf8.h"

#include <stdarg.h>
#include <stdio.h>

#define DETAIL_MAX_BYTES 480

const char *finding_quote(struct text value, char out[QUOTE_BYTES])
{
    static const char more[] = "…";
    bool cut = value.size >= QUOTE_BYTES;
    size_t size = cut ? utf8_cut(value, QUOTE_BYTES - sizeof more).size : value.size;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)value.data[i];
        out[i] = value.data[i];
        if (byte < 0x20 || byte == 0x7f) {
            out[i] = '?';
        }
    }
    memcpy(out + size, cut ? more : "", cut ? sizeof more : 1);
    return out;
}

void finding_add(struct findings *findings, enum severity severity, const char *code,
                 const struct element *element, struct text place, const char *format, ...)
{
    findings->count++;
    findings->refusals += severity == SEVERITY_REFUSAL ? 1 : 0;
    if (findings->count > FINDINGS_MAX) {
        return;
    }
    struct finding *finding = arena_zero(findings->arena, sizeof *finding);
    if (finding == NULL) {
        findings->refusals += severity == SEVERITY_REFUSAL ? 0 : 1;
        return;
    }
    char detail[DETAIL_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    struct text whole = {detail, length < 0 ? 0 : (size_t)length};
    *finding = (struct finding){
        .severity = severity,
        .code = code,
        .element = element,
        .place = arena_text(findings->arena, place),
        .detail = arena_text(findings->arena, utf8_cut(whole, sizeof detail - 1)),
    };
    if (findings->last == NULL) {
        findings->first = finding;
    } else {
        findings->last->next = finding;
    }
    findings->last = finding;
}

enum result findings_error(const struct findings *findings, struct error *error)
{
    if (findings->refusals == 0) {
        return RESULT_OK;
    }
    const struct finding *first = findings->first;
    while (first != NULL && first->severity != SEVERITY_REFUSAL) {
        first = first->next;
    }
    if (first == NULL) {
        return error_set(error, RESULT_INVALID,
                         "the document is refused; there was no memory to say why");
    }
    char more[48] = "";
    if (findings->refusals > 1) {
        (void)snprintf(more, sizeof more, " (and %zu more)", findings->refusals - 1);
    }
    char label[ELEMENT_LABEL_BYTES];
    return error_set(error, RESULT_INVALID, "%s%s%.*s%s%.*s%s",
                     first->element == NULL ? "document" : element_label(first->element, label),
                     first->place.size == 0 ? "" : " at ", TEXT_ARGS(first->place), ": ",
                     TEXT_ARGS(first->detail), more);
}
