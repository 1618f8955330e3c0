/* Exact decimals: quantities as documents write them, n..16,6, added and compared without any
 * binary float. No sign: a quantity is not negative. Pure. Any thread. */
#ifndef COMESH_PROTO_DECIMAL_H
#define COMESH_PROTO_DECIMAL_H

#include "proto/bytes.h"

#define DECIMAL_FRACTION_DIGITS 6
#define DECIMAL_BYTES           28 /* as text with its NUL, at most */

struct decimal {
    uint64_t whole;
    uint32_t millionths; /* below 1,000,000 */
};

/* Reads digits, and a point with at most six digits behind it; trailing zeros do not matter. False
 * for anything else, and for what is too large. */
bool decimal_read(struct text text, struct decimal *decimal);

/* In its shortest form: "12.5", "0". Returns `out`. */
const char *decimal_write(struct decimal decimal, char out[DECIMAL_BYTES]);

/* Below 0, 0 or above 0, as memcmp. */
int decimal_compare(struct decimal left, struct decimal right);

/* False, and `sum` as before, when it would be too large. */
bool decimal_add(struct decimal *sum, struct decimal more);

/* What is left of `whole` without `part`; 0 when that is more. */
struct decimal decimal_left(struct decimal whole, struct decimal part);

#endif
