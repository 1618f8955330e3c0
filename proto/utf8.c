/* UTF-8. See utf8.h. */
#include "proto/utf8.h"

/* The bytes of the character at `at`, 0 when it is none (RFC 3629, section 4). */
static size_t utf8_step(const uint8_t *at, const uint8_t *end)
{
    uint8_t first = *at;
    if (first < 0x80) {
        return 1;
    }
    size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || (size_t)(end - at) < size) {
        return 0;
    }
    uint8_t second = at[1];
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
        return 0;
    }
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return size;
}

/* Where the first byte that is not valid UTF-8 stands. A run of ASCII goes eight bytes at a time.
 */
static const uint8_t *utf8_end(const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        uint64_t eight;
        if (end - at >= 8) {
            memcpy(&eight, at, sizeof eight);
            if ((eight & 0x8080808080808080ULL) == 0) {
                at += 8;
                continue;
            }
        }
        size_t step = *at < 0x80 ? 1 : utf8_step(at, end);
        if (step == 0) {
            break;
        }
        at += step;
    }
    return at;
}

bool utf8_valid(struct text text)
{
    const uint8_t *start = (const uint8_t *)text.data;
    return text.size == 0 || utf8_end(start, start + text.size) == start + text.size;
}

struct text utf8_cut(struct text text, size_t max_bytes)
{
    const uint8_t *start = (const uint8_t *)text.data;
    size_t most = text.size < max_bytes ? text.size : max_bytes;
    size_t size = most == 0 ? 0 : (size_t)(utf8_end(start, start + most) - start);
    return (struct text){text.data, size};
}

uint32_t utf8_next(struct text *rest)
{
    static const uint8_t first_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    const uint8_t *at = (const uint8_t *)rest->data;
    size_t size = utf8_step(at, at + rest->size);
    uint32_t character = at[0] & first_mask[size];
    for (size_t i = 1; i < size; i++) {
        character = character << 6 | (at[i] & 0x3f);
    }
    size_t used = size == 0 ? 1 : size;
    *rest = (struct text){rest->data + used, rest->size - used};
    return character;
}

bool utf8_deceives(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0xad ||
           character == 0x61c || character == 0x180e ||
           (character >= 0x200b && character <= 0x200f) ||
           (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2060 && character <= 0x206f) || character == 0xfeff ||
           (character >= 0xfff9 && character <= 0xfffb) ||
           (character >= 0xe0000 && character <= 0xe007f);
}
