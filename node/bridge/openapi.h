/* What a developer reads first: the OpenAPI 3.1 document, made from the table of routes and the
 * dataset, and the schemas of the documents. Any thread. */
#ifndef COMESH_NODE_BRIDGE_OPENAPI_H
#define COMESH_NODE_BRIDGE_OPENAPI_H

#include "node/bridge/route.h"

/* Appends the document of a listener with these routes. `role_text` names one role bit. */
void openapi_write(const struct routes *routes, const char *(*role_text)(unsigned bit),
                   struct buffer *out);

/* ---- routes of the private listener ---- */

route_answer openapi_document;
route_answer openapi_schema;

#endif
