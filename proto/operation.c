/* Operations. See operation.h. */
#include "proto/operation.h"

static const struct {
    const char *wire;
    const char *word;
    bool outbound;
} operations[] = {{"none", "none", false},
#define OPERATION_ROW(symbol, number, wire, word, outbound) [number] = {wire, word, outbound},
                  OPERATION_MAP(OPERATION_ROW)
#undef OPERATION_ROW
};

static size_t row(enum operation operation)
{
    return (unsigned)operation <= OPERATION_MAX ? (size_t)operation : 0;
}

const char *operation_name(enum operation operation)
{
    return operations[row(operation)].wire;
}

const char *operation_word(enum operation operation)
{
    return operations[row(operation)].word;
}

enum operation operation_from_name(struct text name)
{
    for (unsigned number = 1; number <= OPERATION_MAX; number++) {
        if (text_equal(text_of(operations[number].wire), name)) {
            return (enum operation)number;
        }
    }
    return OPERATION_NONE;
}

bool operation_is_outbound(enum operation operation)
{
    return operations[row(operation)].outbound;
}

bool environment_valid(struct text environment)
{
    return text_equal(environment, TEXT("dev")) || text_equal(environment, TEXT("test")) ||
           text_equal(environment, TEXT("prod"));
}
