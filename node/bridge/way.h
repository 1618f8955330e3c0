/* The way to a partner without a node: by which files, names and addresses its endpoint is reached.
 * What is posted to it and what tests it goes the same way. Any thread. */
#ifndef COMESH_NODE_BRIDGE_WAY_H
#define COMESH_NODE_BRIDGE_WAY_H

#include "node/bridge/call.h"
#include "node/core/config.h"
#include "proto/operation.h"

#define WAY_URL_BYTES (CARD_NAME_BYTES + 64)
#define WAY_ACCEPT    "Accept: application/json, application/problem+json"

/* Paths of PEM files; empty where there is none. */
struct way_files {
    char certificate[CONFIG_PATH_BYTES];
    char key[CONFIG_PATH_BYTES];
    char authorities[CONFIG_PATH_BYTES];
};

/* RESULT_DENIED when others can read the client's key. */
enum result way_files_find(const struct config *config, struct way_files *files,
                           struct error *error) RESULT_CHECKED;

/* The way to the endpoint on the card, whose server pins count as they do at `now_s`. It holds
 * views of all that it was made of. */
void way_make(const struct config *config, const struct way_files *files,
              const struct rest_card *card, uint64_t now_s, struct call_way *way);

/* "https://test.coconnect.customs.go.jp:443/send-co". */
void way_url(const struct rest_card *card, enum operation operation, char out[WAY_URL_BYTES]);

#endif
