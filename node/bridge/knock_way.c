/* The way to a partner without a node: its name, its port, and what its server answers. See
 * knock.h. */
#include "node/bridge/knock_parts.h"

#include "node/bridge/told.h"

#include <inttypes.h>
#include <stdio.h>

#define CONNECT_SECONDS 5
#define ANSWER_SECONDS  10
#define TURN_MS         1000

/* Until the call that was begun has ended; false when the knock is to stop. */
static bool perform(struct knock *knock, const struct call *call)
{
    struct trying *trying = &knock->trying;
    while (call_is_under_way(call) && !trying_stops(trying)) {
        calls_turn(knock->calls, trying->home.wake_fd, TURN_MS);
    }
    return !call_is_under_way(call);
}

/* ---- name and TCP ---- */

static void step_name(struct knock *knock)
{
    struct trial *trial = &knock->trying.trial;
    const struct call_answer *answer = &knock->answer;
    if (knock->way.proxy[0] != '\0') {
        trial_add(trial, "name", TRIAL_SKIPPED, NULL, "the proxy looks %s up", knock->host);
    } else if (answer->reach == CALL_NOWHERE) {
        trial_add(trial, "name", TRIAL_FAILED,
                  "check the domain on the partner's card, and the name server of this machine",
                  "%s: %s", knock->host, answer->trouble);
    } else {
        trial_add(trial, "name", TRIAL_OK, NULL, "%s leads to %s%s", knock->host,
                  answer->address[0] == '\0' ? "an address" : answer->address,
                  knock->way.connect[0] == '\0' ? "" : ", by outbound/connect");
    }
}

static bool step_tcp(struct knock *knock)
{
    struct trial *trial = &knock->trying.trial;
    const struct call_answer *answer = &knock->answer;
    const char *whose = knock->way.proxy[0] == '\0' ? "" : "the proxy ";
    if (answer->trouble[0] == '\0') {
        trial_add(trial, "tcp", TRIAL_OK, NULL, "%s%s answers in %" PRIu64 ".%03" PRIu64 " ms",
                  whose, answer->address, answer->connect_us / 1000, answer->connect_us % 1000);
        return true;
    }
    trial_add(trial, "tcp", TRIAL_FAILED,
              answer->at_proxy
                  ? "look at the proxy of outbound/proxy: whether it runs, who vouches for its "
                    "certificate, whom it lets through; at 502 or 504 it reaches nobody either"
                  : "ask the partner whether its server runs; check the firewalls and the way "
                    "between",
              "no connection to %s:%" PRIu64 ": %s", knock->host, knock->card->port,
              answer->trouble);
    return false;
}

bool knock_connect(struct knock *knock)
{
    char url[WAY_URL_BYTES];
    struct error error;
    struct call_way *way = &knock->way;
    way->connect_timeout_s =
        way->connect_timeout_s < CONNECT_SECONDS ? way->connect_timeout_s : CONNECT_SECONDS;
    way->timeout_s = way->timeout_s < ANSWER_SECONDS ? way->timeout_s : ANSWER_SECONDS;
    (void)snprintf(url, sizeof url, "http://%s:%" PRIu64 "/", knock->host, knock->card->port);
    if (call_connect(knock->line, way, url, &error) != RESULT_OK) {
        trial_add(&knock->trying.trial, "tcp", TRIAL_FAILED, "see the node's log", "%s",
                  error.message);
        return false;
    }
    if (!perform(knock, knock->line)) {
        return false;
    }
    step_name(knock);
    return (knock->answer.reach != CALL_NOWHERE || way->proxy[0] != '\0') && step_tcp(knock);
}

/* ---- HTTP ---- */

