#include "test_support.h"

#include "chain_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bytestring.h>
#include <openssl/err.h>
#include <openssl/pool.h>
#include <openssl/x509v3.h>

#define FIXTURE_CERTS_MAX 96

static struct {
    const char *name;
    struct made_cert made;
    struct tc_cert *cert;
} g_certs[FIXTURE_CERTS_MAX];
static size_t g_num_certs;

static const struct made_cert *add(const char *name, const struct cert_recipe *recipe)
{
    assert_true(g_num_certs < FIXTURE_CERTS_MAX);
    g_certs[g_num_certs].name = name;
    g_certs[g_num_certs].made = make_cert(recipe);
    assert_int_equal(tc_cert_new(&g_certs[g_num_certs].cert, g_certs[g_num_certs].made.der,
                                 g_certs[g_num_certs].made.der_len),
                     TC_OK);
    return &g_certs[g_num_certs++].made;
}

#define LONG_AGO_S   (MAKE_NOW_S - 4000LL * MAKE_DAY_S)
#define YESTERDAY_S  (MAKE_NOW_S - MAKE_DAY_S)
#define TOMORROW_S   (MAKE_NOW_S + MAKE_DAY_S)
#define LONG_AHEAD_S (MAKE_NOW_S + 4000LL * MAKE_DAY_S)
#define CA_DATES     .not_before_s = LONG_AGO_S, .not_after_s = LONG_AHEAD_S

static const char *const k_leaf_dns[] = {"leaf.test", "*.leaf.test", NULL};
static const char *const k_allowed_dns[] = {"host.allowed.test", NULL};
static const char *const k_client_auth[] = {"1.3.6.1.5.5.7.3.2", NULL};
static const char *const k_server_auth[] = {"1.3.6.1.5.5.7.3.1", NULL};

/* Roots, an intermediate with its doubles, and what servers usually send. */
static void make_ordinary(void)
{
    const struct made_cert *root =
        add("root", &(struct cert_recipe){.subject = "Test Root", .is_ca = true, CA_DATES});
    const struct made_cert *root2 =
        add("root2", &(struct cert_recipe){.subject = "Second Root", .is_ca = true, CA_DATES});
    const struct made_cert *intermediate =
        add("int", &(struct cert_recipe){
                       .subject = "Test Intermediate", .issuer = root, .is_ca = true, CA_DATES});
    add("leaf",
        &(struct cert_recipe){.subject = "leaf.test", .dns = k_leaf_dns, .issuer = intermediate});
    add("leaf2",
        &(struct cert_recipe){.subject = "leaf2.test", .dns = k_leaf_dns, .issuer = intermediate});
    add("leaf3",
        &(struct cert_recipe){.subject = "leaf3.test", .dns = k_leaf_dns, .issuer = intermediate});
    add("leaf-of-root",
        &(struct cert_recipe){.subject = "direct.test", .dns = k_leaf_dns, .issuer = root});
    add("stranger",
        &(struct cert_recipe){.subject = "Stranger CA", .issuer = root2, .is_ca = true, CA_DATES});
    add("root-again",
        &(struct cert_recipe){.subject = "Test Root", .key = root->key, .is_ca = true, CA_DATES});
    add("cross",
        &(struct cert_recipe){
            .subject = "Test Root", .key = root->key, .issuer = root2, .is_ca = true, CA_DATES});
    add("cross-expired", &(struct cert_recipe){.subject = "Test Root",
                                               .key = root->key,
                                               .issuer = root2,
                                               .is_ca = true,
                                               .not_before_s = LONG_AGO_S,
                                               .not_after_s = YESTERDAY_S});
    add("int-expired-copy", &(struct cert_recipe){.subject = "Test Intermediate",
                                                  .key = intermediate->key,
                                                  .issuer = root,
                                                  .is_ca = true,
                                                  .not_before_s = LONG_AGO_S,
                                                  .not_after_s = YESTERDAY_S});
    const struct made_cert *deep =
        add("int-deep",
            &(struct cert_recipe){
                .subject = "Deep Intermediate", .issuer = intermediate, .is_ca = true, CA_DATES});
    add("leaf-deep",
        &(struct cert_recipe){.subject = "deep.test", .dns = k_leaf_dns, .issuer = deep});
}

