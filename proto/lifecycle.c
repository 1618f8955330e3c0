/* The life of a certificate: the fold and what may be said. See lifecycle.h. */
#include "proto/lifecycle.h"

#include <inttypes.h>

static enum result no_memory(struct error *error)
{
    return error_set(error, RESULT_NO_MEMORY, "no memory for the life of a certificate");
}

static struct lifecycle_item *item_of(const struct lifecycle *life, uint32_t number)
{
    return number == 0 || number > life->item_count ? NULL : &life->items[number - 1];
}

static struct lifecycle_amendment *amendment_of(const struct lifecycle *life,
                                                const struct message_id *id)
{
    struct lifecycle_amendment *at = life->amendments;
    while (at != NULL && memcmp(&at->id, id, sizeof *id) != 0) {
        at = at->next;
    }
    return at;
}

/* A sum of quantities; what passes all bounds stays at the largest. */
static void add(struct decimal *sum, struct decimal more)
{
    if (!decimal_add(sum, more)) {
        *sum = (struct decimal){UINT64_MAX, 0};
    }
}

/* ---- what may be said ---- */

static struct lifecycle_declared *declared_by(const struct lifecycle_item *item,
                                              struct text declaration)
{
    struct lifecycle_declared *at = item->declared;
    while (at != NULL && !text_equal(at->declaration, declaration)) {
        at = at->next;
    }
    return at;
}

static bool is_first_of_its_declaration(const struct lifecycle_line *line, size_t at)
{
    bool first = true;
    for (size_t i = 0; i < at; i++) {
        first &= !text_equal(line->uses[i].declaration, line->uses[at].declaration);
    }
    return first;
}

/* What is used of an item once the line counts: it says anew what its declarations use. */
static struct decimal used_with(const struct lifecycle_item *item,
                                const struct lifecycle_line *line)
{
    struct decimal sum = item->used;
    for (size_t i = 0; i < line->use_count; i++) {
        const struct lifecycle_declared *before = declared_by(item, line->uses[i].declaration);
        if (before != NULL && is_first_of_its_declaration(line, i)) {
            sum = decimal_left(sum, before->quantity);
        }
    }
    for (size_t i = 0; i < line->use_count && line->treatment != TREATMENT_DENIED; i++) {
        add(&sum, line->uses[i].quantity);
    }
    return sum;
}

static enum result judge_units(const struct lifecycle_item *item, const struct lifecycle_line *line,
                               const char **code, struct error *error)
{
    struct text unit = item->unit;
    for (size_t i = 0; i < line->use_count; i++) {
        struct text used = line->uses[i].unit;
        if (used.size == 0) {
            continue;
        }
        if (unit.size > 0 && !text_equal(used, unit)) {
            char left[DECIMAL_BYTES];
            decimal_write(decimal_left(item->certified, item->used), left);
            *code = "other-unit";
            return error_set(error, RESULT_INVALID,
                             "item %" PRIu32 ": used in %.*s, and counted in %.*s%s%s%s; say it in "
                             "%.*s",
                             item->number, TEXT_ARGS(used), TEXT_ARGS(unit),
                             item->has_certified ? ", of which " : "",
                             item->has_certified ? left : "", item->has_certified ? " is left" : "",
                             TEXT_ARGS(unit));
        }
        unit = used;
    }
    return RESULT_OK;
}

static enum result judge_balance(const struct lifecycle_item *item,
                                 const struct lifecycle_line *line, const char **code,
                                 struct error *error)
{
    struct decimal before = item->used;
    struct decimal after = used_with(item, line);
    if (!item->has_certified || decimal_compare(after, item->certified) <= 0 ||
        decimal_compare(after, before) <= 0) {
        return RESULT_OK;
    }
    char certified[DECIMAL_BYTES];
    char used[DECIMAL_BYTES];
    char left[DECIMAL_BYTES];
    char wanted[DECIMAL_BYTES];
    *code = "over-use";
    return error_set(
        error, RESULT_INVALID,
        "item %" PRIu32 ": %s %.*s more are used, and %s %.*s are left: %s certified, "
        "%s used before",
        item->number, decimal_write(decimal_left(after, before), wanted), TEXT_ARGS(item->unit),
        decimal_write(decimal_left(item->certified, before), left), TEXT_ARGS(item->unit),
        decimal_write(item->certified, certified), decimal_write(before, used));
}

static bool uses_something(const struct lifecycle_line *line)
{
    bool used = false;
    for (size_t i = 0; i < line->use_count; i++) {
        used |= line->uses[i].quantity.whole > 0 || line->uses[i].quantity.millionths > 0;
    }
    return used && line->treatment != TREATMENT_DENIED;
}

