/* One connection after another: the limiter, the policy, and how a refusal sounds. */
#include "fake_server.h"

#include <stdio.h>
#include <string.h>

static void refuse(struct fake_reply *out, const struct fake_policy *policy, uint8_t alert,
                   bool by_silence)
{
    enum fake_refusal refusal = by_silence ? FAKE_REFUSES_BY_SILENCE : policy->quirks.refusal;
    switch (refusal) {
    case FAKE_REFUSES_BY_CLOSE:
        out->end = TC_ANSWER_CLOSED;
        break;
    case FAKE_REFUSES_BY_RESET:
        out->end = TC_ANSWER_RESET;
        break;
    case FAKE_REFUSES_BY_SILENCE:
        out->end = TC_ANSWER_SILENCE;
        break;
    case FAKE_REFUSES_BY_ALERT:
    default:
        fake_alert_write(out, alert);
        break;
    }
}

static void limit(struct fake_reply *out, enum fake_limit limit)
{
    static const enum tc_answer_end ends[FAKE_LIMIT_COUNT] = {
        [FAKE_LIMIT_RESET] = TC_ANSWER_RESET,
        [FAKE_LIMIT_SILENCE] = TC_ANSWER_SILENCE,
        [FAKE_LIMIT_CLOSE] = TC_ANSWER_CLOSED,
        [FAKE_LIMIT_UNREACHED] = TC_ANSWER_UNREACHED,
        [FAKE_LIMIT_ALERT] = TC_ANSWER_COMPLETE};
    out->end = ends[limit];
    if (limit == FAKE_LIMIT_ALERT) {
        fake_alert_write(out, 80);
    }
}

const struct fake_policy *fake_server_connect(struct fake_server *server, struct fake_reply *out)
{
    const struct fake_policy *policy = server->policy;
    server->connections++;
    out->end = TC_ANSWER_COMPLETE;
    out->len = 0;
    const unsigned first = policy->quirks.limit_after + 1;
    const bool is_over =
        policy->quirks.limit_for != 0 && server->connections >= first + policy->quirks.limit_for;
    if (policy->quirks.limit_after != 0 && server->connections >= first && !is_over) {
        limit(out, policy->quirks.limit);
        return NULL;
    }
    return server->other != NULL && fake_random(&server->random) % 2 == 1 ? server->other : policy;
}

void fake_server_answer(struct fake_server *server, struct fake_reply *out, const uint8_t *bytes,
                        size_t len, bool is_split)
{
    struct fake_hello hello;
    struct fake_choice choice;
    const struct fake_policy *policy = fake_server_connect(server, out);
    if (policy == NULL) {
        return;
    }
    if (bytes[0] != 22) {
        fake_ssl2_write(out, policy);
        return;
    }
    if (!fake_hello_read(&hello, bytes, len)) {
        fake_alert_write(out, 50);
        return;
    }
    hello.is_split = is_split;
    fake_choose(&choice, policy, &hello, &server->random);
    if (choice.alert != 0) {
        refuse(out, policy, choice.alert, choice.by_silence);
    } else {
        fake_flight_write(out, policy, &hello, &choice, &server->random);
    }
}

void fake_server_reply(const struct fake_server *server, struct tc_survey_reply *out,
                       const uint8_t *bytes, size_t len)
{
    static const uint8_t heartbeat[] = {24, 3, 0, 0, 3, 1, 0, 0};
    static const uint8_t ccs[] = {20, 3, 0, 0, 1, 1, 20, 3, 0, 0, 1, 1};
    const struct fake_policy *policy = server->policy;
    *out = (struct tc_survey_reply){.end = TC_ANSWER_SILENCE};
    if (server->reply != NULL) {
        *out = *server->reply;
        return;
    }
    if (len == sizeof heartbeat && bytes[0] == heartbeat[0] &&
        memcmp(bytes + 3, heartbeat + 3, len - 3) == 0) {
        if (policy->answers_short_heartbeat) {
            *out = (struct tc_survey_reply){.end = TC_ANSWER_COMPLETE, .type = 24, .len = 3};
        }
    } else if (len == sizeof ccs && bytes[0] == ccs[0] && bytes[6] == ccs[6]) {
        *out = (struct tc_survey_reply){.end = TC_ANSWER_COMPLETE,
                                        .type = 21,
                                        .len = 2,
                                        .alert = policy->takes_early_ccs ? 20 : 10};
    } else {
        out->end = TC_ANSWER_BROKEN;
    }
}

size_t fake_server_http(const struct fake_server *server, char *out, size_t capacity,
                        const char *request)
{
    bool is_asked = strstr(request, "\r\nUpgrade: TLS/1.0\r\n") != NULL &&
                    strncmp(request, "HEAD / HTTP/1.1\r\n", 17) == 0;
    if (server->head != NULL) {
        return (size_t)snprintf(out, capacity, "%s", server->head);
    }
    int len = snprintf(out, capacity, "HTTP/1.1 200 OK\r\nServer: fake\r\n%s\r\n",
                       is_asked && server->policy->upgrades_http ? "upgrade: h2c, tls/1.2\r\n"
                                                                 : "Upgrade: h2c\r\n");
    return (size_t)len;
}
