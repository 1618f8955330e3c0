/* Which addresses are public: those that a request made for somebody else's sake may go to.
 * Any thread. */
#ifndef COMESH_NODE_BRIDGE_ADDRESS_H
#define COMESH_NODE_BRIDGE_ADDRESS_H

#include <stdbool.h>

struct sockaddr;

/* False for loopback, link-local, private, shared, multicast, reserved and unspecified addresses,
 * also as IPv4 inside IPv6, and for what is no IP (IANA special-purpose registries, RFC 6890). */
bool address_is_public(const struct sockaddr *address);

#endif
