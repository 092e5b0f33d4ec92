/* Lists: text and CSV, as people and their spreadsheets write them, and as they break them. */
#include "target_render.h"

#define LIST(text) text, sizeof(text) - 1

static struct list_case {
    const char *name;
    const char *bytes;
    size_t len;
    const char *expected;
} list_cases[] = {
    {"text: one name to a line", LIST("a.org\nb.org\n"), "https://a.org:443 | https://b.org:443"},
    {"text: the last line needs no end", LIST("a.org\nb.org"),
     "https://a.org:443 | https://b.org:443"},
    {"text: CRLF", LIST("a.org\r\nb.org\r\n"), "https://a.org:443 | https://b.org:443"},
    {"text: CR alone", LIST("a.org\rb.org\r"), "https://a.org:443 | https://b.org:443"},
    {"text: a byte order mark",
     LIST("\xEF\xBB\xBF"
          "a.org\nb.org\n"),
     "https://a.org:443 | https://b.org:443"},
    {"text: blank lines and comments", LIST("\n# all\n  \n\ta.org\t# mail, url\n#b.org\nc.org #\n"),
     "https://a.org:443 | https://c.org:443"},
    {"text: a comment needs a blank before it", LIST("https://a.org/#x\nb.org#c\n"),
     "https://a.org:443 | https://b.org:443"},
    {"text: line numbers count everything", LIST("# one\n\na..org\n\n*.b.org\n"),
     "!3: an empty label (two dots, or one in front): \"a..org\" | "
     "!5: a wildcard names no host; list the names behind *.b.org"},
    {"text: a bad line between good ones", LIST("a.org\nb.org:0\nc.org\n"),
     "https://a.org:443 | !2: port 0 cannot be connected to | https://c.org:443"},
    {"text: ports in the first line are no columns", LIST("a.org:443,8443\nb.org\n"),
     "https://a.org:443 | https://a.org:8443 | https://b.org:443"},
    {"text: a bad port in the first line either", LIST("a.org:443,84433\nb.org\n"),
     "!1: port 84433 is above 65535 | https://b.org:443"},
    {"text: commas in the first line's path", LIST("https://a.org/x,y;z\nb.org\n"),
     "https://a.org:443 | https://b.org:443"},
    {"text: a comment with a column's name", LIST("a.org # mail, url\nb.org\n"),
     "https://a.org:443 | https://b.org:443"},
    {"text: a comment that looks like a header", LIST("# targets, host, port\nb.org\n"),
     "https://b.org:443"},
    {"text: a NUL byte below", LIST("aaaaaaaaaaaaaaaaaaaa.org\nb\0.org\nc.org\n"),
     "?list: has NUL bytes; a list is text or CSV"},

    {"CSV: host", LIST("host\na.org\n"), "https://a.org:443"},
    {"CSV: hostname", LIST("x,Hostname\n1,a.org\n"), "https://a.org:443 {x=1}"},
    {"CSV: FQDN", LIST("FQDN,x\na.org,1\n"), "https://a.org:443 {x=1}"},
    {"CSV: domain", LIST("domain,x\na.org,1\n"), "https://a.org:443 {x=1}"},
    {"CSV: Domain name", LIST("Domain name,x\na.org,1\n"), "https://a.org:443 {x=1}"},
    {"CSV: domain_name", LIST("domain_name,x\na.org,1\n"), "https://a.org:443 {x=1}"},
    {"CSV: DOMAIN-NAME", LIST("DOMAIN-NAME,x\na.org,1\n"), "https://a.org:443 {x=1}"},
    {"CSV: target", LIST("target,x\na.org,1\n"), "https://a.org:443 {x=1}"},
    {"CSV: website", LIST("Web Site,x\nhttps://a.org/,1\n"), "https://a.org:443 {x=1}"},
    {"CSV: URL", LIST("url,x\nhttps://a.org:8443/y,1\n"), "https://a.org:8443 {x=1}"},
    {"CSV: host goes before url", LIST("url,host\nhttp://x.org,a.org\n"),
     "https://a.org:443 {url=http://x.org}"},
    {"CSV: domain goes before target", LIST("target,domain\nx,a.org\n"),
     "https://a.org:443 {target=x}"},
    {"CSV: two host columns: the left one", LIST("host,host\na.org,b.org\n"),
     "https://a.org:443 {host 2=b.org}"},
    {"CSV: semicolons", LIST("Owner;Host\nIT, central;a.org\n"),
     "https://a.org:443 {Owner=IT, central}"},
    {"CSV: tabs", LIST("Owner\tHost\n\"IT\"\ta.org\n\tb.org\n"),
     "https://a.org:443 {Owner=IT} | https://b.org:443"},
    {"CSV: a hint at the separator", LIST("sep=;\nhost;x\na.org;1,2\n"),
     "https://a.org:443 {x=1,2}"},
    {"CSV: a byte order mark and CRLF", LIST("\xEF\xBB\xBFhost;x\r\na.org;1\r\n"),
     "https://a.org:443 {x=1}"},
    {"CSV: CR alone", LIST("host,x\ra.org,1\rb.org,2"),
     "https://a.org:443 {x=1} | https://b.org:443 {x=2}"},
    {"CSV: a mark before a quoted header", LIST("\xEF\xBB\xBF\"host\",\"x\"\n\"a.org\",\"1\"\n"),
     "https://a.org:443 {x=1}"},
    {"CSV: the first line may be blank", LIST("\n\r\nhost,x\na.org,1\n"),
     "https://a.org:443 {x=1}"},
    {"CSV: separators inside quotes", LIST("host,x\na.org,\"1,2\"\n"), "https://a.org:443 {x=1,2}"},
    {"CSV: doubled quotes", LIST("host,x\na.org,\"a \"\"b\"\" c\"\nb.org,\"\"\"\"\n"),
     "https://a.org:443 {x=a \"b\" c} | https://b.org:443 {x=\"}"},
    {"CSV: a line break inside quotes", LIST("host,x\na.org,\"1\n2\"\nb.org,3\n"),
     "https://a.org:443 {x=1\n2} | https://b.org:443 {x=3}"},
    {"CSV: a line break inside a header's quotes", LIST("host,\"x\ny\"\na.org,1\n"),
     "https://a.org:443 {x\ny=1}"},
    {"CSV: lines inside quotes are counted", LIST("host,x\na.org,\"1\n2\n3\"\nb..org,3\n"),
     "https://a.org:443 {x=1\n2\n3} | !5: an empty label (two dots, or one in front): \"b..org\""},
    {"CSV: a quote inside a field is text", LIST("host,x\na.org,5\" disk\n"),
     "https://a.org:443 {x=5\" disk}"},
    {"CSV: blanks around fields and quotes", LIST("host , x\n a.org , \"1\" \nb.org,\t2\n"),
     "https://a.org:443 {x=1} | https://b.org:443 {x=2}"},
    {"CSV: empty cells are no labels", LIST("host,x,y\na.org,,\nb.org,\"\",1\n"),
     "https://a.org:443 | https://b.org:443 {y=1}"},
    {"CSV: blank lines and empty records", LIST("host,x\n\n,\na.org,1\n , \n\"\",\"\"\n"),
     "https://a.org:443 {x=1}"},
    {"CSV: comments where the host comes first", LIST("host,x\n#b.org,1\n# c, d, e\na.org,1\n"),
     "https://a.org:443 {x=1}"},
    {"CSV: # in another first column is a label", LIST("#,host\n#1,a.org\n"),
     "https://a.org:443 {#=#1}"},
    {"CSV: a comment above the header", LIST("# exported today\nhost,x\na.org,1\n"),
     "https://a.org:443 {x=1}"},
    {"CSV: # in a header's cell", LIST("Case #,Domain\n7,a.org\n"), "https://a.org:443 {Case #=7}"},
    {"CSV: separators behind the last column", LIST("host,x,,\na.org,1,,\nb.org,2\n"),
     "https://a.org:443 {x=1} | https://b.org:443 {x=2}"},
    {"CSV: more separators than the header has", LIST("host,x\na.org,1,,,\n"),
     "https://a.org:443 {x=1}"},
    {"CSV: a column without a name", LIST("host,,x\na.org,1,2\n"),
     "https://a.org:443 {column 2=1} {x=2}"},
    {"CSV: columns of one name", LIST("host,x,x,x 2\na.org,1,2,3\n"),
     "https://a.org:443 {x=1} {x 2=2} {x 2 2=3}"},
    {"CSV: labels in Windows-1252", LIST("host,x\na.org,Universit\xE9 \x80\n"),
     "https://a.org:443 {x=Université €}"},
    {"CSV: labels in quotes in Windows-1252", LIST("host,x\na.org,\"Z\xFCrich\"\n"),
     "https://a.org:443 {x=Zürich}"},
    {"CSV: labels in UTF-8", LIST("host,x\na.org,Université\n"),
     "https://a.org:443 {x=Université}"},
    {"CSV: an international name", LIST("host\nbücher.example\n"),
     "https://xn--bcher-kva.example:443 u=bücher.example"},
    {"CSV: one column: commas belong to the cell", LIST("host\na.org:443,8443\n"),
     "https://a.org:443 | https://a.org:8443"},
    {"CSV: ports in a quoted cell", LIST("host,x\n\"a.org:443,8443\",1\n"),
     "https://a.org:443 {x=1} | https://a.org:8443 {x=1}"},
    {"CSV: a block in a cell", LIST("host,x\n192.0.2.0/31,1\n"),
     "https://192.0.2.0:443 {x=1} | https://192.0.2.1:443 {x=1}"},

    {"CSV: port", LIST("host,port,x\na.org,8443,1\nb.org,,2\n"),
     "https://a.org:8443 {x=1} | https://b.org:443 {x=2}"},
    {"CSV: ports", LIST("host,port\na.org,\"443, 993\"\nb.org,443;993\n"),
     "https://a.org:443 | imaps://a.org:993 | https://b.org:443 | imaps://b.org:993"},
    {"CSV: port agrees with the cell", LIST("host,port\na.org:993,993\n"), "imaps://a.org:993"},
    {"CSV: port disagrees with the cell", LIST("host,port\na.org:443,993\n"),
     "!2: column port says 993, the host's cell says 443"},
    {"CSV: a bad port", LIST("host,port\na.org,https\n"), "!2: port \"https\" is not a number"},
    {"CSV: port 70000", LIST("host,port\na.org,70000\n"), "!2: port 70000 is above 65535"},
    {"CSV: protocol", LIST("host,protocol\na.org,imaps\nb.org,HTTPS\nc.org,\n"),
     "imaps://a.org:993 | https://b.org:443 | https://c.org:443"},
    {"CSV: protocol and port", LIST("host,protocol,port\na.org,tls,443\n"), "tls://a.org:443"},
    {"CSV: protocol agrees with the cell", LIST("host,protocol\nhttps://a.org,https\n"),
     "https://a.org:443"},
    {"CSV: protocol disagrees with the cell", LIST("host,protocol\nhttps://a.org,tls\n"),
     "!2: column protocol says tls, the host's cell says https"},
    {"CSV: protocols of STARTTLS", LIST("host,protocol,port\na.org,smtp,\nb.org,LDAP,3268\n"),
     "smtp://a.org:25 | ldap://b.org:3268"},
    {"CSV: protocol disagrees with the cell about TLS", LIST("host,protocol\nsmtps://a.org,smtp\n"),
     "!2: column protocol says smtp, the host's cell says smtps"},
    {"CSV: an unknown protocol", LIST("host,protocol\na.org,tcp\n"),
     "!2: unknown scheme \"tcp\"; use tls://HOST:PORT for a port that speaks TLS from the first "
     "byte"},
    {"CSV: address", LIST("host,address\na.org,192.0.2.7\nb.org,2001:DB8::7\nc.org,\n"),
     "https://a.org:443 pin=192.0.2.7 | https://b.org:443 pin=2001:db8::7 | https://c.org:443"},
    {"CSV: address of an address", LIST("host,address\n192.0.2.7,192.0.2.7\n"),
     "https://192.0.2.7:443"},
    {"CSV: address disagrees with the host", LIST("host,address\n192.0.2.7,192.0.2.8\n"),
     "!2: column address says 192.0.2.8, the host's cell says otherwise"},
    {"CSV: address disagrees with the pin", LIST("host,address\na.org{192.0.2.7},192.0.2.8\n"),
     "!2: column address says 192.0.2.8, the host's cell says otherwise"},
    {"CSV: address of a block", LIST("host,address\n192.0.2.0/31,192.0.2.0\n"),
     "!2: column address says 192.0.2.0, the host's cell says otherwise"},
    {"CSV: a street in column address", LIST("host,address\na.org,12 Main St\n"),
     "!2: \"12 Main St\" in column address is no IP address (a label needs another column name)"},
    {"CSV: sni", LIST("host,sni\na.org,B.org.\nc.org,c.org\n192.0.2.7,d.org\n"),
     "https://a.org:443 sni=b.org | https://c.org:443 | https://192.0.2.7:443 sni=d.org"},
    {"CSV: a bad sni", LIST("host,sni\na.org,b..org\n"),
     "!2: column sni: an empty label (two dots, or one in front): \"b..org\""},
    {"CSV: an address as sni", LIST("host,sni\na.org,192.0.2.7\n"),
     "!2: column sni: \"192.0.2.7\" is neither an address nor a name (its last part is a number)"},
    {"CSV: our columns in any case", LIST("Host,PORT,Pro_Tocol,S N I\na.org,1,tls,b.org\n"),
     "tls://a.org:1 sni=b.org"},

    {"CSV: no host", LIST("host,x\n,1\na.org,2\n"),
     "!2: no host in this line | https://a.org:443 {x=2}"},
    {"CSV: too few fields", LIST("x,host,y\n1,a.org\n1,b.org,2\n"),
     "!2: 2 fields where the header has 3 | https://b.org:443 {x=1} {y=2}"},
    {"CSV: one field", LIST("host,y\na.org\nb.org,2\n"),
     "!2: 1 field where the header has 2 | https://b.org:443 {y=2}"},
    {"CSV: too many fields", LIST("host,y\na.org,1,2\nb.org,2\n"),
     "!2: 3 fields where the header has 2 | https://b.org:443 {y=2}"},
    {"CSV: an unclosed quote loses its line alone", LIST("host,x\na.org,\"1\nb.org,2\nc.org,3\n"),
     "!2: a quote that begins here is not closed | https://b.org:443 {x=2} | https://c.org:443 "
     "{x=3}"},
    {"CSV: an unclosed quote before a closed one", LIST("host,x\na.org,\"1\nb.org,\"2\"\n"),
     "!2: text behind a closing quote | https://b.org:443 {x=2}"},
    {"CSV: an unclosed quote in the last line", LIST("host,x\na.org,1\nb.org,\"2"),
     "https://a.org:443 {x=1} | !3: a quote that begins here is not closed"},
    {"CSV: text behind a quote", LIST("host,x\na.org,\"1\"2\nb.org,2\n"),
     "!2: text behind a closing quote | https://b.org:443 {x=2}"},
    {"CSV: a bad host", LIST("host,x\na_.*,1\nb.org,2\n"),
     "!2: a wildcard names no host; list the names behind a_.* | https://b.org:443 {x=2}"},
    {"CSV: a host that is not UTF-8",
     LIST("host,x\nb\xFC"
          "cher.example,1\n"),
     "https://xn--bcher-kva.example:443 u=bücher.example {x=1}"},
    {"CSV: a header alone", LIST("host,x\n"), "?list: has a header and no line below it"},
    {"CSV: a header and blank lines", LIST("host,x\n\n \r\n"),
     "?list: has a header and no line below it"},
    {"CSV: no host column", LIST("Name,Owner\na.org,IT\n"),
     "?list: no known column for the hosts (host, hostname, fqdn, domain, domain name, target, "
     "website, url); name it with --host-column. The columns are: Name, Owner"},
    {"CSV: no header", LIST("a.org;IT\nb.org;HR\n"),
     "?list: no known column for the hosts (host, hostname, fqdn, domain, domain name, target, "
     "website, url); name it with --host-column. The columns are: a.org, IT"},

    {"nothing at all", LIST(""), "?list: is empty: no line names a target"},
    {"blank lines alone", LIST("\n \n\t\r\n"), "?list: is empty: no line names a target"},
    {"comments alone", LIST("# a\n#b\n"), "?list: is empty: no line names a target"},
    {"a mark alone", LIST("\xEF\xBB\xBF"), "?list: is empty: no line names a target"},
    {"a separator's hint alone", LIST("sep=;\n"), "?list: has a header and no line below it"},
    {"UTF-16 with its mark", LIST("\xFF\xFEh\0o\0s\0t\0"),
     "?list: is UTF-16; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")"},
    {"UTF-16 of the other order", LIST("\xFE\xFF\0h\0o\0s\0t"),
     "?list: is UTF-16; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")"},
    {"UTF-16 without its mark", LIST("h\0o\0s\0t\0\n\0a\0"),
     "?list: is UTF-16; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")"},
    {"a spreadsheet", LIST("PK\x03\x04 and more"),
     "?list: is a spreadsheet or an archive; save the sheet as CSV"},
    {"an old spreadsheet", LIST("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
     "?list: is a spreadsheet; save the sheet as CSV"},
    {"a compressed list", LIST("\x1F\x8B\x08\x00"),
     "?list: is compressed; unpack it, or pipe it in: zcat FILE | tlscensus scan -i -"},
    {"a database", LIST("SQLite format 3\0"), "?list: is a database; a list is text or CSV"},
    {"NUL bytes", LIST("a.org\nb\0"), "?list: has NUL bytes; a list is text or CSV"},
};

static void check_list(void **state)
{
    const struct list_case *row = *state;
    struct rendering rendering;
    struct tc_target_reader_options options = {.host_column = NULL};
    render_memory(&rendering, row->bytes, row->len, options);
    assert_string_equal(rendering.text.data, row->expected);
    tc_buf_cleanup(&rendering.text);
}

/* --host-column. */
static struct column_case {
    const char *name;
    const char *column;
    const char *bytes;
    size_t len;
    const char *expected;
} column_cases[] = {
    {"a column by its name", "server name", LIST("host,Server_Name\nx,a.org\n"),
     "https://a.org:443 {host=x}"},
    {"a column that is ours otherwise", "address", LIST("address,port\na.org,993\n"),
     "imaps://a.org:993"},
    {"a single column", "name", LIST("Name\na.org\n"), "https://a.org:443"},
    {"a column that is not there", "server", LIST("host,x\na.org,1\n"),
     "?list: no column \"server\"; the columns are: host, x"},
    {"an empty name", "", LIST("host,\na.org,1\n"),
     "?list: no column \"\"; the columns are: host, "},
    {"a text list has no columns", "host name", LIST("a.org\nb.org\n"),
     "?list: no column \"host name\"; the columns are: a.org"},
};

static void check_column(void **state)
{
    const struct column_case *row = *state;
    struct rendering rendering;
    struct tc_target_reader_options options = {.host_column = row->column};
    render_memory(&rendering, row->bytes, row->len, options);
    assert_string_equal(rendering.text.data, row->expected);
    tc_buf_cleanup(&rendering.text);
}

/* --allow-empty: nothing is no mistake, and what cannot be read still is. */
static struct list_case empty_cases[] = {
    {"allowed: nothing at all", LIST(""), ""},
    {"allowed: comments alone", LIST("# a\n#b\n"), ""},
    {"allowed: a header alone", LIST("host,owner\n"), ""},
    {"allowed: a header and blank lines", LIST("\nhost,owner\n\n ,\n"), ""},
    {"allowed: a list that is not empty", LIST("a.org\n"), "https://a.org:443"},
    {"allowed: a bad line is one all the same", LIST("a..org\n"),
     "!1: an empty label (two dots, or one in front): \"a..org\""},
    {"allowed: a header without hosts", LIST("Name,Owner\na.org,IT\n"),
     "?list: no known column for the hosts (host, hostname, fqdn, domain, domain name, target, "
     "website, url); name it with --host-column. The columns are: Name, Owner"},
};

static void check_empty(void **state)
{
    const struct list_case *row = *state;
    struct rendering rendering;
    struct tc_target_reader_options options = {.allow_empty = true};
    render_memory(&rendering, row->bytes, row->len, options);
    assert_string_equal(rendering.text.data != NULL ? rendering.text.data : "", row->expected);
    tc_buf_cleanup(&rendering.text);
}

static void www_keeps_labels_and_line(void **state)
{
    (void)state;
    static const char list[] = "host,owner\n\na.org,IT\nwww.a.org,HR\n";
    struct rendering rendering;
    struct tc_target_reader_options options = {.add_www = true};
    render_memory(&rendering, LIST(list), options);
    assert_string_equal(rendering.text.data,
                        "https://a.org:443 {owner=IT} | https://www.a.org:443 {owner=IT} | "
                        "https://www.a.org:443 {owner=HR}");
    tc_buf_cleanup(&rendering.text);
}

/* What is shown of a bad line: no more than shows which it is, no password, no broken text. */
static void keep_text(void *context, const struct tc_rejection *rejection)
{
    struct tc_buf *text = context;
    tc_buf_clear(text);
    tc_buf_add_str(text, rejection->text);
}

static void rejected_texts_are_fit_to_keep(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *text;
    } rows[] = {
        {LIST("  a..org # why\n"), "a..org"},
        {LIST("https://me:secret@a.org/x\n"), "https://***@a.org/x"},
        {LIST("host,x\n\"https://me:secret@a.org\",1\n"), "https://***@a.org"},
        {LIST("host,x\na.org,1,https://u:p@b.org\n"), "a.org,1,https://***@b.org"},
        {LIST("b\xFC"
              "cher.example\n"),
         "bücher.example"},
        {LIST("host,x\n,y\n"), ",y"},
        {LIST("host,x\na.org,\"1\nb.org,2\n"), "a.org,\"1"},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        struct tc_buf text;
        struct tc_target_reader *reader = NULL;
        struct tc_target *target = NULL;
        struct tc_error error;
        tc_buf_init(&text, RENDER_MAX);
        struct tc_target_reader_options options = {.context = &text, .rejected = keep_text};
        assert_int_equal(tc_target_reader_open_memory(&reader, "list", rows[i].bytes, rows[i].len,
                                                      &options, &error),
                         TC_OK);
        while (tc_target_reader_next(&target, reader, &error) == TC_OK) {
            tc_target_free(target);
        }
        assert_non_null(text.data);
        assert_string_equal(text.data, rows[i].text);
        tc_target_reader_free(reader);
        tc_buf_cleanup(&text);
    }
}

