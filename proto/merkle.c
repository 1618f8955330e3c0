/* The Merkle tree of RFC 6962. See merkle.h.
 * SHA-256 is nettle's, which uses the processor's SHA instructions where it has them: over entries
 * of 2 KB it then takes a quarter to a seventh of the time of libsodium's portable code. */
#include "proto/merkle.h"

#include <inttypes.h>
#include <nettle/sha2.h>

_Static_assert(MERKLE_HASH_BYTES == SHA256_DIGEST_SIZE, "hashes are SHA-256");

void merkle_sha256(struct bytes bytes, struct merkle_hash *hash)
{
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, bytes.size, bytes.data);
    sha256_digest(&context, sizeof hash->bytes, hash->bytes);
}

void merkle_leaf(struct bytes entry, struct merkle_hash *hash)
{
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, 1, (const uint8_t[]){0x00});
    sha256_update(&context, entry.size, entry.data);
    sha256_digest(&context, sizeof hash->bytes, hash->bytes);
}

void merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *hash)
{
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, 1, (const uint8_t[]){0x01});
    sha256_update(&context, sizeof left->bytes, left->bytes);
    sha256_update(&context, sizeof right->bytes, right->bytes);
    sha256_digest(&context, sizeof hash->bytes, hash->bytes);
}

static bool hash_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static bool bit_is_set(uint64_t number, unsigned bit)
{
    return (number >> bit & 1) != 0;
}

void merkle_append(struct merkle_tree *tree, const struct merkle_hash *leaf,
                   struct merkle_completed *completed)
{
    struct merkle_hash hash = *leaf;
    unsigned level = 0;
    for (;; level++) {
        if (completed != NULL) {
            completed->hash[level] = hash;
        }
        if (!bit_is_set(tree->size, level)) {
            break;
        }
        merkle_node(&tree->edge[level], &hash, &hash);
    }
    if (completed != NULL) {
        completed->count = level + 1;
    }
    tree->edge[level] = hash;
    tree->size++;
}

void merkle_root(const struct merkle_tree *tree, struct merkle_hash *root)
{
    bool found = false;
    merkle_sha256((struct bytes){NULL, 0}, root);
    for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
        if (!bit_is_set(tree->size, level)) {
            continue;
        }
        if (found) {
            merkle_node(&tree->edge[level], root, root);
        } else {
            *root = tree->edge[level];
            found = true;
        }
    }
}

static enum result size_check(uint64_t size, struct error *error)
{
    if (size > MERKLE_SIZE_MAX) {
        return error_set(error, RESULT_INVALID,
                         "merkle: a tree of %" PRIu64 " leaves is above the limit of %" PRIu64,
                         size, MERKLE_SIZE_MAX);
    }
    return RESULT_OK;
}

/* A place from which hashes are read back. */
struct source {
    merkle_read *read;
    void *store;
};

/* Reads the complete subtrees of leaves [begin, end) into tree->edge; `begin` is a multiple of
 * every subtree's size in that range. */
static enum result range_load(const struct source *from, uint64_t begin, uint64_t end,
                              struct merkle_tree *tree, struct error *error)
{
    *tree = (struct merkle_tree){.size = end - begin};
    uint64_t at = begin;
    for (unsigned level = MERKLE_LEVELS; level-- > 0;) {
        if (!bit_is_set(tree->size, level)) {
            continue;
        }
        at += (uint64_t)1 << level;
        enum result result = from->read(from->store, at - 1, level, &tree->edge[level], error);
        if (result != RESULT_OK) {
            return result;
        }
    }
    return RESULT_OK;
}

enum result merkle_load(merkle_read *read, void *store, uint64_t size, struct merkle_tree *tree,
                        struct error *error)
{
    enum result result = size_check(size, error);
    if (result != RESULT_OK) {
        return result;
    }
    return range_load(&(struct source){read, store}, 0, size, tree, error);
}

/* Appends the hash of leaves [begin, end), two at least apart from each other or not, to `proof`.
 */
static enum result range_append(const struct source *from, uint64_t begin, uint64_t end,
                                struct merkle_proof *proof, struct error *error)
{
    struct merkle_tree tree;
    enum result result = range_load(from, begin, end, &tree, error);
    if (result == RESULT_OK) {
        merkle_root(&tree, &proof->hash[proof->count]);
        proof->count++;
    }
    return result;
}

/* The largest power of two below `size`, which is at least 2. */
static uint64_t split(uint64_t size)
{
    uint64_t left = 1;
    while (left < size - left) {
        left *= 2;
    }
    return left;
}

/* A proof is found from the root down and told from the leaf up. */
static void proof_reverse(struct merkle_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        struct merkle_hash *low = &proof->hash[i];
        struct merkle_hash *high = &proof->hash[proof->count - 1 - i];
        struct merkle_hash kept = *low;
        *low = *high;
        *high = kept;
    }
}

/* RFC 6962, section 2.1.1. */
enum result merkle_inclusion(merkle_read *read, void *store, uint64_t index, uint64_t size,
                             struct merkle_proof *proof, struct error *error)
{
    const struct source from = {read, store};
    enum result result = size_check(size, error);
    if (result == RESULT_OK && index >= size) {
        result = error_set(error, RESULT_INVALID,
                           "merkle: leaf %" PRIu64 " is not in a tree of %" PRIu64, index, size);
    }
    proof->count = 0;
    uint64_t begin = 0;
    uint64_t end = size;
    while (result == RESULT_OK && end - begin > 1) {
        uint64_t middle = begin + split(end - begin);
        if (index < middle) {
            result = range_append(&from, middle, end, proof, error);
            end = middle;
        } else {
            result = range_append(&from, begin, middle, proof, error);
            begin = middle;
        }
    }
    proof_reverse(proof);
    return result;
}

