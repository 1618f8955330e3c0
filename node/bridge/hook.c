/* One webhook. See hook.h. */
#include "node/bridge/hook.h"

#include "keys/text.h"
#include "node/bridge/hook_letter.h"
#include "node/bridge/told.h"
#include "node/core/log.h"
#include "node/flow/passage.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BACKOFF_FIRST_MS ((uint64_t)1000)
#define BACKOFF_MAX_MS   ((uint64_t)3600000)
#define ATTEMPTS_MAX     8 /* that were answered, and the event is a dead letter */
#define SAVE_MS          ((uint64_t)1000)
#define LOOK_MESSAGES    16
#define TIMEOUT_S        15

struct hook {
    struct hook_office office;
    struct hook_file *file;
    char path[CONFIG_PATH_BYTES];
    char replay_path[CONFIG_PATH_BYTES];
    char authorities[CONFIG_PATH_BYTES];
    struct call *call;
    struct hook_place place; /* of the event that is under way */
    bool again;              /* that one is a dead letter, the oldest */
    size_t replaying;        /* dead letters to be tried again, the oldest ones */
    unsigned attempts;       /* of this event that were answered */
    unsigned failures;       /* in a row */
    uint64_t due_ms;
    bool changed; /* since it was written down */
    uint64_t saved_ms;
    struct arena arena;        /* of the channels */
    struct arena messages;     /* that are read together */
    struct hook_letter letter; /* that is under way */
};

static uint64_t now_ms(const struct hook *hook)
{
    return world_steady_ns(hook->office.flow->world) / 1000000;
}

static void set_state(struct hook *hook, const char *state, const char *trouble)
{
    struct buffer line = {0};
    text_line_append(&line, text_of(trouble), HOOK_REASON_BYTES - 8);
    (void)snprintf(hook->file->state, sizeof hook->file->state, "%s", state);
    (void)snprintf(hook->file->trouble, sizeof hook->file->trouble, "%.*s",
                   TEXT_ARGS(buffer_view(&line)));
    buffer_free(&line);
    hook->changed = true;
}

static void save(struct hook *hook)
{
    struct error error;
    if (hook->changed && hook_file_write(hook->path, hook->file, &error) != RESULT_OK) {
        log_error("notify", "the state of a webhook is not written down", &error);
    }
    hook->changed = false;
    hook->saved_ms = now_ms(hook);
}

/* ---- what is settled ---- */

/* The first event of a channel that is not settled; NULL when there is no room for the channel. */
static uint64_t *next_of(struct hook *hook, const char *origin)
{
    struct hook_file *file = hook->file;
    for (size_t i = 0; i < file->next_count; i++) {
        if (strcmp(file->next[i].origin, origin) == 0) {
            return &file->next[i].index;
        }
    }
    if (file->next_count == HOOK_CHANNELS_MAX) {
        return NULL;
    }
    struct hook_place *next = &file->next[file->next_count++];
    *next = (struct hook_place){.index = 0};
    (void)snprintf(next->origin, sizeof next->origin, "%s", origin);
    return &next->index;
}

static void drop_first_dead(struct hook_file *file)
{
    file->dead_count--;
    memmove(&file->dead[0], &file->dead[1], file->dead_count * sizeof file->dead[0]);
}

static void settle(struct hook *hook)
{
    uint64_t *next = next_of(hook, hook->place.origin);
    hook->attempts = 0;
    hook->changed = true;
    if (hook->again) {
        hook->replaying--;
        drop_first_dead(hook->file);
    } else if (next != NULL) {
        *next = hook->place.index + 1;
    }
}

/* The event is put aside for a person; false when too many are already. */
static bool give_up(struct hook *hook, const char *reason)
{
    struct hook_file *file = hook->file;
    struct hook_dead dead = {.place = hook->place,
                             .time_s = world_wall_ms(hook->office.flow->world) / 1000};
    if (!hook->again && file->dead_count == HOOK_DEAD_MAX) {
        return false;
    }
    (void)snprintf(dead.reason, sizeof dead.reason, "%s", reason);
    settle(hook);
    file->dead[file->dead_count++] = dead;
    log_event(LOG_LEVEL_WARNING, "notify", "dead letter", "channel=%s index=%llu",
              dead.place.origin, (unsigned long long)dead.place.index);
    return true;
}

/* ---- what an answer comes to ---- */

static void back_off(struct hook *hook, uint64_t least_s, const char *trouble)
{
    uint32_t random = 0;
    unsigned shift = hook->failures < 16 ? hook->failures : 16;
    uint64_t wait_ms = BACKOFF_FIRST_MS << shift;
    wait_ms = wait_ms < BACKOFF_MAX_MS ? wait_ms : BACKOFF_MAX_MS;
    world_random(hook->office.flow->world, &random, sizeof random);
    wait_ms = wait_ms / 2 + random % (wait_ms / 2 + 1);
    wait_ms = wait_ms > least_s * 1000 ? wait_ms : least_s * 1000;
    hook->failures++;
    hook->due_ms = now_ms(hook) + wait_ms;
    set_state(hook, "waiting", trouble);
}

