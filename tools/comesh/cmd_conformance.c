/* comesh conformance: what a partner's developer runs against their own endpoint. */
#include "keys/file.h"
#include "node/core/world.h"
#include "proto/encoding.h"
#include "tools/comesh/command.h"
#include "tools/comesh/conform.h"
#include "tools/comesh/output.h"

#include <stdio.h>
#include <string.h>

#define SCHEME      "https://"
#define EXIT_FAILED 1

enum outcome { OUTCOME_PASSED, OUTCOME_FAILED, OUTCOME_SKIPPED, OUTCOME_COUNT };

static const char *const outcome_words[] = {"passed", "FAILED", "skipped"};

static const struct {
    const char *option;
    const char *what;
} needs[] = {
    [NEED_CO] = {"co", "a certificate that you issue to them"},
    [NEED_THEIR_CO] = {"their-co", "a certificate that they sent to you"},
    [NEED_THEIR_AMENDMENT] = {"their-amendment", "an amendment that they sent to you"},
};

struct report {
    unsigned counts[OUTCOME_COUNT];
    json_t *rows; /* with --json instead of lines */
};

/* ---- what is given ---- */

static enum result read_given(struct conform *conform, enum conform_need need, const char *path,
                              struct error *error)
{
    struct buffer text = {0};
    json_error_t wrong;
    enum result result = file_read(path, DOCUMENT_MAX_BYTES, FILE_PUBLIC, &text, error);
    if (result == RESULT_OK) {
        conform->given[need] = json_loadb((char *)text.data, text.size, 0, &wrong);
        if (!json_is_object(json_object_get(conform->given[need], "LPCO"))) {
            result = error_set(error, RESULT_INVALID,
                               "%s: is no document in JSON with an LPCO; --%s takes %s", path,
                               needs[need].option, needs[need].what);
        }
    }
    buffer_free(&text);
    return result;
}

static enum result read_url(struct call *call, struct conform *conform, struct error *error)
{
    const char *url = call->operands[0];
    struct text rest = text_of(url);
    if (!text_skip(&rest, SCHEME) || rest.size == 0 || rest.size >= CONFORM_HOST_BYTES ||
        memchr(rest.data, '/', rest.size) != NULL) {
        return call_usage(call, error,
                          "'%s'; accepted: https://HOST or https://HOST:PORT, without a path", url);
    }
    conform->url = url;
    struct text host = text_until(&rest, ':');
    (void)snprintf(conform->host, sizeof conform->host, "%.*s", TEXT_ARGS(host));
    struct text environment = text_until(&host, '.');
    if (environment_valid(environment)) {
        (void)snprintf(conform->environment, sizeof conform->environment, "%.*s",
                       TEXT_ARGS(environment));
    }
    if (text_equal(environment, TEXT("prod")) && call_value(call, "prod") == NULL) {
        return call_usage(call, error,
                          "%s is in production, and would take the test's certificates for real "
                          "ones; --prod does it all the same",
                          conform->host);
    }
    return RESULT_OK;
}

static enum result read_call(struct call *call, struct conform *conform, struct error *error)
{
    uint8_t random[4];
    enum result result = read_url(call, conform, error);
    if (result == RESULT_OK) {
        result = call_required(call, "certificate", &conform->certificate, error);
    }
    if (result == RESULT_OK) {
        result = call_required(call, "key", &conform->key, error);
    }
    conform->connect = call_value(call, "connect");
    conform->authorities = call_value(call, "cacert");
    for (unsigned need = 0; need < NEED_COUNT && result == RESULT_OK; need++) {
        const char *path = call_value(call, needs[need].option);
        if (path != NULL) {
            result = read_given(conform, (enum conform_need)need, path, error);
        }
    }
    world_random(world_real(), random, sizeof random);
    (void)snprintf(conform->run, sizeof conform->run, "%02X%02X%02X", random[0], random[1],
                   random[2]);
    (void)snprintf(conform->key_used, sizeof conform->key_used, "conformance-%s", conform->run);
    return result;
}

/* ---- one assertion ---- */

