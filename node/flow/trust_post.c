/* What is asked of a partner, and how much of it. See trust_parts.h. */
#include "node/flow/trust_parts.h"

#include "node/core/log.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- how much ---- */

static unsigned used(const struct allowance *allowance, uint64_t now_ms, uint64_t span_ms)
{
    return now_ms >= allowance->since_ms + span_ms ? 0 : allowance->used;
}

static void use(struct allowance *allowance, uint64_t now_ms, uint64_t span_ms)
{
    if (now_ms >= allowance->since_ms + span_ms) {
        *allowance = (struct allowance){.since_ms = now_ms};
    }
    allowance->used++;
}

static struct news *news_find(const struct trust *trust, enum frame_kind kind, struct text name)
{
    for (size_t i = 0; i < trust->news_count; i++) {
        if (trust->news[i].kind == kind && text_equal(text_of(trust->news[i].name), name)) {
            return &trust->news[i];
        }
    }
    return NULL;
}

/* An agreement grows by every signature; cards and revocations are acts of one party. */
static unsigned news_max(enum frame_kind kind)
{
    return kind == FRAME_AGREEMENT ? TRUST_SIGNATURES_MAX : TRUST_NEWS_MAX;
}

bool news_is_spent(const struct trust *trust, enum frame_kind kind, struct text name)
{
    const struct news *news = news_find(trust, kind, name);
    return news != NULL &&
           used(&news->allowance, trust_steady_ms(trust), TRUST_NEWS_MS) >= news_max(kind);
}

void news_count(struct trust *trust, enum frame_kind kind, struct text name)
{
    uint64_t now_ms = trust_steady_ms(trust);
    struct news *news = news_find(trust, kind, name);
    if (news == NULL) {
        struct news *grown = reallocarray(trust->news, trust->news_count + 1, sizeof *grown);
        if (grown == NULL) {
            return;
        }
        trust->news = grown;
        news = &grown[trust->news_count++];
        *news = (struct news){.kind = kind, .allowance = {.since_ms = now_ms}};
        (void)snprintf(news->name, sizeof news->name, "%.*s", TEXT_ARGS(name));
    }
    use(&news->allowance, now_ms, TRUST_NEWS_MS);
    if (news->allowance.used == news_max(kind)) {
        log_event(LOG_LEVEL_WARNING, "trust", "no more texts today",
                  "about=%s taken=%u remedy=\"ask that party why it makes so many\"", news->name,
                  news->allowance.used);
    }
}

/* ---- what ---- */

struct post *post_find(const struct trust *trust, struct text party)
{
    for (size_t i = 0; i < trust->post_count; i++) {
        if (text_equal(text_of(trust->posts[i]->party), party)) {
            return trust->posts[i];
        }
    }
    return NULL;
}

static bool is_idle(const struct post *post, const struct merkle_hash *digest)
{
    size_t count = post->idle_count < POST_IDLE_MAX ? post->idle_count : POST_IDLE_MAX;
    for (size_t i = 0; i < count; i++) {
        if (memcmp(&post->idle[i], digest, sizeof *digest) == 0) {
            return true;
        }
    }
    return false;
}

void post_idle(struct post *post, const struct merkle_hash *digest)
{
    post->idle[post->idle_count++ % POST_IDLE_MAX] = *digest;
}