static void answered(void *self, const struct call_answer *answer)
{
    struct hook *hook = self;
    struct buffer said = {0};
    if (answer->status >= 200 && answer->status < 300) {
        settle(hook);
        hook->file->delivered++;
        hook->failures = 0;
        set_state(hook, "open", "");
        return;
    }
    if (answer->status == 0) {
        buffer_printf(&said, "%s", answer->trouble);
    } else {
        buffer_printf(&said, "answered %u: ", answer->status);
        told_append(answer->body, &said);
        hook->attempts++;
    }
    buffer_append(&said, "", 1);
    const char *reason = said.failed ? "no memory" : (const char *)said.data;
    if (answer->status == 410) {
        set_state(hook, "gone", reason);
    } else {
        back_off(hook, answer->retry_after_s, reason);
        if (hook->attempts >= ATTEMPTS_MAX && give_up(hook, hook->file->trouble)) {
            hook->due_ms = 0;
        }
    }
    buffer_free(&said);
}

/* ---- the next event ---- */

static bool is_event(const struct store_message *message)
{
    return message->operation == OPERATION_VERDICT || passage_is_for_inbox(message);
}

/* The first event of a channel from its place on; what is none is passed over. */
static enum result find_in(struct hook *hook, const struct store_channel *channel,
                           const struct store_message **found, struct error *error)
{
    uint64_t *next = next_of(hook, channel->origin);
    struct store_message *messages = NULL;
    size_t count = 0;
    enum result result = RESULT_OK;
    *found = NULL;
    while (next != NULL && *next < channel->size && *found == NULL && result == RESULT_OK) {
        arena_reset(&hook->messages);
        result = store_read_messages(hook->office.reader, channel->number, *next, LOOK_MESSAGES,
                                     &hook->messages, &messages, &count, error);
        for (size_t i = 0; i < count && result == RESULT_OK && *found == NULL; i++) {
            if (is_event(&messages[i])) {
                *found = &messages[i];
            } else {
                *next = messages[i].index + 1;
                hook->changed = true;
            }
        }
        if (count == 0) {
            break;
        }
    }
    return result;
}

