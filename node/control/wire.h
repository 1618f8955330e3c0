/* What is spoken over the node's control socket, by the node and by `comesh`: a UNIX stream socket,
 * mode 0600, for the same user and root. A frame is its length, 4 bytes big-endian, and so many
 * bytes of canonical msgpack.
 *
 * A request is [number, verb, argument…]; it is answered by any number of parts and then one end or
 * error with the same number, in the order of the requests:
 *     [number, 0]                   end
 *     [number, 1, [row…]]           part
 *     [number, 2, code, sentence]   error; code is the short text of a result
 *
 * A row is a map with all keys of its shape, ascending from 0; what is not known is nil. New keys
 * come at the end only, and a reader passes over keys that it does not know. Any thread. */
#ifndef COMESH_NODE_CONTROL_WIRE_H
#define COMESH_NODE_CONTROL_WIRE_H

#include "proto/message_id.h"
#include "proto/mp.h"

#define WIRE_FRAME_MAX_BYTES ((size_t)1 << 20)
#define WIRE_PART_BYTES      ((size_t)512 << 10) /* a part is sent when its rows pass this */
#define WIRE_SUBMIT_MAX      1024                /* documents in one submit */
#define WIRE_WAIT_MAX_MS     60000               /* of one wait */
#define WIRE_LIST_MAX        1024                /* rows of one listing */
#define WIRE_HEAD_BYTES      4
#define WIRE_SOCKET_NAME     "control.socket" /* in the node's directory, unless configured */

/* verb, shape of its rows, arguments. A `what` is a bin of 16 bytes, a message id, or a str, the
 * number of a certificate; `exporter` is a party code, or empty for any. `first` is inclusive. */
#define WIRE_VERB_MAP(X)                                                                           \
    X("status", node, "")                                                                          \
    X("partners", partner, "")                                                                     \
    X("channels", channel, "")                                                                     \
    X("queue", queue, "")                                                                          \
    X("metrics", metric, "")                                                                       \
    X("messages", message, "channel uint, first uint, max uint")                                   \
    X("entries", entry, "channel uint, first uint, max uint")                                      \
    X("show", message, "what, exporter str; with payloads")                                        \
    X("trace", message, "what, exporter str; with remarks and receipts")                           \
    X("inbox", message, "max uint; incoming, not taken, by channel and index; with payloads")      \
    X("take", channel, "channel uint, taken uint; all below `taken` are ours now; the channel")    \
    X("wait", channel,                                                                             \
      "channel uint, size uint, ms uint; answers with the channel when its receipts "              \
      "cover `size` entries, and after `ms` at the latest")                                        \
    X("release", channel, "channel uint; a held channel goes on; the channel")                     \
    X("submit", answer, "operation str, documents array of bin; an answer for each, in order")     \
    X("reconcile", comparison,                                                                     \
      "partner str, outgoing bool, first uint; asks the partner what it holds of our channel to "  \
      "it, or of its channel to us; a row for each entry from `first` on, at most 256, none "      \
      "behind the end of both")                                                                    \
    X("resend", none, "partner str; the partner says hello again and sends what we lack")          \
    X("again", message,                                                                            \
      "channel uint, first uint, max uint; as inbox, of one channel from `first` on, taken or "    \
      "not")                                                                                       \
    X("reload", reloaded, "reads configuration and cards again, as SIGHUP does")                   \
    X("unlock", reloaded,                                                                          \
      "passphrase bin; as reload, and unlocks new keys of our card; the passphrase is wiped "      \
      "before the answer goes")                                                                    \
    X("stop", none, "an orderly stop, as SIGTERM asks for; the end comes before the node goes")    \
    X("certificate", certificate, "what, exporter str; its life, a row for each exporter")         \
    X("give-up", channel,                                                                          \
      "channel uint; a held channel to a partner without a node goes on without the message that " \
      "holds it; the channel")                                                                     \
    X("test", trial,                                                                               \
      "partner str; tries out the way to it, and compares cards, clocks and agreements; a row "    \
      "for each step")

enum wire_type {
    WIRE_UINT,
    WIRE_BOOL,
    WIRE_TEXT,
    WIRE_ID,       /* bin of 16 bytes, a UUID */
    WIRE_HASH,     /* bin of 32 bytes */
    WIRE_BYTES,    /* bin */
    WIRE_NOTE,     /* bin, a signed note */
    WIRE_PAYLOAD,  /* bin, canonical msgpack */
    WIRE_TIME_MS,  /* uint, milliseconds since 1970-01-01 UTC */
    WIRE_TIME_S,   /* uint, seconds */
    WIRE_FINDINGS, /* array of finding rows */
    WIRE_REMARKS,  /* array of remark rows */
    WIRE_GOODS,    /* array of goods rows */
    WIRE_MATTERS,  /* array of matter rows */
};

