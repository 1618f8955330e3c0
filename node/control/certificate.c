/* The life of a certificate as a row. See certificate.h. */
#include "node/control/certificate.h"

#include "node/flow/life.h"

#include <inttypes.h>
#include <stdio.h>

#define DATE_BYTES 16

static void put_day(struct buffer *out, unsigned key, uint32_t day)
{
    char text[DATE_BYTES] = "";
    if (day != 0) {
        (void)snprintf(text, sizeof text, "%04" PRIu32 "-%02" PRIu32 "-%02" PRIu32,
                       day / 10000 % 10000, day / 100 % 100, day % 100);
    }
    wire_text(out, key, text_of(text));
}

static void put_goods(const struct lifecycle_item *item, struct buffer *out)
{
    char text[DECIMAL_BYTES];
    wire_row(out, &wire_shape_goods);
    wire_uint(out, WIRE_GOODS_NUMBER, item->number);
    decimal_write(item->certified, text);
    wire_text(out, WIRE_GOODS_CERTIFIED, item->has_certified ? text_of(text) : TEXT(""));
    wire_text(out, WIRE_GOODS_USED, text_of(decimal_write(item->used, text)));
    decimal_write(decimal_left(item->certified, item->used), text);
    wire_text(out, WIRE_GOODS_LEFT, item->has_certified ? text_of(text) : TEXT(""));
    wire_text(out, WIRE_GOODS_UNIT, item->unit);
    wire_text(out, WIRE_GOODS_TREATMENT, text_of(lifecycle_treatment_text(item->treatment)));
    wire_time(out, WIRE_GOODS_SINCE, item->treated_ms);
}

static enum result put_matters(const struct lifecycle *life, struct arena *arena,
                               struct buffer *out, struct error *error)
{
    size_t count = lifecycle_open(life, NULL, 0);
    struct lifecycle_matter *matters = arena_alloc(arena, (count + 1) * sizeof *matters);
    if (matters == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for %zu open matters", count);
    }
    (void)lifecycle_open(life, matters, count);
    wire_rows(out, WIRE_CERTIFICATE_OPEN, count);
    for (size_t i = 0; i < count; i++) {
        wire_row(out, &wire_shape_matter);
        wire_text(out, WIRE_MATTER_WHAT, text_of(matters[i].what));
        if (matters[i].item > 0) {
            wire_uint(out, WIRE_MATTER_ITEM, matters[i].item);
        } else {
            wire_nil(out, WIRE_MATTER_ITEM);
        }
        wire_time(out, WIRE_MATTER_SINCE, matters[i].since_ms);
        wire_time(out, WIRE_MATTER_DUE, matters[i].due_ms);
    }
    return RESULT_OK;
}

static enum result put_row(struct verb_context *context, const struct store_message *issue,
                           const struct lifecycle *life, struct error *error)
{
    const struct flow *flow = context->node->flow;
    struct buffer *out = context->rows;
    struct text own = text_of(flow->config->party);
    uint32_t today = lifecycle_day(world_wall_ms(flow->world));
    enum lifecycle_state state = lifecycle_state(life, today);
    wire_row(out, &wire_shape_certificate);
    wire_text(out, WIRE_CERTIFICATE_NUMBER, issue->number);
    wire_text(out, WIRE_CERTIFICATE_EXPORTER, issue->exporter);
    wire_text(out, WIRE_CERTIFICATE_IMPORTER,
              issue->direction == STORE_OUTGOING ? issue->partner : own);
    wire_text(out, WIRE_CERTIFICATE_AGREEMENT, issue->agreement);
    wire_text(out, WIRE_CERTIFICATE_STATE, text_of(lifecycle_state_text(state)));
    wire_uint(out, WIRE_CERTIFICATE_REVISION, life->revision);
    put_day(out, WIRE_CERTIFICATE_ISSUED, life->issued_day);
    put_day(out, WIRE_CERTIFICATE_VALID_UNTIL, life->valid_until);
    wire_text(out, WIRE_CERTIFICATE_KIND, text_of(life->kinds));
    wire_text(out, WIRE_CERTIFICATE_REPLACES, life->replaces);
    wire_text(out, WIRE_CERTIFICATE_REPLACED_BY, life->replaced_by);
    wire_text(out, WIRE_CERTIFICATE_TREATED, text_of(lifecycle_roll_up(life)));
    wire_rows(out, WIRE_CERTIFICATE_GOODS, life->item_count);
    for (size_t i = 0; i < life->item_count; i++) {
        put_goods(&life->items[i], out);
    }
    return put_matters(life, context->arena, out, error);
}

enum result certificate_row(struct verb_context *context, const struct store_message *messages,
                            size_t count, struct text exporter, struct error *error)
{
    struct life_issue issue;
    struct lifecycle life = {.arena = context->arena};
    enum result result = life_read(messages, count, exporter, &issue, &life, error);
    return result == RESULT_OK ? put_row(context, issue.message, &life, error) : result;
}
