/* `show`'s section "Accepts", drawn at 80 columns unless a row says otherwise. */
#include "test_support.h"

#include <string.h>

#include "report/show.h"
#include "survey_fixture.h"
#include "tlscensus/status.h"

static struct survey_fixture fixture;
static struct tc_buf text;

#define NO_OLD_VERSION                                                                             \
    FEATURE_VERSION(2, 0)                                                                          \
    FEATURE_VERSION(768, 0) FEATURE_VERSION(769, 0) FEATURE_VERSION(770, 0) FEATURE_VERSION(771, 0)
#define ALL_OLD_KNOWN                                                                              \
    FEATURE_VERSION(2, 0)                                                                          \
    FEATURE_VERSION(768, 0) FEATURE_VERSION(769, 0) FEATURE_VERSION(770, 0) FEATURE_VERSION(771, 1)

/* Each row is a set; `wanted` must be in what is drawn, `unwanted` must not. */
static struct survey_case {
    const char *name;
    const char *features;
    const char *wanted;
    const char *unwanted; /* NULL: nothing */
    int columns;
} survey_cases[] = {
    {"suites: in the server's order, whatever their codes are",
     FEATURE_VERSION(771, 1) FEATURE_TRAIT(771, 20, 1) FEATURE_SUITE(771, 0xC02F, 2)
         FEATURE_SUITE(771, 0xC030, 1),
     "  TLSv1.2    in the server's order\n"
     "             TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384  recommended\n"
     "             TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256  recommended\n",
     "client's order", 80},
    {"suites: the client's order, better ones first",
     FEATURE_VERSION(771, 1) FEATURE_TRAIT(771, 20, 0) FEATURE_SUITE(771, 0x002F, NULL)
         FEATURE_SUITE(771, 0xC02F, NULL),
     "  TLSv1.2    the client's order counts\n"
     "             TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256  recommended\n"
     "             TLS_RSA_WITH_AES_128_CBC_SHA  weak: no forward secrecy, CBC\n",
     "server's order", 80},
    {"suites: an order that was not measured is not said", FEATURE_SUITE(771, 0xC02F, NULL),
     "  TLSv1.2    suites\n             TLS_ECDHE", "order", 80},
    {"suites: newest version first", FEATURE_SUITE(769, 0x000A, NULL) FEATURE_SUITE(772, 0x1301, 1),
     "TLS_AES_128_GCM_SHA256  recommended\n  TLSv1.0    suites\n", NULL, 80},
    {"suites: versions that accept the same are one list",
     FEATURE_SUITE(770, 0xC013, 1) FEATURE_SUITE(769, 0xC013, 1),
     "  TLSv1.1, TLSv1.0 suites\n             TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA  weak: CBC\n"
     "  unmeasured",
     NULL, 80},
    {"suites: the same in another order is another list",
     FEATURE_SUITE(770, 0xC013, 1) FEATURE_SUITE(770, 0xC014, 2) FEATURE_SUITE(769, 0xC013, 2)
         FEATURE_SUITE(769, 0xC014, 1),
     "  TLSv1.0    suites\n             TLS_ECDHE_RSA_WITH_AES_256", "TLSv1.1, TLSv1.0", 80},
    {"suites: an order that is the client's elsewhere is another list",
     FEATURE_SUITE(770, 0xC013, NULL) FEATURE_SUITE(769, 0xC013, NULL) FEATURE_TRAIT(769, 20, 0),
     "  TLSv1.0    the client's order counts\n", "TLSv1.1, TLSv1.0", 80},
    {"suites: one suite more makes another list",
     FEATURE_SUITE(770, 0xC013, 1) FEATURE_SUITE(770, 0xC014, 2) FEATURE_SUITE(769, 0xC013, 1),
     "  TLSv1.0    suites\n             TLS_ECDHE_RSA_WITH_AES_128", "TLSv1.1, TLSv1.0", 80},
    {"suites: quality goes below a name that leaves it no room", FEATURE_SUITE(769, 0x000A, NULL),
     "             TLS_RSA_WITH_3DES_EDE_CBC_SHA\n"
     "               insecure: 64-bit blocks, no forward secrecy, CBC\n",
     NULL, 80},
    {"suites: and is wrapped where the screen is narrow", FEATURE_SUITE(769, 0x000A, NULL),
     "               insecure: 64-bit blocks, no\n               forward secrecy, CBC\n", NULL, 42},
    {"suites: piped, a line is as long as it wants", FEATURE_SUITE(769, 0x000A, NULL),
     "TLS_RSA_WITH_3DES_EDE_CBC_SHA  insecure: 64-bit blocks, no forward secrecy, CBC\n", NULL, 0},
    {"suites: one without a name is not judged", FEATURE_SUITE(771, 0xFA17, 1),
     "0xFA17  not judged\n", "recommended", 80},
    {"versions: what is refused, newest first",
     FEATURE_VERSION(769, 0) FEATURE_VERSION(770, 0) FEATURE_VERSION(771, 1),
     "  refuses    TLSv1.1, TLSv1.0\n", NULL, 80},
    {"versions: what was not measured is not refused", FEATURE_VERSION(769, NULL),
     "  unmeasured TLSv1.0\n  unmeasured ", "  refuses", 80},
    {"groups: what there is to say of them",
     "('group',772,4588,1,1,NULL,NULL),('group',772,29,1,2,NULL,NULL),"
     "('group',771,19,1,NULL,NULL,NULL),('group',772,23,0,NULL,NULL,NULL),",
     "  groups 1.3 X25519MLKEM768 (post-quantum), x25519\n  groups 1.2 secp192r1 (weak)\n",
     "secp256r1", 80},
    {"signatures: one of both versions is said once",
     "('signature',772,2052,1,NULL,NULL,NULL),('signature',771,2052,1,NULL,NULL,NULL),"
     "('signature',771,1025,1,NULL,NULL,NULL),",
     "  signs with rsa_pss_rsae_sha256, rsa_pkcs1_sha256\n", NULL, 80},
    {"signatures: a name within another is still said",
     "('signature',772,2054,1,NULL,NULL,NULL),('signature',771,1537,1,NULL,NULL,NULL),",
     "rsa_pss_rsae_sha512, rsa_pkcs1_sha512\n", NULL, 80},
    {"DH: parameters that have a name", "('dh',0,1,1,NULL,1024,'MODP-1024 (RFC 2409)'),",
     "  DH         the server's own: 1024 bits, MODP-1024 (RFC 2409)\n", NULL, 80},
    {"DH: the answer to groups of RFC 7919", "('dh',0,2,1,NULL,2048,'ffdhe2048'),",
     "  DH         where groups of RFC 7919 are offered: 2048 bits, ffdhe2048\n", "server's own",
     80},
    {"DH: parameters without one",
     "('dh',0,1,1,NULL,2048,'0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'),",
     "the server's own: 2048 bits, p with SHA-256\n             0123456789abcdef", NULL, 80},
    {"DH: a refusal is no parameter", "('dh',0,2,0,NULL,NULL,NULL),", "  unmeasured", "DH  ", 80},
    {"fingerprints: by their names", "('fingerprint',0,1,1,NULL,NULL,'27d40d'),",
     "  JARM       27d40d\n", "jarm", 80},
    {"traits: a good no and a bad yes are weak spots",
     FEATURE_TRAIT(0, 3, 0) FEATURE_TRAIT(0, 11, 1) FEATURE_TRAIT(0, 1, 1) FEATURE_TRAIT(0, 10, 0),
     "  weak spots secure renegotiation: no, heartbeat: yes\n"
     "  yes        extended master secret\n"
     "  no         TLS compression\n",
     NULL, 80},
    {"traits: with value and unit", FEATURE_VALUE(5, 1, 7200),
     "  yes        session tickets (7200 s)", NULL, 80},
    {"traits: without a value no unit", FEATURE_TRAIT(0, 5, 1), "  yes        session tickets\n",
     "tickets (", 80},
    {"traits: with the version in which they were asked", FEATURE_TRAIT(771, 14, 1),
     "downgrade sentinel in TLSv1.2\n", NULL, 80},
    {"traits: bookkeeping is not among them", FEATURE_TRAIT(771, 41, 1) FEATURE_TRAIT(0, 45, 1),
     "  unmeasured", "complete", 80},
    {"traits: one from a later version is passed over", FEATURE_TRAIT(0, 4000, 1), "  unmeasured",
     "yes", 80},
    {"traits: what was not requested is no gap", FEATURE_TRAIT(0, 1, 1), "  unmeasured",
     "renegotiation by clients", 80},
    {"traits: nor is a heartbeat without padding", FEATURE_TRAIT(0, 11, 1), "heartbeat: yes",
     "answers heartbeats", 80},
    {"traits: what was requested and not answered is one", FEATURE_TRAIT(0, 4, NULL),
     "  unmeasured no clear answer: post-quantum key exchange, secure renegotiation, "
     "renegotiation by clients,",
     "ChangeCipherSpec", 0},
    {"unmeasured: without TLS 1.3 what it alone has", ALL_OLD_KNOWN FEATURE_VERSION(772, 0),
     "  unmeasured without TLS 1.3 there is nothing to ask: resumption in TLS 1.3, early data",
     "without TLS 1.2 or older", 0},
    {"unmeasured: without an older version what that alone has",
     NO_OLD_VERSION FEATURE_VERSION(772, 1),
     "  unmeasured without TLS 1.2 or older there is nothing to ask: secure renegotiation,",
     "without TLS 1.3", 0},
    {"unmeasured: one version alone has nothing to fall back from",
     NO_OLD_VERSION FEATURE_VERSION(772, 1),
     "  unmeasured asked where several versions are accepted: downgrade signal honoured\n", NULL,
     0},
    {"unmeasured: a version that was not measured may be there",
     ALL_OLD_KNOWN FEATURE_VERSION(772, NULL), "no clear answer: post-quantum", "without TLS 1.3",
     0},
    {"unmeasured: a version without a row may be there", FEATURE_VERSION(772, 1),
     "no clear answer: post-quantum", "without TLS 1.2", 0},
    {"unmeasured: the sentinel needs a newer and an older version",
     ALL_OLD_KNOWN FEATURE_VERSION(772, 0),
     "  unmeasured asked where TLS 1.3 and an older version are accepted: downgrade sentinel\n",
     NULL, 0},
    {"unmeasured: profile standard does not ask it", FEATURE_TRAIT(0, 1, 1),
     "  unmeasured asked in profile deep alone: resumption by ticket,", NULL, 0},
    {"unmeasured: in profile deep there was no clear answer",
     FEATURE_TRAIT(0, 28, 1) FEATURE_TRAIT(0, 30, NULL), "no clear answer: post-quantum",
     "in profile deep alone", 0},
    {"unmeasured: a fingerprint shows profile deep", "('fingerprint',0,1,1,NULL,NULL,'27d40d'),",
     "copes with large hellos", "in profile deep", 0},
    {"unmeasured: a key is reused with DHE alone", FEATURE_SUITE(771, 0xC02F, 1),
     "  unmeasured asked where DHE suites are accepted: reuses its Diffie-Hellman key\n", NULL, 0},
    {"unmeasured: with DHE that is no reason", FEATURE_SUITE(771, 0x009E, 1),
     "reuses its Diffie-Hellman key", "DHE suites are", 0},
    {"unmeasured: encrypt-then-MAC is of CBC alone", FEATURE_SUITE(771, 0xC02F, 1),
     "  unmeasured asked where CBC suites are accepted: encrypt-then-MAC\n", NULL, 0},
    {"unmeasured: with CBC that is no reason", FEATURE_SUITE(771, 0xC013, 1), "encrypt-then-MAC",
     "CBC suites are", 0},
    {"unmeasured: anonymous DH is DHE too", FEATURE_SUITE(771, 0x006C, 1),
     "reuses its Diffie-Hellman key", "DHE suites are", 0},
    {"unmeasured: a heartbeat that was refused is not sent",
     FEATURE_TRAIT(0, 11, 0) FEATURE_TRAIT(0, 38, NULL),
     "  unmeasured asked where heartbeat is a yes: answers heartbeats without padding\n", NULL, 0},
    {"unmeasured: one that is taken is no reason",
     FEATURE_TRAIT(0, 11, 1) FEATURE_TRAIT(0, 38, NULL), "answers heartbeats", "heartbeat is a yes",
     0},
    {"unmeasured: nobody speaks HTTP at port 80", FEATURE_TRAIT(0, 40, NULL),
     "  unmeasured asked of https:// where port 80 speaks HTTP: HTTP upgrade to TLS\n", NULL, 0},
    {"unmeasured: without ALPN no strictness", FEATURE_TRAIT(0, 1, 1),
     "asked where ALPN is spoken, and in profile deep: refuses unknown protocol names\n", NULL, 0},
    {"unmeasured: a survey that was cut short gives no other reason",
     FEATURE_SUITE(771, 0xC02F, 1) "('trait',0,45,0,NULL,NULL,'no answer'),",
     "  unmeasured the survey was cut short: post-quantum", "asked in profile", 0},
    {"unmeasured: equal answers leave no gap", FEATURE_TRAIT(0, 1, 1), "  unmeasured",
     "consistent answers", 0},
    {"traits: different answers are a weak spot", FEATURE_TRAIT(0, 37, 0),
     "  weak spots consistent answers: no\n", NULL, 80},
    {"groups: in whose order",
     "('group',772,29,1,1,NULL,NULL),('group',772,23,1,2,NULL,NULL)," FEATURE_TRAIT(772, 21, 1)
         FEATURE_TRAIT(771, 21, 0) "('group',771,23,1,NULL,NULL,NULL),('group',771,29,1,NULL,"
                                   "NULL,NULL),",
     "  groups 1.3 x25519, secp256r1; in the server's order\n"
     "  groups 1.2 secp256r1, x25519; the client's order counts\n",
     NULL, 80},
    {"groups: one alone has no order", "('group',772,29,1,1,NULL,NULL)," FEATURE_TRAIT(772, 21, 1),
     "  groups 1.3 x25519\n", "order", 80},
    {"traits: what was requested and answered is said", FEATURE_TRAIT(0, 39, 1),
     "  weak spots takes an early ChangeCipherSpec: yes\n", "HTTP upgrade", 80},
    {"traits: a missing encrypted client hello is no weak spot", FEATURE_TRAIT(0, 35, 0),
     "  unmeasured", "weak spots", 80},
    {"survey: cut short, and why", "('trait',0,45,0,NULL,NULL,'the server stopped answering'),",
     "  not all    the server stopped answering\n", NULL, 80},
    {"survey: cut short without a reason", FEATURE_TRAIT(0, 45, 0),
     "  not all    the survey did not come to its end\n", NULL, 80},
    {"survey: confirmed, not surveyed anew",
     "('trait',0,45,1,NULL,NULL,'confirmed by a few questions'),",
     "  earlier    confirmed by a few questions\n", "not all", 80},
    {"survey: complete, and no earlier one", FEATURE_TRAIT(0, 45, 1), "  unmeasured", "earlier",
     80},
    {"survey: text from a server cannot command the terminal",
     "('trait',0,45,0,NULL,NULL,'no'||char(27)||'[31m answer'),",
     "  not all    no\\u{001B}[31m answer\n", "\x1b", 80},
};

