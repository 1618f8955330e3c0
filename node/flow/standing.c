/* How lanes stand. See standing.h. */
#include "node/flow/standing.h"

const struct standing *standing_of(const struct standing *standings, size_t count,
                                   const char *party)
{
    static const struct standing none = {.outgoing = "none", .incoming = "none"};
    for (size_t i = 0; i < count; i++) {
        if (strcmp(standings[i].party, party) == 0) {
            return &standings[i];
        }
    }
    return &none;
}
