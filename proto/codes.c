/* Code lists. See codes.h. */
#include "proto/codes.h"

#include "proto/nearest.h"

static const struct code document_codes[] = {
    {"18", "movement certificate A.TR.1"},
    {"380", "commercial invoice"},
    {"705", "bill of lading"},
    {"740", "air waybill"},
    {"830", "goods declaration for exportation"},
    {"860", "certificate of origin, application for"},
    {"861", "certificate of origin"},
    {"862", "declaration of origin"},
    {"863", "regional appellation certificate"},
    {"864", "preference certificate of origin"},
    {"865", "certificate of origin form GSP"},
    {"929", "goods declaration for importation"},
    {"954", "movement certificate EUR.1"},
    {"ADR", "advance ruling (ours)"},
};

static const struct code function_codes[] = {
    {"1", "cancelation"},
    {"4", "change"},
    {"5", "replace"},
    {"7", "duplicate"},
    {"9", "original"},
    {"11", "response"},
    {"12", "not processed"},
    {"18", "reissue"},
    {"27", "not accepted"},
    {"29", "accepted without amendment"},
    {"34", "accepted with amendment"},
    {"35", "retransmission"},
    {"39", "reversal of cancelation"},
    {"44", "accepted without reserves"},
    {"45", "accepted with reserves"},
    {"48", "accepted, contents rejected"},
    {"53", "test"},
};

static const struct code status_codes[] = {
    {"1", "accepted"},
    {"8", "rejected"},
    {"10", "valid"},
    {"11", "not available"},
    {"12", "exhausted"},
    {"13", "not exhausted"},
    {"14", "exhausted"},
    {"15", "not exhausted"},
    {"39", "hold"},
    {"40", "validity suspended"},
    {"41", "revoked"},
    {"42", "error"},
    {"43", "received"},
    {"44", "accepted with warnings"},
    {"45", "in process"},
    {"46", "halted pending query"},
    {"50", "rejected, clarification required"},
};

static const struct code date_format_codes[] = {
    {"102", "CCYYMMDD"},
    {"304", "CCYYMMDDHHMMSS and offset"},
};

static const struct code transport_mode_codes[] = {
    {"0", "not specified"}, {"1", "maritime"},
    {"2", "rail"},          {"3", "road"},
    {"4", "air"},           {"5", "mail"},
    {"6", "multimodal"},    {"7", "fixed installation"},
    {"8", "inland water"},  {"9", "not applicable"},
};

static const struct code incoterm_codes[] = {
    {"CFR", "cost and freight"},
    {"CIF", "cost, insurance and freight"},
    {"CIP", "carriage and insurance paid to"},
    {"CPT", "carriage paid to"},
    {"DAF", "delivered at frontier"},
    {"DAP", "delivered at place"},
    {"DAT", "delivered at terminal"},
    {"DDP", "delivered duty paid"},
    {"DDU", "delivered duty unpaid"},
    {"DEQ", "delivered ex quay"},
    {"DES", "delivered ex ship"},
    {"DPU", "delivered at place unloaded"},
    {"EXW", "ex works"},
    {"FAS", "free alongside ship"},
    {"FCA", "free carrier"},
    {"FOB", "free on board"},
};

static const struct code hs_edition_codes[] = {
    {"2002", "third edition"}, {"2007", "fourth edition"},  {"2012", "fifth edition"},
    {"2017", "sixth edition"}, {"2022", "seventh edition"}, {"2028", "eighth edition"},
};

static const struct code origin_type_codes[] = {
    {"1", "non-preferential"},
    {"2", "preferential"},
};

static const struct code tariff_clause_codes[] = {
    {"0", "no tariff differential"},
    {"1", "RCEP country of origin by article 2.6, paragraphs 2 to 4"},
    {"2", "highest rate by article 2.6, paragraph 6"},
};

static const struct code issue_status_codes[] = {
    {"0", "new"},
    {"1", "changed"},
    {"2", "re-issued"},
    {"3", "changed re-issue"},
};

static const struct code signer_codes[] = {
    {"AUT", "authority that certifies"},
    {"EXP", "exporter that declares"},
};

static const struct code statement_codes[] = {
    {"ACU", "accumulation"},        {"B2B", "back-to-back certificate"},
    {"CTC", "certified true copy"}, {"DMI", "de minimis"},
    {"EXH", "exhibition"},          {"IRT", "issued retroactively"},
    {"OTH", "other, in text"},      {"PCU", "partial cumulation"},
    {"PRE", "predicted"},           {"TCI", "third-country invoicing"},
};

