/* The signed texts as lanes see them: what came is kept for the task, what is to be said is taken.
 * Any thread. See trust.h. */
#include "node/flow/trust_parts.h"

#include <stdio.h>
#include <stdlib.h>

static struct post *post_add(struct trust *trust, const char *party)
{
    struct post **grown = reallocarray(trust->posts, trust->post_count + 1, sizeof(struct post *));
    struct post *post = calloc(1, sizeof *post);
    if (grown != NULL) {
        trust->posts = grown;
    }
    if (grown == NULL || post == NULL) {
        free(post);
        return NULL;
    }
    (void)snprintf(post->party, sizeof post->party, "%s", party);
    trust->posts[trust->post_count++] = post;
    return post;
}

void trust_opened(struct trust *trust, const char *party)
{
    if (trust == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&trust->lock);
    struct post *post = post_find(trust, text_of(party));
    post = post == NULL ? post_add(trust, party) : post;
    if (post != NULL) {
        post->say = true;
        post->said = (struct merkle_hash){0};
        post->idle_count = 0;
        for (size_t i = 0; i < post->asked_count; i++) {
            post->asked[i].sent = false;
        }
    }
    (void)pthread_mutex_unlock(&trust->lock);
}

/* What comes when enough waits is not kept: what a partner holds is told again at every change, and
 * what was asked for is asked for again. */
void trust_put(struct trust *trust, const char *party, enum frame_kind kind, struct bytes frame)
{
    if (trust == NULL) {
        return;
    }
    struct letter *letter = malloc(sizeof *letter + frame.size);
    (void)pthread_mutex_lock(&trust->lock);
    struct post *post = post_find(trust, text_of(party));
    bool taken = letter != NULL && post != NULL && post->letters < TRUST_LETTERS_MAX;
    if (taken) {
        post->letters++;
        *letter = (struct letter){.kind = kind, .size = frame.size};
        (void)snprintf(letter->party, sizeof letter->party, "%s", party);
        memcpy(letter->bytes, frame.data, frame.size);
        queue_put(&trust->letters, &letter->node);
    }
    (void)pthread_mutex_unlock(&trust->lock);
    if (!taken) {
        free(letter);
    }
}

/* What we hold, unless the partner knows it already. */
static bool next_texts(struct trust *trust, struct post *post, struct buffer *frame)
{
    struct merkle_hash digest;
    size_t start = frame->size;
    if (!post->say) {
        return false;
    }
    post->say = false;
    texts_pack(&trust->texts, text_of(post->party), trust_now_s(trust), frame);
    merkle_sha256((struct bytes){frame->data + start, frame->size - start}, &digest);
    if (frame->failed || memcmp(&digest, &post->said, sizeof digest) == 0) {
        frame->size = start;
        return false;
    }
    post->said = digest;
    return true;
}

static bool next_want(struct post *post, struct buffer *frame)
{
    struct frame_text rows[TRUST_WANTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < post->asked_count; i++) {
        struct asked *asked = &post->asked[i];
        if (!asked->sent) {
            asked->sent = true;
            rows[count++] = (struct frame_text){asked->kind, text_of(asked->name), asked->number,
                                                asked->digest};
        }
    }
    if (count > 0) {
        frame_texts_pack(FRAME_WANT, &(struct frame_texts){rows, count}, frame);
    }
    return count > 0;
}

static bool next_note(const struct trust *trust, struct post *post, struct buffer *frame)
{
    while (post->wanted_count > 0) {
        const struct held_text *held = texts_find(&trust->texts, &post->wanted[0]);
        post->wanted_count--;
        memmove(&post->wanted[0], &post->wanted[1], post->wanted_count * sizeof post->wanted[0]);
        if (held != NULL) {
            frame_note_pack(held->text.kind, held->note, frame);
            return true;
        }
    }
    return false;
}

bool trust_next(struct trust *trust, const char *party, struct buffer *frame)
{
    if (trust == NULL) {
        return false;
    }
    (void)pthread_mutex_lock(&trust->lock);
    struct post *post = post_find(trust, text_of(party));
    bool found = post != NULL && (next_texts(trust, post, frame) || next_want(post, frame) ||
                                  next_note(trust, post, frame));
    (void)pthread_mutex_unlock(&trust->lock);
    return found && !frame->failed;
}

uint64_t trust_known_serial(struct trust *trust, const char *party)
{
    if (trust == NULL) {
        return 0;
    }
    (void)pthread_mutex_lock(&trust->lock);
    const struct post *post = post_find(trust, text_of(party));
    uint64_t serial = post == NULL ? 0 : post->known_serial;
    (void)pthread_mutex_unlock(&trust->lock);
    return serial;
}

/* ---- what came another way ---- */

bool trust_may_keep(struct trust *trust, enum frame_kind kind, const char *party)
{
    if (trust == NULL) {
        return true;
    }
    (void)pthread_mutex_lock(&trust->lock);
    bool may = !news_is_spent(trust, kind, text_of(party));
    (void)pthread_mutex_unlock(&trust->lock);
    return may;
}

void trust_kept(struct trust *trust, enum frame_kind kind, const char *party)
{
    if (trust != NULL) {
        (void)pthread_mutex_lock(&trust->lock);
        news_count(trust, kind, text_of(party));
        (void)pthread_mutex_unlock(&trust->lock);
    }
}
