/* The commands' side of the control socket (node/control/wire.h): one connection to a running node.
 * Requests may be sent before earlier ones are answered; answers come in their order. */
#ifndef COMESH_TOOLS_COMESH_CLIENT_H
#define COMESH_TOOLS_COMESH_CLIENT_H

#include "keys/passphrase.h"
#include "node/control/wire.h"
#include "node/core/config.h"
#include "tools/comesh/command.h"

/* Reads the configuration of the node whose directory the call names; to be freed. Its errors are
 * printed and give the exit code EX_CONFIG. */
enum result node_config(struct call *call, struct config **config,
                        struct error *error) RESULT_CHECKED;

struct client;

/* RESULT_UNAVAILABLE, with how to start it, when the node does not run. */
enum result client_open(const struct config *config, struct client **client,
                        struct error *error) RESULT_CHECKED;
void client_close(struct client **client);

/* Both in one: for commands that only speak with the node. */
enum result node_connect(struct call *call, struct client **client,
                         struct error *error) RESULT_CHECKED;

/* Begins a request: put the arguments behind with mp_put_*, then client_send. */
struct buffer *client_begin(struct client *client, const char *verb, size_t argument_count);
enum result client_send(struct client *client, struct error *error) RESULT_CHECKED;

/* Called for each row of an answer; an error ends the reading. The row's views live until then. */
typedef enum result client_row(void *self, const struct wire_row *row, struct error *error);

/* Receives the answer to the oldest request that is not answered: its rows, then its end, or the
 * node's error. `each` may be NULL where no rows are awaited. */
enum result client_receive(struct client *client, client_row *each, void *self,
                           struct error *error) RESULT_CHECKED;

/* The node reads its directory again, and unlocks new keys of its card; gives how many stay locked.
 */
enum result client_reload(struct client *client, uint64_t *locked,
                          struct error *error) RESULT_CHECKED;
enum result client_unlock(struct client *client, const struct passphrase *passphrase,
                          uint64_t *locked, struct error *error) RESULT_CHECKED;

/* Says what stayed locked, and how it is unlocked; nothing for 0. */
void client_tell_locked(uint64_t locked);

/* A request without arguments, and its answer. */
enum result client_ask(struct client *client, const char *verb, client_row *each, void *self,
                       struct error *error) RESULT_CHECKED;

#endif
