/* Mail domains to mail hosts: what the DNS says, what comes out, and in which order things end. */
#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/dns_message.h"
#include "target_render.h"
#include "tls_farm.h"
#include "tlscensus/mx.h"

#define MX    DNS_TYPE_MX
#define CNAME DNS_TYPE_CNAME

static const struct dns_script k_scripts[] = {
    {.name = "two.test",
     .type = MX,
     .records = {{0, NULL, MX, "20 b.test"}, {0, NULL, MX, "10 a.test"}}},
    {.name = "shared.test", .type = MX, .records = {{0, NULL, MX, "5 a.test"}}},
    {.name = "alias.test",
     .type = MX,
     .records = {{0, NULL, CNAME, "real.test"}, {0, "real.test", MX, "10 mx.real.test"}}},
    {.name = "idn.test", .type = MX, .records = {{0, NULL, MX, "10 xn--bcher-kva.test"}}},
    {.name = "itself.test", .type = MX, .records = {{0, NULL, MX, "10 itself.test"}}},
    {.name = "none.test", .type = MX},
    {.name = "null.test", .type = MX, .records = {{0, NULL, MX, "0 ."}}},
    {.name = "null-and-more.test",
     .type = MX,
     .records = {{0, NULL, MX, "0 ."}, {0, NULL, MX, "10 a.test"}}},
    {.name = "address.test", .type = MX, .records = {{0, NULL, MX, "10 192.0.2.1"}}},
    {.name = "address-and-more.test",
     .type = MX,
     .records = {{0, NULL, MX, "10 192.0.2.1"}, {0, NULL, MX, "20 a.test"}}},
    {.name = "odd.test", .type = MX, .records = {{0, NULL, MX, "10 a b.test"}}},
    {.name = "broken.test", .rcode = DNS_RCODE_SERVFAIL},
    {.name = "garbage.test", .garbage = true},
    {.name = "silent.test", .silent = true},
    {.name = "dangling.test",
     .rcode = DNS_RCODE_NXDOMAIN,
     .records = {{0, NULL, CNAME, "gone.test"}}},
};

struct stage {
    struct tls_farm farm; /* for its DNS server */
    struct tc_scan_options options;
    struct tc_mx *mx;
    struct rendering out;
};

static void start(struct stage *stage, const struct tc_exclusions *exclusions)
{
    static const char *resolver;
    struct tc_error error = {""};
    *stage = (struct stage){.farm = {.scripts = k_scripts, .num_scripts = TC_ARRAY_LEN(k_scripts)}};
    tls_farm_start(&stage->farm);
    tc_scan_options_init(&stage->options);
    resolver = stage->farm.dns;
    stage->options.resolvers = &resolver;
    stage->options.num_resolvers = 1;
    stage->options.dns_timeout_ms = 1000;
    stage->options.retries = 1;
    stage->options.exclusions = exclusions;
    assert_int_equal(tc_mx_start(&stage->mx, &stage->options, &error), TC_OK);
    tc_buf_init(&stage->out.text, RENDER_MAX);
}

static void stop(struct stage *stage)
{
    tc_mx_free(stage->mx);
    tls_farm_stop(&stage->farm);
    tc_buf_cleanup(&stage->out.text);
}

/* A domain of a CSV list with one label, which is also its tag. */
static struct tc_target *domain_of(const char *item)
{
    char list[256];
    struct tc_target_reader *reader = NULL;
    struct tc_target_reader_options options = {.max_cidr = 0};
    struct tc_target *target = NULL;
    struct tc_error error = {""};
    int len = snprintf(list, sizeof list, "host,owner\n%s,IT\n", item);
    assert_int_equal(
        tc_target_reader_open_memory(&reader, "list", list, (size_t)len, &options, &error), TC_OK);
    assert_int_equal(tc_target_reader_next(&target, reader, &error), TC_OK);
    tc_target_reader_free(reader);
    return target;
}

static void put(struct stage *stage, const char *item, const char *tag)
{
    assert_int_equal(tc_mx_put(stage->mx, domain_of(item), tag), TC_OK);
}

