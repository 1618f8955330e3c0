/* The inside of a running node, shared by its parts: daemon.c has its life and what its tasks call,
 * reload.c what changes while it runs. Used by these alone. */
#ifndef COMESH_NODE_DAEMON_PARTS_H
#define COMESH_NODE_DAEMON_PARTS_H

#include "node/bridge/bridge.h"
#include "node/control/control.h"
#include "node/link/link.h"
#include "node/reading.h"

#include <pthread.h>

struct daemon {
    struct configuration *configuration;
    struct flow flow;
    struct metrics metrics;
    pthread_mutex_t wake_lock; /* the writer may be about to wake what is being stopped */
    struct link *link;
    struct control *control;
    struct bridge *bridge;
    int stop_fd;                 /* written by the control socket's stop */
    pthread_mutex_t unlock_lock; /* of a whole reload, which may take seconds to unlock keys */
    pthread_mutex_t reload_lock; /* of what is taken over: short, for the writer waits for it */
};

/* Reads everything again: configuration, cards, agreements, keys, the new ones with the passphrase,
 * which may be empty; `*locked` says how many keys stay locked. All of it or nothing. `self` is the
 * daemon. The main thread and the control task. */
enum result reload_all(void *self, struct bytes passphrase, size_t *locked,
                       struct error *error) RESULT_CHECKED;

/* Cards and agreements alone, when the node itself has taken some from the mesh. Any thread. */
enum result reload_texts(void *self, struct error *error) RESULT_CHECKED;

#endif
