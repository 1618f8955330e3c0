/* What the tests of node/flow share: the flows of Korea and Indonesia on real stores, without any
 * socket between them; the test carries the frames, and may change them on the way. */
#ifndef COMESH_TESTS_FLOW_FIXTURE_H
#define COMESH_TESTS_FLOW_FIXTURE_H

#include "node/flow/accept.h"
#include "node/flow/advance.h"
#include "node/flow/order.h"
#include "node/flow/submit.h"
#include "tests/unit/node_fixture.h"

#define NUMBER_AT "KR-020-26-0001742"
#define ID_AT     "5b0a6f0e-2c2a-4a51-9d4b-7d3f1a9c0e01"

static struct mesh_node korea;
static struct mesh_node indonesia;
static struct rules *rules; /* of both */
static struct queue home;
static struct store_reader *korea_reader;
static struct store_reader *indonesia_reader;
static struct outgoing *outgoing; /* of Korea to Indonesia */
static struct incoming *incoming; /* of Indonesia from Korea */

/* What incoming gave back last. */
static struct buffer replied;
static bool reply_ended_lane;
static unsigned replies;

static inline void keep_reply(void *self, struct incoming *from, const struct buffer *frame,
                              bool ends_lane)
{
    (void)self;
    (void)from;
    buffer_clear(&replied);
    buffer_append(&replied, frame->data, frame->size);
    reply_ended_lane = ends_lane;
    replies++;
}

static inline void agree(struct mesh_node *node, const char *code)
{
    struct config_agreement *agreement = &node->config.agreements[node->config.agreement_count++];
    (void)snprintf(agreement->code, sizeof agreement->code, "%s", code);
    agreement->menu_versions[0] = 1;
    (void)snprintf(agreement->parties[0], PARTY_MAX_BYTES, "KR");
    (void)snprintf(agreement->parties[1], PARTY_MAX_BYTES, "ID");
    agreement->party_count = 2;
}

static inline void flows_start(void)
{
    fixture_start();
    node_init(&korea, "KR", "customs.go.kr", false);
    node_init(&indonesia, "ID", "beacukai.go.id", false);
    assert_ok(rules_load(NULL, &rules, &error));
    korea.flow.rules = rules;
    indonesia.flow.rules = rules;
    agree(&korea, "AKFTA");
    agree(&indonesia, "AKFTA");
    nodes_pair(&korea, &indonesia);
    flow_set_heard(&indonesia.flow, TEXT("KR"));
    assert_ok(queue_init(&home, &error));
    assert_ok(store_reader_open(korea.flow.store, &korea_reader, &error));
    assert_ok(store_reader_open(indonesia.flow.store, &indonesia_reader, &error));
    assert_ok(outgoing_new(&korea.flow, korea_reader, TEXT("ID"), &home, &outgoing, &error));
    assert_ok(incoming_new(&indonesia.flow, indonesia_reader, TEXT("KR"), &home, keep_reply, NULL,
                           &incoming, &error));
    replies = 0;
}

/* Until nothing of the two is in a writer. */
static inline void settle(void)
{
    while (outgoing_pending(outgoing) + incoming_pending(incoming) > 0) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&home);
    }
}

static inline void flows_end(void)
{
    settle();
    outgoing_destroy(&outgoing);
    incoming_destroy(&incoming);
    store_reader_close(&korea_reader);
    store_reader_close(&indonesia_reader);
    node_end(&korea);
    node_end(&indonesia);
    rules_destroy(&rules);
    queue_close(&home);
    buffer_free(&replied);
}

/* ---- documents ---- */

static inline void document_read(const char *path, struct buffer *out)
{
    char block[4096];
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s: run the tests from the top of the tree", path);
    for (size_t got = 0; (got = fread(block, 1, sizeof block, file)) > 0;) {
        buffer_append(out, block, got);
    }
    (void)fclose(file);
    buffer_append(out, "", 1);
    out->size--;
}

/* Replaces the first occurrence of `old` by `new`, of the same length. */
static inline void document_set(struct buffer *document, const char *old, const char *new)
{
    char *at = strstr((char *)document->data, old);
    ck_assert_msg(at != NULL, "'%s' is not in the document", old);
    ck_assert_uint_eq(strlen(old), strlen(new));
    memcpy(at, new, strlen(new));
}

