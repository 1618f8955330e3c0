/* What libzmq tells about a socket's connections, as a PAIR for the poll loop of the thread that
 * owns the socket. */
#ifndef COMESH_NODE_LINK_MONITOR_H
#define COMESH_NODE_LINK_MONITOR_H

#include "proto/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Start with {0}. */
struct monitor {
    void *watched;
    void *pair; /* poll it for ZMQ_POLLIN; NULL while closed */
};

/* `value` is a file descriptor, a status code or an interval, as zmq_socket_monitor(3) says. */
struct monitor_event {
    int event; /* ZMQ_EVENT_… */
    uint32_t value;
};

/* Watches `socket` for the events of the mask. The socket's own thread. */
enum result monitor_open(void *context, void *socket, int events, struct monitor *monitor,
                         struct error *error) RESULT_CHECKED;

/* The next event that is there; false when there is none. Never waits. */
bool monitor_next(struct monitor *monitor, struct monitor_event *event);

/* Before the watched socket is closed; again is harmless. */
void monitor_close(struct monitor *monitor);

#endif
