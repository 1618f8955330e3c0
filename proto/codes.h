/* Code lists: which values a coded element may have, each with its edition and each code with the
 * days on which it may stand. A list either names every code it has, or gives the shape of codes
 * that others keep. The lists that ship stand in proto/lists; a node may hold newer ones, which it
 * hands over as `struct code_lists`. This file knows no disk.
 * Any thread. Sources: UN/EDIFACT, UN/ECE recommendations, ISO, the agreements; "ours" where
 * nothing is public. */
#ifndef COMESH_PROTO_CODES_H
#define COMESH_PROTO_CODES_H

#include "proto/bytes.h"

/* name in the dataset, file in proto/lists with _ for - */
#define CODE_LIST_MAP(X)                                                                           \
    X(DOCUMENT, un_edifact_1001)                                                                   \
    X(FUNCTION, un_edifact_1225)                                                                   \
    X(STATUS, un_edifact_1373)                                                                     \
    X(DATE_FORMAT, un_edifact_2379)                                                                \
    X(COMMUNICATION, un_edifact_3155)                                                              \
    X(STATEMENT_TYPE, un_edifact_4451)                                                             \
    X(CLASSIFICATION, un_edifact_7143)                                                             \
    X(TRANSPORT_MODE, un_ece_19)                                                                   \
    X(TRANSPORT_MEANS, un_ece_28)                                                                  \
    X(UNIT, un_ece_20)                                                                             \
    X(PACKAGE, un_ece_21)                                                                          \
    X(PLACE, un_locode)                                                                            \
    X(COUNTRY, iso_3166_1)                                                                         \
    X(SUBDIVISION, iso_3166_2)                                                                     \
    X(CURRENCY, iso_4217)                                                                          \
    X(INCOTERM, incoterms)                                                                         \
    X(HS, hs)                                                                                      \
    X(HS_EDITION, hs_edition)                                                                      \
    X(AGREEMENT, agreement)                                                                        \
    X(CRITERION, origin_criterion)                                                                 \
    X(QUALIFIER, origin_qualifier)                                                                 \
    X(ORIGIN_TYPE, origin_type)                                                                    \
    X(TARIFF_CLAUSE, tariff_clause)                                                                \
    X(ISSUE_STATUS, issue_status)                                                                  \
    X(SIGNER, signer)                                                                              \
    X(STATEMENT, statement)                                                                        \
    X(PRODUCER_RELATION, producer_relation)                                                        \
    X(AMENDMENT_REASON, amendment_reason)                                                          \
    X(TREATMENT, treatment)                                                                        \
    X(DENIAL, denial)                                                                              \
    X(ERROR, error)                                                                                \
    X(SECTION, wco_class)                                                                          \
    X(TAG, wco_element)                                                                            \
    X(CRITERION_AANZFTA, origin_criterion_aanzfta)                                                 \
    X(CRITERION_ACFTA, origin_criterion_acfta)                                                     \
    X(CRITERION_AIFTA, origin_criterion_aifta)                                                     \
    X(CRITERION_AJCEP, origin_criterion_ajcep)                                                     \
    X(CRITERION_AKFTA, origin_criterion_akfta)                                                     \
    X(CRITERION_ATIGA, origin_criterion_atiga)                                                     \
    X(CRITERION_CKFTA, origin_criterion_ckfta)                                                     \
    X(CRITERION_GSP, origin_criterion_gsp)                                                         \
    X(CRITERION_RCEP, origin_criterion_rcep)

enum code_list_id {
    CODES_NONE,
#define CODE_LIST_ENUM(id, symbol) CODES_##id,
    CODE_LIST_MAP(CODE_LIST_ENUM)
#undef CODE_LIST_ENUM
        CODE_LIST_COUNT
};

struct code {
    uint64_t key; /* of `code`: code_key */
    const char *code;
    const char *label; /* "" where no name is held */
    uint32_t from;     /* first day, CCYYMMDD; 0: always */
    uint32_t until;    /* last day; 0: open */
};

struct code_list {
    const char *name;  /* un-edifact-1001 */
    const char *title; /* document name */
    const char *edition;
    const char *source;
    const char *licence;
    const char *shape;      /* NULL when `codes` are all there are; else: A is a capital, 9 a digit,
                               X either, L either or one of - . / % +, a [ opens the optional end,
                               others are themselves */
    const char *shape_hint; /* the shape in words */
    const struct code
        *codes; /* ascending by key, then by text; with a shape those that have a name */
    size_t count;
    bool percentage; /* a percentage may stand in a code: RVC45%+CTSH is RVC+CTSH here */
    bool country;    /* a code begins with a country */
};

/* The lists of a node: one for each id, or NULL for the one that ships. */
struct code_lists {
    const struct code_list *lists[CODE_LIST_COUNT];
};

/* The list that ships. Never NULL; CODES_NONE is an empty list. */
const struct code_list *code_list(enum code_list_id id);

/* The list of the node; `lists` may be NULL. */
const struct code_list *code_list_in(const struct code_lists *lists, enum code_list_id id);

/* The id of the list of that name, or CODES_NONE. */
enum code_list_id code_list_find(struct text name);

enum code_state {
    CODE_UNKNOWN,
    CODE_OUT_OF_DATE, /* listed, and not valid on that day */
    CODE_VALID,
};

/* What the list says of `value` on a day (CCYYMMDD; 0: on any). `*code` is its row, or NULL; `code`
 * may be NULL. */
enum code_state code_judge(const struct code_lists *lists, enum code_list_id id, struct text value,
                           uint32_t day, const struct code **code);

/* The code nearest to `value` that is valid on the day, or NULL when none is near. */
const char *code_nearest_on(const struct code_lists *lists, enum code_list_id id, struct text value,
                            uint32_t day);

/* The three of the lists that ship, on any day: */
bool code_known(enum code_list_id id, struct text value);
const char *code_label(enum code_list_id id, struct text value); /* NULL without a name */
const char *code_nearest(enum code_list_id id, struct text value);

/* The first 8 bytes as a number, big-endian, zeros behind a shorter one. */
uint64_t code_key(struct text value);

/* CCYYMMDD of a date or time in format 102 or 304; 0 when it does not begin with 8 digits. */
uint32_t code_day(struct text date);

/* "2026-01-05" of 20260105. Returns `out`. */
#define CODE_DAY_BYTES 16
const char *code_day_text(uint32_t day, char out[CODE_DAY_BYTES]);

#define CODE_LIST_EXTERN(id, symbol) extern const struct code_list code_list_##symbol;
CODE_LIST_MAP(CODE_LIST_EXTERN)
#undef CODE_LIST_EXTERN

#endif
