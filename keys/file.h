/* Small files that must be whole: read at once under a limit, replaced at once or not at all.
 * Any thread, any process. */
#ifndef COMESH_KEYS_FILE_H
#define COMESH_KEYS_FILE_H

#include "proto/bytes.h"

#include <sys/types.h>

enum file_access { FILE_PUBLIC, FILE_SECRET };

/* Appends the content of a regular file to `out`. RESULT_TOO_LARGE above `max`, RESULT_DENIED for
 * a secret file that others than its owner can reach, RESULT_NOT_FOUND when it is missing, and
 * RESULT_INVALID for a symbolic link and whatever else is no regular file. */
enum result file_read(const char *path, size_t max, enum file_access access, struct buffer *out,
                      struct error *error) RESULT_CHECKED;

/* Puts `content` at `path`: a temporary name beside it that begins with a dot, fsync, rename, fsync
 * of the folder. Secret files get mode 0600, others 0644. */
enum result file_replace(const char *path, struct bytes content, enum file_access access,
                         struct error *error) RESULT_CHECKED;

#endif
