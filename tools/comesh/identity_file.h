/* The public half of an identity key that was made on a machine without network, for the node:
 *     comesh identity v1 / party KR / environment test / identity BASE64 */
#ifndef COMESH_TOOLS_COMESH_IDENTITY_FILE_H
#define COMESH_TOOLS_COMESH_IDENTITY_FILE_H

#include "keys/keypair.h"

void identity_file_append(const char *party, const char *environment,
                          const uint8_t public_key[KEY_PUBLIC_BYTES], struct buffer *out);

/* RESULT_DENIED for the identity of another party or environment. */
enum result identity_file_read(const char *path, const char *party, const char *environment,
                               uint8_t public_key[KEY_PUBLIC_BYTES],
                               struct error *error) RESULT_CHECKED;

#endif
