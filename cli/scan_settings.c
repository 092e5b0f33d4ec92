#include "cli/scan_settings.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/expansion.h"
#include "tlscensus/starttls.h"
#include "tlscensus/survey.h"

static const char *const k_orders[] = {"shuffled", "as-given", NULL};
const char *const cli_profile_choices[] = {"quick", "standard", "deep", NULL};
/* The names of --intrusive, and what is sent. */
static const struct {
    const char *name;
    unsigned bit;
} k_intrusive[] = {
    {"renegotiation", TC_INTRUSIVE_RENEGOTIATION},
    {"heartbeat", TC_INTRUSIVE_HEARTBEAT},
    {"ccs", TC_INTRUSIVE_CCS},
    {"http-upgrade", TC_INTRUSIVE_HTTP_UPGRADE},
};
static const char *const k_formats[] = {"none", "jsonl", NULL};
static const char *const k_progress[] = {"auto", "json", NULL};
const char cli_default_db[] = "tlscensus.db";
const char *const cli_fail_on_choices[] = {"never", "info",     "low", "medium",
                                           "high",  "critical", NULL};

void cli_scan_settings_init(struct cli_scan_settings *settings)
{
    *settings = (struct cli_scan_settings){
        .db = cli_default_db,
        .max_cidr = 65536,
        .on_change_timeout_ms = 60000,
        .profile = CLI_DEFAULT_PROFILE,
        .confirm_after = TC_CONFIRM_AFTER_DEFAULT,
    };
    tc_scan_options_init(&settings->limits);
}

void cli_scan_settings_cleanup(struct cli_scan_settings *settings)
{
    cli_list_cleanup(&settings->inputs);
    cli_list_cleanup(&settings->wanted_groups);
    cli_groups_cleanup(&settings->groups);
    cli_list_cleanup(&settings->ports);
    cli_list_cleanup(&settings->labels);
    cli_list_cleanup(&settings->resolvers);
    cli_list_cleanup(&settings->intrusive);
}

static size_t target_rows(struct cli_option *rows, struct cli_scan_settings *s)
{
    const struct cli_option more[] = {
        {"input", 'i', CLI_LIST, &s->inputs, "FILE", "Targets",
         "Read targets from a text or CSV file, - for standard input; repeatable, and pipes are "
         "read last",
         NULL, 0, 0, true},
        {"group", 0, CLI_LIST, &s->wanted_groups, "GROUP", NULL,
         "Scan this group of the configuration file, a section [targets NAME], and of what the "
         "file "
         "names nothing else; repeatable. Without it targets or -i on the command line take the "
         "place of all that the file names, groups too",
         NULL, 0, 0, false},
        {"port", 0, CLI_PORTS, &s->ports, "PORT", NULL,
         "Ask targets that name neither a port nor a scheme at these ports, each with the protocol "
         "that is registered for it, STARTTLS too: 25,465,587 is mail; repeatable",
         NULL, 0, 0, true},
        {"label", 0, CLI_LABELS, &s->labels, "NAME=VALUE", NULL,
         "A label of all targets whose own line has none of that name; repeatable", NULL, 0, 0,
         true},
        {"host-column", 0, CLI_TEXT, &s->host_column, "NAME", NULL,
         "The CSV column with the hosts, where its header is not a known one", NULL, 0, 0, true},
        {"www", 0, CLI_FLAG, &s->www, NULL, NULL, "Scan www. beside each registrable domain too",
         NULL, 0, 0, true},
        {"mx", 0, CLI_FLAG, &s->mx, NULL, NULL,
         "Scan the mail hosts (MX) of each smtp:// domain in its place", NULL, 0, 0, true},
        {"expand-names", 0, CLI_UNSIGNED, &s->expand_names, "N", NULL,
         "When the list is done, scan names too that its hosts' certificates have within the "
         "hosts' "
         "own registrable domains, and again for what was found: at most N of each such domain, "
         "and 100,000 in all; 0 for none",
         NULL, 0, CLI_EXPANSION_MAX, true},
        {"max-cidr", 0, CLI_COUNT64, &s->max_cidr, "N", NULL,
         "The most addresses that one CIDR block may have", NULL, 1, 4294967296.0, true},
        {"exclude", 0, CLI_TEXT, &s->exclude, "FILE", NULL,
         "Names (.name covers all below it), addresses and CIDR blocks that are never contacted",
         NULL, 0, 0, true},
        {"order", 0, CLI_CHOICE, &s->order, "ORDER", NULL, "In what order targets are begun",
         k_orders, 0, 0, true},
        {"shard", 0, CLI_TEXT, &s->shard, "K/N", NULL,
         "Scan the K-th of N parts of the list; a target is in one of them, and stays in it when "
         "the "
         "list grows. Needs --scan-uuid; tlscensus merge puts the parts together",
         NULL, 0, 0, true},
        {"scan-uuid", 0, CLI_TEXT, &s->scan_uuid, "UUID", NULL,
         "The scan's own number, the same for all its shards: uuidgen or "
         "/proc/sys/kernel/random/uuid makes one. A database that "
         "has "
         "this scan already finishes it, and does nothing where it is done",
         NULL, 0, 0, true},
        {"strict", 0, CLI_FLAG, &s->strict, NULL, NULL,
         "Stop at the first line that cannot be used, with exit code 2", NULL, 0, 0, true},
        {"allow-empty", 0, CLI_FLAG, &s->allow_empty, NULL, NULL,
         "Take a list without any target at its word: a scan of nothing, and all that was in the "
         "list "
         "before is told as removed",
         NULL, 0, 0, true},
        {"dry-run", 'n', CLI_FLAG, &s->dry_run, NULL, NULL,
         "Read the list, say what would be done and at most how much, and contact nobody", NULL, 0,
         0, false},
    };
    return CLI_ADD_ROWS(rows, more);
}