/* Everything that comes out, two at a time. */
static void take_all(struct stage *stage, const char *tag)
{
    struct tc_mx_host hosts[2];
    size_t num = 0;
    enum tc_status status = TC_OK;
    while ((status = tc_mx_take(stage->mx, hosts, TC_ARRAY_LEN(hosts), &num)) == TC_OK) {
        assert_in_range(num, 1, TC_ARRAY_LEN(hosts));
        for (size_t i = 0; i < num; i++) {
            const struct tc_target_lookup *failed = &hosts[i].target->failed_lookup;
            assert_ptr_equal(hosts[i].tag, tag);
            render_target(&stage->out, hosts[i].target);
            if (failed->outcome != TC_OUTCOME_OK) {
                tc_buf_addf(&stage->out.text, " %s after %u: %s", tc_outcome_str(failed->outcome),
                            failed->attempts, failed->detail);
            }
            tc_target_free(hosts[i].target);
        }
    }
    assert_int_equal(status, TC_ERR_END);
}

static struct mx_case {
    const char *name;
    const char *item;
    const char *out; /* may end with … where the rest does not matter */
} mx_cases[] = {
    {"mail hosts, the preferred one first", "smtp://two.test",
     "smtp://a.test:25 {owner=IT} | smtp://b.test:25 {owner=IT}"},
    {"another port goes with them", "smtp://shared.test:2525", "smtp://a.test:2525 {owner=IT}"},
    {"behind an alias", "smtp://alias.test", "smtp://mx.real.test:25 {owner=IT}"},
    {"an international name", "smtp://idn.test",
     "smtp://xn--bcher-kva.test:25 u=b\xC3\xBC"
     "cher.test {owner=IT}"},
    {"a domain that names itself", "smtp://itself.test", "smtp://itself.test:25 {owner=IT}"},
    {"no MX: the domain is its own mail host", "smtp://none.test",
     "smtp://none.test:25 {owner=IT}"},
    {"the root beside a host is no host", "smtp://null-and-more.test",
     "smtp://a.test:25 {owner=IT}"},
    {"an address beside a host is no host", "smtp://address-and-more.test",
     "smtp://a.test:25 {owner=IT}"},
    {"an excluded domain is not looked up", "smtp://secret.test",
     "smtp://secret.test:25 {owner=IT}"},

    {"null MX", "smtp://null.test",
     "smtp://null.test:25 {owner=IT} dns-no-address after 1: the domain takes no mail (null MX, "
     "RFC "
     "7505)"},
    {"an address for a mail host", "smtp://address.test",
     "smtp://address.test:25 {owner=IT} dns-no-address after 1: its MX records name nothing that "
     "can "
     "be a host"},
    {"a name that is none", "smtp://odd.test",
     "smtp://odd.test:25 {owner=IT} dns-no-address after 1: its MX records name nothing…"},
    {"a domain that does not exist", "smtp://nothing.test",
     "smtp://nothing.test:25 {owner=IT} dns-not-found after 1: the name does not exist (NXDOMAIN)"},
    {"an alias of nothing", "smtp://dangling.test",
     "smtp://dangling.test:25 {owner=IT} dns-not-found after 1: an alias of gone.test, which does "
     "not exist (NXDOMAIN)"},
    {"SERVFAIL is tried twice, and is no missing MX", "smtp://broken.test",
     "smtp://broken.test:25 {owner=IT} dns-failure after 2: …"},
    {"an answer that cannot be read", "smtp://garbage.test",
     "smtp://garbage.test:25 {owner=IT} dns-failure after 2: …"},
    {"silence", "smtp://silent.test", "smtp://silent.test:25 {owner=IT} dns-timeout after 2: …"},
    {"a name under .onion stays here", "smtp://secret.onion",
     "smtp://secret.onion:25 {owner=IT} dns-not-found after 1: names under .onion are not in DNS "
     "(RFC 7686)"},
};

static struct tc_exclusions *read_exclusions(void)
{
    struct tc_exclusions *exclusions = NULL;
    struct tc_error error = {""};
    char path[] = "/tmp/tlscensus-exclude-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "secret.test\n", 12), 12);
    assert_int_equal(close(fd), 0);
    enum tc_status status = tc_exclusions_read(&exclusions, path, &error);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(status, TC_OK);
    return exclusions;
}

static void check_mx(void **state)
{
    static const char more[] = "…";
    const struct mx_case *row = *state;
    struct tc_exclusions *exclusions = read_exclusions();
    struct stage stage;
    start(&stage, exclusions);
    put(&stage, row->item, "tag");
    tc_mx_end(stage.mx);
    take_all(&stage, "tag");
    size_t len = strlen(row->out);
    if (len > sizeof more && strcmp(row->out + len - (sizeof more - 1), more) == 0) {
        assert_memory_equal(stage.out.text.data, row->out, len - (sizeof more - 1));
    } else {
        assert_string_equal(stage.out.text.data, row->out);
    }
    bool is_asked = strstr(row->item, "secret") == NULL;
    stop(&stage);
    assert_int_equal(stage.farm.dns_server.num_queries > 0, is_asked);
    tc_exclusions_free(exclusions);
}

