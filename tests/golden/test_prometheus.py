#!/usr/bin/env python3
"""The Prometheus text: a parser of ours that takes nothing amiss, promtool and Prometheus' own parser where they are,
and the numbers against the CSV of the same scan."""
import os
import re
import shutil
import sqlite3
import subprocess

import reports

# Where dev/test puts it.
TOOLS = os.path.join(reports.ROOT, "build", "tools")
NAME = r"[a-zA-Z_][a-zA-Z0-9_]*"
SAMPLE = re.compile(r'(%s)(?:\{((?:%s="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9]+(?:\.[0-9]+)?)' % (NAME, NAME))
LABEL = re.compile(r'(%s)="((?:[^"\\]|\\.)*)"' % NAME)


def parse(data):
    """The samples of a text as {(name, labels): value}, and what is wrong with it."""
    samples, wrong, seen, current = {}, [], set(), None
    text = data.decode("utf-8")
    if not text.endswith("\n") or "\r" in text:
        wrong.append("line ends")
    for number, line in enumerate(text.split("\n")[:-1], 1):
        if line.startswith("# HELP "):
            current = line.split(" ")[2]
            if current in seen:
                wrong.append("%d: %s comes twice" % (number, current))
            seen.add(current)
        elif line.startswith("# TYPE "):
            if line != "# TYPE %s gauge" % current:
                wrong.append("%d: %s" % (number, line))
        elif not line.startswith("#"):
            match = SAMPLE.fullmatch(line)
            if not match or match[1] != current:
                wrong.append("%d: %.100s" % (number, line))
                continue
            labels = LABEL.findall(match[2] or "")
            if len({name for name, _ in labels}) != len(labels):
                wrong.append("%d: a label comes twice" % number)
            key = (match[1], tuple(sorted((name, re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value))
                                          for name, value in labels if value)))
            if key in samples:
                wrong.append("%d: a series comes twice: %s" % (number, key))
            samples[key] = float(match[3])
    return samples, wrong


def value(samples, name, **labels):
    return samples.get(("tlscensus_" + name, tuple(sorted(labels.items()))))


def family(samples, name):
    return {labels: number for (metric, labels), number in samples.items() if metric == "tlscensus_" + name}


def check_with_promtool(checks, data, what):
    promtool = shutil.which("promtool") or shutil.which("promtool", path=TOOLS)
    if not promtool:
        return False
    done = subprocess.run([promtool, "check", "metrics"], input=data, capture_output=True, check=False)
    checks.equal("promtool says nothing of " + what, (done.returncode, done.stdout, done.stderr), (0, b"", b""))
    return True


def check_with_client(checks, data, samples, what):
    try:
        from prometheus_client.parser import text_string_to_metric_families  # pylint: disable=import-outside-toplevel
    except ImportError:
        return False
    read = {}
    for metric in text_string_to_metric_families(data.decode("utf-8")):
        checks.equal("type of " + metric.name, metric.type, "gauge")
        checks.true("help of " + metric.name, metric.documentation)
        for sample in metric.samples:
            checks.true("no timestamp", sample.timestamp is None)
            read[(sample.name, tuple(sorted((k, v) for k, v in sample.labels.items() if v)))] = sample.value
    checks.equal("Prometheus' own parser reads the same of " + what, read, samples)
    return True


def answered(row):
    return bool(row["leaf_sha256"]) or row["outcome"] in ("ok", "client-certificate-required")


def check_counts(checks, samples, rows):
    """Numbers of the whole scan, counted once more from endpoints.csv."""
    outcomes = {}
    for row in rows:
        outcomes[row["outcome"]] = outcomes.get(row["outcome"], 0) + 1
    told = {dict(labels)["outcome"]: int(n) for labels, n in family(samples, "endpoints").items()}
    checks.equal("every outcome has a series", len(told), 21)
    checks.equal("outcomes", {name: n for name, n in told.items() if n}, outcomes)
    checks.equal("targets", value(samples, "targets"),
                 len({(r["host"], r["port"], r["protocol"]) for r in rows}))
    grades = {dict(labels)["grade"]: n for labels, n in family(samples, "endpoints_by_grade").items()}
    checks.equal("grades", grades, {g: sum(r["grade"] == g for r in rows) for g in "A+ A A- B C F T M".split()})
    leaves = {r["leaf_sha256"]: int(r["leaf_days_left"]) for r in rows if r["leaf_sha256"]}
    checks.equal("expired", value(samples, "leaf_certificates_expired"), sum(d < 0 for d in leaves.values()))
    for within in (7, 14, 30, 60, 90):
        checks.equal("expiring within %d d" % within, value(samples, "leaf_certificates_expiring", within="%dd" % within),
                     sum(0 <= d < within for d in leaves.values()))


