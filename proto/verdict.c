/* Verdicts. See verdict.h. */
#include "proto/verdict.h"

#include "proto/entry.h"
#include "proto/mp.h"

/* Keys of the verdict's map and of a remark's. What is empty or absent is left out. */
enum { KEY_FIRST = 1, KEY_COUNT = 2, KEY_TAKEN = 3, KEY_REMARKS = 4 };
enum {
    KEY_INDEX = 1,
    KEY_OUTCOME = 2,
    KEY_CODE = 3,
    KEY_ELEMENT = 4,
    KEY_PLACE = 5,
    KEY_DETAIL = 6,
};

/* Bytes of a remark beside its texts: the map, six keys, index, outcome, four headers. */
#define REMARK_FRAME_BYTES (1 + 6 + 9 + 1 + 4 * 3)
#define REMARK_MAX_BYTES                                                                           \
    (REMARK_FRAME_BYTES + VERDICT_CODE_MAX_BYTES + VERDICT_PLACE_MAX_BYTES +                       \
     2 * VERDICT_TEXT_MAX_BYTES)
_Static_assert(64 + VERDICT_REMARKS_MAX * REMARK_MAX_BYTES <= PAYLOAD_MAX_BYTES,
               "the largest verdict fits a payload");

const char *verdict_outcome_text(enum verdict_outcome outcome)
{
    static const char *const texts[] = {
        [VERDICT_ACCEPTED] = "accepted",
        [VERDICT_ACCEPTED_WITH_WARNINGS] = "accepted-with-warnings",
        [VERDICT_REFUSED] = "refused",
        [VERDICT_DUPLICATE] = "duplicate",
    };
    return (unsigned)outcome <= VERDICT_DUPLICATE ? texts[outcome] : "unknown";
}

static void text_put(struct buffer *out, uint64_t key, struct text text, size_t max_bytes)
{
    if (text.size > 0) {
        mp_put_uint(out, key);
        mp_put_str(out, utf8_cut(text, max_bytes));
    }
}

static void remark_put(struct buffer *out, const struct verdict_remark *remark)
{
    size_t texts = (size_t)(remark->code.size > 0) + (remark->element.size > 0) +
                   (remark->place.size > 0) + (remark->detail.size > 0);
    mp_put_map(out, 2 + texts);
    mp_put_uint(out, KEY_INDEX);
    mp_put_uint(out, remark->index);
    mp_put_uint(out, KEY_OUTCOME);
    mp_put_uint(out, remark->outcome);
    text_put(out, KEY_CODE, remark->code, VERDICT_CODE_MAX_BYTES);
    text_put(out, KEY_ELEMENT, remark->element, VERDICT_TEXT_MAX_BYTES);
    text_put(out, KEY_PLACE, remark->place, VERDICT_PLACE_MAX_BYTES);
    text_put(out, KEY_DETAIL, remark->detail, VERDICT_TEXT_MAX_BYTES);
}

void verdict_pack(const struct verdict *verdict, struct buffer *out)
{
    mp_put_map(out, (size_t)2 + (verdict->has_taken ? 1 : 0) + (verdict->remark_count > 0 ? 1 : 0));
    mp_put_uint(out, KEY_FIRST);
    mp_put_uint(out, verdict->first);
    mp_put_uint(out, KEY_COUNT);
    mp_put_uint(out, verdict->count);
    if (verdict->has_taken) {
        mp_put_uint(out, KEY_TAKEN);
        mp_put_uint(out, verdict->taken);
    }
    if (verdict->remark_count > 0) {
        mp_put_uint(out, KEY_REMARKS);
        mp_put_array(out, verdict->remark_count);
        for (size_t i = 0; i < verdict->remark_count; i++) {
            remark_put(out, &verdict->remarks[i]);
        }
    }
}

/* A map that is being read: how many pairs are left, and the key of the next one. */
struct map {
    struct mp_reader *reader;
    size_t left;
    uint64_t key; /* 0 at the end */
};

static void map_next(struct map *map)
{
    uint64_t before = map->key;
    map->key = 0;
    if (map->left > 0) {
        map->left--;
        mp_field(map->reader, "map key");
        map->key = mp_get_within(map->reader, before + 1, UINT32_MAX);
    }
}

static struct map map_begin(struct mp_reader *reader, size_t max)
{
    struct map map = {.reader = reader, .left = mp_get_map(reader, max)};
    map_next(&map);
    return map;
}