/* The node itself. fingerprint: of the own identity key, as digits. */
#define WIRE_NODE_FIELDS(X)                                                                        \
    X(NODE_PARTY, "party", WIRE_TEXT)                                                              \
    X(NODE_NAME, "name", WIRE_TEXT)                                                                \
    X(NODE_ENVIRONMENT, "environment", WIRE_TEXT)                                                  \
    X(NODE_DOMAIN, "domain", WIRE_TEXT)                                                            \
    X(NODE_FINGERPRINT, "fingerprint", WIRE_TEXT)                                                  \
    X(NODE_DIRECTORY, "directory", WIRE_TEXT)                                                      \
    X(NODE_VERSION, "version", WIRE_TEXT)                                                          \
    X(NODE_PID, "pid", WIRE_UINT)                                                                  \
    X(NODE_STARTED, "started", WIRE_TIME_MS)                                                       \
    X(NODE_NOW, "now", WIRE_TIME_MS)                                                               \
    X(NODE_FREE, "free_bytes", WIRE_UINT)                                                          \
    X(NODE_MINIMUM_FREE, "minimum_free_bytes", WIRE_UINT)

/* A partner: its card, and its lanes as in struct link_partner. A clock is ahead or behind ours.
 * known_serial is that of our card it said it holds, 0 before it did; next_try: of a partner
 * without a node that did not answer well. */
#define WIRE_PARTNER_FIELDS(X)                                                                     \
    X(PARTNER_PARTY, "party", WIRE_TEXT)                                                           \
    X(PARTNER_NAME, "name", WIRE_TEXT)                                                             \
    X(PARTNER_DOMAIN, "domain", WIRE_TEXT)                                                         \
    X(PARTNER_ENDPOINT, "endpoint", WIRE_TEXT)                                                     \
    X(PARTNER_FINGERPRINT, "fingerprint", WIRE_TEXT)                                               \
    X(PARTNER_SERIAL, "serial", WIRE_UINT)                                                         \
    X(PARTNER_OUTGOING, "outgoing", WIRE_TEXT)                                                     \
    X(PARTNER_INCOMING, "incoming", WIRE_TEXT)                                                     \
    X(PARTNER_SENT, "sent", WIRE_UINT)                                                             \
    X(PARTNER_RECEIPTED, "receipted", WIRE_UINT)                                                   \
    X(PARTNER_IN_FLIGHT, "in_flight_bytes", WIRE_UINT)                                             \
    X(PARTNER_CREDIT, "credit_bytes", WIRE_UINT)                                                   \
    X(PARTNER_CLOCK_AHEAD, "clock_ahead_ms", WIRE_UINT)                                            \
    X(PARTNER_CLOCK_BEHIND, "clock_behind_ms", WIRE_UINT)                                          \
    X(PARTNER_LAST_HEARD, "last_heard", WIRE_TIME_MS)                                              \
    X(PARTNER_TROUBLE, "trouble", WIRE_TEXT)                                                       \
    X(PARTNER_KNOWN_SERIAL, "known_serial", WIRE_UINT)                                             \
    X(PARTNER_VERSION, "lane_version", WIRE_UINT)                                                  \
    X(PARTNER_NEXT_TRY, "next_try", WIRE_TIME_MS)

/* A channel, as in struct store_channel. direction is "outgoing" or "incoming". */
#define WIRE_CHANNEL_FIELDS(X)                                                                     \
    X(CHANNEL_NUMBER, "channel", WIRE_UINT)                                                        \
    X(CHANNEL_DIRECTION, "direction", WIRE_TEXT)                                                   \
    X(CHANNEL_PARTNER, "partner", WIRE_TEXT)                                                       \
    X(CHANNEL_ORIGIN, "origin", WIRE_TEXT)                                                         \
    X(CHANNEL_SIZE, "size", WIRE_UINT)                                                             \
    X(CHANNEL_ROOT, "root", WIRE_HASH)                                                             \
    X(CHANNEL_RECEIPT_SIZE, "receipt_size", WIRE_UINT)                                             \
    X(CHANNEL_RECEIPT_TIME, "receipt_time", WIRE_TIME_S)                                           \
    X(CHANNEL_JUDGED, "judged", WIRE_UINT)                                                         \
    X(CHANNEL_TAKEN, "taken", WIRE_UINT)                                                           \
    X(CHANNEL_HELD, "held", WIRE_BOOL)                                                             \
    X(CHANNEL_HELD_REASON, "held_reason", WIRE_TEXT)

