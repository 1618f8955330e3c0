/* Submits, part by part. See submitting.h. */
#include "node/control/submitting.h"

#include "node/control/rows.h"
#include "node/flow/submit.h"

#include <stdlib.h>

/* Documents of a submit that are read in one turn of the task and committed together, and how many
 * such parts of a client may be in the writer: so much a message of another client may wait behind
 * a bulk. */
#define PART_DOCUMENTS  32
#define PART_BYTES      ((size_t)128 << 10)
#define PARTS_IN_WRITER 3

struct submitting {
    struct client *client;
    uint64_t number;
    enum operation operation;
    struct arena arena; /* of the documents that are left */
    struct bytes *documents;
    size_t count;
    size_t handed; /* of count */
    size_t parts;  /* in the writer */
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
    if (submitting->parts > 0 || submitting->handed < submitting->count) {
        return;
    }
    if (submitting->error.code == RESULT_OK) {
        wire_put_end(&submitting->client->answers, submitting->number);
    } else {
        wire_put_error(&submitting->client->answers, submitting->number, &submitting->error);
    }
    submitting_end(submitting);
}

/* No more documents of the request are taken. */
static void submit_failed(struct submitting *submitting, const struct error *error)
{
    submitting->error = *error;
    submitting->handed = submitting->count;
    submitting->client->submitting = NULL;
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

/* How many of the documents that are left make a part. */
static size_t next_part(const struct submitting *submitting)
{
    size_t bytes = 0;
    size_t left = submitting->count - submitting->handed;
    size_t count = 0;
    while (count < left && count < PART_DOCUMENTS && bytes < PART_BYTES) {
        bytes += submitting->documents[submitting->handed + count].size;
        count++;
    }
    return count;
}

bool submitting_step(struct client *client)
{
    struct error error;
    struct control *control = client->control;
    struct submitting *submitting = client->submitting;
    if (submitting == NULL || client->parts >= PARTS_IN_WRITER) {
        return false;
    }
    size_t count = next_part(submitting);
    const struct bytes *documents = submitting->documents + submitting->handed;
    submitting->parts++;
    client->parts++;
    submitting->handed += count;
    client->submitting = submitting->handed < submitting->count ? submitting : NULL;
    const struct submitter submitter = {&control->home, part_finished, submitting, client};
    if (submit_documents(control->node.flow, submitting->operation, documents, count, &submitter,
                         &error) != RESULT_OK) {
        submit_failed(submitting, &error);
        part_over(submitting);
    }
    return true;
}

/* Copies the documents that are left, so that they outlast the frame. */
static void keep_documents(struct submitting *submitting)
{
    struct error error;
    size_t left = submitting->count - submitting->handed;
    struct bytes *kept = arena_alloc(&submitting->arena, left * sizeof *kept);
    for (size_t i = 0; i < left && kept != NULL; i++) {
        const struct bytes *document = &submitting->documents[submitting->handed + i];
        uint8_t *copy = arena_alloc(&submitting->arena, document->size + 1);
        if (copy == NULL) {
            kept = NULL;
            break;
        }
        memcpy(copy, document->data, document->size);
        kept[i] = (struct bytes){copy, document->size};
    }
    if (kept == NULL) {
        (void)error_set(&error, RESULT_NO_MEMORY, "no memory for %zu documents", left);
        submit_failed(submitting, &error);
        return;
    }
    submitting->documents = kept;
    submitting->count = left;
    submitting->handed = 0;
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
    client->submitting = submitting;
    (void)submitting_step(client);
    if (client->submitting != NULL) {
        keep_documents(submitting);
    }
    return RESULT_OK;
}
