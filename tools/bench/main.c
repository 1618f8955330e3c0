/* comesh-bench: measures a mesh of real nodes on this machine, and makes sample certificates. */
#include "tools/bench/bench.h"

#include <string.h>

int main(int count, char **arguments)
{
    if (count >= 2 && strcmp(arguments[1], "sample") == 0) {
        return command_sample(count - 1, arguments + 1);
    }
    return command_measure(count, arguments);
}
