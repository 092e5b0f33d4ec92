/* The reader: lines become items, items are spread into targets, bad lines are told. */
#include <libpsl.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "target_reader.h"

#define MAX_CIDR_DEFAULT UINT64_C(65536)
/* Of a bad line so much is kept as shows which one it is. */
#define REJECTED_TEXT_MAX 256U

static enum tc_status reader_new(struct tc_target_reader **out,
                                 const struct tc_target_reader_options *options,
                                 struct tc_error *error)
{
    struct tc_target_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        tc_fail(error, TC_ERR_NOMEM, "out of memory");
        return TC_ERR_NOMEM;
    }
    reader->options = *options;
    if (reader->options.max_cidr == 0) {
        reader->options.max_cidr = MAX_CIDR_DEFAULT;
    }
    csv_record_init(&reader->record);
    tc_buf_init(&reader->item_text, TARGET_LINE_MAX * 4); /* as a record's text */
    *out = reader;
    return TC_OK;
}

/* Once the header is known: which labels there are, and what they are without a cell. */
static enum tc_status settle_labels(struct tc_target_reader *reader)
{
    const struct tc_target_defaults *defaults = &reader->options.defaults;
    struct tc_label_names *own = reader->layout.label_names;
    size_t room = (own != NULL ? own->num_names : 0) + defaults->num_labels;
    if (room == 0) {
        return TC_OK;
    }
    reader->label_values = calloc(room, sizeof *reader->label_values);
    reader->label_defaults = calloc(room, sizeof *reader->label_defaults);
    if (reader->label_values == NULL || reader->label_defaults == NULL) {
        return TC_ERR_NOMEM;
    }
    enum tc_status status = csv_names_with(&reader->label_names, reader->label_defaults, own,
                                           defaults->labels, defaults->num_labels);
    if (status == TC_OK) {
        memcpy((void *)reader->label_values, (void *)reader->label_defaults,
               room * sizeof *reader->label_values);
    }
    return status;
}

/* What the first line says of the others. */
static enum tc_status reader_begin(struct tc_target_reader *reader, struct tc_error *error)
{
    enum tc_status status = reader_recognise(reader, error);
    if (status == TC_OK) {
        status = settle_labels(reader);
    }
    if (status == TC_ERR_NOMEM || status == TC_ERR_CANCELLED) {
        tc_fail(error, status, "%s: %s", target_input_name(reader->input), tc_status_str(status));
    }
    reader->is_recognised = status == TC_OK;
    return status;
}

/* Takes `input` over. */
static enum tc_status reader_open(struct tc_target_reader **out, struct target_input *input,
                                  const struct tc_target_reader_options *options,
                                  struct tc_error *error)
{
    struct tc_target_reader *reader = NULL;
    enum tc_status status = reader_new(&reader, options, error);
    if (status != TC_OK) {
        target_input_free(input);
        return status;
    }
    reader->input = input;
    target_input_set_cancelled(input, options->cancelled, options->context);
    status = options->reads_late ? TC_OK : reader_begin(reader, error);
    if (status != TC_OK) {
        tc_target_reader_free(reader);
        return status;
    }
    *out = reader;
    return TC_OK;
}

enum tc_status tc_target_reader_open_file(struct tc_target_reader **out, const char *path,
                                          const struct tc_target_reader_options *options,
                                          struct tc_error *error)
{
    struct target_input *input = NULL;
    enum tc_status status = target_input_open_file(&input, path, error);
    return status == TC_OK ? reader_open(out, input, options, error) : status;
}

enum tc_status tc_target_reader_open_memory(struct tc_target_reader **out, const char *name,
                                            const char *bytes, size_t len,
                                            const struct tc_target_reader_options *options,
                                            struct tc_error *error)
{
    struct target_input *input = NULL;
    enum tc_status status = target_input_open_memory(&input, name, bytes, len, error);
    return status == TC_OK ? reader_open(out, input, options, error) : status;
}

enum tc_status tc_target_reader_open_args(struct tc_target_reader **out, const char *const *args,
                                          size_t num_args,
                                          const struct tc_target_reader_options *options,
                                          struct tc_error *error)
{
    struct tc_target_reader *reader = NULL;
    enum tc_status status = reader_new(&reader, options, error);
    if (status == TC_OK) {
        status = settle_labels(reader);
        if (status != TC_OK) {
            tc_target_reader_free(reader);
            return tc_fail(error, status, "out of memory");
        }
        reader->kind = READER_ARGS;
        reader->args = args;
        reader->num_args = num_args;
        *out = reader;
    }
    return status;
}

