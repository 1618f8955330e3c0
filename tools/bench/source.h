/* Certificates in bulk without the time of making them: a pool of documents is made beforehand, and
 * each use stamps another number and message id into one. One thread. */
#ifndef COMESH_TOOLS_BENCH_SOURCE_H
#define COMESH_TOOLS_BENCH_SOURCE_H

#include "proto/bytes.h"

#define SOURCE_DOCUMENTS  1024
#define SOURCE_ITEMS      5
#define SOURCE_SERIAL_MAX 99999999 /* eight digits */
#define SOURCE_NUMBER_MAX 32

struct source {
    struct buffer documents[SOURCE_DOCUMENTS];
    size_t id_at;     /* of the twelve last digits of the message id; the same in all */
    size_t number_at; /* of the eight last digits of the certificate's number */
    char exporter[4];
};

/* RESULT_NO_MEMORY, or RESULT_INTERNAL when the samples have another form than is stamped. */
enum result source_init(struct source *source, const char *exporter, const char *importer,
                        struct error *error) RESULT_CHECKED;
void source_free(struct source *source);

/* The JSON of certificate `serial`; borrowed, until a later call. */
struct bytes source_document(struct source *source, uint64_t serial);

/* The number of certificate `serial`. Returns `out`. */
const char *source_number(const struct source *source, uint64_t serial,
                          char out[SOURCE_NUMBER_MAX]);

#endif
