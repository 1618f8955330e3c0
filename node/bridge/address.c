/* Which addresses are public. See address.h. */
#include "node/bridge/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

/* Blocks of IPv4 that are not of the public internet: first address, length of the prefix. */
static const struct {
    uint32_t first;
    unsigned bits;
} blocks[] = {
    {0x00000000, 8},  /* this network */
    {0x0a000000, 8},  /* private */
    {0x64400000, 10}, /* shared, RFC 6598 */
    {0x7f000000, 8},  /* loopback */
    {0xa9fe0000, 16}, /* link-local */
    {0xac100000, 12}, /* private */
    {0xc0000000, 24}, /* protocol assignments */
    {0xc0000200, 24}, /* documentation */
    {0xc0586300, 24}, /* 6to4 relays */
    {0xc0a80000, 16}, /* private */
    {0xc6120000, 15}, /* benchmarks */
    {0xc6336400, 24}, /* documentation */
    {0xcb007100, 24}, /* documentation */
    {0xe0000000, 3},  /* multicast and reserved */
};

static bool v4_is_public(uint32_t address)
{
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        if ((address ^ blocks[i].first) >> (32 - blocks[i].bits) == 0) {
            return false;
        }
    }
    return true;
}

static uint32_t v4_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           (uint32_t)bytes[3];
}

/* Only 2000::/3 is given out; in it 6to4 and NAT64 carry an IPv4 address, and some is set apart. */
static bool v6_is_public(const uint8_t *bytes)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};
    if (memcmp(bytes, mapped, sizeof mapped) == 0 || memcmp(bytes, nat64, sizeof nat64) == 0) {
        return v4_is_public(v4_at(bytes + 12));
    }
    if (bytes[0] == 0x20 && bytes[1] == 0x02) {
        return v4_is_public(v4_at(bytes + 2));
    }
    bool teredo_or_set_apart = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] < 0x02;
    bool documentation = v4_at(bytes) == 0x20010db8;
    return (bytes[0] & 0xe0) == 0x20 && !teredo_or_set_apart && !documentation;
}

bool address_is_public(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    switch (address->sa_family) {
    case AF_INET:
        memcpy(&v4, address, sizeof v4);
        return v4_is_public(ntohl(v4.sin_addr.s_addr));
    case AF_INET6:
        memcpy(&v6, address, sizeof v6);
        return v6_is_public(v6.sin6_addr.s6_addr);
    default:
        return false;
    }
}
