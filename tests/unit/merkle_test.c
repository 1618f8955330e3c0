/* The Merkle tree: appending, roots and proofs against the definitions of RFC 6962, written out as
 * recursions; and every change of a proof is seen. The golden vectors stand in vectors_log_test. */
#include "proto/merkle.h"
#include "tests/unit/suite.h"

#define LEAVES 70

static struct merkle_hash leaves[LEAVES];
static struct merkle_completed completed[LEAVES];
static unsigned reads;

static void start(void)
{
    struct merkle_tree tree = {0};
    for (size_t i = 0; i < LEAVES; i++) {
        merkle_leaf(bytes_of(&i, sizeof i), &leaves[i]);
        merkle_append(&tree, &leaves[i], &completed[i]);
    }
    reads = 0;
}

static enum result hash_read(void *store, uint64_t index, unsigned level, struct merkle_hash *hash,
                             struct error *problem)
{
    reads++;
    if (store != NULL) {
        return error_set(problem, RESULT_CORRUPT, "record %u is damaged", (unsigned)index);
    }
    ck_assert_uint_lt(index, LEAVES);
    ck_assert_uint_lt(level, completed[index].count);
    *hash = completed[index].hash[level];
    return RESULT_OK;
}

/* RFC 6962, section 2.1: MTH (D[begin:end]). */
static struct merkle_hash tree_hash(size_t begin, size_t end)
{
    struct merkle_hash hash;
    if (begin == end) {
        merkle_sha256(bytes_of("", 0), &hash);
        return hash;
    }
    if (end - begin == 1) {
        return leaves[begin];
    }
    size_t k = 1;
    while (2 * k < end - begin) {
        k *= 2;
    }
    struct merkle_hash left = tree_hash(begin, begin + k);
    struct merkle_hash right = tree_hash(begin + k, end);
    merkle_node(&left, &right, &hash);
    return hash;
}

static bool hash_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