static void a_reader_needs_no_listener(void **state)
{
    (void)state;
    static const char list[] = "a..org\nb.org\n";
    struct tc_target_reader_options options = {.rejected = NULL};
    struct tc_target_reader *reader = NULL;
    struct tc_target *target = NULL;
    struct tc_error error;
    assert_int_equal(tc_target_reader_open_memory(&reader, "l", LIST(list), &options, &error),
                     TC_OK);
    assert_int_equal(tc_target_reader_next(&target, reader, &error), TC_OK);
    assert_string_equal(target->host, "b.org");
    assert_int_equal(target->input_line, 2);
    tc_target_free(target);
    tc_target_reader_free(reader);
    tc_target_reader_free(NULL);
}

/* Labels outlive the reader: the store holds targets after the list has ended. */
static void labels_outlive_the_reader(void **state)
{
    (void)state;
    static const char list[] = "host,owner\na.org,IT\n";
    struct tc_target_reader_options options = {.rejected = NULL};
    struct tc_target_reader *reader = NULL;
    struct tc_target *target = NULL;
    struct tc_error error;
    assert_int_equal(tc_target_reader_open_memory(&reader, "l", LIST(list), &options, &error),
                     TC_OK);
    assert_non_null(tc_target_reader_labels(reader));
    assert_int_equal(tc_target_reader_labels(reader)->num_names, 1);
    assert_int_equal(tc_target_reader_next(&target, reader, &error), TC_OK);
    tc_target_reader_free(reader);
    assert_string_equal(target->labels.names->names[0], "owner");
    assert_string_equal(target->labels.values[0], "IT");
    tc_target_free(target);
}

