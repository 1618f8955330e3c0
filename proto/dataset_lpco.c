/* The dataset: the certificate of origin and the amendment notification. See dataset.h. */
#include "proto/dataset_row.h"

static const struct element authenticator_members[] = {
    LEAF(1, "Name", "name of who signs", "R007", TEXT, 500, 1, IN_NONE, FRAMEWORK,
         .oif_id = "OIF.004.a"),
};
static CLASS(class_authenticator, "Authenticator", "12A", authenticator_members);

static const struct element authentication_members[] = {
    CODED(1, "RoleCode", "who authenticates: exporter or authority", NULL, SIGNER, 3, 1, IN_ALL,
          OURS),
    LEAF(2, "Authentication", "statement: a signature or seal, as text", "104", TEXT, 8192, 1,
         IN_NONE, FRAMEWORK, .oif_id = "OIF.003.a",
         .note = "an..256 in the WCO Data Model holds no signature"),
    LEAF(3, "AuthenticationLocationName", "place of authentication", "539", TEXT, 256, 1, IN_NONE,
         FRAMEWORK, .oif_id = "OIF.003.b"),
    LEAF(4, "ActualLocationID", "place of authentication, coded", "L098", IDENTIFIER, 17, 1,
         IN_NONE, WCO),
    DATED(5, "ActualDateTime", "date of authentication or declaration", NULL, IN_NONE, PRACTICE),
    GROUPED(6, "Authenticator", "who signs", class_authenticator, 1, IN_ALL, FRAMEWORK,
            .oif_id = "OIF.004"),
};
static CLASS(class_authentication, "Authentication", "61B", authentication_members);

static const struct element statement_members[] = {
    CODED(1, "StatementCode", "flag of the certificate", "226", STATEMENT, 17, 1, IN_NONE, WCO),
    LEAF(2, "StatementDescription", "remark", "225", TEXT, 2048, 1, IN_NONE, WCO),
    CODED(3, "StatementTypeCode", "subject of the remark", "369", STATEMENT_TYPE, 3, 1, IN_NONE,
          WCO),
};
static CLASS(class_statement, "AdditionalInformation", "03A", statement_members);

static const struct element amendment_members[] = {
    CODED(1, "ChangeReasonCode", "why the certificate changes", "099", AMENDMENT_REASON, 3, 1,
          IN_ALL, WCO),
    LEAF(2, "ChangeReasonDescription", "why, in text", NULL, TEXT, 2048, 1, IN_NONE, PRACTICE),
    LEAF(3, "ReplacementID", "number of the certificate that replaces it", NULL, IDENTIFIER, 70, 1,
         IN_NONE, OURS),
    GROUPED(4, "Pointer", "what changes", class_pointer, 99, IN_NONE, WCO),
};
static CLASS(class_amendment, "Amendment", NULL, amendment_members);

PARTY(class_exporter, "Exporter", "57A", "R032", "R031", WCO);
PARTY(class_agent, "Agent", "05A", "R004", "R003", WCO);
PARTY(class_submitter, "Submitter", "17B", "R059", "R058", WCO);

static const struct element transport_means_members[] = {
    LEAF(1, "Name", "vessel or flight", "T005", TEXT, 256, 1, IN_NONE, WCO),
    LEAF(2, "ID", "IMO number, flight number or plate", "T006", IDENTIFIER, 35, 1, IN_NONE, WCO),
    CODED(3, "TypeCode", "type of means of transport", "T010", TRANSPORT_MEANS, 4, 1, IN_NONE, WCO),
    CODED(4, "ModeCode", "mode of transport", "T022", TRANSPORT_MODE, 1, 1, IN_NONE, WCO),
    CODED(5, "RegistrationNationalityCode", "flag or registration", "T014", COUNTRY, 2, 1, IN_NONE,
          WCO),
    DATED(6, "DepartureDateTime", "date of departure", "156", IN_NONE, WCO),
};
static CLASS(class_transport_means, "BorderTransportMeans", "15A", transport_means_members);

static const struct element currency_exchange_members[] = {
    CODED(1, "CurrencyTypeCode", "currency", "135", CURRENCY, 3, 1, IN_ALL, WCO),
};
static CLASS(class_currency_exchange, "CurrencyExchange", "40A", currency_exchange_members);

