/* Fuzzes what the HTTP bridge reads of a request before anybody is asked: the target, the headers
 * that choose a media type, the lines of a stream, a cursor. What was read keeps its promises. */
#include "node/bridge/lines.h"
#include "node/bridge/read.h"
#include "proto/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

/* A path that is read has one spelling: no empty or dotted segment is left in it. */
static void try_target(struct text text, struct arena *arena)
{
    struct target target;
    struct route_match match;
    struct error error;
    if (target_read(text, arena, &target, &error) != RESULT_OK) {
        return;
    }
    for (size_t i = 0; i < target.segment_count; i++) {
        struct text segment = target.segments[i];
        check(segment.size > 0 && utf8_valid(segment) && !text_equal(segment, TEXT("..")) &&
              !text_equal(segment, TEXT(".")) && memchr(segment.data, '\0', segment.size) == NULL);
    }
    route_find(&private_routes, TEXT("POST"), &target, &match);
    if (match.route != NULL && match.route->path[1] == 's') {
        check(text_equal(target.path, text_of(match.route->path)));
    }
}

static void try_media(struct text text)
{
    enum media media = MEDIA_NONE;
    struct error error;
    (void)!media_read(text, &media, &error);
    unsigned offered = MEDIA_BIT(MEDIA_JSON) | MEDIA_BIT(MEDIA_XML) | MEDIA_BIT(MEDIA_HTML);
    media = media_accepted(text, offered);
    check(media == MEDIA_NONE || (offered & MEDIA_BIT(media)) != 0);
}

/* Cut in pieces of any size the stream has the same lines. */
static uint64_t count_lines(struct bytes stream, size_t piece_size)
{
    struct lines lines = {0};
    struct line line;
    uint64_t sum = 0;
    for (size_t at = 0; at < stream.size; at += piece_size) {
        size_t left = stream.size - at;
        struct bytes piece = {stream.data + at, left < piece_size ? left : piece_size};
        while (lines_next(&lines, &piece, &line)) {
            check(line.bytes.size <= LINE_MAX_BYTES);
            sum = sum * 31 + line.bytes.size + lines.number;
        }
    }
    if (lines_last(&lines, &line)) {
        sum = sum * 31 + line.bytes.size + lines.number;
    }
    lines_free(&lines);
    return sum;
}

static void try_cursor(struct text text)
{
    static struct cursor cursor;
    struct buffer written = {0};
    if (cursor_parse(text, &cursor)) {
        cursor_write(&cursor, &written);
        check(text_equal(buffer_view(&written), text));
    }
    buffer_free(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    if (size < 2) {
        return 0;
    }
    struct text text = {(const char *)data + 1, size - 1};
    struct bytes stream = {data + 1, size - 1};
    arena_reset(&arena);
    try_target(text, &arena);
    try_media(text);
    try_cursor(text);
    check(count_lines(stream, 1 + data[0]) == count_lines(stream, size));
    return 0;
}
