/* Documents made from options: each is about a message that the node holds, is built as JSON, and
 * goes to the node like any other, which checks it. */
#ifndef COMESH_TOOLS_COMESH_COMPOSE_H
#define COMESH_TOOLS_COMESH_COMPOSE_H

#include "proto/message_id.h"
#include "proto/operation.h"
#include "tools/comesh/client.h"

#include <jansson.h>

/* The message that a document is about. */
struct subject {
    struct client *client; /* the connection it came by */
    struct message_id id;
    json_t *lpco; /* the content of its document */
};

/* What a command of this kind is. */
struct composing {
    enum operation operation; /* of the document */
    enum operation about;     /* of the message that it is about */
    const char *direction;    /* of that message: "outgoing", "incoming" */
    /* Fills `content`, which has the message id, with what is particular. */
    enum result (*build)(struct call *call, const struct subject *subject, json_t *content,
                         struct error *error);
};

/* Runs the command: a FILE as operand is sent as it is; else the subject named by --number or
 * --reply-to is found, the document built and sent, or printed with --dry-run. */
enum result compose_run(struct call *call, const struct composing *composing,
                        struct error *error) RESULT_CHECKED;

/* Gives a document's content a message id of its own, random (RFC 9562, version 4). */
void compose_new_id(json_t *content);

/* Copies those members of a certificate that name it. */
void compose_name(json_t *to, const json_t *lpco);

/* {"Value": now, "FormatCode": "304"}. */
json_t *compose_now(void);

/* Sends one document and tells what became of it; `label` is its place in messages. */
enum result compose_send(struct client *client, enum operation operation, struct bytes document,
                         const char *label, struct error *error) RESULT_CHECKED;

/* The options that all these commands have. */
#define COMPOSE_OPTIONS                                                                            \
    {"number", "NUMBER", "the certificate", false},                                                \
        {"exporter", "CODE", "of which party, when two have the same number", false},              \
    {                                                                                              \
        "dry-run", NULL, "print the document, send nothing", false                                 \
    }

#endif
