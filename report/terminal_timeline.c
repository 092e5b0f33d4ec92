/* One endpoint's talk as a packet list, from the DNS query to the last Finished. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"
#include "tlscensus/sql.h"

#define TIMELINE_MAX_EVENTS 256U
#define TIMELINE_TEXT_MAX   160U
#define TEXT_COLUMN         19U
#define SIZE_COLUMN         46U
#define BAR_COLUMN          57U

enum direction { OUTWARD, INWARD, FAILED };

struct event {
    int64_t at_us;
    enum direction direction;
    const char *layer;
    char text[TIMELINE_TEXT_MAX];
    int64_t size_bytes; /* -1: none to show */
};

struct timeline {
    struct event events[TIMELINE_MAX_EVENTS];
    size_t num_events;
    size_t num_left_out;
};

static void add_event(struct timeline *timeline, int64_t at_us, enum direction direction,
                      const char *layer, int64_t size_bytes, const char *format, ...)
    TC_PRINTF(6, 7);
static void add_event(struct timeline *timeline, int64_t at_us, enum direction direction,
                      const char *layer, int64_t size_bytes, const char *format, ...)
{
    if (timeline->num_events == TIMELINE_MAX_EVENTS) {
        timeline->num_left_out++;
        return;
    }
    struct event *event = &timeline->events[timeline->num_events++];
    *event = (struct event){
        .at_us = at_us, .direction = direction, .layer = layer, .size_bytes = size_bytes};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(event->text, sizeof event->text, format, arguments);
    va_end(arguments);
}

/*
 * An interval of the database: where a stranger made it, any number. A day is more than any talk
 * takes, and sums of such numbers cannot overflow.
 */
static int64_t interval_us(const struct tc_rows *rows, const char *column)
{
    const int64_t day_us = INT64_C(86400000000);
    int64_t us = tc_row_int(rows, column);
    return us < 0 ? 0 : us > day_us ? day_us : us;
}

/* "encrypted_extensions" as the RFCs write it: "EncryptedExtensions". */
static void message_name(char *out, size_t size, const char *name, int64_t type)
{
    size_t len = 0;
    bool upper = true;
    if (name[0] == '\0') {
        snprintf(out, size, "message of type %" PRId64, type);
        return;
    }
    for (const char *c = name; *c != '\0' && len + 1 < size; c++) {
        if (*c == '_') {
            upper = true;
            continue;
        }
        out[len++] = upper && *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
        upper = false;
    }
    out[len] = '\0';
}

