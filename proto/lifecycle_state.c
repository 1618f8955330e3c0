/* What a certificate's life comes to: its state, the roll-up of its items, what is open. See
 * lifecycle.h. */
#include "proto/lifecycle.h"

#include <time.h>

#define DAY_MS ((uint64_t)24 * 3600 * 1000)

/* ---- the state ---- */

static bool is_refused(const struct lifecycle *life, uint32_t today)
{
    (void)today;
    return life->refused;
}

static bool is_replaced(const struct lifecycle *life, uint32_t today)
{
    (void)today;
    return life->cancelled && life->replaced_by.size > 0;
}

static bool is_cancelled(const struct lifecycle *life, uint32_t today)
{
    (void)today;
    return life->cancelled;
}

static bool is_exhausted(const struct lifecycle *life, uint32_t today)
{
    (void)today;
    for (size_t i = 0; i < life->item_count; i++) {
        const struct lifecycle_item *item = &life->items[i];
        if (!item->has_certified || decimal_compare(item->used, item->certified) < 0) {
            return false;
        }
    }
    return life->item_count > 0;
}

static bool is_expired(const struct lifecycle *life, uint32_t today)
{
    return life->valid_until != 0 && today > life->valid_until;
}

static bool is_suspended(const struct lifecycle *life, uint32_t today)
{
    (void)today;
    size_t suspended = 0;
    for (size_t i = 0; i < life->item_count; i++) {
        suspended += life->items[i].treatment == TREATMENT_SUSPENDED;
    }
    return life->suspended || (suspended > 0 && suspended == life->item_count);
}

static bool is_open(const struct lifecycle_amendment *amendment)
{
    return amendment->answer < ANSWER_AGREED;
}

static bool is_cancel_asked(const struct lifecycle *life, uint32_t today)
{
    (void)today;
    bool asked = false;
    for (const struct lifecycle_amendment *at = life->amendments; at != NULL; at = at->next) {
        asked |= is_open(at) && at->asked != EFFECT_CORRECT;
    }
    return asked;
}

static bool is_change_asked(const struct lifecycle *life, uint32_t today)
{
    (void)today;
    bool asked = false;
    for (const struct lifecycle_amendment *at = life->amendments; at != NULL; at = at->next) {
        asked |= is_open(at) && at->asked == EFFECT_CORRECT;
    }
    return asked;
}

static bool is_amended(const struct lifecycle *life, uint32_t today)
{
    (void)today;
    bool amended = false;
    for (const struct lifecycle_amendment *at = life->amendments; at != NULL; at = at->next) {
        amended |= at->answer == ANSWER_AGREED;
    }
    return amended;
}

/* The table of states: the first test that holds; none is asked for the last. */
static bool (*const tests[])(const struct lifecycle *life, uint32_t today) = {
    [LIFECYCLE_REFUSED] = is_refused,           [LIFECYCLE_REPLACED] = is_replaced,
    [LIFECYCLE_CANCELLED] = is_cancelled,       [LIFECYCLE_EXHAUSTED] = is_exhausted,
    [LIFECYCLE_EXPIRED] = is_expired,           [LIFECYCLE_SUSPENDED] = is_suspended,
    [LIFECYCLE_CANCEL_ASKED] = is_cancel_asked, [LIFECYCLE_CHANGE_ASKED] = is_change_asked,
    [LIFECYCLE_AMENDED] = is_amended,
};

enum lifecycle_state lifecycle_state(const struct lifecycle *life, uint32_t today)
{
    unsigned state = 0;
    while (state < LIFECYCLE_ISSUED && !tests[state](life, today)) {
        state++;
    }
    return (enum lifecycle_state)state;
}

const char *lifecycle_state_text(enum lifecycle_state state)
{
    static const char *const words[] = {
#define LIFECYCLE_STATE(symbol, word) [LIFECYCLE_##symbol] = (word),
        LIFECYCLE_STATES(LIFECYCLE_STATE)
#undef LIFECYCLE_STATE
    };
    return (unsigned)state < LIFECYCLE_STATE_COUNT ? words[state] : "unknown";
}

const char *lifecycle_treatment_text(enum lifecycle_treatment treatment)
{
    static const char *const words[] = {
        [TREATMENT_NONE] = "not treated",          [TREATMENT_GRANTED] = "granted",
        [TREATMENT_PARTLY] = "granted for a part", [TREATMENT_DENIED] = "denied",
        [TREATMENT_SUSPENDED] = "suspended",       [TREATMENT_REINSTATED] = "reinstated",
    };
    return words[treatment];
}

/* ---- the roll-up ---- */

const char *lifecycle_roll_up(const struct lifecycle *life)
{
    size_t of[TREATMENT_REINSTATED + 1] = {0};
    for (size_t i = 0; i < life->item_count; i++) {
        of[life->items[i].treatment]++;
    }
    size_t granted = of[TREATMENT_GRANTED] + of[TREATMENT_REINSTATED];
    const struct {
        bool holds;
        const char *words;
    } rows[] = {
        {of[TREATMENT_NONE] == life->item_count, "no item is treated yet"},
        {granted == life->item_count, "all items are granted"},
        {of[TREATMENT_DENIED] == life->item_count, "all items are denied"},
        {of[TREATMENT_SUSPENDED] > 0, "some items are suspended"},
        {of[TREATMENT_DENIED] > 0, "some items are denied"},
        {of[TREATMENT_NONE] > 0, "some items are treated"},
        {true, "granted for a part"},
    };
    size_t at = 0;
    while (!rows[at].holds) {
        at++;
    }
    return rows[at].words;
}

/* ---- what is open ---- */

struct matters {
    struct lifecycle_matter *out;
    size_t max;
    size_t count;
};

static void matter(struct matters *matters, const char *what, uint32_t item, uint64_t since_ms,
                   unsigned days)
{
    if (matters->count < matters->max) {
        matters->out[matters->count] = (struct lifecycle_matter){
            .what = what,
            .item = item,
            .since_ms = since_ms,
            .due_ms = days == 0 ? 0 : since_ms + days * DAY_MS,
        };
    }
    matters->count++;
}

size_t lifecycle_open(const struct lifecycle *life, struct lifecycle_matter *out, size_t max)
{
    struct matters matters = {.out = out, .max = max};
    for (const struct lifecycle_amendment *at = life->amendments; at != NULL; at = at->next) {
        if (is_open(at) && !life->cancelled) {
            matter(&matters,
                   at->asked == EFFECT_CORRECT ? "answer to the correction"
                                               : "answer to the cancelation",
                   0, at->time_ms, 0);
        }
    }
    for (size_t i = 0; i < life->item_count; i++) {
        const struct lifecycle_item *item = &life->items[i];
        if (item->treatment == TREATMENT_SUSPENDED) {
            matter(&matters, "reply to the verification", item->number, item->treated_ms,
                   LIFECYCLE_REPLY_DAYS);
            matter(&matters, "end of the verification", item->number, item->treated_ms,
                   LIFECYCLE_VERIFICATION_DAYS);
        } else if (item->treatment == TREATMENT_DENIED && !item->has_reasons) {
            matter(&matters, "reasons for the denial", item->number, item->treated_ms,
                   LIFECYCLE_REASONS_DAYS);
        }
    }
    return matters.count;
}

uint32_t lifecycle_day(uint64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm day = {0};
    (void)gmtime_r(&seconds, &day);
    return (uint32_t)((day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday);
}