/* The event at that place; NULL when it is not held any more. */
static enum result read_at(struct hook *hook, const struct hook_place *place,
                           const struct store_message **found, struct error *error)
{
    const struct store_channel *channel = NULL;
    struct store_message *messages = NULL;
    size_t count = 0;
    *found = NULL;
    arena_reset(&hook->messages);
    enum result result = flow_read_channel(hook->office.reader, text_of(place->origin),
                                           &hook->messages, &channel, error);
    if (result == RESULT_OK) {
        result = store_read_messages(hook->office.reader, channel->number, place->index, 1,
                                     &hook->messages, &messages, &count, error);
    }
    if (result == RESULT_OK && count == 1 && messages[0].index == place->index &&
        is_event(&messages[0])) {
        *found = messages;
    }
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* The oldest of the dead letters that are tried again. The store may be of an older backup than the
 * webhook's file: a letter whose event is no longer held is let go, and the next one is looked at.
 */
static enum result find_dead(struct hook *hook, const struct store_message **found,
                             struct error *error)
{
    enum result result = RESULT_OK;
    *found = NULL;
    while (hook->replaying > 0 && *found == NULL && result == RESULT_OK) {
        const struct hook_place *place = &hook->file->dead[0].place;
        result = read_at(hook, place, found, error);
        if (result == RESULT_OK && *found == NULL) {
            log_event(LOG_LEVEL_WARNING, "notify", "dead letter let go",
                      "channel=%s index=%llu reason=\"its event is not held any more\"",
                      place->origin, (unsigned long long)place->index);
            drop_first_dead(hook->file);
            hook->replaying--;
            hook->changed = true;
        }
    }
    return result;
}

static enum result find_event(struct hook *hook, const struct store_message **found,
                              struct error *error)
{
    const struct store_channel *channels = NULL;
    size_t count = 0;
    enum result result = find_dead(hook, found, error);
    hook->again = *found != NULL;
    if (result != RESULT_OK || hook->again) {
        return result;
    }
    result = store_read_channels(hook->office.reader, &hook->arena, &channels, &count, error);
    for (size_t i = 0; i < count && result == RESULT_OK && *found == NULL; i++) {
        if (channels[i].direction == STORE_INCOMING) {
            result = find_in(hook, &channels[i], found, error);
        }
    }
    return result;
}

static enum result post(struct hook *hook, const struct store_message *message, struct error *error)
{
    const struct config *config = hook->office.flow->config;
    struct hook_letter *letter = &hook->letter;
    enum result result = hook_letter_write(
        hook->office.key, message, world_wall_ms(hook->office.flow->world) / 1000, letter, error);
    if (result != RESULT_OK) {
        return result;
    }
    hook->place = (struct hook_place){.index = message->index};
    (void)snprintf(hook->place.origin, sizeof hook->place.origin, "%.*s",
                   TEXT_ARGS(message->origin));
    const char *const headers[HOOK_LETTER_HEADERS] = {letter->headers[0], letter->headers[1],
                                                      letter->headers[2], letter->headers[3]};
    const struct call_way way = {.certificate = "",
                                 .key = "",
                                 .authorities = hook->authorities,
                                 .proxy = config->webhook_private ? config->outbound.proxy : "",
                                 .connect = "",
                                 .public_only = !config->webhook_private,
                                 .plain = true,
                                 .connect_timeout_s = config->outbound.connect_timeout_s,
                                 .timeout_s = TIMEOUT_S};
    const struct call_request request = {.url = hook->file->url,
                                         .headers = headers,
                                         .header_count = HOOK_LETTER_HEADERS,
                                         .body = buffer_bytes(&letter->body)};
    return call_post(hook->call, &way, &request, error);
}

void hook_advance(struct hook *hook)
{
    struct error error = {0};
    const struct store_message *message = NULL;
    if (!call_is_under_way(hook->call) && now_ms(hook) >= hook->due_ms &&
        !text_equal(text_of(hook->file->state), TEXT("gone"))) {
        arena_reset(&hook->arena);
        enum result result = find_event(hook, &message, &error);
        if (result == RESULT_OK && message != NULL) {
            result = post(hook, message, &error);
        }
        if (result != RESULT_OK) {
            back_off(hook, 0, error.message);
        }
    }
    if (hook->changed && now_ms(hook) - hook->saved_ms >= SAVE_MS) {
        save(hook);
    }
}

uint64_t hook_due_ms(const struct hook *hook)
{
    uint64_t save_ms = hook->changed ? hook->saved_ms + SAVE_MS : UINT64_MAX;
    return hook->due_ms > now_ms(hook) && hook->due_ms < save_ms ? hook->due_ms : save_ms;
}

/* ---- the hook ---- */

void hook_look(struct hook *hook)
{
    if (unlink(hook->replay_path) == 0) {
        hook->replaying = hook->file->dead_count;
    }
    hook->due_ms = 0;
    hook->failures = 0;
    if (text_equal(text_of(hook->file->state), TEXT("gone"))) {
        set_state(hook, "open", "");
    }
}

/* A webhook that is new begins behind everything that has arrived. */
static enum result begin(struct hook *hook, const char *url, struct error *error)
{
    const struct store_channel *channels = NULL;
    size_t count = 0;
    (void)snprintf(hook->file->url, sizeof hook->file->url, "%s", url);
    set_state(hook, "open", "");
    enum result result =
        store_read_channels(hook->office.reader, &hook->arena, &channels, &count, error);
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        uint64_t *next = next_of(hook, channels[i].origin);
        if (next != NULL) {
            *next = channels[i].size;
        }
    }
    save(hook);
    return result;
}

static enum result open_file(struct hook *hook, const char *url, struct error *error)
{
    const struct config *config = hook->office.flow->config;
    enum result result = hook_file_path(config, url, HOOK_STATE, hook->path, error);
    if (result == RESULT_OK) {
        result = hook_file_path(config, url, HOOK_REPLAY, hook->replay_path, error);
    }
    if (result == RESULT_OK && config->outbound.authorities[0] != '\0') {
        result = config_place(config, config->outbound.authorities, hook->authorities, error);
    }
    if (result == RESULT_OK) {
        result = hook_file_read(hook->path, hook->file, error);
        result = result == RESULT_NOT_FOUND ? begin(hook, url, error) : result;
    }
    return result;
}

enum result hook_new(const struct hook_office *office, const char *url, struct hook **hook,
                     struct error *error)
{
    *hook = NULL;
    struct hook *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->file = calloc(1, sizeof *made->file);
    }
    if (made == NULL || made->file == NULL) {
        free(made);
        return error_set(error, RESULT_NO_MEMORY, "no memory for webhook %s", url);
    }
    made->office = *office;
    enum result result = open_file(made, url, error);
    if (result == RESULT_OK) {
        result = call_new(office->calls, answered, made, &made->call, error);
    }
    if (result != RESULT_OK) {
        made->changed = false;
        hook_destroy(&made);
        return result;
    }
    *hook = made;
    return RESULT_OK;
}

void hook_destroy(struct hook **hook)
{
    if (*hook != NULL) {
        call_destroy(&(*hook)->call);
        save(*hook);
        buffer_free(&(*hook)->letter.body);
        arena_free(&(*hook)->messages);
        arena_free(&(*hook)->arena);
        free((*hook)->file);
        free(*hook);
        *hook = NULL;
    }
}

const char *hook_url(const struct hook *hook)
{
    return hook->file->url;
}
