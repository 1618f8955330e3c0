/* What a conformance run looks at besides the status of an answer. See conform.h. */
#include "proto/name.h"
#include "tools/comesh/conform.h"

#include <stdio.h>
#include <strings.h>

static bool fail(char why[CONFORM_WHY_BYTES], const char *sentence)
{
    (void)snprintf(why, CONFORM_WHY_BYTES, "%s", sentence);
    return false;
}

bool look_name(struct conform *conform, const struct conform_answer *answer,
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

bool look_created(struct conform *conform, const struct conform_answer *answer,
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

bool look_location(struct conform *conform, const struct conform_answer *answer,
                   char why[CONFORM_WHY_BYTES])
{
    (void)answer;
    return conform->taken.location[0] != '\0'
               ? true
               : fail(why, "the answer to the first certificate had no Location");
}

bool look_same_receipt(struct conform *conform, const struct conform_answer *answer,
                       char why[CONFORM_WHY_BYTES])
{
    json_t *first = receipt_of(&conform->taken);
    json_t *second = receipt_of(answer);
    bool same = first != NULL && json_equal(first, second) != 0;
    json_decref(first);
    json_decref(second);
    return same ? true : fail(why, "the receipt is not the first one's");
}

bool look_allow(struct conform *conform, const struct conform_answer *answer,
                char why[CONFORM_WHY_BYTES])
{
    (void)conform;
    return strstr(answer->allow, "POST") != NULL ? true : fail(why, "Allow does not name POST");
}

/* 422 says what is wrong and where. */
bool look_errors(struct conform *conform, const struct conform_answer *answer,
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

bool look_xml(struct conform *conform, const struct conform_answer *answer,
              char why[CONFORM_WHY_BYTES])
{
    (void)conform;
    return strncasecmp(answer->type, "application/xml", sizeof "application/xml" - 1) == 0
               ? true
               : fail(why, "the answer is not application/xml, which was asked for");
}

bool look_problems(struct conform *conform, const struct conform_answer *answer,
                   char why[CONFORM_WHY_BYTES])
{
    (void)answer;
    if (conform->refusals == 0) {
        return fail(why, "no request was refused");
    }
    return conform->not_a_problem[0] == '\0' ? true : fail(why, conform->not_a_problem);
}
