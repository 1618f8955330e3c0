/* Exact decimals. See decimal.h. */
#include "proto/decimal.h"

#define ONE 1000000U /* in millionths */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool decimal_read(struct text text, struct decimal *decimal)
{
    uint64_t whole = 0;
    uint32_t millionths = 0;
    size_t at = 0;
    for (; at < text.size && is_digit(text.data[at]); at++) {
        uint64_t digit = (uint64_t)(text.data[at] - '0');
        if (whole > (UINT64_MAX - digit) / 10) {
            return false;
        }
        whole = 10 * whole + digit;
    }
    bool good = at > 0;
    if (good && at < text.size) {
        size_t point = at++;
        uint32_t worth = ONE / 10;
        for (; at < text.size && is_digit(text.data[at]) && worth > 0; at++, worth /= 10) {
            millionths += worth * (uint32_t)(text.data[at] - '0');
        }
        good = text.data[point] == '.' && at == text.size && at > point + 1;
    }
    if (good) {
        *decimal = (struct decimal){whole, millionths};
    }
    return good;
}

const char *decimal_write(struct decimal decimal, char out[DECIMAL_BYTES])
{
    char digits[DECIMAL_DIGITS_MAX];
    struct text whole = decimal_digits(decimal.whole, digits);
    size_t size = whole.size;
    uint32_t millionths = decimal.millionths % ONE;
    memcpy(out, whole.data, whole.size);
    if (millionths > 0) {
        out[size++] = '.';
    }
    for (uint32_t worth = ONE / 10; millionths > 0; millionths %= worth, worth /= 10) {
        out[size++] = (char)('0' + millionths / worth);
    }
    out[size] = '\0';
    return out;
}

int decimal_compare(struct decimal left, struct decimal right)
{
    if (left.whole != right.whole) {
        return left.whole < right.whole ? -1 : 1;
    }
    return (left.millionths > right.millionths) - (left.millionths < right.millionths);
}

bool decimal_add(struct decimal *sum, struct decimal more)
{
    uint32_t millionths = sum->millionths + more.millionths;
    uint64_t carry = millionths / ONE;
    if (more.whole > UINT64_MAX - carry || sum->whole > UINT64_MAX - carry - more.whole) {
        return false;
    }
    *sum = (struct decimal){sum->whole + more.whole + carry, millionths % ONE};
    return true;
}

struct decimal decimal_left(struct decimal whole, struct decimal part)
{
    if (decimal_compare(whole, part) <= 0) {
        return (struct decimal){0, 0};
    }
    bool borrow = whole.millionths < part.millionths;
    return (struct decimal){whole.whole - part.whole - borrow,
                            whole.millionths + (borrow ? ONE : 0) - part.millionths};
}
