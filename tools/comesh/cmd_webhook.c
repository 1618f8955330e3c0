/* comesh webhook key, list, dead and replay: what the own systems are told, and how far that has
 * come. Reads what the node writes down; the node need not run. */
#include "keys/text.h"
#include "keys/webhook_key.h"
#include "node/core/hook_file.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/client.h"
#include "tools/comesh/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Called for each configured webhook; `file` has no state yet when the node has not written one. */
typedef enum result each_hook(void *self, struct call *call, const struct config *config,
                              const struct hook_file *file, struct error *error);

static enum result for_each(struct call *call, each_hook *each, void *self, struct error *error)
{
    struct config *config = NULL;
    struct hook_file *file = malloc(sizeof *file);
    enum result result = node_config(call, &config, error);
    if (file == NULL) {
        result = error_set(error, RESULT_NO_MEMORY, "no memory for webhooks");
    }
    for (size_t i = 0; result == RESULT_OK && i < config->webhook_count; i++) {
        char path[CONFIG_PATH_BYTES];
        result = hook_file_path(config, config->webhooks[i], HOOK_STATE, path, error);
        if (result == RESULT_OK) {
            result = hook_file_read(path, file, error);
        }
        if (result == RESULT_NOT_FOUND) {
            *file = (struct hook_file){.state = "new"};
            (void)snprintf(file->url, sizeof file->url, "%s", config->webhooks[i]);
            result = RESULT_OK;
        }
        if (result == RESULT_OK) {
            result = each(self, call, config, file, error);
        }
    }
    if (result == RESULT_OK && config->webhook_count == 0) {
        (void)fprintf(stderr, "comesh: no webhook is configured; see `comesh help config`\n");
    }
    free(file);
    free(config);
    return result;
}

/* ---- key ---- */

static enum result key(struct call *call, struct error *error)
{
    struct config *config = NULL;
    struct webhook_key *opened = NULL;
    char path[CONFIG_PATH_BYTES];
    char text[WEBHOOK_PUBLIC_BYTES];
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = hook_key_path(config, path, error);
    }
    if (result == RESULT_OK) {
        result = webhook_key_open(path, &opened, error);
    }
    if (result == RESULT_OK) {
        webhook_key_public(opened, text);
        (void)printf("%s\n", text);
    }
    webhook_key_destroy(&opened);
    free(config);
    return result;
}

/* ---- list and dead ---- */

struct listing {
    struct table table;
    json_t *array; /* NULL for people */
};

static enum result list_one(void *self, struct call *call, const struct config *config,
                            const struct hook_file *file, struct error *error)
{
    struct listing *listing = self;
    (void)call;
    (void)config;
    (void)error;
    if (listing->array != NULL) {
        (void)json_array_append_new(
            listing->array, json_pack("{ss ss sI sI ss}", "url", file->url, "state", file->state,
                                      "delivered", (json_int_t)file->delivered, "dead",
                                      (json_int_t)file->dead_count, "trouble", file->trouble));
        return RESULT_OK;
    }
    table_string(&listing->table, file->url);
    table_string(&listing->table, file->state);
    table_number(&listing->table, file->delivered);
    table_number(&listing->table, file->dead_count);
    table_text(&listing->table, text_of(file->trouble));
    return RESULT_OK;
}

static enum result dead_one(void *self, struct call *call, const struct config *config,
                            const struct hook_file *file, struct error *error)
{
    struct listing *listing = self;
    (void)call;
    (void)config;
    (void)error;
    for (size_t i = 0; i < file->dead_count; i++) {
        const struct hook_dead *dead = &file->dead[i];
        char time[TEXT_TIME_BYTES];
        text_time(dead->time_s, time);
        if (listing->array != NULL) {
            (void)json_array_append_new(listing->array,
                                        json_pack("{ss ss sI ss ss}", "url", file->url, "channel",
                                                  dead->place.origin, "index",
                                                  (json_int_t)dead->place.index, "given_up", time,
                                                  "reason", dead->reason));
            continue;
        }
        table_string(&listing->table, file->url);
        table_string(&listing->table, dead->place.origin);
        table_number(&listing->table, dead->place.index);
        table_string(&listing->table, time);
        table_text(&listing->table, text_of(dead->reason));
    }
    return RESULT_OK;
}

static enum result print(struct call *call, const char *const *heads, each_hook *each,
                         struct error *error)
{
    struct listing listing = {.table = table_begin(heads)};
    listing.array = call->json ? json_array() : NULL;
    enum result result = for_each(call, each, &listing, error);
    if (result == RESULT_OK && call->json) {
        result = output_json(json_incref(listing.array), error);
    } else if (result == RESULT_OK) {
        table_end(&listing.table, stdout);
    }
    buffer_free(&listing.table.cells);
    json_decref(listing.array);
    return result;
}

static enum result list(struct call *call, struct error *error)
{
    static const char *const heads[] = {"URL", "STATE", ">DELIVERED", ">DEAD", "TROUBLE", NULL};
    return print(call, heads, list_one, error);
}

static enum result dead(struct call *call, struct error *error)
{
    static const char *const heads[] = {"URL", ">CHANNEL", ">INDEX", "GIVEN UP", "REASON", NULL};
    return print(call, heads, dead_one, error);
}

/* ---- replay ---- */

/* Leaves the order beside the state; the node takes it with its next reload. */
static enum result replay_one(void *self, struct call *call, const struct config *config,
                              const struct hook_file *file, struct error *error)
{
    size_t *ordered = self;
    char path[CONFIG_PATH_BYTES];
    if (file->dead_count == 0) {
        return RESULT_OK;
    }
    enum result result = hook_file_path(config, file->url, HOOK_REPLAY, path, error);
    int fd = result == RESULT_OK ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (result == RESULT_OK && fd < 0) {
        result = error_system(error, errno, "%s", path);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    if (result == RESULT_OK) {
        *ordered += file->dead_count;
        result = act_record(call, config->directory, "webhook replay", NULL, file->url, error);
    }
    return result;
}

static enum result replay(struct call *call, struct error *error)
{
    size_t ordered = 0;
    struct config *config = NULL;
    enum result result = for_each(call, replay_one, &ordered, error);
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: %zu dead letter%s will be posted again\n", ordered,
                      ordered == 1 ? "" : "s");
    }
    if (result == RESULT_OK && ordered > 0) {
        result = node_config(call, &config, error);
        result = result == RESULT_OK ? node_reload(config, error) : result;
    }
    free(config);
    return result;
}

const struct command command_webhook_key = {
    .name = "webhook key",
    .operands = "",
    .summary = "the public key that webhooks are verified with",
    .examples = "  comesh webhook key         # whpk_… for the receiver's library\n",
    .details = "Webhooks are signed as Standard Webhooks has it: header webhook-signature, v1a,\n"
               "Ed25519 over id.timestamp.body. The key is made when there is none.\n",
    .run = key,
};

const struct command command_webhook_list = {
    .name = "webhook list",
    .operands = "",
    .summary = "the webhooks: how far each has come, and what is wrong",
    .examples = "  comesh webhook list\n  comesh webhook list --json\n",
    .json = true,
    .run = list,
};

const struct command command_webhook_dead = {
    .name = "webhook dead",
    .operands = "",
    .summary = "events that a receiver refused too often",
    .examples = "  comesh webhook dead\n",
    .json = true,
    .run = dead,
};

const struct command command_webhook_replay = {
    .name = "webhook replay",
    .operands = "",
    .summary = "post the dead letters again",
    .examples = "  comesh webhook replay\n",
    .details = "With the same webhook-id as before, so that a receiver knows what it has taken.\n",
    .run = replay,
};