static struct domain_case {
    const char *name;
    const char *item;
    bool is_domain;
} domain_cases[] = {
    {"smtp is looked up", "smtp://two.test", true},
    {"on another port too", "smtp://two.test:26", true},
    {"submission has no MX", "smtp://two.test:587", false},
    {"neither has a pinned host", "smtp://two.test{192.0.2.1}", false},
    {"nor an address", "smtp://192.0.2.1", false},
    {"nor implicit TLS", "smtps://two.test", false},
    {"nor lmtp", "lmtp://two.test", false},
    {"nor a web site", "two.test", false},
    {"nor TLS on port 25", "tls://two.test:25", false},
};

static void check_domain(void **state)
{
    const struct domain_case *row = *state;
    struct tc_target *target = domain_of(row->item);
    assert_int_equal(tc_mx_is_domain(target), row->is_domain);
    tc_target_free(target);
}

/* More domains than may be inside at once: the reader waits, nothing is lost. */
static void put_many(void *context)
{
    struct stage *stage = context;
    for (int i = 0; i < 3000; i++) {
        put(stage, i % 2 == 0 ? "smtp://two.test" : "smtp://null.test", "tag");
    }
    tc_mx_end(stage->mx);
}

static void many_domains_pass(void **state)
{
    struct stage stage;
    uv_thread_t thread;
    (void)state;
    start(&stage, NULL);
    assert_int_equal(uv_thread_create(&thread, put_many, &stage), 0);
    take_all(&stage, "tag");
    uv_thread_join(&thread);
    assert_int_equal(stage.out.num_targets, 1500 * 3);
    stop(&stage);
}

static void take_until_the_end(void *context)
{
    struct stage *stage = context;
    struct tc_mx_host host;
    size_t num = 0;
    assert_int_equal(tc_mx_take(stage->mx, &host, 1, &num), TC_ERR_CANCELLED);
}

static void cancelling_ends_who_waits(void **state)
{
    struct stage stage;
    uv_thread_t thread;
    (void)state;
    start(&stage, NULL);
    put(&stage, "smtp://silent.test", "tag");
    assert_int_equal(uv_thread_create(&thread, take_until_the_end, &stage), 0);
    tc_mx_cancel(stage.mx);
    uv_thread_join(&thread);
    struct tc_target *domain = domain_of("smtp://two.test");
    assert_int_equal(tc_mx_put(stage.mx, domain, "tag"), TC_ERR_CANCELLED);
    tc_target_free(domain); /* it was not taken over */
    stop(&stage);
}

static void what_is_inside_is_freed(void **state)
{
    struct stage stage;
    (void)state;
    start(&stage, NULL);
    put(&stage, "smtp://silent.test", "tag");
    put(&stage, "smtp://two.test", "tag");
    stop(&stage);
}

static void a_resolver_that_is_none(void **state)
{
    static const char *resolver = "nonsense";
    struct tc_scan_options options;
    struct tc_error error = {""};
    struct tc_mx *mx = NULL;
    (void)state;
    tc_scan_options_init(&options);
    options.resolvers = &resolver;
    options.num_resolvers = 1;
    assert_int_equal(tc_mx_start(&mx, &options, &error), TC_ERR_INPUT);
    assert_non_null(strstr(error.text, "nonsense"));
    assert_null(mx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_domains_pass),
        cmocka_unit_test(cancelling_ends_who_waits),
        cmocka_unit_test(what_is_inside_is_freed),
        cmocka_unit_test(a_resolver_that_is_none),
    };
    struct CMUnitTest rows[TC_ARRAY_LEN(mx_cases)] = {0};
    struct CMUnitTest domains[TC_ARRAY_LEN(domain_cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(mx_cases); i++) {
        rows[i].name = mx_cases[i].name;
        rows[i].test_func = check_mx;
        rows[i].initial_state = &mx_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(domain_cases); i++) {
        domains[i].name = domain_cases[i].name;
        domains[i].test_func = check_domain;
        domains[i].initial_state = &domain_cases[i];
    }
    int failed = cmocka_run_group_tests_name("mx", rows, NULL, NULL);
    failed += cmocka_run_group_tests_name("mx_domains", domains, NULL, NULL);
    return failed + cmocka_run_group_tests_name("mx_stage", tests, NULL, NULL);
}
