/* Sending documents. See sending.h. */
#include "tools/comesh/sending.h"

#include "node/core/world.h"
#include "proto/message.h"
#include "tools/comesh/rows.h"

#include <time.h>
#include <unistd.h>

#define PROGRESS_NS ((uint64_t)100000000)
#define WAIT_MS     1000 /* of one wait for receipts */
#define BAR_COLUMNS 30

static const char *const list_heads[] = {"NUMBER", "TO", "MESSAGE", "PLACE", "STATE", NULL};
static const char *const waiting_heads[] = {"NUMBER", "TO", "MESSAGE", "PLACE", NULL};

void sending_begin(struct sending *sending, struct client *client, enum operation operation,
                   bool json)
{
    memset(sending, 0, sizeof *sending);
    sending->client = client;
    sending->operation = operation;
    sending->json = json;
    sending->table = table_begin(list_heads);
    sending->begun_ns = world_steady_ns(world_real());
}

void sending_waits(struct sending *sending)
{
    sending->waits = true;
    sending->table = table_begin(waiting_heads);
}

void sending_free(struct sending *sending)
{
    buffer_free(&sending->packed);
    buffer_free(&sending->table.cells);
}

static bool shows_progress(const struct sending *sending)
{
    return !sending->json && isatty(STDERR_FILENO) != 0;
}

static void clear_progress(struct sending *sending)
{
    if (sending->shown_ns != 0) {
        (void)fputs("\r\033[K", stderr);
        sending->shown_ns = 0;
    }
}

void sending_progress(struct sending *sending, double part)
{
    uint64_t now = world_steady_ns(world_real());
    uint64_t since = sending->shown_ns == 0 ? sending->begun_ns : sending->shown_ns;
    if (!shows_progress(sending) || now - since < PROGRESS_NS) {
        return;
    }
    char bar[BAR_COLUMNS + 1];
    int full = part < 0 ? 0 : (int)(part * BAR_COLUMNS);
    for (int i = 0; i < BAR_COLUMNS; i++) {
        bar[i] = i < full ? '#' : '.';
    }
    bar[BAR_COLUMNS] = '\0';
    uint64_t count = sending->queued + sending->known + sending->refused;
    double rate = (double)count * 1e9 / (double)(now - sending->begun_ns);
    (void)fprintf(stderr, "\r\033[K%s%s%s %llu documents, %.0f a second", part < 0 ? "" : "[",
                  part < 0 ? "" : bar, part < 0 ? "" : "]", (unsigned long long)count, rate);
    sending->shown_ns = now;
}

/* "  refused: missing: ID (WCO D014) at /LPCO/ID: it must be there": a line for each finding. */
static void print_findings(const struct wire_value *findings)
{
    static const struct {
        unsigned key;
        const char *before;
    } parts[] = {{WIRE_FINDING_CODE, ": "},
                 {WIRE_FINDING_ELEMENT, ": "},
                 {WIRE_FINDING_PLACE, " at "},
                 {WIRE_FINDING_DETAIL, ": "}};
    struct mp_reader reader = findings->rows;
    for (size_t i = 0; findings->type == MP_ARRAY && i < findings->count; i++) {
        struct wire_row row;
        struct buffer out = {0};
        wire_row_read(&reader, &wire_shape_finding, &row);
        buffer_text(&out, wire_row_bool(&row, WIRE_FINDING_REFUSES) ? "  refused" : "  warning");
        for (size_t part = 0; part < sizeof parts / sizeof parts[0]; part++) {
            struct text text = wire_row_text(&row, parts[part].key);
            if (text.size > 0) {
                buffer_text(&out, parts[part].before);
                output_text(&out, text);
            }
        }
        (void)fprintf(stderr, "%.*s\n", TEXT_ARGS(buffer_view(&out)));
        buffer_free(&out);
    }
}

static void print_refusal(struct sending *sending, const char *file, size_t line, struct text code,
                          struct text sentence)
{
    struct buffer out = {0};
    clear_progress(sending);
    output_text(&out, sentence);
    (void)fprintf(stderr, "%s:%zu: %.*s: %.*s\n", file, line, TEXT_ARGS(code),
                  TEXT_ARGS(buffer_view(&out)));
    buffer_free(&out);
}

static void print_json_line(const struct wire_row *row, const char *file, size_t line)
{
    json_t *object = output_row(row);
    (void)json_object_set_new(object, "file", json_string(file));
    (void)json_object_set_new(object, "line", json_integer((json_int_t)line));
    (void)json_dumpf(object, stdout, JSON_COMPACT);
    (void)fputc('\n', stdout);
    json_decref(object);
}

