/* The sockets a listener listens on: an address with a port, or a UNIX socket. */
#ifndef COMESH_NODE_BRIDGE_LISTEN_H
#define COMESH_NODE_BRIDGE_LISTEN_H

#include "proto/bytes.h"

#include <sys/types.h>

/* "127.0.0.1:8460", "[::1]:8460"; gives the listening descriptor. `name` is the option, for the
 * sentence. */
enum result listen_address(const char *name, const char *address, int *fd,
                           struct error *error) RESULT_CHECKED;

/* A UNIX socket at `path` with that mode; a socket that a dead process left there is replaced. */
enum result listen_unix(const char *name, const char *path, mode_t mode, int *fd,
                        struct error *error) RESULT_CHECKED;

/* Whether it is an address with a port, and whether of the loopback interface. */
bool listen_is_address(const char *address);
bool listen_is_loopback(const char *address);

#endif
