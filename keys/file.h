/* Small files that must be whole: read at once under a limit, replaced at once or not at all.
 * Any thread, any process. */
#ifndef COMESH_KEYS_FILE_H
#define COMESH_KEYS_FILE_H

#include "proto/bytes.h"

#include <limits.h>
#include <sys/types.h>

enum file_access { FILE_PUBLIC, FILE_SECRET };

/* Appends the content of a regular file to `out`. RESULT_TOO_LARGE above `max`, RESULT_DENIED for
 * a secret file that others than its owner can reach, RESULT_NOT_FOUND when it is missing, and
 * RESULT_INVALID for a symbolic link and whatever else is no regular file. */
enum result file_read(const char *path, size_t max, enum file_access access, struct buffer *out,
                      struct error *error) RESULT_CHECKED;

/* Puts `content` at `path`: a temporary name beside it that begins with a dot, fsync, rename, fsync
 * of the folder. Secret files get mode 0600, others 0644. Failpoints: file.written, file.synced,
 * file.renamed. */
enum result file_replace(const char *path, struct bytes content, enum file_access access,
                         struct error *error) RESULT_CHECKED;

/* Removes a file so that it stays removed: its folder is synced. */
enum result file_remove(const char *path, struct error *error) RESULT_CHECKED;

/* "folder/name"; RESULT_INVALID when it is too long for a path. */
enum result file_place(char out[PATH_MAX], const char *folder, const char *name,
                       struct error *error) RESULT_CHECKED;

/* Calls `each` with path and name of what is in a folder, by name, until one fails. No folder is an
 * empty one. Names that begin with a dot, which file_replace may not have finished, are passed
 * over. */
typedef enum result file_each(void *self, const char *path, const char *name, struct error *error);
enum result file_walk(const char *folder, file_each *each, void *self,
                      struct error *error) RESULT_CHECKED;

/* Makes the folder when it is missing, 0700, synced in its parent. */
enum result file_folder(const char *path, struct error *error) RESULT_CHECKED;

/* Keeps other processes and threads that lock the same folder out, until file_unlock; waits for
 * them. file_unlock takes -1. */
enum result file_lock(const char *folder, int *lock, struct error *error) RESULT_CHECKED;
void file_unlock(int *lock);

#endif
