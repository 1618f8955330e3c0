/* The forms. The boxes of a certificate stand in the order of the forms of ATIGA, RCEP and AKFTA.
 * See render_form.h. */
#include "proto/render_form.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define ITEM(path)      RENDER_ITEM "/" path

static const struct render_box certificate_boxes[] = {
    {.usual = true, .elements = {"Exporter"}},
    {.usual = true,
     .elements = {"ID", "VersionID", "TypeCode", "FunctionCode", "IssueStatusCode",
                  "FunctionalReferenceID", "AgreementID", "MenuVersionID", "ValidityEndDateTime",
                  "BlanketPeriodStartDateTime", "BlanketPeriodEndDateTime", "PreviousDocument",
                  "CancellationDateTime"}},
    {.usual = true, .elements = {"GoodsShipment/Consignee"}},
    {.usual = true, .elements = {ITEM("Commodity/Producer")}},
    {.heading = "means of transport and route",
     .usual = true,
     .elements = {"GoodsShipment/ExportCountry", "GoodsShipment/Destination",
                  "BorderTransportMeans", "GoodsShipment/Consignment"}},
    {.usual = true, .elements = {"AdditionalInformation"}},
    {.elements = {"Amendment"}, .wide = true},
    {.wide = true, .usual = true, .elements = {RENDER_ITEM}},
    {.heading = "totals, invoices and terms",
     .usual = true,
     .elements = {"TotalPackageQuantity", "TotalGrossMassMeasure", "GoodsShipment/InvoiceAmount",
                  "CurrencyExchange", "GoodsShipment/TradeTerms", "GoodsShipment/Invoice"}},
    {.heading = "other parties",
     .elements = {"GoodsShipment/Importer", "GoodsShipment/Seller", "GoodsShipment/Buyer",
                  "GoodsShipment/Consignor", "Agent", "Submitter"}},
    {.heading = "other documents",
     .elements = {"AdditionalDocument", "GoodsShipment/AdditionalDocument"}},
    {.heading = "issue",
     .usual = true,
     .elements = {"IssueDateTime", "IssueLocationID", "IssuingCountryCode", "IssuingAuthority"}},
    {.heading = "declaration by the exporter",
     .signer = "EXP",
     .usual = true,
     .elements = {"Authentication"}},
    {.heading = "certification by the authority",
     .signer = "AUT",
     .usual = true,
     .elements = {"Authentication"}},
    {.heading = "other elements", .wide = true},
};

static const struct render_column certificate_columns[] = {
    {"c-number", {ITEM("SequenceNumeric")}, ITEM("SequenceNumeric"), false},
    {"c-packages",
     {ITEM("Packaging/MarksNumbersID"), ITEM("Packaging/QuantityQuantity")},
     ITEM("Packaging"),
     false},
    {"c-goods", {ITEM("Commodity/Description")}, ITEM("Commodity/Description"), true},
    {"c-code", {ITEM("Commodity/Classification")}, ITEM("Commodity/Classification"), false},
    {"c-origin", {ITEM("Origin/RuleCode")}, ITEM("Origin"), false},
    {"c-measure",
     {ITEM("Commodity/GoodsMeasure/TariffQuantity")},
     ITEM("Commodity/GoodsMeasure"),
     false},
    {"c-value", {ITEM("FreeOnBoardAmount")}, ITEM("FreeOnBoardAmount"), false},
    {"c-invoice", {ITEM("Invoice")}, ITEM("Invoice"), false},
};

static const struct render_box response_boxes[] = {
    {.elements = {"RespondingCountryCode", "RespondingAuthority"}},
    {.elements = {"LPCO"}},
    {.elements = {"Status", "Declaration"}},
    {.elements = {"IssueDateTime", "FunctionCode", "FunctionalReferenceID", "ReferencedMessageID"}},
    {.elements = {"AdditionalInformation"}, .wide = true},
    {.elements = {"Error"}, .wide = true},
    {.elements = {RENDER_ITEM}, .wide = true},
    {.elements = {"PreviousDocument"}, .wide = true},
    {.heading = "other elements", .wide = true},
};

static const struct render_column response_columns[] = {
    {"c-number", {ITEM("SequenceNumeric")}, ITEM("SequenceNumeric"), false},
    {"c-status", {ITEM("Status")}, ITEM("Status"), false},
    {"c-reasons", {ITEM("AdditionalInformation")}, ITEM("AdditionalInformation"), false},
    {"c-use", {ITEM("AdditionalDocument")}, ITEM("AdditionalDocument"), true},
};

static const struct render_form certificate_form = {
    .boxes = certificate_boxes,
    .box_count = COUNT_OF(certificate_boxes),
    .columns = certificate_columns,
    .column_count = COUNT_OF(certificate_columns),
    .number = "ID",
    .title = {"ID", "AgreementID", "IssueDateTime", "ValidityEndDateTime"},
};

static const struct render_form response_form = {
    .boxes = response_boxes,
    .box_count = COUNT_OF(response_boxes),
    .columns = response_columns,
    .column_count = COUNT_OF(response_columns),
    .number = "LPCO/ID",
    .title = {"LPCO/ID", "LPCO/AgreementID", "IssueDateTime"},
};

const struct render_form *render_form(enum operation operation)
{
    switch (operation) {
    case OPERATION_CO:
    case OPERATION_AMENDMENT:
        return &certificate_form;
    case OPERATION_CANCELATION_STATUS:
    case OPERATION_FEEDBACK:
        return &response_form;
    case OPERATION_NONE:
    case OPERATION_VERDICT:
    case OPERATION_CARD:
        break;
    }
    return NULL;
}

static enum render_claim claim_of(const char *claim, const char *path)
{
    size_t size = strlen(path);
    if (strncmp(claim, path, size) != 0) {
        return RENDER_NONE;
    }
    return claim[size] == '\0' ? RENDER_WHOLE : claim[size] == '/' ? RENDER_PART : RENDER_NONE;
}

static enum render_claim greater(enum render_claim a, enum render_claim b)
{
    return a > b ? a : b;
}

enum render_claim render_claimed(const struct render_form *form, const char *path)
{
    enum render_claim claim = RENDER_NONE;
    for (size_t i = 0; i < form->box_count; i++) {
        const char *const *elements = form->boxes[i].elements;
        for (size_t j = 0; j < RENDER_BOX_ELEMENTS && elements[j] != NULL; j++) {
            claim = greater(claim, claim_of(elements[j], path));
        }
    }
    for (size_t i = 0; i < form->column_count; i++) {
        claim = greater(claim, claim_of(form->columns[i].element, path));
    }
    return claim;
}
