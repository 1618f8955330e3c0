/* Many documents in one request, a line each (NDJSON), with an answer line for each in its order,
 * after its commit. Lines go to the writer in groups that form by themselves: what came in while
 * the last one was committed is the next. While too much is under way the client is not read from.
 * The answers go out when the body has ended, as HTTP/1.1 clients expect; past ANSWERS_MEMORY_BYTES
 * they wait in an unnamed file in the node's directory, so that a body may be as long as it likes.
 */
#include "node/bridge/lines.h"
#include "node/bridge/private_parts.h"
#include "node/bridge/problem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define GROUP_LINES          256
#define GROUP_BYTES          ((size_t)512 << 10)
#define GROUPS_UNDER_WAY     2
#define ANSWERS_MEMORY_BYTES ((size_t)1 << 20)

struct batch {
    struct exchange *exchange; /* NULL: the client went away */
    struct private *private;
    enum operation operation;
    struct lines lines;
    struct buffer bytes; /* of the group that is gathered */
    struct group *group;
    size_t under_way; /* groups */
    bool ended;       /* the body has */
    struct buffer answers;
    int file; /* of answers that have no room in memory; -1 */
    uint64_t file_size;
    struct error trouble; /* with that file, or memory */
    struct arena arena;
};

/* Lines that are committed together. */
struct group {
    struct batch *batch;
    size_t count;
    struct {
        uint64_t line;
        size_t at;
        size_t size;
        bool too_long;
    } rows[GROUP_LINES];
};

static void batch_destroy(struct batch *batch)
{
    lines_free(&batch->lines);
    buffer_free(&batch->bytes);
    buffer_free(&batch->answers);
    arena_free(&batch->arena);
    if (batch->file >= 0) {
        (void)close(batch->file);
    }
    free(batch->group);
    free(batch);
}

/* ---- answers ---- */

/* Moves the answers from memory to the file. */
static enum result spill(struct batch *batch, struct error *error)
{
    const char *directory = batch->private->flow->config->directory;
    if (batch->file < 0) {
        batch->file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    }
    size_t done = 0;
    while (batch->file >= 0 && done < batch->answers.size) {
        ssize_t size = write(batch->file, batch->answers.data + done, batch->answers.size - done);
        if (size < 0 && errno != EINTR) {
            break;
        }
        done += size > 0 ? (size_t)size : 0;
    }
    if (done < batch->answers.size) {
        return error_system(error, errno,
                            "the answers cannot be kept in '%s'; what was committed is known by "
                            "its message ids, so send it again",
                            directory);
    }
    batch->file_size += done;
    buffer_clear(&batch->answers);
    return RESULT_OK;
}

static void write_answer(struct batch *batch, const struct group *group, size_t at,
                         const struct submit_answer *answer)
{
    struct jot jot = {.out = &batch->answers};
    struct error error = {0};
    size_t start = batch->answers.size;
    bool good = answer->result == RESULT_OK || answer->result == RESULT_DUPLICATE;
    struct problem problem = {.status = send_status(answer),
                              .code = result_text(answer->result),
                              .detail = answer->sentence,
                              .findings = &answer->findings};
    if (group->rows[at].too_long) {
        problem = (struct problem){
            .status = 413, .code = "too-large", .detail = TEXT("the line has over 262144 bytes")};
    }
    jot_open(&jot, NULL, '{');
    jot_uint(&jot, "line", group->rows[at].line);
    if (good) {
        jot_uint(&jot, "status", problem.status);
        arena_reset(&batch->arena);
        if (send_receipt(batch->private, batch->operation, answer, &batch->arena, &jot, &error) !=
            RESULT_OK) {
            batch->answers.size = start;
            problem = (struct problem){.status = problem_status(error.code),
                                       .code = result_text(error.code),
                                       .detail = text_of(error.message)};
            jot.inside = false;
            jot_open(&jot, NULL, '{');
            jot_uint(&jot, "line", group->rows[at].line);
            good = false;
        }
    }
    if (!good) {
        problem_members(&problem, &jot);
    }
    jot_close(&jot, '}');
    buffer_text(&batch->answers, "\n");
}

static void give_answers(struct batch *batch)
{
    struct exchange *exchange = batch->exchange;
    struct error error = batch->trouble;
    if (error.code == RESULT_OK) {
        error.code = buffer_check(&batch->answers, &error);
    }
    if (error.code == RESULT_OK && batch->file >= 0) {
        error.code = spill(batch, &error);
    }
    exchange->state = NULL;
    if (error.code != RESULT_OK) {
        exchange_fail(exchange, &error);
    } else if (batch->file >= 0) {
        struct buffer nothing = {0};
        exchange->response.file = batch->file;
        exchange->response.file_size = batch->file_size;
        batch->file = -1;
        exchange_give(exchange, 200, MEDIA_NDJSON, &nothing);
    } else {
        exchange_give(exchange, 200, MEDIA_NDJSON, &batch->answers);
    }
    batch_destroy(batch);
}