static void note_refusal(struct conform *conform, const struct assertion *assertion,
                         const struct conform_answer *answer)
{
    static const char problem[] = "application/problem+json";
    if (answer->status < 400) {
        return;
    }
    conform->refusals++;
    json_t *body =
        json_loadb((char *)answer->body.data, answer->body.size, JSON_REJECT_DUPLICATES, NULL);
    bool whole = strncmp(answer->type, problem, sizeof problem - 1) == 0 &&
                 json_integer_value(json_object_get(body, "status")) == answer->status &&
                 json_is_string(json_object_get(body, "title")) &&
                 json_is_string(json_object_get(body, "code"));
    json_decref(body);
    if (!whole && conform->not_a_problem[0] == '\0') {
        (void)snprintf(conform->not_a_problem, sizeof conform->not_a_problem,
                       "the answer to %s (%u, '%s') is not application/problem+json with status, "
                       "title and code",
                       assertion->number, answer->status, answer->type);
    }
}

static void name_statuses(const struct assertion *assertion, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < CONFORM_STATUSES_MAX && assertion->statuses[i] != 0; i++) {
        char one[24] = "no connection";
        if (assertion->statuses[i] != CONFORM_SHUT) {
            (void)snprintf(one, sizeof one, "%u", assertion->statuses[i]);
        }
        int length = snprintf(out + used, size - used, "%s%s", i == 0 ? "" : " or ", one);
        used += length > 0 && (size_t)length < size - used ? (size_t)length : 0;
    }
}

static bool has_status(const struct assertion *assertion, const struct conform_answer *answer,
                       char why[CONFORM_WHY_BYTES])
{
    char wanted[96];
    struct buffer shown = {0};
    for (size_t i = 0; i < CONFORM_STATUSES_MAX && assertion->statuses[i] != 0; i++) {
        if (assertion->statuses[i] == answer->status) {
            return true;
        }
    }
    name_statuses(assertion, wanted, sizeof wanted);
    if (answer->status == CONFORM_SHUT) {
        (void)snprintf(why, CONFORM_WHY_BYTES, "the connection ended without an answer; wanted %s",
                       wanted);
        return false;
    }
    size_t length = answer->body.size < 200 ? answer->body.size : 200;
    output_text(&shown, (struct text){(const char *)answer->body.data, length});
    (void)snprintf(why, CONFORM_WHY_BYTES, "answered %u; wanted %s%s%.*s", answer->status, wanted,
                   shown.size > 0 ? ": " : "", TEXT_ARGS(buffer_view(&shown)));
    buffer_free(&shown);
    return false;
}

static enum outcome ask(struct conform *conform, const struct assertion *assertion,
                        char why[CONFORM_WHY_BYTES])
{
    struct conform_answer answer = {0};
    struct error error = {0};
    enum result result = RESULT_OK;
    buffer_clear(&conform->document);
    if (assertion->make != NULL) {
        result = assertion->make(conform, &error);
    }
    if (result == RESULT_OK && assertion->path != NULL) {
        result = conform_ask(conform, assertion, &answer, &error);
    }
    bool passed = result == RESULT_OK;
    if (!passed) {
        (void)snprintf(why, CONFORM_WHY_BYTES, "%.*s", CONFORM_WHY_BYTES - 1, error.message);
    } else if (assertion->path != NULL) {
        note_refusal(conform, assertion, &answer);
        passed = has_status(assertion, &answer, why);
    }
    if (passed && assertion->look != NULL) {
        passed = assertion->look(conform, &answer, why);
    }
    conform_answer_free(&answer);
    return passed ? OUTCOME_PASSED : OUTCOME_FAILED;
}

static enum outcome judge(struct conform *conform, const struct assertion *assertion,
                          char why[CONFORM_WHY_BYTES])
{
    why[0] = '\0';
    if (assertion->needs_documents && conform->given[assertion->need] == NULL) {
        (void)snprintf(why, CONFORM_WHY_BYTES, "needs --%s, %s", needs[assertion->need].option,
                       needs[assertion->need].what);
        return OUTCOME_SKIPPED;
    }
    return ask(conform, assertion, why);
}

/* ---- the report ---- */