static const struct code producer_relation_codes[] = {
    {"DIFFERENT", "another than the exporter"},
    {"SAME", "the exporter"},
};

static const struct code amendment_reason_codes[] = {
    {"CNL", "cancelled without replacement"},
    {"COR", "correction"},
    {"LST", "lost"},
    {"OTH", "other, in text"},
    {"REJ", "replaced after rejection"},
    {"REV", "withdrawn by the authority"},
    {"RPL", "replaced by a new certificate"},
};

static const struct code treatment_codes[] = {
    {"DEN", "denied"},
    {"GRT", "granted"},
    {"PAR", "granted for a part"},
    {"REI", "reinstated"},
    {"SUS", "suspended pending verification"},
};

static const struct code denial_codes[] = {
    {"DCN", "direct consignment not met"},
    {"DSC", "goods or classification do not match"},
    {"EXP", "expired"},
    {"FRM", "formal defect"},
    {"NFD", "not found, or cancelled"},
    {"ORC", "origin criterion not met"},
    {"OTH", "other, in text"},
    {"QTY", "over the quantity, or in another unit"},
    {"SIG", "authenticity"},
    {"VER", "verification failed or not answered"},
};

#define LISTED(name, title, source, codes)                                                         \
    {                                                                                              \
        (name), (title), (source), NULL, NULL, (codes), sizeof(codes) / sizeof *(codes)            \
    }
#define SHAPED(name, title, source, shape, hint)                                                   \
    {                                                                                              \
        (name), (title), (source), (shape), (hint), NULL, 0                                        \
    }

static const struct code_list lists[CODE_LIST_COUNT] = {
    [CODES_NONE] = {.name = "none", .title = "no list", .source = "ours"},
    [CODES_DOCUMENT] =
        LISTED("un-edifact-1001", "document name", "UN/EDIFACT 1001", document_codes),
    [CODES_FUNCTION] =
        LISTED("un-edifact-1225", "message function", "UN/EDIFACT 1225", function_codes),
    [CODES_STATUS] = LISTED("un-edifact-1373", "document status", "UN/EDIFACT 1373", status_codes),
    [CODES_DATE_FORMAT] =
        LISTED("un-edifact-2379", "date format", "UN/EDIFACT 2379", date_format_codes),
    [CODES_COMMUNICATION] = SHAPED("un-edifact-3155", "means of communication", "UN/EDIFACT 3155",
                                   "AA[A", "2 or 3 capitals, such as TE"),
    [CODES_STATEMENT_TYPE] = SHAPED("un-edifact-4451", "subject of a text", "UN/EDIFACT 4451",
                                    "AAA", "3 capitals, such as AAI"),
    [CODES_CLASSIFICATION] = SHAPED("un-edifact-7143", "classification scheme", "UN/EDIFACT 7143",
                                    "AA[A", "2 or 3 capitals, such as HS"),
    [CODES_TRANSPORT_MODE] =
        LISTED("un-ece-19", "mode of transport", "UN/ECE Rec 19", transport_mode_codes),
    [CODES_TRANSPORT_MEANS] = SHAPED("un-ece-28", "type of means of transport", "UN/ECE Rec 28",
                                     "9[999", "1 to 4 digits"),
    [CODES_UNIT] = SHAPED("un-ece-20", "unit of measure", "UN/ECE Rec 20", "X[XX",
                          "1 to 3 capitals or digits, such as KGM"),
    [CODES_PACKAGE] = SHAPED("un-ece-21", "package type", "UN/ECE Rec 21", "XX",
                             "2 capitals or digits, such as CT"),
    [CODES_PLACE] =
        SHAPED("un-locode", "place", "UN/LOCODE", "AAXXX", "5 capitals or digits, such as KRPUS"),
    [CODES_COUNTRY] = SHAPED("iso-3166-1", "country or customs territory", "ISO 3166-1 alpha-2",
                             "AA", "2 capitals, such as KR"),
    [CODES_SUBDIVISION] =
        SHAPED("iso-3166-2", "country subdivision", "ISO 3166-2", "AA-X[XX", "such as KR-26"),
    [CODES_CURRENCY] = SHAPED("iso-4217", "currency", "ISO 4217", "AAA", "3 capitals, such as USD"),
    [CODES_INCOTERM] =
        LISTED("incoterms", "terms of delivery", "Incoterms 2000, 2010 and 2020", incoterm_codes),
    [CODES_HS] = SHAPED("hs", "Harmonized System, 6 digits and more", "WCO HS",
                        "999999[999999999999", "6 to 18 digits, no dots"),
    [CODES_HS_EDITION] =
        LISTED("hs-edition", "edition of the Harmonized System", "WCO HS", hs_edition_codes),
    [CODES_AGREEMENT] =
        SHAPED("agreement", "trade agreement", "ours", "X[LLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLL",
               "capitals, digits and - . / % +, such as AKFTA"),
    [CODES_CRITERION] = SHAPED("origin-criterion", "origin criterion", "the agreements",
                               "X[LLLLLLLLLLLLLLLL", "capitals, digits and - . / % +, such as CTH"),
    [CODES_QUALIFIER] =
        SHAPED("origin-qualifier", "qualifier of an origin criterion", "the agreements",
               "X[LLLLLLLLLLLLLLLL", "capitals, digits and - . / % +, such as ACU"),
    [CODES_ORIGIN_TYPE] = LISTED("origin-type", "kind of origin", "practice", origin_type_codes),
    [CODES_TARIFF_CLAUSE] = LISTED("tariff-clause", "RCEP tariff differential clause",
                                   "RCEP, article 2.6", tariff_clause_codes),
    [CODES_ISSUE_STATUS] = LISTED("issue-status", "how a certificate came to be issued", "practice",
                                  issue_status_codes),
    [CODES_SIGNER] = LISTED("signer", "who authenticates", "ours", signer_codes),
    [CODES_STATEMENT] = LISTED("statement", "flag of a certificate", "ours", statement_codes),
    [CODES_PRODUCER_RELATION] =
        LISTED("producer-relation", "producer and exporter", "practice", producer_relation_codes),
    [CODES_AMENDMENT_REASON] =
        LISTED("amendment-reason", "reason of an amendment", "ours", amendment_reason_codes),
    [CODES_TREATMENT] = LISTED("treatment", "treatment of an item", "ours", treatment_codes),
    [CODES_DENIAL] = LISTED("denial", "reason for a denial", "ours", denial_codes),
    [CODES_ERROR] = SHAPED("error", "error in a document", "ours", "X[LLLLLLL",
                           "1 to 8 capitals, digits and - . / % +"),
    [CODES_SECTION] = SHAPED("wco-class", "WCO class id", "WCO Data Model", "99A",
                             "2 digits and a capital, such as 68A"),
    [CODES_TAG] = SHAPED("wco-element", "WCO element id", "WCO Data Model", "X99[9",
                         "3 or 4 characters, such as D014"),
};

