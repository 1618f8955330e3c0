/* What a name looks like. See skeleton.h. */
#include "keys/skeleton.h"

#include "proto/utf8.h"

#define LATIN_FIRST 0x00c0
/* U+00C0 to U+017F without their accents */
static const char latin[] = "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo/ouuuuypy"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkk"
                            "llllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzz"
                            "s";

/* Greek and Cyrillic letters that look like a Latin one. */
static const struct {
    uint16_t character;
    char letter;
} alike[] = {
    {0x0391, 'a'}, {0x0392, 'b'}, {0x0395, 'e'}, {0x0396, 'z'}, {0x0397, 'h'}, {0x0399, 'i'},
    {0x039a, 'k'}, {0x039c, 'm'}, {0x039d, 'n'}, {0x039f, 'o'}, {0x03a1, 'p'}, {0x03a4, 't'},
    {0x03a5, 'y'}, {0x03a7, 'x'}, {0x03b1, 'a'}, {0x03b9, 'i'}, {0x03ba, 'k'}, {0x03bd, 'v'},
    {0x03bf, 'o'}, {0x03c1, 'p'}, {0x03c5, 'u'}, {0x03c7, 'x'}, {0x03f2, 'c'}, {0x0405, 's'},
    {0x0406, 'i'}, {0x0408, 'j'}, {0x0410, 'a'}, {0x0412, 'b'}, {0x0415, 'e'}, {0x0417, '3'},
    {0x041a, 'k'}, {0x041c, 'm'}, {0x041d, 'h'}, {0x041e, 'o'}, {0x0420, 'p'}, {0x0421, 'c'},
    {0x0422, 't'}, {0x0423, 'y'}, {0x0425, 'x'}, {0x0430, 'a'}, {0x0432, 'b'}, {0x0435, 'e'},
    {0x0437, '3'}, {0x043a, 'k'}, {0x043c, 'm'}, {0x043d, 'h'}, {0x043e, 'o'}, {0x0440, 'p'},
    {0x0441, 'c'}, {0x0442, 't'}, {0x0443, 'y'}, {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'},
    {0x0458, 'j'}, {0x04ae, 'y'}, {0x04af, 'y'}, {0x04ba, 'h'}, {0x04bb, 'h'}, {0x04c0, 'i'},
    {0x04cf, 'i'}, {0x0501, 'd'}, {0x051a, 'q'}, {0x051b, 'q'}, {0x051c, 'w'}, {0x051d, 'w'},
};

/* Blanks, hyphens, dots, and accents that stand behind their letter. */
static bool is_passed_over(uint32_t character)
{
    return (character >= 0x0300 && character <= 0x036f) ||
           (character >= 0x2010 && character <= 0x2019) ||
           (character < 0x80 && strchr(" -_.,'`", (int)character) != NULL) || character == 0xb7 ||
           character == 0x3000;
}

static uint32_t without_script(uint32_t character)
{
    if (character >= 0xff01 && character <= 0xff5e) { /* full-width */
        return character - 0xfee0;
    }
    if (character >= LATIN_FIRST && character < LATIN_FIRST + sizeof latin - 1) {
        return (uint32_t)latin[character - LATIN_FIRST];
    }
    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++) {
        if (alike[i].character == character) {
            return (uint32_t)alike[i].letter;
        }
    }
    return character;
}

/* Capitals become small; I, l, 1 and | are one, and so are O and 0. */
static uint32_t folded(uint32_t character)
{
    uint32_t small = character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : character;
    if (small == 'i' || small == '1' || small == '|') {
        return 'l';
    }
    return small == '0' ? 'o' : small;
}

void skeleton_append(struct text name, struct buffer *out)
{
    while (name.size > 0) {
        uint32_t character = folded(without_script(utf8_next(&name)));
        if (is_passed_over(character)) {
            continue;
        }
        if (character < 0x80) {
            uint8_t byte = (uint8_t)character;
            buffer_append(out, &byte, 1);
        } else {
            buffer_printf(out, "\\%x;", (unsigned)character);
        }
    }
}

bool skeleton_is_same(struct text a, struct text b)
{
    struct buffer first = {0};
    struct buffer second = {0};
    skeleton_append(a, &first);
    skeleton_append(b, &second);
    bool same = text_equal(buffer_view(&first), buffer_view(&second));
    buffer_free(&first);
    buffer_free(&second);
    return same;
}
