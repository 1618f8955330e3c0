/* The assertions of a conformance run, in order: one is about the certificate that an earlier one
 * sent. Their numbers do not change; new ones come behind. Sources: the names and operations of the
 * framework, RFC 9110, RFC 9457, and the contract in node/README.md. See conform.h. */
#include "proto/name.h"
#include "tools/comesh/conform.h"

#include <stdio.h>
#include <strings.h>

#define SEND      "/send-co"
#define AMEND     "/send-amendment-notification"
#define STATUS    "/send-cancelation-status"
#define FEEDBACK  "/send-feedback"
#define UNKNOWN   "/send-nothing"
#define XML       "application/xml"
#define PROBLEM   "application/problem+json"
#define A_CO      .needs_documents = true, .need = NEED_CO
#define THEIRS    .needs_documents = true, .need = NEED_THEIR_CO
#define THEIR_AMD .needs_documents = true, .need = NEED_THEIR_AMENDMENT

static bool fail(char why[CONFORM_WHY_BYTES], const char *sentence)
{
    (void)snprintf(why, CONFORM_WHY_BYTES, "%s", sentence);
    return false;
}

/* ---- what is looked at besides the status ---- */

static bool look_name(struct conform *conform, const struct conform_answer *answer,
                      char why[CONFORM_WHY_BYTES])
{
    static const char middle[] = ".coconnect.";
    (void)answer;
    const char *domain = strstr(conform->host, middle);
    if (conform->environment[0] != '\0' && domain != NULL &&
        name_is_domain(text_of(domain + sizeof middle - 1))) {
        return true;
    }
    (void)snprintf(why, CONFORM_WHY_BYTES,
                   "the host is '%.300s'; the pattern is {dev, test, prod}.coconnect.{domain}",
                   conform->host);
    return false;
}

static json_t *body_of(const struct conform_answer *answer)
{
    return json_loadb((const char *)answer->body.data, answer->body.size, JSON_REJECT_DUPLICATES,
                      NULL);
}

/* What says that it is stored: a member `receipt`, or the whole body. */
static json_t *receipt_of(const struct conform_answer *answer)
{
    json_t *body = body_of(answer);
    json_t *receipt = json_object_get(body, "receipt");
    json_t *found = receipt == NULL ? json_incref(body) : json_incref(receipt);
    json_decref(body);
    return found;
}

static bool look_created(struct conform *conform, const struct conform_answer *answer,
                         char why[CONFORM_WHY_BYTES])
{
    json_t *receipt = receipt_of(answer);
    bool has = json_is_object(receipt) && json_object_size(receipt) > 0;
    json_decref(receipt);
    conform_answer_free(&conform->taken);
    conform->taken = *answer;
    conform->taken.head = (struct buffer){0};
    conform->taken.body = (struct buffer){0};
    buffer_append(&conform->taken.body, answer->body.data, answer->body.size);
    return has ? true : fail(why, "the answer has no JSON object as receipt");
}

static bool look_location(struct conform *conform, const struct conform_answer *answer,
                          char why[CONFORM_WHY_BYTES])
{
    (void)answer;
    return conform->taken.location[0] != '\0'
               ? true
               : fail(why, "the answer to the first certificate had no Location");
}

static bool look_same_receipt(struct conform *conform, const struct conform_answer *answer,
                              char why[CONFORM_WHY_BYTES])
{
    json_t *first = receipt_of(&conform->taken);
    json_t *second = receipt_of(answer);
    bool same = first != NULL && json_equal(first, second) != 0;
    json_decref(first);
    json_decref(second);
    return same ? true : fail(why, "the receipt is not the first one's");
}

static bool look_allow(struct conform *conform, const struct conform_answer *answer,
                       char why[CONFORM_WHY_BYTES])
{
    (void)conform;
    return strstr(answer->allow, "POST") != NULL ? true : fail(why, "Allow does not name POST");
}

/* 422 says what is wrong and where. */
static bool look_errors(struct conform *conform, const struct conform_answer *answer,
                        char why[CONFORM_WHY_BYTES])
{
    json_t *body = body_of(answer);
    json_t *error = json_array_get(json_object_get(body, "errors"), 0);
    bool whole = json_is_string(json_object_get(error, "pointer")) &&
                 json_is_string(json_object_get(error, "code")) &&
                 json_is_string(json_object_get(error, "detail"));
    (void)conform;
    json_decref(body);
    return whole ? true : fail(why, "errors[0] lacks pointer, code or detail");
}

static bool look_xml(struct conform *conform, const struct conform_answer *answer,
                     char why[CONFORM_WHY_BYTES])
{
    (void)conform;
    return strncasecmp(answer->type, XML, sizeof XML - 1) == 0
               ? true
               : fail(why, "the answer is not application/xml, which was asked for");
}

