/* The operations of the framework, those of the mesh, and the environments.
 * Source: the service operation table of the WCO presentation, and the endpoint pattern. */
#ifndef COMESH_PROTO_OPERATION_H
#define COMESH_PROTO_OPERATION_H

#include "proto/bytes.h"

/* symbol, number on the wire, spelling on the wire, short word for people, from the exporter */
#define OPERATION_MAP(X)                                                                           \
    X(CO, 1, "send-co", "certificate", true)                                                       \
    X(AMENDMENT, 2, "send-amendment-notification", "amendment", true)                              \
    X(CANCELATION_STATUS, 3, "send-cancelation-status", "cancelation-status", false)               \
    X(FEEDBACK, 4, "send-feedback", "feedback", false)                                             \
    X(VERDICT, 5, "verdict", "verdict", false)                                                     \
    X(CARD, 6, "card", "card", false)

enum operation {
    OPERATION_NONE = 0,
#define OPERATION_ENUM(symbol, number, wire, word, outbound) OPERATION_##symbol = (number),
    OPERATION_MAP(OPERATION_ENUM)
#undef OPERATION_ENUM
};

#define OPERATION_MAX OPERATION_CARD

/* What nodes say among themselves, and what no endpoint takes: no document of a national system. */
static inline bool operation_is_of_mesh(enum operation operation)
{
    return operation == OPERATION_VERDICT || operation == OPERATION_CARD;
}

/* A bit per operation, for tables: OPERATION_BIT (OPERATION_CO). */
#define OPERATION_BIT(operation) (1u << (operation))

/* "send-co"; "none" for what is no operation. Static. */
const char *operation_name(enum operation operation);

/* "certificate". Static. */
const char *operation_word(enum operation operation);

/* The operation with that wire spelling, or OPERATION_NONE. */
enum operation operation_from_name(struct text name);

/* True when the exporting party is the client of the operation (its outbound gateway). */
bool operation_is_outbound(enum operation operation);

/* dev, test or prod: the first label of an endpoint name. */
bool environment_valid(struct text environment);

#endif
