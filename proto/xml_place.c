/* Places in XML: XPaths out of JSON pointers. See xml.h. */
#include "proto/xml.h"

#include <stdio.h>

#define WRAPPER "/MetaData"

/* Appends one step; a number counts the occurrences of the name before it, from 1 in XPath. */
static size_t append_step(char *out, size_t size, struct text step)
{
    uint64_t number = 0;
    size_t room = PLACE_MAX_BYTES - size;
    int more = decimal_parse(step, UINT32_MAX, &number)
                   ? snprintf(out + size, room, "[%llu]", (unsigned long long)number + 1)
                   : snprintf(out + size, room, "/%.*s", TEXT_ARGS(step));
    size += more < 0 ? 0 : (size_t)more;
    return size < PLACE_MAX_BYTES ? size : PLACE_MAX_BYTES - 1;
}

struct text xml_place(struct text pointer, char out[PLACE_MAX_BYTES])
{
    size_t size = sizeof WRAPPER - 1;
    memcpy(out, WRAPPER, sizeof WRAPPER);
    while (text_skip(&pointer, "/")) {
        size = append_step(out, size, text_until(&pointer, '/'));
    }
    return (struct text){out, size};
}

/* A place that begins otherwise is one already: no document in JSON has such a root. */
static bool is_pointer(struct text place)
{
    return text_skip(&place, "/LPCO") || text_skip(&place, "/Response");
}

void xml_places(struct findings *findings)
{
    char place[PLACE_MAX_BYTES];
    for (struct finding *finding = findings->first; finding != NULL; finding = finding->next) {
        if (is_pointer(finding->place)) {
            finding->place = arena_text(findings->arena, xml_place(finding->place, place));
        }
    }
}
