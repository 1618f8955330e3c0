/* The inside of the control socket: its task and its clients. Shared by control.c, which moves
 * bytes, and pending.c, which keeps what waits. The control task. */
#ifndef COMESH_NODE_CONTROL_CLIENT_H
#define COMESH_NODE_CONTROL_CLIENT_H

#include "node/control/asking.h"
#include "node/control/control.h"
#include "node/control/wire.h"
#include "node/core/task.h"

#include <stdatomic.h>

#define CLIENTS_MAX 32

struct submitting;

struct client {
    struct control *control;
    int fd; /* -1: gone, and freed when nothing is under way */
    struct buffer received;
    size_t consumed; /* of received */
    struct buffer answers;
    size_t sent; /* of answers */
    size_t under_way;
    size_t parts;                  /* of its submits, in the writer */
    struct submitting *submitting; /* whose documents are not all in the writer; or NULL */
    bool ended;                    /* sends no more; closed when all is answered */
};

struct pending;

struct control {
    struct control_node node;
    struct task *task;
    struct queue home;
    struct store_reader *reader;
    struct arena arena;
    struct buffer rows;
    int listen_fd;
    uint64_t started_ms;
    struct client *clients[CLIENTS_MAX];
    size_t client_count;
    struct pending *waits;
    atomic_bool has_waits; /* commits wake the task */
};

#endif