static const struct element lpco_members[] = {
    CODED(1, "FunctionCode", "message function", "017", FUNCTION, 2, 1, IN_ALL, WCO),
    LEAF(2, "FunctionalReferenceID", "message id, a UUID", "D026", IDENTIFIER, 36, 1, IN_ALL, WCO,
         .uuid = true, .note = "an..35 in the WCO Data Model holds no UUID"),
    CODED(3, "TypeCode", "type of certificate", "D013", DOCUMENT, 3, 1, IN_CO, FRAMEWORK,
          .oif_id = "OIF.002"),
    LEAF(4, "ID", "certificate number", "D014", IDENTIFIER, 70, 1, IN_ALL, WCO),
    LEAF(5, "VersionID", "revision of the certificate", "383", IDENTIFIER, 9, 1, IN_NONE, WCO),
    DATED(6, "IssueDateTime", "date of issue", "D011", IN_ALL, FRAMEWORK, .oif_id = "OIF.001"),
    CODED(7, "IssueLocationID", "place of issue", "D012", PLACE, 5, 1, IN_NONE, WCO),
    CODED(8, "IssuingCountryCode", "issuing party", NULL, COUNTRY, 2, 1, IN_ALL, PRACTICE),
    CODED(9, "AgreementID", "trade agreement", NULL, AGREEMENT, 35, 1, IN_ALL, PRACTICE),
    LEAF(10, "MenuVersionID", "version of the agreement's menu", NULL, INTEGER, 9, 1, IN_ALL, OURS),
    DATED(11, "ValidityEndDateTime", "last day of validity", NULL, IN_NONE, PRACTICE),
    DATED(12, "BlanketPeriodStartDateTime", "first day of a blanket period", NULL, IN_NONE,
          PRACTICE),
    DATED(13, "BlanketPeriodEndDateTime", "last day of a blanket period", NULL, IN_NONE, PRACTICE),
    CODED(14, "IssueStatusCode", "new, changed or re-issued", NULL, ISSUE_STATUS, 1, 1, IN_NONE,
          PRACTICE),
    DATED(15, "CancellationDateTime", "date of cancelation", "373", IN_NONE, WCO,
          .allowed_in = IN_AMENDMENT),
    MEASURED(16, "TotalGrossMassMeasure", "total gross weight", "131", IN_NONE, WCO),
    LEAF(17, "TotalPackageQuantity", "total number of packages", "146", INTEGER, 8, 1, IN_NONE,
         WCO),
    GROUPED(18, "IssuingAuthority", "issuing authority", class_authority, 1, IN_NONE, PRACTICE),
    GROUPED(19, "Authentication", "authentication", class_authentication, 10, IN_CO, FRAMEWORK,
            .oif_id = "OIF.003"),
    GROUPED(20, "AdditionalInformation", "flags and remarks", class_statement, 50, IN_NONE,
            FRAMEWORK, .oif_id = "OIF.004.b"),
    GROUPED(21, "AdditionalDocument", "back-to-back originals", class_additional_document, 99,
            IN_NONE, WCO),
    GROUPED(22, "PreviousDocument", "certificate that this one replaces", class_previous_document,
            20, IN_NONE, WCO),
    GROUPED(23, "Amendment", "what changes, and why", class_amendment, 20, IN_AMENDMENT, WCO),
    GROUPED(24, "Exporter", "exporter", class_exporter, 1, IN_CO, WCO),
    GROUPED(25, "Agent", "applicant's representative", class_agent, 1, IN_NONE, WCO),
    GROUPED(26, "Submitter", "submitter", class_submitter, 1, IN_NONE, WCO),
    GROUPED(27, "BorderTransportMeans", "means of transport", class_transport_means, 1, IN_NONE,
            WCO),
    GROUPED(28, "CurrencyExchange", "currencies", class_currency_exchange, 10, IN_NONE, WCO),
    GROUPED(29, "GoodsShipment", "goods shipment", class_goods_shipment, 1, IN_ALL, WCO),
#ifdef DATASET_TEST_ROW /* tests/unit/dataset_row_test.c: a new element is one row */
    DATASET_TEST_ROW,
#endif
};
static CLASS(class_lpco, "LPCO", NULL, lpco_members);

const struct element dataset_lpco =
    GROUPED(1, "LPCO", "certificate of origin", class_lpco, 1, IN_ALL, FRAMEWORK);
