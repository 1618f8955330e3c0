/* Operations as a person names them. */
#ifndef COMESH_TOOLS_COMESH_OPERATIONS_H
#define COMESH_TOOLS_COMESH_OPERATIONS_H

#include "proto/operation.h"
#include "tools/comesh/command.h"

/* The option --operation, by its spelling on the wire or by its short word: an operation that has
 * documents. `standard` when it was not given. */
enum result call_operation(struct call *call, enum operation standard, enum operation *operation,
                           struct error *error) RESULT_CHECKED;

#endif
