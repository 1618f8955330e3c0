/* Certificates in bulk. See source.h. */
#include "tools/bench/source.h"

#include "tools/bench/sample.h"

#include <inttypes.h>
#include <stdio.h>

#define ID_DIGITS     12
#define NUMBER_DIGITS 8
#define ID_MARK       "\"FunctionalReferenceID\":\""
#define ID_HEAD       24 /* of a UUID, before its last digits */

/* Where the text behind the first `mark` begins; 0 when it is not there. */
static size_t behind(struct bytes document, const char *mark)
{
    const uint8_t *found = memmem(document.data, document.size, mark, strlen(mark));
    return found == NULL ? 0 : (size_t)(found - document.data) + strlen(mark);
}

enum result source_init(struct source *source, const char *exporter, const char *importer,
                        struct error *error)
{
    char number_mark[32];
    *source = (struct source){0};
    (void)snprintf(source->exporter, sizeof source->exporter, "%s", exporter);
    (void)snprintf(number_mark, sizeof number_mark, "\"ID\":\"%s-AK-2026-", exporter);
    for (size_t i = 0; i < SOURCE_DOCUMENTS; i++) {
        struct buffer *document = &source->documents[i];
        sample_co(document, exporter, importer, i + 1, SOURCE_ITEMS);
        enum result result = buffer_check(document, error);
        if (result != RESULT_OK) {
            return result;
        }
        size_t id_at = behind(buffer_bytes(document), ID_MARK) + ID_HEAD;
        size_t number_at = behind(buffer_bytes(document), number_mark);
        if (id_at == ID_HEAD || number_at == 0 ||
            (i > 0 && (id_at != source->id_at || number_at != source->number_at))) {
            return error_set(error, RESULT_INTERNAL, "sample certificates are not of one form");
        }
        source->id_at = id_at;
        source->number_at = number_at;
    }
    return RESULT_OK;
}

void source_free(struct source *source)
{
    for (size_t i = 0; i < SOURCE_DOCUMENTS; i++) {
        buffer_free(&source->documents[i]);
    }
}

static void stamp(uint8_t *at, size_t digits, unsigned base, uint64_t number)
{
    for (size_t i = digits; i > 0; i--) {
        at[i - 1] = (uint8_t) "0123456789abcdef"[number % base];
        number /= base;
    }
}

struct bytes source_document(struct source *source, uint64_t serial)
{
    struct buffer *document = &source->documents[serial % SOURCE_DOCUMENTS];
    stamp(document->data + source->id_at, ID_DIGITS, 16, serial);
    stamp(document->data + source->number_at, NUMBER_DIGITS, 10, serial);
    return buffer_bytes(document);
}

const char *source_number(const struct source *source, uint64_t serial, char out[SOURCE_NUMBER_MAX])
{
    (void)snprintf(out, SOURCE_NUMBER_MAX, "%s-AK-2026-%08" PRIu64, source->exporter, serial);
    return out;
}