/* What waits for a partner's receipt. why: a sentence; alarm: older than the configured time. */
#define WIRE_QUEUE_FIELDS(X)                                                                       \
    X(QUEUE_PARTNER, "partner", WIRE_TEXT)                                                         \
    X(QUEUE_CHANNEL, "channel", WIRE_UINT)                                                         \
    X(QUEUE_FIRST, "first", WIRE_UINT)                                                             \
    X(QUEUE_COUNT, "count", WIRE_UINT)                                                             \
    X(QUEUE_OLDEST, "oldest", WIRE_TIME_MS)                                                        \
    X(QUEUE_WHY, "why", WIRE_TEXT)                                                                 \
    X(QUEUE_ALARM, "alarm", WIRE_BOOL)

#define WIRE_METRIC_FIELDS(X)                                                                      \
    X(METRIC_NAME, "name", WIRE_TEXT)                                                              \
    X(METRIC_VALUE, "value", WIRE_UINT)                                                            \
    X(METRIC_UNIT, "unit", WIRE_TEXT)                                                              \
    X(METRIC_HELP, "help", WIRE_TEXT)

/* A message, as in struct store_message. operation: "send-co"; outcome: of the verdict, nil before;
 * receipt: the cosigned note that first covers it. */
#define WIRE_MESSAGE_FIELDS(X)                                                                     \
    X(MESSAGE_CHANNEL, "channel", WIRE_UINT)                                                       \
    X(MESSAGE_INDEX, "index", WIRE_UINT)                                                           \
    X(MESSAGE_DIRECTION, "direction", WIRE_TEXT)                                                   \
    X(MESSAGE_PARTNER, "partner", WIRE_TEXT)                                                       \
    X(MESSAGE_ORIGIN, "origin", WIRE_TEXT)                                                         \
    X(MESSAGE_OPERATION, "operation", WIRE_TEXT)                                                   \
    X(MESSAGE_ID, "id", WIRE_ID)                                                                   \
    X(MESSAGE_REPLY_TO, "reply_to", WIRE_ID)                                                       \
    X(MESSAGE_AGREEMENT, "agreement", WIRE_TEXT)                                                   \
    X(MESSAGE_MENU, "menu", WIRE_UINT)                                                             \
    X(MESSAGE_EXPORTER, "exporter", WIRE_TEXT)                                                     \
    X(MESSAGE_NUMBER, "number", WIRE_TEXT)                                                         \
    X(MESSAGE_SIZE, "payload_size", WIRE_UINT)                                                     \
    X(MESSAGE_QUEUED, "queued", WIRE_TIME_MS)                                                      \
    X(MESSAGE_ARRIVED, "arrived", WIRE_TIME_MS)                                                    \
    X(MESSAGE_STORED, "stored", WIRE_TIME_S)                                                       \
    X(MESSAGE_JUDGED, "judged", WIRE_TIME_MS)                                                      \
    X(MESSAGE_DELIVERED, "delivered", WIRE_TIME_MS)                                                \
    X(MESSAGE_ANSWERED, "answered", WIRE_TIME_MS)                                                  \
    X(MESSAGE_OUTCOME, "outcome", WIRE_TEXT)                                                       \
    X(MESSAGE_REMARK, "remark", WIRE_TEXT)                                                         \
    X(MESSAGE_HELD, "held", WIRE_BOOL)                                                             \
    X(MESSAGE_PAYLOAD, "payload", WIRE_PAYLOAD)                                                    \
    X(MESSAGE_REMARKS, "remarks", WIRE_REMARKS)                                                    \
    X(MESSAGE_RECEIPT, "receipt", WIRE_NOTE)

#define WIRE_REMARK_FIELDS(X)                                                                      \
    X(REMARK_OUTCOME, "outcome", WIRE_TEXT)                                                        \
    X(REMARK_CODE, "code", WIRE_TEXT)                                                              \
    X(REMARK_ELEMENT, "element", WIRE_TEXT)                                                        \
    X(REMARK_PLACE, "place", WIRE_TEXT)                                                            \
    X(REMARK_DETAIL, "detail", WIRE_TEXT)

