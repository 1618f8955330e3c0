/* A document as an event of its certificate's life. See lifecycle.h. */
#include "proto/lifecycle.h"

#include <stdio.h>

#define ITEM_NUMBERS 100000 /* five digits */
#define LAST_YEAR    9998

static enum result no_memory(struct error *error)
{
    return error_set(error, RESULT_NO_MEMORY, "no memory to read the life of a certificate");
}

/* ---- the tables: what a code does ---- */

struct meaning {
    const char *code;
    int value;
};

/* UN/EDIFACT 1225: what a notification does, when it says so. */
static const struct meaning functions[] = {
    {"1", EFFECT_CANCEL}, {"4", EFFECT_CORRECT}, {"5", EFFECT_REPLACE}};

/* Else its reason tells. */
static const struct meaning reasons[] = {
    {"CNL", EFFECT_CANCEL},  {"LST", EFFECT_CANCEL},  {"REV", EFFECT_CANCEL},
    {"RPL", EFFECT_REPLACE}, {"REJ", EFFECT_REPLACE},
};

/* UN/EDIFACT 1373 in a cancelation status; all others leave it pending. */
static const struct meaning answers[] = {
    {"1", ANSWER_AGREED},    {"44", ANSWER_AGREED},   {"8", ANSWER_DECLINED},
    {"50", ANSWER_DECLINED}, {"11", ANSWER_DECLINED}, {"12", ANSWER_DECLINED},
    {"14", ANSWER_DECLINED}, {"13", ANSWER_DECLINED}, {"15", ANSWER_DECLINED},
};

/* UN/EDIFACT 1373 in a feedback, about the certificate's validity. */
static const struct meaning holds[] = {{"40", HOLD_SET}, {"10", HOLD_LIFTED}};

static const struct meaning treatments[] = {
    {"GRT", TREATMENT_GRANTED},   {"PAR", TREATMENT_PARTLY},     {"DEN", TREATMENT_DENIED},
    {"SUS", TREATMENT_SUSPENDED}, {"REI", TREATMENT_REINSTATED},
};

static int meaning_of(const struct meaning *rows, size_t count, struct text code, int otherwise)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(code, text_of(rows[i].code))) {
            return rows[i].value;
        }
    }
    return otherwise;
}

#define MEANING(rows, code, otherwise)                                                             \
    meaning_of((rows), sizeof(rows) / sizeof *(rows), (code), (otherwise))

/* ---- nodes ---- */

static struct text value_of(const struct node *group, const char *name)
{
    const struct node *node = group == NULL ? NULL : node_child(group, name);
    return node == NULL ? (struct text){NULL, 0} : node->value;
}

static const struct node *again(const struct node *node)
{
    return node->next != NULL && node->next->element == node->element ? node->next : NULL;
}

static const struct node *child(const struct node *group, const char *name)
{
    return group == NULL ? NULL : node_child(group, name);
}

static uint32_t number_of(struct text text)
{
    uint64_t number = 0;
    return decimal_parse(text, UINT32_MAX, &number) ? (uint32_t)number : 0;
}

/* ---- dates ---- */

/* The day as it is written, by the offset of who wrote it: CCYYMMDD, or 0. */
static uint32_t day_of(struct text date)
{
    return date.size < 8 ? 0 : number_of((struct text){date.data, 8});
}

/* Twelve months on; of 29 February the last day of February. */
static uint32_t year_later(uint32_t day)
{
    if (day == 0 || day / 10000 > LAST_YEAR) {
        return 0;
    }
    return day + 10000 - (day % 10000 == 229 ? 1 : 0);
}

static uint32_t valid_until(const struct record *record, uint32_t issued)
{
    uint32_t said = day_of(record_text(record, "ValidityEndDateTime"));
    uint32_t blanket = day_of(record_text(record, "BlanketPeriodEndDateTime"));
    return said != 0 ? said : blanket != 0 ? blanket : year_later(issued);
}

/* ---- items ---- */

static void read_certified(const struct node *item, struct lifecycle_line *line)
{
    static const char *const measures[] = {"TariffQuantity", "NetNetWeightMeasure",
                                           "GrossMassMeasure"};
    const struct node *goods = child(child(item, "Commodity"), "GoodsMeasure");
    for (size_t i = 0; i < sizeof measures / sizeof measures[0] && !line->has_certified; i++) {
        const struct node *measure = child(goods, measures[i]);
        if (measure != NULL && decimal_read(measure->value, &line->certified)) {
            line->has_certified = true;
            line->unit = measure->attribute;
        }
    }
}

static enum result read_uses(const struct node *item, struct arena *arena,
                             struct lifecycle_line *line, struct error *error)
{
    const struct node *first = child(item, "AdditionalDocument");
    size_t count = 0;
    for (const struct node *at = first; at != NULL; at = again(at)) {
        count++;
    }
    struct lifecycle_use *uses = arena_zero(arena, (count + 1) * sizeof *uses);
    if (uses == NULL) {
        return no_memory(error);
    }
    line->uses = uses;
    line->use_count = count;
    for (const struct node *at = first; at != NULL; at = again(at), uses++) {
        const struct node *quantity = child(child(at, "WriteOff"), "QuantityQuantity");
        uses->declaration = value_of(at, "ID");
        if (quantity != NULL && decimal_read(quantity->value, &uses->quantity)) {
            uses->unit = quantity->attribute;
        }
    }
    return RESULT_OK;
}