static void list_document(struct sending *sending, const struct wire_row *row, bool known)
{
    struct table *table = &sending->table;
    char text[UUID_TEXT_BYTES];
    char place[64];
    if (sending->json || sending->queued + sending->known > SENDING_TABLE_MAX) {
        return;
    }
    (void)snprintf(place, sizeof place, "%llu:%llu",
                   (unsigned long long)wire_row_uint(row, WIRE_ANSWER_CHANNEL),
                   (unsigned long long)wire_row_uint(row, WIRE_ANSWER_INDEX));
    table_text(table, wire_row_text(row, WIRE_ANSWER_NUMBER));
    table_text(table, wire_row_text(row, WIRE_ANSWER_PARTNER));
    table_string(table, row_id(row, WIRE_ANSWER_ID, text));
    table_string(table, place);
    if (!sending->waits) {
        table_string(table, known ? "known already" : "queued");
    }
}

static enum result take_answer(void *self, const struct wire_row *row, struct error *error)
{
    struct sending *sending = self;
    size_t oldest =
        (sending->gathering + SENDING_FLIGHTS + 1 - sending->under_way) % (SENDING_FLIGHTS + 1);
    struct flight *flight = &sending->flights[oldest];
    if (flight->answered == flight->count) {
        return error_set(error, RESULT_INTERNAL, "the node gave more answers than documents");
    }
    const char *file = flight->places[flight->answered].file;
    size_t line = flight->places[flight->answered++].line;
    struct text code = wire_row_text(row, WIRE_ANSWER_CODE);
    bool known = text_equal(code, text_of(result_text(RESULT_DUPLICATE)));
    bool good = known || text_equal(code, text_of(result_text(RESULT_OK)));
    if (sending->json) {
        print_json_line(row, file, line);
    }
    if (!good) {
        sending->refused++;
        sending->put_off += text_equal(code, text_of(result_text(RESULT_FULL))) ||
                            text_equal(code, text_of(result_text(RESULT_BUSY))) ||
                            text_equal(code, text_of(result_text(RESULT_UNAVAILABLE)));
        bool found = row->values[WIRE_ANSWER_FINDINGS].count > 0;
        print_refusal(sending, file, line, found ? TEXT("refused") : code,
                      found ? TEXT("by the check") : wire_row_text(row, WIRE_ANSWER_SENTENCE));
        print_findings(&row->values[WIRE_ANSWER_FINDINGS]);
        return RESULT_OK;
    }
    sending->known += known ? 1 : 0;
    sending->queued += known ? 0 : 1;
    list_document(sending, row, known);
    if (row->values[WIRE_ANSWER_FINDINGS].count > 0) {
        print_refusal(sending, file, line, TEXT("taken"), TEXT("with warnings"));
        print_findings(&row->values[WIRE_ANSWER_FINDINGS]);
    }
    return places_note(&sending->places, wire_row_uint(row, WIRE_ANSWER_CHANNEL),
                       wire_row_uint(row, WIRE_ANSWER_INDEX), error);
}

/* The answers to the oldest request. */
static enum result receive_oldest(struct sending *sending, struct error *error)
{
    size_t oldest =
        (sending->gathering + SENDING_FLIGHTS + 1 - sending->under_way) % (SENDING_FLIGHTS + 1);
    enum result result = client_receive(sending->client, take_answer, sending, error);
    if (result == RESULT_OK && sending->flights[oldest].answered < sending->flights[oldest].count) {
        result = error_set(error, RESULT_INTERNAL, "the node gave fewer answers than documents");
    }
    sending->under_way--;
    return result;
}

static enum result send_gathered(struct sending *sending, struct error *error)
{
    struct flight *flight = &sending->flights[sending->gathering];
    if (flight->count == 0) {
        return RESULT_OK;
    }
    struct buffer *out = client_begin(sending->client, "submit", 2);
    mp_put_str(out, text_of(operation_name(sending->operation)));
    mp_put_array(out, flight->count);
    buffer_append(out, sending->packed.data, sending->packed.size);
    enum result result = buffer_check(&sending->packed, error);
    if (result == RESULT_OK) {
        result = client_send(sending->client, error);
    }
    buffer_clear(&sending->packed);
    sending->under_way++;
    sending->gathering = (sending->gathering + 1) % (SENDING_FLIGHTS + 1);
    sending->flights[sending->gathering].count = 0;
    sending->flights[sending->gathering].answered = 0;
    return result;
}

enum result sending_flush(struct sending *sending, size_t left, struct error *error)
{
    enum result result = send_gathered(sending, error);
    while (result == RESULT_OK && sending->under_way > left) {
        result = receive_oldest(sending, error);
    }
    if (result != RESULT_OK) {
        clear_progress(sending);
        unsigned long long taken = sending->queued + sending->known;
        (void)error_wrap(error, "after %llu documents were taken", taken);
    }
    return result;
}

