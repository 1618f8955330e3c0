/* The parts of every schema, found by walking the dataset: the classes and the types of values,
 * each with a name that is its own in all schemas, and the operations that it stands in. For
 * schema*.c alone. */
#ifndef COMESH_PROTO_SCHEMA_PARTS_H
#define COMESH_PROTO_SCHEMA_PARTS_H

#include "proto/dataset.h"

#define SCHEMA_PARTS_MAX  128
#define SCHEMA_NAME_BYTES 120
#define SCHEMA_LABELS_MAX 40 /* a longer list is described by its name alone */

struct schema_class {
    const struct element_class *class;
    const struct element *root; /* of the documents that it stands in first */
    unsigned operations;        /* OPERATION_BITs */
    char name[SCHEMA_NAME_BYTES];
};

/* What a value may be: "text-500", "un-locode", "decimal-16-6", or "decimal-16-6-unitCode" with its
 * attribute. */
struct schema_type {
    enum element_type type; /* never a group; a measure or an amount is a decimal here */
    enum code_list_id codes;
    uint32_t length;
    uint8_t fraction_digits;
    bool uuid;
    const struct attribute *attribute; /* or NULL */
    unsigned operations;
    char name[SCHEMA_NAME_BYTES];
};

struct schema_parts {
    struct schema_class classes[SCHEMA_PARTS_MAX];
    size_t class_count;
    struct schema_type types[SCHEMA_PARTS_MAX]; /* a type with an attribute behind its plain one */
    size_t type_count;
};

/* What all texts, and all identifiers but UUIDs, have in common: "text" and "identifier". */
#define SCHEMA_BASE_COUNT 2
extern const struct schema_type schema_bases[SCHEMA_BASE_COUNT];

/* The one of them that a type only adds its length to; NULL when there is none. */
const struct schema_type *schema_base_of(const struct schema_type *type);

/* Never fails: a test holds that the dataset fits. */
void schema_parts_find(struct schema_parts *parts);

const struct schema_class *schema_class_of(const struct schema_parts *parts,
                                           const struct element_class *class);

/* The names of the type of an element's value: plain, or with its attribute. A date has one name.
 * Returns `out`. */
const char *schema_type_name(const struct element *element, bool with_attribute,
                             char out[SCHEMA_NAME_BYTES]);

/* The name of the type of an attribute's value. Returns `out`. */
const char *schema_attribute_type(const struct attribute *attribute, char out[SCHEMA_NAME_BYTES]);

/* "unitCode" of UnitCode. Returns `out`. */
const char *schema_attribute_name(const struct attribute *attribute, char out[ELEMENT_NAME_BYTES]);

/* Appends the regular expression that the values of a type match, without anchors, in what the
 * languages of ECMA-262 (with flag u) and of XML Schema have in common. Characters that XML cannot
 * have are left out for `xml`. Nothing for an indicator or a list of codes. */
void schema_pattern(const struct schema_type *type, bool xml, struct buffer *out);

/* Both formats of a date, or one: 102 or 304 of UN/EDIFACT 2379. */
void schema_date_pattern(bool day, bool time, struct buffer *out);

#endif
