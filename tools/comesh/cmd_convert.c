/* comesh convert: a document from one encoding into another, or only its check. Needs no node. */
#include "proto/encoding.h"
#include "proto/render.h"
#include "tools/comesh/document.h"
#include "tools/comesh/findings.h"
#include "tools/comesh/operations.h"
#include "tools/comesh/output.h"

/* A document on its way through. */
struct conversion {
    enum operation operation;
    enum encoding from; /* ENCODING_COUNT: told by the first byte */
    enum encoding to;
    bool html; /* a rendering instead */
    bool pretty;
    struct arena arena;
    struct findings findings;
    struct buffer in;
    struct buffer out;
};

static enum result take_encoding(struct call *call, const char *option, enum encoding standard,
                                 enum encoding *encoding, struct error *error)
{
    const char *given = call_value(call, option);
    *encoding = given == NULL ? standard : encoding_named(text_of(given));
    return given == NULL || *encoding != ENCODING_COUNT
               ? RESULT_OK
               : call_usage(call, error, "--%s '%s'; accepted: json, xml, msgpack%s", option, given,
                            strcmp(option, "to") == 0 ? ", html" : "");
}

static enum result take_options(struct call *call, struct conversion *conversion,
                                struct error *error)
{
    const char *operation = NULL;
    bool check = call_value(call, "check") != NULL;
    enum result result = call_required(call, "operation", &operation, error);
    if (result == RESULT_OK) {
        result = call_operation(call, OPERATION_CO, &conversion->operation, error);
    }
    if (result == RESULT_OK) {
        result = take_encoding(call, "from", ENCODING_COUNT, &conversion->from, error);
    }
    const char *to = call_value(call, "to");
    conversion->html = to != NULL && strcmp(to, "html") == 0;
    conversion->to = ENCODING_MSGPACK; /* what a rendering gives the digest of */
    if (result == RESULT_OK && !conversion->html) {
        result = take_encoding(call, "to", ENCODING_COUNT, &conversion->to, error);
    }
    if (result == RESULT_OK && check == (conversion->to != ENCODING_COUNT)) {
        result = call_usage(call, error, "say either --to json, xml, msgpack or html, or --check");
    }
    if (result == RESULT_OK && call->json && !check) {
        result = call_usage(call, error, "--json prints the findings of --check");
    }
    conversion->pretty = call_value(call, "compact") == NULL;
    return result;
}

/* The packed document becomes its rendering. */
static enum result render(struct conversion *conversion, const struct record *record,
                          struct error *error)
{
    struct buffer page = {0};
    render_begin(&page, render_number(record));
    enum result result = render_message(&page, record, buffer_bytes(&conversion->out), NULL, error);
    if (result == RESULT_OK) {
        result = render_end(&page, error);
    }
    buffer_free(&conversion->out);
    conversion->out = page;
    return result;
}

/* A refusal of the whole, above a limit, has no findings. */
static enum result convert(struct conversion *conversion, struct error *error)
{
    struct record *record = NULL;
    struct message message;
    const struct encoding_rules rules = {.lists =
                                             NULL}; /* a menu is asked by `comesh menu check` */
    struct bytes document = buffer_bytes(&conversion->in);
    if (conversion->from == ENCODING_COUNT) {
        conversion->from = encoding_of(document);
    }
    enum result result = encoding_read(conversion->from, document, conversion->operation,
                                       &conversion->arena, &conversion->findings, &record, error);
    if (result == RESULT_OK) {
        result = encoding_check(conversion->from, record, &rules, &message, &conversion->findings,
                                error);
    }
    if (result == RESULT_OK && conversion->to != ENCODING_COUNT) {
        result =
            encoding_write(conversion->to, record, conversion->pretty, &conversion->out, error);
    }
    if (result == RESULT_OK && conversion->html) {
        result = render(conversion, record, error);
    }
    return result;
}

static enum result run(struct call *call, struct error *error)
{
    struct conversion conversion = {.pretty = true};
    struct error told = {0};
    const char *path = call->operand_count == 0 ? "-" : call->operands[0];
    conversion.findings.arena = &conversion.arena;
    enum result result = take_options(call, &conversion, error);
    if (result == RESULT_OK) {
        result = document_read(path, DOCUMENT_MAX_BYTES, &conversion.in, error);
    }
    if (result == RESULT_OK) {
        result = convert(&conversion, error);
        enum result printed = findings_tell(&conversion.findings, call->json, &told);
        if (result == RESULT_OK && printed != RESULT_OK) {
            result = error_set(error, printed, "%s", told.message);
        }
    }
    if (result == RESULT_OK && conversion.out.size > 0) {
        (void)fwrite(conversion.out.data, 1, conversion.out.size, stdout);
    }
    buffer_free(&conversion.in);
    buffer_free(&conversion.out);
    arena_free(&conversion.arena);
    return result;
}

const struct command command_convert = {
    .name = "convert",
    .operands = "[FILE | -]",
    .summary = "a document between JSON, XML and msgpack, checked; or only its check",
    .examples =
        "  comesh convert --operation certificate --to xml certificate.json > certificate.xml\n"
        "  comesh convert --operation feedback --to json --compact < feedback.xml\n"
        "  comesh convert --operation certificate --check certificate.xml\n"
        "  comesh convert --operation certificate --to html certificate.json > certificate.html\n",
    .details =
        "Reads FILE or stdin, writes stdout. What is wrong is told on stderr with element, place\n"
        "(JSON pointer or XPath) and remedy, and gives exit code 65; then nothing is written. "
        "Rules\n"
        "of an agreement are judged by the node that sends. Whether a document is JSON or XML is\n"
        "told by its first byte; msgpack needs --from. Needs no node.\n",
    .options =
        {
            {"operation", "NAME", "certificate, amendment, cancelation-status, feedback", false},
            {"from", "ENCODING", "json, xml or msgpack", false},
            {"to", "ENCODING", "json, xml or msgpack; html: a form to read and print", false},
            {"check", NULL, "write nothing, only say what is wrong; with --json on stdout", false},
            {"compact", NULL, "the canonical form, without blanks", false},
        },
    .json = true,
    .most_operands = 1,
    .run = run,
};
