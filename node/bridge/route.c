/* The table of routes. See route.h. */
#include "node/bridge/route.h"

#include <stdio.h>

/* Whether the target's segments fit the pattern; those in braces go to `values`. */
static bool fits(const char *pattern, const struct target *target, struct text *values)
{
    struct text rest = text_of(pattern);
    size_t at = 0;
    size_t value = 0;
    while (text_skip(&rest, "/") && rest.size > 0) {
        struct text wanted = text_until(&rest, '/');
        if (at == target->segment_count) {
            return false;
        }
        struct text given = target->segments[at++];
        if (wanted.data[0] == '{') {
            values[value++] = given;
        } else if (!text_equal(wanted, given)) {
            return false;
        }
    }
    return at == target->segment_count;
}

/* GET answers HEAD as well. */
static bool is_method(const struct route *route, struct text method)
{
    return text_equal(text_of(route->method), method) ||
           (text_equal(method, TEXT("HEAD")) && text_equal(text_of(route->method), TEXT("GET")));
}

static void allow(struct route_match *match, const char *method)
{
    size_t used = strlen(match->allow);
    (void)snprintf(match->allow + used, sizeof match->allow - used, "%s%s", used == 0 ? "" : ", ",
                   method);
}

void route_find(const struct routes *routes, struct text method, const struct target *target,
                struct route_match *match)
{
    struct text values[ROUTE_VALUES_MAX] = {{NULL, 0}};
    *match = (struct route_match){0};
    for (size_t i = 0; i < routes->count; i++) {
        const struct route *route = &routes->rows[i];
        if (!fits(route->path, target, values)) {
            continue;
        }
        if (is_method(route, method)) {
            match->route = route;
            memcpy(match->values, values, sizeof values);
            return;
        }
        allow(match, route->method);
        if (text_equal(text_of(route->method), TEXT("GET"))) {
            allow(match, "HEAD");
        }
    }
    if (match->allow[0] != '\0') {
        allow(match, "OPTIONS");
    }
}
