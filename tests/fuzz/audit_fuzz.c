/* Fuzzes the audit log: a line that is read is written back as the same bytes, and whatever an act
 * says becomes one line that is read. */
#include "keys/audit_line.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_back(struct text text)
{
    struct audit_line line;
    struct buffer again = {0};
    struct error error;
    if (audit_line_read(text, &line, &error) == RESULT_OK) {
        audit_line_append(line.number, &line.before, &line.act, &again);
        if (again.size != text.size + 1 || memcmp(again.data, text.data, text.size) != 0) {
            abort();
        }
    }
    buffer_free(&again);
}

/* The bytes as the words of an act. */
static void write_act(struct text text)
{
    const struct merkle_hash before = {{0}};
    const struct audit_act act = {.time_s = text.size,
                                  .who = {text.data, text.size / 2},
                                  .verb = text,
                                  .subject = {text.data + text.size / 3, text.size / 3},
                                  .detail = text};
    struct audit_line line;
    struct buffer out = {0};
    struct error error;
    audit_line_append(text.size, &before, &act, &out);
    if (out.size == 0 || out.data[out.size - 1] != '\n' ||
        memchr(out.data, '\n', out.size) != out.data + out.size - 1 ||
        audit_line_read((struct text){(const char *)out.data, out.size - 1}, &line, &error) !=
            RESULT_OK) {
        abort();
    }
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text = bytes_text((struct bytes){data, size});
    write_back(text);
    write_act(text);
    return 0;
}
