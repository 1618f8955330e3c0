/* comesh-bench: measures a mesh of real nodes on this machine, and makes sample certificates. */
#include "tools/bench/bench.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

int main(int count, char **arguments)
{
    if (count >= 2 && strcmp(arguments[1], "sample") == 0) {
        return command_sample(count - 1, arguments + 1);
    }
    (void)fputs("usage: comesh-bench sample --exporter KR --importer ID --count 1000\n", stderr);
    return EX_USAGE;
}
