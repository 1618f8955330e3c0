/* Submits, part by part. See submitting.h. */
#include "node/control/submitting.h"

#include "node/control/rows.h"
#include "node/flow/submit.h"

#include <stdlib.h>

/* Documents that are read in one turn of the task, so that a bulk does not hold up other clients.
 */
#define TURN_DOCUMENTS 16
#define TURN_BYTES     ((size_t)64 << 10)

/* Documents that are committed together, and how many such parts of a client may be in the writer:
 * so much a message of another client waits behind a bulk. */
#define PART_DOCUMENTS  64
#define PARTS_IN_WRITER 2

struct submitting {
    struct client *client;
    uint64_t number;
    enum operation operation;
    struct arena arena; /* of the documents that are left */
    struct bytes *documents;
    size_t count;
    size_t taken;        /* of count: read, or not to be read any more */
    struct submit *part; /* that is being filled, or NULL */
    size_t part_left;    /* documents that it still takes */
    size_t parts;        /* filled or in the writer */
    struct error error;
};

static void submitting_end(struct submitting *submitting)
{
    submitting->client->under_way--;
    arena_free(&submitting->arena);
    free(submitting);
}

/* The last part ends the request. */
static void part_over(struct submitting *submitting)
{
    submitting->parts--;
    submitting->client->parts--;
    if (submitting->parts > 0 || submitting->taken < submitting->count) {
        return;
    }
    if (submitting->error.code == RESULT_OK) {
        wire_put_end(&submitting->client->answers, submitting->number);
    } else {
        wire_put_error(&submitting->client->answers, submitting->number, &submitting->error);
    }
    submitting_end(submitting);
}

static void part_finished(struct submit *submit, void *self)
{
    struct submitting *submitting = self;
    struct client *client = submitting->client;
    struct control *control = client->control;
    size_t count = 0;
    const struct submit_answer *answers = submit_answers(submit, &count);
    size_t in_part = 0;
    buffer_clear(&control->rows);
    for (size_t i = 0; i < count; i++) {
        row_answer(&answers[i], &control->rows);
        in_part++;
        if (control->rows.size >= WIRE_PART_BYTES || i + 1 == count) {
            wire_put_part(&client->answers, submitting->number, buffer_bytes(&control->rows),
                          in_part);
            buffer_clear(&control->rows);
            in_part = 0;
        }
    }
    submit_destroy(&submit);
    part_over(submitting);
}

static enum result part_open(struct submitting *submitting, struct error *error)
{
    struct client *client = submitting->client;
    struct control *control = client->control;
    const struct submitter submitter = {&control->home, part_finished, submitting, client};
    size_t left = submitting->count - submitting->taken;
    submitting->part_left = left < PART_DOCUMENTS ? left : PART_DOCUMENTS;
    enum result result = submit_new(control->node.flow, submitting->operation,
                                    submitting->part_left, &submitter, &submitting->part, error);
    if (result == RESULT_OK) {
        submitting->parts++;
        client->parts++;
    }
    return result;
}

/* Reads a turn's documents into the part that is open. */
static void part_read(struct submitting *submitting)
{
    const struct bytes *documents = submitting->documents + submitting->taken;
    size_t bytes = 0;
    size_t count = 0;
    while (count < submitting->part_left && count < TURN_DOCUMENTS && bytes < TURN_BYTES) {
        bytes += documents[count].size;
        count++;
    }
    submit_read(submitting->part, documents, count);
    submitting->taken += count;
    submitting->part_left -= count;
}

/* No more documents of the request are taken; what is in the writer will be answered. */
static void submitting_fail(struct submitting *submitting, const struct error *error)
{
    submitting->error = *error;
    submitting->taken = submitting->count;
    submitting->client->submitting = NULL;
    submitting->parts++;
    submitting->client->parts++;
    part_over(submitting);
}

bool submitting_step(struct client *client)
{
    struct error error;
    struct submitting *submitting = client->submitting;
    if (submitting == NULL || (submitting->part == NULL && client->parts >= PARTS_IN_WRITER)) {
        return false;
    }
    if (submitting->part == NULL && part_open(submitting, &error) != RESULT_OK) {
        submitting_fail(submitting, &error);
        return true;
    }
    part_read(submitting);
    client->submitting = submitting->taken < submitting->count ? submitting : NULL;
    if (submitting->part_left == 0) {
        struct submit *part = submitting->part;
        submitting->part = NULL;
        submit_go(part);
    }
    return true;
}

/* Copies the documents, so that they outlast the frame. */
static enum result keep_documents(struct submitting *submitting, struct error *error)
{
    size_t count = submitting->count;
    struct bytes *kept = arena_alloc(&submitting->arena, count * sizeof *kept);
    for (size_t i = 0; i < count; i++) {
        const struct bytes *document = &submitting->documents[i];
        uint8_t *copy = kept == NULL ? NULL : arena_alloc(&submitting->arena, document->size + 1);
        if (copy == NULL) {
            return error_set(error, RESULT_NO_MEMORY, "no memory for %zu documents", count);
        }
        memcpy(copy, document->data, document->size);
        kept[i] = (struct bytes){copy, document->size};
    }
    submitting->documents = kept;
    return RESULT_OK;
}

/* Reads the arguments; `documents` are views into the frame, in the task's arena. */
static enum result read_submit(struct control *control, struct wire_request *request,
                               enum operation *operation, struct bytes **documents, size_t *count,
                               struct error *error)
{
    struct text name = mp_get_str(&request->arguments, 64);
    *count = mp_get_array(&request->arguments, WIRE_SUBMIT_MAX);
    *operation = operation_from_name(name);
    arena_reset(&control->arena);
    *documents = arena_alloc(&control->arena, (*count + 1) * sizeof **documents);
    if (*documents == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for %zu documents", *count);
    }
    for (size_t i = 0; i < *count; i++) {
        (*documents)[i] = mp_get_bin(&request->arguments, WIRE_FRAME_MAX_BYTES);
    }
    enum result result = mp_finish(&request->arguments, "submit", error);
    if (result == RESULT_OK &&
        (*operation == OPERATION_NONE || operation_is_of_mesh(*operation) || *count == 0)) {
        result =
            error_set(error, RESULT_INVALID,
                      "submit: operation '%.*s' with %zu documents; it takes at least one, and "
                      "send-co, send-amendment-notification, send-cancelation-status or "
                      "send-feedback",
                      TEXT_ARGS(name), *count);
    }
    return result;
}

enum result submitting_begin(struct client *client, struct wire_request *request,
                             struct error *error)
{
    enum operation operation = OPERATION_NONE;
    struct bytes *documents = NULL;
    size_t count = 0;
    enum result result =
        read_submit(client->control, request, &operation, &documents, &count, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct submitting *submitting = calloc(1, sizeof *submitting);
    if (submitting == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a request");
    }
    submitting->client = client;
    submitting->number = request->number;
    submitting->operation = operation;
    submitting->documents = documents;
    submitting->count = count;
    client->under_way++;
    bool at_once = count == 1 && client->parts < PARTS_IN_WRITER;
    if (!at_once && keep_documents(submitting, error) != RESULT_OK) {
        submitting_end(submitting);
        return RESULT_NO_MEMORY;
    }
    client->submitting = submitting;
    (void)submitting_step(client);
    return RESULT_OK;
}
