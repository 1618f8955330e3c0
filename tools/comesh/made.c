/* What was made. See made.h. */
#include "tools/comesh/made.h"

#include <stdio.h>

enum result made_place(const struct made *made, const char *name, char out[CONFIG_PATH_BYTES],
                       struct error *error)
{
    int length = snprintf(out, CONFIG_PATH_BYTES, "%s%s%s", made->directory,
                          name[0] == '\0' ? "" : "/", name);
    if (length < 0 || length >= CONFIG_PATH_BYTES) {
        return error_set(error, RESULT_TOO_LARGE, "the path '%s/%s' is over %d bytes",
                         made->directory, name, CONFIG_PATH_BYTES - 1);
    }
    return RESULT_OK;
}

void made_note(struct made *made, const char *path)
{
    (void)snprintf(made->paths[made->count++], CONFIG_PATH_BYTES, "%s", path);
}

/* Backwards, so that a folder is empty when its turn comes. */
void made_take_away(struct made *made)
{
    while (made->count > 0) {
        (void)remove(made->paths[--made->count]);
    }
}