/* True when the pair `key` is there; then its value is next. */
static bool map_has(const struct map *map, uint64_t key, const char *name)
{
    bool found = map->key == key && map->reader->failed == RESULT_OK;
    if (found) {
        mp_field(map->reader, name);
    }
    return found;
}

static uint64_t number_get(struct map *map, uint64_t key, const char *name, uint64_t min,
                           uint64_t max)
{
    mp_field(map->reader, name);
    if (!map_has(map, key, name)) {
        mp_fail(map->reader, "is not there");
        return 0;
    }
    uint64_t value = mp_get_within(map->reader, min, max);
    map_next(map);
    return value;
}

static struct text text_get(struct map *map, uint64_t key, const char *name, size_t max_bytes)
{
    struct text text = {NULL, 0};
    if (map_has(map, key, name)) {
        text = mp_get_str(map->reader, max_bytes);
        if (text.size == 0) {
            mp_fail(map->reader, "is empty, and must then be left out");
        }
        map_next(map);
    }
    return text;
}

/* Every key of the map was one that belongs to it. */
static void map_end(const struct map *map)
{
    if (map->key != 0) {
        mp_fail(map->reader, "names nothing that belongs here");
    }
}

static void remark_get(struct mp_reader *reader, const struct verdict *verdict, uint64_t least,
                       struct verdict_remark *remark)
{
    mp_field(reader, "remark");
    struct map map = map_begin(reader, KEY_DETAIL);
    uint64_t last = verdict->count == 0 ? 0 : verdict->first + verdict->count - 1;
    remark->index = number_get(&map, KEY_INDEX, "index of a remark", least, last);
    remark->outcome =
        (enum verdict_outcome)number_get(&map, KEY_OUTCOME, "outcome of a remark",
                                         VERDICT_ACCEPTED_WITH_WARNINGS, VERDICT_DUPLICATE);
    remark->code = text_get(&map, KEY_CODE, "code of a remark", VERDICT_CODE_MAX_BYTES);
    remark->element = text_get(&map, KEY_ELEMENT, "element of a remark", VERDICT_TEXT_MAX_BYTES);
    remark->place = text_get(&map, KEY_PLACE, "place of a remark", VERDICT_PLACE_MAX_BYTES);
    remark->detail = text_get(&map, KEY_DETAIL, "detail of a remark", VERDICT_TEXT_MAX_BYTES);
    map_end(&map);
}

static enum result remarks_get(struct mp_reader *reader, struct arena *arena,
                               struct verdict *verdict, struct error *error)
{
    size_t count = mp_get_array(reader, verdict->count == 0 ? 0 : VERDICT_REMARKS_MAX);
    if (count == 0) {
        mp_fail(reader, "are none, and must then be left out");
        return RESULT_OK;
    }
    struct verdict_remark *remarks = arena_alloc(arena, count * sizeof *remarks);
    if (remarks == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "verdict: no memory for %zu remarks", count);
    }
    uint64_t least = verdict->first;
    for (size_t i = 0; i < count; i++) {
        remark_get(reader, verdict, least, &remarks[i]);
        least = remarks[i].index;
    }
    verdict->remarks = remarks;
    verdict->remark_count = count;
    return RESULT_OK;
}

enum result verdict_unpack(struct bytes packed, struct arena *arena, struct verdict *verdict,
                           struct error *error)
{
    struct mp_reader reader;
    enum result result = RESULT_OK;
    *verdict = (struct verdict){0};
    mp_reader_init(&reader, packed);
    struct map map = map_begin(&reader, KEY_REMARKS);
    verdict->first = number_get(&map, KEY_FIRST, "first index", 0, MERKLE_SIZE_MAX);
    verdict->count =
        number_get(&map, KEY_COUNT, "count of entries", 0, MERKLE_SIZE_MAX - verdict->first);
    verdict->has_taken = map.key == KEY_TAKEN;
    if (verdict->has_taken) {
        verdict->taken = number_get(&map, KEY_TAKEN, "taken position", 0, MERKLE_SIZE_MAX);
    }
    if (map_has(&map, KEY_REMARKS, "remarks")) {
        result = remarks_get(&reader, arena, verdict, error);
        map_next(&map);
    }
    map_end(&map);
    return result == RESULT_OK ? mp_finish(&reader, "verdict", error) : result;
}
