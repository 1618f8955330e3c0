/* The life of a test of a partner. See trying.h. */
#include "node/flow/trying.h"

#include <stdio.h>
#include <stdlib.h>

enum result trying_new(size_t size, struct flow *flow, struct text party, struct queue *asker,
                       struct trying **trying, struct error *error)
{
    struct trying *made = calloc(1, size);
    *trying = made;
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "partner '%.*s': no memory to test it",
                         TEXT_ARGS(party));
    }
    made->flow = flow;
    made->asker = asker;
    made->home.wake_fd = -1;
    made->directory = flow_directory(flow);
    (void)snprintf(made->party, sizeof made->party, "%.*s", TEXT_ARGS(party));
    return RESULT_OK;
}

static void run(struct task *task, void *state)
{
    struct trying *trying = state;
    trying->running = task;
    task_started(task, RESULT_OK, NULL);
    trying->run(trying);
    atomic_store(&trying->is_over, true);
    queue_wake(trying->asker);
}

enum result trying_start(struct trying *trying, const char *name, trying_run *body,
                         struct error *error)
{
    trying->run = body;
    enum result result = queue_init(&trying->home, error);
    return result == RESULT_OK ? task_start(name, run, trying, &trying->task, error) : result;
}

const struct trial *trying_result(const struct trying *trying)
{
    return atomic_load(&trying->is_over) ? &trying->trial : NULL;
}

void trying_end(struct trying **trying)
{
    struct trying *gone = *trying;
    if (gone == NULL) {
        return;
    }
    if (gone->task != NULL) {
        task_ask_stop(gone->task, gone->home.wake_fd);
        task_join(&gone->task);
    }
    queue_close(&gone->home);
    directory_release(&gone->directory);
    free(gone);
    *trying = NULL;
}

bool trying_stops(const struct trying *trying)
{
    return task_stopping(trying->running);
}

uint64_t trying_now_ms(const struct trying *trying)
{
    return world_steady_ns(trying->flow->world) / 1000000;
}
