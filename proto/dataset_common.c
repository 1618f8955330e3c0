/* The dataset: what both documents use. See dataset.h. */
#include "proto/dataset_row.h"

const struct attribute attribute_format = {"FormatCode", 3, CODES_DATE_FORMAT, true};
const struct attribute attribute_unit = {"UnitCode", 3, CODES_UNIT, true};
const struct attribute attribute_currency = {"CurrencyID", 3, CODES_CURRENCY, true};
const struct attribute attribute_scheme = {"SchemeID", 35, CODES_NONE, false};
const struct attribute attribute_edition = {"VersionID", 4, CODES_HS_EDITION, false};

static const struct element address_members[] = {
    LEAF(1, "Line", "street and number", "239", TEXT, 1000, 1, IN_NONE, WCO),
    LEAF(2, "CityName", "city", "241", TEXT, 256, 1, IN_NONE, WCO),
    LEAF(3, "PostcodeID", "postcode", "245", IDENTIFIER, 17, 1, IN_NONE, WCO),
    LEAF(4, "CountrySubDivisionName", "region", "243", TEXT, 256, 1, IN_NONE, WCO),
    CODED(5, "CountrySubDivisionCode", "region, coded", "244", SUBDIVISION, 9, 1, IN_NONE, WCO),
    CODED(6, "CountryCode", "country", "242", COUNTRY, 2, 1, IN_NONE, WCO),
};
CLASS(class_address, "Address", "04A", address_members);

static const struct element contact_members[] = {
    LEAF(1, "Name", "name of a person", "246", TEXT, 500, 1, IN_ALL, WCO),
};
CLASS(class_contact, "Contact", NULL, contact_members);

static const struct element communication_members[] = {
    LEAF(1, "ID", "number or address", "240", IDENTIFIER, 256, 1, IN_ALL, WCO),
    CODED(2, "TypeCode", "kind of number or address", "253", COMMUNICATION, 3, 1, IN_ALL, WCO),
};
CLASS(class_communication, "Communication", NULL, communication_members);

static const struct element additional_document_members[] = {
    CODED(1, "TypeCode", "document name", "D006", DOCUMENT, 3, 1, IN_ALL, WCO),
    LEAF(2, "ID", "document number", "D005", IDENTIFIER, 70, 1, IN_ALL, WCO),
    DATED(3, "IssueDateTime", "date of issue", NULL, IN_NONE, PRACTICE),
    DATED(4, "EffectiveDateTime", "effective date", "276", IN_NONE, WCO),
    CODED(5, "IssuingCountryCode", "issuing country", NULL, COUNTRY, 2, 1, IN_NONE, PRACTICE),
    LEAF(6, "IssuingAuthorityName", "issuing authority", NULL, TEXT, 500, 1, IN_NONE, PRACTICE),
};
CLASS(class_additional_document, "AdditionalDocument", "02A", additional_document_members);

static const struct element previous_document_members[] = {
    CODED(1, "TypeCode", "document name", "D019", DOCUMENT, 3, 1, IN_NONE, WCO),
    LEAF(2, "ID", "document number", "D018", IDENTIFIER, 70, 1, IN_ALL, WCO),
    DATED(3, "IssueDateTime", "date of issue", NULL, IN_NONE, PRACTICE),
};
CLASS(class_previous_document, "PreviousDocument", "99A", previous_document_members);

static const struct element pointer_members[] = {
    LEAF(1, "SequenceNumeric", "number of the occurrence, from 1", "006", INTEGER, 5, 1, IN_NONE,
         WCO),
    CODED(2, "DocumentSectionCode", "WCO class id", "375", SECTION, 3, 1, IN_NONE, WCO),
    CODED(3, "TagID", "WCO element id", "381", TAG, 4, 1, IN_NONE, WCO),
};
CLASS(class_pointer, "Pointer", NULL, pointer_members);

static const struct element authority_members[] = {PARTY_ROWS(NULL, NULL, PRACTICE)};
CLASS(class_authority, "Authority", NULL, authority_members);
