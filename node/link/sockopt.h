/* The options of the context and of every lane socket, in one table, each checked when it is set.
 * Source: the measurements in the design of the ZeroMQ side; node/README.md prints the table. */
#ifndef COMESH_NODE_LINK_SOCKOPT_H
#define COMESH_NODE_LINK_SOCKOPT_H

#include "keys/keypair.h"
#include "proto/frame.h"

/* Not empty, or libzmq admits everyone even where ZAP is enforced. */
#define LINK_ZAP_DOMAIN "comesh"

/* Pushes that may wait in a dealer's own queue; what keeps a lane in bounds is credit. */
#define LANE_WINDOW_FRAMES 64

/* libzmq holds MAXMSGSIZE against what is on the wire, and a CURVE MESSAGE command (ZeroMQ RFC 26)
 * adds its name (8), nonce (8), authenticator (16) and flags (1) to a frame. */
#define CURVE_OVERHEAD_BYTES 33
#define WIRE_MAX_BYTES       (FRAME_MAX_BYTES + CURVE_OVERHEAD_BYTES)

enum sockopt_role { SOCKOPT_ROUTER = 1, SOCKOPT_DEALER = 2 };

struct sockopt {
    const char *name;
    int option;
    unsigned roles; /* bits of enum sockopt_role */
    int value;
    bool readable; /* libzmq gives it back */
};

/* The integer options, in the order in which they are set. Static. */
const struct sockopt *sockopt_table(size_t *count);

/* A context for the life of the process; raises the limit of open files as far as it goes. */
enum result sockopt_context(void **context, struct error *error) RESULT_CHECKED;

/* A new ROUTER that serves CURVE and asks the gate about everybody. */
enum result sockopt_router(void *context, void **router, struct error *error) RESULT_CHECKED;

/* The key that the ROUTER serves at what is bound from now on; earlier binds keep theirs. */
enum result sockopt_serve(void *router, const struct keypair *own,
                          struct error *error) RESULT_CHECKED;

/* A new DEALER that talks only to the holder of `server_key`. */
enum result sockopt_dealer(void *context, const struct keypair *own,
                           const uint8_t server_key[KEY_PUBLIC_BYTES], void **dealer,
                           struct error *error) RESULT_CHECKED;

/* IPv6 for the next bind or connect if and only if `endpoint` is an IPv6 literal: with the option
 * on, libzmq does not fall back to IPv4 (#4313). */
enum result sockopt_family(void *socket, const char *endpoint, struct error *error) RESULT_CHECKED;

#endif
