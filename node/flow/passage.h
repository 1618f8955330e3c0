/* How far a message has come, as commands, console and HTTP tell it in one word. Any thread. */
#ifndef COMESH_NODE_FLOW_PASSAGE_H
#define COMESH_NODE_FLOW_PASSAGE_H

#include "node/store/store.h"

/* "queued", "stored", "delivered", "answered"; "refused" or "held" beside them. Static. */
const char *passage_state(const struct store_message *message);

/* What the national system is to take: documents that our verdict did not refuse, each once. */
bool passage_is_for_inbox(const struct store_message *message);

#endif