def check_findings(checks, samples, rows):
    counted = {}
    for row in rows:
        if not row["waived_until_utc"]:
            key = (("rule", row["rule"]), ("severity", row["severity"]))
            counted[key] = counted.get(key, 0) + 1
    checks.equal("findings", family(samples, "findings"), counted)


def check_endpoints(checks, samples, rows):
    """A series for each endpoint that has the fact, none for what is not known."""
    def places(name):
        return {tuple(dict(labels).get(k, "") for k in ("host", "port", "address")): (dict(labels), number)
                for labels, number in family(samples, name).items()}
    up, info, ends = places("endpoint_up"), places("endpoint_info"), places("leaf_not_after_timestamp_seconds")
    depths, chains = places("presented_depth"), places("chain_not_after_timestamp_seconds")
    for row in rows:
        place = (row["host"], row["port"], row["address"])
        checks.equal("up %s" % (place,), up[place][1], int(answered(row)))
        checks.equal("info %s" % (place,), place in info, answered(row))
        if row["leaf_sha256"]:
            checks.equal("depth %s" % (place,), depths[place][1], int(row["presented_depth"]))
            checks.true("end %s" % (place,), ends[place][1] > 1e9)
            checks.equal("grade %s" % (place,), info[place][0].get("grade", ""), row["grade"])
            checks.equal("version %s" % (place,), info[place][0].get("tls_version", ""), row["tls_version"])
        else:
            checks.true("no certificate, no series %s" % (place,),
                        not {place} & (set(ends) | set(depths) | set(chains)))
    checks.equal("all are there", len(up), len(rows))
    for phase, column in (("dns", "dns_ms"), ("connect", "connect_ms"), ("handshake", "handshake_ms")):
        seconds = sorted(n for labels, n in family(samples, "phase_duration_seconds").items() if ("phase", phase) in labels)
        checks.equal("phase " + phase, ["%.6f" % n for n in seconds],
                     ["%.6f" % n for n in sorted(float(r[column]) / 1000 for r in rows if r[column])])


def check_labels(checks, database):
    """Labels of the input, the hostile ones too, arrive as they are, but for what is spelt."""
    data = reports.render(database, "prometheus", "label=label_owner", "label=Department", "label=Owner")
    samples, wrong = parse(data)
    checks.equal("labels: the text is sound", wrong, [])
    seen = {dict(labels).get("label_owner") for labels in family(samples, "endpoint_up")}
    for row in reports.read_csv(reports.render(database, "csv", "endpoints", "guard=0")):
        checks.true("owner %r" % row["label_owner"], (row["label_owner"] or None) in seen)
    done = subprocess.run([reports.RENDER, database, "prometheus", "label=Ownr"], capture_output=True, check=False, text=True)
    checks.true("an unknown label is refused: " + done.stderr, done.returncode == 1 and "it has Department, Owner" in done.stderr)
    with sqlite3.connect(database) as db:
        db.execute("UPDATE label SET name = ? WHERE name = 'Owner'", ("Gr\u00f6\u00dfe \"x\"\n",))
        db.execute("UPDATE label SET value = ? WHERE name = 'Department'", ("\\ \" \n \u202e } 1 \r\n",))
    db.close()
    data = reports.render(database, "prometheus", "label=Department", "label=gr\u00f6\u00dfe_x_")
    samples, wrong = parse(data)
    checks.equal("hostile labels: the text is sound", wrong, [])
    labels = [dict(labels) for labels in family(samples, "endpoint_up") if "label_department" in dict(labels)]
    checks.equal("a hostile value", {row["label_department"] for row in labels}, {"\\ \" \n \\u{202E} } 1 \n"})
    checks.true("a name in Prometheus' letters", any("label_gr____e_x_" in row for row in labels))
    check_with_promtool(checks, data, "hostile labels")
    check_with_client(checks, data, samples, "hostile labels")