void tc_target_reader_free(struct tc_target_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    target_input_free(reader->input);
    csv_layout_cleanup(&reader->layout);
    csv_record_cleanup(&reader->record);
    tc_buf_cleanup(&reader->item_text);
    tc_ref_release(reader->label_names != NULL ? &reader->label_names->ref : NULL);
    free((void *)reader->label_values);
    free((void *)reader->label_defaults);
    free(reader);
}

void tc_target_reader_cancel(struct tc_target_reader *reader)
{
    if (reader->input != NULL) {
        target_input_cancel(reader->input);
    }
}

const struct tc_label_names *tc_target_reader_labels(const struct tc_target_reader *reader)
{
    return reader->label_names;
}

/* A line gave nothing: its reader's owner hears of it. */
static void reject(struct tc_target_reader *reader, const char *file, uint64_t line,
                   const char *text, size_t len, const struct target_reason *reason)
{
    struct tc_buf kept_text;
    struct tc_buf clean_reason;
    if (reader->options.rejected == NULL) {
        return;
    }
    tc_buf_init(&kept_text, (size_t)REJECTED_TEXT_MAX * 4);
    tc_buf_init(&clean_reason, sizeof reason->text * 3);
    tc_target_trim(&text, &len);
    bool is_cut = len > REJECTED_TEXT_MAX;
    len = is_cut ? REJECTED_TEXT_MAX : len;
    /* Not through the middle of a character. */
    while (is_cut && len > REJECTED_TEXT_MAX - 4 && ((unsigned char)text[len] & 0xc0) == 0x80) {
        len--;
    }
    tc_target_add_kept_text(&kept_text, text, len);
    tc_buf_add_str(&kept_text, is_cut ? "…" : "");
    tc_target_add_text(&clean_reason, reason->text, strlen(reason->text));
    struct tc_rejection rejection = {.file = file,
                                     .line = line,
                                     .text = kept_text.data != NULL ? kept_text.data : "",
                                     .reason = clean_reason.data != NULL ? clean_reason.data
                                                                         : reason->text};
    reader->options.rejected(reader->options.context, &rejection);
    tc_buf_cleanup(&clean_reason);
    tc_buf_cleanup(&kept_text);
}

static void begin_item(struct tc_target_reader *reader, uint64_t line)
{
    reader->has_item = true;
    reader->item_line = line;
    reader->next_address = 0;
    reader->next_port = 0;
    reader->www_is_next = false;
}

/* The next argument becomes the item, or is refused. */
static enum tc_status read_arg(struct tc_target_reader *reader)
{
    struct target_reason reason = {.text = ""};
    if (reader->next_arg == reader->num_args) {
        return TC_ERR_END;
    }
    const char *text = reader->args[reader->next_arg++];
    size_t len = strlen(text);
    enum tc_status status =
        tc_target_item_parse(&reader->item, &reason, text, len, reader->options.max_cidr);
    if (status == TC_ERR_MALFORMED) {
        const char *name = reader->options.args_name;
        reject(reader, name != NULL ? name : "command line", 0, text, len, &reason);
        return TC_OK;
    }
    if (status == TC_OK) {
        tc_target_trim(&text, &len);
        tc_buf_clear(&reader->item_text);
        status = tc_buf_add(&reader->item_text, text, len);
        begin_item(reader, 0);
    }
    return status;
}

static enum tc_status reject_long_line(struct tc_target_reader *reader, struct tc_error *error)
{
    struct target_reason reason = {.text = ""};
    struct target_window window = target_input_window(reader->input);
    (void)tc_target_refuse(&reason, "a line of more than %zu bytes", TARGET_LINE_MAX);
    reject(reader, target_input_name(reader->input), target_input_line(reader->input), window.bytes,
           REJECTED_TEXT_MAX + 1, &reason);
    return target_input_skip_line(reader->input, error);
}

/* The next line of text becomes the item, or is refused, or says nothing. */
static enum tc_status read_line(struct tc_target_reader *reader, struct tc_error *error)
{
    struct target_reason reason = {.text = ""};
    size_t len = 0;
    size_t step = 0;
    enum tc_status status = target_input_line_len(&len, &step, reader->input, 0, error);
    if (status == TC_ERR_LIMIT) {
        return reject_long_line(reader, error);
    }
    if (status != TC_OK) {
        return status;
    }
    uint64_t line = target_input_line(reader->input);
    const char *text = target_input_window(reader->input).bytes;
    tc_target_line_text(&text, &len);
    if (len > 0) {
        status = tc_target_item_parse(&reader->item, &reason, text, len, reader->options.max_cidr);
        if (status == TC_ERR_MALFORMED) {
            reject(reader, target_input_name(reader->input), line, text, len, &reason);
            status = TC_OK;
        } else if (status == TC_OK) {
            tc_buf_clear(&reader->item_text);
            status = tc_buf_add(&reader->item_text, text, len);
            begin_item(reader, line);
        }
    }
    target_input_consume(reader->input, step);
    return status;
}

