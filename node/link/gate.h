/* The gate: who may connect. It answers ZAP (ZeroMQ RFC 27) for every CURVE handshake of the inbox
 * from the directory in RAM: no disk, no cache. A task of its own; what is not said here is for any
 * thread. */
#ifndef COMESH_NODE_LINK_GATE_H
#define COMESH_NODE_LINK_GATE_H

#include "node/flow/flow.h"

/* What an admitted connection's messages carry: the party code, and the Z85 text of the key that
 * was proven. A peer cannot set them, for those of the gate win over its own. Read them from the
 * body frame: libzmq 4.3.4 loses the metadata of the first frame. */
#define GATE_PARTY_PROPERTY "User-Id"
#define GATE_KEY_PROPERTY   "X-Transport-Key"

struct gate;

/* Binds; must come before the first server socket of the context. */
enum result gate_start(void *context, struct flow *flow, struct gate **gate,
                       struct error *error) RESULT_CHECKED;

/* Shows that a stranger is refused: connects to `endpoint`, a server of `key`, with a key made
 * for this alone. RESULT_UNTRUSTED when the stranger comes in. Waits for the handshake. */
enum result gate_prove(void *context, const char *endpoint, const struct keypair *key,
                       struct error *error) RESULT_CHECKED;

/* The same at a port made for the proof, for a node that only dials out. */
enum result gate_prove_alone(void *context, const struct keypair *key,
                             struct error *error) RESULT_CHECKED;

/* The party is turned away until `until_ms`, for it sent what no node sends. */
void gate_ban(struct gate *gate, struct text party, uint64_t until_ms);

/* From now on everybody is told to come back later: the node stops. */
void gate_shut(struct gate *gate);

/* After the last server socket is closed. NULL is harmless. */
void gate_stop(struct gate **gate);

#endif
