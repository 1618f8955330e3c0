/* A second pair of hands. See helper.h. */
#include "node/core/helper.h"

#include "node/core/task.h"

#include <pthread.h>
#include <stdlib.h>

struct helper {
    struct task *task;
    pthread_mutex_t lock;
    pthread_cond_t offer;
    pthread_cond_t finish;
    struct help *offered;
    struct help *running;
    bool stopping;
};

/* Under the lock, which is open while the work runs. */
static void do_offered(struct helper *helper)
{
    struct help *help = helper->offered;
    helper->running = help;
    helper->offered = NULL;
    (void)pthread_mutex_unlock(&helper->lock);
    help->run(help->self);
    (void)pthread_mutex_lock(&helper->lock);
    help->done = true;
    helper->running = NULL;
    (void)pthread_cond_broadcast(&helper->finish);
}

static void helper_body(struct task *task, void *state)
{
    struct helper *helper = state;
    task_started(task, RESULT_OK, NULL);
    (void)pthread_mutex_lock(&helper->lock);
    while (!helper->stopping) {
        if (helper->offered != NULL) {
            do_offered(helper);
        } else {
            (void)pthread_cond_wait(&helper->offer, &helper->lock);
        }
    }
    (void)pthread_mutex_unlock(&helper->lock);
}

static void helper_free(struct helper *helper)
{
    (void)pthread_cond_destroy(&helper->finish);
    (void)pthread_cond_destroy(&helper->offer);
    (void)pthread_mutex_destroy(&helper->lock);
    free(helper);
}

enum result helper_start(struct helper **helper, struct error *error)
{
    *helper = NULL;
    struct helper *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory to start the helper");
    }
    (void)pthread_mutex_init(&made->lock, NULL);
    (void)pthread_cond_init(&made->offer, NULL);
    (void)pthread_cond_init(&made->finish, NULL);
    enum result result = task_start("helper", helper_body, made, &made->task, error);
    if (result != RESULT_OK) {
        helper_free(made);
        return result;
    }
    *helper = made;
    return RESULT_OK;
}

void helper_stop(struct helper **helper)
{
    struct helper *old = *helper;
    *helper = NULL;
    if (old == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&old->lock);
    old->stopping = true;
    (void)pthread_cond_signal(&old->offer);
    (void)pthread_mutex_unlock(&old->lock);
    task_join(&old->task);
    helper_free(old);
}

void helper_begin(struct helper *helper, struct help *help)
{
    help->done = false;
    if (helper == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&helper->lock);
    if (helper->offered == NULL && helper->running == NULL) {
        helper->offered = help;
        (void)pthread_cond_signal(&helper->offer);
    }
    (void)pthread_mutex_unlock(&helper->lock);
}

void helper_end(struct helper *helper, struct help *help)
{
    if (helper != NULL) {
        (void)pthread_mutex_lock(&helper->lock);
        helper->offered = helper->offered == help ? NULL : helper->offered;
        while (helper->running == help) {
            (void)pthread_cond_wait(&helper->finish, &helper->lock);
        }
        (void)pthread_mutex_unlock(&helper->lock);
    }
    if (!help->done) {
        help->run(help->self);
        help->done = true;
    }
}
