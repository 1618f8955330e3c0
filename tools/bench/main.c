/* comesh-bench: sample certificates as JSON lines, for measurements and for tests in bulk. */
#include "tools/bench/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

static int usage(void)
{
    (void)fputs("usage: comesh-bench sample FROM TO COUNT [ITEMS [FIRST]]\n"
                "  writes COUNT certificates of party FROM for party TO, a line each, of ITEMS\n"
                "  goods items (5), with serials from FIRST (1)\n",
                stderr);
    return EX_USAGE;
}

/* A decimal argument; false when it is anything else. */
static bool number_of(const char *text, unsigned long long *number)
{
    char *end;
    *number = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

static int samples(const char *from, const char *to, unsigned long long count, unsigned items,
                   unsigned long long first)
{
    struct buffer line = {0};
    int status = EX_OK;
    for (unsigned long long i = 0; i < count && status == EX_OK; i++) {
        buffer_clear(&line);
        sample_co(&line, from, to, first + i, items);
        buffer_text(&line, "\n");
        if (line.failed || fwrite(line.data, 1, line.size, stdout) != line.size) {
            status = EX_IOERR;
        }
    }
    buffer_free(&line);
    return fflush(stdout) == 0 ? status : EX_IOERR;
}

int main(int count, char **arguments)
{
    unsigned long long numbers[3] = {0, 5, 1};
    if (count < 5 || count > 7 || strcmp(arguments[1], "sample") != 0) {
        return usage();
    }
    for (int i = 4; i < count; i++) {
        if (!number_of(arguments[i], &numbers[i - 4])) {
            return usage();
        }
    }
    if (numbers[1] < 1 || numbers[1] > SAMPLE_ITEMS_MAX) {
        return usage();
    }
    return samples(arguments[2], arguments[3], numbers[0], (unsigned)numbers[1], numbers[2]);
}
