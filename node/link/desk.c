/* The desk. See desk.h. */
#include "node/link/desk.h"

#include <stdlib.h>

/* A question that somebody waits for. */
struct slot {
    uint64_t number; /* 0: free */
    struct question question;
    struct queue *asker;
    bool carried;         /* by a lane */
    struct buffer answer; /* empty until it is there */
};

struct desk {
    pthread_mutex_t lock;
    struct slot slots[DESK_QUESTIONS_MAX];
    uint64_t last;         /* number given */
    atomic_size_t waiting; /* questions that no lane has carried: what idle lanes look at */
};

enum result desk_new(struct desk **desk, struct error *error)
{
    *desk = calloc(1, sizeof **desk);
    if (*desk == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "link: no memory for the desk");
    }
    (void)pthread_mutex_init(&(*desk)->lock, NULL);
    return RESULT_OK;
}

void desk_destroy(struct desk **desk)
{
    if (*desk == NULL) {
        return;
    }
    for (size_t i = 0; i < DESK_QUESTIONS_MAX; i++) {
        buffer_free(&(*desk)->slots[i].answer);
    }
    (void)pthread_mutex_destroy(&(*desk)->lock);
    free(*desk);
    *desk = NULL;
}

/* The slot of that question; of number 0, a free one. */
static struct slot *find(struct desk *desk, uint64_t number)
{
    for (size_t i = 0; i < DESK_QUESTIONS_MAX; i++) {
        if (desk->slots[i].number == number) {
            return &desk->slots[i];
        }
    }
    return NULL;
}

static bool is_asked(const struct desk *desk, const char *party)
{
    for (size_t i = 0; i < DESK_QUESTIONS_MAX; i++) {
        const struct slot *slot = &desk->slots[i];
        if (slot->number != 0 && strcmp(slot->question.party, party) == 0) {
            return true;
        }
    }
    return false;
}

static void end(struct desk *desk, struct slot *slot)
{
    if (!slot->carried) {
        atomic_fetch_sub(&desk->waiting, 1);
    }
    buffer_free(&slot->answer);
    *slot = (struct slot){0};
}

enum result desk_ask(struct desk *desk, const struct question *question, struct queue *asker,
                     uint64_t *number, struct error *error)
{
    enum result result = RESULT_OK;
    (void)pthread_mutex_lock(&desk->lock);
    struct slot *slot = find(desk, 0);
    if (slot == NULL || is_asked(desk, question->party)) {
        result = error_set(error, RESULT_BUSY,
                           "another question to %s is under way; ask again when it is answered",
                           question->party);
    } else {
        *slot = (struct slot){.number = ++desk->last, .question = *question, .asker = asker};
        *number = slot->number;
        atomic_fetch_add(&desk->waiting, 1);
    }
    (void)pthread_mutex_unlock(&desk->lock);
    return result;
}

enum result desk_answer(struct desk *desk, uint64_t number, struct buffer *answer,
                        struct error *error)
{
    enum result result = RESULT_BUSY;
    (void)pthread_mutex_lock(&desk->lock);
    struct slot *slot = find(desk, number);
    if (slot == NULL) {
        result = error_set(error, RESULT_NOT_FOUND, "no question %llu is under way",
                           (unsigned long long)number);
    } else if (slot->answer.size > 0) {
        buffer_append(answer, slot->answer.data, slot->answer.size);
        end(desk, slot);
        result = buffer_check(answer, error);
    }
    (void)pthread_mutex_unlock(&desk->lock);
    return result;
}

void desk_forget(struct desk *desk, uint64_t number)
{
    (void)pthread_mutex_lock(&desk->lock);
    struct slot *slot = find(desk, number);
    if (number != 0 && slot != NULL) {
        end(desk, slot);
    }
    (void)pthread_mutex_unlock(&desk->lock);
}

bool desk_next(struct desk *desk, const char *party, bool hello_too, struct buffer *frame)
{
    bool found = false;
    if (atomic_load(&desk->waiting) == 0) {
        return false;
    }
    (void)pthread_mutex_lock(&desk->lock);
    for (size_t i = 0; i < DESK_QUESTIONS_MAX && !found; i++) {
        struct slot *slot = &desk->slots[i];
        const struct question *question = &slot->question;
        if (slot->number != 0 && !slot->carried && strcmp(question->party, party) == 0 &&
            (question->max > 0 || hello_too)) {
            frame_ask_pack(&(struct frame_ask){slot->number, text_of(question->origin),
                                               question->first, question->max},
                           frame);
            slot->carried = true;
            atomic_fetch_sub(&desk->waiting, 1);
            found = true;
        }
    }
    (void)pthread_mutex_unlock(&desk->lock);
    return found;
}

bool desk_put(struct desk *desk, const char *party, uint64_t number, struct bytes answer)
{
    (void)pthread_mutex_lock(&desk->lock);
    struct slot *slot = number == 0 ? NULL : find(desk, number);
    bool awaited = slot != NULL && slot->carried && slot->answer.size == 0 &&
                   strcmp(slot->question.party, party) == 0;
    if (awaited) {
        buffer_append(&slot->answer, answer.data, answer.size);
        queue_wake(slot->asker);
    }
    (void)pthread_mutex_unlock(&desk->lock);
    return awaited;
}
