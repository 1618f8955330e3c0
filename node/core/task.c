/* Named threads. See task.h. */
#include "node/core/task.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#define TASK_NAME_BYTES 16 /* pthread_setname_np, with the NUL */

struct task {
    pthread_t thread;
    char name[TASK_NAME_BYTES];
    task_body *body;
    void *state;
    sem_t told; /* posted once: the result of the start is there */
    bool has_told;
    enum result result;
    struct error error;
    atomic_bool stopping;
};

static void *run(void *argument)
{
    struct task *task = argument;
    (void)pthread_setname_np(pthread_self(), task->name);
    task->body(task, task->state);
    if (!task->has_told) {
        struct error error;
        (void)error_set(&error, RESULT_INTERNAL, "task '%s' ended without a word", task->name);
        task_started(task, RESULT_INTERNAL, &error);
    }
    return NULL;
}

/* Starts the thread with all signals blocked: they are the main thread's business. */
static int start_thread(struct task *task)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&task->thread, NULL, run, task);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static void wait_for_word(struct task *task)
{
    while (sem_wait(&task->told) != 0 && errno == EINTR) {
    }
}

static void task_free(struct task *task)
{
    (void)sem_destroy(&task->told);
    free(task);
}

enum result task_start(const char *name, task_body *body, void *state, struct task **task,
                       struct error *error)
{
    *task = NULL;
    if (strlen(name) >= TASK_NAME_BYTES) {
        return error_set(error, RESULT_INTERNAL, "task '%s': the name has over %d characters", name,
                         TASK_NAME_BYTES - 1);
    }
    struct task *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "task '%s': no memory to start it", name);
    }
    (void)snprintf(made->name, sizeof made->name, "%s", name);
    made->body = body;
    made->state = state;
    atomic_init(&made->stopping, false);
    (void)sem_init(&made->told, 0, 0);
    int failed = start_thread(made);
    if (failed != 0) {
        task_free(made);
        return error_system(error, failed, "task '%s': the thread does not start", name);
    }
    wait_for_word(made);
    if (made->result != RESULT_OK) {
        enum result result = made->result;
        (void)error_set(error, result, "task '%s': %s", name, made->error.message);
        task_join(&made);
        return result;
    }
    *task = made;
    return RESULT_OK;
}

void task_started(struct task *task, enum result result, const struct error *error)
{
    task->has_told = true;
    task->result = result;
    if (result != RESULT_OK && error != NULL) {
        task->error = *error;
    }
    (void)sem_post(&task->told);
}

void task_ask_stop(struct task *task, int wake_fd)
{
    atomic_store(&task->stopping, true);
    if (wake_fd >= 0) {
        (void)eventfd_write(wake_fd, 1);
    }
}

bool task_stopping(const struct task *task)
{
    return atomic_load(&task->stopping);
}

void task_join(struct task **task)
{
    if (*task == NULL) {
        return;
    }
    (void)pthread_join((*task)->thread, NULL);
    task_free(*task);
    *task = NULL;
}
