/* The dataset: every element of the four operations, one row each. Every encoding, check, schema
 * and form comes from this table; adding an element is adding a row (dataset_*.c).
 * It knows names, ids and limits; it must not know any encoding.
 * Any thread. Sources: the WCO presentation (OIF ids), WCO Data Model names and ids, practice. */
#ifndef COMESH_PROTO_DATASET_H
#define COMESH_PROTO_DATASET_H

#include "proto/codes.h"
#include "proto/operation.h"

#define ELEMENT_TAG_MAX     63
#define ELEMENT_DEPTH_MAX   8
#define ELEMENT_NAME_BYTES  40 /* a name with its NUL at most */
#define ELEMENT_LABEL_BYTES 96 /* name and ids with the NUL at most */

enum element_type {
    ELEMENT_GROUP,
    ELEMENT_TEXT,       /* for people; line feeds, but no other control characters */
    ELEMENT_IDENTIFIER, /* for look-up: nothing invisible, no look-alikes of ASCII */
    ELEMENT_CODE,       /* of a list */
    ELEMENT_INTEGER,
    ELEMENT_DECIMAL, /* an exact decimal string, never a binary float */
    ELEMENT_INDICATOR,
    ELEMENT_DATE_TIME, /* CCYYMMDD, or CCYYMMDDHHMMSS with Z, +HH, -HH, +HHMM or -HHMM */
    ELEMENT_MEASURE,   /* a decimal with its unit */
    ELEMENT_AMOUNT,    /* a decimal with its currency */
};

enum evidence {
    EVIDENCE_FRAMEWORK, /* printed in the framework's presentation */
    EVIDENCE_WCO,       /* an element of the WCO Data Model; its place here is inferred */
    EVIDENCE_PRACTICE,  /* proven in live exchanges; name and place are ours */
    EVIDENCE_OURS,      /* needed by the mesh, or by a rule of PRACTICE */
};

/* What qualifies a value: its unit, currency, format, scheme or edition. */
struct attribute {
    const char *name;
    uint32_t max_length; /* characters */
    enum code_list_id codes;
    bool required;
};

struct element_class;

struct element {
    const char *name; /* in JSON and XML, UpperCamel */
    uint8_t name_size;
    uint8_t tag;  /* in msgpack, 1 to ELEMENT_TAG_MAX, stable for ever within its class */
    uint8_t type; /* enum element_type */
    uint8_t evidence;
    uint8_t allowed_in;      /* OPERATION_BITs; 0: wherever its group is */
    uint8_t required_in;     /* OPERATION_BITs */
    uint8_t fraction_digits; /* of a decimal, at most */
    bool position;           /* an integer that must be the position of its group, from 1 */
    bool uuid;               /* an identifier that is a UUID; message.h reads it */
    uint16_t max_occurs;     /* above 1: an array in JSON and msgpack, even of one */
    uint16_t codes;          /* enum code_list_id */
    uint32_t max_length;     /* characters, by practice; of a number: digits in all */
    const struct attribute *attribute; /* or NULL */
    const struct element_class *class; /* of a group, or NULL */
    const char *label;                 /* English */
    const char *wco_id;                /* or NULL */
    const char *oif_id;                /* OIF.001 to OIF.004.b, or NULL */
    const char *note;                  /* or NULL */
};

struct element_class {
    const char *name;
    const char *wco_id; /* or NULL */
    const struct element *members;
    size_t count;
};

/* The root element of an operation's document: "LPCO" or "Response"; NULL when it has none. */
const struct element *dataset_root(enum operation operation);

/* True when the element may stand in a document of the operation. */
static inline bool element_allowed(const struct element *element, enum operation operation)
{
    return element->allowed_in == 0 || (element->allowed_in & OPERATION_BIT(operation)) != 0;
}

static inline bool element_required(const struct element *element, enum operation operation)
{
    return (element->required_in & OPERATION_BIT(operation)) != 0;
}

/* The member with that name, or NULL. Looks at `guess` first, then at those behind it: members in
 * table order are found at once. */
const struct element *class_member(const struct element_class *class, struct text name,
                                   size_t guess);

/* The member with that tag, or NULL. `guess` as above. */
const struct element *class_tagged(const struct element_class *class, uint64_t tag, size_t guess);

/* The member whose name is nearest to `name`, or NULL. */
const char *class_nearest(const struct element_class *class, struct text name);

/* The element at a path of names below the root, "GoodsShipment/Destination/CountryCode"; NULL when
 * there is none. */
const struct element *dataset_find(enum operation operation, const char *path);

/* "ID (WCO D014)", "IssueDateTime (WCO D011, OIF.001)", "AgreementID". Returns `out`. */
const char *element_label(const struct element *element, char out[ELEMENT_LABEL_BYTES]);

/* "text", "identifier", "measure", …; static. */
const char *element_type_text(enum element_type type);

/* "framework", "WCO", "practice", "ours"; static. */
const char *evidence_text(enum evidence evidence);

#endif