/* An entry with what proves it: the packed bytes, the leaf, the receipt that first covers it. */
#define WIRE_ENTRY_FIELDS(X)                                                                       \
    X(ENTRY_INDEX, "index", WIRE_UINT)                                                             \
    X(ENTRY_BYTES, "entry", WIRE_BYTES)                                                            \
    X(ENTRY_PAYLOAD, "payload", WIRE_PAYLOAD)                                                      \
    X(ENTRY_LEAF, "leaf", WIRE_HASH)                                                               \
    X(ENTRY_RECEIPT_SIZE, "receipt_size", WIRE_UINT)                                               \
    X(ENTRY_RECEIPT_TIME, "receipt_time", WIRE_TIME_S)                                             \
    X(ENTRY_RECEIPT, "receipt", WIRE_NOTE)

/* What became of a document: code is "ok", "duplicate", or the refusal's. */
#define WIRE_ANSWER_FIELDS(X)                                                                      \
    X(ANSWER_CODE, "code", WIRE_TEXT)                                                              \
    X(ANSWER_SENTENCE, "sentence", WIRE_TEXT)                                                      \
    X(ANSWER_ID, "id", WIRE_ID)                                                                    \
    X(ANSWER_PARTNER, "partner", WIRE_TEXT)                                                        \
    X(ANSWER_NUMBER, "number", WIRE_TEXT)                                                          \
    X(ANSWER_CHANNEL, "channel", WIRE_UINT)                                                        \
    X(ANSWER_INDEX, "index", WIRE_UINT)                                                            \
    X(ANSWER_FINDINGS, "findings", WIRE_FINDINGS)

/* An entry as we and as a partner hold it. ours, theirs: "accepted, taken", "-" when not held;
 * held: the channel, here; difference: nil when both hold the same, and it was taken. */
#define WIRE_COMPARISON_FIELDS(X)                                                                  \
    X(COMPARISON_CHANNEL, "channel", WIRE_UINT)                                                    \
    X(COMPARISON_DIRECTION, "direction", WIRE_TEXT)                                                \
    X(COMPARISON_PARTNER, "partner", WIRE_TEXT)                                                    \
    X(COMPARISON_HELD, "held", WIRE_BOOL)                                                          \
    X(COMPARISON_INDEX, "index", WIRE_UINT)                                                        \
    X(COMPARISON_OPERATION, "operation", WIRE_TEXT)                                                \
    X(COMPARISON_ID, "id", WIRE_ID)                                                                \
    X(COMPARISON_NUMBER, "number", WIRE_TEXT)                                                      \
    X(COMPARISON_SIGNED, "signed", WIRE_TIME_MS)                                                   \
    X(COMPARISON_OURS, "ours", WIRE_TEXT)                                                          \
    X(COMPARISON_THEIRS, "theirs", WIRE_TEXT)                                                      \
    X(COMPARISON_OUR_LEAF, "our_leaf", WIRE_HASH)                                                  \
    X(COMPARISON_THEIR_LEAF, "their_leaf", WIRE_HASH)                                              \
    X(COMPARISON_DIFFERENCE, "difference", WIRE_TEXT)

#define WIRE_FINDING_FIELDS(X)                                                                     \
    X(FINDING_REFUSES, "refuses", WIRE_BOOL)                                                       \
    X(FINDING_CODE, "code", WIRE_TEXT)                                                             \
    X(FINDING_ELEMENT, "element", WIRE_TEXT)                                                       \
    X(FINDING_PLACE, "place", WIRE_TEXT)                                                           \
    X(FINDING_DETAIL, "detail", WIRE_TEXT)

/* The life of a certificate, as in proto/lifecycle.h. Days are RFC 3339 dates; treated: in a
 * sentence, of all items. */
