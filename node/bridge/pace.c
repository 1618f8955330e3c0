/* Requests a second. See pace.h. */
#include "node/bridge/pace.h"

#include <stdio.h>

#define SECOND_NS ((uint64_t)1000000000)

static struct pace_client *known(struct pace *pace, const char *name)
{
    for (size_t i = 0; i < pace->count; i++) {
        if (text_equal(text_of(pace->clients[i].name), text_of(name))) {
            return &pace->clients[i];
        }
    }
    return NULL;
}

/* The row of a client that has one, or else of one whose bucket is full, which is as if it had
 * none. NULL when as many as there may be are all in the middle of something. */
static struct pace_client *find(struct pace *pace, const char *name, uint64_t now_ns)
{
    struct pace_client *unused = known(pace, name);
    if (unused != NULL) {
        return unused;
    }
    for (size_t i = 0; i < pace->count && unused == NULL; i++) {
        unused = pace->clients[i].full_ns <= now_ns ? &pace->clients[i] : NULL;
    }
    if (unused == NULL && pace->count < PACE_CLIENTS_MAX) {
        unused = &pace->clients[pace->count++];
    }
    if (unused != NULL) {
        (void)snprintf(unused->name, sizeof unused->name, "%s", name);
        unused->full_ns = now_ns;
    }
    return unused;
}

uint64_t pace_take(struct pace *pace, const char *name, uint64_t per_second, uint64_t now_ns)
{
    const uint64_t one_ns = SECOND_NS / per_second;
    struct pace_client *client = find(pace, name, now_ns);
    if (client == NULL) {
        return SECOND_NS;
    }
    uint64_t full_ns = (client->full_ns > now_ns ? client->full_ns : now_ns) + one_ns;
    if (full_ns > now_ns + PACE_BURST_S * SECOND_NS) {
        return full_ns - now_ns - PACE_BURST_S * SECOND_NS;
    }
    client->full_ns = full_ns;
    return 0;
}

void pace_give_back(struct pace *pace, const char *name, uint64_t per_second)
{
    struct pace_client *client = known(pace, name);
    if (client != NULL) {
        client->full_ns -= SECOND_NS / per_second;
    }
}

void pace_admit(struct pace *pace, struct exchange *exchange, const struct pace_limit *limit,
                struct metrics *metrics)
{
    uint64_t wait_ns = 0;
    if (limit->per_second > 0) {
        wait_ns = pace_take(pace, exchange->caller, limit->per_second, exchange->began_ns);
    }
    if (wait_ns == 0) {
        return;
    }
    unsigned long long seconds = (wait_ns + SECOND_NS - 1) / SECOND_NS;
    metrics_add(metrics, METRIC_PACED, 1);
    exchange_add_header(exchange, "Retry-After", "%llu", seconds);
    exchange_refuse(exchange, 429, "too-many-requests",
                    "%s has asked more than %llu times a second, over %d s (%s of this node); "
                    "nothing was done, come again in %llu s",
                    exchange->caller, (unsigned long long)limit->per_second, PACE_BURST_S,
                    limit->option, seconds);
}
