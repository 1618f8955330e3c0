/* The syntax of names. See name.h. */
#include "proto/name.h"

#include <arpa/inet.h>

#define LABEL_MAX_BYTES    ((size_t)63) /* RFC 1035, section 2.3.4 */
#define DNS_NAME_MAX_BYTES ((size_t)253)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_number(struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!is_digit(text.data[i])) {
            return false;
        }
    }
    return true;
}

static bool is_label(struct text label)
{
    if (label.size == 0 || label.size > LABEL_MAX_BYTES || label.data[0] == '-' ||
        label.data[label.size - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < label.size; i++) {
        char c = label.data[i];
        if (!(c >= 'a' && c <= 'z') && !is_digit(c) && c != '-') {
            return false;
        }
    }
    return true;
}

/* A name whose last label is a number would be read as an IPv4 address: it is no name. */
static bool is_dns_name(struct text text)
{
    struct text label;
    if (text.size > DNS_NAME_MAX_BYTES) {
        return false;
    }
    do {
        label = text_until(&text, '.');
        if (!is_label(label)) {
            return false;
        }
    } while (text_skip(&text, "."));
    return !is_number(label);
}

static bool is_address(int family, struct text text)
{
    char copy[INET6_ADDRSTRLEN];
    uint8_t address[sizeof(struct in6_addr)];
    if (text.size == 0 || text.size >= sizeof copy || memchr(text.data, '\0', text.size) != NULL) {
        return false;
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return inet_pton(family, copy, address) == 1;
}

bool name_is_party(struct text text)
{
    return text.size == PARTY_MAX_BYTES - 1 && text.data[0] >= 'A' && text.data[0] <= 'Z' &&
           text.data[1] >= 'A' && text.data[1] <= 'Z';
}

bool name_is_domain(struct text text)
{
    return text.size < DOMAIN_MAX_BYTES && is_dns_name(text);
}

bool name_is_endpoint(struct text text, const char *scheme)
{
    if (text.size >= ENDPOINT_MAX_BYTES || !text_skip(&text, scheme) || !text_skip(&text, "://")) {
        return false;
    }
    if (text_skip(&text, "[")) {
        if (!is_address(AF_INET6, text_until(&text, ']')) || !text_skip(&text, "]")) {
            return false;
        }
    } else {
        struct text host = text_until(&text, ':');
        if (!is_dns_name(host) && !is_address(AF_INET, host)) {
            return false;
        }
    }
    if (text.size == 0) {
        return strcmp(scheme, "https") == 0;
    }
    uint64_t port;
    return text_skip(&text, ":") && decimal_parse(text, UINT16_MAX, &port) && port > 0;
}
