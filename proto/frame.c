/* Frames of the lane: what refusals mean, and unpacking. See frame.h. */
#include "proto/frame.h"

#include "proto/frame_fields.h"
#include "proto/mp.h"

#define REFUSAL_MAX UINT16_MAX

static const struct {
    const char *text;
    bool ends_lane;
} refusals[] = {
#define REFUSAL_ROW(symbol, number, text, ends) [number] = {text, ends},
    REFUSAL_MAP(REFUSAL_ROW)
#undef REFUSAL_ROW
};

static bool refusal_is_known(enum refusal refusal)
{
    return (unsigned)refusal < sizeof refusals / sizeof refusals[0] &&
           refusals[refusal].text != NULL;
}

const char *refusal_text(enum refusal refusal)
{
    return refusal_is_known(refusal) ? refusals[refusal].text : "unknown";
}

bool refusal_ends_lane(enum refusal refusal)
{
    return !refusal_is_known(refusal) || refusals[refusal].ends_lane;
}

static void versions_get(struct mp_reader *reader, struct frame_hello *hello)
{
    uint64_t most = UINT32_MAX;
    mp_field(reader, "versions");
    hello->version_count = mp_get_array(reader, FRAME_VERSIONS_MAX);
    if (hello->version_count == 0) {
        mp_fail(reader, "are none");
    }
    mp_field(reader, "version (they descend)");
    for (size_t i = 0; i < hello->version_count; i++) {
        hello->versions[i] = (uint32_t)mp_get_within(reader, 1, most);
        most = hello->versions[i] - 1;
    }
}

static void hello_get(struct mp_reader *reader, struct frame_hello *hello)
{
    versions_get(reader, hello);
    mp_field(reader, "party");
    hello->party = mp_get_str(reader, PARTY_MAX_BYTES - 1);
    mp_field(reader, "environment");
    hello->environment = mp_get_str(reader, sizeof "prod" - 1);
    mp_field(reader, "channel origin");
    hello->origin = mp_get_str(reader, ORIGIN_MAX_BYTES - 1);
    mp_field(reader, "size");
    hello->size = mp_get_uint(reader, MERKLE_SIZE_MAX);
    mp_field(reader, "card serial");
    hello->card_serial = mp_get_uint(reader, INT64_MAX);
    mp_field(reader, "time");
    hello->time_ms = mp_get_uint(reader, TIME_MAX_MS);
}

static void welcome_get(struct mp_reader *reader, struct frame_welcome *welcome)
{
    mp_field(reader, "version");
    welcome->version = (uint32_t)mp_get_within(reader, 1, UINT32_MAX);
    mp_field(reader, "size");
    welcome->size = mp_get_uint(reader, MERKLE_SIZE_MAX);
    mp_field(reader, "checkpoint");
    welcome->checkpoint = mp_get_bin(reader, FRAME_NOTE_MAX_BYTES);
    mp_field(reader, "credit");
    welcome->credit = mp_get_uint(reader, INT64_MAX);
    mp_field(reader, "card serial");
    welcome->card_serial = mp_get_uint(reader, INT64_MAX);
    mp_field(reader, "time");
    welcome->time_ms = mp_get_uint(reader, TIME_MAX_MS);
}

static void item_get(struct mp_reader *reader, struct frame_item *item)
{
    mp_field(reader, "item");
    if (mp_get_array(reader, 2) != 2) {
        mp_fail(reader, "is not an entry and its payload");
    }
    mp_field(reader, "entry");
    item->entry = mp_get_bin(reader, ENTRY_MAX_BYTES);
    mp_field(reader, "payload");
    item->payload = mp_get_bin(reader, PAYLOAD_MAX_BYTES);
}

/* At most `max` items, in `arena`. */
static enum result items_get(struct mp_reader *reader, size_t max, struct arena *arena,
                             const struct frame_item **items, size_t *count, struct error *error)
{
    mp_field(reader, "items");
    *count = mp_get_array(reader, max);
    struct frame_item *read = arena_alloc(arena, (*count + 1) * sizeof *read);
    if (read == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "frame: no memory for %zu items", *count);
    }
    for (size_t i = 0; i < *count; i++) {
        item_get(reader, &read[i]);
    }
    *items = read;
    return RESULT_OK;
}

