/* A process that holds secrets. See process.h. */
#include "keys/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* core(5): bit by bit which kinds of memory a core holds. None. */
static void filter_memory(void)
{
    int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!write(fd, "0", 1);
        (void)close(fd);
    }
}

void process_hide(void)
{
    const struct rlimit no_core = {0, 0};
    filter_memory(); /* first: the file is root's once the process cannot be dumped */
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)prctl(PR_SET_DUMPABLE, 0);
}
