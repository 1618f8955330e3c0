/* comesh spool: a folder of files in place of an interface, for national systems that have none. */
#include "proto/encoding.h"
#include "tools/comesh/document.h"
#include "tools/comesh/output.h"
#include "tools/comesh/places.h"
#include "tools/comesh/rows.h"
#include "tools/comesh/spool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define BATCH_DOCUMENTS 64 /* sent or taken in one request */
#define WAIT_MS         1000

struct spooling {
    struct spool spool;
    const struct config *config;
    struct client *client; /* NULL while the node is not there */
    bool was_down;         /* said already */
    enum encoding encoding;
    enum operation operation; /* of the batch under way */
    char **names;             /* of its documents */
    size_t count;
    size_t answered;
    size_t moved; /* documents of the batch that left out/ */
    bool put_off; /* the node cannot take them now */
    struct places places;
    size_t arrived;
    struct buffer document;
};

/* ---- out ---- */

static enum result problem_of(const struct wire_row *row, struct buffer *out, struct error *error)
{
    json_t *object = output_row(row);
    char *text = object == NULL ? NULL : json_dumps(object, JSON_INDENT(2));
    json_decref(object);
    if (text == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the JSON");
    }
    buffer_printf(out, "%s\n", text);
    free(text);
    return buffer_check(out, error);
}

static enum result refuse(struct spooling *spooling, const char *name, const struct wire_row *row,
                          struct error *error)
{
    struct buffer problem = {0};
    enum result result = problem_of(row, &problem, error);
    if (result == RESULT_OK) {
        result = spool_refused(&spooling->spool, spooling->operation, name, buffer_bytes(&problem),
                               error);
    }
    (void)fprintf(stderr, "comesh: %s/%s refused; see error/%s/%s" SPOOL_PROBLEM "\n",
                  operation_name(spooling->operation), name, operation_name(spooling->operation),
                  name);
    buffer_free(&problem);
    return result;
}

/* What is the node's trouble and no fault of the document. */
static bool is_for_later(enum result result)
{
    switch (result) {
    case RESULT_FULL:
    case RESULT_BUSY:
    case RESULT_UNAVAILABLE:
    case RESULT_HELD:
    case RESULT_NO_MEMORY:
    case RESULT_CORRUPT:
    case RESULT_IO:
    case RESULT_INTERNAL:
        return true;
    default:
        return false;
    }
}

/* The answer to the next document of the batch. */
static enum result take_answer(void *self, const struct wire_row *row, struct error *error)
{
    struct spooling *spooling = self;
    if (spooling->answered == spooling->count) {
        return error_set(error, RESULT_INTERNAL, "the node gave more answers than documents");
    }
    const char *name = spooling->names[spooling->answered++];
    char code[32];
    (void)snprintf(code, sizeof code, "%.*s", TEXT_ARGS(wire_row_text(row, WIRE_ANSWER_CODE)));
    enum result answer = result_from_text(code);
    if (is_for_later(answer)) {
        spooling->put_off = true; /* it stays in out/ */
        return RESULT_OK;
    }
    spooling->moved++;
    if (answer == RESULT_OK || answer == RESULT_DUPLICATE) {
        return spool_sent(&spooling->spool, spooling->operation, name, error);
    }
    return refuse(spooling, name, row, error);
}

/* What is no document at all does not go to the node. */
static enum result refuse_unread(struct spooling *spooling, const char *name,
                                 const struct error *why, struct error *error)
{
    struct buffer problem = {0};
    json_t *object =
        json_pack("{s:s, s:s}", "code", result_text(why->code), "sentence", why->message);
    char *text = json_dumps(object, JSON_INDENT(2));
    buffer_printf(&problem, "%s\n", text == NULL ? "" : text);
    free(text);
    json_decref(object);
    enum result result =
        spool_refused(&spooling->spool, spooling->operation, name, buffer_bytes(&problem), error);
    (void)fprintf(stderr, "comesh: %s refused: %s\n", name, why->message);
    buffer_free(&problem);
    return result;
}

