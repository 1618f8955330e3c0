/* comesh help: of all commands, of one, of the configuration. */
#include "node/core/config.h"
#include "tools/comesh/command.h"

#include <stdio.h>

static enum result run(struct call *call, struct error *error)
{
    if (call->operand_count == 0) {
        help_all();
        return RESULT_OK;
    }
    if (strcmp(call->operands[0], "config") == 0) {
        struct buffer text = {0};
        config_describe(&text);
        (void)fwrite(text.data, 1, text.size, stdout);
        buffer_free(&text);
        return RESULT_OK;
    }
    char name[64];
    (void)snprintf(name, sizeof name, "%s%s%s", call->operands[0],
                   call->operand_count > 1 ? " " : "",
                   call->operand_count > 1 ? call->operands[1] : "");
    if (!help_for(name)) {
        size_t used = 0;
        call_usage(call, error, "'%s' is no command; see `comesh help`", name);
        return command_find(call->operands, call->operand_count, &used, error) == NULL
                   ? RESULT_INVALID
                   : RESULT_OK;
    }
    return RESULT_OK;
}

const struct command command_help = {
    .name = "help",
    .operands = "[COMMAND | config]",
    .summary = "this help, that of a command, or all options of the configuration",
    .examples = "  comesh help\n  comesh help send\n  comesh help config\n",
    .most_operands = 2,
    .run = run,
};
