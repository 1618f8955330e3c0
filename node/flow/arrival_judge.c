/* What the receiving node finds about each document of a push: read, checked against the dataset,
 * its way and its agreement. What is found becomes remarks of the verdict; nothing here stops the
 * next message. See arrival.h. */
#include "node/flow/arrival.h"

#include "node/flow/append.h"
#include "node/flow/terms.h"
#include "proto/check.h"
#include "proto/dataset.h"
#include "proto/pack.h"

static struct text cut(struct text text, size_t max)
{
    while (text.size > max && ((uint8_t)text.data[max] & 0xc0) == 0x80) {
        max--;
    }
    return (struct text){text.data, text.size > max ? max : text.size};
}

static struct text label_of(struct arrival *arrival, const struct element *element)
{
    char label[ELEMENT_LABEL_BYTES];
    return element == NULL ? TEXT("")
                           : arena_text(&arrival->arena, text_of(element_label(element, label)));
}

/* Room for one more remark of the entry, or NULL when it has enough. */
static struct verdict_remark *remark_new(struct arrival *arrival, struct arrived *arrived)
{
    if (arrived->remarks == NULL) {
        arrived->remarks =
            arena_zero(&arrival->arena, (ARRIVAL_REMARKS_PER_ENTRY + 2) * sizeof *arrived->remarks);
    }
    if (arrived->remarks == NULL || arrived->remark_count >= ARRIVAL_REMARKS_PER_ENTRY) {
        return NULL;
    }
    struct verdict_remark *remark = &arrived->remarks[arrived->remark_count++];
    remark->index = arrived->entry.index;
    return remark;
}

static void take_findings(struct arrival *arrival, struct arrived *arrived,
                          const struct findings *findings)
{
    for (const struct finding *finding = findings->first; finding != NULL;
         finding = finding->next) {
        struct verdict_remark *remark = remark_new(arrival, arrived);
        if (remark == NULL) {
            break;
        }
        remark->outcome = finding->severity == SEVERITY_REFUSAL ? VERDICT_REFUSED
                                                                : VERDICT_ACCEPTED_WITH_WARNINGS;
        remark->code = cut(text_of(finding->code), VERDICT_CODE_MAX_BYTES);
        remark->element = label_of(arrival, finding->element);
        remark->place = cut(finding->place, VERDICT_PLACE_MAX_BYTES);
        remark->detail = cut(finding->detail, VERDICT_TEXT_MAX_BYTES);
    }
    if (findings->count > 0 && arrived->outcome < VERDICT_REFUSED) {
        arrived->outcome =
            findings->refusals > 0 ? VERDICT_REFUSED : VERDICT_ACCEPTED_WITH_WARNINGS;
    }
}

/* That the message goes the way its document says, under an agreement that both have: its menu, or
 * NULL. */
static const struct menu *check_way(const struct arrival *arrival,
                                    const struct agreements *agreements,
                                    const struct arrived *arrived, struct findings *findings)
{
    const struct flow *flow = arrival->flow;
    const struct message *message = &arrived->message;
    struct text nowhere = TEXT("");
    struct error error;
    if (!text_equal(message_sender(message), text_of(arrival->partner)) ||
        !text_equal(message_receiver(message), text_of(flow->config->party))) {
        finding_add(findings, SEVERITY_REFUSAL, "misrouted", NULL, nowhere,
                    "it goes from '%.*s' to '%.*s' by its document, and came from '%s' to '%s'",
                    TEXT_ARGS(message_sender(message)), TEXT_ARGS(message_receiver(message)),
                    arrival->partner, flow->config->party);
    }
    if (memcmp(&message->id, &arrived->entry.id, sizeof message->id) != 0 ||
        !text_equal(message->agreement, arrived->entry.agreement) ||
        message->menu_version != arrived->entry.menu_version) {
        finding_add(findings, SEVERITY_REFUSAL, "entry-differs", NULL, nowhere,
                    "message id, agreement or menu version of the entry are not the document's");
    }
    const struct menu *menu = terms_menu(flow, agreements, message, TERMS_RECEIVING, &error);
    if (menu == NULL) {
        finding_add(findings, SEVERITY_REFUSAL, "unknown-agreement", NULL, nowhere, "%s",
                    error.message);
    }
    return menu;
}

static enum result judge_document(struct arrival *arrival, const struct agreements *agreements,
                                  struct arrived *arrived, struct arena *scratch,
                                  struct error *error)
{
    struct error unread;
    struct record *record = NULL;
    struct findings findings = {.arena = &arrival->arena};
    const struct code_lists *lists = rules_codes(arrival->flow->rules);
    enum result result =
        pack_read(arrived->payload, arrived->entry.operation, scratch, &findings, &record, &unread);
    if (result == RESULT_OK) {
        check_record_with(record, lists, &findings);
        result = message_from_record(record, &arrived->message, &findings, &unread);
    }
    if (result == RESULT_OK) {
        const struct menu *menu = check_way(arrival, agreements, arrived, &findings);
        if (menu != NULL) {
            menu_check(menu, lists, record, &findings);
        }
        arrived->has_message = true;
        result = message_keep(&arrived->message, &arrival->arena, error);
        if (result != RESULT_OK) {
            return result;
        }
    } else if (findings.refusals == 0) {
        finding_add(&findings, SEVERITY_REFUSAL, "unreadable", NULL, TEXT(""), "%s",
                    unread.message);
    }
    take_findings(arrival, arrived, &findings);
    return RESULT_OK;
}

static enum result judge_verdict(struct arrival *arrival, struct arrived *arrived,
                                 struct error *error)
{
    struct error unread;
    struct verdict *verdict = arena_zero(&arrival->arena, sizeof *verdict);
    if (verdict == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a verdict");
    }
    if (verdict_unpack(arrived->payload, &arrival->arena, verdict, &unread) == RESULT_OK) {
        arrived->verdict = verdict;
        return RESULT_OK;
    }
    log_error("accept", "a verdict that cannot be read is kept and has no effect", &unread);
    return RESULT_OK;
}

/* The newest card of the push is kept whole. */
static void judge_card(struct arrival *arrival, struct arrived *arrived)
{
    struct error error;
    struct card *card = NULL;
    if (card_parse(arrived->payload, &card, &error) != RESULT_OK) {
        log_error("accept", "a card that cannot be read is kept and has no effect", &error);
        return;
    }
    arrived->card_serial = card->serial;
    if (arrival->card == NULL || arrival->card->serial < card->serial) {
        card_destroy(&arrival->card);
        arrival->card = card;
        card = NULL;
    }
    card_destroy(&card);
}

static enum result judge(struct arrival *arrival, const struct agreements *agreements,
                         struct arrived *arrived, struct arena *scratch, struct error *error)
{
    switch (arrived->entry.operation) {
    case OPERATION_VERDICT:
        return judge_verdict(arrival, arrived, error);
    case OPERATION_CARD:
        judge_card(arrival, arrived);
        return RESULT_OK;
    default:
        return judge_document(arrival, agreements, arrived, scratch, error);
    }
}

enum result arrival_judge(struct arrival *arrival, struct error *error)
{
    struct arena scratch = {0};
    struct agreements *agreements = flow_agreements(arrival->flow);
    enum result result = RESULT_OK;
    for (size_t i = 0; i < arrival->count && result == RESULT_OK; i++) {
        result = judge(arrival, agreements, &arrival->entries[i], &scratch, error);
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    agreements_release(&agreements);
    return result;
}
