/* The life of a certificate, printed for `comesh status NUMBER`. */
#ifndef COMESH_TOOLS_COMESH_LIFE_H
#define COMESH_TOOLS_COMESH_LIFE_H

#include "tools/comesh/client.h"

/* Asks for the certificate that the call's operand names, and prints it as a text or as JSON: an
 * array, an object for each exporting party that has the number. */
enum result life_print(struct call *call, struct client *client,
                       struct error *error) RESULT_CHECKED;

#endif