/* ---- what a list's lines leave open ---- */

static struct defaults_case {
    const char *name;
    const char *bytes;
    const char *ports;         /* NULL for none */
    struct tc_label labels[3]; /* NULL-ended */
    const char *expected;
} defaults_cases[] = {
    {"nothing", "a.org\n", NULL, {{NULL, NULL}}, "https://a.org:443"},
    {"ports of names alone",
     "a.org\n",
     "25, 465,587,443,8443,143,5432,9999",
     {{NULL, NULL}},
     "smtp://a.org:25 | smtps://a.org:465 | smtp://a.org:587 | https://a.org:443 | "
     "https://a.org:8443 | imap://a.org:143 | postgres://a.org:5432 | tls://a.org:9999"},
    {"a line with a port keeps it, and its protocol",
     "a.org:25\nb.org\n",
     "465",
     {{NULL, NULL}},
     "tls://a.org:25 | smtps://b.org:465"},
    {"a line with a scheme has its port",
     "smtp://a.org\nhttp://b.org\nc.org\n",
     "465",
     {{NULL, NULL}},
     "smtp://a.org:25 | https://b.org:443 | smtps://c.org:465"},
    {"so has a record",
     "host,port,protocol\na.org,993,\nb.org,,imap\nc.org,,\n",
     "110",
     {{NULL, NULL}},
     "imaps://a.org:993 | imap://b.org:143 | pop3://c.org:110"},
    {"every address of a block",
     "192.0.2.0/31\n",
     "443,993",
     {{NULL, NULL}},
     "https://192.0.2.0:443 | imaps://192.0.2.0:993 | https://192.0.2.1:443 | "
     "imaps://192.0.2.1:993"},
    {"labels of a list without any",
     "a.org\nb.org\n",
     NULL,
     {{"unit", "Mail"}, {"group", "mx"}},
     "https://a.org:443 {unit=Mail} {group=mx} | https://b.org:443 {unit=Mail} {group=mx}"},
    {"a cell comes before, an empty one does not",
     "host,Unit,x\na.org,IT,1\nb.org,,\n",
     NULL,
     {{"unit", "Mail"}, {"group", "mx"}},
     "https://a.org:443 {Unit=IT} {x=1} {group=mx} | https://b.org:443 {Unit=Mail} {group=mx}"},
    {"a header without labels",
     "host\na.org\n",
     NULL,
     {{"unit", "Mail"}},
     "https://a.org:443 {unit=Mail}"},
    {"of two of one name the later stands",
     "a.org\n",
     NULL,
     {{"unit", "Mail"}, {"Unit", "IT"}},
     "https://a.org:443 {unit=IT}"},
};

