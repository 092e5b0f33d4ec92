#!/usr/bin/env python3
"""CSV as others read it: Python's csv, SQLite's .import, and against the views that people query."""
import json
import os
import re
import shutil
import sqlite3
import subprocess

import reports

FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]{1,3})?$")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$")
TABLES = {"endpoints": "v_endpoint", "certificates": "v_certificate", "findings": "v_finding",
          "changes": "v_change", "inventory": "v_inventory"}
KEYS = {"endpoints": ("host", "port", "protocol", "address"), "certificates": ("sha256",),
        "findings": ("host", "port", "address", "rule"), "changes": ("host", "port", "address", "kind", "field"),
        "inventory": ("name",)}
HOSTILE = ["=cmd|' /C calc'!A0", "a\"b\"\"c", "line\r\nbreak\nand tab\t.", "</script><b>", "\u202eabc", "x" * 40000,
           "\uff1d1+2", "+1", "-1", "@SUM(1)", "\t=1", "nul\x00nul", "\x01=2", "", "'quoted'", "a;b,c"]


def fields(line):
    """Fields of one CSV line as they stand, quotes included."""
    return re.findall(r'(?:^|,)("(?:[^"]|"")*"|[^",]*)', line)


def check_shape(checks, name, data):
    """Every line a row, CRLF, as many fields as the header, text quoted and nothing else."""
    text = data.decode("utf-8")
    lines = text.split("\r\n")
    checks.equal(name + ": ends with CRLF", lines[-1], "")
    checks.true(name + ": no bare line end", "\n" not in text.replace("\r\n", "") and "\r" not in "".join(lines))
    width = len(fields(lines[0]))
    for number, line in enumerate(lines[:-1]):
        row = fields(line)
        checks.equal("%s line %d: fields" % (name, number + 1), len(row), width)
        for field in row:
            plain = field == "" or field in ("true", "false") or NUMBER.match(field) or TIME.match(field)
            checks.true("%s line %d: %.60s is quoted or plain" % (name, number + 1, field),
                        field.startswith('"') or plain)


def check_guard(checks, name, rows):
    for row in rows:
        for column, cell in row.items():
            number = NUMBER.match(cell)
            checks.true("%s: %s does not begin a formula: %.40r" % (name, column, cell), number or not FORMULA.match(cell))
            checks.true("%s: %s has no control character" % (name, column), not re.search(r"[\x00-\x1f\x7f-\x9f]", cell))
            checks.true("%s: %s fits a cell" % (name, column), len(cell) <= 32767)


def as_cell(value):
    """What a view's value looks like as a cell without the guard."""
    if value is None:
        return ""
    if isinstance(value, float):
        return ("%.3f" % value).rstrip("0").rstrip(".")
    text = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", str(value))
    return text


def check_view(checks, database, table, rows):
    """The exporter's query and the view say the same, cell by cell."""
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    seen = {tuple(row[k] for k in KEYS[table]): row for row in rows}
    wanted = [dict(row) for row in connection.execute("SELECT * FROM " + TABLES[table])]
    checks.equal(table + ": rows", len(rows), len(wanted))
    for row in wanted:
        cells = seen[tuple(as_cell(row[k]) for k in KEYS[table])]
        for column, cell in cells.items():
            if column.startswith("label_"):
                continue
            value = as_cell(row[column])
            if cell in ("true", "false"):
                cell = "1" if cell == "true" else "0"
            if "\u2026(+" in cell:
                cell, value = cell.split(" \u2026(+")[0], value[:len(cell.split(" \u2026(+")[0])]
            checks.equal("%s: %s as in %s" % (table, column, TABLES[table]), cell, value)
    connection.close()


