/* Tests of the generated schemas: that their parts fit and have names of their own, and that their
 * patterns say what the check says. ajv and xmllint hold them against documents
 * (tests/e2e/test_corpus.py). */
#include "proto/schema.h"

#include "proto/check_value.h"
#include "proto/schema_parts.h"
#include "proto/xml.h"
#include "tests/unit/random_record.h"
#include "tests/unit/suite.h"

#include <jansson.h>
#include <regex.h>

static struct schema_parts parts;
static struct buffer out;

static void setup(void)
{
    schema_parts_find(&parts);
}

static void teardown(void)
{
    buffer_free(&out);
}

START_TEST(the_dataset_fits_and_every_part_has_a_name_of_its_own)
{
    ck_assert_uint_lt(parts.class_count, SCHEMA_PARTS_MAX);
    ck_assert_uint_lt(parts.type_count, SCHEMA_PARTS_MAX);
    for (size_t i = 0; i < parts.class_count; i++) {
        for (size_t j = 0; j < i; j++) {
            ck_assert_str_ne(parts.classes[i].name, parts.classes[j].name);
            ck_assert_ptr_ne(parts.classes[i].class, parts.classes[j].class);
        }
        for (size_t j = 0; j < parts.type_count; j++) {
            ck_assert_str_ne(parts.classes[i].name, parts.types[j].name);
        }
    }
    for (size_t i = 0; i < parts.type_count; i++) {
        for (size_t j = 0; j < i; j++) {
            ck_assert_str_ne(parts.types[i].name, parts.types[j].name);
        }
    }
}
END_TEST

/* A type's name says all that it is: two elements with one name differ in nothing. */
START_TEST(one_name_is_one_type)
{
    char name[SCHEMA_NAME_BYTES];
    for (size_t i = 0; i < parts.class_count; i++) {
        const struct element_class *class = parts.classes[i].class;
        for (size_t j = 0; j < class->count; j++) {
            const struct element *element = &class->members[j];
            const struct schema_type *type = NULL;
            if (element->type == ELEMENT_GROUP) {
                continue;
            }
            (void)schema_type_name(element, false, name);
            for (size_t k = 0; k < parts.type_count; k++) {
                type = strcmp(parts.types[k].name, name) == 0 ? &parts.types[k] : type;
            }
            ck_assert_ptr_nonnull(type);
            ck_assert(type->type != ELEMENT_CODE || type->codes == element->codes);
            ck_assert((type->type != ELEMENT_TEXT && type->type != ELEMENT_DECIMAL) ||
                      type->length == element->max_length);
        }
    }
}
END_TEST

START_TEST(the_optional_end_of_a_shape_is_one_run)
{
    for (unsigned id = 0; id < CODE_LIST_COUNT; id++) {
        const char *shape = code_list((enum code_list_id)id)->shape;
        const char *end = shape == NULL ? NULL : strchr(shape, '[');
        for (size_t i = 1; end != NULL && end[i] != '\0'; i++) {
            ck_assert_int_eq(end[i], end[1]);
        }
    }
}
END_TEST

static bool check_says(const struct schema_type *type, struct text value)
{
    switch (type->type) {
    case ELEMENT_CODE:
        return code_known(type->codes, value);
    case ELEMENT_INTEGER:
        return integer_flaw(value, type->length).code == NULL;
    case ELEMENT_DECIMAL:
        return decimal_flaw(value, type->length, type->fraction_digits).code == NULL;
    default:
        return date_flaw(value, TEXT("102")).code == NULL ||
               date_flaw(value, TEXT("304")).code == NULL;
    }
}

/* A value of the right kind, or nearly: right ones, with a character changed, added or left out. */
static struct text make_value(const struct schema_type *type, struct dice *dice, char value[48])
{
    static const char *const dates[] = {"20240229",        "20230228",
                                        "19000101",        "20260105093000+0900",
                                        "20261231235959Z", "20000229000000-14"};
    static const char changes[] = "0123456789AZ.-+Z /%a";
    struct text made = TEXT("");
    if (type->type == ELEMENT_DATE_TIME) {
        made = text_of(dates[dice_throw(dice, 6)]);
    } else if (type->type == ELEMENT_CODE) {
        struct record keeper = {.arena = &arena};
        made = random_code(&keeper, dice, type->codes);
    } else {
        (void)snprintf(value, 48, "%u%08u.%u", dice_throw(dice, 100), dice_throw(dice, 100000000),
                       dice_throw(dice, 1000000));
        made = (struct text){value, 1 + dice_throw(dice, (uint32_t)strlen(value))};
    }
    char copy[48];
    size_t size = made.size < 40 ? made.size : 40;
    memcpy(copy, made.data, size);
    for (uint32_t i = dice_throw(dice, 3); i > 0 && size > 0; i--) {
        copy[dice_throw(dice, (uint32_t)size)] = changes[dice_throw(dice, sizeof changes - 1)];
    }
    size += dice_throw(dice, 8) == 0 ? 1 : 0;
    size -= dice_throw(dice, 8) == 0 && size > 0 ? 1 : 0;
    if (size > made.size) {
        copy[size - 1] = changes[dice_throw(dice, sizeof changes - 1)];
    }
    memcpy(value, copy, size);
    value[size] = '\0';
    return (struct text){value, size};
}

