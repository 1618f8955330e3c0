/* What the unit tests of proto/ and keys/ share: an error, an arena that is freed behind every
 * test, checks that show the error's sentence, and the main of a Check program. */
#ifndef COMESH_TESTS_SUITE_H
#define COMESH_TESTS_SUITE_H

#include "proto/arena.h"

#include <check.h>
#include <stdlib.h>

static struct error error __attribute__((unused));
static struct arena arena __attribute__((unused));

#define assert_ok(expression)                                                                      \
    do {                                                                                           \
        memset(&error, 0, sizeof error);                                                           \
        ck_assert_msg((expression) == RESULT_OK, "%s", error.message);                             \
    } while (0)

/* Fails with `wanted`, the same code in the error, and a sentence that says `words`. */
#define assert_fails(expression, wanted, words)                                                    \
    do {                                                                                           \
        memset(&error, 0, sizeof error);                                                           \
        enum result failed_as = (expression);                                                      \
        ck_assert_msg(failed_as == (wanted) && error.code == (wanted), "%s: %s",                   \
                      result_text(failed_as), error.message);                                      \
        ck_assert_msg(strstr(error.message, (words)) != NULL, "'%s' is not in: %s", (words),       \
                      error.message);                                                              \
    } while (0)

static inline struct bytes bytes_of(const void *data, size_t size)
{
    return (struct bytes){data, size};
}

/* Appends `text`, which is freed, with its first `from` as `to`: a good text that is wrong in one
 * place. */
static inline void text_with(struct buffer *text, const char *from, const char *to,
                             struct buffer *out)
{
    buffer_append(text, "", 1);
    const char *whole = (const char *)text->data;
    const char *found = strstr(whole, from);
    ck_assert_msg(found != NULL, "'%s' is not in the text", from);
    buffer_append(out, whole, (size_t)(found - whole));
    buffer_text(out, to);
    buffer_text(out, found + strlen(from));
    buffer_free(text);
}

static void suite_end(void)
{
    arena_free(&arena);
}

#define SUITE_COUNT(tests) (sizeof(tests) / sizeof(tests)[0])

/* `start` runs before every test and `end` behind it; both may be NULL. */
static inline int suite_run_with(const char *name, const TTest *const *tests, size_t count,
                                 void (*start)(void), void (*end)(void))
{
    Suite *suite = suite_create(name);
    TCase *group = tcase_create(name);
    tcase_set_timeout(group, 60);
    tcase_add_checked_fixture(group, start, end);
    tcase_add_checked_fixture(group, NULL, suite_end);
    for (size_t i = 0; i < count; i++) {
        tcase_add_test(group, tests[i]);
    }
    suite_add_tcase(suite, group);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static inline int suite_run(const char *name, const TTest *const *tests, size_t count,
                            void (*start)(void))
{
    return suite_run_with(name, tests, count, start, NULL);
}

#endif
