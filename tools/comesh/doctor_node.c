/* Checks of the running node and of the machine. See doctor.h. */
#include "node/core/world.h"
#include "tools/comesh/doctor.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <unistd.h>

#define FILES_NEEDED  4096
#define LOCKED_NEEDED ((uint64_t)1 << 20)
#define CLOCK_MAX_S   300 /* a card or receipt may be so far ahead of a clock */

/* ---- the process ---- */

static enum result node_note(void *self, const struct wire_row *row, struct error *error)
{
    struct doctor *doctor = self;
    struct text version = wire_row_text(row, WIRE_NODE_VERSION);
    uint64_t up_s =
        (wire_row_uint(row, WIRE_NODE_NOW) - wire_row_uint(row, WIRE_NODE_STARTED)) / 1000;
    char span[OUTPUT_SPAN_BYTES];
    char digits[FINGERPRINT_DIGITS_BYTES] = "";
    (void)error;
    doctor->pid = wire_row_uint(row, WIRE_NODE_PID);
    checkup_add(&doctor->checkup, CHECKUP_OK, "node", NULL, "process %" PRIu64 " answers, up %s",
                doctor->pid, output_span(up_s, span));
    if (!text_equal(version, TEXT(COMESH_VERSION))) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "version", "restart the node",
                    "the node is of version %.*s, this command of " COMESH_VERSION,
                    TEXT_ARGS(version));
    }
    if (doctor->directory != NULL) {
        card_fingerprint(directory_own(doctor->directory), digits);
        if (!text_equal(wire_row_text(row, WIRE_NODE_FINGERPRINT), text_of(digits))) {
            checkup_add(&doctor->checkup, CHECKUP_FAILED, "node identity", "restart the node",
                        "the node runs with another identity than cards/own.card");
        }
    }
    return RESULT_OK;
}

/* Somebody has the store, though nobody answers. */
static bool store_is_locked(const struct doctor *doctor)
{
    char path[CONFIG_PATH_BYTES];
    struct error error;
    if (config_place(doctor->config, "store/lock", path, &error) != RESULT_OK) {
        return false;
    }
    int lock = open(path, O_RDONLY | O_CLOEXEC);
    bool locked = lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) != 0;
    if (lock >= 0) {
        (void)close(lock);
    }
    return locked;
}

void doctor_running(struct doctor *doctor)
{
    struct error error;
    enum result result = client_open(doctor->config, &doctor->client, &error);
    if (result == RESULT_OK) {
        result = client_ask(doctor->client, "status", node_note, doctor, &error);
    }
    if (result == RESULT_OK) {
        return;
    }
    client_close(&doctor->client);
    bool locked = store_is_locked(doctor);
    checkup_add(&doctor->checkup,
                locked || result != RESULT_UNAVAILABLE ? CHECKUP_FAILED : CHECKUP_WARNING, "node",
                locked ? "look at its log; end the process whose number is in store/lock"
                       : "start it, and look at its log when it ends at once",
                "%s%s", locked ? "a process holds the store and does not answer: " : "",
                error.message);
}

static void limit_check(struct doctor *doctor, const struct rlimit *limit, uint64_t needed,
                        const char *what, const char *remedy)
{
    if (limit->rlim_max < (rlim_t)needed) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "limits", remedy,
                    "%s: at most %" PRIu64 ", where %" PRIu64 " are needed", what,
                    (uint64_t)limit->rlim_max, needed);
    }
}

/* Those of the node, or without it those of this process, which a node started from here gets. Root
 * may lock as much as it likes. */
void doctor_limits(struct doctor *doctor)
{
    struct rlimit files = {0};
    struct rlimit locked = {0};
    unsigned before = doctor->checkup.counts[CHECKUP_WARNING];
    if (prlimit((pid_t)doctor->pid, RLIMIT_NOFILE, NULL, &files) != 0 ||
        prlimit((pid_t)doctor->pid, RLIMIT_MEMLOCK, NULL, &locked) != 0) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "limits",
                    "run the doctor as the user of the node",
                    "those of process %" PRIu64 " cannot be read", doctor->pid);
        return;
    }
    limit_check(doctor, &files, FILES_NEEDED, "open files",
                "LimitNOFILE=65536 in the service, or ulimit -n");
    if (geteuid() != 0) {
        limit_check(doctor, &locked, LOCKED_NEEDED, "bytes of locked memory",
                    "LimitMEMLOCK=64M in the service, or ulimit -l: secrets may be swapped out");
    }
    if (doctor->checkup.counts[CHECKUP_WARNING] == before) {
        checkup_add(&doctor->checkup, CHECKUP_OK, "limits", NULL,
                    "open files and locked memory suffice");
    }
}