/* Packs the documents of the batch; those that cannot be read leave it. */
static enum result pack_batch(struct spooling *spooling, struct buffer *packed, struct error *error)
{
    size_t kept = 0;
    enum result result = RESULT_OK;
    for (size_t i = 0; i < spooling->count; i++) {
        struct error why;
        char *name = spooling->names[i];
        buffer_clear(&spooling->document);
        enum result read = RESULT_OK;
        if (result == RESULT_OK) {
            read = spool_read(&spooling->spool, spooling->operation, name, DOCUMENT_MAX_BYTES,
                              &spooling->document, &why);
        }
        bool fits = packed->size + spooling->document.size < WIRE_FRAME_MAX_BYTES - 4096;
        if (result == RESULT_OK && read == RESULT_OK && fits) {
            mp_put_bin(packed, buffer_bytes(&spooling->document));
            spooling->names[kept++] = name;
            continue;
        }
        if (result == RESULT_OK && read != RESULT_OK && read != RESULT_NOT_FOUND) {
            spooling->moved++;
            result = refuse_unread(spooling, name, &why, error);
        }
        free(name);
    }
    spooling->count = kept;
    return result == RESULT_OK ? buffer_check(packed, error) : result;
}

static enum result submit(struct spooling *spooling, struct error *error)
{
    struct buffer packed = {0};
    enum result result = pack_batch(spooling, &packed, error);
    if (result == RESULT_OK && spooling->count > 0) {
        struct buffer *request = client_begin(spooling->client, "submit", 2);
        mp_put_str(request, text_of(operation_name(spooling->operation)));
        mp_put_array(request, spooling->count);
        buffer_append(request, packed.data, packed.size);
        result = client_send(spooling->client, error);
        if (result == RESULT_OK) {
            result = client_receive(spooling->client, take_answer, spooling, error);
        }
    }
    buffer_free(&packed);
    return result;
}

static void batch_free(struct spooling *spooling)
{
    for (size_t i = 0; i < spooling->count; i++) {
        free(spooling->names[i]);
    }
    free(spooling->names);
    spooling->names = NULL;
    spooling->count = 0;
}

/* Everything of one operation that waits now. */
static enum result send_all(struct spooling *spooling, enum operation operation,
                            struct error *error)
{
    size_t moved = 0;
    enum result result = RESULT_OK;
    do {
        spooling->operation = operation;
        spooling->answered = 0;
        spooling->moved = 0;
        result = spool_list(&spooling->spool, operation, BATCH_DOCUMENTS, &spooling->names,
                            &spooling->count, error);
        if (result == RESULT_OK) {
            result = submit(spooling, error);
        }
        moved = spooling->moved;
        batch_free(spooling);
    } while (result == RESULT_OK && moved > 0 && !spooling->put_off);
    return result;
}

/* ---- in ---- */

static enum result put_row(void *self, const struct wire_row *row, struct error *error)
{
    struct spooling *spooling = self;
    struct arena arena = {0};
    struct record *record = NULL;
    char id[UUID_TEXT_BYTES];
    char name[128];
    enum operation operation = operation_from_name(wire_row_text(row, WIRE_MESSAGE_OPERATION));
    uint64_t index = wire_row_uint(row, WIRE_MESSAGE_INDEX);
    (void)snprintf(name, sizeof name, "%.*s-%012llu-%s.%s",
                   TEXT_ARGS(wire_row_text(row, WIRE_MESSAGE_PARTNER)), (unsigned long long)index,
                   row_id(row, WIRE_MESSAGE_ID, id),
                   spooling->encoding == ENCODING_XML ? "xml" : "json");
    buffer_clear(&spooling->document);
    enum result result = document_unpack(wire_row_bytes(row, WIRE_MESSAGE_PAYLOAD), operation,
                                         &arena, &record, error);
    if (result == RESULT_OK) {
        result = encoding_write(spooling->encoding, record, true, &spooling->document, error);
    }
    if (result == RESULT_OK) {
        result =
            spool_put(&spooling->spool, operation, name, buffer_bytes(&spooling->document), error);
    }
    if (result == RESULT_OK) {
        spooling->arrived++;
        result =
            places_note(&spooling->places, wire_row_uint(row, WIRE_MESSAGE_CHANNEL), index, error);
    }
    arena_free(&arena);
    return result;
}

static enum result receive_all(struct spooling *spooling, struct error *error)
{
    enum result result = RESULT_OK;
    do {
        spooling->arrived = 0;
        mp_put_uint(client_begin(spooling->client, "inbox", 1), BATCH_DOCUMENTS);
        result = client_send(spooling->client, error);
        if (result == RESULT_OK) {
            result = client_receive(spooling->client, put_row, spooling, error);
        }
        if (result == RESULT_OK) {
            result = places_take(&spooling->places, spooling->client, error);
        }
    } while (result == RESULT_OK && spooling->arrived > 0);
    return result;
}

