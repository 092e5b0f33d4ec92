#include "starttls_talk.h"

#include <stdlib.h>
#include <string.h>

#define MAX_BYTES 16384

static const struct tc_starttls_names k_names = {.server = "host.example",
                                                 .client = "scanner.example"};

/* All that the server says, and all that we are to say. */
struct sums {
    uint8_t server[MAX_BYTES];
    size_t server_len;
    uint8_t client[MAX_BYTES];
    size_t client_len;
};

static void add_up(struct sums *sums, const struct talk_case *row)
{
    sums->server_len = 0;
    sums->client_len = 0;
    for (size_t i = 0; i < MAX_TURNS; i++) {
        const struct turn *turn = &row->turns[i];
        assert_true(turn->server_len <= MAX_BYTES - sums->server_len);
        if (turn->server_len > 0) {
            memcpy(sums->server + sums->server_len, turn->server, turn->server_len);
            sums->server_len += turn->server_len;
        }
        if (turn->client_len > 0) {
            memcpy(sums->client + sums->client_len, turn->client, turn->client_len);
            sums->client_len += turn->client_len;
        }
    }
}

/* What the dialogue has to say now must be what comes next of the expected. */
static size_t listen(struct tc_starttls *dialogue, const struct sums *sums, size_t at)
{
    size_t len = 0;
    const uint8_t *bytes = tc_starttls_output(dialogue, &len);
    assert_true(len <= sums->client_len - at);
    if (len > 0) {
        assert_memory_equal(bytes, sums->client + at, len);
    }
    tc_starttls_sent(dialogue, len);
    return at + len;
}

static void check_detail(const struct tc_starttls *dialogue, const char *wanted)
{
    static const char more[] = "…";
    size_t len = strlen(wanted);
    for (const char *c = dialogue->detail; *c != '\0'; c++) {
        assert_in_range(*c, ' ', '~');
    }
    if (len > sizeof more && strcmp(wanted + len - (sizeof more - 1), more) == 0) {
        len -= sizeof more - 1;
        assert_true(strlen(dialogue->detail) >= len);
        assert_memory_equal(dialogue->detail, wanted, len);
        return;
    }
    assert_string_equal(dialogue->detail, wanted);
}

static void check_end(struct tc_starttls *dialogue, const struct talk_case *row,
                      enum tc_starttls_step step)
{
    size_t farewell_len = 0;
    if (row->ends) {
        step = tc_starttls_end(dialogue);
    }
    if (step != row->step) {
        assert_string_equal(dialogue->detail, row->detail != NULL ? row->detail : "");
    }
    assert_int_equal(step, row->step);
    if (row->detail != NULL) {
        check_detail(dialogue, row->detail);
    } else {
        assert_true(step == TC_STARTTLS_DONE || step == TC_STARTTLS_MORE);
    }
    (void)tc_starttls_farewell(dialogue, &farewell_len);
    assert_int_equal(farewell_len == 0,
                     row->is_silent || step == TC_STARTTLS_DONE || step == TC_STARTTLS_FAILED);
}

/* The server's bytes in pieces: the first `first`, then `step` at a time. */
static void play(const struct talk_case *row, const struct sums *sums, size_t first, size_t step)
{
    struct tc_starttls dialogue;
    enum tc_starttls_step result = TC_STARTTLS_MORE;
    size_t said = 0;
    size_t at = 0;
    memset(&dialogue, 0xa5, sizeof dialogue);
    assert_int_equal(tc_starttls_init(&dialogue, row->protocol, &k_names), TC_OK);
    said = listen(&dialogue, sums, said);
    size_t len = first;
    while (at < sums->server_len && result == TC_STARTTLS_MORE) {
        len = len < sums->server_len - at ? len : sums->server_len - at;
        /* From memory of its own, so that a read past its end is seen. */
        uint8_t *piece = malloc(len > 0 ? len : 1);
        assert_non_null(piece);
        memcpy(piece, sums->server + at, len);
        result = tc_starttls_input(&dialogue, piece, len);
        free(piece);
        at += len;
        len = step;
        said = listen(&dialogue, sums, said);
    }
    size_t left = sums->server_len - at;
    check_end(&dialogue, row, result);
    assert_int_equal(said, sums->client_len);
    assert_int_equal(result == TC_STARTTLS_DONE ? dialogue.leftover_bytes + left : 0,
                     row->leftover_bytes);
}

/* Each turn alone: we speak when, and only when, it is our turn. */
static void play_turns(const struct talk_case *row)
{
    struct tc_starttls dialogue;
    enum tc_starttls_step result = TC_STARTTLS_MORE;
    assert_int_equal(tc_starttls_init(&dialogue, row->protocol, &k_names), TC_OK);
    for (size_t i = 0; i < MAX_TURNS && (row->turns[i].server_len | row->turns[i].client_len) > 0;
         i++) {
        const struct turn *turn = &row->turns[i];
        size_t len = 0;
        if (turn->server_len > 0) {
            result = tc_starttls_input(&dialogue, (const uint8_t *)turn->server, turn->server_len);
        }
        const uint8_t *bytes = tc_starttls_output(&dialogue, &len);
        assert_int_equal(len, turn->client_len);
        if (len > 0) {
            assert_memory_equal(bytes, turn->client, len);
        }
        tc_starttls_sent(&dialogue, len);
    }
    check_end(&dialogue, row, result);
}

void check_talk(void **state)
{
    const struct talk_case *row = *state;
    static struct sums sums;
    add_up(&sums, row);
    play_turns(row);
    for (size_t cut = 0; cut <= sums.server_len; cut++) {
        play(row, &sums, cut, sums.server_len);
    }
    play(row, &sums, 1, 1);
}

int run_talks(const char *group, const struct talk_case *cases, size_t num_cases)
{
    struct CMUnitTest *tests = calloc(num_cases, sizeof *tests);
    if (tests == NULL) {
        return 1;
    }
    for (size_t i = 0; i < num_cases; i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = check_talk;
        tests[i].initial_state = (void *)(uintptr_t)&cases[i];
    }
    int failed = _cmocka_run_group_tests(group, tests, num_cases, NULL, NULL);
    free(tests);
    return failed;
}
