/* The life of a certificate as a row of the control protocol. */
#ifndef COMESH_NODE_CONTROL_CERTIFICATE_H
#define COMESH_NODE_CONTROL_CERTIFICATE_H

#include "node/control/verbs.h"

/* Folds those of the messages, in order of arrival, that are of `exporter`'s certificate, and puts
 * its row. The certificate itself is among them, refused or not. */
enum result certificate_row(struct verb_context *context, const struct store_message *messages,
                            size_t count, struct text exporter, struct error *error) RESULT_CHECKED;

#endif
