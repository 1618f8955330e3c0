/* The life of a certificate of two items, and the messages that are said about it. */
#ifndef COMESH_TESTS_LIFECYCLE_SCENE_H
#define COMESH_TESTS_LIFECYCLE_SCENE_H

#include "proto/lifecycle.h"
#include "tests/unit/suite.h"

#define ISSUED  20260105
#define IN_TIME 20260601
#define PIECES  "C62"

static struct lifecycle life;
static uint64_t clock_ms;

static inline void scene_start(void)
{
    clock_ms = 1767571200000; /* 5 January 2026 */
    life = (struct lifecycle){.arena = &arena};
}

/* ---- messages ---- */

static inline struct decimal quantity_of(const char *text)
{
    struct decimal decimal = {0};
    ck_assert(decimal_read(text_of(text), &decimal));
    return decimal;
}

static inline struct message_id id_of(uint8_t number)
{
    struct message_id id = {{0}};
    id.bytes[0] = number;
    return id;
}

static inline struct lifecycle_line *lines_of(size_t count)
{
    return arena_zero(&arena, count * sizeof(struct lifecycle_line));
}

/* A certificate of two items: 100 and 50.5 pieces. */
static inline struct lifecycle_event issue(void)
{
    struct lifecycle_line *lines = lines_of(2);
    lines[0] = (struct lifecycle_line){1, true, quantity_of("100"), TEXT(PIECES), .use_count = 0};
    lines[1] = (struct lifecycle_line){2, true, quantity_of("50.5"), TEXT(PIECES), .use_count = 0};
    return (struct lifecycle_event){.operation = OPERATION_CO,
                                    .time_ms = ++clock_ms,
                                    .issued = ISSUED,
                                    .valid_until = ISSUED + 10000,
                                    .lines = lines,
                                    .line_count = 2};
}

static inline struct lifecycle_event amend(uint8_t id, enum lifecycle_effect asked)
{
    return (struct lifecycle_event){.operation = OPERATION_AMENDMENT,
                                    .id = id_of(id),
                                    .time_ms = ++clock_ms,
                                    .asked = asked,
                                    .replacement =
                                        asked == EFFECT_REPLACE ? TEXT("KR-2") : TEXT("")};
}

/* A correction of the quantity of item 1. */
static inline struct lifecycle_event amend_quantity(uint8_t id, const char *quantity)
{
    struct lifecycle_event event = amend(id, EFFECT_CORRECT);
    struct lifecycle_line *line = lines_of(1);
    *line = (struct lifecycle_line){1, true, quantity_of(quantity), TEXT(PIECES), .use_count = 0};
    event.lines = line;
    event.line_count = 1;
    return event;
}

static inline struct lifecycle_event answer(uint8_t amendment, enum lifecycle_answer said)
{
    return (struct lifecycle_event){.operation = OPERATION_CANCELATION_STATUS,
                                    .time_ms = ++clock_ms,
                                    .answers = id_of(amendment),
                                    .answer = said};
}

static inline struct lifecycle_event treat_with(uint32_t item, enum lifecycle_treatment treatment,
                                                const char *declaration, const char *quantity,
                                                const char *unit)
{
    struct lifecycle_line *line = lines_of(1);
    struct lifecycle_use *use = arena_zero(&arena, sizeof *use);
    *line = (struct lifecycle_line){.number = item, .treatment = treatment, .uses = use};
    if (quantity != NULL) {
        *use = (struct lifecycle_use){text_of(declaration), quantity_of(quantity), text_of(unit)};
        line->use_count = 1;
    }
    return (struct lifecycle_event){
        .operation = OPERATION_FEEDBACK, .time_ms = ++clock_ms, .lines = line, .line_count = 1};
}

static inline struct lifecycle_event use(uint32_t item, const char *declaration,
                                         const char *quantity)
{
    return treat_with(item, TREATMENT_GRANTED, declaration, quantity, PIECES);
}

static inline struct lifecycle_event treat(uint32_t item, enum lifecycle_treatment treatment)
{
    return treat_with(item, treatment, "", NULL, "");
}

/* ---- taking them in ---- */

static inline void take(struct lifecycle_event event)
{
    assert_ok(lifecycle_fold(&life, &event, &error));
}

/* What may be said, and is. */
static inline void say(struct lifecycle_event event)
{
    const char *code = NULL;
    assert_ok(lifecycle_judge(&life, &event, &code, &error));
    take(event);
}

static inline void assert_refused(struct lifecycle_event event, const char *code, const char *words)
{
    const char *told = NULL;
    assert_fails(lifecycle_judge(&life, &event, &told, &error), RESULT_INVALID, words);
    ck_assert_str_eq(told, code);
}

static inline void assert_state(const char *wanted)
{
    ck_assert_str_eq(lifecycle_state_text(lifecycle_state(&life, IN_TIME)), wanted);
}

static inline void assert_used(uint32_t item, const char *wanted)
{
    char text[DECIMAL_BYTES];
    ck_assert_str_eq(decimal_write(life.items[item - 1].used, text), wanted);
}

#endif