/* What a status says as an answer to GET of an operation; the first that fits counts. */
static const struct reading {
    unsigned first;
    unsigned last;
    enum trial_outcome outcome;
    const char *meaning;
    const char *remedy;
} readings[] = {
    {405, 405, TRIAL_OK, "as an endpoint does that takes POST alone; nothing was posted", NULL},
    {300, 399, TRIAL_FAILED, "a redirect, where its endpoint must answer itself",
     "ask the partner to serve the four operations at this name"},
    {410, 410, TRIAL_FAILED, "its endpoint is gone", "ask the partner what its endpoint is now"},
    {421, 421, TRIAL_FAILED, "its server is not that of this name",
     "ask the partner to serve this name, or mend outbound/connect"},
    {408, 408, TRIAL_WARNING, "it is too busy", "what waits is posted again by itself"},
    {429, 429, TRIAL_WARNING, "it is too busy", "what waits is posted again by itself"},
    {502, 504, TRIAL_WARNING, "its server is in trouble", "what waits is posted again by itself"},
    {500, 500, TRIAL_WARNING, "its server is in trouble", "what waits is posted again by itself"},
    {200, 599, TRIAL_WARNING, "where an endpoint of the pattern answers 405",
     "ask its people to run `comesh conformance` against it"},
};

static void step_http(struct knock *knock, const char *told)
{
    unsigned status = knock->answer.status;
    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
        const struct reading *reading = &readings[i];
        if (status >= reading->first && status <= reading->last) {
            trial_add(&knock->trying.trial, "http", reading->outcome, reading->remedy,
                      "%s answers %u to GET, %s%s%s", knock->card->party, status, reading->meaning,
                      reading->outcome == TRIAL_OK || told[0] == '\0' ? "" : ": ",
                      reading->outcome == TRIAL_OK ? "" : told);
            return;
        }
    }
    trial_add(&knock->trying.trial, "http", TRIAL_FAILED, "ask the partner which software it runs",
              "%s answers %u, which is no status of HTTP", knock->card->party, status);
}

static void step_admission(struct knock *knock, const struct knock_tls *tls)
{
    struct trial *trial = &knock->trying.trial;
    const char *party = knock->card->party;
    if (knock_was_asked(tls)) {
        trial_add(trial, "admission", TRIAL_OK, NULL,
                  "%s asks for a client certificate, and lets us in", party);
    } else {
        trial_add(trial, "admission", TRIAL_WARNING,
                  "ask the partner to demand one: it cannot know who posts to it",
                  "%s lets us in, and asks for no client certificate", party);
    }
}

void knock_refused(struct knock *knock, const char *why)
{
    trial_add(
        &knock->trying.trial, "admission", TRIAL_FAILED,
        "give the partner our client certificate, whose pin stands above; its people admit it",
        "%s does not let our client certificate in: %s", knock->card->party, why);
}

static void judge_answer(struct knock *knock, struct knock_tls *tls, const char *told)
{
    const struct call_answer *answer = &knock->answer;
    const char *alert = answer->status == 0 ? knock_alert(knock, tls) : NULL;
    char why[TRIAL_SENTENCE_BYTES];
    if (alert != NULL) {
        knock_refused(knock, alert);
    } else if (answer->status == 0) {
        trial_add(&knock->trying.trial, "http", TRIAL_FAILED,
                  "ask the partner to look at its server", "%s gives no whole answer: %s",
                  knock->card->party, answer->trouble);
    } else if (answer->status == 401 || answer->status == 403) {
        (void)snprintf(why, sizeof why, "it answers %u%s%s", answer->status,
                       told[0] == '\0' ? "" : ": ", told);
        knock_refused(knock, why);
    } else {
        step_admission(knock, tls);
        step_http(knock, told);
    }
}

void knock_ask(struct knock *knock, struct knock_tls *tls)
{
    static const char *const headers[] = {WAY_ACCEPT};
    char url[WAY_URL_BYTES];
    struct buffer told = {0};
    struct error error;
    way_url(knock->card, OPERATION_CO, url);
    const struct call_request request = {.url = url, .headers = headers, .header_count = 1};
    if (call_get(knock->question, &knock->way, &request, &error) != RESULT_OK) {
        trial_add(&knock->trying.trial, "http", TRIAL_FAILED, "see the node's log", "%s",
                  error.message);
    } else if (perform(knock, knock->question)) {
        told_append(knock->answer.body, &told);
        buffer_append(&told, "", 1);
        judge_answer(knock, tls, told.failed ? "" : (const char *)told.data);
    }
    buffer_free(&told);
}