static int setup(void **state)
{
    (void)state;
    survey_fixture_init(&fixture);
    for (size_t i = 0; i < TC_ARRAY_LEN(survey_cases); i++) {
        survey_fixture_add(&fixture, (int)i + 1, 1, survey_cases[i].features);
    }
    survey_fixture_open(&fixture);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tc_buf_cleanup(&text);
    survey_fixture_cleanup(&fixture);
    return 0;
}

/* Draws the section of a set; NULL: an endpoint without one. */
static const char *draw(const char *set, int columns)
{
    char sql[64];
    struct tc_terminal term;
    struct tc_rows *rows = NULL;
    struct tc_error error = {{0}};
    const struct tc_terminal_options options = {.utf8 = true, .columns = columns};
    tc_buf_cleanup(&text);
    tc_buf_init(&text, 65536);
    tc_term_init(&term, &text, &options);
    (void)snprintf(sql, sizeof sql, "SELECT %s AS feature_set_id", set);
    assert_int_equal(tc_rows_open(&rows, fixture.store, sql, &error), TC_OK);
    assert_int_equal(tc_rows_next(rows, &error), TC_OK);
    const struct tc_show show = {.store = fixture.store, .endpoint = rows, .error = &error};
    assert_int_equal(tc_show_survey(&term, &show), TC_OK);
    tc_rows_close(rows);
    return text.data != NULL ? text.data : "";
}

