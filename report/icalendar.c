/* iCalendar: when certificates end, as all-day events. RFC 5545. */
#include "icalendar.h"

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "escape.h"
#include "labels.h"
#include "tlscensus/sql.h"

#define ICALENDAR_TEXT_MAX ((size_t)64 * 1024 * 1024)
#define FOLD_OCTETS        75U
#define PLACES_MAX         20U /* written out in one description */
#define NAMES_MAX          20U /* owners, and categories, of one certificate */
#define DAY_S              86400

/* A few distinct texts, each with its NUL. */
struct names {
    struct tc_buf texts;
    size_t num;
};

/* The certificate whose rows are being read. */
struct event {
    char sha256[65]; /* "": none yet */
    char end_date[9];
    char expires_utc[20];
    char stamp[17];
    int64_t lifetime_s;
    int64_t sequence;
    bool is_replaced;
    struct tc_buf issuer;
    struct tc_buf first_host;
    struct tc_buf last_host;
    int64_t last_port;
    size_t num_hosts;
    struct tc_buf places; /* "www.example.edu:443, …", PLACES_MAX of them */
    size_t num_places;
    struct names owners;
    struct names categories;
};

struct calendar {
    struct tc_output *output;
    struct tc_rows *rows;
    struct event event;
    struct tc_buf line; /* a content line, unfolded */
    struct tc_buf text; /* on its way to the output */
};

void tc_icalendar_line(struct tc_buf *out, const char *line, size_t len)
{
    size_t column = 0;
    for (size_t at = 0; at < len;) {
        uint32_t code = 0;
        size_t size = tc_utf8_next(&code, line + at, len - at);
        if (column + size > FOLD_OCTETS) {
            tc_buf_add_str(out, "\r\n ");
            column = 1;
        }
        tc_buf_add(out, line + at, size);
        column += size;
        at += size;
    }
    tc_buf_add_str(out, "\r\n");
}

void tc_icalendar_trigger(struct tc_buf *out, int64_t lifetime_s)
{
    int64_t third_s = lifetime_s / 3;
    if (lifetime_s <= 0 || third_s >= (int64_t)14 * DAY_S) {
        tc_buf_add_str(out, "-P14D");
    } else if (third_s >= DAY_S) {
        tc_buf_addf(out, "-P%dD", (int)(third_s / DAY_S));
    } else {
        tc_buf_addf(out, "-PT%dH", third_s >= 3600 ? (int)(third_s / 3600) : 1);
    }
}

/* ---- lines ---- */

static void end_line(struct calendar *calendar)
{
    if (calendar->line.failed != TC_OK) {
        calendar->text.failed = calendar->line.failed;
        return;
    }
    tc_icalendar_line(&calendar->text, calendar->line.data, calendar->line.len);
    tc_buf_clear(&calendar->line);
}

/* A line of ours, without anything from strangers. */
static void put_line(struct calendar *calendar, const char *line)
{
    tc_buf_add_str(&calendar->line, line);
    end_line(calendar);
}

static void add_text(struct calendar *calendar, const char *text)
{
    tc_escape_icalendar(&calendar->line, text, strlen(text));
}

static void flush(struct calendar *calendar)
{
    if (calendar->text.failed == TC_OK && calendar->text.len > 0) {
        tc_output_write(calendar->output, calendar->text.data, calendar->text.len);
        tc_buf_clear(&calendar->text);
    }
}

/* ---- names ---- */

static const char *names_get(const struct names *names, size_t index)
{
    const char *text = names->texts.data;
    for (size_t i = 0; i < index; i++) {
        text += strlen(text) + 1;
    }
    return text;
}

static void names_add(struct names *names, const char *text)
{
    for (size_t i = 0; i < names->num; i++) {
        if (strcmp(names_get(names, i), text) == 0) {
            return;
        }
    }
    if (text[0] != '\0' && names->num < NAMES_MAX &&
        tc_buf_add(&names->texts, text, strlen(text) + 1) == TC_OK) {
        names->num++;
    }
}

/* ---- an event ---- */

/* "TLS certificate of www.example.edu expires", "… and 2 more hosts expires" */
static void add_summary(struct calendar *calendar)
{
    const struct event *event = &calendar->event;
    add_text(calendar, "TLS certificate of ");
    add_text(calendar, event->first_host.len > 0 ? event->first_host.data : "");
    if (event->num_hosts > 1) {
        tc_buf_addf(&calendar->line, " and %zu more host%s", event->num_hosts - 1,
                    event->num_hosts > 2 ? "s" : "");
    }
    add_text(calendar, " expires");
}

static void add_names(struct calendar *calendar, const char *head, const struct names *names)
{
    for (size_t i = 0; i < names->num; i++) {
        add_text(calendar, i == 0 ? head : ", ");
        add_text(calendar, names_get(names, i));
    }
    add_text(calendar, names->num > 0 ? "\n" : "");
}