static enum result judge_line(const struct lifecycle *life, const struct lifecycle_line *line,
                              const char **code, struct error *error)
{
    const struct lifecycle_item *item = item_of(life, line->number);
    if (item == NULL) {
        *code = "unknown-item";
        return error_set(error, RESULT_INVALID,
                         "item %" PRIu32 " is not in the certificate, which has items 1 to %zu",
                         line->number, life->item_count);
    }
    if (life->cancelled && uses_something(line)) {
        *code = "cancelled";
        return error_set(error, RESULT_INVALID,
                         "item %" PRIu32 ": the certificate is cancelled and cannot be used; deny "
                         "the item with reason NFD",
                         line->number);
    }
    enum result result = judge_units(item, line, code, error);
    return result == RESULT_OK ? judge_balance(item, line, code, error) : result;
}

static enum result judge_feedback(const struct lifecycle *life, const struct lifecycle_event *event,
                                  const char **code, struct error *error)
{
    if (event->repeated != 0) {
        *code = "repeated-item";
        return error_set(error, RESULT_INVALID,
                         "item %" PRIu32 " stands twice; say all of an item in one place",
                         event->repeated);
    }
    enum result result = RESULT_OK;
    for (size_t i = 0; i < event->line_count && result == RESULT_OK; i++) {
        result = judge_line(life, &event->lines[i], code, error);
    }
    return result;
}

enum result lifecycle_judge(const struct lifecycle *life, const struct lifecycle_event *event,
                            const char **code, struct error *error)
{
    *code = NULL;
    if (event->operation == OPERATION_FEEDBACK) {
        return judge_feedback(life, event, code, error);
    }
    if (event->operation == OPERATION_AMENDMENT && life->cancelled) {
        *code = "cancelled";
        return error_set(error, RESULT_INVALID,
                         "the certificate is cancelled, which is final; issue a new one");
    }
    if (event->operation == OPERATION_CANCELATION_STATUS &&
        amendment_of(life, &event->answers) == NULL) {
        *code = "unknown-amendment";
        return error_set(error, RESULT_INVALID,
                         "it answers no amendment notification of this certificate; name the "
                         "notification in ReferencedMessageID");
    }
    return RESULT_OK;
}

/* ---- the fold ---- */

static enum result keep(const struct lifecycle *life, struct text *to, struct text text,
                        struct error *error)
{
    if (text.size == 0 || text_equal(*to, text)) {
        return RESULT_OK;
    }
    *to = arena_text(life->arena, text);
    return to->data == NULL ? no_memory(error) : RESULT_OK;
}

/* What is certified of an item. In another unit its count begins anew: what was used is to be told
 * again in that unit. */
static enum result certify(struct lifecycle *life, const struct lifecycle_line *line,
                           struct error *error)
{
    struct lifecycle_item *item = item_of(life, line->number);
    if (item == NULL || !line->has_certified) {
        return RESULT_OK;
    }
    if (!text_equal(item->unit, line->unit)) {
        item->used = (struct decimal){0, 0};
        item->declared = NULL;
    }
    item->has_certified = true;
    item->certified = line->certified;
    return keep(life, &item->unit, line->unit, error);
}

static enum result fold_issue(struct lifecycle *life, const struct lifecycle_event *event,
                              struct error *error)
{
    if (life->issued) {
        return RESULT_OK;
    }
    life->issued = true;
    life->issued_day = event->issued;
    life->valid_until = event->valid_until;
    life->revision = event->revision > 0 ? event->revision : 1;
    memcpy(life->kinds, event->kinds, sizeof life->kinds);
    life->item_count = event->line_count;
    life->items = arena_zero(life->arena, (event->line_count + 1) * sizeof *life->items);
    if (life->items == NULL) {
        return no_memory(error);
    }
    enum result result = keep(life, &life->replaces, event->replaces, error);
    for (size_t i = 0; i < event->line_count && result == RESULT_OK; i++) {
        life->items[i].number = (uint32_t)i + 1;
        result = certify(life, &event->lines[i], error);
    }
    return result;
}

