/* The inside of calls, for call.c and call_end.c alone, which know libcurl. */
#ifndef COMESH_NODE_BRIDGE_CALL_PARTS_H
#define COMESH_NODE_BRIDGE_CALL_PARTS_H

#include "node/bridge/call.h"

#include <curl/curl.h>

#define ANSWER_MAX_BYTES ((size_t)1 << 20)  /* a server that sends more is broken off */
#define HEAD_MAX_BYTES   ((size_t)64 << 10) /* of all heads, also interim ones, and trailers */

struct calls {
    CURLM *multi;
};

struct call {
    struct calls *calls;
    CURL *easy;
    struct curl_slist *headers;
    struct curl_slist *connect;
    struct buffer answer;
    size_t answer_bytes; /* that came, kept or not */
    size_t head_bytes;
    bool head_is_whole; /* libcurl takes a head that breaks off for one that has ended */
    bool public_only;
    bool turned_away; /* by public_only */
    bool under_way;
    bool connects_only;
    bool proxied;
    int socket; /* of a call that only connected; -1: none */
    char reason[CURL_ERROR_SIZE];
    call_ended *ended;
    void *self;
};

/* The call has ended: tells its owner how. */
void call_end(struct call *call, CURLcode code);

#endif