static size_t database_rows(struct cli_option *rows, struct cli_scan_settings *s)
{
    const struct cli_option more[] = {
        {"db", 0, CLI_TEXT, &s->db, "FILE", "Database and profile",
         "The database; made where it is missing", NULL, 0, 0, false},
        {"resume", 0, CLI_FLAG, &s->resume, NULL, NULL,
         "Finish the newest scan that did not finish, with its stored options", NULL, 0, 0, false},
        {"incremental", 0, CLI_FLAG, &s->incremental, NULL, NULL,
         "Where an earlier scan has surveyed an endpoint, confirm what it found in a few "
         "connections, and survey again only those that have changed",
         NULL, 0, 0, true},
        {"confirm-after", 0, CLI_UNSIGNED, &s->confirm_after, "N", NULL,
         "Tell a loss, and the end of a finding, when so many scans in a row have seen it", NULL, 1,
         8, true},
        {"keep-messages", 0, CLI_FLAG, &s->limits.keep_messages, NULL, NULL,
         "Store every handshake message's direction, type, size and time", NULL, 0, 0, true},
        {"output-dir", 0, CLI_TEXT, &s->output_dir, "DIR", NULL,
         "Write page, tables, JSON, Prometheus and calendar at the end, into a folder in this one; "
         "the link latest leads to those of the newest finished scan",
         NULL, 0, 0, false},
        {"on-change", 0, CLI_TEXT, &s->on_change, "FILE", NULL,
         "Run this program at the end where `tlscensus diff` has something to tell: a path, no "
         "shell, no arguments; it reads what `diff --format json` prints, and what it prints "
         "itself "
         "is the scan's, on standard error where results go to standard output. If it fails, that "
         "is said, and the scan exits with 1",
         NULL, 0, 0, false},
        {"on-change-timeout", 0, CLI_DURATION_MS, &s->on_change_timeout_ms, "TIME", NULL,
         "How long that program may take before it is stopped", NULL, 1, 3.6e6, false},
        {"fail-on", 0, CLI_CHOICE, &s->fail_on, "SEVERITY", NULL,
         "Exit with 1 when there is a finding of this severity or above", cli_fail_on_choices, 0, 0,
         false},
    };
    return CLI_ADD_ROWS(rows, more);
}

static size_t stream_rows(struct cli_option *rows, struct cli_scan_settings *s)
{
    const struct cli_option more[] = {
        {"format", 'f', CLI_CHOICE, &s->format, "FORMAT", "As a filter",
         "With jsonl, write each result as it is stored, a line of JSON each; other formats are "
         "for "
         "tlscensus report. Without --db the database is a temporary one in $TMPDIR, else "
         "/var/tmp, "
         "that grows with what is scanned, by about 2 kB an endpoint, until the end",
         k_formats, 0, 0, false},
        {"output", 'o', CLI_TEXT, &s->output, "FILE", NULL,
         "Where these lines go, - for standard output, which is the default; a file is written in "
         "place",
         NULL, 0, 0, false},
    };
    return CLI_ADD_ROWS(rows, more);
}