static enum result read_line(const struct node *item, enum operation operation, struct arena *arena,
                             struct lifecycle_line *line, struct error *error)
{
    line->number = number_of(value_of(item, "SequenceNumeric"));
    if (operation != OPERATION_FEEDBACK) {
        read_certified(item, line);
        return RESULT_OK;
    }
    line->treatment = (enum lifecycle_treatment)MEANING(
        treatments, value_of(child(item, "Status"), "NameCode"), TREATMENT_NONE);
    line->has_reasons = child(item, "AdditionalInformation") != NULL;
    return read_uses(item, arena, line, error);
}

static void mark(uint8_t *seen, struct lifecycle_event *event, uint32_t number)
{
    uint8_t bit = (uint8_t)(1U << number % 8);
    if (number < ITEM_NUMBERS && (seen[number / 8] & bit) != 0) {
        event->repeated = number;
    } else if (number < ITEM_NUMBERS) {
        seen[number / 8] |= bit;
    }
}

static enum result read_lines(const struct record *record, struct lifecycle_event *event,
                              struct error *error)
{
    uint8_t seen[ITEM_NUMBERS / 8] = {0};
    const struct node *first = record_find(record, "GoodsShipment/GovernmentAgencyGoodsItem");
    size_t count = 0;
    for (const struct node *at = first; at != NULL; at = again(at)) {
        count++;
    }
    struct lifecycle_line *lines = arena_zero(record->arena, (count + 1) * sizeof *lines);
    if (lines == NULL) {
        return no_memory(error);
    }
    event->lines = lines;
    event->line_count = count;
    enum result result = RESULT_OK;
    for (const struct node *at = first; at != NULL && result == RESULT_OK; at = again(at)) {
        result = read_line(at, event->operation, record->arena, lines, error);
        mark(seen, event, lines->number);
        lines++;
    }
    return result;
}

/* ---- the operations ---- */

static void add_kind(struct lifecycle_event *event, const char *kind)
{
    size_t size = strlen(event->kinds);
    (void)snprintf(event->kinds + size, sizeof event->kinds - size, "%s%s", size > 0 ? ", " : "",
                   kind);
}

/* What sort of certificate it is, by its flags and by how it came to be issued. */
static void read_kinds(const struct record *record, struct lifecycle_event *event)
{
    static const struct {
        const char *code;
        const char *kind;
    } flags[] = {{"IRT", "issued retroactively"},
                 {"CTC", "certified true copy"},
                 {"B2B", "back-to-back"}},
      statuses[] = {{"1", "changed"}, {"2", "re-issued"}, {"3", "changed re-issue"}};
    struct text status = record_text(record, "IssueStatusCode");
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        bool set = false;
        for (const struct node *at = record_find(record, "AdditionalInformation"); at != NULL;
             at = again(at)) {
            set |= text_equal(value_of(at, "StatementCode"), text_of(flags[i].code));
        }
        if (set) {
            add_kind(event, flags[i].kind);
        }
        if (text_equal(status, text_of(statuses[i].code))) {
            add_kind(event, statuses[i].kind);
        }
    }
}

static void read_issue(const struct record *record, struct lifecycle_event *event)
{
    event->issued = day_of(record_text(record, "IssueDateTime"));
    event->valid_until = valid_until(record, event->issued);
    event->revision = number_of(record_text(record, "VersionID"));
    event->replaces = record_text(record, "PreviousDocument/ID");
    read_kinds(record, event);
}

static void read_amendment(const struct record *record, struct lifecycle_event *event)
{
    struct text reason = record_text(record, "Amendment/ChangeReasonCode");
    event->asked = (enum lifecycle_effect)MEANING(functions, record_text(record, "FunctionCode"),
                                                  MEANING(reasons, reason, EFFECT_CORRECT));
    event->replacement = record_text(record, "Amendment/ReplacementID");
    event->revision = number_of(record_text(record, "VersionID"));
}

/* A response may carry several status codes; the last one that means something tells. */
static void read_status(const struct record *record, struct lifecycle_event *event)
{
    event->answer = ANSWER_PENDING;
    for (const struct node *at = record_find(record, "Status"); at != NULL; at = again(at)) {
        struct text code = value_of(at, "NameCode");
        event->answer = (enum lifecycle_answer)MEANING(answers, code, (int)event->answer);
        event->hold = (enum lifecycle_hold)MEANING(holds, code, (int)event->hold);
    }
}

enum result lifecycle_read(const struct message *message, const struct record *record,
                           uint64_t time_ms, struct lifecycle_event *event, struct error *error)
{
    *event = (struct lifecycle_event){.operation = message->operation,
                                      .id = message->id,
                                      .answers = message->reply_to,
                                      .time_ms = time_ms};
    switch (message->operation) {
    case OPERATION_CO:
        read_issue(record, event);
        break;
    case OPERATION_AMENDMENT:
        read_amendment(record, event);
        break;
    case OPERATION_CANCELATION_STATUS:
    case OPERATION_FEEDBACK:
        read_status(record, event);
        break;
    case OPERATION_NONE:
    case OPERATION_VERDICT:
    case OPERATION_CARD:
        return RESULT_OK;
    }
    return message->operation == OPERATION_CANCELATION_STATUS ? RESULT_OK
                                                              : read_lines(record, event, error);
}
