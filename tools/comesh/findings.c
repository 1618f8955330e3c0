/* Findings on a terminal and as JSON. See findings.h. */
#include "tools/comesh/findings.h"

#include "proto/dataset.h"
#include "tools/comesh/output.h"

static void print_finding(const struct finding *finding)
{
    char label[ELEMENT_LABEL_BYTES];
    struct buffer out = {0};
    buffer_printf(&out, "  %s: %s: ", finding->severity == SEVERITY_REFUSAL ? "refused" : "warning",
                  finding->code);
    output_text(&out, text_of(finding->element == NULL ? "document"
                                                       : element_label(finding->element, label)));
    buffer_text(&out, finding->place.size == 0 ? "" : " at ");
    output_text(&out, finding->place);
    buffer_text(&out, ": ");
    output_text(&out, finding->detail);
    (void)fprintf(stderr, "%.*s\n", TEXT_ARGS(buffer_view(&out)));
    buffer_free(&out);
}

static json_t *finding_json(const struct finding *finding)
{
    char label[ELEMENT_LABEL_BYTES];
    return json_pack("{s:b, s:s, s:o, s:s%, s:s%}", "refuses",
                     finding->severity == SEVERITY_REFUSAL, "code", finding->code, "element",
                     finding->element == NULL ? json_null()
                                              : json_string(element_label(finding->element, label)),
                     "place", finding->place.data == NULL ? "" : finding->place.data,
                     finding->place.size, "detail", finding->detail.data, finding->detail.size);
}

enum result findings_tell(const struct findings *findings, bool json, struct error *error)
{
    const struct finding *finding = findings->first;
    if (!json) {
        for (; finding != NULL; finding = finding->next) {
            print_finding(finding);
        }
        return RESULT_OK;
    }
    json_t *array = json_array();
    for (; finding != NULL; finding = finding->next) {
        (void)json_array_append_new(array, finding_json(finding));
    }
    return output_json(array, error);
}
