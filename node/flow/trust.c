/* The task of the signed texts. See trust.h. */
#include "node/flow/trust_parts.h"

#include "node/core/log.h"

#include <poll.h>
#include <stdlib.h>

uint64_t trust_steady_ms(const struct trust *trust)
{
    return world_steady_ns(trust->node.flow->world) / 1000000;
}

uint64_t trust_now_s(const struct trust *trust)
{
    return world_wall_ms(trust->node.flow->world) / 1000;
}

/* ---- what comes in ---- */

static void look_at_texts(struct trust *trust, const struct letter *letter)
{
    (void)pthread_mutex_lock(&trust->lock);
    struct post *post = post_find(trust, text_of(letter->party));
    buffer_clear(&post->told);
    buffer_append(&post->told, letter->bytes, letter->size);
    post_plan(trust, post);
    (void)pthread_mutex_unlock(&trust->lock);
}

/* Only what the partner may have is sent, whatever it asks for. */
static void look_at_want(struct trust *trust, const struct letter *letter,
                         const struct frame_texts *want)
{
    (void)pthread_mutex_lock(&trust->lock);
    struct post *post = post_find(trust, text_of(letter->party));
    for (size_t i = 0; i < want->count && post->wanted_count < POST_WANTED_MAX; i++) {
        const struct held_text *held = texts_find(&trust->texts, &want->rows[i].digest);
        if (held != NULL &&
            texts_is_for(&trust->texts, held, text_of(letter->party), trust_now_s(trust))) {
            post->wanted[post->wanted_count++] = held->text.digest;
        }
    }
    (void)pthread_mutex_unlock(&trust->lock);
}

/* A text that nobody asked for is passed over; one that was asked for and is refused is said. */
static bool look_at_note(struct trust *trust, const struct letter *letter, struct bytes note)
{
    struct merkle_hash digest;
    struct error error;
    char name[NEWS_NAME_BYTES];
    char quoted[2 * ERROR_MESSAGE_BYTES];
    bool news = false;
    merkle_sha256(note, &digest);
    (void)pthread_mutex_lock(&trust->lock);
    struct post *post = post_find(trust, text_of(letter->party));
    bool asked = post_answered(post, &digest);
    (void)pthread_mutex_unlock(&trust->lock);
    if (!asked) {
        log_event(LOG_LEVEL_DEBUG, "trust", "text passed over", "partner=%s", letter->party);
        return false;
    }
    enum result result = trust_take(trust, letter->party, letter->kind, note, name, &news, &error);
    if (result != RESULT_OK) {
        log_event(LOG_LEVEL_WARNING, "trust", "text refused", "partner=%s code=%s error=%s",
                  letter->party, result_text(result),
                  log_quote(error.message, quoted, sizeof quoted));
    }
    (void)pthread_mutex_lock(&trust->lock);
    if (news) {
        news_count(trust, letter->kind, text_of(name));
    } else {
        post_idle(post, &digest);
        post_plan(trust, post);
    }
    (void)pthread_mutex_unlock(&trust->lock);
    return news;
}

/* True when the snapshots are old now. */
static bool look_at(struct trust *trust, const struct letter *letter)
{
    struct bytes bytes = {letter->bytes, letter->size};
    struct frame frame;
    struct error error;
    struct arena arena = {0};
    bool news = false;
    if (frame_unpack(bytes, &arena, &frame, &error) == RESULT_OK) {
        if (frame.kind == FRAME_TEXTS) {
            look_at_texts(trust, letter);
        } else if (frame.kind == FRAME_WANT) {
            look_at_want(trust, letter, &frame.texts);
        } else if (frame_is_text(frame.kind)) {
            news = look_at_note(trust, letter, frame.note.note);
        }
    }
    arena_free(&arena);
    return news;
}

/* ---- the loop ---- */

/* The snapshots are new, or the time has changed what they mean: everybody is told, and what a
 * partner told is looked at again. */