/* ---- time ---- */

struct newest {
    uint64_t receipt_s;
};

static enum result newest_receipt(void *self, const struct wire_row *row, struct error *error)
{
    struct newest *newest = self;
    uint64_t time_s = wire_row_uint(row, WIRE_CHANNEL_RECEIPT_TIME);
    (void)error;
    newest->receipt_s = time_s > newest->receipt_s ? time_s : newest->receipt_s;
    return RESULT_OK;
}

/* What is signed with a later time than this clock shows, or the empty string. */
static const char *from_the_future(struct doctor *doctor)
{
    struct newest newest = {0};
    struct error error;
    uint64_t latest = doctor->now_s + CLOCK_MAX_S;
    if (doctor->directory != NULL && directory_own(doctor->directory)->issued_s > latest) {
        return "the own card";
    }
    if (doctor->client != NULL &&
        client_ask(doctor->client, "channels", newest_receipt, &newest, &error) == RESULT_OK &&
        newest.receipt_s > latest) {
        return "the newest receipt";
    }
    return "";
}

void doctor_clock(struct doctor *doctor)
{
    struct timex state = {0};
    char now[OUTPUT_TIME_BYTES];
    const char *future = from_the_future(doctor);
    (void)output_time_s(doctor->now_s, now);
    if (future[0] != '\0') {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "clock", "set the clock; use a time service",
                    "the clock shows %s, and %s is of a later time", now, future);
    } else {
        checkup_add(&doctor->checkup, CHECKUP_OK, "clock", NULL, "%s", now);
    }
    if (adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "time service",
                    "run one, as chrony or systemd-timesyncd",
                    "the system does not know that its clock is set by a time service");
    }
}

/* ---- lanes, channels, queue ---- */

/* How our posts to a partner without a node go; why they are held is told by its channel. */
static void endpoint_note(struct doctor *doctor, const struct wire_row *row)
{
    struct text party = wire_row_text(row, WIRE_PARTNER_PARTY);
    struct text state = wire_row_text(row, WIRE_PARTNER_OUTGOING);
    struct text trouble = wire_row_text(row, WIRE_PARTNER_TROUBLE);
    uint64_t next_ms = wire_row_uint(row, WIRE_PARTNER_NEXT_TRY);
    char next[OUTPUT_TIME_BYTES];
    if (text_equal(state, TEXT("open"))) {
        checkup_add(&doctor->checkup, CHECKUP_OK, "endpoint of a partner", NULL,
                    "%.*s takes what is posted", TEXT_ARGS(party));
    } else if (!text_equal(state, TEXT("held"))) {
        bool broken = text_equal(state, TEXT("broken"));
        checkup_add(&doctor->checkup, broken ? CHECKUP_FAILED : CHECKUP_WARNING,
                    "endpoint of a partner",
                    "comesh partner test; when the cause is mended, comesh queue retry",
                    "%.*s is %.*s until %s: %.*s", TEXT_ARGS(party), TEXT_ARGS(state),
                    output_time_ms(next_ms, next), TEXT_ARGS(trouble));
    }
}

