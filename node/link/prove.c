/* The proof at start that the gate is shut to strangers. Runs in the thread that starts the node.
 * See gate.h. */
#include "node/link/gate.h"
#include "node/link/monitor.h"
#include "node/link/sockopt.h"

#include <zmq.h>

#define PROOF_WAIT_MS  6000 /* longer than a handshake may take */
#define PROOF_EVENTS   (ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
#define STATUS_REFUSED 400

static enum result judge(const struct monitor_event *event, const char *endpoint,
                         struct error *error)
{
    if (event->event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && event->value == STATUS_REFUSED) {
        return RESULT_OK;
    }
    if (event->event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
        return error_set(error, RESULT_UNTRUSTED,
                         "gate: a stranger's key was admitted at %s; the node does not start, for "
                         "this libzmq does not ask the gate",
                         endpoint);
    }
    return error_set(error, RESULT_UNTRUSTED,
                     "gate: a stranger's key got status %u at %s instead of %d", event->value,
                     endpoint, STATUS_REFUSED);
}

static enum result knock(void *context, void *dealer, const char *endpoint, struct error *error)
{
    struct monitor monitor = {0};
    struct monitor_event event;
    enum result result = monitor_open(context, dealer, PROOF_EVENTS, &monitor, error);
    if (result == RESULT_OK) {
        result = sockopt_family(dealer, endpoint, error);
    }
    if (result == RESULT_OK && zmq_connect(dealer, endpoint) != 0) {
        result = error_set(error, RESULT_IO, "gate: proof at %s: %s", endpoint,
                           zmq_strerror(zmq_errno()));
    }
    if (result == RESULT_OK) {
        zmq_pollitem_t item = {.socket = monitor.pair, .events = ZMQ_POLLIN};
        (void)zmq_poll(&item, 1, PROOF_WAIT_MS);
        if (monitor_next(&monitor, &event)) {
            result = judge(&event, endpoint, error);
        } else {
            result = error_set(error, RESULT_UNAVAILABLE,
                               "gate: no handshake at %s within %d s, so that nothing shows that "
                               "strangers are refused; is something else bound there?",
                               endpoint, PROOF_WAIT_MS / 1000);
        }
    }
    monitor_close(&monitor);
    return result;
}

enum result gate_prove(void *context, const char *endpoint, const struct keypair *key,
                       struct error *error)
{
    struct keypair *stranger = NULL;
    void *dealer = NULL;
    enum result result = keypair_generate(KEY_TRANSPORT, &stranger, error);
    if (result == RESULT_OK) {
        result = sockopt_dealer(context, stranger, keypair_public(key), &dealer, error);
    }
    if (result == RESULT_OK) {
        result = knock(context, dealer, endpoint, error);
    }
    if (dealer != NULL) {
        (void)zmq_close(dealer);
    }
    keypair_destroy(&stranger);
    return result;
}

enum result gate_prove_alone(void *context, const struct keypair *key, struct error *error)
{
    char endpoint[ENDPOINT_MAX_BYTES];
    size_t size = sizeof endpoint;
    void *router = NULL;
    enum result result = sockopt_router(context, &router, error);
    if (result != RESULT_OK) {
        return result;
    }
    result = sockopt_serve(router, key, error);
    if (result == RESULT_OK && (zmq_bind(router, "tcp://127.0.0.1:*") != 0 ||
                                zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &size) != 0)) {
        result = error_set(error, RESULT_IO, "gate: no port for its proof: %s",
                           zmq_strerror(zmq_errno()));
    }
    if (result == RESULT_OK) {
        result = gate_prove(context, endpoint, key, error);
    }
    (void)zmq_close(router);
    return result;
}
