/* Places to die in, for tests. See failpoint.h. */
#include "proto/failpoint.h"

#ifdef COMESH_FAILPOINTS

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void failpoint(const char *name)
{
    static atomic_ulong passes;
    const char *wanted = getenv("COMESH_FAILPOINT");
    size_t length = strlen(name);
    if (wanted == NULL || strncmp(wanted, name, length) != 0 ||
        (wanted[length] != '\0' && wanted[length] != ':')) {
        return;
    }
    unsigned long fatal = wanted[length] == ':' ? strtoul(wanted + length + 1, NULL, 10) : 1;
    if (atomic_fetch_add(&passes, 1) + 1 == fatal) {
        (void)kill(getpid(), SIGKILL);
    }
}

#endif
