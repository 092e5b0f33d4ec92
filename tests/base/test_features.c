#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "tlscensus/features.h"

static enum tc_status put(struct tc_features *features, enum tc_feature_kind kind, uint16_t version,
                          uint32_t code, enum tc_tristate supported, char *text)
{
    const struct tc_feature feature = {.kind = kind,
                                       .version = version,
                                       .code = code,
                                       .supported = supported,
                                       .value = TC_FEATURE_NO_VALUE,
                                       .text = text};
    return tc_features_put(features, &feature);
}

static void the_empty_set_knows_nothing(void **state)
{
    (void)state;
    struct tc_features features = {0};
    assert_null(tc_features_find(&features, TC_FEATURE_VERSION, 0, 0x0304));
    assert_int_equal(tc_features_get(&features, TC_FEATURE_VERSION, 0, 0x0304), TC_UNKNOWN);
    tc_features_cleanup(&features);
}

static void the_order_does_not_depend_on_that_of_the_puts(void **state)
{
    (void)state;
    struct tc_features features = {0};
    for (uint32_t i = 0; i < 300; i++) {
        uint32_t code = i * 7919 % 300;
        assert_int_equal(put(&features, (enum tc_feature_kind)(code % 3), (uint16_t)(code % 5),
                             code, TC_YES, NULL),
                         TC_OK);
    }
    assert_int_equal(features.num_items, 300);
    for (size_t i = 1; i < features.num_items; i++) {
        const struct tc_feature *a = &features.items[i - 1];
        const struct tc_feature *b = &features.items[i];
        assert_true(a->kind < b->kind ||
                    (a->kind == b->kind &&
                     (a->version < b->version || (a->version == b->version && a->code < b->code))));
    }
    tc_features_cleanup(&features);
}

static void a_later_answer_replaces_an_earlier_one(void **state)
{
    (void)state;
    char why[] = "the server stopped answering";
    struct tc_features features = {0};
    assert_int_equal(put(&features, TC_FEATURE_TRAIT, 0, TC_TRAIT_HEARTBEAT, TC_UNKNOWN, why),
                     TC_OK);
    why[0] = 'x'; /* the set has a copy */
    const struct tc_feature *found =
        tc_features_find(&features, TC_FEATURE_TRAIT, 0, TC_TRAIT_HEARTBEAT);
    assert_string_equal(found->text, "the server stopped answering");
    assert_int_equal(put(&features, TC_FEATURE_TRAIT, 0, TC_TRAIT_HEARTBEAT, TC_NO, NULL), TC_OK);
    found = tc_features_find(&features, TC_FEATURE_TRAIT, 0, TC_TRAIT_HEARTBEAT);
    assert_int_equal(found->supported, TC_NO);
    assert_null(found->text);
    assert_int_equal(features.num_items, 1);
    tc_features_cleanup(&features);
}

static void the_same_code_in_another_version_is_another_feature(void **state)
{
    (void)state;
    struct tc_features features = {0};
    assert_int_equal(put(&features, TC_FEATURE_CIPHER, 0x0303, 0xc02f, TC_YES, NULL), TC_OK);
    assert_int_equal(put(&features, TC_FEATURE_CIPHER, 0x0302, 0xc02f, TC_NO, NULL), TC_OK);
    assert_int_equal(tc_features_get(&features, TC_FEATURE_CIPHER, 0x0303, 0xc02f), TC_YES);
    assert_int_equal(tc_features_get(&features, TC_FEATURE_CIPHER, 0x0302, 0xc02f), TC_NO);
    assert_int_equal(tc_features_get(&features, TC_FEATURE_CIPHER, 0x0301, 0xc02f), TC_UNKNOWN);
    tc_features_cleanup(&features);
}

static void a_set_and_a_text_have_a_bound(void **state)
{
    (void)state;
    struct tc_features features = {0};
    char *text = malloc(4098);
    assert_non_null(text);
    memset(text, 'a', 4097);
    text[4097] = '\0';
    assert_int_equal(put(&features, TC_FEATURE_TRAIT, 0, 1, TC_YES, text), TC_ERR_LIMIT);
    text[4096] = '\0';
    assert_int_equal(put(&features, TC_FEATURE_TRAIT, 0, 1, TC_YES, text), TC_OK);
    free(text);
    enum tc_status status = TC_OK;
    for (uint32_t code = 2; code < 10000 && status == TC_OK; code++) {
        status = put(&features, TC_FEATURE_TRAIT, 0, code, TC_YES, NULL);
    }
    assert_int_equal(status, TC_ERR_LIMIT);
    assert_int_equal(features.num_items, 4096);
    tc_features_cleanup(&features);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_empty_set_knows_nothing),
        cmocka_unit_test(the_order_does_not_depend_on_that_of_the_puts),
        cmocka_unit_test(a_later_answer_replaces_an_earlier_one),
        cmocka_unit_test(the_same_code_in_another_version_is_another_feature),
        cmocka_unit_test(a_set_and_a_text_have_a_bound),
    };
    return cmocka_run_group_tests_name("features", tests, NULL, NULL);
}
