/* Names of channels. See channel.h. */
#include "proto/channel.h"

#include "proto/merkle.h"
#include "proto/operation.h"

#include <inttypes.h>
#include <stdio.h>

/* "prod" ".coconnect." DOMAIN "/" PARTY "/" epoch, without the NUL. */
_Static_assert(4 + 11 + (DOMAIN_MAX_BYTES - 1) + 1 + (PARTY_MAX_BYTES - 1) + 1 + 10 <
                   ORIGIN_MAX_BYTES,
               "the longest origin fits");

/* What is wrong with the parts of a name, or NULL. */
static const char *name_problem(const struct channel_name *name)
{
    if (!environment_valid(name->environment)) {
        return "its environment is not dev, test or prod";
    }
    if (!name_is_domain(name->domain)) {
        return "its domain is not a lower-case DNS name";
    }
    if (!name_is_party(name->receiver)) {
        return "its receiver is not a party code of two capital letters";
    }
    if (name->epoch == 0) {
        return "its epoch is not a number from 1";
    }
    return NULL;
}

enum result channel_origin(const struct channel_name *name, char out[ORIGIN_MAX_BYTES],
                           struct error *error)
{
    const char *problem = name_problem(name);
    if (problem != NULL) {
        return error_set(error, RESULT_INVALID, "channel of domain '%.*s' to '%.*s' in '%.*s': %s",
                         TEXT_ARGS(name->domain), TEXT_ARGS(name->receiver),
                         TEXT_ARGS(name->environment), problem);
    }
    (void)snprintf(out, ORIGIN_MAX_BYTES, "%.*s.coconnect.%.*s/%.*s/%" PRIu32,
                   TEXT_ARGS(name->environment), TEXT_ARGS(name->domain), TEXT_ARGS(name->receiver),
                   name->epoch);
    return RESULT_OK;
}

enum result channel_parse(struct text origin, struct channel_name *name, struct error *error)
{
    struct text rest = origin;
    uint64_t epoch = 0;
    name->environment = text_until(&rest, '.');
    bool whole = text_skip(&rest, ".coconnect.");
    name->domain = text_until(&rest, '/');
    whole = whole && text_skip(&rest, "/");
    name->receiver = text_until(&rest, '/');
    whole = whole && text_skip(&rest, "/");
    (void)decimal_parse(rest, UINT32_MAX, &epoch);
    name->epoch = (uint32_t)epoch;
    const char *problem =
        whole ? name_problem(name) : "it is not ENVIRONMENT.coconnect.DOMAIN/RECEIVER/EPOCH";
    if (problem != NULL) {
        int shown = (int)(origin.size < ORIGIN_MAX_BYTES ? origin.size : ORIGIN_MAX_BYTES);
        return error_set(error, RESULT_INVALID, "channel origin '%.*s': %s", shown, origin.data,
                         problem);
    }
    return RESULT_OK;
}

void channel_tag(struct text origin, char out[CHANNEL_TAG_BYTES])
{
    struct merkle_hash hash;
    merkle_sha256((struct bytes){(const uint8_t *)origin.data, origin.size}, &hash);
    hex_encode((struct bytes){hash.bytes, CHANNEL_TAG_BYTES / 2}, out);
}