START_TEST(the_hash_is_sha256)
{
    struct merkle_hash hash;
    char hex[2 * MERKLE_HASH_BYTES + 1];
    merkle_sha256(bytes_of("abc", 3), &hash);
    hex_encode(bytes_of(hash.bytes, sizeof hash.bytes), hex);
    ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

START_TEST(a_leaf_is_not_a_node)
{
    struct merkle_hash node;
    struct merkle_hash leaf;
    uint8_t both[2 * MERKLE_HASH_BYTES];
    memcpy(both, leaves[0].bytes, MERKLE_HASH_BYTES);
    memcpy(both + MERKLE_HASH_BYTES, leaves[1].bytes, MERKLE_HASH_BYTES);
    merkle_node(&leaves[0], &leaves[1], &node);
    merkle_leaf(bytes_of(both, sizeof both), &leaf);
    ck_assert(!hash_equal(&node, &leaf));
}
END_TEST

START_TEST(every_root_is_that_of_the_definition)
{
    struct merkle_tree tree = {0};
    struct merkle_hash root;
    for (size_t size = 0; size <= LEAVES; size++) {
        struct merkle_hash expected = tree_hash(0, size);
        merkle_root(&tree, &root);
        ck_assert(hash_equal(&root, &expected));
        if (size < LEAVES) {
            merkle_append(&tree, &leaves[size], NULL);
        }
    }
}
END_TEST

START_TEST(appending_completes_the_subtrees_that_end_in_the_leaf)
{
    for (size_t i = 0; i < LEAVES; i++) {
        for (size_t level = 0; level < completed[i].count; level++) {
            struct merkle_hash expected = tree_hash(i + 1 - ((size_t)1 << level), i + 1);
            ck_assert(hash_equal(&completed[i].hash[level], &expected));
        }
        ck_assert_uint_ne((i + 1) >> (completed[i].count - 1) & 1, 0);
    }
}
END_TEST

START_TEST(a_tree_is_loaded_from_its_stored_hashes_and_grows_on)
{
    for (size_t size = 0; size <= LEAVES; size++) {
        struct merkle_tree tree;
        struct merkle_hash root;
        reads = 0;
        assert_ok(merkle_load(hash_read, NULL, size, &tree, &error));
        ck_assert_uint_le(reads, 7);
        for (size_t i = size; i < LEAVES; i++) {
            merkle_append(&tree, &leaves[i], NULL);
        }
        struct merkle_hash expected = tree_hash(0, LEAVES);
        merkle_root(&tree, &root);
        ck_assert(hash_equal(&root, &expected));
    }
}
END_TEST

static bool inclusion_holds(size_t leaf, size_t index, size_t size,
                            const struct merkle_proof *proof, const struct merkle_hash *root)
{
    return merkle_inclusion_verify(&leaves[leaf], index, size, proof, root, NULL) == RESULT_OK;
}

START_TEST(every_leaf_is_proved_to_be_in_every_tree_and_no_other_leaf_is)
{
    for (size_t size = 1; size <= LEAVES; size++) {
        struct merkle_hash root = tree_hash(0, size);
        for (size_t index = 0; index < size; index++) {
            struct merkle_proof proof;
            reads = 0;
            assert_ok(merkle_inclusion(hash_read, NULL, index, size, &proof, &error));
            ck_assert_uint_le(reads, 14);
            assert_ok(merkle_inclusion_verify(&leaves[index], index, size, &proof, &root, &error));
            ck_assert(!inclusion_holds((index + 1) % LEAVES, index, size, &proof, &root));
            ck_assert(size == 1 ||
                      !inclusion_holds(index, (index + 1) % size, size, &proof, &root));
            for (size_t i = 0; i < proof.count; i++) {
                proof.hash[i].bytes[i % MERKLE_HASH_BYTES] ^= 1;
                ck_assert(!inclusion_holds(index, index, size, &proof, &root));
                proof.hash[i].bytes[i % MERKLE_HASH_BYTES] ^= 1;
            }
            proof.count++;
            ck_assert(!inclusion_holds(index, index, size, &proof, &root));
            proof.count -= 2;
            ck_assert(size == 1 || !inclusion_holds(index, index, size, &proof, &root));
        }
    }
}
END_TEST

static bool consistency_holds(size_t old_size, size_t size, const struct merkle_proof *proof,
                              const struct merkle_hash *old_root, const struct merkle_hash *root)
{
    return merkle_consistency_verify(old_size, size, proof, old_root, root, NULL) == RESULT_OK;
}

START_TEST(every_tree_is_proved_to_begin_every_larger_one_and_a_fork_is_not)
{
    for (size_t size = 0; size <= LEAVES; size++) {
        struct merkle_hash root = tree_hash(0, size);
        for (size_t old_size = 0; old_size <= size; old_size++) {
            struct merkle_hash old_root = tree_hash(0, old_size);
            struct merkle_proof proof;
            assert_ok(merkle_consistency(hash_read, NULL, old_size, size, &proof, &error));
            assert_ok(merkle_consistency_verify(old_size, size, &proof, &old_root, &root, &error));
            struct merkle_hash fork = old_root;
            fork.bytes[0] ^= 1;
            ck_assert(!consistency_holds(old_size, size, &proof, &fork, &root));
            fork = root;
            fork.bytes[31] ^= 1;
            ck_assert(old_size == 0 ||
                      !consistency_holds(old_size, size, &proof, &old_root, &fork));
            for (size_t i = 0; i < proof.count; i++) {
                proof.hash[i].bytes[i % MERKLE_HASH_BYTES] ^= 1;
                ck_assert(!consistency_holds(old_size, size, &proof, &old_root, &root));
                proof.hash[i].bytes[i % MERKLE_HASH_BYTES] ^= 1;
            }
            proof.hash[proof.count] = root;
            proof.count++;
            ck_assert(!consistency_holds(old_size, size, &proof, &old_root, &root));
            proof.count -= 2;
            ck_assert(proof.count > MERKLE_LEVELS ||
                      !consistency_holds(old_size, size, &proof, &old_root, &root));
        }
    }
}
END_TEST

START_TEST(sizes_that_cannot_be_are_refused)
{
    struct merkle_proof proof = {0};
    struct merkle_tree tree;
    assert_fails(merkle_inclusion(hash_read, NULL, 5, 5, &proof, &error), RESULT_INVALID,
                 "leaf 5 is not in a tree of 5");
    assert_fails(merkle_inclusion_verify(&leaves[0], 0, 0, &proof, &leaves[0], &error),
                 RESULT_INVALID, "leaf 0 is not in a tree of 0");
    assert_fails(merkle_consistency(hash_read, NULL, 6, 5, &proof, &error), RESULT_INVALID,
                 "does not begin");
    assert_fails(merkle_consistency_verify(6, 5, &proof, &leaves[0], &leaves[0], &error),
                 RESULT_INVALID, "does not begin");
    assert_fails(merkle_load(hash_read, NULL, MERKLE_SIZE_MAX + 1, &tree, &error), RESULT_INVALID,
                 "above the limit");
    assert_fails(merkle_inclusion(hash_read, NULL, 0, UINT64_MAX, &proof, &error), RESULT_INVALID,
                 "above the limit");
}
END_TEST

START_TEST(a_store_that_fails_is_told_with_its_own_sentence)
{
    struct merkle_proof proof;
    struct merkle_tree tree;
    int damaged;
    assert_fails(merkle_load(hash_read, &damaged, 3, &tree, &error), RESULT_CORRUPT, "damaged");
    assert_fails(merkle_inclusion(hash_read, &damaged, 1, 3, &proof, &error), RESULT_CORRUPT,
                 "is damaged");
    assert_fails(merkle_consistency(hash_read, &damaged, 1, 3, &proof, &error), RESULT_CORRUPT,
                 "damaged");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_hash_is_sha256,
        a_leaf_is_not_a_node,
        every_root_is_that_of_the_definition,
        appending_completes_the_subtrees_that_end_in_the_leaf,
        a_tree_is_loaded_from_its_stored_hashes_and_grows_on,
        every_leaf_is_proved_to_be_in_every_tree_and_no_other_leaf_is,
        every_tree_is_proved_to_begin_every_larger_one_and_a_fork_is_not,
        sizes_that_cannot_be_are_refused,
        a_store_that_fails_is_told_with_its_own_sentence,
    };
    return suite_run("merkle", tests, SUITE_COUNT(tests), start);
}