static void make_dated(void)
{
    const struct made_cert *root = &g_certs[0].made;
    const struct made_cert *intermediate = &g_certs[2].made;
    add("leaf-expired", &(struct cert_recipe){.subject = "old.test",
                                              .dns = k_leaf_dns,
                                              .issuer = intermediate,
                                              .not_before_s = LONG_AGO_S,
                                              .not_after_s = YESTERDAY_S});
    add("leaf-future", &(struct cert_recipe){.subject = "new.test",
                                             .dns = k_leaf_dns,
                                             .issuer = intermediate,
                                             .not_before_s = TOMORROW_S,
                                             .not_after_s = LONG_AHEAD_S});
    add("leaf-last-second", &(struct cert_recipe){.subject = "brink.test",
                                                  .dns = k_leaf_dns,
                                                  .issuer = intermediate,
                                                  .not_after_s = MAKE_NOW_S});
    const struct made_cert *old =
        add("int-expired", &(struct cert_recipe){.subject = "Expired Intermediate",
                                                 .issuer = root,
                                                 .is_ca = true,
                                                 .not_before_s = LONG_AGO_S,
                                                 .not_after_s = YESTERDAY_S});
    add("leaf-of-expired",
        &(struct cert_recipe){.subject = "under-old.test", .dns = k_leaf_dns, .issuer = old});
    const struct made_cert *old_root =
        add("root-expired", &(struct cert_recipe){.subject = "Expired Root",
                                                  .is_ca = true,
                                                  .not_before_s = LONG_AGO_S,
                                                  .not_after_s = YESTERDAY_S});
    add("leaf-of-expired-root", &(struct cert_recipe){.subject = "under-old-root.test",
                                                      .dns = k_leaf_dns,
                                                      .issuer = old_root});
}

static void make_untrusted(void)
{
    const struct made_cert *root = &g_certs[0].made;
    const struct made_cert *intermediate = &g_certs[2].made;
    add("self-signed", &(struct cert_recipe){.subject = "self.test", .dns = k_leaf_dns});
    add("self-signed-ca",
        &(struct cert_recipe){.subject = "self-ca.test", .dns = k_leaf_dns, .is_ca = true});
    add("self-signed-md5", &(struct cert_recipe){.subject = "appliance",
                                                 .key = made_key("RSA-1024", 0),
                                                 .signature = MAKE_SIGNATURE_MD5});
    add("self-issued", &(struct cert_recipe){.subject = "not-really-self.test",
                                             .dns = k_leaf_dns,
                                             .signing_key = made_key("P-256", 9),
                                             .no_key_identifiers = true});
    const struct made_cert *private_root = add(
        "private-root", &(struct cert_recipe){.subject = "Private Root", .is_ca = true, CA_DATES});
    const struct made_cert *private_int = add(
        "private-int",
        &(struct cert_recipe){
            .subject = "Private Intermediate", .issuer = private_root, .is_ca = true, CA_DATES});
    add("private-leaf",
        &(struct cert_recipe){.subject = "inside.test", .dns = k_leaf_dns, .issuer = private_int});
    add("private-leaf2",
        &(struct cert_recipe){.subject = "inside2.test", .dns = k_leaf_dns, .issuer = private_int});
    add("leaf-forged", &(struct cert_recipe){.subject = "forged.test",
                                             .dns = k_leaf_dns,
                                             .issuer = intermediate,
                                             .break_signature = true});
    const struct made_cert *forged_int =
        add("int-forged", &(struct cert_recipe){.subject = "Forged Intermediate",
                                                .issuer = root,
                                                .is_ca = true,
                                                .break_signature = true,
                                                CA_DATES});
    add("leaf-of-forged", &(struct cert_recipe){.subject = "under-forged.test",
                                                .issuer = forged_int,
                                                .dns = k_leaf_dns});
    static const uint8_t ed448[] = {0x30, 0x0a, 0x30, 0x05, 0x06, 0x03,
                                    0x2b, 0x65, 0x71, 0x03, 0x01, 0x00};
    const struct made_cert *odd_int =
        add("int-odd-key", &(struct cert_recipe){.subject = "Odd Key",
                                                 .issuer = root,
                                                 .is_ca = true,
                                                 .raw_spki = {ed448, sizeof ed448},
                                                 CA_DATES});
    add("leaf-of-odd-key", &(struct cert_recipe){.subject = "under-odd-key.test",
                                                 .dns = k_leaf_dns,
                                                 .issuer = odd_int});
    add("leaf-odd-key", &(struct cert_recipe){.subject = "odd-key.test",
                                              .dns = k_leaf_dns,
                                              .issuer = intermediate,
                                              .raw_spki = {ed448, sizeof ed448}});
    add("leaf-no-ids", &(struct cert_recipe){.subject = "no-ids.test",
                                             .dns = k_leaf_dns,
                                             .issuer = intermediate,
                                             .no_key_identifiers = true});
    add("int-other-key",
        &(struct cert_recipe){
            .subject = "Test Intermediate", .issuer = root, .is_ca = true, CA_DATES});
}

