/* Code lists: which values a coded element may have. A list is either a small table of codes or a
 * shape that every code has (countries, units, places: lists that others keep). An element names
 * its list by number, so that a list can be replaced without touching the dataset.
 * Any thread. Sources: UN/EDIFACT, UN/ECE recommendations, ISO; "ours" where nothing is public. */
#ifndef COMESH_PROTO_CODES_H
#define COMESH_PROTO_CODES_H

#include "proto/bytes.h"

/* symbol, name, what it lists */
#define CODE_LIST_MAP(X)                                                                           \
    X(NONE, "none", "no list")                                                                     \
    X(DOCUMENT, "un-edifact-1001", "document name")                                                \
    X(FUNCTION, "un-edifact-1225", "message function")                                             \
    X(STATUS, "un-edifact-1373", "document status")                                                \
    X(DATE_FORMAT, "un-edifact-2379", "date format")                                               \
    X(COMMUNICATION, "un-edifact-3155", "means of communication")                                  \
    X(STATEMENT_TYPE, "un-edifact-4451", "subject of a text")                                      \
    X(CLASSIFICATION, "un-edifact-7143", "classification scheme")                                  \
    X(TRANSPORT_MODE, "un-ece-19", "mode of transport")                                            \
    X(TRANSPORT_MEANS, "un-ece-28", "type of means of transport")                                  \
    X(UNIT, "un-ece-20", "unit of measure")                                                        \
    X(PACKAGE, "un-ece-21", "package type")                                                        \
    X(PLACE, "un-locode", "place")                                                                 \
    X(COUNTRY, "iso-3166-1", "country or customs territory")                                       \
    X(SUBDIVISION, "iso-3166-2", "country subdivision")                                            \
    X(CURRENCY, "iso-4217", "currency")                                                            \
    X(INCOTERM, "incoterms", "terms of delivery")                                                  \
    X(HS, "hs", "Harmonized System, 6 digits and more")                                            \
    X(HS_EDITION, "hs-edition", "edition of the Harmonized System")                                \
    X(AGREEMENT, "agreement", "trade agreement")                                                   \
    X(CRITERION, "origin-criterion", "origin criterion")                                           \
    X(QUALIFIER, "origin-qualifier", "qualifier of an origin criterion")                           \
    X(ORIGIN_TYPE, "origin-type", "kind of origin")                                                \
    X(TARIFF_CLAUSE, "tariff-clause", "RCEP tariff differential clause")                           \
    X(ISSUE_STATUS, "issue-status", "how a certificate came to be issued")                         \
    X(SIGNER, "signer", "who authenticates")                                                       \
    X(STATEMENT, "statement", "flag of a certificate")                                             \
    X(PRODUCER_RELATION, "producer-relation", "producer and exporter")                             \
    X(AMENDMENT_REASON, "amendment-reason", "reason of an amendment")                              \
    X(TREATMENT, "treatment", "treatment of an item")                                              \
    X(DENIAL, "denial", "reason for a denial")                                                     \
    X(ERROR, "error", "error in a document")                                                       \
    X(SECTION, "wco-class", "WCO class id")                                                        \
    X(TAG, "wco-element", "WCO element id")

enum code_list_id {
#define CODE_LIST_ENUM(symbol, name, title) CODES_##symbol,
    CODE_LIST_MAP(CODE_LIST_ENUM)
#undef CODE_LIST_ENUM
        CODE_LIST_COUNT
};

struct code {
    const char *code;
    const char *label;
};

struct code_list {
    const char *name;
    const char *title;
    const char *source;
    const char *shape; /* NULL, or: A capital, 9 digit, X either, . any of the three or - . / % +,
                          other characters stand for themselves; a [ opens the optional end */
    const char *shape_hint;   /* the shape in words */
    const struct code *codes; /* NULL when there is a shape */
    size_t count;
};

/* The list of that number. Never NULL; CODES_NONE is an empty list. */
const struct code_list *code_list(enum code_list_id id);

/* True when `value` is in the list, or has its shape. */
bool code_known(enum code_list_id id, struct text value);

/* The label of a listed code, or NULL. */
const char *code_label(enum code_list_id id, struct text value);

/* The listed code nearest to `value`, or NULL when none is near. */
const char *code_nearest(enum code_list_id id, struct text value);

#endif
