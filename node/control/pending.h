/* Requests that wait: for their commit (submit, take, release), for the receipts of a channel, or
 * for a partner. Each is counted as under way at its client, and answered when it is over; a client
 * that is gone is forgotten then. The control task. */
#ifndef COMESH_NODE_CONTROL_PENDING_H
#define COMESH_NODE_CONTROL_PENDING_H

#include "node/control/client.h"

/* Begins the request when its verb is one that waits; RESULT_NOT_FOUND without a sentence when it
 * is not. Any other failure is the caller's to send. */
enum result pending_begin(struct client *client, struct wire_request *request,
                          struct error *error) RESULT_CHECKED;

/* Answers the waits that are over, all of them when `at_once`. Gives the milliseconds until the
 * next one ends, -1 when there is none. */
int pending_check(struct control *control, bool at_once);

#endif
