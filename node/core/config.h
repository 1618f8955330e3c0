/* The node's configuration, ZPL (ZeroMQ RFC 4) read with zconfig, strict: an unknown name, a wrong
 * type or value is refused with file, line, name, what is accepted and the nearest known name, and
 * all errors are told at once. The options are one table, which `comesh help config` prints. */
#ifndef COMESH_NODE_CORE_CONFIG_H
#define COMESH_NODE_CORE_CONFIG_H

#include "keys/card.h"
#include "node/core/log.h"
#include "proto/entry.h"

#define CONFIG_BINDS_MAX      4
#define CONFIG_AGREEMENTS_MAX 64
#define CONFIG_PARTIES_MAX    32
#define CONFIG_PATH_BYTES     1024

/* An agreement to try out in dev and test, where none of its code is signed (keys/agreements.h). */
struct config_agreement {
    char code[AGREEMENT_MAX_BYTES + 1];
    size_t line;               /* of its section in the file */
    uint32_t menu_versions[2]; /* two may be valid through a change-over; 0 is none */
    char parties[CONFIG_PARTIES_MAX][PARTY_MAX_BYTES];
    size_t party_count;
};

#define CONFIG_CONNECTS_MAX 32
#define CONFIG_WEBHOOKS_MAX 8
#define CONFIG_URL_BYTES    512

/* HTTP to partners without a node, and to webhooks. Paths are relative to the node's directory. */
struct config_outbound {
    char certificate[CONFIG_PATH_BYTES]; /* PEM, shown to partners; empty: none is shown */
    char key[CONFIG_PATH_BYTES];
    char authorities[CONFIG_PATH_BYTES];                  /* PEM; empty: those of the system */
    char proxy[CONFIG_URL_BYTES];                         /* empty: none */
    char connects[CONFIG_CONNECTS_MAX][CONFIG_URL_BYTES]; /* "NAME=HOST:PORT" */
    size_t connect_count;
    uint64_t connect_timeout_s;
    uint64_t timeout_s; /* of a whole request */
};

struct config {
    char path[CONFIG_PATH_BYTES];      /* of the file */
    char directory[CONFIG_PATH_BYTES]; /* of the node; default: where the file is */
    char party[PARTY_MAX_BYTES];
    char environment[8];
    char domain[DOMAIN_MAX_BYTES];
    char binds[CONFIG_BINDS_MAX][ENDPOINT_MAX_BYTES]; /* empty list: the node only dials out */
    size_t bind_count;
    uint64_t credit_bytes;       /* granted to each partner */
    uint64_t receipt_alarm_s;    /* a message without receipt for so long is an alarm */
    uint64_t minimum_free_bytes; /* below it the store takes nothing more */
    uint64_t segment_bytes;      /* of the journal */
    char control_socket[CONFIG_PATH_BYTES];
    char private_listen[CONFIG_PATH_BYTES]; /* "127.0.0.1:8460", "unix:PATH"; empty: off */
    bool private_beyond_loopback;           /* whether it may be another interface */
    unsigned private_mode;                  /* of its UNIX socket */
    uint64_t private_pace;                  /* requests a second of a token; 0: as many as come */
    char public_listen[CONFIG_PATH_BYTES];  /* "0.0.0.0:443"; empty: off */
    char public_certificate[CONFIG_PATH_BYTES];
    char public_key[CONFIG_PATH_BYTES];
    uint64_t public_pace; /* requests a second of a partner; 0: as many as come */
    struct config_outbound outbound;
    char webhooks[CONFIG_WEBHOOKS_MAX][CONFIG_URL_BYTES];
    size_t webhook_count;
    bool webhook_private; /* whether they may be at addresses that are not public */
    enum log_level log_level;
    struct config_agreement agreements[CONFIG_AGREEMENTS_MAX];
    size_t agreement_count;
};

/* Reads and checks. On RESULT_INVALID `report` holds every error, a line each; `error` says how
 * many. */
enum result config_load(const char *path, struct config *config, struct buffer *report,
                        struct error *error) RESULT_CHECKED;

/* "DIRECTORY/NAME" for what the node keeps: "cards", "keys", "store". */
enum result config_place(const struct config *config, const char *name, char out[CONFIG_PATH_BYTES],
                         struct error *error) RESULT_CHECKED;

/* Appends the table of options with types, defaults and meaning, for people. */
void config_describe(struct buffer *out);

#endif