static void check_defaults(void **state)
{
    const struct defaults_case *row = *state;
    struct rendering rendering;
    struct tc_target_ports ports = {.num_ports = 0};
    struct tc_target_reader_options options = {.defaults = {.labels = row->labels}};
    if (row->ports != NULL) {
        assert_int_equal(tc_target_ports_add(&ports, row->ports, NULL), TC_OK);
        options.defaults.ports = &ports;
    }
    while (row->labels[options.defaults.num_labels].name != NULL) {
        options.defaults.num_labels++;
    }
    render_memory(&rendering, row->bytes, strlen(row->bytes), options);
    assert_string_equal(rendering.text.data, row->expected);
    tc_buf_cleanup(&rendering.text);
}

/* www. is for what is a web site by its port. */
static void www_is_for_web_ports(void **state)
{
    (void)state;
    struct rendering rendering;
    struct tc_target_ports ports = {.ports = {443, 8443}, .num_ports = 2};
    struct tc_target_reader_options options = {.defaults = {.ports = &ports}, .add_www = true};
    render_memory(&rendering, "a.org\n", 6, options);
    assert_string_equal(rendering.text.data,
                        "https://a.org:443 | https://a.org:8443 | https://www.a.org:443 | "
                        "https://www.a.org:8443");
    tc_buf_cleanup(&rendering.text);
    ports.ports[1] = 25;
    render_memory(&rendering, "a.org\n", 6, options);
    assert_string_equal(rendering.text.data, "https://a.org:443 | smtp://a.org:25");
    tc_buf_cleanup(&rendering.text);
}

