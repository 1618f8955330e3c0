/* Fuzzes the strict msgpack reader against msgpack-c: what it takes, msgpack-c takes too and writes
 * as the same bytes. */
#include "proto/mp.h"

#include <msgpack.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void packed_again(const uint8_t *data, size_t size)
{
    msgpack_unpacked value;
    msgpack_sbuffer again;
    msgpack_packer packer;
    msgpack_unpacked_init(&value);
    msgpack_sbuffer_init(&again);
    msgpack_packer_init(&packer, &again, msgpack_sbuffer_write);
    if (msgpack_unpack_next(&value, (const char *)data, size, NULL) != MSGPACK_UNPACK_SUCCESS ||
        msgpack_pack_object(&packer, value.data) != 0 || again.size != size ||
        memcmp(again.data, data, size) != 0) {
        abort();
    }
    msgpack_sbuffer_destroy(&again);
    msgpack_unpacked_destroy(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mp_reader reader;
    struct error error;
    mp_reader_init(&reader, (struct bytes){data, size});
    mp_skip(&reader);
    if (mp_finish(&reader, "fuzz", &error) == RESULT_OK) {
        packed_again(data, size);
    }
    return 0;
}
