/* Certificates for tests and measurements: realistic, of any size, each with a number and a message
 * id of its own that follow from its serial. Any thread. */
#ifndef COMESH_TOOLS_BENCH_SAMPLE_H
#define COMESH_TOOLS_BENCH_SAMPLE_H

#include "proto/bytes.h"

#define SAMPLE_ITEMS_MAX 999

/* Appends one certificate of `items` goods items as compact JSON, about 4 KB for 5. Parties are
 * ISO 3166-1 codes. Failure is sticky in the buffer. */
void sample_co(struct buffer *json, const char *exporter, const char *importer, uint64_t serial,
               unsigned items);

#endif
