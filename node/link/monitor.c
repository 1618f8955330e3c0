/* Monitors. See monitor.h. */
#include "node/link/monitor.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

/* zmq_socket_monitor(3): a frame of 16 bits event and 32 bits value, then one with the address. */
#define EVENT_BYTES 6

enum result monitor_open(void *context, void *socket, int events, struct monitor *monitor,
                         struct error *error)
{
    static atomic_uint opened;
    char endpoint[48];
    (void)snprintf(endpoint, sizeof endpoint, "inproc://comesh-monitor-%u",
                   atomic_fetch_add(&opened, 1));
    if (zmq_socket_monitor(socket, endpoint, events) != 0) {
        return error_system(error, zmq_errno(), "monitor: zmq_socket_monitor");
    }
    monitor->watched = socket;
    monitor->pair = zmq_socket(context, ZMQ_PAIR);
    if (monitor->pair == NULL || zmq_connect(monitor->pair, endpoint) != 0) {
        enum result result = error_system(error, zmq_errno(), "monitor: PAIR socket");
        monitor_close(monitor);
        return result;
    }
    return RESULT_OK;
}

bool monitor_next(struct monitor *monitor, struct monitor_event *event)
{
    uint8_t frame[EVENT_BYTES];
    if (monitor->pair == NULL ||
        zmq_recv(monitor->pair, frame, sizeof frame, ZMQ_DONTWAIT) != EVENT_BYTES) {
        return false;
    }
    uint16_t number;
    memcpy(&number, frame, sizeof number);
    memcpy(&event->value, frame + sizeof number, sizeof event->value);
    event->event = number;
    char address[1]; /* known already; what does not fit is dropped */
    (void)zmq_recv(monitor->pair, address, sizeof address, ZMQ_DONTWAIT);
    return true;
}

/* Stopped before the PAIR is closed: libzmq #3575. */
void monitor_close(struct monitor *monitor)
{
    if (monitor->watched != NULL) {
        (void)zmq_socket_monitor(monitor->watched, NULL, 0);
    }
    if (monitor->pair != NULL) {
        (void)zmq_close(monitor->pair);
    }
    *monitor = (struct monitor){0};
}
