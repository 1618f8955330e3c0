/* Message ids. See message_id.h. */
#include "proto/message_id.h"

/* The bytes of a UUID's five groups (RFC 9562, section 4). */
static const uint8_t groups[] = {4, 2, 2, 2, 6};
#define GROUPS (sizeof groups / sizeof groups[0])

void message_id_format(const struct message_id *id, char out[UUID_TEXT_BYTES])
{
    const uint8_t *from = id->bytes;
    for (size_t i = 0; i < GROUPS; i++) {
        if (i > 0) {
            *out++ = '-';
        }
        hex_encode((struct bytes){from, groups[i]}, out);
        from += groups[i];
        out += (size_t)2 * groups[i];
    }
}

bool message_id_parse(struct text text, struct message_id *id)
{
    if (text.size != UUID_TEXT_BYTES - 1) {
        return false;
    }
    struct message_id read;
    uint8_t *to = read.bytes;
    const char *from = text.data;
    for (size_t i = 0; i < GROUPS; i++) {
        if (i > 0 && *from++ != '-') {
            return false;
        }
        if (!hex_decode((struct text){from, (size_t)2 * groups[i]}, to, groups[i])) {
            return false;
        }
        from += (size_t)2 * groups[i];
        to += groups[i];
    }
    *id = read;
    return true;
}