static enum result lane_note(void *self, const struct wire_row *row, struct error *error)
{
    struct doctor *doctor = self;
    struct text party = wire_row_text(row, WIRE_PARTNER_PARTY);
    struct text outgoing = wire_row_text(row, WIRE_PARTNER_OUTGOING);
    struct text trouble = wire_row_text(row, WIRE_PARTNER_TROUBLE);
    uint64_t ahead_ms = wire_row_uint(row, WIRE_PARTNER_CLOCK_AHEAD);
    uint64_t behind_ms = wire_row_uint(row, WIRE_PARTNER_CLOCK_BEHIND);
    uint64_t apart_s = (ahead_ms > behind_ms ? ahead_ms : behind_ms) / 1000;
    bool open = text_equal(outgoing, TEXT("open"));
    (void)error;
    if (text_equal(wire_row_text(row, WIRE_PARTNER_INCOMING), TEXT("https"))) {
        endpoint_note(doctor, row);
        return RESULT_OK;
    }
    checkup_add(&doctor->checkup, open ? CHECKUP_OK : CHECKUP_WARNING, "lane",
                "comesh partner test, and node/README.md, \"What `comesh status` shows\"",
                "to %.*s: %.*s%s%.*s", TEXT_ARGS(party), TEXT_ARGS(outgoing),
                trouble.size > 0 ? "; " : "", TEXT_ARGS(trouble));
    if (apart_s >= DOCTOR_CLOCK_S) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "clock",
                    "find out whose is wrong; above 300 s partners are refused",
                    "%" PRIu64 " s apart from that of %.*s", apart_s, TEXT_ARGS(party));
    }
    return RESULT_OK;
}

static enum result channel_note(void *self, const struct wire_row *row, struct error *error)
{
    struct doctor *doctor = self;
    struct text reason = wire_row_text(row, WIRE_CHANNEL_HELD_REASON);
    struct text partner = wire_row_text(row, WIRE_CHANNEL_PARTNER);
    struct text direction = wire_row_text(row, WIRE_CHANNEL_DIRECTION);
    (void)error;
    bool without_node = doctor->directory != NULL &&
                        rest_cards_party(directory_rest(doctor->directory), partner) != NULL;
    if (wire_row_bool(row, WIRE_CHANNEL_HELD)) {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "channel",
                    without_node ? "comesh queue retry posts the message again, comesh queue "
                                   "release gives it up"
                                 : "a person must look: comesh verify, comesh reconcile; then "
                                   "comesh release",
                    "%" PRIu64 ", %.*s %.*s, is held: %.*s",
                    wire_row_uint(row, WIRE_CHANNEL_NUMBER), TEXT_ARGS(direction),
                    TEXT_ARGS(partner), TEXT_ARGS(reason));
    }
    return RESULT_OK;
}

static enum result queue_note(void *self, const struct wire_row *row, struct error *error)
{
    struct doctor *doctor = self;
    struct text partner = wire_row_text(row, WIRE_QUEUE_PARTNER);
    struct text why = wire_row_text(row, WIRE_QUEUE_WHY);
    char since[OUTPUT_TIME_BYTES];
    (void)error;
    if (wire_row_bool(row, WIRE_QUEUE_ALARM)) {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "queue", "comesh queue; call the partner",
                    "%" PRIu64 " messages wait for %.*s since %s: %.*s",
                    wire_row_uint(row, WIRE_QUEUE_COUNT), TEXT_ARGS(partner),
                    output_time_ms(wire_row_uint(row, WIRE_QUEUE_OLDEST), since), TEXT_ARGS(why));
    }
    return RESULT_OK;
}

/* Asks the node, when it runs; when nothing was found, `good` is said. */
static void ask(struct doctor *doctor, const char *verb, client_row *note, const char *name,
                const char *good)
{
    struct error error;
    size_t before = json_array_size(doctor->checkup.rows);
    if (doctor->client == NULL) {
        return;
    }
    if (client_ask(doctor->client, verb, note, doctor, &error) != RESULT_OK) {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, name, "look at the node's log", "%s",
                    error.message);
    } else if (json_array_size(doctor->checkup.rows) == before) {
        checkup_add(&doctor->checkup, CHECKUP_OK, name, NULL, "%s", good);
    }
}

void doctor_lanes(struct doctor *doctor)
{
    ask(doctor, "partners", lane_note, "lane", "no partner yet");
}

void doctor_channels(struct doctor *doctor)
{
    ask(doctor, "channels", channel_note, "channel", "none is held");
}

void doctor_queue(struct doctor *doctor)
{
    ask(doctor, "queue", queue_note, "queue", "nothing waits too long");
}