static void take_over(struct trust *trust)
{
    struct texts texts;
    struct error error;
    if (texts_load(trust->node.flow, &texts, &error) != RESULT_OK) {
        log_error("trust", "texts not taken over", &error);
        return;
    }
    (void)pthread_mutex_lock(&trust->lock);
    texts_free(&trust->texts);
    trust->texts = texts;
    texts_epoch(&trust->texts, trust_now_s(trust), &trust->epoch);
    for (size_t i = 0; i < trust->post_count; i++) {
        struct post *post = trust->posts[i];
        post->say = true;
        post->warned = false;
        post->idle_count = 0;
        post_plan(trust, post);
    }
    (void)pthread_mutex_unlock(&trust->lock);
    if (texts.count > FRAME_TEXTS_MAX) {
        log_event(LOG_LEVEL_WARNING, "trust", "more texts than are told",
                  "texts=%zu told=%d remedy=\"see which party revokes so many keys\"", texts.count,
                  FRAME_TEXTS_MAX);
    }
    trust_sign_audit(trust);
}

/* An agreement came into force or ended by its date. */
static bool epoch_is_over(struct trust *trust)
{
    struct merkle_hash now;
    (void)pthread_mutex_lock(&trust->lock);
    texts_epoch(&trust->texts, trust_now_s(trust), &now);
    bool over = memcmp(&now, &trust->epoch, sizeof now) != 0;
    (void)pthread_mutex_unlock(&trust->lock);
    return over;
}

static void expire(struct trust *trust)
{
    (void)pthread_mutex_lock(&trust->lock);
    for (size_t i = 0; i < trust->post_count; i++) {
        post_expire(trust, trust->posts[i]);
    }
    (void)pthread_mutex_unlock(&trust->lock);
}

static bool look_at_all(struct trust *trust)
{
    struct queue_node *next = queue_take(&trust->letters);
    bool news = false;
    while (next != NULL) {
        struct letter *letter = (struct letter *)next;
        next = next->next;
        news = look_at(trust, letter) || news;
        (void)pthread_mutex_lock(&trust->lock);
        post_find(trust, text_of(letter->party))->letters--;
        (void)pthread_mutex_unlock(&trust->lock);
        free(letter);
    }
    return news;
}

static void run(struct task *task, void *state)
{
    struct trust *trust = state;
    struct error error;
    struct pollfd woken = {.fd = trust->letters.wake_fd, .events = POLLIN};
    take_over(trust);
    task_started(task, RESULT_OK, NULL);
    while (!task_stopping(task)) {
        (void)poll(&woken, 1, TRUST_LOOK_MS);
        if (look_at_all(trust) && trust->node.refresh(trust->node.self, &error) != RESULT_OK) {
            log_error("trust", "what was taken is not in force", &error);
        }
        expire(trust);
        if (atomic_exchange(&trust->changed, false) || epoch_is_over(trust)) {
            take_over(trust);
        }
        trust->node.wake(trust->node.self);
    }
}

/* ---- start and stop ---- */

static void trust_free(struct trust *trust)
{
    struct queue_node *next = queue_take(&trust->letters);
    while (next != NULL) {
        struct queue_node *letter = next;
        next = next->next;
        free(letter);
    }
    for (size_t i = 0; i < trust->post_count; i++) {
        buffer_free(&trust->posts[i]->told);
        free(trust->posts[i]);
    }
    texts_free(&trust->texts);
    free(trust->posts);
    free(trust->news);
    queue_close(&trust->letters);
    (void)pthread_mutex_destroy(&trust->lock);
    free(trust);
}

enum result trust_start(const struct trust_node *node, struct trust **trust, struct error *error)
{
    struct trust *made = calloc(1, sizeof *made);
    *trust = NULL;
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "trust: no memory");
    }
    made->node = *node;
    (void)pthread_mutex_init(&made->lock, NULL);
    enum result result = queue_init(&made->letters, error);
    if (result == RESULT_OK) {
        result = task_start("trust", run, made, &made->task, error);
    }
    if (result != RESULT_OK) {
        trust_free(made);
        return result;
    }
    *trust = made;
    return RESULT_OK;
}

void trust_stop(struct trust **trust)
{
    if (*trust != NULL) {
        task_ask_stop((*trust)->task, (*trust)->letters.wake_fd);
        task_join(&(*trust)->task);
        trust_free(*trust);
        *trust = NULL;
    }
}

void trust_changed(struct trust *trust)
{
    if (trust != NULL) {
        atomic_store(&trust->changed, true);
        queue_wake(&trust->letters);
    }
}