/* What is asked of a server: `show` has it too. */
static size_t profile_rows(struct cli_option *rows, struct cli_scan_settings *s, const char *group)
{
    const struct cli_option more[] = {
        {"profile", 0, CLI_CHOICE, &s->profile, "NAME", group,
         "How much is examined: quick is one handshake; standard surveys versions, cipher suites, "
         "groups and certificates too, in at most 75 connections; deep asks for rare suites, "
         "signature schemes, tolerance and fingerprints as well, in at most 150",
         cli_profile_choices, 0, 0, true},
        {"intrusive", 0, CLI_LIST, &s->intrusive, "NAME", NULL,
         "Ask this too, last and on a connection of its own, though it may look like an attack; "
         "repeatable: renegotiation (inside a finished connection of TLS 1.2 one more ClientHello, "
         "then the end), heartbeat (where the extension is acknowledged, behind the server's first "
         "flight one heartbeat of honest length, which is 0, without padding), ccs (behind that "
         "flight two ChangeCipherSpec before their time, then the end), http-upgrade (https alone: "
         "HEAD / with Upgrade: TLS/1.0 to port 80 of the same address, without TLS). Each may take "
         "2 connections more, http-upgrade 1",
         NULL, 0, 0, true},
    };
    return CLI_ADD_ROWS(rows, more);
}

static size_t network_rows(struct cli_option *rows, struct cli_scan_settings *s)
{
    const struct cli_option more[] = {
        {"ipv4", '4', CLI_FLAG, &s->ipv4, NULL, "Network", "IPv4 only", NULL, 0, 0, true},
        {"ipv6", '6', CLI_FLAG, &s->ipv6, NULL, NULL,
         "IPv6 only, even where there seems to be no route", NULL, 0, 0, true},
        {"one-address", 0, CLI_FLAG, &s->limits.one_address, NULL, NULL,
         "Only the first address of a name", NULL, 0, 0, true},
        {"resolver", 0, CLI_LIST, &s->resolvers, "ADDR[:PORT]", NULL,
         "Ask this DNS server in place of the system's, and no hosts file; repeatable", NULL, 0, 0,
         true},
        {"helo", 0, CLI_TEXT, &s->limits.helo, "NAME", NULL,
         "The name that mail servers are greeted with, in place of this machine's own", NULL, 0, 0,
         true},
        {"source-address", 0, CLI_TEXT, &s->limits.source_address, "ADDR", NULL,
         "Connect from this local address", NULL, 0, 0, true},
        {"proxy", 0, CLI_TEXT, &s->proxy, "URL", NULL,
         "Connect through http://[user:password@]host:port (CONNECT), socks5:// or socks5h:// (the "
         "proxy looks names up)",
         NULL, 0, 0, true},
        {"proxy-resolve", 0, CLI_FLAG, &s->proxy_resolve, NULL, NULL,
         "An http:// proxy gets the names and looks them up", NULL, 0, 0, true},
    };
    return CLI_ADD_ROWS(rows, more);
}

/* Limits on how much is done at once: `show` needs none of them. */
static size_t pace_rows(struct cli_option *rows, struct cli_scan_settings *s)
{
    struct tc_scan_options *limits = &s->limits;
    const struct cli_option more[] = {
        {"concurrency", 0, CLI_SIZE, &limits->concurrency, "N", "Limits",
         "Endpoints in flight; lowered to what the descriptor limit allows", NULL, 1, 1e6, true},
        {"workers", 0, CLI_UNSIGNED, &limits->workers, "N", NULL, "Threads", NULL, 1, 256, true},
        {"per-address", 0, CLI_UNSIGNED, &limits->per_address, "N", NULL,
         "Connections at once to one address, 0 for no limit; SMTP and LMTP always get one", NULL,
         0, 1e6, true},
        {"address-rate", 0, CLI_RATE, &limits->address_rate, "N", NULL,
         "New connections a second to one address, 0 for no limit", NULL, 0, 1e6, true},
        {"rate", 0, CLI_RATE, &limits->rate, "N", NULL,
         "New connections a second in all, 0 for no limit", NULL, 0, 1e7, true},
        {"dns-rate", 0, CLI_RATE, &limits->dns_rate, "N", NULL,
         "New lookups a second, 0 for no limit", NULL, 0, 1e7, true},
        {"connections-per-endpoint", 0, CLI_UNSIGNED, &limits->connections_per_endpoint, "N", NULL,
         "Connections of a survey to one endpoint at most, retries included; quick makes one and "
         "its "
         "retries. 0 for the profile's own: 75, or 150 for deep",
         NULL, 0, 150, true},
        {"max-duration", 0, CLI_DURATION_MS, &s->max_duration_ms, "TIME", NULL,
         "For the whole scan, which is stopped in order then, as by SIGTERM; 0 for no limit", NULL,
         0, 2.592e9, false},
    };
    return CLI_ADD_ROWS(rows, more);
}