static void tell(struct report *report, const struct assertion *assertion, enum outcome outcome,
                 const char *why)
{
    report->counts[outcome]++;
    if (report->rows != NULL) {
        (void)json_array_append_new(
            report->rows, json_pack("{s:s, s:s, s:s, s:s*}", "number", assertion->number,
                                    "assertion", assertion->sentence, "outcome",
                                    outcome == OUTCOME_FAILED ? "failed" : outcome_words[outcome],
                                    "why", why[0] == '\0' ? NULL : why));
        return;
    }
    (void)printf("%-5s %-8s %s\n", assertion->number, outcome_words[outcome], assertion->sentence);
    if (why[0] != '\0') { /* some of it are the endpoint's own words */
        struct buffer shown = {0};
        output_text(&shown, text_of(why));
        (void)printf("               %.*s\n", TEXT_ARGS(buffer_view(&shown)));
        buffer_free(&shown);
    }
    (void)fflush(stdout);
}

static enum result end(struct call *call, const struct conform *conform, struct report *report,
                       struct error *error)
{
    char time[OUTPUT_TIME_BYTES];
    unsigned failed = report->counts[OUTCOME_FAILED];
    call->exit_code = failed > 0 ? EXIT_FAILED : 0;
    if (report->rows != NULL) {
        return output_json(json_pack("{s:s, s:s, s:i, s:i, s:i, s:O}", "endpoint", conform->url,
                                     "time", output_time_ms(world_wall_ms(world_real()), time),
                                     "passed", (int)report->counts[OUTCOME_PASSED], "failed",
                                     (int)failed, "skipped", (int)report->counts[OUTCOME_SKIPPED],
                                     "assertions", report->rows),
                           error);
    }
    (void)printf("%u passed, %u failed, %u skipped\n", report->counts[OUTCOME_PASSED], failed,
                 report->counts[OUTCOME_SKIPPED]);
    return RESULT_OK;
}

static enum result run(struct call *call, struct error *error)
{
    struct conform conform = {0};
    struct report report = {.rows = call->json ? json_array() : NULL};
    char why[CONFORM_WHY_BYTES];
    enum result result = read_call(call, &conform, error);
    if (result == RESULT_OK) {
        result = conform_open(&conform, error);
    }
    for (size_t i = 0; i < conform_assertion_count && result == RESULT_OK; i++) {
        const struct assertion *assertion = &conform_assertions[i];
        enum outcome outcome = judge(&conform, assertion, why);
        tell(&report, assertion, outcome, why);
        if (outcome == OUTCOME_FAILED && text_equal(text_of(assertion->number), TEXT("1.2"))) {
            result = error_set(error, RESULT_UNAVAILABLE,
                               "%s cannot be spoken with, so that nothing else can be asserted: %s",
                               conform.url, why);
        }
    }
    if (result == RESULT_OK) {
        result = end(call, &conform, &report, error);
    }
    json_decref(report.rows);
    conform_close(&conform);
    return result;
}

const struct command command_conformance = {
    .name = "conformance",
    .operands = "https://HOST[:PORT]",
    .summary = "assert that an HTTPS endpoint speaks the four operations as it must",
    .examples =
        "  comesh conformance https://test.coconnect.customs.go.kr --certificate client.pem \\\n"
        "         --key client.key --co our-certificate.json\n"
        "  comesh conformance https://test.coconnect.customs.go.kr --connect 127.0.0.1:8443 \\\n"
        "         --cacert ca.pem --certificate client.pem --key client.key \\\n"
        "         --co our-certificate.json --their-co theirs.json --json > report.json\n",
    .details =
        "Runs numbered assertions against an endpoint, as its partner: names, TLS, client\n"
        "certificates, the Host, paths, each operation with valid and invalid documents,\n"
        "idempotency, problems. It sends test certificates with numbers of their own, made from\n"
        "the one in --co, which the endpoint must be ready to take from this client. Assertions\n"
        "about answers need what the endpoint's party sent to you, and are skipped without it.\n"
        "Exit code 1: an assertion failed. Needs no node.\n",
    .options =
        {
            {"certificate", "FILE", "the client's certificate, PEM, that the endpoint knows",
             false},
            {"key", "FILE", "its private key, PEM", false},
            {"cacert", "FILE", "who signs the endpoint's certificate; else the system's", false},
            {"connect", "HOST:PORT", "connect there, and ask for the endpoint by its name", false},
            {"co", "FILE", "a certificate of origin in JSON, from you to the endpoint's party",
             false},
            {"their-co", "FILE", "one that its party sent to you, to give feedback on", false},
            {"their-amendment", "FILE", "an amendment that its party sent to you, to answer",
             false},
            {"prod", NULL, "run against an endpoint in production", false},
        },
    .json = true,
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
