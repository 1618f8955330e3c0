/* The dataset: the goods shipment of a certificate, with its items. See dataset.h. */
#include "proto/dataset_row.h"

PARTY(class_importer, "Importer", NULL, "R038", "R037", WCO);
PARTY(class_consignee, "Consignee", "27A", "R015", "R014", WCO);
PARTY(class_consignor, "Consignor", NULL, "R021", "R020", WCO);
PARTY(class_buyer, "Buyer", NULL, "R010", "R009", WCO);
PARTY(class_seller, "Seller", NULL, "R051", "R050", WCO);
PARTY(class_carrier, "Carrier", "18A", "R012", "R011", WCO);

static const struct element producer_members[] = {
    PARTY_ROWS("R035", "R034", WCO),
    LEAF(6, "ConfidentialIndicator", "producer is known to the authority alone", NULL, INDICATOR, 5,
         1, IN_NONE, PRACTICE),
    CODED(7, "RelationCode", "producer is the exporter or another", NULL, PRODUCER_RELATION, 17, 1,
          IN_NONE, PRACTICE),
};
static CLASS(class_producer, "Producer", NULL, producer_members);

static const struct element export_country_members[] = {
    CODED(1, "ID", "country of export", "062", COUNTRY, 2, 1, IN_ALL, WCO),
};
static CLASS(class_export_country, "ExportCountry", NULL, export_country_members);

static const struct element destination_members[] = {
    CODED(1, "CountryCode", "importing party", "465", COUNTRY, 2, 1, IN_ALL, WCO),
};
static CLASS(class_destination, "Destination", NULL, destination_members);

static const struct element trade_terms_members[] = {
    CODED(1, "ConditionCode", "terms of delivery", "090", INCOTERM, 3, 1, IN_ALL, WCO),
};
static CLASS(class_trade_terms, "TradeTerms", NULL, trade_terms_members);

static const struct element invoice_members[] = {
    LEAF(1, "ID", "invoice number", "D016", IDENTIFIER, 70, 1, IN_ALL, WCO),
    DATED(2, "IssueDateTime", "invoice date", "D015", IN_NONE, WCO),
    LEAF(3, "ThirdCountryIndicator", "issued by the seller in a third country", NULL, INDICATOR, 5,
         1, IN_NONE, PRACTICE),
};
static CLASS(class_invoice, "Invoice", NULL, invoice_members);

static const struct element loading_members[] = {
    LEAF(1, "Name", "place of loading", "L009", TEXT, 256, 1, IN_NONE, WCO),
    CODED(2, "ID", "place of loading, coded", "L010", PLACE, 5, 1, IN_NONE, WCO),
};
static CLASS(class_loading, "LoadingLocation", NULL, loading_members);

static const struct element unloading_members[] = {
    LEAF(1, "Name", "port of discharge", "L012", TEXT, 256, 1, IN_NONE, WCO),
    CODED(2, "ID", "port of discharge, coded", "L013", PLACE, 5, 1, IN_NONE, WCO),
};
static CLASS(class_unloading, "UnloadingLocation", NULL, unloading_members);

static const struct element itinerary_members[] = {
    CODED(1, "RoutingCountryCode", "country of transit", "064", COUNTRY, 2, 1, IN_ALL, WCO),
};
static CLASS(class_itinerary, "Itinerary", NULL, itinerary_members);

static const struct element transport_contract_members[] = {
    CODED(1, "TypeCode", "document name", NULL, DOCUMENT, 3, 1, IN_NONE, PRACTICE),
    LEAF(2, "ID", "number of the bill of lading or air waybill", "D023", IDENTIFIER, 70, 1, IN_ALL,
         WCO),
    DATED(3, "IssueDateTime", "date of issue", NULL, IN_NONE, PRACTICE),
};
static CLASS(class_transport_contract, "TransportContractDocument", NULL,
             transport_contract_members);

static const struct element equipment_members[] = {
    LEAF(1, "ID", "container number", "159", IDENTIFIER, 17, 1, IN_ALL, WCO),
};
static CLASS(class_equipment, "TransportEquipment", "31B", equipment_members);

static const struct element consignment_members[] = {
    GROUPED(1, "Carrier", "carrier", class_carrier, 1, IN_NONE, WCO),
    GROUPED(2, "LoadingLocation", "place of loading", class_loading, 1, IN_NONE, WCO),
    GROUPED(3, "UnloadingLocation", "port of discharge", class_unloading, 1, IN_NONE, WCO),
    GROUPED(4, "Itinerary", "countries of transit", class_itinerary, 20, IN_NONE, WCO),
    GROUPED(5, "TransportContractDocument", "transport documents", class_transport_contract, 20,
            IN_NONE, WCO),
    GROUPED(6, "TransportEquipment", "containers", class_equipment, 999, IN_NONE, WCO),
};
static CLASS(class_consignment, "Consignment", "28A", consignment_members);

static const struct element origin_members[] = {
    CODED(1, "CountryCode", "country of origin", "063", COUNTRY, 2, 1, IN_ALL, WCO),
    CODED(2, "RegionID", "region of origin", "066", SUBDIVISION, 9, 1, IN_NONE, WCO),
    CODED(3, "TypeCode", "preferential or not", "501", ORIGIN_TYPE, 3, 1, IN_NONE, WCO),
    CODED(4, "RuleCode", "origin criteria", "436", CRITERION, 17, 10, IN_NONE, WCO,
          .note = "an..3 in the WCO Data Model; with percentage, qualifiers and text it is one "
                  "composite criterion"),
    CODED(5, "RuleQualifierCode", "qualifiers of the criteria", NULL, QUALIFIER, 17, 10, IN_NONE,
          PRACTICE),
    LEAF(6, "RegionalValueContentPercent", "regional value content", NULL, DECIMAL, 5, 1, IN_NONE,
         PRACTICE, .fraction_digits = 2),
    LEAF(7, "RuleDescription", "criterion in text", NULL, TEXT, 512, 1, IN_NONE, PRACTICE),
    CODED(8, "CumulationCountryCode", "countries of cumulation", NULL, COUNTRY, 2, 50, IN_NONE,
          PRACTICE),
};
static CLASS(class_origin, "Origin", NULL, origin_members);

