/* A QR code in the terminal. See terminal_qr.h. */
#include "tools/comesh/terminal_qr.h"

#include <errno.h>
#include <qrencode.h>

#define QUIET_MODULES 4                        /* the light border that the standard asks for */
#define DARK_ON_LIGHT "\x1b[38;5;16;48;5;231m" /* black on white, of 256 colours */
#define AS_BEFORE     "\x1b[0m"

/* Outside the code everything is light. */
static bool is_dark(const QRcode *code, int x, int y)
{
    return x >= 0 && y >= 0 && x < code->width && y < code->width &&
           (code->data[(ptrdiff_t)y * code->width + x] & 1) != 0;
}

static void put_line(struct buffer *out, const QRcode *code, int y)
{
    static const char *const halves[2][2] = {{" ", "\xe2\x96\x84"},             /* lower */
                                             {"\xe2\x96\x80", "\xe2\x96\x88"}}; /* upper, both */
    buffer_text(out, DARK_ON_LIGHT);
    for (int x = -QUIET_MODULES; x < code->width + QUIET_MODULES; x++) {
        buffer_text(out, halves[is_dark(code, x, y)][is_dark(code, x, y + 1)]);
    }
    buffer_text(out, AS_BEFORE "\n");
}

enum result terminal_qr(struct buffer *out, struct text text, struct error *error)
{
    QRcode *code =
        QRcode_encodeData((int)text.size, (const unsigned char *)text.data, 0, QR_ECLEVEL_M);
    if (code == NULL) {
        return error_set(error, errno == ENOMEM ? RESULT_NO_MEMORY : RESULT_TOO_LARGE,
                         "no QR code of %zu bytes can be made", text.size);
    }
    for (int y = -QUIET_MODULES; y < code->width + QUIET_MODULES; y += 2) {
        put_line(out, code, y);
    }
    QRcode_free(code);
    return buffer_check(out, error);
}
