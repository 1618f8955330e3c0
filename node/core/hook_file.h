/* How far a webhook has come: a small text in the folder webhooks/ of a node, one for each URL. The
 * node writes it, the commands read it. At most what was delivered since the last write is told
 * twice after a crash, under the same id. */
#ifndef COMESH_NODE_CORE_HOOK_FILE_H
#define COMESH_NODE_CORE_HOOK_FILE_H

#include "node/core/config.h"
#include "proto/channel.h"

#define HOOK_FOLDER       "webhooks" /* in the node's directory */
#define HOOK_CHANNELS_MAX 128
#define HOOK_DEAD_MAX     256
#define HOOK_REASON_BYTES 160

/* By the channel's origin: a store that was lost and made anew may number its channels otherwise.
 */
struct hook_place {
    char origin[ORIGIN_MAX_BYTES];
    uint64_t index;
};

/* An event that its receiver answered with a refusal too often. */
struct hook_dead {
    struct hook_place place;
    uint64_t time_s;
    char reason[HOOK_REASON_BYTES];
};

struct hook_file {
    char url[CONFIG_URL_BYTES];
    char state[16];                            /* "open", "waiting", "broken", "gone" */
    uint64_t delivered;                        /* events, ever */
    char trouble[HOOK_REASON_BYTES];           /* of the last try; empty */
    struct hook_place next[HOOK_CHANNELS_MAX]; /* the first event that is not settled, by channel */
    size_t next_count;
    struct hook_dead dead[HOOK_DEAD_MAX]; /* oldest first */
    size_t dead_count;
};

/* The path of a webhook's file, and of the order to try its dead letters again. Makes the folder.
 */
enum result hook_file_path(const struct config *config, const char *url, const char *suffix,
                           char out[CONFIG_PATH_BYTES], struct error *error) RESULT_CHECKED;
#define HOOK_STATE  ".state"
#define HOOK_REPLAY ".replay"

/* The path of the key that signs. Makes the folder. */
enum result hook_key_path(const struct config *config, char out[CONFIG_PATH_BYTES],
                          struct error *error) RESULT_CHECKED;

/* RESULT_NOT_FOUND when there is none, RESULT_INVALID for another form. */
enum result hook_file_read(const char *path, struct hook_file *file,
                           struct error *error) RESULT_CHECKED;
enum result hook_file_write(const char *path, const struct hook_file *file,
                            struct error *error) RESULT_CHECKED;

#endif