enum result sending_add(struct sending *sending, struct bytes document, const char *file,
                        size_t line, struct error *error)
{
    enum result result = RESULT_OK;
    if (document.data == NULL) {
        char sentence[128];
        (void)snprintf(sentence, sizeof sentence, "a document has at most %zu bytes",
                       DOCUMENT_MAX_BYTES);
        print_refusal(sending, file, line, TEXT("too-large"), text_of(sentence));
        sending->refused++;
        return RESULT_OK;
    }
    if (sending->packed.size + document.size > SENDING_BATCH_BYTES ||
        sending->flights[sending->gathering].count == SENDING_BATCH_COUNT) {
        result = sending_flush(sending, SENDING_FLIGHTS - 1, error);
    }
    struct flight *flight = &sending->flights[sending->gathering];
    flight->places[flight->count].file = file;
    flight->places[flight->count++].line = line;
    mp_put_bin(&sending->packed, document);
    return result;
}

/* The channel as it stands when a wait is over. */
static enum result check_channel(void *self, const struct wire_row *row, struct error *error)
{
    uint64_t *receipted = self;
    *receipted = wire_row_uint(row, WIRE_CHANNEL_RECEIPT_SIZE);
    if (wire_row_bool(row, WIRE_CHANNEL_HELD)) {
        return error_set(error, RESULT_HELD, "channel %llu is held: %.*s",
                         (unsigned long long)wire_row_uint(row, WIRE_CHANNEL_NUMBER),
                         TEXT_ARGS(wire_row_text(row, WIRE_CHANNEL_HELD_REASON)));
    }
    return RESULT_OK;
}

/* Asks the node to answer when its receipts cover what was sent, or after a second. */
static enum result ask_stored(struct sending *sending, const struct place *place,
                              uint64_t *receipted, struct error *error)
{
    struct buffer *request = client_begin(sending->client, "wait", 3);
    mp_put_uint(request, place->channel);
    mp_put_uint(request, place->upto);
    mp_put_uint(request, WAIT_MS);
    enum result result = client_send(sending->client, error);
    return result == RESULT_OK ? client_receive(sending->client, check_channel, receipted, error)
                               : result;
}

static enum result wait_stored(struct sending *sending, uint64_t seconds, struct error *error)
{
    uint64_t begun = world_steady_ns(world_real());
    bool told = !shows_progress(sending);
    for (size_t i = 0; i < sending->places.count;) {
        const struct place *place = &sending->places.rows[i];
        uint64_t receipted = 0;
        enum result result = ask_stored(sending, place, &receipted, error);
        if (result != RESULT_OK) {
            return result;
        }
        if (receipted >= place->upto) {
            i++;
            continue;
        }
        uint64_t waited = (world_steady_ns(world_real()) - begun) / 1000000000;
        if (waited >= seconds) {
            return error_set(error, RESULT_UNAVAILABLE,
                             "not stored by every partner after %llu s; it stays queued, see "
                             "`comesh queue`",
                             (unsigned long long)seconds);
        }
        if (!told) {
            (void)fprintf(stderr, "comesh: queued; waiting until the partners have stored it, "
                                  "which an interrupt ends without harm\n");
            told = true;
        }
    }
    return RESULT_OK;
}

static void print_sum(const struct sending *sending, bool stored)
{
    uint64_t count = sending->queued + sending->known + sending->refused;
    double seconds = (double)(world_steady_ns(world_real()) - sending->begun_ns) / 1e9;
    if (count <= 1 && !stored) {
        return;
    }
    (void)fprintf(stderr, "comesh: %llu queued", (unsigned long long)sending->queued);
    if (sending->known > 0) {
        (void)fprintf(stderr, ", %llu known already", (unsigned long long)sending->known);
    }
    if (sending->refused > 0) {
        (void)fprintf(stderr, ", %llu refused", (unsigned long long)sending->refused);
    }
    (void)fprintf(stderr, "%s in %.2f s", stored ? ", stored by every partner" : "", seconds);
    if (count > SENDING_TABLE_MAX) {
        (void)fprintf(stderr, ", %.0f a second", (double)count / seconds);
    }
    (void)fputc('\n', stderr);
}

enum result sending_end(struct sending *sending, const uint64_t *stored, struct error *error)
{
    enum result result = sending_flush(sending, 0, error);
    clear_progress(sending);
    if (sending->queued + sending->known > SENDING_TABLE_MAX) {
        sending->table.count = 0;
    }
    table_end(&sending->table, stdout);
    if (result == RESULT_OK && stored != NULL) {
        result = wait_stored(sending, *stored, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    (void)fflush(stdout);
    print_sum(sending, stored != NULL);
    if (sending->refused > 0) {
        uint64_t count = sending->queued + sending->known + sending->refused;
        return error_set(error, sending->put_off == sending->refused ? RESULT_BUSY : RESULT_INVALID,
                         "%llu of %llu documents refused", (unsigned long long)sending->refused,
                         (unsigned long long)count);
    }
    return RESULT_OK;
}
