/* Plain libzmq: CURVE from a DEALER to a ROUTER. See floors.h. */
#include "tools/bench/floors.h"

#include "keys/keypair.h"
#include "tools/bench/samples.h"

#include <pthread.h>
#include <stdlib.h>
#include <zmq.h>

#define HIGH_WATER      64
#define KERNEL_BYTES    262144
#define RECEIVE_WAIT_MS 60000
#define ENDPOINT_BYTES  128

/* One end: a context and a socket of its own. */
struct end {
    void *context;
    void *socket;
    struct keypair *keypair;
};

struct receiving {
    struct end *end;
    uint64_t frames;
    int problem; /* errno, 0 when all have come */
};

static bool set_number(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool set_key(void *socket, int option, const uint8_t *key)
{
    return zmq_setsockopt(socket, option, key, KEY_PUBLIC_BYTES) == 0;
}

static enum result end_open(struct end *end, int type, struct error *error)
{
    enum result result = keypair_generate(KEY_TRANSPORT, &end->keypair, error);
    if (result != RESULT_OK) {
        return result;
    }
    end->context = zmq_ctx_new();
    end->socket = end->context == NULL ? NULL : zmq_socket(end->context, type);
    void *socket = end->socket;
    return socket != NULL && set_number(socket, ZMQ_LINGER, 0) &&
                   set_number(socket, ZMQ_RCVHWM, HIGH_WATER) &&
                   set_number(socket, ZMQ_SNDHWM, HIGH_WATER) &&
                   set_number(socket, ZMQ_RCVBUF, KERNEL_BYTES) &&
                   set_number(socket, ZMQ_SNDBUF, KERNEL_BYTES) &&
                   set_number(socket, ZMQ_RCVTIMEO, RECEIVE_WAIT_MS) &&
                   set_number(socket, ZMQ_SNDTIMEO, RECEIVE_WAIT_MS) &&
                   set_key(socket, ZMQ_CURVE_PUBLICKEY, keypair_public(end->keypair)) &&
                   set_key(socket, ZMQ_CURVE_SECRETKEY, keypair_transport_secret(end->keypair))
               ? RESULT_OK
               : error_system(error, zmq_errno(), "libzmq's floor: a socket");
}

static void end_close(struct end *end)
{
    if (end->socket != NULL) {
        (void)zmq_close(end->socket);
    }
    if (end->context != NULL) {
        (void)zmq_ctx_term(end->context);
    }
    keypair_destroy(&end->keypair);
}

static enum result join_ends(struct end *router, struct end *dealer, struct error *error)
{
    char endpoint[ENDPOINT_BYTES];
    size_t size = sizeof endpoint;
    bool joined = set_number(router->socket, ZMQ_CURVE_SERVER, 1) &&
                  zmq_bind(router->socket, "tcp://127.0.0.1:*") == 0 &&
                  zmq_getsockopt(router->socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0 &&
                  set_key(dealer->socket, ZMQ_CURVE_SERVERKEY, keypair_public(router->keypair)) &&
                  zmq_connect(dealer->socket, endpoint) == 0;
    return joined ? RESULT_OK
                  : error_system(error, zmq_errno(), "libzmq's floor: DEALER to ROUTER");
}

/* A message at the ROUTER: the sender's name, then the frame. */
static int receive_one(void *socket)
{
    zmq_msg_t part;
    int more = 1;
    while (more != 0) {
        (void)zmq_msg_init(&part);
        if (zmq_msg_recv(&part, socket, 0) < 0) {
            return zmq_errno();
        }
        more = zmq_msg_more(&part);
        (void)zmq_msg_close(&part);
    }
    return 0;
}

static void *receive_all(void *argument)
{
    struct receiving *receiving = argument;
    for (uint64_t i = 0; i < receiving->frames && receiving->problem == 0; i++) {
        receiving->problem = receive_one(receiving->end->socket);
    }
    return NULL;
}

static enum result send_all(struct end *dealer, uint64_t frames, uint64_t frame_bytes,
                            struct error *error)
{
    uint8_t *frame = calloc(1, (size_t)frame_bytes);
    enum result result =
        frame == NULL ? error_set(error, RESULT_NO_MEMORY, "no memory for a frame") : RESULT_OK;
    for (uint64_t i = 0; i < frames && result == RESULT_OK; i++) {
        if (zmq_send(dealer->socket, frame, (size_t)frame_bytes, 0) < 0) {
            result = error_system(error, zmq_errno(), "libzmq's floor: sending");
        }
    }
    free(frame);
    return result;
}

/* One frame makes the connection and its handshake, which are not measured. */
static enum result warm_up(struct end *router, struct end *dealer, struct error *error)
{
    enum result result = send_all(dealer, 1, 1, error);
    if (result == RESULT_OK && receive_one(router->socket) != 0) {
        result = error_system(error, zmq_errno(), "libzmq's floor: the first frame");
    }
    return result;
}

static enum result measure(struct end *router, struct end *dealer, uint64_t frames,
                           uint64_t frame_bytes, double *seconds, struct error *error)
{
    struct receiving receiving = {.end = router, .frames = frames};
    pthread_t receiver;
    double start = clock_s();
    int problem = pthread_create(&receiver, NULL, receive_all, &receiving);
    if (problem != 0) {
        return error_system(error, problem, "a thread for libzmq's floor");
    }
    enum result result = send_all(dealer, frames, frame_bytes, error);
    (void)pthread_join(receiver, NULL);
    *seconds = clock_s() - start;
    return result == RESULT_OK && receiving.problem != 0
               ? error_system(error, receiving.problem, "libzmq's floor: receiving")
               : result;
}

enum result floor_wire(uint64_t frames, uint64_t frame_bytes, double *seconds, struct error *error)
{
    struct end router = {0};
    struct end dealer = {0};
    enum result result = end_open(&router, ZMQ_ROUTER, error);
    if (result == RESULT_OK) {
        result = end_open(&dealer, ZMQ_DEALER, error);
    }
    if (result == RESULT_OK) {
        result = join_ends(&router, &dealer, error);
    }
    if (result == RESULT_OK) {
        result = warm_up(&router, &dealer, error);
    }
    if (result == RESULT_OK) {
        result = measure(&router, &dealer, frames, frame_bytes, seconds, error);
    }
    end_close(&dealer);
    end_close(&router);
    return result;
}
