/* A QR code (ISO/IEC 18004, level M) as SVG: one path, a run of dark modules a time. */
#include "proto/render_text.h"

#include <errno.h>
#include <qrencode.h>

#define QUIET_MODULES 4 /* the white border that the standard asks for */

static void put_row(struct buffer *out, const unsigned char *row, int width, int y)
{
    for (int x = 0; x < width; x++) {
        int start = x;
        while (x < width && (row[x] & 1) != 0) {
            x++;
        }
        if (x > start) {
            buffer_printf(out, "M%d %dh%dv1h-%dz", start + QUIET_MODULES, y + QUIET_MODULES,
                          x - start, x - start);
        }
    }
}

enum result render_qr(struct buffer *out, struct text number, struct error *error)
{
    QRcode *code =
        QRcode_encodeData((int)number.size, (const unsigned char *)number.data, 0, QR_ECLEVEL_M);
    if (code == NULL) {
        return errno == ENOMEM
                   ? error_set(error, RESULT_NO_MEMORY, "no memory for the QR code")
                   : error_set(error, RESULT_TOO_LARGE,
                               "the number of %zu bytes does not fit a QR code", number.size);
    }
    int width = code->width + 2 * QUIET_MODULES;
    buffer_printf(out, "<svg class=\"qr\" role=\"img\" viewBox=\"0 0 %d %d\"><title>QR code of ",
                  width, width);
    render_text(out, number);
    buffer_printf(out, "</title><path fill=\"#fff\" d=\"M0 0h%dv%dh-%dz\"/><path d=\"", width,
                  width, width);
    for (int y = 0; y < code->width; y++) {
        put_row(out, code->data + (ptrdiff_t)y * code->width, code->width, y);
    }
    buffer_text(out, "\"/></svg>\n");
    QRcode_free(code);
    return RESULT_OK;
}