static const struct element packaging_members[] = {
    LEAF(1, "MarksNumbersID", "marks and numbers", "142", TEXT, 512, 1, IN_NONE, WCO,
         .note = "printed on the packages, over several lines: text, for all its name"),
    LEAF(2, "QuantityQuantity", "number of packages", "144", INTEGER, 8, 1, IN_NONE, WCO),
    CODED(3, "TypeCode", "package type", "141", PACKAGE, 2, 1, IN_NONE, WCO),
};
static CLASS(class_packaging, "Packaging", "93A", packaging_members);

static const struct element classification_members[] = {
    CODED(1, "ID", "code, with the edition of the Harmonized System", "145", HS, 18, 1, IN_ALL, WCO,
          .attribute = &attribute_edition),
    CODED(2, "IdentificationTypeCode", "classification scheme", "337", CLASSIFICATION, 3, 1,
          IN_NONE, WCO),
};
static CLASS(class_classification, "Classification", "21A", classification_members);

static const struct element goods_measure_members[] = {
    MEASURED(1, "GrossMassMeasure", "gross weight", "126", IN_NONE, WCO),
    MEASURED(2, "NetNetWeightMeasure", "net weight", "128", IN_NONE, WCO),
    MEASURED(3, "TariffQuantity", "quantity", "130", IN_NONE, WCO),
};
static CLASS(class_goods_measure, "GoodsMeasure", "65A", goods_measure_members);

static const struct element invoice_line_members[] = {
    VALUED(1, "ItemChargeAmount", "invoice amount of the item", "112", IN_ALL, WCO),
};
static CLASS(class_invoice_line, "InvoiceLine", NULL, invoice_line_members);

static const struct element commodity_members[] = {
    LEAF(1, "Description", "description of the goods", "137", TEXT, 2048, 1, IN_CO, WCO),
    GROUPED(2, "Classification", "classification", class_classification, 5, IN_CO, WCO),
    GROUPED(3, "GoodsMeasure", "measures", class_goods_measure, 1, IN_NONE, WCO),
    GROUPED(4, "InvoiceLine", "invoice line", class_invoice_line, 1, IN_NONE, WCO),
    GROUPED(5, "Producer", "producers", class_producer, 20, IN_NONE, WCO),
};
static CLASS(class_commodity, "Commodity", "23A", commodity_members);

static const struct element item_members[] = {
    LEAF(1, "SequenceNumeric", "item number, from 1 without gaps", "006", INTEGER, 5, 1, IN_ALL,
         WCO, .position = true),
    VALUED(2, "FreeOnBoardAmount", "FOB value", NULL, IN_NONE, PRACTICE),
    CODED(3, "TariffClauseCode", "RCEP tariff differential clause", NULL, TARIFF_CLAUSE, 1, 1,
          IN_NONE, PRACTICE),
    GROUPED(4, "Commodity", "goods", class_commodity, 1, IN_CO, WCO),
    GROUPED(5, "Packaging", "packages", class_packaging, 20, IN_NONE, WCO),
    GROUPED(6, "Origin", "origin", class_origin, 1, IN_CO, WCO),
    GROUPED(7, "Invoice", "invoices of the item", class_invoice, 20, IN_NONE, WCO),
    GROUPED(8, "AdditionalDocument", "advance ruling, or the item's original",
            class_additional_document, 20, IN_NONE, PRACTICE),
};
static CLASS(class_item, "GovernmentAgencyGoodsItem", "68A", item_members);

static const struct element goods_shipment_members[] = {
    GROUPED(1, "ExportCountry", "country of export", class_export_country, 1, IN_NONE, WCO),
    GROUPED(2, "Destination", "importing party", class_destination, 1, IN_ALL, WCO),
    VALUED(3, "InvoiceAmount", "total invoice amount", "109", IN_NONE, WCO),
    GROUPED(4, "TradeTerms", "terms of delivery", class_trade_terms, 1, IN_NONE, WCO),
    GROUPED(5, "Importer", "importer", class_importer, 1, IN_NONE, WCO),
    GROUPED(6, "Consignee", "consignee", class_consignee, 1, IN_NONE, WCO),
    GROUPED(7, "Consignor", "consignor", class_consignor, 1, IN_NONE, WCO),
    GROUPED(8, "Buyer", "buyer", class_buyer, 1, IN_NONE, WCO),
    GROUPED(9, "Seller", "seller, or who invoices in a third country", class_seller, 1, IN_NONE,
            WCO),
    GROUPED(10, "Invoice", "invoices", class_invoice, 99, IN_NONE, WCO),
    GROUPED(11, "Consignment", "consignment", class_consignment, 1, IN_NONE, WCO),
    GROUPED(12, "AdditionalDocument", "goods declaration", class_additional_document, 20, IN_NONE,
            PRACTICE),
    GROUPED(13, "GovernmentAgencyGoodsItem", "goods items", class_item, 9999, IN_CO, WCO),
};
CLASS(class_goods_shipment, "GoodsShipment", "67A", goods_shipment_members);