static size_t time_rows(struct cli_option *rows, struct cli_scan_settings *s, const char *group)
{
    struct tc_scan_options *limits = &s->limits;
    const struct cli_option more[] = {
        {"connect-timeout", 0, CLI_DURATION_MS, &limits->connect_timeout_ms, "TIME", group,
         "For the TCP connection", NULL, 1, 3.6e6, true},
        {"starttls-timeout", 0, CLI_DURATION_MS, &limits->starttls_timeout_ms, "TIME", NULL,
         "For a greeting and the dialogue that asks for TLS", NULL, 1, 3.6e6, true},
        {"handshake-timeout", 0, CLI_DURATION_MS, &limits->handshake_timeout_ms, "TIME", NULL,
         "From where TLS may begin to the end of the handshake", NULL, 1, 3.6e6, true},
        {"endpoint-timeout", 0, CLI_DURATION_MS, &limits->endpoint_timeout_ms, "TIME", NULL,
         "For everything with one endpoint, retries included, waits for a turn not; 0 for the "
         "profile's own: 60s, 120s or 240s",
         NULL, 0, 3.6e6, true},
        {"dns-timeout", 0, CLI_DURATION_MS, &limits->dns_timeout_ms, "TIME", NULL,
         "For a whole lookup, its re-sends included", NULL, 1, 3.6e6, true},
        {"retries", 0, CLI_UNSIGNED, &limits->retries, "N", NULL,
         "More attempts after an outcome that may pass (never after refused or connect-timeout)",
         NULL, 0, 10, true},
        {"max-read", 0, CLI_SIZE, &limits->max_read_bytes, "BYTES", NULL,
         "Read at most from any connection", NULL, 16384, 1 << 30, true},
        {"max-certificates", 0, CLI_SIZE, &limits->max_certs, "N", NULL,
         "Certificates in one chain at most", NULL, 1, 1000, true},
        {"max-certificate-size", 0, CLI_SIZE, &limits->max_cert_bytes, "BYTES", NULL,
         "One certificate at most", NULL, 1024, 1 << 24, true},
    };
    return CLI_ADD_ROWS(rows, more);
}

static size_t trust_rows(struct cli_option *rows, struct cli_scan_settings *s)
{
    const struct cli_option more[] = {
        {"ca-file", 0, CLI_TEXT, &s->ca_file, "FILE", "Trust and rules",
         "Trust the certificates of this file in place of the system's store", NULL, 0, 0, true},
        {"ca-path", 0, CLI_TEXT, &s->ca_path, "DIR", NULL,
         "Trust the certificates of this folder, such as /etc/ssl/certs", NULL, 0, 0, true},
        {"rules", 0, CLI_TEXT, &s->rules, "DIR", NULL,
         "Rules of your own, one SQL file each; the same id replaces ours", NULL, 0, 0, true},
        {"waivers", 0, CLI_TEXT, &s->waivers, "FILE", NULL,
         "CSV with rule, host, until and reason: findings that are accepted for a time", NULL, 0, 0,
         true},
    };
    return CLI_ADD_ROWS(rows, more);
}

size_t cli_scan_options(struct cli_option rows[CLI_SCAN_OPTIONS_MAX],
                        struct cli_scan_settings *settings)
{
    size_t num = target_rows(rows, settings);
    num += stream_rows(rows + num, settings);
    num += database_rows(rows + num, settings);
    num += profile_rows(rows + num, settings, NULL);
    num += network_rows(rows + num, settings);
    num += pace_rows(rows + num, settings);
    num += time_rows(rows + num, settings, NULL);
    num += trust_rows(rows + num, settings);
    rows[num++] = (struct cli_option){.name = "progress",
                                      .type = CLI_CHOICE,
                                      .value = &settings->progress,
                                      .argument = "HOW",
                                      .group = "Talk (standard error)",
                                      .choices = k_progress,
                                      .help = "A live line on a terminal, or JSON each 10 s"};
    cli_talk_options(rows + num, &settings->talk);
    rows[num].group = NULL;
    return num + CLI_TALK_OPTIONS_NUM;
}

