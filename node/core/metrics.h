/* Counters of the node: what happened, and how long each step took in sum. Relaxed atomics, read by
 * the control socket. Any thread. */
#ifndef COMESH_NODE_CORE_METRICS_H
#define COMESH_NODE_CORE_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

/* symbol, name, unit, help. The step counters are nanoseconds spent, per thread, in sum. */
#define METRIC_MAP(X)                                                                              \
    X(STEP_PARSE, "step_parse", "ns", "JSON to record")                                            \
    X(STEP_CHECK, "step_check", "ns", "record against the dataset")                                \
    X(STEP_PACK, "step_pack", "ns", "record to msgpack")                                           \
    X(STEP_HASH, "step_hash", "ns", "payload digests and leaf hashes")                             \
    X(STEP_STORE, "step_store", "ns", "journal append and fdatasync")                              \
    X(STEP_VIEWS, "step_views", "ns", "views in the same batch")                                   \
    X(STEP_SIGN, "step_sign", "ns", "checkpoints and cosignatures made")                           \
    X(STEP_WIRE, "step_wire", "ns", "frames built, sent and received")                             \
    X(STEP_VERIFY, "step_verify", "ns", "entries, roots and signatures of a partner")              \
    X(STEP_UNPACK, "step_unpack", "ns", "msgpack to record")                                       \
    X(STEP_RECEIPT, "step_receipt", "ns", "receipts of a partner verified and stored")             \
    X(SUBMITTED, "submitted", "messages", "taken from the own side")                               \
    X(SUBMIT_REFUSED, "submit_refused", "messages", "refused to the own side")                     \
    X(ACCEPTED, "accepted", "messages", "stored from partners")                                    \
    X(REFUSED, "refused", "messages", "stored from partners and refused by verdict")               \
    X(RECEIPTS_SENT, "receipts_sent", "receipts", "cosigned checkpoints made")                     \
    X(RECEIPTS_RECEIVED, "receipts_received", "receipts", "cosigned checkpoints verified")         \
    X(COMMITS, "commits", "commits", "group commits")                                              \
    X(FRAMES_SENT, "frames_sent", "frames", "lane frames sent")                                    \
    X(FRAMES_RECEIVED, "frames_received", "frames", "lane frames received")                        \
    X(FRAMES_CUT, "frames_cut", "frames", "frames cut as hostile")                                 \
    X(ADMISSIONS, "admissions", "handshakes", "let in by the gate")                                \
    X(REJECTIONS, "rejections", "handshakes", "turned away by the gate")                           \
    X(PACED, "paced", "requests", "answered 429 by a listener: too many a second")                 \
    X(TURNED_AWAY, "turned_away", "connections", "cut by the public listener: too many strangers")

enum metric {
#define METRIC_ENUM(symbol, name, unit, help) METRIC_##symbol,
    METRIC_MAP(METRIC_ENUM)
#undef METRIC_ENUM
        METRIC_COUNT
};

struct metrics {
    _Atomic uint64_t value[METRIC_COUNT];
};

static inline void metrics_add(struct metrics *metrics, enum metric metric, uint64_t amount)
{
    atomic_fetch_add_explicit(&metrics->value[metric], amount, memory_order_relaxed);
}

const char *metric_name(enum metric metric);
const char *metric_unit(enum metric metric);
const char *metric_help(enum metric metric);

#endif
