/* The inbox's endpoints. See ports.h. */
#include "node/link/ports.h"

#include "node/core/log.h"
#include "node/link/gate.h"
#include "node/link/sockopt.h"

#include <stdio.h>
#include <zmq.h>

static enum result port_bind(void *router, struct port *port, struct error *error)
{
    enum result result = sockopt_family(router, port->endpoint, error);
    if (result == RESULT_OK && zmq_bind(router, port->endpoint) != 0) {
        result = error_set(error, RESULT_IO, "inbox: bind %s: %s; is another program there?",
                           port->endpoint, zmq_strerror(zmq_errno()));
    }
    size_t size = sizeof port->endpoint;
    if (result == RESULT_OK &&
        zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, port->endpoint, &size) != 0) {
        result = error_set(error, RESULT_IO, "inbox: endpoint of %s: %s", port->endpoint,
                           zmq_strerror(zmq_errno()));
    }
    port->bound = result == RESULT_OK;
    return result;
}

/* Where this host reaches what it is bound to: a wildcard is no address to connect to. */
static void reachable(const char *endpoint, char out[ENDPOINT_MAX_BYTES])
{
    const char *port = strrchr(endpoint, ':');
    bool any4 = strncmp(endpoint, "tcp://0.0.0.0:", 14) == 0;
    bool any6 = strncmp(endpoint, "tcp://[::]:", 11) == 0;
    const char *host = any4 ? "tcp://127.0.0.1" : "tcp://[::1]";
    (void)snprintf(out, ENDPOINT_MAX_BYTES, "%s%s", any4 || any6 ? host : endpoint,
                   any4 || any6 ? port : "");
}

enum result ports_open(struct ports *ports, void *context, const struct config *config,
                       const struct keypair *key, struct error *error)
{
    enum result result = RESULT_OK;
    for (size_t i = 0; i < config->bind_count && result == RESULT_OK; i++) {
        struct port *port = &ports->rows[ports->count++];
        char own[ENDPOINT_MAX_BYTES];
        memcpy(port->endpoint, config->binds[i], sizeof port->endpoint);
        result = port_bind(ports->router, port, error);
        if (result == RESULT_OK) {
            reachable(port->endpoint, own);
            result = gate_prove(context, own, key, error);
        }
        if (result == RESULT_OK) {
            log_event(LOG_LEVEL_INFO, "inbox", "bound", "endpoint=%s", port->endpoint);
        }
    }
    return result;
}

void ports_drop(struct ports *ports)
{
    for (size_t i = 0; i < ports->count; i++) {
        if (ports->rows[i].bound) {
            (void)zmq_unbind(ports->router, ports->rows[i].endpoint);
            ports->rows[i].bound = false;
        }
    }
}

bool ports_rebind(struct ports *ports)
{
    bool whole = true;
    struct error error;
    for (size_t i = 0; i < ports->count; i++) {
        struct port *port = &ports->rows[i];
        if (!port->bound) {
            whole = port_bind(ports->router, port, &error) == RESULT_OK && whole;
        }
    }
    return whole;
}
