/* What a command has made in a directory so far, to be taken away again when something fails. One
 * thread. */
#ifndef COMESH_TOOLS_COMESH_MADE_H
#define COMESH_TOOLS_COMESH_MADE_H

#include "node/core/config.h"

#define MADE_MAX 24

struct made {
    const char *directory; /* borrowed */
    char paths[MADE_MAX][CONFIG_PATH_BYTES];
    size_t count;
};

/* The path of a name in the directory; of "" the directory itself. */
enum result made_place(const struct made *made, const char *name, char out[CONFIG_PATH_BYTES],
                       struct error *error) RESULT_CHECKED;

/* That path is ours now, or will be: noted before a file is written. */
void made_note(struct made *made, const char *path);

void made_take_away(struct made *made);

#endif
