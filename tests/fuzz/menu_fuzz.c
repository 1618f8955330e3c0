/* Fuzzing the readers of policy texts: any bytes as a menu, and as a code list. What is taken must
 * be usable: a certificate is judged by the menu, and every code of the list is found again. */
#include "proto/codes_read.h"
#include "proto/menu.h"
#include "tests/unit/random_record.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void as_menu(struct text text, struct arena *arena)
{
    struct menu *menu = NULL;
    struct error error = {0};
    struct findings findings = {.arena = arena};
    if (menu_read(text, "fuzz.menu", arena, &menu, &error) != RESULT_OK) {
        must(menu == NULL && error.message[0] != '\0');
        return;
    }
    menu_check(menu, NULL, random_record(OPERATION_CO, text.size, arena), &findings);
    menu_check(menu, NULL, random_record(OPERATION_AMENDMENT, text.size, arena), &findings);
    for (size_t i = 0; i < menu->line_count; i++) {
        const struct menu_line *line = NULL;
        enum menu_use use = menu_use_of(menu, &menu->lines[i].elements, &line);
        must(use == menu->lines[i].use || use == USE_MANDATORY || use == USE_NOT_USED);
    }
}

static void as_list(struct text text, struct arena *arena)
{
    struct code_lists lists = {{NULL}};
    enum code_list_id id = CODES_NONE;
    const struct code_list *list = NULL;
    struct error error = {0};
    if (code_list_read(text, "fuzz.csv", arena, &id, &list, &error) != RESULT_OK) {
        must(list == NULL && error.message[0] != '\0');
        return;
    }
    lists.lists[id] = list;
    for (size_t i = 0; i < list->count; i++) {
        const struct code *found = NULL;
        (void)code_judge(&lists, id, text_of(list->codes[i].code), 0, &found);
        must(found != NULL && strcmp(found->code, list->codes[i].code) == 0);
    }
    (void)code_nearest_on(&lists, id, TEXT("KGN"), 20260105);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct text text = {(const char *)data, size};
    as_menu(text, &arena);
    as_list(text, &arena);
    arena_free(&arena);
    return 0;
}
