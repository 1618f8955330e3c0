/* How a row of the dataset is written, and the classes that several files share. For dataset_*.c
 * alone. A row: tag, name, label, WCO id, type, length, how often, required in, evidence, and what
 * else there is by name. */
#ifndef COMESH_PROTO_DATASET_ROW_H
#define COMESH_PROTO_DATASET_ROW_H

#include "proto/dataset.h"

#define IN_NONE      0
#define IN_CO        OPERATION_BIT(OPERATION_CO)
#define IN_AMENDMENT OPERATION_BIT(OPERATION_AMENDMENT)
#define IN_STATUS    OPERATION_BIT(OPERATION_CANCELATION_STATUS)
#define IN_FEEDBACK  OPERATION_BIT(OPERATION_FEEDBACK)
#define IN_LPCO      (IN_CO | IN_AMENDMENT)
#define IN_RESPONSE  (IN_STATUS | IN_FEEDBACK)
#define IN_ALL       (IN_LPCO | IN_RESPONSE)

/* The last parameter takes further fields: .codes = …, .attribute = …, .oif_id = … */
#define LEAF(tag_, name_, label_, wco_, type_, length_, occurs_, required_, evidence_, ...)        \
    {                                                                                              \
        .tag = (tag_), .name = (name_), .name_size = sizeof(name_) - 1, .label = (label_),         \
        .wco_id = (wco_), .type = ELEMENT_##type_, .max_length = (length_),                        \
        .max_occurs = (occurs_), .required_in = (required_), .evidence = EVIDENCE_##evidence_,     \
        __VA_ARGS__                                                                                \
    }

#define CODED(tag, name, label, wco, list, length, occurs, required, evidence, ...)                \
    LEAF(tag, name, label, wco, CODE, length, occurs, required, evidence, .codes = CODES_##list,   \
         __VA_ARGS__)

#define DATED(tag, name, label, wco, required, evidence, ...)                                      \
    LEAF(tag, name, label, wco, DATE_TIME, 19, 1, required, evidence,                              \
         .attribute = &attribute_format, __VA_ARGS__)

#define MEASURED(tag, name, label, wco, required, evidence)                                        \
    LEAF(tag, name, label, wco, MEASURE, 16, 1, required, evidence, .fraction_digits = 6,          \
         .attribute = &attribute_unit)

#define VALUED(tag, name, label, wco, required, evidence)                                          \
    LEAF(tag, name, label, wco, AMOUNT, 16, 1, required, evidence, .fraction_digits = 3,           \
         .attribute = &attribute_currency)

#define GROUPED(tag, name, label, class_, occurs, required, evidence, ...)                         \
    LEAF(tag, name, label, NULL, GROUP, 0, occurs, required, evidence, .class = &(class_),         \
         __VA_ARGS__)

#define CLASS(symbol, name_, wco_, members_)                                                       \
    const struct element_class symbol = {.name = (name_),                                          \
                                         .wco_id = (wco_),                                         \
                                         .members = (members_),                                    \
                                         .count = sizeof(members_) / sizeof *(members_)}

/* A party: its identifier and name have ids of their own in the WCO Data Model. */
#define PARTY_ROWS(id_wco, name_wco, evidence)                                                     \
    LEAF(1, "Name", "name", name_wco, TEXT, 500, 1, IN_NONE, evidence),                            \
        LEAF(2, "ID", "identifier", id_wco, IDENTIFIER, 70, 1, IN_NONE, evidence,                  \
             .attribute = &attribute_scheme),                                                      \
        GROUPED(3, "Address", "address", class_address, 1, IN_NONE, WCO),                          \
        GROUPED(4, "Contact", "contact", class_contact, 5, IN_NONE, WCO),                          \
        GROUPED(5, "Communication", "means of communication", class_communication, 10, IN_NONE,    \
                WCO)

#define PARTY(symbol, name, wco, id_wco, name_wco, evidence)                                       \
    static const struct element symbol##_members[] = {PARTY_ROWS(id_wco, name_wco, evidence)};     \
    static CLASS(symbol, name, wco, symbol##_members)

extern const struct attribute attribute_format;
extern const struct attribute attribute_unit;
extern const struct attribute attribute_currency;
extern const struct attribute attribute_scheme;
extern const struct attribute attribute_edition;

extern const struct element_class class_address;
extern const struct element_class class_contact;
extern const struct element_class class_communication;
extern const struct element_class class_additional_document;
extern const struct element_class class_previous_document;
extern const struct element_class class_pointer;
extern const struct element_class class_authority;

extern const struct element_class class_goods_shipment;

extern const struct element dataset_lpco;
extern const struct element dataset_response;

#endif
