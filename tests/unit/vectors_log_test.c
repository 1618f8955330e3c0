/* The golden vectors of trees, entries and verdicts: the C code makes exactly these bytes, and
 * reads them back. tests/vectors/verify.py recomputes the same files independently. */
#include "proto/entry.h"
#include "proto/verdict.h"
#include "tests/unit/vectors.h"

/* ---- trees ---- */

static struct merkle_completed completed[64];

static enum result hash_read(void *store, uint64_t index, unsigned level, struct merkle_hash *hash,
                             struct error *problem)
{
    (void)store;
    (void)problem;
    ck_assert_uint_lt(level, completed[index].count);
    *hash = completed[index].hash[level];
    return RESULT_OK;
}

static void root_of(const json_t *leaves, uint64_t size, struct merkle_hash *root)
{
    struct merkle_tree tree = {0};
    struct merkle_hash leaf;
    for (size_t i = 0; i < size; i++) {
        const json_t *hex = json_array_get(leaves, i);
        merkle_leaf(hex_bytes(text_of(json_string_value(hex))), &leaf);
        merkle_append(&tree, &leaf, &completed[i]);
    }
    merkle_root(&tree, root);
}

static void check_proof(const json_t *object, const struct merkle_proof *proof)
{
    const json_t *hashes = json_object_get(object, "hashes");
    ck_assert_uint_eq(json_array_size(hashes), proof->count);
    for (size_t i = 0; i < proof->count; i++) {
        struct bytes hash = hex_bytes(text_of(json_string_value(json_array_get(hashes, i))));
        ck_assert_mem_eq(hash.data, proof->hash[i].bytes, MERKLE_HASH_BYTES);
    }
}

static void check_tree(const json_t *object, const json_t *document)
{
    const json_t *leaves = json_object_get(document, "leaves");
    struct merkle_proof proof;
    struct merkle_hash root;
    struct merkle_hash old_root;
    struct text what = text_at(object, "what");
    uint64_t size = number_at(object, "size");
    root_of(leaves, size, &root);
    if (text_equal(what, TEXT("root"))) {
        check_bytes(object, "root", (struct bytes){root.bytes, sizeof root.bytes});
    } else if (text_equal(what, TEXT("inclusion"))) {
        uint64_t index = number_at(object, "index");
        assert_ok(merkle_inclusion(hash_read, NULL, index, size, &proof, &error));
        check_proof(object, &proof);
        assert_ok(
            merkle_inclusion_verify(&completed[index].hash[0], index, size, &proof, &root, &error));
    } else {
        uint64_t old_size = number_at(object, "old_size");
        root_of(leaves, old_size, &old_root);
        root_of(leaves, size, &root);
        assert_ok(merkle_consistency(hash_read, NULL, old_size, size, &proof, &error));
        check_proof(object, &proof);
        assert_ok(merkle_consistency_verify(old_size, size, &proof, &old_root, &root, &error));
    }
}

START_TEST(roots_and_proofs_are_those_of_the_vectors)
{
    vectors_each("trees.json", check_tree);
}
END_TEST

/* ---- entries and verdicts ---- */

static void entry_from(const json_t *object, struct entry *entry)
{
    struct bytes payload = bytes_at(object, "payload");
    *entry = (struct entry){
        .origin = text_at(object, "origin"),
        .index = number_at(object, "index"),
        .operation = operation_from_name(text_at(object, "operation")),
        .has_reply_to = !json_is_null(json_object_get(object, "reply_to")),
        .agreement = text_at(object, "agreement"),
        .menu_version = (uint32_t)number_at(object, "menu_version"),
        .time_ms = number_at(object, "time_ms"),
        .payload_size = (uint32_t)payload.size,
    };
    fixed_at(object, "id", entry->id.bytes, sizeof entry->id.bytes);
    if (entry->has_reply_to) {
        fixed_at(object, "reply_to", entry->reply_to.bytes, sizeof entry->reply_to.bytes);
    }
    merkle_sha256(payload, &entry->payload_hash);
    fixed_at(object, "salt", entry->salt, sizeof entry->salt);
}

static void check_entry(const json_t *object, const json_t *document)
{
    (void)document;
    struct entry entry;
    struct entry read;
    struct merkle_hash leaf;
    struct buffer packed = {0};
    struct buffer again = {0};
    entry_from(object, &entry);
    entry_pack(&entry, &packed);
    check_bytes(object, "packed", buffer_bytes(&packed));
    merkle_leaf(buffer_bytes(&packed), &leaf);
    check_bytes(object, "leaf", (struct bytes){leaf.bytes, sizeof leaf.bytes});
    assert_ok(entry_unpack(buffer_bytes(&packed), &read, &error));
    entry_pack(&read, &again);
    check_bytes(object, "packed", buffer_bytes(&again));
    buffer_free(&packed);
    buffer_free(&again);
}

START_TEST(entries_and_leaves_are_those_of_the_vectors)
{
    vectors_each("entries.json", check_entry);
}
END_TEST

static enum verdict_outcome outcome_from(struct text text)
{
    unsigned outcome = 0;
    while (!text_equal(text, text_of(verdict_outcome_text((enum verdict_outcome)outcome)))) {
        outcome++;
        ck_assert_uint_le(outcome, VERDICT_DUPLICATE);
    }
    return (enum verdict_outcome)outcome;
}

static void verdict_from(const json_t *object, struct verdict *verdict)
{
    const json_t *remarks = json_object_get(object, "remarks");
    struct verdict_remark *made = arena_zero(&arena, json_array_size(remarks) * sizeof *made + 1);
    size_t i;
    json_t *remark;
    json_array_foreach(remarks, i, remark)
    {
        made[i] = (struct verdict_remark){
            .index = number_at(remark, "index"),
            .outcome = outcome_from(text_at(remark, "outcome")),
            .code = text_at(remark, "code"),
            .element = text_at(remark, "element"),
            .place = text_at(remark, "place"),
            .detail = text_at(remark, "detail"),
        };
    }
    bool has_taken = !json_is_null(json_object_get(object, "taken"));
    *verdict = (struct verdict){
        .first = number_at(object, "first"),
        .count = number_at(object, "count"),
        .has_taken = has_taken,
        .taken = has_taken ? number_at(object, "taken") : 0,
        .remarks = made,
        .remark_count = json_array_size(remarks),
    };
}

static void check_verdict(const json_t *object, const json_t *document)
{
    (void)document;
    struct verdict verdict;
    struct verdict read;
    struct buffer packed = {0};
    struct buffer again = {0};
    verdict_from(object, &verdict);
    verdict_pack(&verdict, &packed);
    check_bytes(object, "packed", buffer_bytes(&packed));
    assert_ok(verdict_unpack(buffer_bytes(&packed), &arena, &read, &error));
    verdict_pack(&read, &again);
    check_bytes(object, "packed", buffer_bytes(&again));
    buffer_free(&packed);
    buffer_free(&again);
}

START_TEST(verdicts_are_those_of_the_vectors)
{
    vectors_each("verdicts.json", check_verdict);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        roots_and_proofs_are_those_of_the_vectors,
        entries_and_leaves_are_those_of_the_vectors,
        verdicts_are_those_of_the_vectors,
    };
    return suite_run("vectors of the log", tests, SUITE_COUNT(tests), NULL);
}