static enum result fold_amendment(struct lifecycle *life, const struct lifecycle_event *event,
                                  struct error *error)
{
    struct lifecycle_amendment *made = arena_zero(life->arena, sizeof *made);
    size_t count = event->asked == EFFECT_CORRECT ? event->line_count : 0;
    struct lifecycle_line *lines = arena_zero(life->arena, (count + 1) * sizeof *lines);
    if (made == NULL || lines == NULL) {
        return no_memory(error);
    }
    *made = (struct lifecycle_amendment){.id = event->id,
                                         .time_ms = event->time_ms,
                                         .asked = event->asked,
                                         .revision = event->revision,
                                         .lines = lines,
                                         .line_count = count};
    enum result result = keep(life, &made->replacement, event->replacement, error);
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        lines[i].number = event->lines[i].number;
        lines[i].has_certified = event->lines[i].has_certified;
        lines[i].certified = event->lines[i].certified;
        result = keep(life, &lines[i].unit, event->lines[i].unit, error);
    }
    if (life->last_amendment == NULL) {
        life->amendments = made;
    } else {
        life->last_amendment->next = made;
    }
    life->last_amendment = made;
    return result;
}

/* Each correction agreed is the next revision, or the one that it says when that is later. */
static enum result correct(struct lifecycle *life, const struct lifecycle_amendment *amendment,
                           struct error *error)
{
    enum result result = RESULT_OK;
    uint32_t next = life->revision + 1;
    life->revision = amendment->revision > next ? amendment->revision : next;
    for (size_t i = 0; i < amendment->line_count && result == RESULT_OK; i++) {
        result = certify(life, &amendment->lines[i], error);
    }
    return result;
}

static enum result fold_status(struct lifecycle *life, const struct lifecycle_event *event,
                               struct error *error)
{
    struct lifecycle_amendment *amendment = amendment_of(life, &event->answers);
    if (amendment == NULL || life->cancelled || amendment->answer >= ANSWER_AGREED) {
        return RESULT_OK;
    }
    amendment->answer = event->answer;
    if (event->answer != ANSWER_AGREED) {
        return RESULT_OK;
    }
    if (amendment->asked == EFFECT_CORRECT) {
        return correct(life, amendment, error);
    }
    life->cancelled = true;
    life->replaced_by = amendment->replacement;
    return RESULT_OK;
}

static enum result write_off(struct lifecycle *life, struct lifecycle_item *item,
                             const struct lifecycle_use *use, bool denied, struct error *error)
{
    const struct decimal nothing = {0, 0};
    struct decimal quantity = denied ? nothing : use->quantity;
    if (item->unit.size == 0) {
        enum result result = keep(life, &item->unit, use->unit, error);
        if (result != RESULT_OK) {
            return result;
        }
    }
    if (use->declaration.size == 0) {
        add(&item->used, quantity);
        return RESULT_OK;
    }
    struct lifecycle_declared *at = declared_by(item, use->declaration);
    if (at == NULL) {
        at = arena_zero(life->arena, sizeof *at);
        if (at == NULL) {
            return no_memory(error);
        }
        at->next = item->declared;
        item->declared = at;
    }
    if (at->told != life->feedbacks) {
        item->used = decimal_left(item->used, at->quantity);
        at->quantity = nothing;
        at->told = life->feedbacks;
    }
    add(&item->used, quantity);
    add(&at->quantity, quantity);
    return keep(life, &at->declaration, use->declaration, error);
}

static enum result fold_feedback(struct lifecycle *life, const struct lifecycle_event *event,
                                 struct error *error)
{
    enum result result = RESULT_OK;
    life->feedbacks++;
    if (event->hold != HOLD_UNSAID) {
        life->suspended = event->hold == HOLD_SET;
    }
    for (size_t i = 0; i < event->line_count && result == RESULT_OK; i++) {
        const struct lifecycle_line *line = &event->lines[i];
        struct lifecycle_item *item = item_of(life, line->number);
        bool again = item->treatment == line->treatment;
        item->has_reasons = line->has_reasons || (again && item->has_reasons);
        item->treated_ms = again ? item->treated_ms : event->time_ms;
        item->treatment = line->treatment;
        for (size_t use = 0; use < line->use_count && result == RESULT_OK; use++) {
            result =
                write_off(life, item, &line->uses[use], line->treatment == TREATMENT_DENIED, error);
        }
    }
    return result;
}

enum result lifecycle_fold(struct lifecycle *life, const struct lifecycle_event *event,
                           struct error *error)
{
    const char *code = NULL;
    struct error refusal;
    switch (event->operation) {
    case OPERATION_CO:
        return fold_issue(life, event, error);
    case OPERATION_AMENDMENT:
        return fold_amendment(life, event, error);
    case OPERATION_CANCELATION_STATUS:
        return fold_status(life, event, error);
    case OPERATION_FEEDBACK:
        return lifecycle_judge(life, event, &code, &refusal) == RESULT_OK
                   ? fold_feedback(life, event, error)
                   : RESULT_OK;
    case OPERATION_NONE:
    case OPERATION_VERDICT:
    case OPERATION_CARD:
        break;
    }
    return RESULT_OK;
}