/* Issuers that may not issue what they issued. */
static void make_wrong_issuers(void)
{
    const struct made_cert *root = &g_certs[0].made;
    const struct made_cert *not_ca =
        add("int-no-ca",
            &(struct cert_recipe){
                .subject = "No CA", .issuer = root, CA_DATES, .key_usage = TC_KU_KEY_CERT_SIGN});
    add("leaf-of-no-ca",
        &(struct cert_recipe){.subject = "under-no-ca.test", .dns = k_leaf_dns, .issuer = not_ca});
    const struct made_cert *no_sign =
        add("int-no-sign", &(struct cert_recipe){.subject = "No Signing",
                                                 .issuer = root,
                                                 CA_DATES,
                                                 .is_ca = true,
                                                 .key_usage = TC_KU_CRL_SIGN});
    add("leaf-of-no-sign", &(struct cert_recipe){.subject = "under-no-sign.test",
                                                 .dns = k_leaf_dns,
                                                 .issuer = no_sign});
    const struct made_cert *short_path =
        add("int-short",
            &(struct cert_recipe){
                .subject = "Short Path", .issuer = root, .is_ca = true, .path_len = 1, CA_DATES});
    const struct made_cert *below =
        add("int-below-short",
            &(struct cert_recipe){
                .subject = "Below Short Path", .issuer = short_path, .is_ca = true, CA_DATES});
    add("leaf-too-deep",
        &(struct cert_recipe){.subject = "too-deep.test", .dns = k_leaf_dns, .issuer = below});
}

/* Issuers whose demands depend on the leaf. */
static void make_demanding_issuers(void)
{
    /* permittedSubtrees { dNSName "allowed.test" } */
    static const uint8_t permitted[] = {0x30, 0x12, 0xa0, 0x10, 0x30, 0x0e, 0x82, 0x0c, 'a', 'l',
                                        'l',  'o',  'w',  'e',  'd',  '.',  't',  'e',  's', 't'};
    /* requireExplicitPolicy 0 */
    static const uint8_t explicit_policy[] = {0x30, 0x03, 0x80, 0x01, 0x00};
    const struct made_extension constraint = {"2.5.29.30", true, {permitted, sizeof permitted}};
    const struct made_extension policy = {
        "2.5.29.36", true, {explicit_policy, sizeof explicit_policy}};
    const struct made_cert *root = &g_certs[0].made;
    const struct made_cert *named =
        add("int-named", &(struct cert_recipe){.subject = "Named Intermediate",
                                               .issuer = root,
                                               .is_ca = true,
                                               .extensions = &constraint,
                                               .num_extensions = 1,
                                               CA_DATES});
    add("leaf-allowed", &(struct cert_recipe){
                            .subject = "host.allowed.test", .dns = k_allowed_dns, .issuer = named});
    add("leaf-not-allowed",
        &(struct cert_recipe){.subject = "leaf.test", .dns = k_leaf_dns, .issuer = named});
    const struct made_cert *strict =
        add("int-policy", &(struct cert_recipe){.subject = "Policy Intermediate",
                                                .issuer = root,
                                                .is_ca = true,
                                                .extensions = &policy,
                                                .num_extensions = 1,
                                                CA_DATES});
    add("leaf-of-policy",
        &(struct cert_recipe){.subject = "policy.test", .dns = k_leaf_dns, .issuer = strict});
}