static bool look_problems(struct conform *conform, const struct conform_answer *answer,
                          char why[CONFORM_WHY_BYTES])
{
    (void)answer;
    if (conform->refusals == 0) {
        return fail(why, "no request was refused");
    }
    return conform->not_a_problem[0] == '\0' ? true : fail(why, conform->not_a_problem);
}

/* ---- the table ---- */

const struct assertion conform_assertions[] = {
    {.number = "1.1",
     .sentence = "the host is {environment}.coconnect.{domain}",
     .look = look_name},
    {.number = "1.2",
     .sentence = "TLS 1.2 or 1.3, with a certificate for the host that is trusted",
     .method = "GET",
     .path = UNKNOWN,
     .statuses = {404}},
    {.number = "1.3",
     .sentence = "TLS 1.0 and 1.1 are refused",
     .old_tls = true,
     .method = "GET",
     .path = UNKNOWN,
     .statuses = {CONFORM_SHUT}},
    {.number = "1.4",
     .sentence = "without a client certificate nothing is taken",
     .client = CLIENT_NONE,
     A_CO,
     .path = SEND,
     .make = make_next,
     .statuses = {CONFORM_SHUT, 401, 403}},
    {.number = "1.5",
     .sentence = "with an unknown client certificate nothing is taken",
     .client = CLIENT_STRANGER,
     A_CO,
     .path = SEND,
     .make = make_next,
     .statuses = {CONFORM_SHUT, 401, 403}},

    {.number = "2.1",
     .sentence = "another Host is misdirected, 421",
     A_CO,
     .path = SEND,
     .host = "another.example",
     .make = make_next,
     .statuses = {421}},
    {.number = "2.2",
     .sentence = "the Host of another environment is misdirected, 421",
     A_CO,
     .path = SEND,
     .host = "ENV",
     .make = make_next,
     .statuses = {421}},
    {.number = "2.3",
     .sentence = "a path that is no operation is not found, 404",
     A_CO,
     .path = UNKNOWN,
     .make = make_next,
     .statuses = {404}},
    {.number = "2.4",
     .sentence = "a slash behind the operation is another path, 404 or 400",
     A_CO,
     .path = SEND "/",
     .make = make_next,
     .statuses = {404, 400}},
    {.number = "2.5",
     .sentence = "upper case is another path, 404",
     A_CO,
     .path = "/Send-CO",
     .make = make_next,
     .statuses = {404}},
    {.number = "2.6",
     .sentence = "two slashes are another path, 404",
     A_CO,
     .path = "/" SEND,
     .make = make_next,
     .statuses = {404, 400}},
    {.number = "2.7",
     .sentence = "an encoded path is not decoded, 404 or 400",
     A_CO,
     .path = "/%2e/send-co",
     .make = make_next,
     .statuses = {404, 400}},
    {.number = "2.8",
     .sentence = "the path has no version, 404",
     A_CO,
     .path = "/v1" SEND,
     .make = make_next,
     .statuses = {404}},
    {.number = "2.9",
     .sentence = "GET of an operation is not allowed, 405, and Allow names POST",
     .method = "GET",
     .path = SEND,
     .statuses = {405},
     .look = look_allow},

    {.number = "3.1",
     .sentence = "send-co takes a valid certificate in JSON, 201, with a receipt",
     A_CO,
     .path = SEND,
     .make = make_first,
     .statuses = {201},
     .look = look_created},
    {.number = "3.2", .sentence = "the answer has a Location", A_CO, .look = look_location},
    {.number = "3.3",
     .sentence = "the same again gets the first receipt, 200",
     A_CO,
     .path = SEND,
     .make = make_first_again,
     .statuses = {200},
     .look = look_same_receipt},
    {.number = "3.4",
     .sentence = "the same number with other content is a conflict, 409",
     A_CO,
     .path = SEND,
     .make = make_same_number,
     .statuses = {409}},
    {.number = "3.5",
     .sentence = "the same message id with other content is a conflict, 409",
     A_CO,
     .path = SEND,
     .make = make_same_id,
     .statuses = {409}},
    {.number = "3.6",
     .sentence = "a valid certificate in XML is taken, 201, and answered in XML",
     A_CO,
     .path = SEND,
     .type = XML,
     .accept = XML,
     .make = make_xml,
     .statuses = {201},
     .look = look_xml},
    {.number = "3.7",
     .sentence = "an Idempotency-Key is taken, 201",
     A_CO,
     .path = SEND,
     .idempotency_key = true,
     .make = make_first,
     .statuses = {201},
     .look = look_created},
    {.number = "3.8",
     .sentence = "the same key and content get the first receipt, 200 or 201",
     A_CO,
     .path = SEND,
     .idempotency_key = true,
     .make = make_first_again,
     .statuses = {200, 201},
     .look = look_same_receipt},
    {.number = "3.9",
     .sentence = "the same key with other content is refused, 409 or 422",
     A_CO,
     .path = SEND,
     .idempotency_key = true,
     .make = make_next,
     .statuses = {409, 422}},
    {.number = "3.10",
     .sentence = "a missing element is a finding with its place, 422",
     A_CO,
     .path = SEND,
     .make = make_without_exporter,
     .statuses = {422},
     .look = look_errors},
    {.number = "3.11",
     .sentence = "a wrong type is a finding with its place, 422 or 400",
     A_CO,
     .path = SEND,
     .make = make_fraction,
     .statuses = {422, 400}},
    {.number = "3.12",
     .sentence = "half a document is refused, 400",
     A_CO,
     .path = SEND,
     .make = make_cut,
     .statuses = {400}},
    {.number = "3.13",
     .sentence = "a name that stands twice is refused, 400 or 422",
     A_CO,
     .path = SEND,
     .make = make_twice,
     .statuses = {400, 422}},
    {.number = "3.14",
     .sentence = "an XML document with a DOCTYPE is refused, 400 or 422",
     A_CO,
     .path = SEND,
     .type = XML,
     .make = make_doctype,
     .statuses = {400, 422}},
    {.number = "3.15",
     .sentence = "a certificate of a third party is refused, 403 or 422",
     A_CO,
     .path = SEND,
     .make = make_foreign,
     .statuses = {403, 422}},

    {.number = "4.1",
     .sentence = "send-amendment-notification takes a correction, 201",
     A_CO,
     .path = AMEND,
     .make = make_amendment,
     .statuses = {201}},
    {.number = "4.2",
     .sentence = "an amendment of a certificate that is not held is refused, 422",
     A_CO,
     .path = AMEND,
     .make = make_amendment_unknown,
     .statuses = {422, 404, 409}},
    {.number = "4.3",
     .sentence = "an amendment without a reason is a finding, 422",
     A_CO,
     .path = AMEND,
     .make = make_amendment_without_reason,
     .statuses = {422},
     .look = look_errors},
    {.number = "5.1",
     .sentence = "send-cancelation-status takes an answer, 201",
     THEIR_AMD,
     .path = STATUS,
     .make = make_status,
     .statuses = {201}},
    {.number = "5.2",
     .sentence = "a status that is no code is a finding, 422",
     THEIR_AMD,
     .path = STATUS,
     .make = make_status_wrong_code,
     .statuses = {422},
     .look = look_errors},
    {.number = "6.1",
     .sentence = "send-feedback takes the treatment of an item, 201",
     THEIRS,
     .path = FEEDBACK,
     .make = make_feedback,
     .statuses = {201}},
    {.number = "6.2",
     .sentence = "a treatment that is no code is a finding, 422",
     THEIRS,
     .path = FEEDBACK,
     .make = make_feedback_wrong_code,
     .statuses = {422},
     .look = look_errors},
    {.number = "6.3",
     .sentence = "a certificate is no feedback, 400 or 422",
     A_CO,
     .path = FEEDBACK,
     .make = make_next,
     .statuses = {400, 422}},

    {.number = "7.1",
     .sentence = "another Content-Type is not supported, 415",
     A_CO,
     .path = SEND,
     .type = "text/plain",
     .make = make_next,
     .statuses = {415}},
    {.number = "7.2",
     .sentence = "another charset is not supported, 415",
     A_CO,
     .path = SEND,
     .type = "application/json; charset=iso-8859-1",
     .make = make_next,
     .statuses = {415}},
    {.number = "7.3",
     .sentence = "a compressed body is not supported, 415",
     A_CO,
     .path = SEND,
     .header = "Content-Encoding: gzip",
     .make = make_next,
     .statuses = {415}},
    {.number = "7.4",
     .sentence = "what nobody can answer in is not acceptable, 406",
     A_CO,
     .path = SEND,
     .accept = "image/png",
     .make = make_next,
     .statuses = {406}},
    {.number = "7.5",
     .sentence = "a body of more than 256 KiB is too large, 413",
     A_CO,
     .path = SEND,
     .make = make_large,
     .statuses = {413, CONFORM_SHUT}},
    {.number = "7.6",
     .sentence = "no body is refused, 400",
     A_CO,
     .path = SEND,
     .make = make_empty,
     .statuses = {400, 422}},
    {.number = "8.1",
     .sentence = "every refusal is a problem document of RFC 9457",
     .look = look_problems},
};
const size_t conform_assertion_count = sizeof conform_assertions / sizeof conform_assertions[0];