#define WIRE_CERTIFICATE_FIELDS(X)                                                                 \
    X(CERTIFICATE_NUMBER, "number", WIRE_TEXT)                                                     \
    X(CERTIFICATE_EXPORTER, "exporter", WIRE_TEXT)                                                 \
    X(CERTIFICATE_IMPORTER, "importer", WIRE_TEXT)                                                 \
    X(CERTIFICATE_AGREEMENT, "agreement", WIRE_TEXT)                                               \
    X(CERTIFICATE_STATE, "state", WIRE_TEXT)                                                       \
    X(CERTIFICATE_REVISION, "revision", WIRE_UINT)                                                 \
    X(CERTIFICATE_ISSUED, "issued", WIRE_TEXT)                                                     \
    X(CERTIFICATE_VALID_UNTIL, "valid_until", WIRE_TEXT)                                           \
    X(CERTIFICATE_KIND, "kind", WIRE_TEXT)                                                         \
    X(CERTIFICATE_REPLACES, "replaces", WIRE_TEXT)                                                 \
    X(CERTIFICATE_REPLACED_BY, "replaced_by", WIRE_TEXT)                                           \
    X(CERTIFICATE_TREATED, "treated", WIRE_TEXT)                                                   \
    X(CERTIFICATE_GOODS, "items", WIRE_GOODS)                                                      \
    X(CERTIFICATE_OPEN, "open", WIRE_MATTERS)

/* An item: what is certified of it, used and left, as exact decimals; nil where nothing is said. */
#define WIRE_GOODS_FIELDS(X)                                                                       \
    X(GOODS_NUMBER, "item", WIRE_UINT)                                                             \
    X(GOODS_CERTIFIED, "certified", WIRE_TEXT)                                                     \
    X(GOODS_USED, "used", WIRE_TEXT)                                                               \
    X(GOODS_LEFT, "left", WIRE_TEXT)                                                               \
    X(GOODS_UNIT, "unit", WIRE_TEXT)                                                               \
    X(GOODS_TREATMENT, "treatment", WIRE_TEXT)                                                     \
    X(GOODS_SINCE, "since", WIRE_TIME_MS)

/* locked: key files of the own card that wait for their passphrase. */
#define WIRE_RELOADED_FIELDS(X) X(RELOADED_LOCKED, "locked", WIRE_UINT)

/* What somebody still has to do; item is nil for the certificate as a whole. */
#define WIRE_MATTER_FIELDS(X)                                                                      \
    X(MATTER_WHAT, "what", WIRE_TEXT)                                                              \
    X(MATTER_ITEM, "item", WIRE_UINT)                                                              \
    X(MATTER_SINCE, "since", WIRE_TIME_MS)                                                         \
    X(MATTER_DUE, "due", WIRE_TIME_MS)

/* A step of the test of a partner. outcome: ok, warning, failed, skipped; remedy: what to do. */
#define WIRE_TRIAL_FIELDS(X)                                                                       \
    X(TRIAL_WHAT, "step", WIRE_TEXT)                                                               \
    X(TRIAL_OUTCOME, "outcome", WIRE_TEXT)                                                         \
    X(TRIAL_FOUND, "found", WIRE_TEXT)                                                             \
    X(TRIAL_REMEDY, "remedy", WIRE_TEXT)

#define WIRE_SHAPE_MAP(X)                                                                          \
    X(node, WIRE_NODE_FIELDS)                                                                      \
    X(partner, WIRE_PARTNER_FIELDS)                                                                \
    X(channel, WIRE_CHANNEL_FIELDS)                                                                \
    X(queue, WIRE_QUEUE_FIELDS)                                                                    \
    X(metric, WIRE_METRIC_FIELDS)                                                                  \
    X(message, WIRE_MESSAGE_FIELDS)                                                                \
    X(remark, WIRE_REMARK_FIELDS)                                                                  \
    X(entry, WIRE_ENTRY_FIELDS)                                                                    \
    X(comparison, WIRE_COMPARISON_FIELDS)                                                          \
    X(answer, WIRE_ANSWER_FIELDS)                                                                  \
    X(finding, WIRE_FINDING_FIELDS)                                                                \
    X(certificate, WIRE_CERTIFICATE_FIELDS)                                                        \
    X(goods, WIRE_GOODS_FIELDS)                                                                    \
    X(matter, WIRE_MATTER_FIELDS)                                                                  \
    X(reloaded, WIRE_RELOADED_FIELDS)                                                              \
    X(trial, WIRE_TRIAL_FIELDS)

/* The keys of each shape, from 0: WIRE_NODE_PARTY, …, and WIRE_node_COUNT. */
#define WIRE_KEY(symbol, name, type) WIRE_##symbol,
#define WIRE_KEYS(shape, FIELDS)     enum { FIELDS(WIRE_KEY) WIRE_##shape##_COUNT };
WIRE_SHAPE_MAP(WIRE_KEYS)
#undef WIRE_KEYS
#undef WIRE_KEY

#define WIRE_FIELDS_MAX 32 /* keys of a shape, at most */

struct wire_field {
    const char *name; /* in JSON */
    enum wire_type type;
};