static void check_survey(void **state)
{
    const struct survey_case *row = *state;
    char set[24];
    (void)snprintf(set, sizeof set, "%d", (int)(row - survey_cases) + 1);
    const char *drawn = draw(set, row->columns);
    if (strstr(drawn, row->wanted) == NULL) {
        print_error("wanted:\n%s\nin:\n%s\n", row->wanted, drawn);
        fail();
    }
    if (row->unwanted != NULL && strstr(drawn, row->unwanted) != NULL) {
        print_error("not wanted: %s\nin:\n%s\n", row->unwanted, drawn);
        fail();
    }
    assert_true(strncmp(drawn, "\nAccepts\n", 9) == 0 || strncmp(drawn, "Accepts\n", 8) == 0);
}

static void check_quick(void **state)
{
    (void)state;
    assert_string_equal(draw("NULL", 80), "");
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(survey_cases) + 1] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(survey_cases); i++) {
        tests[num++] = (struct CMUnitTest){.name = survey_cases[i].name,
                                           .test_func = check_survey,
                                           .initial_state = &survey_cases[i]};
    }
    tests[num++] = (struct CMUnitTest){.name = "survey: none was made, and nothing is drawn",
                                       .test_func = check_quick};
    return cmocka_run_group_tests_name("terminal_survey", tests, setup, teardown);
}
