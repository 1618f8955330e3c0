/* Entity tags. See tag.h. */
#include "node/bridge/tag.h"

#include <xxhash.h>

_Static_assert(TAG_SECRET_BYTES >= XXH3_SECRET_SIZE_MIN, "XXH3 asks for a longer secret");

void tag_secret_make(const struct world *world, struct tag_secret *secret)
{
    world_random(world, secret->bytes, sizeof secret->bytes);
}

void tag_write(const struct tag_secret *secret, struct bytes content, char out[TAG_BYTES])
{
    XXH128_canonical_t hash;
    XXH128_canonicalFromHash(&hash, XXH3_128bits_withSecret(content.data, content.size,
                                                            secret->bytes, sizeof secret->bytes));
    out[0] = '"';
    hex_encode((struct bytes){hash.digest, sizeof hash.digest}, out + 1);
    out[TAG_BYTES - 2] = '"';
    out[TAG_BYTES - 1] = '\0';
}
