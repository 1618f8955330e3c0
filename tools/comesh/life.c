/* The life of a certificate. See life.h. */
#include "tools/comesh/life.h"

#include "tools/comesh/document.h"
#include "tools/comesh/output.h"
#include "tools/comesh/rows.h"

static void print_goods(const struct wire_value *goods)
{
    static const char *const heads[] = {">ITEM", ">CERTIFIED", ">USED", ">LEFT",
                                        "UNIT",  "TREATMENT",  "SINCE", NULL};
    static const unsigned texts[] = {WIRE_GOODS_CERTIFIED, WIRE_GOODS_USED, WIRE_GOODS_LEFT,
                                     WIRE_GOODS_UNIT, WIRE_GOODS_TREATMENT};
    struct table table = table_begin(heads);
    struct mp_reader reader = goods->rows;
    char time[OUTPUT_TIME_BYTES];
    for (size_t i = 0; goods->type == MP_ARRAY && i < goods->count; i++) {
        struct wire_row row;
        wire_row_read(&reader, &wire_shape_goods, &row);
        table_number(&table, wire_row_uint(&row, WIRE_GOODS_NUMBER));
        for (size_t text = 0; text < sizeof texts / sizeof texts[0]; text++) {
            table_text(&table, wire_row_text(&row, texts[text]));
        }
        table_string(&table, output_time_ms(wire_row_uint(&row, WIRE_GOODS_SINCE), time));
    }
    table_end(&table, stdout);
}

static void print_matters(const struct wire_value *matters)
{
    static const char *const heads[] = {"OPEN", ">ITEM", "SINCE", "DUE", NULL};
    struct table table = table_begin(heads);
    struct mp_reader reader = matters->rows;
    char time[OUTPUT_TIME_BYTES];
    for (size_t i = 0; matters->type == MP_ARRAY && i < matters->count; i++) {
        struct wire_row row;
        wire_row_read(&reader, &wire_shape_matter, &row);
        uint64_t item = wire_row_uint(&row, WIRE_MATTER_ITEM);
        table_text(&table, wire_row_text(&row, WIRE_MATTER_WHAT));
        if (item > 0) {
            table_number(&table, item);
        } else {
            table_string(&table, "-");
        }
        table_string(&table, output_time_ms(wire_row_uint(&row, WIRE_MATTER_SINCE), time));
        table_string(&table, output_time_ms(wire_row_uint(&row, WIRE_MATTER_DUE), time));
    }
    if (table.count > 0) {
        (void)printf("\n");
    }
    table_end(&table, stdout);
}

/* "WORDS TEXT" when there is a text. */
static void add_words(struct buffer *out, const char *words, const struct wire_row *row,
                      unsigned key)
{
    struct text text = wire_row_text(row, key);
    if (text.size > 0) {
        buffer_text(out, words);
        output_text(out, text);
    }
}

static enum result print_certificate(void *self, const struct wire_row *row, struct error *error)
{
    bool *more = self;
    struct buffer out = {0};
    add_words(&out, *more ? "\n" : "", row, WIRE_CERTIFICATE_NUMBER);
    add_words(&out, " of ", row, WIRE_CERTIFICATE_EXPORTER);
    add_words(&out, " for ", row, WIRE_CERTIFICATE_IMPORTER);
    add_words(&out, ", ", row, WIRE_CERTIFICATE_AGREEMENT);
    add_words(&out, ": ", row, WIRE_CERTIFICATE_STATE);
    buffer_printf(&out, "\nrevision %llu",
                  (unsigned long long)wire_row_uint(row, WIRE_CERTIFICATE_REVISION));
    add_words(&out, ", issued ", row, WIRE_CERTIFICATE_ISSUED);
    add_words(&out, ", valid until ", row, WIRE_CERTIFICATE_VALID_UNTIL);
    add_words(&out, ", ", row, WIRE_CERTIFICATE_KIND);
    add_words(&out, "\nreplaces ", row, WIRE_CERTIFICATE_REPLACES);
    add_words(&out, "\nreplaced by ", row, WIRE_CERTIFICATE_REPLACED_BY);
    add_words(&out, "\n", row, WIRE_CERTIFICATE_TREATED);
    buffer_text(&out, "\n\n");
    enum result result = buffer_check(&out, error);
    if (result == RESULT_OK) {
        (void)fwrite(out.data, 1, out.size, stdout);
        print_goods(&row->values[WIRE_CERTIFICATE_GOODS]);
        print_matters(&row->values[WIRE_CERTIFICATE_OPEN]);
    }
    buffer_free(&out);
    *more = true;
    return result;
}

enum result life_print(struct call *call, struct client *client, struct error *error)
{
    const char *name = call->operands[0];
    const char *exporter = call_value(call, "exporter");
    bool more = false;
    if (!call->json) {
        return ask_named(client, "certificate", name, exporter, print_certificate, &more, error);
    }
    json_t *array = json_array();
    enum result result =
        ask_named(client, "certificate", name, exporter, rows_to_json, array, error);
    if (result == RESULT_OK) {
        result = output_json(json_incref(array), error);
    }
    json_decref(array);
    return result;
}