static enum result push_get(struct mp_reader *reader, struct arena *arena, struct frame_push *push,
                            struct error *error)
{
    mp_field(reader, "first index");
    push->first = mp_get_uint(reader, MERKLE_SIZE_MAX - FRAME_ENTRIES_MAX);
    enum result result =
        items_get(reader, FRAME_ENTRIES_MAX, arena, &push->items, &push->count, error);
    mp_field(reader, "checkpoint");
    push->checkpoint = mp_get_bin(reader, FRAME_NOTE_MAX_BYTES);
    return result;
}

static enum result entries_get(struct mp_reader *reader, struct arena *arena,
                               struct frame_entries *entries, struct error *error)
{
    size_t left = FRAME_ENTRIES_MAX;
    mp_field(reader, "first index");
    entries->first = mp_get_uint(reader, MERKLE_SIZE_MAX - FRAME_ENTRIES_MAX);
    mp_field(reader, "runs");
    entries->count = mp_get_array(reader, FRAME_RUNS_MAX);
    struct frame_run *runs = arena_zero(arena, (entries->count + 1) * sizeof *runs);
    if (runs == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "frame: no memory for %zu runs", entries->count);
    }
    enum result result = RESULT_OK;
    for (size_t i = 0; i < entries->count && result == RESULT_OK; i++) {
        mp_field(reader, "run");
        if (mp_get_array(reader, RUN_FIELDS) != RUN_FIELDS) {
            mp_fail(reader, "is not items and their checkpoint");
        }
        result = items_get(reader, left, arena, &runs[i].items, &runs[i].count, error);
        left -= runs[i].count;
        mp_field(reader, "checkpoint");
        runs[i].checkpoint = mp_get_bin(reader, FRAME_NOTE_MAX_BYTES);
    }
    entries->runs = runs;
    return result;
}

static void receipt_get(struct mp_reader *reader, struct frame_receipt *receipt)
{
    mp_field(reader, "checkpoint");
    receipt->checkpoint = mp_get_bin(reader, FRAME_NOTE_MAX_BYTES);
    mp_field(reader, "credit");
    receipt->credit = mp_get_uint(reader, INT64_MAX);
}

static void note_get(struct mp_reader *reader, struct frame_note *note)
{
    mp_field(reader, "note");
    note->note = mp_get_bin(reader, FRAME_TEXT_MAX_BYTES);
}

static void refuse_get(struct mp_reader *reader, struct frame_refuse *refuse)
{
    mp_field(reader, "refusal");
    refuse->refusal = (enum refusal)mp_get_within(reader, 1, REFUSAL_MAX);
    mp_field(reader, "sentence");
    refuse->sentence = mp_get_str(reader, FRAME_SENTENCE_BYTES);
    mp_field(reader, "index");
    refuse->index = mp_get_uint(reader, MERKLE_SIZE_MAX);
}

static void ask_get(struct mp_reader *reader, struct frame_ask *ask)
{
    mp_field(reader, "question");
    ask->number = mp_get_uint(reader, INT64_MAX);
    mp_field(reader, "channel origin");
    ask->origin = mp_get_str(reader, ORIGIN_MAX_BYTES - 1);
    mp_field(reader, "first index");
    ask->first = mp_get_uint(reader, MERKLE_SIZE_MAX);
    mp_field(reader, "rows");
    ask->max = mp_get_uint(reader, FRAME_ROWS_MAX);
}

static void fetch_get(struct mp_reader *reader, struct frame_fetch *fetch)
{
    mp_field(reader, "channel origin");
    fetch->origin = mp_get_str(reader, ORIGIN_MAX_BYTES - 1);
    mp_field(reader, "first index");
    fetch->first = mp_get_uint(reader, MERKLE_SIZE_MAX);
}

