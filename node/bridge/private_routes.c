/* What can be asked of the private listener. */
#include "node/bridge/private_parts.h"

#define DOCUMENTS (MEDIA_BIT(MEDIA_JSON) | MEDIA_BIT(MEDIA_XML) | MEDIA_BIT(MEDIA_NDJSON))
#define JSON      MEDIA_BIT(MEDIA_JSON)

#define SEND_ROW(operation, what)                                                                  \
    {                                                                                              \
        .method = "POST", .path = "/" operation, .roles = TOKEN_SUBMIT, .takes = DOCUMENTS,        \
        .streams = MEDIA_NDJSON, .take = batch_take, .answer = send_answer, .summary = what        \
    }

static const struct route rows[] = {
    SEND_ROW("send-co", "A certificate of origin for the importing party"),
    SEND_ROW("send-amendment-notification", "A change or cancelation, to the importing party"),
    SEND_ROW("send-cancelation-status", "What became of a cancelation, to the exporting party"),
    SEND_ROW("send-feedback", "Questions and utilization, to the exporting party"),
    {.method = "GET",
     .path = "/livez",
     .answer = health_live,
     .summary = "Whether the process answers"},
    {.method = "GET",
     .path = "/readyz",
     .answer = health_ready,
     .summary = "Whether the node can take a document now"},
    {.method = "GET",
     .path = "/metrics",
     .roles = TOKEN_METRICS | TOKEN_READ,
     .answer = health_metrics,
     .summary = "Counters, as Prometheus reads them"},
};

const struct routes private_routes = {rows, sizeof rows / sizeof rows[0]};
