/* Operations as a person names them. See operations.h. */
#include "tools/comesh/operations.h"

#include "proto/nearest.h"

enum result call_operation(struct call *call, enum operation standard, enum operation *operation,
                           struct error *error)
{
    const char *given = call_value(call, "operation");
    *operation = standard;
    if (given == NULL) {
        return RESULT_OK;
    }
    struct nearest nearest = nearest_to(text_of(given));
    for (unsigned number = OPERATION_CO; number <= OPERATION_FEEDBACK; number++) {
        const char *word = operation_word((enum operation)number);
        nearest_offer(&nearest, word);
        if (strcmp(given, word) == 0 ||
            strcmp(given, operation_name((enum operation)number)) == 0) {
            *operation = (enum operation)number;
            return RESULT_OK;
        }
    }
    const char *found = nearest_found(&nearest);
    return call_usage(call, error,
                      "--operation '%s'; accepted: certificate, amendment, cancelation-status, "
                      "feedback%s%s%s",
                      given, found == NULL ? "" : "; did you mean '", found == NULL ? "" : found,
                      found == NULL ? "" : "'?");
}