/* ---- the loop ---- */

static enum result turn(struct spooling *spooling, struct error *error)
{
    enum result result = RESULT_OK;
    spooling->put_off = false;
    if (spooling->client == NULL) {
        result = client_open(spooling->config, &spooling->client, error);
    }
    for (unsigned operation = OPERATION_CO; operation <= OPERATION_FEEDBACK && result == RESULT_OK;
         operation++) {
        result = send_all(spooling, (enum operation)operation, error);
    }
    if (result == RESULT_OK) {
        result = receive_all(spooling, error);
    }
    return result;
}

/* A node that is away comes again; what is wrong with the folders needs a person. */
static enum result survive(struct spooling *spooling, enum result result, const struct error *error)
{
    bool away = result == RESULT_UNAVAILABLE || result == RESULT_IO || result == RESULT_BUSY;
    if (result == RESULT_OK) {
        spooling->was_down = false;
        return RESULT_OK;
    }
    client_close(&spooling->client);
    if (away && !spooling->was_down) {
        (void)fprintf(stderr, "comesh: %s; trying on\n", error->message);
        spooling->was_down = true;
    }
    return away ? RESULT_OK : result;
}

/* Until something is put into out/, a second passes, or the process is to end: false then. */
static bool wait_on(struct spooling *spooling, int signals)
{
    struct pollfd polled[2] = {{.fd = signals, .events = POLLIN},
                               {.fd = spooling->spool.watch, .events = POLLIN}};
    (void)poll(polled, 2, WAIT_MS);
    spool_woken(&spooling->spool);
    return polled[0].revents == 0;
}

static enum result spool_on(struct spooling *spooling, struct error *error)
{
    sigset_t ending;
    (void)sigemptyset(&ending);
    (void)sigaddset(&ending, SIGTERM);
    (void)sigaddset(&ending, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &ending, NULL);
    int signals = signalfd(-1, &ending, SFD_CLOEXEC);
    if (signals < 0) {
        return error_system(error, errno, "signals");
    }
    enum result result = RESULT_OK;
    do {
        result = survive(spooling, turn(spooling, error), error);
    } while (result == RESULT_OK && wait_on(spooling, signals));
    (void)close(signals);
    return result;
}

static enum result run(struct call *call, struct error *error)
{
    struct config *config = NULL;
    struct spooling spooling = {.spool = {.watch = -1, .lock = -1}};
    const char *format = call_value(call, "format");
    spooling.encoding = format == NULL ? ENCODING_JSON : encoding_named(text_of(format));
    if (spooling.encoding != ENCODING_JSON && spooling.encoding != ENCODING_XML) {
        return call_usage(call, error, "--format '%s'; accepted: json, xml", format);
    }
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        spooling.config = config;
        result = spool_open(call->operands[0], &spooling.spool, error);
    }
    if (result == RESULT_OK) {
        result =
            call_value(call, "once") != NULL ? turn(&spooling, error) : spool_on(&spooling, error);
    }
    client_close(&spooling.client);
    spool_close(&spooling.spool);
    buffer_free(&spooling.document);
    free(config);
    return result;
}

const struct command command_spool = {
    .name = "spool",
    .operands = "FOLDER",
    .summary = "send and take documents through a folder of files",
    .examples = "  comesh spool /srv/spool\n"
                "  comesh spool /srv/spool --format xml\n"
                "  comesh spool /srv/spool --once\n",
    .details =
        "Documents, in JSON or XML, are put into FOLDER/out/OPERATION (send-co,\n"
        "send-amendment-notification, send-cancelation-status, send-feedback): written under\n"
        "a name that begins with a dot, then renamed. They are sent in the order of their names,\n"
        "and move to FOLDER/sent once the node has committed them, or to FOLDER/error with the\n"
        "findings in NAME.problem.json beside them. What arrives is put into FOLDER/in/OPERATION,\n"
        "as PARTNER-ENTRY-MESSAGE.json, and is the national system's from then on: it takes the\n"
        "files away. Killed at any moment it goes on where it was; a file that was taken away\n"
        "just before may come once more, under the same name. Runs until SIGTERM; --once ends\n"
        "when nothing waits.\n",
    .options =
        {
            {"format", "json|xml", "of what arrives; json unless told", false},
            {"once", NULL, "do what waits, and end", false},
        },
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
