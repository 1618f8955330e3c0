/* Code lists: which values a coded element may have. A list is either a small table of codes or a
 * shape that every code has (countries, units, places: lists that others keep). An element names
 * its list by number, so that a list can be replaced without touching the dataset.
 * Any thread. Sources: UN/EDIFACT, UN/ECE recommendations, ISO; "ours" where nothing is public. */
#ifndef COMESH_PROTO_CODES_H
#define COMESH_PROTO_CODES_H

#include "proto/bytes.h"

enum code_list_id {
    CODES_NONE,
    CODES_DOCUMENT,
    CODES_FUNCTION,
    CODES_STATUS,
    CODES_DATE_FORMAT,
    CODES_COMMUNICATION,
    CODES_STATEMENT_TYPE,
    CODES_CLASSIFICATION,
    CODES_TRANSPORT_MODE,
    CODES_TRANSPORT_MEANS,
    CODES_UNIT,
    CODES_PACKAGE,
    CODES_PLACE,
    CODES_COUNTRY,
    CODES_SUBDIVISION,
    CODES_CURRENCY,
    CODES_INCOTERM,
    CODES_HS,
    CODES_HS_EDITION,
    CODES_AGREEMENT,
    CODES_CRITERION,
    CODES_QUALIFIER,
    CODES_ORIGIN_TYPE,
    CODES_TARIFF_CLAUSE,
    CODES_ISSUE_STATUS,
    CODES_SIGNER,
    CODES_STATEMENT,
    CODES_PRODUCER_RELATION,
    CODES_AMENDMENT_REASON,
    CODES_TREATMENT,
    CODES_DENIAL,
    CODES_ERROR,
    CODES_SECTION,
    CODES_TAG,
    CODE_LIST_COUNT
};

struct code {
    const char *code;
    const char *label;
};

struct code_list {
    const char *name;  /* un-edifact-1001 */
    const char *title; /* document name */
    const char *source;
    const char *shape;        /* NULL, or: A is a capital, 9 a digit, X either, L either or one of
                                 - . / % +, a [ opens the optional end, others are themselves */
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
