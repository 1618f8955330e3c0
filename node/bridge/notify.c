/* The task of the webhooks. See notify.h. */
#include "node/bridge/notify.h"

#include "node/bridge/hook.h"
#include "node/core/log.h"
#include "node/core/task.h"

#include <stdlib.h>

#define TICK_MS 1000

struct notify {
    struct flow *flow;
    struct task *task;
    struct queue wake; /* only its wake-up is used */
    struct calls *calls;
    struct webhook_key *key; /* NULL before the first webhook */
    struct store_reader *reader;
    struct hook *hooks[CONFIG_WEBHOOKS_MAX];
    _Atomic size_t count; /* a commit wakes the task only when there are any */
    atomic_bool reload;
};

static bool is_configured(const struct config *config, const char *url)
{
    for (size_t i = 0; i < config->webhook_count; i++) {
        if (text_equal(text_of(config->webhooks[i]), text_of(url))) {
            return true;
        }
    }
    return false;
}

static bool is_open(const struct notify *notify, const char *url)
{
    for (size_t i = 0; i < notify->count; i++) {
        if (text_equal(text_of(hook_url(notify->hooks[i])), text_of(url))) {
            return true;
        }
    }
    return false;
}

static enum result open_key(struct notify *notify, struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    if (notify->key != NULL) {
        return RESULT_OK;
    }
    enum result result = hook_key_path(notify->flow->config, path, error);
    return result == RESULT_OK ? webhook_key_open(path, &notify->key, error) : result;
}

static enum result add(struct notify *notify, const char *url, struct error *error)
{
    if (notify->count == CONFIG_WEBHOOKS_MAX || is_open(notify, url)) {
        return RESULT_OK;
    }
    enum result result = open_key(notify, error);
    if (result != RESULT_OK) {
        return result;
    }
    const struct hook_office office = {
        .flow = notify->flow, .reader = notify->reader, .calls = notify->calls, .key = notify->key};
    result = hook_new(&office, url, &notify->hooks[notify->count], error);
    notify->count += result == RESULT_OK;
    return result;
}

/* The webhooks of the configuration of now. */
static enum result look(struct notify *notify, struct error *error)
{
    const struct config *config = notify->flow->config;
    enum result result = RESULT_OK;
    for (size_t i = notify->count; i-- > 0;) {
        if (!is_configured(config, hook_url(notify->hooks[i]))) {
            hook_destroy(&notify->hooks[i]);
            notify->hooks[i] = notify->hooks[--notify->count];
        }
    }
    for (size_t i = 0; i < config->webhook_count && result == RESULT_OK; i++) {
        result = add(notify, config->webhooks[i], error);
    }
    for (size_t i = 0; i < notify->count; i++) {
        hook_look(notify->hooks[i]);
    }
    return result;
}

static int patience(const struct notify *notify)
{
    uint64_t now_ms = world_steady_ns(notify->flow->world) / 1000000;
    uint64_t wait_ms = TICK_MS;
    for (size_t i = 0; i < notify->count; i++) {
        uint64_t due_ms = hook_due_ms(notify->hooks[i]);
        uint64_t left_ms = due_ms > now_ms ? due_ms - now_ms : 1;
        wait_ms = left_ms < wait_ms ? left_ms : wait_ms;
    }
    return atomic_load(&notify->reload) ? 0 : (int)wait_ms;
}

static void loop(struct notify *notify, const struct task *task)
{
    struct error error = {0};
    while (!task_stopping(task)) {
        calls_turn(notify->calls, notify->wake.wake_fd, patience(notify));
        (void)queue_take(&notify->wake);
        if (atomic_exchange(&notify->reload, false) && look(notify, &error) != RESULT_OK) {
            log_error("notify", "a webhook is not served", &error);
        }
        for (size_t i = 0; i < notify->count; i++) {
            hook_advance(notify->hooks[i]);
        }
    }
}

static void run(struct task *task, void *state)
{
    struct notify *notify = state;
    struct error error = {0};
    enum result result = store_reader_open(notify->flow->store, &notify->reader, &error);
    if (result == RESULT_OK) {
        result = look(notify, &error);
    }
    task_started(task, result, &error);
    if (result == RESULT_OK) {
        loop(notify, task);
    }
    for (size_t i = 0; i < notify->count; i++) {
        hook_destroy(&notify->hooks[i]);
    }
    store_reader_close(&notify->reader);
}

static void notify_free(struct notify *notify)
{
    calls_destroy(&notify->calls);
    webhook_key_destroy(&notify->key);
    queue_close(&notify->wake);
    free(notify);
}

enum result notify_start(struct flow *flow, struct notify **notify, struct error *error)
{
    *notify = NULL;
    struct notify *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "notify: no memory");
    }
    made->flow = flow;
    made->wake.wake_fd = -1;
    atomic_init(&made->reload, false);
    enum result result = queue_init(&made->wake, error);
    if (result == RESULT_OK) {
        result = calls_new(&made->calls, error);
    }
    if (result == RESULT_OK) {
        result = task_start("notify", run, made, &made->task, error);
    }
    if (result != RESULT_OK) {
        notify_free(made);
        return result;
    }
    *notify = made;
    return RESULT_OK;
}

void notify_committed(struct notify *notify)
{
    if (notify->count > 0) {
        queue_wake(&notify->wake);
    }
}

void notify_reload(struct notify *notify)
{
    atomic_store(&notify->reload, true);
    queue_wake(&notify->wake);
}

void notify_stop(struct notify **notify)
{
    if (*notify == NULL) {
        return;
    }
    task_ask_stop((*notify)->task, (*notify)->wake.wake_fd);
    task_join(&(*notify)->task);
    notify_free(*notify);
    *notify = NULL;
}