/* ---- groups ---- */

static void flush(struct batch *batch);

static void group_finished(struct submit *submit, void *self)
{
    struct group *group = self;
    struct batch *batch = group->batch;
    size_t count = 0;
    const struct submit_answer *answers = submit_answers(submit, &count);
    for (size_t i = 0; i < count && batch->exchange != NULL; i++) {
        write_answer(batch, group, i, &answers[i]);
    }
    submit_destroy(&submit);
    free(group);
    batch->under_way--;
    if (batch->answers.size > ANSWERS_MEMORY_BYTES && batch->trouble.code == RESULT_OK) {
        (void)spill(batch, &batch->trouble);
    }
    if (batch->exchange == NULL) {
        if (batch->under_way == 0) {
            batch->private->left_behind--;
            batch_destroy(batch);
        }
        return;
    }
    flush(batch);
    if (batch->ended && batch->under_way == 0) {
        give_answers(batch);
    } else if (!batch->ended) {
        exchange_go_on(batch->exchange);
    }
}

static bool is_full(const struct batch *batch)
{
    return batch->group != NULL &&
           (batch->group->count == GROUP_LINES || batch->bytes.size >= GROUP_BYTES);
}

/* Hands the gathered lines to the writer, when there are some and it is their turn. */
static void flush(struct batch *batch)
{
    struct bytes documents[GROUP_LINES];
    struct group *group = batch->group;
    bool may = batch->under_way == 0 ||
               (batch->under_way < GROUPS_UNDER_WAY && (is_full(batch) || batch->ended));
    if (group == NULL || !may) {
        return;
    }
    for (size_t i = 0; i < group->count; i++) {
        documents[i] = (struct bytes){batch->bytes.data + group->rows[i].at, group->rows[i].size};
    }
    batch->group = NULL;
    batch->under_way++;
    struct error error = {0};
    enum result result = buffer_check(&batch->bytes, &error);
    if (result == RESULT_OK) {
        const struct submitter submitter = {batch->private->home, group_finished, group, batch};
        result = submit_documents(batch->private->flow, batch->operation, documents, group->count,
                                  &submitter, &error);
    }
    if (result != RESULT_OK) {
        batch->trouble = error;
        batch->under_way--;
        free(group);
    }
    buffer_clear(&batch->bytes);
}

static void add_line(struct batch *batch, const struct line *line)
{
    if (batch->group == NULL) {
        batch->group = calloc(1, sizeof *batch->group);
    }
    if (batch->group == NULL) {
        (void)error_set(&batch->trouble, RESULT_NO_MEMORY, "no memory for a group of lines");
        return;
    }
    struct group *group = batch->group;
    group->batch = batch;
    group->rows[group->count].line = batch->lines.number;
    group->rows[group->count].at = batch->bytes.size;
    group->rows[group->count].size = line->bytes.size;
    group->rows[group->count].too_long = line->too_long;
    group->count++;
    buffer_append(&batch->bytes, line->bytes.data, line->bytes.size);
}

/* ---- the route ---- */

static struct batch *batch_of(struct exchange *exchange)
{
    if (exchange->state == NULL) {
        struct batch *made = calloc(1, sizeof *made);
        if (made == NULL) {
            const struct error error = {RESULT_NO_MEMORY, "no memory for the lines"};
            exchange_fail(exchange, &error);
            return NULL;
        }
        made->exchange = exchange;
        made->private = private_of(exchange);
        made->operation = send_operation(exchange);
        made->file = -1;
        exchange->state = made;
    }
    return exchange->state;
}

size_t batch_take(struct exchange *exchange, struct bytes piece)
{
    struct batch *batch = batch_of(exchange);
    struct bytes left = piece;
    struct line line;
    while (batch != NULL && left.size > 0) {
        if (is_full(batch)) {
            flush(batch);
        }
        if (is_full(batch)) {
            return piece.size - left.size;
        }
        if (lines_next(&batch->lines, &left, &line)) {
            add_line(batch, &line);
        }
    }
    if (batch != NULL) {
        flush(batch);
    }
    return piece.size;
}

void batch_answer(struct exchange *exchange)
{
    struct batch *batch = batch_of(exchange);
    struct line line;
    if (batch == NULL) {
        return;
    }
    if (lines_last(&batch->lines, &line)) {
        add_line(batch, &line);
    }
    batch->ended = true;
    if (batch->lines.begun.failed && batch->trouble.code == RESULT_OK) {
        (void)error_set(&batch->trouble, RESULT_NO_MEMORY, "no memory for a line");
    }
    flush(batch);
    if (batch->under_way == 0 && batch->group == NULL) {
        give_answers(batch);
    }
}

void batch_abandon(struct exchange *exchange)
{
    struct batch *batch = exchange->state;
    batch->exchange = NULL;
    if (batch->under_way == 0) {
        batch_destroy(batch);
    } else {
        batch->private->left_behind++;
    }
}

bool batch_is_busy(const void *private)
{
    return ((const struct private *)private)->left_behind > 0;
}
