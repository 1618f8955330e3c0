/* The dataset: the cancelation status and the feedback. See dataset.h. */
#include "proto/dataset_row.h"

static const struct element lpco_reference_members[] = {
    CODED(1, "TypeCode", "type of certificate", "D013", DOCUMENT, 3, 1, IN_NONE, FRAMEWORK,
          .oif_id = "OIF.002"),
    LEAF(2, "ID", "certificate number", "D014", IDENTIFIER, 70, 1, IN_ALL, WCO),
    LEAF(3, "VersionID", "revision of the certificate", "383", IDENTIFIER, 9, 1, IN_NONE, WCO),
    DATED(4, "IssueDateTime", "date of issue", "D011", IN_NONE, FRAMEWORK, .oif_id = "OIF.001"),
    CODED(5, "IssuingCountryCode", "issuing party", NULL, COUNTRY, 2, 1, IN_ALL, PRACTICE),
    CODED(6, "AgreementID", "trade agreement", NULL, AGREEMENT, 35, 1, IN_ALL, PRACTICE),
    LEAF(7, "MenuVersionID", "version of the agreement's menu", NULL, INTEGER, 9, 1, IN_ALL, OURS),
};
static CLASS(class_lpco_reference, "LPCO", NULL, lpco_reference_members);

static const struct element declaration_members[] = {
    DATED(1, "AcceptanceDateTime", "date of acceptance", "023", IN_NONE, WCO),
    DATED(2, "RejectionDateTime", "date of rejection", "374", IN_NONE, WCO),
    DATED(3, "CancellationDateTime", "date of cancelation", "373", IN_NONE, WCO),
};
static CLASS(class_declaration, "Declaration", "42A", declaration_members);

static const struct element status_members[] = {
    CODED(1, "NameCode", "status", "379", STATUS, 3, 1, IN_ALL, WCO),
    DATED(2, "EffectiveDateTime", "from when", "380", IN_NONE, WCO),
};
static CLASS(class_status, "Status", NULL, status_members);

static const struct element error_members[] = {
    CODED(1, "ValidationCode", "error", "377", ERROR, 8, 1, IN_ALL, WCO),
    LEAF(2, "Description", "error in text", "488", TEXT, 2048, 1, IN_NONE, WCO),
    GROUPED(3, "Pointer", "where", class_pointer, 20, IN_NONE, WCO),
};
static CLASS(class_error, "Error", NULL, error_members);

static const struct element denial_members[] = {
    CODED(1, "StatementCode", "reason for a denial", "226", DENIAL, 17, 1, IN_NONE, WCO),
    LEAF(2, "StatementDescription", "reason in text", "225", TEXT, 2048, 1, IN_NONE, WCO),
    CODED(3, "StatementTypeCode", "subject of the text", "369", STATEMENT_TYPE, 3, 1, IN_NONE, WCO),
};
static CLASS(class_denial, "AdditionalInformation", "03A", denial_members);

static const struct element treatment_members[] = {
    CODED(1, "NameCode", "treatment of the item", NULL, TREATMENT, 3, 1, IN_ALL, PRACTICE),
    DATED(2, "EffectiveDateTime", "from when", "380", IN_NONE, WCO),
};
static CLASS(class_treatment, "Status", NULL, treatment_members);

static const struct element write_off_members[] = {
    MEASURED(1, "QuantityQuantity", "quantity used", "502", IN_NONE, WCO),
    VALUED(2, "AmountAmount", "amount used", "503", IN_NONE, WCO),
};
static CLASS(class_write_off, "WriteOff", "22C", write_off_members);

static const struct element used_document_members[] = {
    CODED(1, "TypeCode", "document name", "D006", DOCUMENT, 3, 1, IN_NONE, WCO),
    LEAF(2, "ID", "number of the import declaration", "D005", IDENTIFIER, 70, 1, IN_NONE, WCO),
    DATED(3, "IssueDateTime", "date of the import declaration", NULL, IN_NONE, PRACTICE),
    GROUPED(4, "WriteOff", "what it used of the certificate", class_write_off, 1, IN_NONE, WCO),
};
static CLASS(class_used_document, "AdditionalDocument", "02A", used_document_members);

static const struct element treated_item_members[] = {
    LEAF(1, "SequenceNumeric", "item number in the certificate", "006", INTEGER, 5, 1, IN_ALL, WCO),
    GROUPED(2, "Status", "treatment of the item", class_treatment, 1, IN_ALL, PRACTICE),
    GROUPED(3, "AdditionalInformation", "reasons for a denial", class_denial, 20, IN_NONE,
            PRACTICE),
    GROUPED(4, "AdditionalDocument", "use by an import declaration", class_used_document, 99,
            IN_NONE, WCO),
};
static CLASS(class_treated_item, "GovernmentAgencyGoodsItem", "68A", treated_item_members);

static const struct element treated_shipment_members[] = {
    GROUPED(1, "GovernmentAgencyGoodsItem", "goods items", class_treated_item, 9999, IN_ALL, WCO),
};
static CLASS(class_treated_shipment, "GoodsShipment", "67A", treated_shipment_members);

static const struct element response_members[] = {
    CODED(1, "FunctionCode", "message function", "017", FUNCTION, 2, 1, IN_ALL, WCO),
    LEAF(2, "FunctionalReferenceID", "message id, a UUID", "D026", IDENTIFIER, 36, 1, IN_ALL, WCO,
         .uuid = true, .note = "an..35 in the WCO Data Model holds no UUID"),
    DATED(3, "IssueDateTime", "date of the response", "D029", IN_ALL, WCO),
    LEAF(4, "ReferencedMessageID", "message id that this answers, a UUID", NULL, IDENTIFIER, 36, 1,
         IN_ALL, OURS, .uuid = true),
    CODED(5, "RespondingCountryCode", "party that responds", NULL, COUNTRY, 2, 1, IN_ALL, OURS),
    GROUPED(6, "RespondingAuthority", "authority that responds", class_authority, 1, IN_NONE,
            PRACTICE),
    GROUPED(7, "LPCO", "certificate that this is about", class_lpco_reference, 1, IN_ALL, OURS),
    GROUPED(8, "Declaration", "dates of the decision", class_declaration, 1, IN_NONE, WCO),
    GROUPED(9, "Status", "status of the certificate", class_status, 10, IN_ALL, WCO),
    GROUPED(10, "Error", "errors in the certificate", class_error, 99, IN_NONE, WCO),
    GROUPED(11, "AdditionalInformation", "reasons and remarks", class_denial, 50, IN_NONE,
            PRACTICE),
    GROUPED(12, "PreviousDocument", "import declarations", class_previous_document, 99, IN_NONE,
            PRACTICE),
    GROUPED(13, "GoodsShipment", "treatment by item", class_treated_shipment, 1, IN_FEEDBACK,
            PRACTICE),
};
static CLASS(class_response, "Response", NULL, response_members);

const struct element dataset_response =
    GROUPED(1, "Response", "response of the importing party", class_response, 1, IN_ALL, WCO);