size_t cli_show_options(struct cli_option rows[CLI_SHOW_OPTIONS_MAX],
                        struct cli_scan_settings *settings)
{
    size_t num = profile_rows(rows, settings, "What is examined");
    num += network_rows(rows + num, settings);
    num += time_rows(rows + num, settings, "Limits");
    num += trust_rows(rows + num, settings);
    cli_talk_options(rows + num, &settings->talk);
    return num + CLI_TALK_OPTIONS_NUM;
}

/* The bit of a name; 0 for one that there is not. */
static unsigned intrusive_bit(const char *name)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_intrusive); i++) {
        if (strcmp(k_intrusive[i].name, name) == 0) {
            return k_intrusive[i].bit;
        }
    }
    return 0;
}

bool cli_scan_has_profile(const struct cli_scan_settings *settings, enum tc_profile profile)
{
    bool has = settings->profile == (int)profile;
    for (size_t i = 0; i < settings->groups.num_items && !has; i++) {
        has = cli_group_profile(&settings->groups.items[i], settings->profile) == profile;
    }
    return has;
}

static bool is_quick_alone(const struct cli_scan_settings *settings)
{
    return !cli_scan_has_profile(settings, TC_PROFILE_STANDARD) &&
           !cli_scan_has_profile(settings, TC_PROFILE_DEEP);
}

