/* What cancelation status and feedback have in common. */
#ifndef COMESH_TOOLS_COMESH_RESPONSE_H
#define COMESH_TOOLS_COMESH_RESPONSE_H

#include "tools/comesh/compose.h"

/* Fills in what every response has: that it is one, when, to what, by whom, and the status of the
 * certificate. */
void response_fill(json_t *content, const struct subject *subject, const char *status);

#endif
