/* The folders of a spool: where a national system without HTTP puts documents and finds them.
 *     out/OPERATION/NAME      put there by rename; sent in the order of the names
 *     sent/OPERATION/NAME     sent: committed by the node
 *     error/OPERATION/NAME    refused, with the findings in NAME.problem.json beside it
 *     in/OPERATION/NAME       arrived, for the national system to take away
 * OPERATION is send-co and so on. Every step can be done again after a kill. One thread. */
#ifndef COMESH_TOOLS_COMESH_SPOOL_H
#define COMESH_TOOLS_COMESH_SPOOL_H

#include "proto/bytes.h"
#include "proto/operation.h"

#include <limits.h>

#define SPOOL_PROBLEM ".problem.json"

struct spool {
    const char *path;
    int watch; /* inotify descriptor: readable when something was put into out/ */
    int lock;  /* on the folder: one process serves it */
};

/* Makes the folders that are missing, removes what a kill left half written, and watches out/.
 * RESULT_BUSY when another process serves the spool. */
enum result spool_open(const char *path, struct spool *spool, struct error *error) RESULT_CHECKED;
void spool_close(struct spool *spool);

/* Names waiting in out/OPERATION, ascending, at most `max`; free each and the array. Those that
 * begin with a dot are still being written. */
enum result spool_list(const struct spool *spool, enum operation operation, size_t max,
                       char ***names, size_t *count, struct error *error) RESULT_CHECKED;

/* Appends the document. RESULT_TOO_LARGE above `max`. */
enum result spool_read(const struct spool *spool, enum operation operation, const char *name,
                       size_t max, struct buffer *out, struct error *error) RESULT_CHECKED;

/* Moves it from out/ to sent/. What has the name there already stays; this one gets a number. */
enum result spool_sent(const struct spool *spool, enum operation operation, const char *name,
                       struct error *error) RESULT_CHECKED;

/* Moves it from out/ to error/, its problem put beside it first. */
enum result spool_refused(const struct spool *spool, enum operation operation, const char *name,
                          struct bytes problem, struct error *error) RESULT_CHECKED;

/* Puts a document that arrived, whole and synced. The same name again is the same document. */
enum result spool_put(const struct spool *spool, enum operation operation, const char *name,
                      struct bytes document, struct error *error) RESULT_CHECKED;

/* ---- looking from outside, which changes nothing ---- */

/* How many files of all operations lie in the folder "out", "sent", "error" or "in" whose names end
 * with `ending`. */
enum result spool_count(const struct spool *spool, const char *folder, const char *ending,
                        size_t *count, struct error *error) RESULT_CHECKED;

/* True when a process serves it. */
bool spool_is_served(const struct spool *spool);

/* ---- waiting ---- */

/* Forgets what woke the watcher. */
void spool_woken(struct spool *spool);

#endif