def check_same_place(checks, database):
    """Two targets of one host, port and address are told apart; two series of one name would spoil the file."""
    with sqlite3.connect(database) as db:
        host, = db.execute("SELECT host FROM target WHERE target_id = 1").fetchone()
        for number, protocol, pinned, sni in ((9001, "tls", "", ""), (9002, "https", "192.0.2.10", ""),
                                              (9003, "https", "", "other.example.edu")):
            db.execute("INSERT INTO target (target_id, protocol, host, port, pinned_address, sni) VALUES (?, ?, ?, 443, ?, ?)",
                       (number, protocol, host, pinned, sni))
            db.execute("INSERT INTO endpoint SELECT ?, ?, address FROM endpoint WHERE target_id = 1", (number, number))
            db.execute("INSERT INTO scan_target (scan_id, target_id) VALUES (2, ?)", (number,))
            db.execute("INSERT INTO observation (scan_id, endpoint_id, observed_s, outcome_id) VALUES (2, ?, 0, 6)", (number,))
    db.close()
    samples, wrong = parse(reports.render(database, "prometheus"))
    checks.equal("same place: the text is sound", wrong, [])
    mine = [dict(labels) for labels in family(samples, "endpoint_up") if ("host", host) in labels]
    checks.equal("same place: four series", len(mine), 4)
    checks.equal("same place: protocols", sorted(row["protocol"] for row in mine), ["https", "https", "https", "tls"])
    others = [dict(labels) for labels in family(samples, "endpoint_up") if ("host", host) not in labels]
    checks.true("others need no more labels", not any("protocol" in row for row in others))


def check_many(checks, path):
    """Above 2,000 endpoints the file says that it has no series for each."""
    database = reports.make_database(path, "--endpoints", "2001")
    data = reports.render(database, "prometheus")
    samples, wrong = parse(data)
    checks.equal("many: the text is sound", wrong, [])
    checks.equal("many: no series", family(samples, "endpoint_up"), {})
    checks.true("many: said", b"# 2001 endpoints are more than 2000" in data)
    samples, wrong = parse(reports.render(database, "prometheus", "per-endpoint=1"))
    checks.equal("many, on request", len(family(samples, "endpoint_up")), 2001)
    checks.equal("many, on request: sound", wrong, [])


def main():
    checks = reports.Checks()
    with_promtool = with_client = False
    with reports.folder() as folder:
        for name, arguments in (("sample", []), ("survey", ["--survey"]), ("empty", ["--empty"])):
            database = reports.make_database(os.path.join(folder, name + ".db"), *arguments)
            data = reports.render(database, "prometheus")
            samples, wrong = parse(data)
            checks.equal(name + ": the text is sound", wrong, [])
            with_promtool = check_with_promtool(checks, data, name)
            with_client = check_with_client(checks, data, samples, name)
            rows = reports.read_csv(reports.render(database, "csv", "endpoints", "guard=0"))
            check_counts(checks, samples, rows)
            check_findings(checks, samples, reports.read_csv(reports.render(database, "csv", "findings", "guard=0")))
            check_endpoints(checks, samples, rows)
            checks.equal(name + ": success", value(samples, "scan_success"), 1)
            quick = parse(reports.render(database, "prometheus", "scan=1"))[0]
            checks.equal("nobody asked for post-quantum groups: no series", value(quick, "endpoints_post_quantum"), None)
        with sqlite3.connect(os.path.join(folder, "empty.db")) as db:
            db.execute("UPDATE scan SET state = 'interrupted', finished_s = NULL")
        db.close()
        samples = parse(reports.render(os.path.join(folder, "empty.db"), "prometheus"))[0]
        checks.equal("interrupted is no success", value(samples, "scan_success"), 0)
        checks.equal("not ended: no end", value(samples, "scan_end_timestamp_seconds"), None)
        check_same_place(checks, os.path.join(folder, "survey.db"))
        check_labels(checks, os.path.join(folder, "sample.db"))
        check_many(checks, os.path.join(folder, "many.db"))
    if not with_promtool:
        print("SKIPPED: promtool is not here (dev/test fetches it; Debian package prometheus)")
    if not with_client:
        print("SKIPPED: Prometheus' own parser is not here (Debian package python3-prometheus-client)")
    checks.end()


main()