static void put_description(struct calendar *calendar)
{
    const struct event *event = &calendar->event;
    tc_buf_add_str(&calendar->line, "DESCRIPTION:");
    if (event->is_replaced) {
        add_text(calendar, "Replaced: another certificate is in its place.\n");
    }
    add_text(calendar, "Hosts: ");
    add_text(calendar, event->places.len > 0 ? event->places.data : "");
    if (event->num_places > PLACES_MAX) {
        tc_buf_addf(&calendar->line, " and %zu more", event->num_places - PLACES_MAX);
    }
    add_text(calendar, "\n");
    add_names(calendar, "Owner: ", &event->owners);
    if (event->issuer.len > 0) {
        add_text(calendar, "Issuer: ");
        add_text(calendar, event->issuer.data);
        add_text(calendar, "\n");
    }
    tc_buf_addf(&calendar->line, "Ends: %s UTC", event->expires_utc);
    end_line(calendar);
}

static void put_categories(struct calendar *calendar)
{
    const struct names *names = &calendar->event.categories;
    for (size_t i = 0; i < names->num; i++) {
        tc_buf_add_str(&calendar->line, i == 0 ? "CATEGORIES:" : ",");
        add_text(calendar, names_get(names, i));
    }
    if (names->num > 0) {
        end_line(calendar);
    }
}

static void put_alarm(struct calendar *calendar)
{
    put_line(calendar, "BEGIN:VALARM");
    put_line(calendar, "ACTION:DISPLAY");
    tc_buf_add_str(&calendar->line, "DESCRIPTION:");
    add_summary(calendar);
    end_line(calendar);
    tc_buf_add_str(&calendar->line, "TRIGGER:");
    tc_icalendar_trigger(&calendar->line, calendar->event.lifetime_s);
    end_line(calendar);
    put_line(calendar, "END:VALARM");
}

static void put_event(struct calendar *calendar)
{
    const struct event *event = &calendar->event;
    put_line(calendar, "BEGIN:VEVENT");
    tc_buf_addf(&calendar->line, "UID:%s@tlscensus", event->sha256);
    end_line(calendar);
    tc_buf_addf(&calendar->line, "DTSTAMP:%s", event->stamp);
    end_line(calendar);
    tc_buf_addf(&calendar->line, "SEQUENCE:%lld", (long long)event->sequence);
    end_line(calendar);
    tc_buf_addf(&calendar->line, "DTSTART;VALUE=DATE:%s", event->end_date);
    end_line(calendar);
    tc_buf_add_str(&calendar->line, "SUMMARY:");
    add_summary(calendar);
    end_line(calendar);
    put_description(calendar);
    put_categories(calendar);
    if (event->is_replaced) {
        put_line(calendar, "STATUS:CANCELLED");
    }
    put_line(calendar, "TRANSP:TRANSPARENT");
    if (!event->is_replaced) {
        put_alarm(calendar);
    }
    put_line(calendar, "END:VEVENT");
    flush(calendar);
}

/* ---- rows ---- */

static void event_init(struct event *event)
{
    struct tc_buf *const buffers[] = {&event->issuer,       &event->first_host,
                                      &event->last_host,    &event->places,
                                      &event->owners.texts, &event->categories.texts};
    *event = (struct event){.sha256 = ""};
    for (size_t i = 0; i < TC_ARRAY_LEN(buffers); i++) {
        tc_buf_init(buffers[i], ICALENDAR_TEXT_MAX);
    }
}

static void event_cleanup(struct event *event)
{
    tc_buf_cleanup(&event->issuer);
    tc_buf_cleanup(&event->first_host);
    tc_buf_cleanup(&event->last_host);
    tc_buf_cleanup(&event->places);
    tc_buf_cleanup(&event->owners.texts);
    tc_buf_cleanup(&event->categories.texts);
}

static void copy(char *out, size_t size, const struct tc_rows *rows, const char *name)
{
    snprintf(out, size, "%s", tc_row_text(rows, name));
}

static void begin_event(struct calendar *calendar)
{
    struct event *event = &calendar->event;
    const struct tc_rows *rows = calendar->rows;
    event_cleanup(event);
    event_init(event);
    copy(event->sha256, sizeof event->sha256, rows, "sha256");
    copy(event->end_date, sizeof event->end_date, rows, "end_date");
    copy(event->expires_utc, sizeof event->expires_utc, rows, "expires_utc");
    copy(event->stamp, sizeof event->stamp, rows, "stamp");
    event->lifetime_s = tc_row_int(rows, "lifetime_s");
    event->sequence = tc_row_int(rows, "sequence");
    event->is_replaced = tc_row_int(rows, "is_replaced") != 0;
    tc_buf_add_str(&event->issuer, tc_row_text(rows, "issuer"));
    tc_buf_add_str(&event->first_host, tc_row_text(rows, "host"));
}