/* Leaves, and issuers, that are for something else. */
static void make_wrong_purposes(void)
{
    static const uint8_t null[] = {0x05, 0x00};
    const struct made_extension odd = {"1.2.3.4.5", true, {null, sizeof null}};
    const struct made_cert *root = &g_certs[0].made;
    const struct made_cert *intermediate = &g_certs[2].made;
    add("leaf-critical", &(struct cert_recipe){.subject = "critical.test",
                                               .dns = k_leaf_dns,
                                               .issuer = intermediate,
                                               .extensions = &odd,
                                               .num_extensions = 1});
    add("leaf-client", &(struct cert_recipe){.subject = "client.test",
                                             .dns = k_leaf_dns,
                                             .issuer = intermediate,
                                             .ext_key_usage = k_client_auth});
    add("leaf-wrong-usage", &(struct cert_recipe){.subject = "usage.test",
                                                  .dns = k_leaf_dns,
                                                  .issuer = intermediate,
                                                  .key_usage = TC_KU_CRL_SIGN});
    const struct made_cert *client =
        add("int-client", &(struct cert_recipe){.subject = "Client Intermediate",
                                                .issuer = root,
                                                .is_ca = true,
                                                .ext_key_usage = k_client_auth,
                                                CA_DATES});
    add("leaf-of-client",
        &(struct cert_recipe){.subject = "under-client.test", .dns = k_leaf_dns, .issuer = client});
    const struct made_cert *server =
        add("int-server", &(struct cert_recipe){.subject = "Server Intermediate",
                                                .issuer = root,
                                                .is_ca = true,
                                                .path_len = 1,
                                                .ext_key_usage = k_server_auth,
                                                CA_DATES});
    add("leaf-of-server",
        &(struct cert_recipe){.subject = "under-server.test", .dns = k_leaf_dns, .issuer = server});
}

static void make_unreadable(void)
{
    static const uint8_t bad_usage[] = {0x30, 0x01, 0xff};
    static const uint8_t junk[] = {0x30, 0x03, 0x02, 0x01, 0x05};
    static const uint8_t trailing[] = {0x00};
    const struct made_extension broken = {"2.5.29.15", true, {bad_usage, sizeof bad_usage}};
    const struct made_cert *root = &g_certs[0].made;
    const struct made_cert *intermediate = &g_certs[2].made;
    const struct made_cert *broken_int =
        add("int-broken", &(struct cert_recipe){.subject = "Broken Intermediate",
                                                .issuer = root,
                                                .is_ca = true,
                                                .key_usage = MAKE_NONE,
                                                .extensions = &broken,
                                                .num_extensions = 1,
                                                CA_DATES});
    add("leaf-of-broken", &(struct cert_recipe){.subject = "under-broken.test",
                                                .dns = k_leaf_dns,
                                                .issuer = broken_int});
    add("leaf-broken", &(struct cert_recipe){.subject = "broken.test",
                                             .dns = k_leaf_dns,
                                             .issuer = intermediate,
                                             .key_usage = MAKE_NONE,
                                             .extensions = &broken,
                                             .num_extensions = 1});
    add("leaf-trailing", &(struct cert_recipe){.subject = "trailing.test",
                                               .dns = k_leaf_dns,
                                               .issuer = intermediate,
                                               .trailing = {trailing, sizeof trailing}});
    g_certs[g_num_certs].name = "junk";
    assert_int_equal(tc_cert_new(&g_certs[g_num_certs].cert, junk, sizeof junk), TC_OK);
    g_num_certs++;
}

void fixture_make(void)
{
    make_ordinary();
    make_dated();
    make_untrusted();
    make_wrong_issuers();
    make_demanding_issuers();
    make_wrong_purposes();
    make_unreadable();
}

void fixture_free(void)
{
    for (size_t i = 0; i < g_num_certs; i++) {
        tc_cert_release(g_certs[i].cert);
        made_cert_cleanup(&g_certs[i].made);
    }
    g_num_certs = 0;
}

struct tc_cert *fixture_cert(const char *name)
{
    for (size_t i = 0; i < g_num_certs; i++) {
        if (strcmp(g_certs[i].name, name) == 0) {
            return g_certs[i].cert;
        }
    }
    fail_msg("no certificate is called %s", name);
    return NULL;
}

struct made_cert fixture_issue(const char *subject, const char *issuer)
{
    const struct tc_cert *cert = fixture_cert(issuer);
    size_t i = 0;
    while (g_certs[i].cert != cert) {
        i++;
    }
    return make_cert(&(struct cert_recipe){
        .subject = subject, .issuer = &g_certs[i].made, .is_ca = true, CA_DATES});
}

