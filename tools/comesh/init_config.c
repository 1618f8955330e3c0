/* The configuration of a new node. See init_config.h. */
#include "tools/comesh/init_config.h"

/* CODE:MENU:PARTIES with commas in the lists, as a section of the configuration. */
static enum result append_agreement(struct call *call, const char *given, struct buffer *out,
                                    struct error *error)
{
    struct text rest = text_of(given);
    struct text parts[3];
    for (size_t i = 0; i < 3; i++) {
        parts[i] = text_until(&rest, ':');
        bool more = text_skip(&rest, ":");
        if (parts[i].size == 0 || more != (i < 2)) {
            return call_usage(call, error,
                              "--agreement '%s'; accepted: CODE:MENU:PARTIES, as "
                              "AKFTA:1:KR,ID or AKFTA:1,2:KR,ID",
                              given);
        }
    }
    size_t begin = out->size;
    buffer_printf(out, "agreement\n    code = %.*s\n    menu = %.*s\n    parties = %.*s\n",
                  TEXT_ARGS(parts[0]), TEXT_ARGS(parts[1]), TEXT_ARGS(parts[2]));
    for (size_t i = begin; i < out->size; i++) {
        if (out->data[i] == ',') {
            out->data[i] = ' ';
        }
    }
    return RESULT_OK;
}

enum result init_config(struct call *call, const struct card *card, struct buffer *out,
                        struct error *error)
{
    size_t cursor = 0;
    buffer_printf(out,
                  "# The configuration of this node, in ZPL. `comesh help config` lists all "
                  "options;\n# `comeshd --config FILE --check-config` checks this file.\n"
                  "node\n    party = %s\n    environment = %s\n    domain = %s\n",
                  card->party, card->environment, card->domain);
    buffer_text(out, "link\n");
    const char *bind = call_next(call, "bind", &cursor);
    if (bind == NULL) {
        buffer_text(out, "    # Without `bind` the node only dials out to its partners.\n"
                         "    # bind = tcp://*:7447\n");
    }
    for (; bind != NULL; bind = call_next(call, "bind", &cursor)) {
        buffer_printf(out, "    bind = %s\n", bind);
    }
    buffer_text(out, "    # receipt_alarm = 1h\nstore\n    # minimum_free = 64MiB\nlog\n"
                     "    level = info\n\n"
                     "# Agreements are signed: `comesh agreement new`. To try out, in dev and "
                     "test:\n"
                     "# agreement\n#     code = AKFTA\n#     menu = 1\n"
                     "#     parties = KR ID\n");
    cursor = 0;
    enum result result = RESULT_OK;
    for (const char *given = call_next(call, "agreement", &cursor);
         given != NULL && result == RESULT_OK; given = call_next(call, "agreement", &cursor)) {
        result = append_agreement(call, given, out, error);
    }
    return result == RESULT_OK ? buffer_check(out, error) : result;
}