/* Korea's sample certificate, with its own number and id for each serial. */
static inline void certificate(unsigned serial, struct buffer *out)
{
    char number[32];
    char id[40];
    document_read("tests/samples/kr-id-co.json", out);
    (void)snprintf(number, sizeof number, "KR-020-26-%07u", serial);
    (void)snprintf(id, sizeof id, "5b0a6f0e-2c2a-4a51-9d4b-%012u", serial);
    document_set(out, NUMBER_AT, number);
    document_set(out, ID_AT, id);
}

/* ---- submits ---- */

struct submitted {
    enum result result;
    char sentence[ERROR_MESSAGE_BYTES];
    uint32_t channel;
    uint64_t index;
    size_t refusals;
    bool done;
};

static inline void submit_done(struct submit *submit, void *self)
{
    struct submitted *submitted = self;
    size_t count = 0;
    const struct submit_answer *answer = submit_answers(submit, &count);
    *submitted = (struct submitted){.result = answer->result,
                                    .channel = answer->channel,
                                    .index = answer->index,
                                    .refusals = answer->findings.refusals,
                                    .done = true};
    (void)snprintf(submitted->sentence, sizeof submitted->sentence, "%.*s",
                   TEXT_ARGS(answer->sentence));
    submit_destroy(&submit);
}

static inline struct submitted submit_one(struct mesh_node *node, enum operation operation,
                                          const struct buffer *document)
{
    struct submitted submitted = {0};
    struct bytes bytes = buffer_bytes(document);
    const struct submitter submitter = {&home, submit_done, &submitted, NULL};
    assert_ok(submit_documents(&node->flow, operation, &bytes, 1, &submitter, &error));
    while (!submitted.done) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&home);
    }
    return submitted;
}

static inline struct submitted submit_certificate(unsigned serial)
{
    struct buffer document = {0};
    certificate(serial, &document);
    struct submitted submitted = submit_one(&korea, OPERATION_CO, &document);
    buffer_free(&document);
    return submitted;
}

#define assert_answer(answer, wanted, words)                                                       \
    do {                                                                                           \
        struct submitted answered = (answer);                                                      \
        ck_assert_msg(answered.result == (wanted), "%s: %s", result_text(answered.result),         \
                      answered.sentence);                                                          \
        ck_assert_msg(strstr(answered.sentence, (words)) != NULL, "'%s' is not in: %s", (words),   \
                      answered.sentence);                                                          \
    } while (0)

/* ---- frames ---- */

static inline struct frame unpack(const struct buffer *bytes)
{
    struct frame frame;
    assert_ok(frame_unpack(buffer_bytes(bytes), &arena, &frame, &error));
    return frame;
}

/* Korea's hello and Indonesia's welcome: the lane is open. */
static inline void open_lane(void)
{
    struct buffer hello = {0};
    struct buffer welcome = {0};
    struct refused refused = {0};
    assert_ok(outgoing_hello(outgoing, &hello, &error));
    struct frame frame = unpack(&hello);
    assert_ok(incoming_hello(incoming, &frame.hello, &welcome, &refused, &error));
    frame = unpack(&welcome);
    assert_ok(outgoing_welcome(outgoing, &frame.welcome, &refused, &error));
    settle();
    buffer_free(&hello);
    buffer_free(&welcome);
}

/* Korea's next push, kept in `bytes`. */
static inline struct frame next_push(struct buffer *bytes)
{
    assert_ok(outgoing_next(outgoing, bytes, &error));
    ck_assert_uint_gt(bytes->size, 0);
    struct frame frame = unpack(bytes);
    ck_assert_int_eq(frame.kind, FRAME_PUSH);
    return frame;
}

/* Indonesia takes the push; what it replied is in `replied`. */
static inline struct frame take_push(const struct frame_push *push)
{
    struct refused refused = {0};
    assert_ok(incoming_push(incoming, push, &refused, &error));
    settle();
    return unpack(&replied);
}

/* A push that is refused at once. */
#define assert_push_refused(push, wanted)                                                          \
    do {                                                                                           \
        struct refused told = {0};                                                                 \
        ck_assert_int_ne(incoming_push(incoming, (push), &told, &error), RESULT_OK);               \
        ck_assert_msg(told.refusal == (wanted), "%s: %s", refusal_text(told.refusal),              \
                      told.sentence);                                                              \
    } while (0)

