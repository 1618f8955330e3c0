/* A submit request: its documents go to the writer in parts, so that a bulk of one client holds up
 * neither the task nor the messages of others, and are answered in their order. The control task.
 */
#ifndef COMESH_NODE_CONTROL_SUBMITTING_H
#define COMESH_NODE_CONTROL_SUBMITTING_H

#include "node/control/client.h"

/* Begins a submit, which counts as under way at its client until it is answered. Until all parts
 * are in the writer, `submitting` of the client says so. */
enum result submitting_begin(struct client *client, struct wire_request *request,
                             struct error *error) RESULT_CHECKED;

/* Hands the next part of the client's submit to the writer, unless enough of it is there; true when
 * it did. */
bool submitting_step(struct client *client);

#endif
