/* The log's Merkle tree, RFC 6962 section 2.1. The tree itself is the few hashes of its right edge;
 * all other hashes are read back from the store where a proof needs them.
 * No storage, no signature. Any thread; a tree belongs to one. */
#ifndef COMESH_PROTO_MERKLE_H
#define COMESH_PROTO_MERKLE_H

#include "proto/bytes.h"

#define MERKLE_HASH_BYTES 32
#define MERKLE_LEVELS     64
#define MERKLE_SIZE_MAX   ((uint64_t)INT64_MAX) /* leaves */

struct merkle_hash {
    uint8_t bytes[MERKLE_HASH_BYTES];
};

/* The complete subtrees of a tree of `size` leaves, one per bit of size: edge[level] is that of
 * 2^level leaves and is meaningful when bit `level` of size is set. Start with {0}. */
struct merkle_tree {
    uint64_t size;
    struct merkle_hash edge[MERKLE_LEVELS];
};

/* The hashes that appending one leaf completes: of 1, 2, 4, … leaves ending in it. Hash `level` of
 * leaf i is that of the complete subtree of 2^level leaves that ends in leaf i. */
struct merkle_completed {
    size_t count; /* 1 + trailing one bits of the leaf's index */
    struct merkle_hash hash[MERKLE_LEVELS];
};

/* A proof's hashes from the leaf's side to the root (RFC 6962, 2.1.1 and 2.1.2). */
struct merkle_proof {
    size_t count;
    struct merkle_hash hash[MERKLE_LEVELS];
};

/* Reads back hash `level` of leaf `index`, as merkle_append gave it out. */
typedef enum result merkle_read(void *store, uint64_t index, unsigned level,
                                struct merkle_hash *hash, struct error *error);

/* SHA-256 of bytes (FIPS 180-4). */
void merkle_sha256(struct bytes bytes, struct merkle_hash *hash);

/* SHA-256 (0x00 || entry), SHA-256 (0x01 || left || right). */
void merkle_leaf(struct bytes entry, struct merkle_hash *hash);
void merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *hash);

/* Appends a leaf hash. `completed` may be NULL. O(1) amortised. */
void merkle_append(struct merkle_tree *tree, const struct merkle_hash *leaf,
                   struct merkle_completed *completed);

/* The root; that of the empty tree is SHA-256 of nothing. */
void merkle_root(const struct merkle_tree *tree, struct merkle_hash *root);

/* Builds the tree of the first `size` leaves from stored hashes: O(log n) reads. */
enum result merkle_load(merkle_read *read, void *store, uint64_t size, struct merkle_tree *tree,
                        struct error *error) RESULT_CHECKED;

/* Inclusion of leaf `index` in the first `size` leaves. RESULT_INVALID when index >= size or size
 * is above MERKLE_SIZE_MAX. A proof that does not hold is RESULT_UNTRUSTED. */
enum result merkle_inclusion(merkle_read *read, void *store, uint64_t index, uint64_t size,
                             struct merkle_proof *proof, struct error *error) RESULT_CHECKED;
enum result merkle_inclusion_verify(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                                    const struct merkle_proof *proof,
                                    const struct merkle_hash *root,
                                    struct error *error) RESULT_CHECKED;

/* That the tree of `old_size` leaves is a prefix of the one of `size`; RESULT_INVALID when it is
 * the larger one. From the empty tree, and from a tree to itself, the proof is empty. */
enum result merkle_consistency(merkle_read *read, void *store, uint64_t old_size, uint64_t size,
                               struct merkle_proof *proof, struct error *error) RESULT_CHECKED;
enum result merkle_consistency_verify(uint64_t old_size, uint64_t size,
                                      const struct merkle_proof *proof,
                                      const struct merkle_hash *old_root,
                                      const struct merkle_hash *root,
                                      struct error *error) RESULT_CHECKED;

#endif
