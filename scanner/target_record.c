/* One CSV record as an item: the host's cell, and what the other columns add to it. */
#include <string.h>

#include "target_reader.h"

enum tc_status reader_record_width(const struct tc_target_reader *reader,
                                   struct target_reason *reason)
{
    const struct csv_record *record = &reader->record;
    const struct csv_layout *layout = &reader->layout;
    size_t num_cells = record->num_cells;
    while (num_cells > layout->num_columns && csv_record_cell(record, num_cells - 1)[0] == '\0') {
        num_cells--; /* separators without text behind the last column are harmless */
    }
    if (num_cells == layout->num_columns) {
        return TC_OK;
    }
    return tc_target_refuse(reason, "%zu field%s where the header has %zu", num_cells,
                            num_cells == 1 ? "" : "s", layout->num_columns);
}

/* A cell of one of our own columns; NULL where it is empty or there is no such column. */
static const char *own_cell(const struct csv_record *record, size_t column)
{
    if (column == CSV_NO_COLUMN) {
        return NULL;
    }
    const char *cell = csv_record_cell(record, column);
    return cell[0] != '\0' ? cell : NULL;
}

static enum tc_status apply_protocol(struct target_item *item, struct target_reason *reason,
                                     const char *cell)
{
    enum tc_protocol protocol = TC_PROTOCOL_TLS;
    enum tc_status status = tc_target_scheme_parse(&protocol, reason, cell, strlen(cell));
    if (status != TC_OK) {
        return status;
    }
    if (item->has_protocol && item->protocol != protocol) {
        return tc_target_refuse(reason, "column protocol says %s, the host's cell says %s",
                                tc_protocol_str(protocol), tc_protocol_str(item->protocol));
    }
    item->has_protocol = true;
    item->protocol = protocol;
    return TC_OK;
}

static enum tc_status apply_ports(struct target_item *item, struct target_reason *reason,
                                  const char *cell)
{
    uint16_t before[TARGET_PORTS_MAX];
    size_t num_before = item->num_ports;
    memcpy(before, item->ports, num_before * sizeof before[0]);
    item->num_ports = 0;
    enum tc_status status = tc_target_ports_parse(item, reason, cell, strlen(cell));
    if (status == TC_OK && num_before > 0 &&
        (num_before != item->num_ports ||
         memcmp(before, item->ports, num_before * sizeof before[0]) != 0)) {
        return tc_target_refuse(reason, "column port says %.40s, the host's cell says %u", cell,
                                before[0]);
    }
    return status;
}

static enum tc_status apply_address(struct target_item *item, struct target_reason *reason,
                                    const char *cell)
{
    struct tc_address address = {.len = 0};
    if (!tc_target_address_parse(&address, cell, strlen(cell))) {
        return tc_target_refuse(reason,
                                "\"%.60s\" in column address is no IP address (a label needs "
                                "another column name)",
                                cell);
    }
    const struct tc_address *other = item->num_addresses > 0 ? &item->address : &item->pinned;
    bool is_same =
        other->len == address.len && memcmp(other->octets, address.octets, address.len) == 0;
    if (item->num_addresses > 1 || (other->len > 0 && !is_same)) {
        return tc_target_refuse(reason, "column address says %.60s, the host's cell says otherwise",
                                cell);
    }
    if (item->num_addresses == 0) {
        item->pinned = address;
    }
    return TC_OK;
}

static enum tc_status apply_sni(struct target_item *item, struct target_reason *reason,
                                const char *cell)
{
    struct target_reason why = {.text = ""};
    enum tc_status status = tc_target_name_parse(item->sni, NULL, &why, cell, strlen(cell));
    if (status == TC_ERR_MALFORMED) {
        return tc_target_refuse(reason, "column sni: %.200s", why.text);
    }
    if (status == TC_OK && strcmp(item->sni, item->host) == 0) {
        item->sni[0] = '\0';
    }
    return status;
}

static enum tc_status apply_columns(struct target_item *item, struct target_reason *reason,
                                    const struct csv_record *record,
                                    const struct csv_layout *layout)
{
    const struct {
        size_t column;
        enum tc_status (*apply)(struct target_item *item, struct target_reason *reason,
                                const char *cell);
    } columns[] = {
        {layout->protocol_column, apply_protocol},
        {layout->port_column, apply_ports},
        {layout->address_column, apply_address},
        {layout->sni_column, apply_sni},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(columns); i++) {
        const char *cell = own_cell(record, columns[i].column);
        enum tc_status status = cell != NULL ? columns[i].apply(item, reason, cell) : TC_OK;
        if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}

enum tc_status reader_record_item(struct tc_target_reader *reader, struct target_reason *reason)
{
    const struct csv_record *record = &reader->record;
    const struct csv_layout *layout = &reader->layout;
    const char *host = csv_record_cell(record, layout->host_column);
    tc_buf_add_str(&reader->item_text, host);
    if (host[0] == '\0') {
        return tc_target_refuse(reason, "no host in this line");
    }
    enum tc_status status =
        tc_target_item_parse(&reader->item, reason, host, strlen(host), reader->options.max_cidr);
    if (status == TC_OK) {
        status = apply_columns(&reader->item, reason, record, layout);
    }
    for (size_t i = 0; layout->label_names != NULL && i < layout->label_names->num_names; i++) {
        const char *cell = csv_record_cell(record, layout->label_columns[i]);
        reader->label_values[i] = cell[0] != '\0' ? cell : reader->label_defaults[i];
    }
    return status != TC_OK ? status : reader->item_text.failed;
}
