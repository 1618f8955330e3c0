/* Certificates from a node to one partner over a connection of its own to the control socket, and
 * what the node tells about them. One thread at a time; several streams of one node at once. */
#ifndef COMESH_TOOLS_BENCH_STREAM_H
#define COMESH_TOOLS_BENCH_STREAM_H

#include "node/core/metrics.h"
#include "tools/bench/member.h"
#include "tools/bench/source.h"

#include <signal.h>
#include <stdatomic.h>

struct stream {
    struct client *client;
    struct source source;
    struct member *member; /* borrowed */
    char partner[4];
    uint64_t channel;         /* to the partner, store number; 0 until it was asked for */
    _Atomic uint64_t *serial; /* the next one of this exporter; borrowed */
};

/* Set by the signal that ends the measuring; every wait looks at it. */
extern volatile sig_atomic_t stream_interrupted;

/* Waits until the node answers. */
enum result stream_open(struct stream *stream, struct member *member, const char *partner,
                        _Atomic uint64_t *serial, struct error *error) RESULT_CHECKED;
void stream_close(struct stream *stream);

/* Submits `count` certificates, many in a request and several requests under way, until all are
 * committed at the sender. `what` is shown as progress, or NULL. An answer that is not "ok" ends
 * it.
 */
enum result stream_send(struct stream *stream, uint64_t count, const char *what,
                        struct error *error) RESULT_CHECKED;

/* Submits one; `index` is its place in the channel. */
enum result stream_send_one(struct stream *stream, uint64_t *index,
                            struct error *error) RESULT_CHECKED;

/* Looks a certificate up by its number, with its payload. RESULT_NOT_FOUND. */
enum result stream_show(struct stream *stream, uint64_t serial, struct error *error) RESULT_CHECKED;

/* Our channel to the partner: entries, and how many of them a receipt covers that is committed. */
struct stream_channel {
    uint64_t number;
    uint64_t size;
    uint64_t receipted;
};
enum result stream_channel(struct stream *stream, struct stream_channel *channel,
                           struct error *error) RESULT_CHECKED;

/* Waits until a committed receipt covers the first `size` entries; the node tells when that is.
 * RESULT_UNAVAILABLE when none moves for two minutes: something is broken. */
enum result stream_await(struct stream *stream, uint64_t size, const char *what,
                         struct error *error) RESULT_CHECKED;

/* Mean bytes of an entry with its payload, over the first entries of the channel. */
enum result stream_entry_bytes(struct stream *stream, double *bytes,
                               struct error *error) RESULT_CHECKED;

struct stream_metrics {
    uint64_t value[METRIC_COUNT];
};
enum result stream_metrics(struct stream *stream, struct stream_metrics *metrics,
                           struct error *error) RESULT_CHECKED;

#endif
