/* The writer: the one task that commits. Others hand it work; what arrived while the last commit
 * ran is the next batch, so batches form by themselves, up to their weight. Each work's apply runs
 * in the writer within the open batch; after the commit the work goes back to its home queue with
 * the result. */
#ifndef COMESH_NODE_STORE_WRITER_H
#define COMESH_NODE_STORE_WRITER_H

#include "node/core/queue.h"
#include "node/store/store.h"

/* Of works' weight in one commit, about: so long may a single message wait behind a bulk. */
#define WRITER_BATCH_BYTES ((size_t)128 << 10)

struct work;

/* Looks at the store, decides, appends. It must not append before it has decided that it succeeds:
 * an error of its own says "nothing of mine was appended"; when an append fails the whole batch
 * does. Runs in the writer; must not block. */
typedef enum result work_apply(struct work *work, struct store *store, struct error *error);

/* Embedded at the start of the caller's struct. */
struct work {
    struct queue_node node; /* of the writer's queue, then of the home queue */
    struct queue *home;     /* where it goes after the commit; taken by the owner's thread */
    const void *owner; /* whose it is, NULL: its home's. Works of one owner keep their order, and
                          owners take turns, so that none waits behind all that another brings */
    void (*finish)(struct work *work); /* called by the owner's thread when it takes it: see
                                          work_finish_all */
    work_apply *apply;
    size_t weight; /* bytes it will append, about */
    enum result result;
    struct error error;
};

struct writer;

/* Called in the writer, to wake those who send. `written`: a batch has entries of ours; with
 * documents, before it is synced, so that frames are made meanwhile; with verdicts alone after its
 * commit, which nobody is to be slowed down for. `committed`: after every commit, for those that
 * wait for it. */
struct writer_watch {
    void (*written)(void *self);
    void (*committed)(void *self);
    void *self;
};

enum result writer_start(struct store *store, const struct writer_watch *watch,
                         struct writer **writer, struct error *error) RESULT_CHECKED;

/* Any thread. The writer owns the work until it is home. */
void writer_submit(struct writer *writer, struct work *work);

/* Commits what was submitted, then joins. Works submitted later are the caller's error. */
void writer_stop(struct writer **writer);

/* Takes all works that came home and calls their finish, in order. The owner's thread. */
void work_finish_all(struct queue *home);

#endif
