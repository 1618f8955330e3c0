/* Reading the golden vectors of tests/vectors. What does not fit fails the test. */
#ifndef COMESH_TESTS_VECTORS_H
#define COMESH_TESTS_VECTORS_H

#include "tests/unit/suite.h"

#include <jansson.h>

static inline json_t *document_open(const char *name)
{
    char path[128];
    json_error_t problem;
    (void)snprintf(path, sizeof path, "tests/vectors/%s", name);
    json_t *document = json_load_file(path, 0, &problem);
    ck_assert_msg(document != NULL, "%s, line %d: %s", path, problem.line, problem.text);
    ck_assert_uint_gt(json_array_size(json_object_get(document, "cases")), 0);
    return document;
}

static inline struct text text_at(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    ck_assert_msg(json_is_string(value), "%s is no string", name);
    return (struct text){json_string_value(value), json_string_length(value)};
}

static inline uint64_t number_at(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    ck_assert_msg(json_is_integer(value), "%s is no integer", name);
    return (uint64_t)json_integer_value(value);
}

static inline struct bytes hex_bytes(struct text text)
{
    uint8_t *out = arena_alloc(&arena, text.size / 2 + 1);
    ck_assert_msg(hex_decode(text, out, text.size / 2), "not hexadecimal");
    return (struct bytes){out, text.size / 2};
}

static inline struct bytes bytes_at(const json_t *object, const char *name)
{
    return hex_bytes(text_at(object, name));
}

static inline void fixed_at(const json_t *object, const char *name, uint8_t *out, size_t size)
{
    struct bytes bytes = bytes_at(object, name);
    ck_assert_uint_eq(bytes.size, size);
    memcpy(out, bytes.data, size);
}

static inline void check_bytes(const json_t *object, const char *name, struct bytes made)
{
    ck_assert_msg(bytes_equal(bytes_at(object, name), made), "%s differs", name);
}

static inline void check_text(const json_t *object, const char *name, struct text made)
{
    ck_assert_msg(text_equal(text_at(object, name), made), "%s differs: %.*s", name,
                  TEXT_ARGS(made));
}

/* Runs `check` with every case of a file. */
static inline void vectors_each(const char *file,
                                void (*check)(const json_t *object, const json_t *document))
{
    json_t *document = document_open(file);
    size_t i;
    json_t *object;
    json_array_foreach(json_object_get(document, "cases"), i, object)
    {
        check(object, document);
    }
    json_decref(document);
}

#endif