static void row_get(struct mp_reader *reader, struct frame_row *row)
{
    mp_field(reader, "row");
    if (mp_get_array(reader, ROW_FIELDS) != ROW_FIELDS) {
        mp_fail(reader, "has not seven elements");
    }
    mp_field(reader, "operation");
    row->operation = (enum operation)mp_get_within(reader, 1, OPERATION_MAX);
    mp_field(reader, "message id");
    mp_get_fixed(reader, row->id.bytes, sizeof row->id.bytes);
    mp_field(reader, "number");
    row->number = mp_get_str(reader, FRAME_NUMBER_BYTES);
    mp_field(reader, "time of signing");
    row->time_ms = mp_get_uint(reader, TIME_MAX_MS);
    mp_field(reader, "leaf");
    mp_get_fixed(reader, row->leaf.bytes, sizeof row->leaf.bytes);
    mp_field(reader, "judgement");
    row->judgement = (enum frame_judgement)mp_get_uint(reader, JUDGEMENT_DUPLICATE);
    mp_field(reader, "taken");
    row->taken = mp_get_bool(reader);
}

static enum result holds_get(struct mp_reader *reader, struct arena *arena,
                             struct frame_holds *holds, struct error *error)
{
    mp_field(reader, "question");
    holds->number = mp_get_uint(reader, INT64_MAX);
    mp_field(reader, "size");
    holds->size = mp_get_uint(reader, MERKLE_SIZE_MAX);
    mp_field(reader, "rows");
    holds->count = mp_get_array(reader, FRAME_ROWS_MAX);
    struct frame_row *rows = arena_alloc(arena, (holds->count + 1) * sizeof *rows);
    if (rows == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "frame holds: no memory for %zu rows",
                         holds->count);
    }
    for (size_t i = 0; i < holds->count; i++) {
        row_get(reader, &rows[i]);
    }
    holds->rows = rows;
    return RESULT_OK;
}

static void text_get(struct mp_reader *reader, struct frame_text *text)
{
    mp_field(reader, "text");
    if (mp_get_array(reader, TEXT_FIELDS) != TEXT_FIELDS) {
        mp_fail(reader, "has not four elements");
    }
    mp_field(reader, "kind of text");
    text->kind = (enum frame_kind)mp_get_within(reader, FRAME_CARD, FRAME_REVOCATION);
    if (!frame_is_text(text->kind)) {
        mp_fail(reader, "is not card, agreement or revocation");
    }
    mp_field(reader, "name of the text");
    text->name = mp_get_str(reader, AGREEMENT_MAX_BYTES);
    mp_field(reader, "number of the text");
    text->number = mp_get_uint(reader, INT64_MAX);
    mp_field(reader, "digest");
    mp_get_fixed(reader, text->digest.bytes, sizeof text->digest.bytes);
}

static enum result texts_get(struct mp_reader *reader, struct arena *arena,
                             struct frame_texts *texts, struct error *error)
{
    mp_field(reader, "texts");
    texts->count = mp_get_array(reader, FRAME_TEXTS_MAX);
    struct frame_text *rows = arena_alloc(arena, (texts->count + 1) * sizeof *rows);
    if (rows == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "frame texts: no memory for %zu rows",
                         texts->count);
    }
    for (size_t i = 0; i < texts->count; i++) {
        text_get(reader, &rows[i]);
    }
    texts->rows = rows;
    return RESULT_OK;
}

/* What the names of a hello must look like; whether they are true is the reader's business. */
static enum result hello_check(const struct frame_hello *hello, struct error *error)
{
    struct channel_name name;
    if (!name_is_party(hello->party)) {
        return error_set(error, RESULT_INVALID,
                         "hello: party '%.*s' is not a code of two capital letters",
                         TEXT_ARGS(hello->party));
    }
    if (!environment_valid(hello->environment)) {
        return error_set(error, RESULT_INVALID,
                         "hello: environment '%.*s' is not dev, test or prod",
                         TEXT_ARGS(hello->environment));
    }
    enum result result = channel_parse(hello->origin, &name, error);
    if (result != RESULT_OK) {
        (void)error_wrap(error, "hello");
    }
    return result;
}

/* That a question is about a channel. */
static enum result origin_check(struct text origin, const char *frame, struct error *error)
{
    struct channel_name name;
    enum result result = channel_parse(origin, &name, error);
    if (result != RESULT_OK) {
        (void)error_wrap(error, "%s", frame);
    }
    return result;
}