/* Asked already, of this partner or of another: the same text is not fetched twice. */
static bool is_asked(const struct trust *trust, const struct merkle_hash *digest)
{
    for (size_t i = 0; i < trust->post_count; i++) {
        const struct post *post = trust->posts[i];
        for (size_t k = 0; k < post->asked_count; k++) {
            if (memcmp(&post->asked[k].digest, digest, sizeof *digest) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void ask(struct trust *trust, struct post *post, const struct frame_text *text)
{
    uint64_t now_ms = trust_steady_ms(trust);
    struct asked *asked = &post->asked[post->asked_count++];
    *asked = (struct asked){.kind = text->kind,
                            .number = text->number,
                            .digest = text->digest,
                            .due_ms = now_ms + TRUST_ANSWER_MS};
    (void)snprintf(asked->name, sizeof asked->name, "%.*s", TEXT_ARGS(text->name));
    use(&post->intake, now_ms, TRUST_INTAKE_MS);
    if (post->intake.used == TRUST_INTAKE_MAX) {
        log_event(LOG_LEVEL_WARNING, "trust", "no more texts of the partner in this hour",
                  "partner=%s asked=%u remedy=\"ask it which software it runs\"", post->party,
                  post->intake.used);
    }
}

/* Its own row of our card: what it knows of us. */
static void learn(const struct trust *trust, struct post *post, const struct frame_text *text)
{
    const struct card *own = directory_own(trust->texts.directory);
    if (text->kind != FRAME_CARD || !text_equal(text->name, text_of(own->party))) {
        return;
    }
    if (text->number > own->serial && !post->warned) {
        post->warned = true; /* once, whatever it says, until our texts change */
        log_event(LOG_LEVEL_ERROR, "trust", "a partner holds a newer card of ours than we do",
                  "partner=%s serial=%llu ours=%llu remedy=\"put the newest cards/ back\"",
                  post->party, (unsigned long long)text->number, (unsigned long long)own->serial);
    }
    post->known_serial = text->number;
}

void post_plan(struct trust *trust, struct post *post)
{
    struct frame frame;
    struct error error;
    struct arena arena = {0};
    uint64_t now_s = trust_now_s(trust);
    bool told = post->told.size > 0 &&
                frame_unpack(buffer_bytes(&post->told), &arena, &frame, &error) == RESULT_OK;
    for (size_t i = 0; told && i < frame.texts.count; i++) {
        const struct frame_text *text = &frame.texts.rows[i];
        learn(trust, post, text);
        if (post->asked_count < TRUST_WANTS_MAX &&
            used(&post->intake, trust_steady_ms(trust), TRUST_INTAKE_MS) < TRUST_INTAKE_MAX &&
            !is_idle(post, &text->digest) && !is_asked(trust, &text->digest) &&
            !news_is_spent(trust, text->kind, text->name) &&
            texts_lack(&trust->texts, text, now_s)) {
            ask(trust, post, text);
        }
    }
    arena_free(&arena);
}

static void forget(struct post *post, size_t place)
{
    post->asked_count--;
    memmove(&post->asked[place], &post->asked[place + 1],
            (post->asked_count - place) * sizeof *post->asked);
}

bool post_answered(struct post *post, const struct merkle_hash *digest)
{
    for (size_t i = 0; i < post->asked_count; i++) {
        if (memcmp(&post->asked[i].digest, digest, sizeof *digest) == 0) {
            forget(post, i);
            return true;
        }
    }
    return false;
}

void post_expire(struct trust *trust, struct post *post)
{
    uint64_t now_ms = trust_steady_ms(trust);
    for (size_t i = post->asked_count; i-- > 0;) {
        if (now_ms >= post->asked[i].due_ms) {
            post_idle(post, &post->asked[i].digest);
            forget(post, i);
        }
    }
}

/* ---- for tests of a partner ---- */

/* Which version the partner told of an agreement; NULL when it told none. */
static const struct frame_text *told_newest(const struct frame_texts *told, struct text code)
{
    const struct frame_text *newest = NULL;
    for (size_t i = 0; i < told->count; i++) {
        const struct frame_text *text = &told->rows[i];
        if (text->kind == FRAME_AGREEMENT && text_equal(text->name, code) &&
            (newest == NULL || text->number > newest->number)) {
            newest = text;
        }
    }
    return newest;
}

static bool compare_one(const struct texts *texts, const struct frame_texts *told,
                        const struct agreement *ours, struct buffer *out)
{
    const struct frame_text *theirs = told_newest(told, text_of(ours->code));
    const struct held_text *held = theirs == NULL ? NULL : texts_find(texts, &theirs->digest);
    if (theirs == NULL) {
        buffer_printf(out, "%s version %u here, none there", ours->code, ours->version);
    } else if (theirs->number != ours->version) {
        buffer_printf(out, "%s version %u here, %llu there", ours->code, ours->version,
                      (unsigned long long)theirs->number);
    } else if (held == NULL) {
        buffer_printf(out, "%s version %u here and there, with other signatures or another text",
                      ours->code, ours->version);
    } else {
        buffer_printf(out, "%s version %u here and there", ours->code, ours->version);
        return true;
    }
    return false;
}

static bool compare_all(const struct texts *texts, const struct frame_texts *told,
                        struct text party, struct buffer *out)
{
    const struct agreement *ours;
    bool same = true;
    size_t count = 0;
    for (size_t i = 0; (ours = agreements_at(texts->agreements, i)) != NULL; i++) {
        bool newest = agreements_version(texts->agreements, text_of(ours->code), 0) == ours;
        if (newest && agreement_party(ours, party) != NULL) {
            buffer_text(out, count++ == 0 ? "" : "; ");
            same = compare_one(texts, told, ours, out) && same;
        }
    }
    if (count == 0) {
        buffer_printf(out, "no signed agreement has both of us");
    }
    return same;
}

enum result trust_compare(struct trust *trust, const char *party, bool *same,
                          struct buffer *sentence)
{
    struct frame frame;
    struct arena arena = {0};
    enum result result = RESULT_UNAVAILABLE;
    if (trust == NULL) {
        return result;
    }
    (void)pthread_mutex_lock(&trust->lock);
    const struct post *post = post_find(trust, text_of(party));
    if (post != NULL && post->told.size > 0 &&
        frame_unpack(buffer_bytes(&post->told), &arena, &frame, NULL) == RESULT_OK) {
        *same = compare_all(&trust->texts, &frame.texts, text_of(party), sentence);
        result = RESULT_OK;
    }
    (void)pthread_mutex_unlock(&trust->lock);
    arena_free(&arena);
    return result;
}