struct fixture_list fixture_list(const char *names)
{
    struct fixture_list list = {.num_certs = 0};
    while (*names != '\0') {
        char name[64];
        size_t len = strcspn(names, " ");
        assert_true(len < sizeof name && list.num_certs < FIXTURE_LIST_MAX);
        memcpy(name, names, len);
        name[len] = '\0';
        list.certs[list.num_certs++] = fixture_cert(name);
        names += len + (names[len] == ' ' ? 1 : 0);
    }
    return list;
}

struct tc_verifier *fixture_verifier(const char *trusted, int64_t as_of_s)
{
    struct tc_trust_store *store = NULL;
    struct tc_verifier *verifier = NULL;
    struct fixture_list list = fixture_list(trusted);
    assert_int_equal(tc_trust_store_new(&store), TC_OK);
    for (size_t i = 0; i < list.num_certs; i++) {
        size_t num_added = 0;
        if (list.certs[i] == NULL) {
            abort(); /* said for analyzers: fixture_list fills them all */
        }
        assert_int_equal(tc_trust_store_add_pile(store, &num_added, list.certs[i]->der,
                                                 list.certs[i]->der_len, NULL),
                         TC_OK);
        assert_int_equal(num_added, 1);
    }
    assert_int_equal(tc_verifier_new(&verifier, store, as_of_s), TC_OK);
    return verifier;
}

static X509 *parse(const struct tc_cert *cert)
{
    if (cert == NULL) {
        return NULL;
    }
    CRYPTO_BUFFER *buffer = CRYPTO_BUFFER_new(cert->der, cert->der_len, NULL);
    X509 *x509 = X509_parse_from_buffer(buffer);
    CRYPTO_BUFFER_free(buffer);
    return x509;
}

X509_STORE *library_store(struct tc_cert *const *anchors, size_t num_anchors)
{
    X509_STORE *store = X509_STORE_new();
    for (size_t i = 0; i < num_anchors; i++) {
        X509 *x509 = parse(anchors[i]);
        if (x509 != NULL) {
            assert_true(X509_STORE_add_cert(store, x509));
            X509_free(x509);
        }
    }
    return store;
}

bool library_trusts(struct tc_cert *const *presented, size_t num_presented, X509_STORE *store,
                    int64_t as_of_s, int *out_error)
{
    bool is_trusted = false;
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *untrusted = sk_X509_new_null();
    X509 *leaf = parse(presented[0]);
    for (size_t i = 1; i < num_presented; i++) {
        X509 *x509 = parse(presented[i]);
        if (x509 != NULL) {
            assert_true(sk_X509_push(untrusted, x509));
        }
    }
    *out_error = X509_V_ERR_UNSPECIFIED;
    if (leaf != NULL) {
        assert_true(X509_STORE_CTX_init(context, store, leaf, untrusted));
        assert_true(X509_STORE_CTX_set_default(context, "ssl_server"));
        X509_STORE_CTX_set_flags(context, X509_V_FLAG_PARTIAL_CHAIN);
        X509_STORE_CTX_set_time(context, 0, (time_t)as_of_s);
        is_trusted = X509_verify_cert(context) == 1;
        *out_error = X509_STORE_CTX_get_error(context);
    }
    X509_STORE_CTX_free(context);
    sk_X509_pop_free(untrusted, X509_free);
    X509_free(leaf);
    ERR_clear_error();
    return is_trusted;
}

void assert_library_agrees(const struct tc_chain *chain, X509_STORE *store, int64_t as_of_s,
                           const char *what)
{
    int error = 0;
    bool is_content =
        library_trusts(chain->presented, chain->num_presented, store, as_of_s, &error);
    if (is_content && !chain->trusted) {
        fail_msg("%s: the library trusts it, we say: %s", what, chain->trust_text);
    }
    if (chain->trusted) {
        struct tc_cert *certs[FIXTURE_LIST_MAX] = {NULL};
        size_t anchor = chain->num_path - 1;
        assert_true(chain->num_path <= FIXTURE_LIST_MAX && chain->num_verified > 0);
        for (size_t i = 0; i < chain->num_path; i++) {
            certs[i] = chain->path[i].cert;
        }
        X509_STORE *only = library_store(&certs[anchor], 1);
        if (!library_trusts(certs, anchor > 0 ? anchor : 1, only, as_of_s, &error)) {
            fail_msg("%s: we trust it, the library says: %s", what,
                     X509_verify_cert_error_string(error));
        }
        X509_STORE_free(only);
    }
}