/* Rows come by host. */
static void take_place(struct event *event, const char *host, int64_t port)
{
    bool is_same_host = event->last_host.len > 0 && strcmp(event->last_host.data, host) == 0;
    if (is_same_host && event->last_port == port) {
        return; /* another target of the same place: its owner and category count */
    }
    event->last_port = port;
    if (!is_same_host) {
        event->num_hosts++;
        tc_buf_clear(&event->last_host);
        tc_buf_add_str(&event->last_host, host);
    }
    if (event->num_places < PLACES_MAX) {
        bool is_ipv6 = strchr(host, ':') != NULL;
        tc_buf_addf(&event->places, "%s%s%s%s:%lld", event->num_places > 0 ? ", " : "",
                    is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", (long long)port);
    }
    event->num_places++;
}

/* A date that SQLite cannot write is no date: the database was damaged. */
static bool is_whole(const struct event *event)
{
    return strlen(event->sha256) == 64 && strlen(event->end_date) == 8 &&
           strlen(event->stamp) == 16;
}

static void end_event(struct calendar *calendar)
{
    if (is_whole(&calendar->event)) {
        put_event(calendar);
    }
}

static enum tc_status put_events(struct calendar *calendar, struct tc_error *error)
{
    struct event *event = &calendar->event;
    const struct tc_rows *rows = calendar->rows;
    enum tc_status status = TC_OK;
    while ((status = tc_rows_next(calendar->rows, error)) == TC_OK) {
        if (strcmp(event->sha256, tc_row_text(rows, "sha256")) != 0) {
            end_event(calendar);
            begin_event(calendar);
        }
        take_place(event, tc_row_text(rows, "host"), tc_row_int(rows, "port"));
        names_add(&event->owners, tc_row_text(rows, "owner"));
        names_add(&event->categories, tc_row_text(rows, "category"));
    }
    end_event(calendar);
    return status == TC_ERR_END ? TC_OK : status;
}

/* ---- the calendar ---- */

static enum tc_status bind_labels(struct calendar *calendar, struct tc_store *store,
                                  int64_t scan_id, const char *group_by, struct tc_error *error)
{
    struct tc_label_columns columns = {0};
    enum tc_status status = tc_label_columns_load(&columns, store, scan_id, error);
    if (status != TC_OK) {
        return status;
    }
    int owner = tc_label_columns_owner(&columns);
    int group = tc_label_columns_group(&columns);
    if (group_by != NULL) {
        status = tc_label_columns_want(&group, &columns, group_by, scan_id, error);
    }
    tc_rows_bind_text(calendar->rows, ":owner_label",
                      owner >= 0 ? columns.columns[owner].label : "");
    tc_rows_bind_text(calendar->rows, ":group_label",
                      group >= 0 ? columns.columns[group].label : "");
    tc_label_columns_cleanup(&columns);
    return status;
}

static enum tc_status put_calendar(struct calendar *calendar, struct tc_store *store,
                                   int64_t scan_id, const struct tc_icalendar_options *options,
                                   struct tc_error *error)
{
    enum tc_status status = tc_rows_open(&calendar->rows, store, tc_sql_calendar, error);
    if (status == TC_OK) {
        status = bind_labels(calendar, store, scan_id, options->group_by, error);
    }
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(calendar->rows, ":scan_id", scan_id);
    tc_rows_bind_int(calendar->rows, ":within_s", (int64_t)options->within_days * DAY_S);
    put_line(calendar, "BEGIN:VCALENDAR");
    put_line(calendar, "VERSION:2.0");
    put_line(calendar, "PRODID:-//tlscensus//report//EN");
    put_line(calendar, "CALSCALE:GREGORIAN");
    put_line(calendar, "X-WR-CALNAME:TLS certificates");
    status = put_events(calendar, error);
    put_line(calendar, "END:VCALENDAR");
    return status;
}

enum tc_status tc_report_icalendar(struct tc_output *output, struct tc_store *store,
                                   int64_t scan_id, const struct tc_icalendar_options *options,
                                   struct tc_error *error)
{
    struct calendar calendar = {.output = output};
    event_init(&calendar.event);
    tc_buf_init(&calendar.line, ICALENDAR_TEXT_MAX);
    tc_buf_init(&calendar.text, ICALENDAR_TEXT_MAX);
    enum tc_status status = tc_store_begin_read(store, error);
    if (status != TC_OK) {
        return status;
    }
    status = put_calendar(&calendar, store, scan_id, options, error);
    if (status == TC_OK && calendar.text.failed != TC_OK) {
        status = tc_fail(error, calendar.text.failed, "an event: %s",
                         tc_status_str(calendar.text.failed));
    }
    flush(&calendar);
    tc_rows_close(calendar.rows);
    event_cleanup(&calendar.event);
    tc_buf_cleanup(&calendar.line);
    tc_buf_cleanup(&calendar.text);
    tc_store_end_read(store);
    return status;
}