def check_sqlite_import(checks, folder, data, rows):
    tool = shutil.which("sqlite3")
    if tool is None:
        print("SKIPPED: no sqlite3 command, so .import is not tried")
        return
    path = os.path.join(folder, "endpoints.csv")
    with open(path, "wb") as file:
        file.write(data)
    done = subprocess.run([tool, "-json", ":memory:", ".import --csv '%s' t" % path, "SELECT * FROM t"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    checks.equal("sqlite: no complaint", done.stderr, b"")
    imported = json.loads(done.stdout.decode("utf-8"))
    checks.equal("sqlite: rows", len(imported), len(rows))
    for mine, theirs in zip(rows, imported):
        checks.equal("sqlite: row", {k: v or "" for k, v in theirs.items()}, mine)


def check_split(checks, database, data, rows):
    """--split-rows: parts that together are the whole, each with a header."""
    header = data.split(b"\r\n", 1)[0]
    parts = []
    for first in range(0, len(rows) + 20, 20):
        part = reports.render(database, "csv", "endpoints", "rows=20", "first=%d" % first)
        checks.equal("split: header", part.split(b"\r\n", 1)[0], header)
        parts += reports.read_csv(part)
    checks.equal("split: the parts are the whole", parts, rows)


def check_dialects(checks, database, rows):
    european = reports.render(database, "csv", "endpoints", "eu=1", "bom=1")
    checks.true("bom: first", european.startswith(b"\xef\xbb\xbf\"scan_id\";\"scanned_utc\""))
    other = reports.read_csv(european, ";")
    checks.equal("excel-eu: rows", len(other), len(rows))
    for mine, theirs in zip(rows, other):
        for column, cell in mine.items():
            decimal = column.endswith("_ms") or column == "lifetime_days"
            checks.equal("excel-eu: " + column, theirs[column], cell.replace(".", ",") if decimal else cell)


def plant_hostile(database):
    """One endpoint for each hostile text, in every text column that a stranger or a list can fill."""
    connection = sqlite3.connect(database)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(observation)") if row[1] != "observation_id"]
    source = connection.execute("SELECT min(ob.observation_id) FROM observation AS ob JOIN scan AS s USING (scan_id)"
                                " WHERE ob.leaf_id IS NOT NULL AND s.scan_id = 2").fetchone()[0]
    for number, text in enumerate(HOSTILE):
        host = "hostile%02d.example.test" % number
        target = connection.execute("INSERT INTO target (protocol, host, host_unicode, port) VALUES ('tls', ?, ?, 9)",
                                    (host, text)).lastrowid
        label_set = connection.execute("INSERT INTO label_set (sha256) VALUES (?)", (b"%032d" % number,)).lastrowid
        connection.execute("INSERT INTO label (label_set_id, position, name, value) VALUES (?, 1, 'Owner', ?)",
                           (label_set, text.replace("\0", " ")))  # a list's cell holds no NUL
        connection.execute("INSERT INTO scan_target (scan_id, target_id, label_set_id, input_text) VALUES (2, ?, ?, ?)",
                           (target, label_set, text))
        endpoint = connection.execute("INSERT INTO endpoint (target_id, address) VALUES (?, ?)", (target, text)).lastrowid
        wanted = ", ".join({"endpoint_id": str(endpoint), "outcome_detail": "?", "alpn": "?"}.get(c, c) for c in columns)
        connection.execute("INSERT INTO observation (%s) SELECT %s FROM observation WHERE observation_id = ?"
                           % (", ".join(columns), wanted), (text, text, source))
    connection.commit()
    connection.close()


def check_hostile(checks, database):
    plant_hostile(database)
    data = reports.render(database, "csv", "endpoints")
    check_shape(checks, "hostile", data)
    rows = reports.read_csv(data)
    check_guard(checks, "hostile", rows)
    seen = [row for row in rows if row["host"].startswith("hostile")]
    checks.equal("hostile: rows", len(seen), len(HOSTILE))
    for row, text in zip(seen, HOSTILE):
        plain = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text)
        for column in ("target", "host_unicode", "address", "outcome_detail", "alpn", "label_owner"):
            cell = row[column]
            if len(text) > 32000:
                checks.true(column + ": says what is cut", cell == plain[:32000] + " \u2026(+8000 more)")
            else:
                checks.true("%s: %r is %r behind its guard" % (column, cell, plain), cell in (plain, "'" + plain))
    exact = reports.read_csv(reports.render(database, "csv", "endpoints", "guard=0"))
    checks.equal("no guard: as it is", [r["target"] for r in exact if r["host"] == "hostile00.example.test"], [HOSTILE[0]])
    document = json.loads(reports.render(database, "json").decode("utf-8"))
    targets = [e["target"] for e in document["endpoints"] if e["host"].startswith("hostile")]
    checks.equal("JSON is exact", targets, HOSTILE)


def check_label_columns(checks, folder):
    """Names of label columns: normalised, in input order, a second equal one with _2."""
    database = reports.make_database(os.path.join(folder, "labels.db"), "--empty")
    connection = sqlite3.connect(database)
    scan = connection.execute("SELECT max(scan_id) FROM scan").fetchone()[0]
    names = ["Organization name", "Owner", "owner", "D\u00e9partement", "=cmd", "OWNER", "Owner"]
    target = connection.execute("INSERT INTO target (protocol, host, port) VALUES ('https', 'a.example', 443)").lastrowid
    connection.execute("INSERT INTO label_set VALUES (900, ?)", (b"x" * 32,))
    for position, name in enumerate(names):
        connection.execute("INSERT INTO label (label_set_id, position, name, value) VALUES (900, ?, ?, ?)",
                           (position + 2, name, "value %d" % position))
    connection.execute("INSERT INTO scan_target (scan_id, target_id, label_set_id, input_text)"
                       " VALUES (?, ?, 900, 'a.example')", (scan, target))
    endpoint = connection.execute("INSERT INTO endpoint (target_id) VALUES (?)", (target,)).lastrowid
    connection.execute("INSERT INTO observation (scan_id, endpoint_id, observed_s, outcome_id) VALUES (?, ?, 0, 1)",
                       (scan, endpoint))
    connection.commit()
    connection.close()
    row = reports.read_csv(reports.render(database, "csv", "endpoints"))[0]
    labels = [(k, v) for k, v in row.items() if k.startswith("label_")]
    wanted = ["organization_name", "owner", "owner_2", "d\u00e9partement", "_cmd", "owner_3", "owner_4"]
    checks.equal("labels: names and values", labels, [("label_" + n, "value %d" % i) for i, n in enumerate(wanted)])
    endpoint = json.loads(reports.render(database, "json").decode("utf-8"))["endpoints"][0]
    checks.equal("labels: the same in JSON", list(endpoint["labels"]), wanted)


def main():
    checks = reports.Checks()
    with reports.folder() as folder:
        database = reports.make_database(os.path.join(folder, "sample.db"))
        for table in TABLES:
            data = reports.render(database, "csv", table)
            check_shape(checks, table, data)
            check_guard(checks, table, reports.read_csv(data))
            check_view(checks, database, table, reports.read_csv(reports.render(database, "csv", table, "guard=0")))
        nights = reports.make_nights(os.path.join(folder, "nights.db"))
        for table in ("changes", "endpoints"):
            data = reports.render(nights, "csv", table)
            check_shape(checks, "nights " + table, data)
            check_guard(checks, "nights " + table, reports.read_csv(data))
            check_view(checks, nights, table, reports.read_csv(reports.render(nights, "csv", table, "guard=0")))
        data = reports.render(database, "csv", "endpoints")
        rows = reports.read_csv(data)
        check_sqlite_import(checks, folder, data, rows)
        check_split(checks, database, data, rows)
        check_dialects(checks, database, rows)
        check_hostile(checks, database)
        check_label_columns(checks, folder)
    checks.end()


main()