struct wire_shape {
    const char *name;
    const struct wire_field *fields; /* by key */
    size_t count;
};

#define WIRE_SHAPE_EXTERN(shape, FIELDS) extern const struct wire_shape wire_shape_##shape;
WIRE_SHAPE_MAP(WIRE_SHAPE_EXTERN)
#undef WIRE_SHAPE_EXTERN
extern const struct wire_shape wire_shape_none;

/* The shape of a verb's rows; NULL when the verb is unknown. */
const struct wire_shape *wire_verb_shape(struct text verb);

/* ---- frames ---- */

/* Leaves room for the length; gives the place that wire_frame_end needs. Then the content is put
 * with mp_put_* and the functions below. */
size_t wire_frame_begin(struct buffer *out);
void wire_frame_end(struct buffer *out, size_t begin);

/* Cuts the first whole frame off what was received. `frame->data` is NULL when more bytes are
 * needed. RESULT_TOO_LARGE above WIRE_FRAME_MAX_BYTES: the connection cannot go on. */
enum result wire_frame_cut(struct bytes *received, struct bytes *frame,
                           struct error *error) RESULT_CHECKED;

/* ---- the node's side ---- */

/* RESULT_DENIED unless the process at the other end runs as our user or as root. */
enum result wire_check_peer(int socket_fd, struct error *error) RESULT_CHECKED;

struct wire_request {
    uint64_t number;
    struct text verb;
    size_t argument_count;
    struct mp_reader arguments; /* end with mp_finish */
};
enum result wire_request_read(struct bytes frame, struct wire_request *request,
                              struct error *error) RESULT_CHECKED;

/* Whole frames. `rows` are `count` packed rows, one behind the other. */
void wire_put_part(struct buffer *out, uint64_t number, struct bytes rows, size_t count);
void wire_put_end(struct buffer *out, uint64_t number);
void wire_put_error(struct buffer *out, uint64_t number, const struct error *error);

/* A row: the map's head, then every key of the shape in order. */
void wire_row(struct buffer *out, const struct wire_shape *shape);
void wire_nil(struct buffer *out, unsigned key);
void wire_uint(struct buffer *out, unsigned key, uint64_t value);
void wire_bool(struct buffer *out, unsigned key, bool value);
void wire_time(struct buffer *out, unsigned key, uint64_t time);             /* 0 is nil */
void wire_text(struct buffer *out, unsigned key, struct text text);          /* empty is nil */
void wire_bytes(struct buffer *out, unsigned key, struct bytes bytes);       /* data NULL is nil */
void wire_id(struct buffer *out, unsigned key, const struct message_id *id); /* NULL is nil */
void wire_rows(struct buffer *out, unsigned key, size_t count); /* as many rows come behind it */

/* ---- the side of the commands ---- */

/* Begins a request frame; `argument_count` values follow, then wire_frame_end. */
size_t wire_request_begin(struct buffer *out, uint64_t number, const char *verb,
                          size_t argument_count);

enum wire_kind { WIRE_END, WIRE_PART, WIRE_ERROR };

struct wire_reply {
    uint64_t number;
    enum wire_kind kind;
    size_t row_count;      /* of a part */
    struct mp_reader rows; /* read them with wire_row_read */
    struct error error;    /* of an error */
};
enum result wire_reply_read(struct bytes frame, struct wire_reply *reply,
                            struct error *error) RESULT_CHECKED;

/* A row read; values are views. MP_NONE stands for a key that the other side does not know. */
struct wire_value {
    enum mp_type type; /* MP_ARRAY: `rows`, `count` */
    union {
        uint64_t number;
        bool truth;
        struct text text;
        struct bytes bytes;
        struct {
            struct mp_reader rows;
            size_t count;
        };
    };
};
struct wire_row {
    const struct wire_shape *shape;
    struct wire_value values[WIRE_FIELDS_MAX];
};

/* Reads the next row; a value of another type than the shape's fails the reader. */
void wire_row_read(struct mp_reader *reader, const struct wire_shape *shape, struct wire_row *row);

/* Values by key: 0, false, or empty for nil. */
uint64_t wire_row_uint(const struct wire_row *row, unsigned key);
bool wire_row_bool(const struct wire_row *row, unsigned key);
struct text wire_row_text(const struct wire_row *row, unsigned key);
struct bytes wire_row_bytes(const struct wire_row *row, unsigned key);
bool wire_row_id(const struct wire_row *row, unsigned key, struct message_id *id);

#endif
