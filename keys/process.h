/* A process that holds secrets. libsodium keeps ours in locked memory that no core holds; what
 * other libraries copy (libzmq the transport secret) lies in ordinary memory, so that such a
 * process writes no core at all. */
#ifndef COMESH_KEYS_PROCESS_H
#define COMESH_KEYS_PROCESS_H

/* To be called before the first secret comes in: no core is written, one that a debugger makes
 * leaves all private memory out, and no other process of the same user may look in. What the system
 * does not grant is left as it is. */
void process_hide(void);

#endif
