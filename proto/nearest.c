/* Nearest names. See nearest.h. */
#include "proto/nearest.h"

#include <ctype.h>

#define NAME_MAX_BYTES ((size_t)64) /* nothing longer is a name of ours */

struct nearest nearest_to(struct text wanted)
{
    return (struct nearest){.wanted = wanted, .distance = SIZE_MAX};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment: changes, additions, losses and swaps of neighbours each cost one. */
static size_t distance(struct text a, struct text b)
{
    size_t rows[3][NAME_MAX_BYTES + 1];
    for (size_t j = 0; j <= b.size; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a.size; i++) {
        size_t *row = rows[i % 3];
        const size_t *up = rows[(i + 2) % 3];
        const size_t *two_up = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            size_t change = up[j - 1] + (same(a.data[i - 1], b.data[j - 1]) ? 0 : 1);
            row[j] = least(change, least(up[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same(a.data[i - 1], b.data[j - 2]) &&
                same(a.data[i - 2], b.data[j - 1])) {
                row[j] = least(row[j], two_up[j - 2] + 1);
            }
        }
    }
    return rows[a.size % 3][b.size];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    struct text name = text_of(candidate);
    if (nearest->wanted.size > NAME_MAX_BYTES || name.size > NAME_MAX_BYTES) {
        return;
    }
    size_t found = distance(nearest->wanted, name);
    if (found < nearest->distance) {
        nearest->distance = found;
        nearest->best = candidate;
    }
}

const char *nearest_found(const struct nearest *nearest)
{
    if (nearest->best == NULL) {
        return NULL;
    }
    size_t enough = nearest->wanted.size < 6 ? 1 : nearest->wanted.size / 3;
    return nearest->distance <= enough ? nearest->best : NULL;
}
