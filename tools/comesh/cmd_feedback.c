/* comesh feedback: how the importing party treated the items of a certificate. */
#include "tools/comesh/compose.h"
#include "tools/comesh/response.h"

/* The treatments that were given, to tell the status of the whole. */
struct treated {
    bool granted;
    bool denied;
    bool suspended;
    bool partly;
};

static void note_treatment(struct treated *treated, const char *code)
{
    treated->granted |= strcmp(code, "GRT") == 0 || strcmp(code, "REI") == 0;
    treated->denied |= strcmp(code, "DEN") == 0;
    treated->suspended |= strcmp(code, "SUS") == 0;
    treated->partly |= strcmp(code, "PAR") == 0;
}

/* UN/EDIFACT 1373, unless --status says it. */
static const char *status_of(const struct treated *treated)
{
    if (treated->suspended) {
        return "46"; /* halted pending query */
    }
    if (treated->partly || (treated->granted && treated->denied)) {
        return "44"; /* accepted with warnings */
    }
    return treated->denied ? "8" : "1"; /* rejected, accepted */
}

/* What was used, by one import declaration: the last of the item, made when there is none. */
static json_t *used_document(json_t *item)
{
    json_t *documents = json_object_get(item, "AdditionalDocument");
    if (documents == NULL) {
        documents = json_array();
        (void)json_object_set_new(item, "AdditionalDocument", documents);
        (void)json_array_append_new(documents, json_pack("{s:s}", "TypeCode", "929"));
    }
    return json_array_get(documents, json_array_size(documents) - 1);
}

static enum result add_used(struct call *call, json_t *item, const char *given, struct error *error)
{
    struct text unit = text_of(given);
    struct text quantity = text_until(&unit, ':');
    if (quantity.size == 0 || !text_skip(&unit, ":") || unit.size == 0) {
        return call_usage(call, error, "--used '%s'; accepted: QUANTITY:UNIT, as 1800:C62", given);
    }
    json_t *measure = json_pack("{s:s%, s:s%}", "Value", quantity.data, quantity.size, "UnitCode",
                                unit.data, unit.size);
    (void)json_object_set_new(used_document(item), "WriteOff",
                              json_pack("{s:o}", "QuantityQuantity", measure));
    return RESULT_OK;
}

static void add_reason(json_t *item, const char *member, const char *value)
{
    json_t *reasons = json_object_get(item, "AdditionalInformation");
    if (reasons == NULL) {
        reasons = json_array();
        (void)json_object_set_new(item, "AdditionalInformation", reasons);
    }
    json_t *last = json_array_get(reasons, json_array_size(reasons) - 1);
    if (last == NULL || json_object_get(last, member) != NULL) {
        last = json_object();
        (void)json_array_append_new(reasons, last);
    }
    (void)json_object_set_new(last, member, json_string(value));
}

/* Options behind an --item belong to it. */
static enum result item_option(struct call *call, json_t *item, struct treated *treated,
                               const char *name, const char *value, struct error *error)
{
    if (strcmp(name, "treatment") == 0) {
        note_treatment(treated, value);
        (void)json_object_set_new(
            item, "Status",
            json_pack("{s:s, s:o}", "NameCode", value, "EffectiveDateTime", compose_now()));
    } else if (strcmp(name, "reason") == 0) {
        add_reason(item, "StatementCode", value);
    } else if (strcmp(name, "remark") == 0) {
        add_reason(item, "StatementDescription", value);
    } else if (strcmp(name, "declaration") == 0) {
        (void)json_object_set_new(used_document(item), "ID", json_string(value));
    } else if (strcmp(name, "used") == 0) {
        return add_used(call, item, value, error);
    }
    return RESULT_OK;
}

static enum result add_items(struct call *call, json_t *items, struct treated *treated,
                             struct error *error)
{
    json_t *item = NULL;
    enum result result = RESULT_OK;
    for (size_t i = 0; i < call->given_count && result == RESULT_OK; i++) {
        const char *name = call->given[i].option->name;
        const char *value = call->given[i].value;
        uint64_t number = 0;
        if (strcmp(name, "item") == 0) {
            if (!decimal_parse(text_of(value), 99999, &number) || number == 0) {
                return call_usage(call, error, "--item '%s' is no item number", value);
            }
            item = json_pack("{s:I}", "SequenceNumeric", (json_int_t)number);
            (void)json_array_append_new(items, item);
        } else if (call->given[i].option->repeats && item == NULL) {
            return call_usage(call, error, "--%s belongs behind an --item", name);
        } else if (item != NULL) {
            result = item_option(call, item, treated, name, value, error);
        }
    }
    if (result == RESULT_OK && item == NULL) {
        result = call_usage(call, error, "--item is missing; see `comesh help feedback`");
    }
    return result;
}

static enum result build(struct call *call, const struct subject *subject, json_t *content,
                         struct error *error)
{
    struct treated treated = {0};
    json_t *items = json_array();
    const char *status = call_value(call, "status");
    enum result result = add_items(call, items, &treated, error);
    response_fill(content, subject, status == NULL ? status_of(&treated) : status);
    (void)json_object_set_new(content, "GoodsShipment",
                              json_pack("{s:o}", "GovernmentAgencyGoodsItem", items));
    return result;
}

static enum result run(struct call *call, struct error *error)
{
    static const struct composing composing = {OPERATION_FEEDBACK, OPERATION_CO, "incoming", build};
    return compose_run(call, &composing, error);
}

const struct command command_feedback = {
    .name = "feedback",
    .operands = "--number NUMBER --item N --treatment CODE … | FILE",
    .summary = "tell the exporting party how the items of a certificate were treated",
    .examples =
        "  comesh feedback --number KR-020-26-0001742 --item 1 --treatment GRT --used 1800:C62\n"
        "  comesh feedback --number KR-020-26-0001742 \\\n"
        "         --item 1 --treatment GRT --used 1800:C62 --declaration 000415 \\\n"
        "         --item 2 --treatment DEN --reason QTY --remark \"Thirteen were declared\"\n"
        "  comesh feedback feedback.json\n",
    .details =
        "Treatments: GRT granted, PAR granted for a part, DEN denied, SUS suspended, REI\n"
        "reinstated. Reasons: EXP expired, NFD not found, SIG authenticity, FRM formal defect,\n"
        "DSC goods or HS mismatch, ORC criterion, DCN direct consignment, QTY quantity, VER\n"
        "verification, OTH other. What stands behind an --item belongs to that item.\n",
    .options =
        {
            COMPOSE_OPTIONS,
            {"item", "N", "the item of the certificate; what follows is about it", true},
            {"treatment", "CODE", "GRT, PAR, DEN, SUS or REI", true},
            {"reason", "CODE", "why it is denied", true},
            {"remark", "TEXT", "why, in words", true},
            {"used", "QUANTITY:UNIT", "how much was used, as 1800:C62", true},
            {"declaration", "NUMBER", "the import declaration that used it", true},
            {"status", "CODE", "of the certificate, UN/EDIFACT 1373; else by the treatments",
             false},
        },
    .most_operands = 1,
    .run = run,
};