static enum tc_status check_intrusive(const struct cli_scan_settings *settings,
                                      struct tc_error *error)
{
    const char *names[TC_ARRAY_LEN(k_intrusive)];
    for (size_t i = 0; i < TC_ARRAY_LEN(k_intrusive); i++) {
        names[i] = k_intrusive[i].name;
    }
    for (size_t i = 0; i < settings->intrusive.num_items; i++) {
        const char *name = settings->intrusive.items[i];
        if (intrusive_bit(name) == 0) {
            const char *nearest = cli_nearest(name, names, TC_ARRAY_LEN(names));
            return tc_fail(error, TC_ERR_INPUT,
                           "--intrusive %s: must be one of renegotiation, heartbeat, ccs, "
                           "http-upgrade%s%s%s",
                           name, nearest != NULL ? "; did you mean " : "",
                           nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
        }
    }
    if (settings->intrusive.num_items > 0 && is_quick_alone(settings)) {
        return tc_fail(error, TC_ERR_INPUT,
                       "--intrusive is part of the survey: it needs --profile standard or deep");
    }
    return TC_OK;
}

/* 8-4-4-4-12 hexadecimal digits (RFC 9562 section 4). */
static bool is_uuid(const char *text)
{
    static const char k_shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t i = 0;
    for (; k_shape[i] != '\0'; i++) {
        bool fits = k_shape[i] == '-' ? text[i] == '-' : isxdigit((unsigned char)text[i]) != 0;
        if (!fits) {
            return false;
        }
    }
    return text[i] == '\0';
}

static enum tc_status check_shard(const struct cli_scan_settings *settings, struct tc_error *error)
{
    struct tc_shard shard = {1, 1};
    if (settings->shard != NULL && tc_shard_parse(&shard, settings->shard) != TC_OK) {
        return tc_fail(error, TC_ERR_INPUT,
                       "--shard %.60s: not K/N, such as 3/8; N is at most %d and K from 1 to N",
                       settings->shard, TC_SHARDS_MAX);
    }
    if (shard.total > 1 && settings->scan_uuid == NULL) {
        return tc_fail(error, TC_ERR_INPUT,
                       "--shard needs --scan-uuid, the same for all shards of a scan: uuidgen or "
                       "/proc/sys/kernel/random/uuid makes "
                       "one");
    }
    if (settings->scan_uuid != NULL && !is_uuid(settings->scan_uuid)) {
        return tc_fail(
            error, TC_ERR_INPUT,
            "--scan-uuid %.60s: not a UUID such as 2ab5d3b2-7e0d-4c7a-9a51-0f6f3ad3f1a4: "
            "uuidgen or /proc/sys/kernel/random/uuid makes one",
            settings->scan_uuid);
    }
    return TC_OK;
}

struct tc_shard cli_scan_shard(const struct cli_scan_settings *settings)
{
    struct tc_shard shard = {1, 1};
    if (settings->shard != NULL && tc_shard_parse(&shard, settings->shard) != TC_OK) {
        shard = (struct tc_shard){1, 1}; /* check_shard() lets no such text pass */
    }
    return shard;
}

bool cli_scan_is_filter(const struct cli_scan_settings *settings)
{
    return settings->format != 0;
}

bool cli_scan_is_for_once(const struct cli_scan_settings *settings)
{
    return cli_scan_is_filter(settings) && settings->db == cli_default_db;
}

/* What a database that is gone afterwards cannot give. */
enum tc_status cli_scan_filter_check(const struct cli_scan_settings *settings,
                                     struct tc_error *error)
{
    const struct {
        bool is_set;
        const char *text;
    } wants_db[] = {
        {settings->resume, "--resume finishes a scan that is stored"},
        {settings->incremental, "--incremental confirms what earlier scans found"},
        {settings->output_dir != NULL, "--output-dir is for reports of a scan that is kept"},
        {settings->on_change != NULL, "--on-change compares with earlier scans"},
    };
    if (settings->output != NULL && !cli_scan_is_filter(settings)) {
        return tc_fail(error, TC_ERR_INPUT,
                       "-o %.200s: is for the lines of --format jsonl; the scan itself goes into "
                       "--db, and tlscensus report makes the rest of it",
                       settings->output);
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(wants_db) && cli_scan_is_for_once(settings); i++) {
        if (wants_db[i].is_set) {
            return tc_fail(error, TC_ERR_INPUT,
                           "%s: with --format jsonl name the database with --db", wants_db[i].text);
        }
    }
    return TC_OK;
}

enum tc_status cli_scan_settings_check(const struct cli_scan_settings *settings,
                                       struct tc_error *error)
{
    if (settings->ipv4 && settings->ipv6) {
        return tc_fail(error, TC_ERR_INPUT, "-4 and -6 exclude each other; both is the default");
    }
    if (settings->limits.helo != NULL && !tc_starttls_is_name(settings->limits.helo)) {
        return tc_fail(error, TC_ERR_INPUT,
                       "--helo \"%.60s\": not a host name, nor an address in brackets",
                       settings->limits.helo);
    }
    if (settings->proxy_resolve && settings->proxy == NULL) {
        return tc_fail(error, TC_ERR_INPUT, "--proxy-resolve needs --proxy http://…");
    }
    if (settings->incremental && is_quick_alone(settings)) {
        return tc_fail(error, TC_ERR_INPUT,
                       "--incremental confirms a survey, which --profile quick does not do");
    }
    enum tc_status status = check_shard(settings, error);
    return status == TC_OK ? check_intrusive(settings, error) : status;
}

struct tc_scan_options cli_asked_limits(const struct cli_scan_settings *settings)
{
    struct tc_scan_options limits = settings->limits;
    limits.profile = (enum tc_profile)settings->profile;
    limits.intrusive = 0;
    for (size_t i = 0; i < settings->intrusive.num_items; i++) {
        limits.intrusive |= intrusive_bit(settings->intrusive.items[i]);
    }
    return limits;
}

struct tc_scan_options cli_profile_limits(const struct cli_scan_settings *settings,
                                          enum tc_profile profile)
{
    struct tc_scan_options limits = cli_asked_limits(settings);
    limits.profile = profile;
    tc_scan_options_complete(&limits);
    return limits;
}

struct tc_scan_options cli_scan_limits(const struct cli_scan_settings *settings)
{
    return cli_profile_limits(settings, (enum tc_profile)settings->profile);
}

bool cli_fail_on(int choice, const struct tc_assess_counts *counts)
{
    for (size_t severity = (size_t)choice; choice > 0 && severity <= 5; severity++) {
        if (counts->findings[severity - 1] > 0) {
            return true;
        }
    }
    return false;
}

const char *cli_address_limits(char out[CLI_LIMITS_WORDS], const struct tc_scan_options *limits)
{
    char at_once[32] = "any number at once";
    char rate[48] = "no limit to new ones a second";
    if (limits->per_address > 0) {
        snprintf(at_once, sizeof at_once, "at most %u at once", limits->per_address);
    }
    if (limits->address_rate > 0) {
        snprintf(rate, sizeof rate, "%.4g new a second", limits->address_rate);
    }
    snprintf(out, CLI_LIMITS_WORDS, "%s, %s", at_once, rate);
    return out;
}
