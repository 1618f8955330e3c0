/* What a single value must look like, by its type. For the checks alone. Any thread. */
#ifndef COMESH_PROTO_CHECK_VALUE_H
#define COMESH_PROTO_CHECK_VALUE_H

#include "proto/bytes.h"

/* What is wrong with a value: a finding code and a clause, both static; code NULL when all is well.
 */
struct flaw {
    const char *code;
    const char *clause; /* "lacks …", or what the character is: "a soft hyphen; take it out" */
    bool of_character;
    uint32_t character;
};

/* A character by itself; see below. */
struct flaw character_flaw(uint32_t character, bool identifier);

/* The characters of a text: no control characters but line feeds, no U+FFFD, no noncharacters. Of
 * an identifier besides: nothing invisible, no look-alikes of ASCII, no blanks at the ends or in a
 * row. */
struct flaw characters_flaw(struct text value, bool identifier);

/* An unsigned decimal of at most `digits` digits, `fraction` of them behind the point. */
struct flaw decimal_flaw(struct text value, uint32_t digits, uint32_t fraction);

/* A whole number of at most `digits` digits. */
struct flaw integer_flaw(struct text value, uint32_t digits);

/* A date of the calendar in format 102 or 304 (UN/EDIFACT 2379). */
struct flaw date_flaw(struct text value, struct text format);

/* How many characters are in valid UTF-8. */
size_t character_count(struct text text);

#endif
