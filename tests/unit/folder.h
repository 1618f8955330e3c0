/* A folder of a test's own, in $TMPDIR or /tmp, removed with all that is in it. */
#ifndef COMESH_TESTS_FOLDER_H
#define COMESH_TESTS_FOLDER_H

#include "tests/unit/suite.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[PATH_MAX];

static inline void folder_start(void)
{
    const char *base = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/comesh-unit-XXXXXX", base == NULL ? "/tmp" : base);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline int folder_remove_one(const char *path, const struct stat *status, int kind,
                                    struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static inline void folder_end(void)
{
    (void)nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of `name` in the folder, in the arena. */
static inline const char *folder_path(const char *name)
{
    char path[PATH_MAX + 64];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return arena_text(&arena, text_of(path)).data;
}

static inline void folder_write(const char *name, const void *data, size_t size)
{
    FILE *file = fopen(folder_path(name), "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

#endif
