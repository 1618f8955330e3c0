/* A task: a named thread with private state. Its start is waited for and its failure to start
 * comes back as an error; all signals are blocked in it. */
#ifndef COMESH_NODE_CORE_TASK_H
#define COMESH_NODE_CORE_TASK_H

#include "proto/err.h"

#include <stdatomic.h>
#include <stdbool.h>

struct task;

/* What a task runs: sets itself up, calls task_started with the result, loops until task_stopping,
 * cleans up, returns. */
typedef void task_body(struct task *task, void *state);

/* Starts the thread and waits until it called task_started; on failure it is joined and `error`
 * is what the task said. The name has at most 15 characters. */
enum result task_start(const char *name, task_body *body, void *state, struct task **task,
                       struct error *error) RESULT_CHECKED;

/* Called once by the task itself. */
void task_started(struct task *task, enum result result, const struct error *error);

/* Asks the task to stop; `wake_fd` is an eventfd written to wake its poll, or -1. Any thread. */
void task_ask_stop(struct task *task, int wake_fd);
bool task_stopping(const struct task *task);

/* Joins and frees; NULL is harmless. */
void task_join(struct task **task);

#endif