/* A record that cannot be read loses its first line; the next one may be whole. */
static enum tc_status reject_broken_record(struct tc_target_reader *reader,
                                           const struct target_reason *reason,
                                           struct tc_error *error)
{
    size_t len = 0;
    size_t step = 0;
    enum tc_status status = target_input_line_len(&len, &step, reader->input, 0, error);
    struct target_window window = target_input_window(reader->input);
    if (status == TC_ERR_LIMIT) {
        len = REJECTED_TEXT_MAX + 1;
    } else if (status != TC_OK) {
        return status;
    }
    reject(reader, target_input_name(reader->input), target_input_line(reader->input), window.bytes,
           len, reason);
    return target_input_skip_line(reader->input, error);
}

/* Records without any text, and in the first column hosts that are comments. */
static bool is_silent_record(const struct tc_target_reader *reader)
{
    return csv_record_is_blank(&reader->record) ||
           (reader->layout.host_column == 0 && csv_record_cell(&reader->record, 0)[0] == '#');
}

/* A whole record that names no target. Its text is the host's cell, else its first line. */
static void reject_record(struct tc_target_reader *reader, const struct target_reason *reason)
{
    struct target_window window = target_input_window(reader->input);
    const char *text = window.bytes;
    const char *end = memchr(text, target_input_newline(reader->input), window.len);
    size_t len = end != NULL ? (size_t)(end - text) : window.len;
    if (reader->item_text.len > 0) {
        text = reader->item_text.data;
        len = reader->item_text.len;
    }
    reject(reader, target_input_name(reader->input), target_input_line(reader->input), text, len,
           reason);
}

/* The next CSV record becomes the item, or is refused, or says nothing. */
static enum tc_status read_record(struct tc_target_reader *reader, struct tc_error *error)
{
    struct target_reason reason = {.text = ""};
    enum tc_status status =
        csv_record_read(&reader->record, &reason, reader->input, reader->layout.separator, error);
    bool is_silent = status == TC_OK && is_silent_record(reader);
    if (status == TC_OK && !is_silent) {
        status = reader_record_width(reader, &reason);
    }
    if (status == TC_ERR_MALFORMED) {
        return reject_broken_record(reader, &reason, error);
    }
    if (status == TC_OK && !is_silent) {
        tc_buf_clear(&reader->item_text);
        status = reader_record_item(reader, &reason);
        if (status == TC_OK) {
            begin_item(reader, target_input_line(reader->input));
        } else if (status == TC_ERR_MALFORMED) {
            reject_record(reader, &reason);
            status = TC_OK;
        }
    }
    if (status == TC_OK) {
        target_input_consume(reader->input, reader->record.step);
    }
    return status;
}

static enum tc_status read_item(struct tc_target_reader *reader, struct tc_error *error)
{
    switch (reader->kind) {
    case READER_ARGS:
        return read_arg(reader);
    case READER_TEXT:
        return read_line(reader, error);
    case READER_CSV:
        return read_record(reader, error);
    }
    return TC_ERR_END;
}

/* The ports that all are asked at which say nothing themselves; NULL where this one does. */
static const struct tc_target_ports *default_ports(const struct tc_target_reader *reader)
{
    const struct target_item *item = &reader->item;
    const struct tc_target_ports *ports = reader->options.defaults.ports;
    return ports != NULL && ports->num_ports > 0 && item->num_ports == 0 && !item->has_protocol
               ? ports
               : NULL;
}

/*
 * --www: beside a registrable domain that is looked up for its web site. A pinned address or an SNI
 * of its own says what is meant, and mail and directory protocols have no `www.`.
 */
static bool wants_www(const struct tc_target_reader *reader)
{
    const struct target_item *item = &reader->item;
    const struct tc_target_ports *ports = default_ports(reader);
    for (size_t i = 0; ports != NULL && i < ports->num_ports; i++) {
        if (tc_protocol_registered(ports->ports[i]) > TC_PROTOCOL_TLS) {
            return false;
        }
    }
    if (!reader->options.add_www || item->num_addresses > 0 || item->pinned.len > 0 ||
        item->sni[0] != '\0' || strlen(item->host) > TARGET_NAME_MAX - strlen("www.") ||
        (item->has_protocol && item->protocol != TC_PROTOCOL_HTTPS &&
         item->protocol != TC_PROTOCOL_TLS)) {
        return false;
    }
    return psl_registrable_domain(psl_builtin(), item->host) == item->host;
}

