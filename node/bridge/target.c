/* The target of a request. See target.h. */
#include "node/bridge/target.h"

#include "proto/utf8.h"

static bool is_unreserved(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/* What may stand unencoded in a segment (RFC 3986, pchar); a query has '/' and '?' beside. */
static bool is_plain(uint8_t c, bool query)
{
    return is_unreserved(c) || (c != '\0' && strchr("!$&'()*+,;=:@", c) != NULL) ||
           (query && (c == '/' || c == '?'));
}

/* Decodes `raw` into the arena; false when it is badly encoded, or encoded without need. */
static bool decode(struct text raw, bool query, struct arena *arena, struct text *out)
{
    char *made = arena_alloc(arena, raw.size + 1);
    size_t size = 0;
    for (size_t i = 0; made != NULL && i < raw.size; i++) {
        uint8_t byte = (uint8_t)raw.data[i];
        if (byte == '%') {
            if (i + 2 >= raw.size || !hex_decode((struct text){raw.data + i + 1, 2}, &byte, 1) ||
                byte < ' ' || byte == 0x7f || (is_unreserved(byte) && !query)) {
                return false;
            }
            i += 2;
        } else if (!is_plain(byte, query)) {
            return false;
        }
        made[size++] = (char)byte;
    }
    *out = (struct text){made, size};
    return made != NULL && utf8_valid(*out);
}

static enum result read_path(struct text path, struct arena *arena, struct target *target,
                             struct error *error)
{
    target->path = path;
    while (text_skip(&path, "/")) {
        struct text *segment = &target->segments[target->segment_count];
        struct text raw = text_until(&path, '/');
        if (raw.size == 0 && path.size == 0 && target->segment_count == 0) {
            return RESULT_OK;
        }
        if (target->segment_count == TARGET_SEGMENTS_MAX) {
            return error_set(error, RESULT_INVALID, "the path has over %d segments",
                             TARGET_SEGMENTS_MAX);
        }
        if (raw.size == 0 || !decode(raw, false, arena, segment) ||
            text_equal(*segment, TEXT(".")) || text_equal(*segment, TEXT(".."))) {
            return error_set(error, RESULT_INVALID,
                             "the path has an empty, dotted or wrongly encoded segment; write "
                             "each segment once, and encode only what a path cannot hold");
        }
        target->segment_count++;
    }
    return path.size == 0 ? RESULT_OK
                          : error_set(error, RESULT_INVALID, "the path does not begin with '/'");
}

static enum result read_query(struct text query, struct arena *arena, struct target *target,
                              struct error *error)
{
    while (query.size > 0) {
        struct text pair = text_until(&query, '&');
        struct text raw_name = text_until(&pair, '=');
        struct text name;
        struct text value;
        (void)text_skip(&query, "&");
        (void)text_skip(&pair, "=");
        if (target->query_count == TARGET_QUERY_MAX) {
            return error_set(error, RESULT_INVALID, "the query has over %d parameters",
                             TARGET_QUERY_MAX);
        }
        if (raw_name.size == 0 || !decode(raw_name, true, arena, &name) ||
            !decode(pair, true, arena, &value)) {
            return error_set(error, RESULT_INVALID, "the query is wrongly encoded");
        }
        for (size_t i = 0; i < target->query_count; i++) {
            if (text_equal(target->query[i].name, name)) {
                return error_set(error, RESULT_INVALID, "the query has a parameter twice");
            }
        }
        target->query[target->query_count].name = name;
        target->query[target->query_count].value = value;
        target->query_count++;
    }
    return RESULT_OK;
}

enum result target_read(struct text raw, struct arena *arena, struct target *target,
                        struct error *error)
{
    *target = (struct target){0};
    if (raw.size == 0 || raw.size > TARGET_MAX_BYTES || raw.data[0] != '/') {
        return error_set(error, RESULT_INVALID,
                         "the target is not a path of 1 to %zu bytes that begins with '/'",
                         TARGET_MAX_BYTES);
    }
    struct text rest = raw;
    struct text path = text_until(&rest, '?');
    enum result result = read_path(path, arena, target, error);
    if (result == RESULT_OK && text_skip(&rest, "?")) {
        result = read_query(rest, arena, target, error);
    }
    return result;
}

struct text target_query(const struct target *target, const char *name)
{
    for (size_t i = 0; i < target->query_count; i++) {
        if (text_equal(target->query[i].name, text_of(name))) {
            return target->query[i].value;
        }
    }
    return (struct text){NULL, 0};
}