/* One row per kind: what it is called in sentences, and how many elements it has. */
static const struct {
    const char *name;
    size_t fields;
} kinds[] = {
    [FRAME_HELLO] = {"hello", HELLO_FIELDS},    [FRAME_WELCOME] = {"welcome", WELCOME_FIELDS},
    [FRAME_PUSH] = {"push", PUSH_FIELDS},       [FRAME_RECEIPT] = {"receipt", RECEIPT_FIELDS},
    [FRAME_CARD] = {"card", NOTE_FIELDS},       [FRAME_AGREEMENT] = {"agreement", NOTE_FIELDS},
    [FRAME_REFUSE] = {"refuse", REFUSE_FIELDS}, [FRAME_ASK] = {"ask", ASK_FIELDS},
    [FRAME_HOLDS] = {"holds", HOLDS_FIELDS},    [FRAME_TEXTS] = {"texts", TEXTS_FIELDS},
    [FRAME_WANT] = {"want", TEXTS_FIELDS},      [FRAME_REVOCATION] = {"revocation", NOTE_FIELDS},
    [FRAME_FETCH] = {"fetch", FETCH_FIELDS},    [FRAME_ENTRIES] = {"entries", ENTRIES_FIELDS},
};

static enum result fields_get(struct mp_reader *reader, struct arena *arena, struct frame *frame,
                              struct error *error)
{
    switch (frame->kind) {
    case FRAME_HELLO:
        hello_get(reader, &frame->hello);
        break;
    case FRAME_WELCOME:
        welcome_get(reader, &frame->welcome);
        break;
    case FRAME_PUSH:
        return push_get(reader, arena, &frame->push, error);
    case FRAME_RECEIPT:
        receipt_get(reader, &frame->receipt);
        break;
    case FRAME_CARD:
    case FRAME_AGREEMENT:
    case FRAME_REVOCATION:
        note_get(reader, &frame->note);
        break;
    case FRAME_REFUSE:
        refuse_get(reader, &frame->refuse);
        break;
    case FRAME_ASK:
        ask_get(reader, &frame->ask);
        break;
    case FRAME_FETCH:
        fetch_get(reader, &frame->fetch);
        break;
    case FRAME_ENTRIES:
        return entries_get(reader, arena, &frame->entries, error);
    case FRAME_HOLDS:
        return holds_get(reader, arena, &frame->holds, error);
    case FRAME_TEXTS:
    case FRAME_WANT:
        return texts_get(reader, arena, &frame->texts, error);
    }
    return RESULT_OK;
}

enum result frame_unpack(struct bytes bytes, struct arena *arena, struct frame *frame,
                         struct error *error)
{
    if (bytes.size > FRAME_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE, "frame: %zu bytes are above the limit of %zu",
                         bytes.size, FRAME_MAX_BYTES);
    }
    struct mp_reader reader;
    mp_reader_init(&reader, bytes);
    mp_field(&reader, "frame");
    size_t fields = mp_get_array(&reader, FIELDS_MAX);
    mp_field(&reader, "kind");
    uint64_t kind = mp_get_within(&reader, FRAME_HELLO, FRAME_ENTRIES);
    if (reader.failed != RESULT_OK) {
        return mp_finish(&reader, "frame", error);
    }
    *frame = (struct frame){.kind = (enum frame_kind)kind};
    if (fields != kinds[kind].fields) {
        return error_set(error, RESULT_INVALID, "frame %s: has %zu elements instead of %zu",
                         kinds[kind].name, fields, kinds[kind].fields);
    }
    enum result result = fields_get(&reader, arena, frame, error);
    if (result == RESULT_OK) {
        result = mp_finish(&reader, kinds[kind].name, error);
    }
    if (result == RESULT_OK && frame->kind == FRAME_HELLO) {
        result = hello_check(&frame->hello, error);
    } else if (result == RESULT_OK && frame->kind == FRAME_ASK) {
        result = origin_check(frame->ask.origin, "ask", error);
    } else if (result == RESULT_OK && frame->kind == FRAME_FETCH) {
        result = origin_check(frame->fetch.origin, "fetch", error);
    }
    return result;
}
