/* What a probe says and hears where its question is a hello of our own. */
#include "survey_run.h"

#define RECORD_ALERT       21 /* RFC 8446 section 6 */
#define LEVEL_WARNING      1
#define ALERT_CLOSE_NOTIFY 0
#define VERSION_SSL3       0x0300
#define VERSION_TLS1       0x0301
#define VERSION_TLS12      0x0303

enum tc_status tc_probe_say_hello(struct tc_probe *probe, bool *out_is_split)
{
    struct tc_connection *connection = probe->endpoint->connection;
    size_t max_read_bytes = probe->endpoint->origin->options->max_read_bytes;
    uint8_t bytes[TC_HELLO_MAX_BYTES];
    size_t len = 0;
    size_t split = 0;
    enum tc_status status = tc_probe_hello(probe, bytes, sizeof bytes, &len, &split);
    if (status != TC_OK) {
        return status;
    }
    const struct tc_flight_options options = {
        .max_bytes = max_read_bytes - 1, /* so that the flight sees the cap before the connection */
        .keep_certificates = probe->question.keeps_certificates,
        .allows_ssl2 = probe->question.is_ssl2,
    };
    tc_flight_init(&probe->flight, &options);
    probe->has_flight = true;
    size_t first = split > 0 && split < len ? split : len;
    if (!tc_connection_write(connection, bytes, first)) {
        return TC_ERR_LIMIT;
    }
    tc_connection_flush(connection);
    *out_is_split = first < len;
    if (*out_is_split) {
        if (!tc_connection_write(connection, bytes + first, len - first)) {
            return TC_ERR_LIMIT;
        }
        tc_connection_keep(connection);
    }
    return TC_OK;
}

bool tc_probe_listen(struct tc_probe *probe, enum tc_outcome *out_outcome)
{
    struct tc_connection *connection = probe->endpoint->connection;
    struct tc_scratch *scratch = connection->scratch;
    struct tc_flight *flight = &probe->flight;
    char detail[TC_DETAIL_MAX]; /* rows tell of the endpoint's own talk alone */
    size_t len = 0;
    while (flight->state == TC_FLIGHT_READING &&
           (len = tc_connection_read(connection, scratch->in, sizeof scratch->in)) > 0) {
        (void)tc_flight_feed(flight, scratch->in, len);
    }
    if (flight->state != TC_FLIGHT_READING) {
        *out_outcome = TC_OUTCOME_OK;
        return true;
    }
    if (connection->end != TC_CONNECTION_OPEN) {
        *out_outcome = tc_connection_explain_end(connection, "in a probe", detail);
        return true;
    }
    return false;
}

/* Whether the peer is in a talk of TLS that it has not ended itself. */
static bool may_listen(const struct tc_probe *probe)
{
    switch (probe->flight.state) {
    case TC_FLIGHT_READING:
        return !probe->question.is_ssl2;
    case TC_FLIGHT_HELLO_RETRY:
    case TC_FLIGHT_SERVER_HELLO:
    case TC_FLIGHT_HELLO_DONE:
    case TC_FLIGHT_MALFORMED:
    case TC_FLIGHT_TOO_LARGE:
        return true;
    case TC_FLIGHT_ALERT:
    case TC_FLIGHT_SSL2_HELLO:
    case TC_FLIGHT_SSL2_ERROR:
    case TC_FLIGHT_NOT_TLS:
    default:
        return false;
    }
}

/* A record's version never exceeds that of TLS 1.2 (RFC 8446 section 5.1). */
static uint16_t record_version(const struct tc_flight *flight)
{
    if (!flight->has_hello) {
        return VERSION_TLS1;
    }
    if (flight->version < VERSION_SSL3) {
        return VERSION_SSL3;
    }
    return flight->version < VERSION_TLS12 ? flight->version : VERSION_TLS12;
}

void tc_probe_farewell(struct tc_probe *probe)
{
    struct tc_connection *connection = probe->endpoint->connection;
    if (!probe->has_flight || connection->end != TC_CONNECTION_OPEN || !may_listen(probe) ||
        probe->reply.type == RECORD_ALERT) {
        return;
    }
    uint16_t version = record_version(&probe->flight);
    const uint8_t record[] = {RECORD_ALERT,  (uint8_t)(version >> 8), (uint8_t)version, 0, 2,
                              LEVEL_WARNING, ALERT_CLOSE_NOTIFY};
    (void)tc_connection_write(connection, record, sizeof record); /* there is room: it was sent */
}
