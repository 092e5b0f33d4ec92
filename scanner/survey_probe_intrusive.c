/*
 * What a probe says and hears where its question is an intrusive one: a few bytes behind the
 * server's flight, of whose reply no more than a record's header is read, or a request to a web
 * server, of whose answer the head is wanted.
 */
#include "survey_run.h"

#define RECORD_CHANGE_CIPHER_SPEC 20 /* RFC 5246 section 6.2.1: the lowest type */
#define RECORD_ALERT              21
#define RECORD_HEARTBEAT          24 /* RFC 6520 section 3: the highest */
#define RECORD_HEADER_BYTES       5
#define ALERT_BYTES               2
#define VERSION_MAJOR             3

/* ---- behind a flight ---- */

enum tc_status tc_probe_ask_on(struct tc_probe *probe)
{
    struct tc_connection *connection = probe->endpoint->connection;
    uint8_t bytes[TC_SURVEY_MAX_FOLLOW_UP];
    size_t len = 0;
    enum tc_status status = tc_probe_follow_up(probe, bytes, sizeof bytes, &len);
    if (status != TC_OK) {
        return status;
    }
    if (!tc_connection_write(connection, bytes, len)) {
        return TC_ERR_LIMIT;
    }
    probe->has_asked_on = true;
    tc_connection_flush(connection);
    return TC_OK;
}

static uint16_t body_len(const struct tc_probe *probe)
{
    return (uint16_t)(probe->reply_bytes[3] << 8 | probe->reply_bytes[4]);
}

/* Of an alert in the clear its two bytes are wanted too. */
static size_t wanted(const struct tc_probe *probe)
{
    bool is_alert = probe->reply_len >= RECORD_HEADER_BYTES &&
                    probe->reply_bytes[0] == RECORD_ALERT && body_len(probe) == ALERT_BYTES;
    return is_alert ? RECORD_HEADER_BYTES + ALERT_BYTES : RECORD_HEADER_BYTES;
}

static enum tc_outcome read_reply(struct tc_probe *probe)
{
    const uint8_t *bytes = probe->reply_bytes;
    if (bytes[0] < RECORD_CHANGE_CIPHER_SPEC || bytes[0] > RECORD_HEARTBEAT ||
        bytes[1] != VERSION_MAJOR) {
        return TC_OUTCOME_NOT_TLS;
    }
    probe->reply.type = bytes[0];
    probe->reply.len = body_len(probe);
    if (probe->reply_len > RECORD_HEADER_BYTES) {
        probe->reply.alert = bytes[RECORD_HEADER_BYTES + 1];
    }
    return TC_OUTCOME_OK;
}

bool tc_probe_hear_reply(struct tc_probe *probe, enum tc_outcome *out_outcome)
{
    struct tc_connection *connection = probe->endpoint->connection;
    char detail[TC_DETAIL_MAX]; /* rows tell of the endpoint's own talk alone */
    size_t len = 0;
    while (probe->reply_len < wanted(probe) &&
           (len = tc_connection_read(connection, probe->reply_bytes + probe->reply_len,
                                     wanted(probe) - probe->reply_len)) > 0) {
        probe->reply_len += len;
    }
    if (probe->reply_len == wanted(probe)) {
        *out_outcome = read_reply(probe);
        return true;
    }
    if (connection->end != TC_CONNECTION_OPEN) {
        *out_outcome = tc_connection_explain_end(connection, "after a probe", detail);
        return true;
    }
    return false;
}

/* ---- a request to a web server ---- */

enum tc_status tc_probe_say_request(struct tc_probe *probe)
{
    struct tc_connection *connection = probe->endpoint->connection;
    uint8_t bytes[TC_HELLO_MAX_BYTES];
    size_t len = 0;
    size_t split = 0;
    enum tc_status status = tc_probe_hello(probe, bytes, sizeof bytes, &len, &split);
    if (status != TC_OK) {
        return status;
    }
    if (!tc_connection_write(connection, bytes, len)) {
        return TC_ERR_LIMIT;
    }
    tc_buf_init(&probe->head, TC_SURVEY_MAX_HEAD);
    tc_connection_flush(connection);
    return TC_OK;
}

/* Looks for an empty line that ends at or behind `from`; what comes behind it is cut off. */
static bool cut_head(struct tc_buf *head, size_t from)
{
    for (size_t i = from; i < head->len; i++) {
        bool ends_line = head->data[i] == '\n' && i > 0;
        size_t before = ends_line && head->data[i - 1] == '\r' ? 2 : 1; /* RFC 9112 section 2.2 */
        if (ends_line && i >= before && head->data[i - before] == '\n') {
            head->len = i + 1;
            head->data[head->len] = '\0';
            return true;
        }
    }
    return false;
}

bool tc_probe_hear_head(struct tc_probe *probe, enum tc_outcome *out_outcome)
{
    struct tc_connection *connection = probe->endpoint->connection;
    struct tc_scratch *scratch = connection->scratch;
    struct tc_buf *head = &probe->head;
    char detail[TC_DETAIL_MAX];
    size_t len = 0;
    while (head->len < TC_SURVEY_MAX_HEAD &&
           (len = tc_connection_read(connection, scratch->in, TC_SURVEY_MAX_HEAD - head->len)) >
               0) {
        size_t from = head->len;
        if (tc_buf_add(head, scratch->in, len) != TC_OK) {
            *out_outcome = TC_OUTCOME_LOCAL_ERROR;
            return true;
        }
        if (cut_head(head, from)) {
            *out_outcome = TC_OUTCOME_OK;
            return true;
        }
    }
    if (head->len == TC_SURVEY_MAX_HEAD) {
        *out_outcome = TC_OUTCOME_LIMIT_EXCEEDED;
        return true;
    }
    if (connection->end != TC_CONNECTION_OPEN) {
        *out_outcome = tc_connection_explain_end(connection, "in a probe", detail);
        return true;
    }
    return false;
}
