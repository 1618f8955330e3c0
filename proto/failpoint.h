/* Named places where a test makes the process die as by kill -9: COMESH_FAILPOINT=name[:n] in the
 * environment kills at the n-th pass (first by default). Compiled in only with
 * COMESH_FAILPOINTS; in a release it is nothing. */
#ifndef COMESH_PROTO_FAILPOINT_H
#define COMESH_PROTO_FAILPOINT_H

#ifdef COMESH_FAILPOINTS
void failpoint(const char *name);
#define FAILPOINT(name) failpoint(name)
#else
#define FAILPOINT(name) ((void)0)
#endif

#endif