/* The handshake's messages; `*out_any` says whether some were stored. */
static enum tc_status add_messages(struct timeline *timeline, const struct tc_show *show,
                                   int64_t base_us, bool *out_any)
{
    struct tc_rows *rows = NULL;
    enum tc_status status =
        tc_rows_open(&rows, show->store, tc_sql_report_show_messages, show->error);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(rows, ":observation_id", tc_row_int(show->endpoint, "observation_id"));
    while ((status = tc_rows_next(rows, show->error)) == TC_OK) {
        char name[64];
        message_name(name, sizeof name, tc_row_text(rows, "name"), tc_row_int(rows, "type"));
        add_event(timeline, base_us + interval_us(rows, "offset_us"),
                  tc_row_int(rows, "from_server") != 0 ? INWARD : OUTWARD, "TLS",
                  tc_row_int(rows, "size_bytes"), "%s", name);
        *out_any = true;
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

/* What came before TLS. Returns when TLS began, in microseconds. */
static int64_t add_beginning(struct timeline *timeline, const struct tc_rows *endpoint)
{
    int64_t now = 0;
    const char *address = tc_row_text(endpoint, "address");
    const char *cnames = tc_row_text(endpoint, "cnames");
    if (!tc_row_is_null(endpoint, "dns_us")) {
        add_event(timeline, 0, OUTWARD, "DNS", -1, "query %.120s", tc_row_text(endpoint, "host"));
        now += interval_us(endpoint, "dns_us");
        if (address[0] != '\0') {
            add_event(timeline, now, INWARD, "DNS", -1, "%s%.60s%s%s",
                      cnames[0] != '\0' ? "CNAME " : "", cnames, cnames[0] != '\0' ? ", " : "",
                      address);
        }
    }
    if (!tc_row_is_null(endpoint, "connect_us")) {
        add_event(timeline, now, OUTWARD, "TCP", -1, "SYN to port %" PRId64,
                  tc_row_int(endpoint, "port"));
        now += interval_us(endpoint, "connect_us");
        add_event(timeline, now, INWARD, "TCP", -1, "SYN-ACK, connected");
    }
    if (!tc_row_is_null(endpoint, "starttls_us")) {
        now += interval_us(endpoint, "starttls_us");
        add_event(timeline, now, INWARD, "STARTTLS", -1, "agreed");
    }
    return now;
}

/* The phases alone, where no messages were kept. */
static void add_phases(struct timeline *timeline, const struct tc_rows *endpoint, int64_t base_us)
{
    if (!tc_row_is_null(endpoint, "server_hello_us")) {
        add_event(timeline, base_us, OUTWARD, "TLS", -1, "ClientHello");
        add_event(timeline, base_us + interval_us(endpoint, "server_hello_us"), INWARD, "TLS", -1,
                  "first byte of the answer");
    }
    if (!tc_row_is_null(endpoint, "handshake_us")) {
        add_event(timeline, base_us + interval_us(endpoint, "handshake_us"), INWARD, "TLS", -1,
                  "handshake done");
    }
}

static const char *stage_layer(const char *stage)
{
    if (strcmp(stage, "dns") == 0) {
        return "DNS";
    }
    if (strcmp(stage, "tcp") == 0) {
        return "TCP";
    }
    return strcmp(stage, "starttls") == 0 ? "STARTTLS" : "TLS";
}

static void add_failure(struct timeline *timeline, const struct tc_rows *endpoint)
{
    const char *stage = tc_row_text(endpoint, "outcome_stage");
    if (stage[0] == '\0' || timeline->num_events == 0) {
        return;
    }
    int64_t now = timeline->events[timeline->num_events - 1].at_us;
    if (interval_us(endpoint, "total_us") > now) {
        now = interval_us(endpoint, "total_us");
    }
    add_event(timeline, now, FAILED, stage_layer(stage), -1, "%s",
              tc_row_text(endpoint, "outcome"));
}

/* ---- drawing ---- */

/* A waterfall's bar: from the event before to this one, to scale. */
static void draw_bar(struct tc_terminal *term, int64_t from_us, int64_t to_us, int64_t total_us)
{
    size_t room = term->width > BAR_COLUMN + 8 ? term->width - BAR_COLUMN : 0;
    if (room == 0 || total_us <= 0) {
        return;
    }
    size_t first = (size_t)((double)room * (double)from_us / (double)total_us);
    size_t end = (size_t)((double)room * (double)to_us / (double)total_us);
    first = first < room ? first : room - 1;
    end = end < room ? end : room;
    tc_term_pad(term, BAR_COLUMN + first);
    if (end <= first || to_us <= from_us) {
        end = first;
        tc_term_symbol(term, TC_STYLE_INFO, "\xe2\x96\x8f", "|"); /* an instant */
    }
    for (size_t i = first; i < end; i++) {
        tc_term_symbol(term, TC_STYLE_INFO, "\xe2\x96\x88", "#");
    }
}

static void draw_event(struct tc_terminal *term, const struct event *event, int64_t before_us,
                       int64_t total_us)
{
    static const struct {
        const char *utf8;
        const char *ascii;
        enum tc_style style;
    } arrows[] = {
        [OUTWARD] = {"\xe2\x86\x92", "->", TC_STYLE_LOW},
        [INWARD] = {"\xe2\x86\x90", "<-", TC_STYLE_GOOD},
        [FAILED] = {"\xe2\x9c\x98", "X", TC_STYLE_HIGH},
    };
    tc_term_printf(term, TC_STYLE_PLAIN, "%9" PRId64 ".%" PRId64, event->at_us / 1000,
                   event->at_us % 1000 / 100);
    tc_term_pad(term, 12);
    tc_term_symbol(term, arrows[event->direction].style, arrows[event->direction].utf8,
                   arrows[event->direction].ascii);
    tc_term_pad(term, 15);
    tc_term_text(term, TC_STYLE_DIM, event->layer);
    tc_term_pad(term, term->column < TEXT_COLUMN ? TEXT_COLUMN : term->column + 1);
    tc_term_cut(term, TC_STYLE_PLAIN, event->text,
                (event->size_bytes >= 0 ? SIZE_COLUMN : BAR_COLUMN) - 1 - term->column);
    if (event->size_bytes >= 0) {
        tc_term_pad(term, SIZE_COLUMN);
        tc_term_printf(term, TC_STYLE_PLAIN, "%6" PRId64 " B", event->size_bytes);
    }
    draw_bar(term, before_us, event->at_us, total_us);
    tc_term_newline(term);
}

static void draw_timeline(struct tc_terminal *term, const struct timeline *timeline)
{
    int64_t total_us = 0;
    for (size_t i = 0; i < timeline->num_events; i++) {
        total_us = timeline->events[i].at_us > total_us ? timeline->events[i].at_us : total_us;
    }
    char heading[64];
    snprintf(heading, sizeof heading, "Timeline: %" PRId64 ".%" PRId64 " ms", total_us / 1000,
             total_us % 1000 / 100);
    tc_term_heading(term, heading);
    int64_t before_us = 0;
    for (size_t i = 0; i < timeline->num_events; i++) {
        draw_event(term, &timeline->events[i], before_us, total_us);
        before_us = timeline->events[i].at_us;
    }
    if (timeline->num_left_out > 0) {
        tc_term_pad(term, TEXT_COLUMN);
        tc_term_printf(term, TC_STYLE_DIM, "and %zu more messages", timeline->num_left_out);
        tc_term_newline(term);
    }
}

enum tc_status tc_show_timeline(struct tc_terminal *term, const struct tc_show *show)
{
    bool any = false;
    struct timeline *timeline = calloc(1, sizeof *timeline);
    if (timeline == NULL) {
        return tc_fail(show->error, TC_ERR_NOMEM, "%s", tc_status_str(TC_ERR_NOMEM));
    }
    int64_t base_us = add_beginning(timeline, show->endpoint);
    enum tc_status status = add_messages(timeline, show, base_us, &any);
    if (status == TC_OK) {
        if (!any) {
            add_phases(timeline, show->endpoint, base_us);
        }
        add_failure(timeline, show->endpoint);
        if (timeline->num_events > 0) {
            draw_timeline(term, timeline);
        }
    }
    free(timeline);
    return status;
}
