/* comesh-bench: measures a mesh of real nodes on this machine, and makes sample certificates. */
#include "tools/bench/bench.h"

#include <string.h>

static const struct {
    const char *name;
    int (*run)(int count, char **arguments);
} commands[] = {
    {"sample", command_sample},
    {"http-floor", command_http_floor},
    {"http-load", command_http_load},
};

int main(int count, char **arguments)
{
    for (size_t i = 0; count >= 2 && i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(arguments[1], commands[i].name) == 0) {
            return commands[i].run(count - 1, arguments + 1);
        }
    }
    return command_measure(count, arguments);
}
