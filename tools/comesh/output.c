/* Text, times, sizes and JSON. See output.h. */
#include "tools/comesh/output.h"

#include "node/core/world.h"
#include "proto/utf8.h"

void output_text(struct buffer *out, struct text text)
{
    struct text rest = utf8_cut(text, text.size);
    while (rest.size > 0) {
        const char *start = rest.data;
        if (utf8_deceives(utf8_next(&rest))) {
            buffer_text(out, "?");
        } else {
            buffer_append(out, start, (size_t)(rest.data - start));
        }
    }
}

const char *output_time_ms(uint64_t time_ms, char out[OUTPUT_TIME_BYTES])
{
    _Static_assert(OUTPUT_TIME_BYTES >= TIMESTAMP_BYTES, "a timestamp fits");
    if (time_ms == 0) {
        (void)snprintf(out, OUTPUT_TIME_BYTES, "-");
    } else {
        timestamp_format(time_ms, out);
    }
    return out;
}

const char *output_time_s(uint64_t time_s, char out[OUTPUT_TIME_BYTES])
{
    (void)output_time_ms(time_s * 1000, out);
    char *point = strchr(out, '.');
    if (point != NULL) {
        (void)snprintf(point, 2, "Z");
    }
    return out;
}

const char *output_span(uint64_t seconds, char out[OUTPUT_SPAN_BYTES])
{
    static const struct {
        uint64_t seconds;
        const char *word;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    size_t i = 0;
    while (units[i].seconds > 1 && seconds < units[i].seconds) {
        i++;
    }
    unsigned long long count = seconds / units[i].seconds;
    (void)snprintf(out, OUTPUT_SPAN_BYTES, "%llu %s%s", count, units[i].word,
                   count == 1 ? "" : "s");
    return out;
}

const char *output_size(uint64_t bytes, char out[OUTPUT_SIZE_BYTES])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t i = 0;
    while (value >= 1024 && i + 1 < sizeof units / sizeof units[0]) {
        value /= 1024;
        i++;
    }
    (void)snprintf(out, OUTPUT_SIZE_BYTES, i == 0 || value >= 10 ? "%.0f %s" : "%.1f %s", value,
                   units[i]);
    return out;
}

static json_t *json_of_text(struct text text)
{
    return json_stringn(text.data == NULL ? "" : text.data, text.size);
}

static json_t *json_of_hex(struct bytes bytes)
{
    char *hex = malloc(2 * bytes.size + 1);
    json_t *json = NULL;
    if (hex != NULL) {
        hex_encode(bytes, hex);
        json = json_string(hex);
        free(hex);
    }
    return json;
}

static json_t *json_of_id(struct bytes bytes)
{
    struct message_id id;
    char text[UUID_TEXT_BYTES];
    memcpy(id.bytes, bytes.data, sizeof id.bytes);
    message_id_format(&id, text);
    return json_string(text);
}

static json_t *json_of_rows(const struct wire_value *value, const struct wire_shape *shape)
{
    json_t *array = json_array();
    struct mp_reader reader = value->rows;
    for (size_t i = 0; i < value->count; i++) {
        struct wire_row row;
        wire_row_read(&reader, shape, &row);
        (void)json_array_append_new(array, output_row(&row));
    }
    return array;
}

static json_t *json_of_value(enum wire_type type, const struct wire_value *value)
{
    char time[OUTPUT_TIME_BYTES];
    if (value->type == MP_NIL || value->type == MP_NONE) {
        return json_null();
    }
    switch (type) {
    case WIRE_UINT:
        return json_integer((json_int_t)value->number);
    case WIRE_BOOL:
        return json_boolean(value->truth);
    case WIRE_TEXT:
        return json_of_text(value->text);
    case WIRE_ID:
        return json_of_id(value->bytes);
    case WIRE_HASH:
    case WIRE_BYTES:
    case WIRE_PAYLOAD:
        return json_of_hex(value->bytes);
    case WIRE_NOTE:
        return json_of_text(bytes_text(value->bytes));
    case WIRE_TIME_MS:
        return json_string(output_time_ms(value->number, time));
    case WIRE_TIME_S:
        return json_string(output_time_s(value->number, time));
    case WIRE_FINDINGS:
        return json_of_rows(value, &wire_shape_finding);
    case WIRE_REMARKS:
        return json_of_rows(value, &wire_shape_remark);
    case WIRE_GOODS:
        return json_of_rows(value, &wire_shape_goods);
    case WIRE_MATTERS:
        return json_of_rows(value, &wire_shape_matter);
    }
    return NULL;
}

json_t *output_row(const struct wire_row *row)
{
    json_t *object = json_object();
    for (size_t key = 0; key < row->shape->count; key++) {
        const struct wire_field *field = &row->shape->fields[key];
        if (field->type != WIRE_PAYLOAD) {
            (void)json_object_set_new(object, field->name,
                                      json_of_value(field->type, &row->values[key]));
        }
    }
    return object;
}

enum result output_json(json_t *json, struct error *error)
{
    if (json == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the JSON");
    }
    int failed = json_dumpf(json, stdout, JSON_INDENT(2));
    json_decref(json);
    (void)fputc('\n', stdout);
    return failed == 0 ? RESULT_OK : error_set(error, RESULT_IO, "stdout cannot be written");
}
