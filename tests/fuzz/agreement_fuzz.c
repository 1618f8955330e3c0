/* Fuzzes agreements: a text that is taken is written back as the same bytes, a note of it is parsed
 * without a fault, and its signatures merge into what parses again. The input is tried as it is,
 * and as edits of a good text: place (two bytes), bytes to cut, bytes to put there, these. */
#include "keys/agreement_text.h"

#include <stdlib.h>

/* The keys are those of RFC 8032, section 7.1. */
static const char good[] =
    "comesh agreement v1\ncode AKFTA\nname ASEAN-Korea FTA\nreference Appendix 1\n"
    "environment test\nversion 2\nprevious AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    "from 2026-01-01T00:00:00Z\nuntil 2031-01-01T00:00:00Z\ngrace 30 days\nquorum 2\n"
    "party ID beacukai.go.id PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw= exporter importer\n"
    "party KR customs.go.kr 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= exporter\nlist un-ece-21 "
    "edition Revision 12\n"
    "menu begin\nmenu AKFTA 1\ntitle Form AK\nvalid from 2007-06-01\ncorrection both (x)\n"
    "validity 12 months (x)\nothers optional (x)\n\nmandatory Item (x)\nmenu end\n\n"
    "\xe2\x80\x94 test.coconnect.customs.go.kr/identity AAAAAAAA\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_text(struct text text)
{
    struct error error;
    struct buffer again = {0};
    struct agreement *agreement = calloc(1, sizeof *agreement);
    if (agreement == NULL) {
        abort();
    }
    if (agreement_text_read(text, agreement, &error) == RESULT_OK) {
        agreement_text_append(agreement, &again);
        if (!text_equal(buffer_view(&again), text)) {
            abort();
        }
    }
    buffer_free(&again);
    agreement_destroy(&agreement);
}

static void try_note(struct bytes bytes)
{
    struct error error;
    struct buffer merged = {0};
    struct agreement_count count;
    size_t added = 0;
    struct agreement *agreement = NULL;
    struct agreement *again = NULL;
    if (agreement_parse(bytes, &agreement, &error) == RESULT_OK) {
        (void)!agreement_quorum(agreement, NULL, &count, &error);
        if (agreement_merge(agreement, agreement, &merged, &added, &error) != RESULT_OK ||
            added != 0 || agreement_parse(buffer_bytes(&merged), &again, &error) != RESULT_OK ||
            again->signers != agreement->signers) {
            abort();
        }
    }
    buffer_free(&merged);
    agreement_destroy(&agreement);
    agreement_destroy(&again);
}

/* That what is edited is good: the fuzzer begins where it counts. */
static void check_good(void)
{
    struct error error;
    struct agreement *agreement = NULL;
    const struct bytes note = {(const uint8_t *)good, sizeof good - 1};
    if (agreement_parse(note, &agreement, &error) != RESULT_OK) {
        abort();
    }
    agreement_destroy(&agreement);
}

/* The good note with the input's edits, one behind the other. */
static void edit(const uint8_t *data, size_t size, struct buffer *out)
{
    struct buffer text = {0};
    buffer_append(&text, good, sizeof good - 1);
    while (size >= 4 && text.size > 0 && text.size < 4 * sizeof good) {
        size_t at = ((size_t)data[0] << 8 | data[1]) % text.size;
        size_t cut = data[2] % (text.size - at + 1);
        size_t put = data[3] < size - 4 ? data[3] : size - 4;
        buffer_clear(out);
        buffer_append(out, text.data, at);
        buffer_append(out, data + 4, put);
        buffer_append(out, text.data + at + cut, text.size - at - cut);
        buffer_clear(&text);
        buffer_append(&text, out->data, out->size);
        data += 4 + put;
        size -= 4 + put;
    }
    buffer_clear(out);
    buffer_append(out, text.data, text.size);
    buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct buffer edited = {0};
    struct error error;
    if (keys_init(&error) != RESULT_OK) {
        abort();
    }
    try_text(bytes_text(bytes));
    try_note(bytes);
    if (size == 0) {
        check_good();
    }
    edit(data, size, &edited);
    try_note(buffer_bytes(&edited));
    const void *end = memmem(edited.data, edited.size, "menu end\n\n", 10);
    if (end != NULL) { /* the text alone */
        try_text((struct text){(const char *)edited.data,
                               (size_t)((const uint8_t *)end - edited.data) + 9});
    }
    buffer_free(&edited);
    return 0;
}