static void a_list_has_a_profile(void **state)
{
    (void)state;
    static const char *const k_args[] = {"a.org"};
    for (int has = 0; has <= 1; has++) {
        const struct tc_target_reader_options options = {
            .defaults = {.has_profile = has == 1, .profile = TC_PROFILE_DEEP}};
        struct tc_target_reader *reader = NULL;
        struct tc_target *target = NULL;
        assert_int_equal(tc_target_reader_open_args(&reader, k_args, 1, &options, NULL), TC_OK);
        assert_int_equal(tc_target_reader_next(&target, reader, NULL), TC_OK);
        assert_int_equal(target->has_profile, has);
        assert_int_equal(target->profile, TC_PROFILE_DEEP);
        tc_target_free(target);
        tc_target_reader_free(reader);
    }
}

static void ports_are_numbers_once_each(void **state)
{
    (void)state;
    struct tc_target_ports ports = {.num_ports = 0};
    struct tc_error error = {""};
    assert_int_equal(tc_target_ports_add(&ports, "25, 465;25", &error), TC_OK);
    assert_int_equal(tc_target_ports_add(&ports, "587,465", &error), TC_OK);
    assert_int_equal(ports.num_ports, 3);
    assert_int_equal(ports.ports[0], 25);
    assert_int_equal(ports.ports[1], 465);
    assert_int_equal(ports.ports[2], 587);
    static const char *const k_bad[][2] = {{"", "a port number is missing"},
                                           {"25,", "a port number is missing"},
                                           {"https", "port \"https\" is not a number"},
                                           {"0", "port 0 cannot be connected to"},
                                           {"65536", "port 65536 is above 65535"}};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_bad); i++) {
        assert_int_equal(tc_target_ports_add(&ports, k_bad[i][0], &error), TC_ERR_INPUT);
        assert_string_equal(error.text, k_bad[i][1]);
        assert_int_equal(ports.num_ports, 3); /* as it was */
    }
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(www_keeps_labels_and_line),
        cmocka_unit_test(rejected_texts_are_fit_to_keep),
        cmocka_unit_test(a_reader_needs_no_listener),
        cmocka_unit_test(labels_outlive_the_reader),
        cmocka_unit_test(www_is_for_web_ports),
        cmocka_unit_test(a_list_has_a_profile),
        cmocka_unit_test(ports_are_numbers_once_each),
    };
    struct CMUnitTest lists[TC_ARRAY_LEN(list_cases)] = {{.name = NULL}};
    struct CMUnitTest columns[TC_ARRAY_LEN(column_cases)] = {{.name = NULL}};
    for (size_t i = 0; i < TC_ARRAY_LEN(list_cases); i++) {
        lists[i].name = list_cases[i].name;
        lists[i].test_func = check_list;
        lists[i].initial_state = &list_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(column_cases); i++) {
        columns[i].name = column_cases[i].name;
        columns[i].test_func = check_column;
        columns[i].initial_state = &column_cases[i];
    }
    struct CMUnitTest empties[TC_ARRAY_LEN(empty_cases)] = {{.name = NULL}};
    for (size_t i = 0; i < TC_ARRAY_LEN(empty_cases); i++) {
        empties[i].name = empty_cases[i].name;
        empties[i].test_func = check_empty;
        empties[i].initial_state = &empty_cases[i];
    }
    struct CMUnitTest defaults[TC_ARRAY_LEN(defaults_cases)] = {{.name = NULL}};
    for (size_t i = 0; i < TC_ARRAY_LEN(defaults_cases); i++) {
        defaults[i].name = defaults_cases[i].name;
        defaults[i].test_func = check_defaults;
        defaults[i].initial_state = &defaults_cases[i];
    }
    int failed = cmocka_run_group_tests_name("target lists", lists, NULL, NULL);
    failed += cmocka_run_group_tests_name("host column", columns, NULL, NULL);
    failed += cmocka_run_group_tests_name("empty lists", empties, NULL, NULL);
    failed += cmocka_run_group_tests_name("what lines leave open", defaults, NULL, NULL);
    return failed + cmocka_run_group_tests_name("target list", others, NULL, NULL);
}
