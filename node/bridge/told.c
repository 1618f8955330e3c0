/* What a server told. See told.h. */
#include "node/bridge/told.h"

#include "keys/text.h"

#include <jansson.h>

#define TOLD_ERRORS_MAX 3
#define TOLD_BYTES_MAX  ((size_t)320)

/* A member that is a string, behind `before`; false when there is none. */
static bool member_append(const json_t *object, const char *name, const char *before,
                          struct buffer *out)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value) || json_string_length(value) == 0) {
        return false;
    }
    buffer_text(out, before);
    text_line_append(out, (struct text){json_string_value(value), json_string_length(value)},
                     TOLD_BYTES_MAX);
    return true;
}

static bool problem_append(const json_t *problem, struct buffer *out)
{
    bool titled = member_append(problem, "title", "", out);
    bool detailed = member_append(problem, "detail", titled ? ": " : "", out);
    const json_t *errors = json_object_get(problem, "errors");
    for (size_t i = 0; i < json_array_size(errors) && i < TOLD_ERRORS_MAX; i++) {
        const json_t *one = json_array_get(errors, i);
        bool placed = member_append(one, "pointer", "; ", out);
        (void)member_append(one, "detail", placed ? ": " : "; ", out);
    }
    return titled || detailed;
}

void told_append(struct text body, struct buffer *out)
{
    json_t *json = json_loadb(body.data == NULL ? "" : body.data, body.size, 0, NULL);
    if (!json_is_object(json) || !problem_append(json, out)) {
        text_line_append(out, body, TOLD_BYTES_MAX);
    }
    json_decref(json);
}
