/* Starting programs, and what the kernel tells of them. The main thread. */
#ifndef COMESH_TOOLS_BENCH_PROCESS_H
#define COMESH_TOOLS_BENCH_PROCESS_H

#include "proto/bytes.h"

#include <sys/types.h>

/* The descriptor of a started program that holds the passphrase. */
#define PROCESS_SECRET_FD "3"

/* Starts a program; stdout goes to the end of the file `output`, stderr to that of `log`. `secret`,
 * when not NULL, is what can be read from PROCESS_SECRET_FD. The program gets SIGTERM when this
 * process ends, and no signals of the terminal. */
enum result process_start(const char *const *arguments, const char *output, const char *log,
                          const char *secret, pid_t *process, struct error *error) RESULT_CHECKED;

/* Waits for its end. RESULT_INTERNAL, with the end of its log, unless it ends with 0. */
enum result process_wait(pid_t process, const char *name, const char *log,
                         struct error *error) RESULT_CHECKED;

/* Both in one. */
enum result process_run(const char *const *arguments, const char *output, const char *log,
                        const char *secret, struct error *error) RESULT_CHECKED;

/* Reads what there is of a file, up to `size` - 1 bytes from its end or its begin, and a NUL. */
void file_tail(const char *path, char *out, size_t size);
bool file_head(const char *path, char *out, size_t size);

#endif
