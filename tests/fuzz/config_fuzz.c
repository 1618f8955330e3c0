/* Hostile configuration files: zconfig never sees a line that it would not take. */
#include "node/core/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config config;
    char path[64];
    struct buffer report = {0};
    struct error error;
    int fd = memfd_create("config", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) {
        abort();
    }
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    enum result result = config_load(path, &config, &report, &error);
    if (result == RESULT_INTERNAL || (result == RESULT_INVALID) != (report.size > 0)) {
        abort();
    }
    buffer_free(&report);
    (void)close(fd);
    return 0;
}
