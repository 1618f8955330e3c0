/* Problems. See problem.h. */
#include "node/bridge/problem.h"

#include "proto/dataset.h"

static const struct {
    unsigned status;
    const char *title;
} titles[] = {
    {400, "Bad Request"},         {401, "Unauthorized"},
    {403, "Forbidden"},           {404, "Not Found"},
    {405, "Method Not Allowed"},  {406, "Not Acceptable"},
    {408, "Request Timeout"},     {409, "Conflict"},
    {411, "Length Required"},     {412, "Precondition Failed"},
    {413, "Content Too Large"},   {415, "Unsupported Media Type"},
    {421, "Misdirected Request"}, {422, "Unprocessable Content"},
    {429, "Too Many Requests"},   {500, "Internal Server Error"},
    {501, "Not Implemented"},     {503, "Service Unavailable"},
};

const char *problem_title(unsigned status)
{
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        if (titles[i].status == status) {
            return titles[i].title;
        }
    }
    return "Error";
}

unsigned problem_status(enum result result)
{
    switch (result) {
    case RESULT_OK:
    case RESULT_DUPLICATE:
        return 200;
    case RESULT_INVALID:
    case RESULT_UNSUPPORTED:
    case RESULT_UNTRUSTED:
        return 422;
    case RESULT_TOO_LARGE:
        return 413;
    case RESULT_CONFLICT:
        return 409;
    case RESULT_NOT_FOUND:
        return 404;
    case RESULT_DENIED:
        return 403;
    case RESULT_FULL:
    case RESULT_BUSY:
    case RESULT_UNAVAILABLE:
    case RESULT_HELD:
    case RESULT_NO_MEMORY:
        return 503;
    default:
        return 500;
    }
}

static void write_element(const struct element *element, struct jot *jot)
{
    jot_open(jot, "element", '{');
    jot_string(jot, "name", element->name);
    if (element->wco_id != NULL) {
        jot_string(jot, "wcoId", element->wco_id);
    }
    if (element->oif_id != NULL) {
        jot_string(jot, "oifId", element->oif_id);
    }
    jot_close(jot, '}');
}

/* The refusals, and what was only noticed beside them. */
static void write_findings(const struct findings *findings, enum severity severity,
                           const char *name, struct jot *jot)
{
    jot_open(jot, name, '[');
    for (const struct finding *at = findings->first; at != NULL; at = at->next) {
        if (at->severity != severity) {
            continue;
        }
        jot_open(jot, NULL, '{');
        jot_text(jot, "pointer", at->place);
        if (at->element != NULL) {
            write_element(at->element, jot);
        }
        jot_string(jot, "code", at->code);
        jot_text(jot, "detail", at->detail);
        jot_close(jot, '}');
    }
    jot_close(jot, ']');
}

void problem_members(const struct problem *problem, struct jot *jot)
{
    jot_string(jot, "type", "about:blank");
    jot_string(jot, "title", problem_title(problem->status));
    jot_uint(jot, "status", problem->status);
    jot_string(jot, "code", problem->code);
    jot_text(jot, "detail", problem->detail);
    if (problem->findings != NULL && problem->findings->count > 0) {
        write_findings(problem->findings, SEVERITY_REFUSAL, "errors", jot);
        write_findings(problem->findings, SEVERITY_WARNING, "warnings", jot);
    }
    if (problem->request != NULL) {
        jot_string(jot, "request", problem->request);
    }
}

void problem_write(const struct problem *problem, bool xml, struct buffer *out)
{
    struct jot jot = {.out = out, .root = xml ? &jot_problem : NULL};
    jot_open(&jot, NULL, '{');
    problem_members(problem, &jot);
    jot_close(&jot, '}');
    jot_end(&jot);
}