/* All that Korea has goes over, with its receipts. */
static inline void carry_all(void)
{
    struct buffer bytes = {0};
    struct refused refused = {0};
    for (;;) {
        buffer_clear(&bytes);
        assert_ok(outgoing_next(outgoing, &bytes, &error));
        if (bytes.size == 0 && outgoing_due_ms(outgoing) != UINT64_MAX) {
            continue; /* verdicts wait for company, a moment */
        }
        if (bytes.size == 0) {
            break;
        }
        struct frame push = unpack(&bytes);
        struct frame reply = take_push(&push.push);
        ck_assert_int_eq(reply.kind, FRAME_RECEIPT);
        assert_ok(outgoing_receipt(outgoing, &reply.receipt, &refused, &error));
        settle();
    }
    buffer_free(&bytes);
}

/* What Indonesia says to Korea goes over as well. */
static inline void carry_verdicts(void)
{
    struct outgoing *back = NULL;
    struct incoming *front = NULL;
    struct buffer bytes = {0};
    struct buffer welcome = {0};
    struct refused refused = {0};
    assert_ok(outgoing_new(&indonesia.flow, indonesia_reader, TEXT("KR"), &home, &back, &error));
    assert_ok(incoming_new(&korea.flow, korea_reader, TEXT("ID"), &home, keep_reply, NULL, &front,
                           &error));
    assert_ok(outgoing_hello(back, &bytes, &error));
    struct frame frame = unpack(&bytes);
    assert_ok(incoming_hello(front, &frame.hello, &welcome, &refused, &error));
    frame = unpack(&welcome);
    assert_ok(outgoing_welcome(back, &frame.welcome, &refused, &error));
    buffer_clear(&bytes);
    while (bytes.size == 0) { /* verdicts wait for company, a moment */
        assert_ok(outgoing_next(back, &bytes, &error));
    }
    frame = unpack(&bytes);
    assert_ok(incoming_push(front, &frame.push, &refused, &error));
    while (incoming_pending(front) > 0) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&home);
    }
    incoming_destroy(&front);
    outgoing_destroy(&back);
    buffer_free(&bytes);
    buffer_free(&welcome);
}

/* ---- looking ---- */

/* The channel that Korea sends, as a store holds it; NULL when it does not. */
static inline const struct store_channel *channel_of(struct store_reader *reader)
{
    const struct store_channel *channel = NULL;
    char origin[ORIGIN_MAX_BYTES];
    assert_ok(flow_origin(&korea.flow, TEXT("ID"), origin, &error));
    enum result result = flow_read_channel(reader, text_of(origin), &arena, &channel, &error);
    return result == RESULT_OK ? channel : NULL;
}

static inline struct store_message message_at(struct store_reader *reader, uint64_t index)
{
    struct store_message *messages = NULL;
    size_t count = 0;
    assert_ok(store_read_messages(reader, channel_of(reader)->number, index, 1, &arena, &messages,
                                  &count, &error));
    ck_assert_uint_eq(count, 1);
    return messages[0];
}

/* ---- a partner without a node ---- */

/* The card of Indonesia as a party without a node, with no pin yet. */
static inline struct rest_card indonesia_without_node(uint64_t serial)
{
    return (struct rest_card){.party = "ID",
                              .name = "Customs of ID",
                              .environment = "test",
                              .domain = "beacukai.go.id",
                              .port = 443,
                              .serial = serial};
}

/* Korea, not yet open, with Indonesia as a partner without a node. */
static inline void korea_alone(uint64_t serial)
{
    struct rest_card card = indonesia_without_node(serial);
    fixture_start();
    node_init(&korea, "KR", "customs.go.kr", false);
    card.pin_count[REST_CLIENT] = 1;
    card.pins[REST_CLIENT][0].until_s = UINT32_MAX;
    assert_ok(directory_rest_store(korea.cards, &card, &error));
    assert_ok(rules_load(NULL, &rules, &error));
    korea.flow.rules = rules;
    agree(&korea, "AKFTA");
}

#endif
