#include "cert_fixture.h"

#include "test_support.h"

struct tc_cert *read_recipe(struct cert_recipe recipe)
{
    struct tc_cert *cert = NULL;
    if (recipe.key == NULL) {
        recipe.key = made_key("P-256", 0);
    }
    struct made_cert made = make_cert(&recipe);
    assert_int_equal(tc_cert_new(&cert, made.der, made.der_len), TC_OK);
    made_cert_cleanup(&made);
    return cert;
}