START_TEST(a_pattern_says_what_the_check_says)
{
    size_t right = 0;
    for (size_t i = 0; i < parts.type_count; i++) {
        const struct schema_type *type = &parts.types[i];
        struct dice dice = {(uint64_t)i};
        struct buffer pattern = {0};
        regex_t regex;
        schema_pattern(type, false, &pattern);
        if (pattern.size == 0 || type->type == ELEMENT_TEXT || type->type == ELEMENT_IDENTIFIER) {
            buffer_free(&pattern);
            continue;
        }
        buffer_clear(&out);
        buffer_printf(&out, "^(%.*s)$", TEXT_ARGS(buffer_view(&pattern)));
        buffer_append(&out, "", 1);
        ck_assert_int_eq(regcomp(&regex, (const char *)out.data, REG_EXTENDED | REG_NOSUB), 0);
        for (int throw = 0; throw < 3000; throw ++) {
            char value[48];
            struct text made = make_value(type, &dice, value);
            bool matches = regexec(&regex, value, 0, NULL, 0) == 0;
            ck_assert_msg(matches == check_says(type, made), "%s: '%s' matches %d", type->name,
                          value, matches);
            right += matches;
        }
        regfree(&regex);
        buffer_free(&pattern);
    }
    ck_assert_uint_gt(right, 10000);
}
END_TEST

START_TEST(the_json_schema_of_every_operation_is_json_and_refers_to_what_is_there)
{
    for (unsigned number = OPERATION_NONE; number <= OPERATION_FEEDBACK; number++) {
        json_error_t problem;
        buffer_clear(&out);
        schema_json((enum operation)number, &out);
        json_t *schema =
            json_loadb((const char *)out.data, out.size, JSON_REJECT_DUPLICATES, &problem);
        ck_assert_msg(schema != NULL, "%s at %d", problem.text, problem.position);
        json_t *definitions = json_object_get(schema, "$defs");
        static const char reference[] = "\"$ref\": \"#/$defs/";
        const char *at = (const char *)out.data;
        const char *end = at + out.size;
        while ((at = memmem(at, (size_t)(end - at), reference, sizeof reference - 1)) != NULL) {
            char name[2 * SCHEMA_NAME_BYTES];
            at += sizeof reference - 1;
            (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "\""), at);
            ck_assert_msg(json_object_get(definitions, name) != NULL, "%s", name);
        }
        json_decref(schema);
    }
    buffer_clear(&out);
    schema_json(OPERATION_VERDICT, &out);
    ck_assert_uint_eq(out.size, 0);
}
END_TEST

START_TEST(definitions_can_be_components_of_another_document)
{
    json_error_t problem;
    buffer_text(&out, "{");
    schema_json_definitions(OPERATION_FEEDBACK, "#/components/schemas/", "send-feedback.", 1, &out);
    buffer_text(&out, "}");
    json_t *components = json_loadb((const char *)out.data, out.size, 0, &problem);
    ck_assert_msg(components != NULL, "%s at %d", problem.text, problem.position);
    ck_assert_ptr_nonnull(json_object_get(components, "send-feedback.Response"));
    ck_assert_ptr_null(json_object_get(components, "send-feedback.Exporter"));
    buffer_append(&out, "", 1);
    ck_assert_ptr_nonnull(
        strstr((const char *)out.data, "\"#/components/schemas/send-feedback.un-edifact-1225\""));
    json_decref(components);
}
END_TEST

START_TEST(the_table_and_the_xsd_have_every_element)
{
    struct buffer xsd = {0};
    schema_markdown(&out);
    schema_xsd(&xsd);
    buffer_append(&out, "", 1);
    buffer_append(&xsd, "", 1);
    for (size_t i = 0; i < parts.class_count; i++) {
        const struct element_class *class = parts.classes[i].class;
        for (size_t j = 0; j < class->count; j++) {
            char row[128];
            const struct element *element = &class->members[j];
            (void)snprintf(row, sizeof row, "\n| %u | %s ", element->tag, element->name);
            ck_assert_ptr_nonnull(strstr((const char *)out.data, row));
            (void)snprintf(row, sizeof row, "<xs:element name=\"%s\"", element->name);
            ck_assert_ptr_nonnull(strstr((const char *)xsd.data, row));
        }
    }
    ck_assert_ptr_nonnull(strstr((const char *)xsd.data, "targetNamespace=\"" XML_NAMESPACE "\""));
    buffer_free(&xsd);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_dataset_fits_and_every_part_has_a_name_of_its_own,
        one_name_is_one_type,
        the_optional_end_of_a_shape_is_one_run,
        a_pattern_says_what_the_check_says,
        the_json_schema_of_every_operation_is_json_and_refers_to_what_is_there,
        definitions_can_be_components_of_another_document,
        the_table_and_the_xsd_have_every_element,
    };
    return suite_run_with("schema", tests, SUITE_COUNT(tests), setup, teardown);
}
