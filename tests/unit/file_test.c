/* Small files: whole or not at all, and not through what is no file. */
#include "keys/file.h"
#include "tests/unit/folder.h"

#include <dirent.h>

static enum result read_file(const char *path, size_t max, enum file_access access)
{
    struct buffer content = {0};
    enum result result = file_read(path, max, access, &content, &error);
    buffer_free(&content);
    return result;
}

START_TEST(a_file_is_replaced_as_a_whole_and_nothing_else_is_left)
{
    const char *path = folder_path("a.card");
    struct buffer content = {0};
    struct stat status;
    assert_ok(file_replace(path, bytes_of("first", 5), FILE_PUBLIC, &error));
    assert_ok(file_replace(path, bytes_of("second", 6), FILE_PUBLIC, &error));
    assert_ok(file_read(path, 6, FILE_PUBLIC, &content, &error));
    ck_assert(text_equal(buffer_view(&content), TEXT("second")));
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0644);
    buffer_free(&content);
    DIR *listing = opendir(folder);
    int names = 0;
    while (readdir(listing) != NULL) {
        names++;
    }
    (void)closedir(listing);
    ck_assert_int_eq(names, 3);
}
END_TEST

START_TEST(a_secret_file_is_for_its_owner_alone)
{
    const char *path = folder_path("a.key");
    struct stat status;
    assert_ok(file_replace(path, bytes_of("secret", 6), FILE_SECRET, &error));
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0600);
    assert_ok(read_file(path, 100, FILE_SECRET));
    ck_assert_int_eq(chmod(path, 0640), 0);
    assert_fails(read_file(path, 100, FILE_SECRET), RESULT_DENIED, "mode 0640");
    ck_assert_int_eq(chmod(path, 0604), 0);
    assert_fails(read_file(path, 100, FILE_SECRET), RESULT_DENIED, "chmod 600");
    assert_ok(read_file(path, 100, FILE_PUBLIC));
}
END_TEST

START_TEST(links_folders_and_pipes_are_no_files)
{
    folder_write("target", "x", 1);
    ck_assert_int_eq(symlink("target", folder_path("link")), 0);
    ck_assert_int_eq(mkfifo(folder_path("pipe"), 0600), 0);
    assert_fails(read_file(folder_path("link"), 10, FILE_PUBLIC), RESULT_INVALID, "symbolic link");
    assert_fails(read_file(folder_path("pipe"), 10, FILE_PUBLIC), RESULT_INVALID,
                 "not a regular file");
    assert_fails(read_file(folder, 10, FILE_PUBLIC), RESULT_INVALID, "not a regular file");
    assert_fails(read_file(folder_path("none"), 10, FILE_PUBLIC), RESULT_NOT_FOUND, "none");
}
END_TEST

START_TEST(a_file_above_its_limit_is_refused)
{
    folder_write("long", "12345678901", 11);
    assert_fails(read_file(folder_path("long"), 10, FILE_PUBLIC), RESULT_TOO_LARGE,
                 "has 11 bytes, above the limit of 10");
    assert_ok(read_file(folder_path("long"), 11, FILE_PUBLIC));
}
END_TEST

START_TEST(a_replacement_that_cannot_be_leaves_the_old_file)
{
    ck_assert_int_eq(mkdir(folder_path("taken"), 0755), 0);
    folder_write("taken/inside", "x", 1);
    enum result result =
        file_replace(folder_path("taken"), bytes_of("new", 3), FILE_PUBLIC, &error);
    ck_assert_int_ne(result, RESULT_OK);
    ck_assert_ptr_nonnull(strstr(error.message, "taken"));
    assert_fails(file_replace(folder_path("no/such"), bytes_of("x", 1), FILE_PUBLIC, &error),
                 RESULT_NOT_FOUND, "no/");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_file_is_replaced_as_a_whole_and_nothing_else_is_left,
        a_secret_file_is_for_its_owner_alone,
        links_folders_and_pipes_are_no_files,
        a_file_above_its_limit_is_refused,
        a_replacement_that_cannot_be_leaves_the_old_file,
    };
    return suite_run_with("file", tests, SUITE_COUNT(tests), folder_start, folder_end);
}