static size_t count_ports(const struct tc_target_reader *reader)
{
    const struct tc_target_ports *defaults = default_ports(reader);
    if (defaults != NULL) {
        return defaults->num_ports;
    }
    return reader->item.num_ports > 0 ? reader->item.num_ports : 1;
}

/* Moves on to the item's next target: ports first, then addresses, then `www.`. */
static void advance(struct tc_target_reader *reader)
{
    const struct target_item *item = &reader->item;
    reader->next_port++;
    if (reader->next_port < count_ports(reader)) {
        return;
    }
    reader->next_port = 0;
    reader->next_address++;
    if (reader->next_address < item->num_addresses) {
        return;
    }
    reader->has_item = !reader->www_is_next && wants_www(reader);
    reader->www_is_next = reader->has_item;
    reader->next_address = 0;
}

static const char *text_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

/* Protocol and port of the target that the item's counters point at. */
static void choose_port(struct target_parts *parts, const struct tc_target_reader *reader)
{
    const struct target_item *item = &reader->item;
    const struct tc_target_ports *defaults = default_ports(reader);
    parts->protocol = item->has_protocol ? item->protocol : TC_PROTOCOL_HTTPS;
    parts->port = tc_protocol_port(parts->protocol);
    if (defaults != NULL) {
        parts->port = defaults->ports[reader->next_port];
        parts->protocol = tc_protocol_registered(parts->port);
    } else if (item->num_ports > 0) {
        parts->port = item->ports[reader->next_port];
        parts->protocol = item->has_protocol ? item->protocol : tc_protocol_of_port(parts->port);
    }
}

/* The target that the item's counters point at. */
static enum tc_status make_target(struct tc_target **out, struct tc_target_reader *reader)
{
    const struct target_item *item = &reader->item;
    char address[TC_ADDRESS_TEXT_MAX];
    char pinned[TC_ADDRESS_TEXT_MAX];
    char www[TARGET_NAME_MAX + 1] = "www.";
    char www_unicode[TARGET_UNICODE_MAX + sizeof "www."] = "www.";
    struct target_parts parts = {.host = item->host,
                                 .host_unicode = text_or_null(item->host_unicode),
                                 .sni = text_or_null(item->sni),
                                 .is_address = item->num_addresses > 0,
                                 .input_text = reader->item_text.data,
                                 .input_line = reader->item_line,
                                 .label_names = reader->label_names,
                                 .label_values = reader->label_values,
                                 .has_profile = reader->options.defaults.has_profile,
                                 .profile = reader->options.defaults.profile};
    if (parts.is_address) {
        struct tc_address host = tc_target_address_add(item->address, reader->next_address);
        tc_address_format(address, &host);
        parts.host = address;
    }
    if (reader->www_is_next) {
        memcpy(www + strlen("www."), item->host, strlen(item->host) + 1);
        parts.host = www;
        if (parts.host_unicode != NULL) {
            memcpy(www_unicode + strlen("www."), item->host_unicode,
                   strlen(item->host_unicode) + 1);
            parts.host_unicode = www_unicode;
        }
    }
    if (item->pinned.len > 0) {
        tc_address_format(pinned, &item->pinned);
        parts.pinned_address = pinned;
    }
    choose_port(&parts, reader);
    return tc_target_new(out, &parts);
}

enum tc_status tc_target_reader_next(struct tc_target **out, struct tc_target_reader *reader,
                                     struct tc_error *error)
{
    if (reader->input != NULL && !reader->is_recognised) {
        enum tc_status status = reader_begin(reader, error);
        if (status != TC_OK) {
            return status;
        }
    }
    while (!reader->has_item) {
        enum tc_status status = read_item(reader, error);
        if (status == TC_ERR_NOMEM || status == TC_ERR_LIMIT) {
            return tc_fail(error, TC_ERR_NOMEM, "out of memory");
        }
        if (status != TC_OK) {
            return status;
        }
    }
    enum tc_status status = make_target(out, reader);
    if (status != TC_OK) {
        return tc_fail(error, status, "out of memory");
    }
    advance(reader);
    return TC_OK;
}

void tc_target_reader_sha256(uint8_t out[32], struct tc_target_reader *reader)
{
    SHA256_CTX sha256;
    if (reader->input != NULL) {
        target_input_sha256(out, reader->input);
        return;
    }
    SHA256_Init(&sha256); /* as if the arguments stood in a file, one to a line */
    for (size_t i = 0; i < reader->next_arg; i++) {
        SHA256_Update(&sha256, reader->args[i], strlen(reader->args[i]));
        SHA256_Update(&sha256, "\n", 1);
    }
    SHA256_Final(out, &sha256);
}
