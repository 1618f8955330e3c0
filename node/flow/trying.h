/* A test of a partner that is under way: a task of its own, so that nobody waits for the network.
 * What a kind of test needs besides stands behind it in a struct of which it is the first member;
 * node/link has one for partners with a node, node/bridge one for those without. */
#ifndef COMESH_NODE_FLOW_TRYING_H
#define COMESH_NODE_FLOW_TRYING_H

#include "node/core/queue.h"
#include "node/core/task.h"
#include "node/flow/trial.h"

#define TRYING_STEP_MS 5000 /* of one step */

struct trying;

/* What a test does, in its own task; it keeps nothing when it returns. */
typedef void trying_run(struct trying *trying);

struct trying {
    struct trial trial;
    trying_run *run;
    struct flow *flow;
    struct queue *asker;         /* woken when it is over */
    struct directory *directory; /* as it was when the test began */
    struct queue home;           /* wakes the task: what it waits for is there, or it is to stop */
    struct task *task;
    struct task *running; /* the same, as the task itself knows it */
    atomic_bool is_over;
    char party[PARTY_MAX_BYTES];
};

/* Allocates `size` bytes, those of the struct that a trying begins; nothing runs yet. */
enum result trying_new(size_t size, struct flow *flow, struct text party, struct queue *asker,
                       struct trying **trying, struct error *error) RESULT_CHECKED;

/* Begins. `name` is its task's. */
enum result trying_start(struct trying *trying, const char *name, trying_run *run,
                         struct error *error) RESULT_CHECKED;

/* The steps; NULL while it is under way. */
const struct trial *trying_result(const struct trying *trying);

/* At any time; one that is under way is stopped. NULL is harmless. */
void trying_end(struct trying **trying);

/* ---- in its task ---- */

/* True when it is to stop. */
bool trying_stops(const struct trying *trying);

/* Milliseconds of a clock that only goes forward. */
uint64_t trying_now_ms(const struct trying *trying);

#endif