/* RFC 6962, section 2.1.2. */
enum result merkle_consistency(merkle_read *read, void *store, uint64_t old_size, uint64_t size,
                               struct merkle_proof *proof, struct error *error)
{
    const struct source from = {read, store};
    enum result result = size_check(size, error);
    if (result == RESULT_OK && old_size > size) {
        result = error_set(error, RESULT_INVALID,
                           "merkle: a tree of %" PRIu64 " leaves does not begin one of %" PRIu64,
                           old_size, size);
    }
    proof->count = 0;
    if (result != RESULT_OK || old_size == 0) {
        return result;
    }
    uint64_t begin = 0;
    uint64_t end = size;
    while (result == RESULT_OK && end != old_size) {
        uint64_t middle = begin + split(end - begin);
        if (old_size <= middle) {
            result = range_append(&from, middle, end, proof, error);
            end = middle;
        } else {
            result = range_append(&from, begin, middle, proof, error);
            begin = middle;
        }
    }
    if (result == RESULT_OK && begin > 0) {
        result = range_append(&from, begin, end, proof, error);
    }
    proof_reverse(proof);
    return result;
}

/* One step from a node to its parent: `node` and `last` are the places of the node and of the last
 * node on one level. Passes the levels on which the node has no sibling. True when the sibling
 * stands to the left (RFC 9162, sections 2.1.3.2 and 2.1.4.2). */
static bool step_up(uint64_t *node, uint64_t *last)
{
    bool sibling_is_left = (*node & 1) != 0 || *node == *last;
    if (sibling_is_left) {
        while ((*node & 1) == 0 && *node != 0) {
            *node >>= 1;
            *last >>= 1;
        }
    }
    *node >>= 1;
    *last >>= 1;
    return sibling_is_left;
}

enum result merkle_inclusion_verify(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                                    const struct merkle_proof *proof,
                                    const struct merkle_hash *root, struct error *error)
{
    if (index >= size) {
        return error_set(error, RESULT_INVALID,
                         "merkle: leaf %" PRIu64 " is not in a tree of %" PRIu64, index, size);
    }
    struct merkle_hash hash = *leaf;
    uint64_t node = index;
    uint64_t last = size - 1;
    for (size_t i = 0; i < proof->count; i++) {
        if (last == 0) {
            return error_set(error, RESULT_INVALID,
                             "merkle: the proof of leaf %" PRIu64 " in %" PRIu64
                             " has %zu hashes, more than the tree has levels",
                             index, size, proof->count);
        }
        if (step_up(&node, &last)) {
            merkle_node(&proof->hash[i], &hash, &hash);
        } else {
            merkle_node(&hash, &proof->hash[i], &hash);
        }
    }
    if (last != 0 || !hash_equal(&hash, root)) {
        return error_set(error, RESULT_UNTRUSTED,
                         "merkle: the proof does not lead from leaf %" PRIu64
                         " to the root of %" PRIu64 " leaves",
                         index, size);
    }
    return RESULT_OK;
}

static enum result inconsistent(uint64_t old_size, uint64_t size, struct error *error)
{
    return error_set(error, RESULT_UNTRUSTED,
                     "merkle: nothing shows that the tree of %" PRIu64 " leaves begins the one of "
                     "%" PRIu64,
                     old_size, size);
}

/* Walks the proof behind its first hash, which `old_hash` and `new_hash` both start as. */
static bool consistency_walk(const struct merkle_proof *proof, size_t start, uint64_t node,
                             uint64_t last, struct merkle_hash *old_hash,
                             struct merkle_hash *new_hash)
{
    for (size_t i = start; i < proof->count; i++) {
        const struct merkle_hash *sibling = &proof->hash[i];
        if (last == 0) {
            return false;
        }
        if (step_up(&node, &last)) {
            merkle_node(sibling, old_hash, old_hash);
            merkle_node(sibling, new_hash, new_hash);
        } else {
            merkle_node(new_hash, sibling, new_hash);
        }
    }
    return last == 0;
}

enum result merkle_consistency_verify(uint64_t old_size, uint64_t size,
                                      const struct merkle_proof *proof,
                                      const struct merkle_hash *old_root,
                                      const struct merkle_hash *root, struct error *error)
{
    if (old_size > size) {
        return error_set(error, RESULT_INVALID,
                         "merkle: a tree of %" PRIu64 " leaves does not begin one of %" PRIu64,
                         old_size, size);
    }
    if (old_size == 0 || old_size == size) {
        struct merkle_hash expected = *root;
        if (old_size == 0) {
            merkle_sha256((struct bytes){NULL, 0}, &expected);
        }
        bool holds = proof->count == 0 && hash_equal(old_root, &expected);
        return holds ? RESULT_OK : inconsistent(old_size, size, error);
    }
    uint64_t node = old_size - 1;
    uint64_t last = size - 1;
    while ((node & 1) != 0) {
        node >>= 1;
        last >>= 1;
    }
    bool old_is_complete =
        (old_size & (old_size - 1)) == 0; /* its root is a node of the new tree */
    if (!old_is_complete && proof->count == 0) {
        return inconsistent(old_size, size, error);
    }
    struct merkle_hash old_hash = old_is_complete ? *old_root : proof->hash[0];
    struct merkle_hash new_hash = old_hash;
    if (!consistency_walk(proof, old_is_complete ? 0 : 1, node, last, &old_hash, &new_hash) ||
        !hash_equal(&old_hash, old_root) || !hash_equal(&new_hash, root)) {
        return inconsistent(old_size, size, error);
    }
    return RESULT_OK;
}