const struct code_list *code_list(enum code_list_id id)
{
    return &lists[(unsigned)id < CODE_LIST_COUNT ? id : CODES_NONE];
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool shape_accepts(char shape, char c)
{
    switch (shape) {
    case 'A':
        return is_capital(c);
    case '9':
        return is_digit(c);
    case 'X':
        return is_capital(c) || is_digit(c);
    case 'L':
        return is_capital(c) || is_digit(c) || (c != '\0' && strchr("-./%+", c) != NULL);
    default:
        return shape == c;
    }
}

static bool shape_matches(const char *shape, struct text value)
{
    bool optional = false;
    for (size_t i = 0; i < value.size; i++) {
        if (*shape == '[') {
            optional = true;
            shape++;
        }
        if (*shape == '\0' || !shape_accepts(*shape, value.data[i])) {
            return false;
        }
        shape++;
    }
    return *shape == '\0' || *shape == '[' || (optional && value.size > 0);
}

static const struct code *code_find(const struct code_list *list, struct text value)
{
    for (size_t i = 0; i < list->count; i++) {
        if (text_equal(text_of(list->codes[i].code), value)) {
            return &list->codes[i];
        }
    }
    return NULL;
}

bool code_known(enum code_list_id id, struct text value)
{
    const struct code_list *list = code_list(id);
    return list->shape != NULL ? shape_matches(list->shape, value) : code_find(list, value) != NULL;
}

const char *code_label(enum code_list_id id, struct text value)
{
    const struct code *code = code_find(code_list(id), value);
    return code == NULL ? NULL : code->label;
}

const char *code_nearest(enum code_list_id id, struct text value)
{
    const struct code_list *list = code_list(id);
    struct nearest nearest = nearest_to(value);
    for (size_t i = 0; i < list->count; i++) {
        nearest_offer(&nearest, list->codes[i].code);
    }
    return nearest_found(&nearest);
}
