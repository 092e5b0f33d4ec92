#!/usr/bin/env python3
"""The calendar: read by a real parser, and events that live and end with the history of certificates."""
import datetime
import os
import re
import sys

import reports

sys.path.insert(0, os.path.join(reports.ROOT, "tests", "support"))
import make_sample_db  # noqa: E402  pylint: disable=wrong-import-position

DAY = 86400
AS_OF = make_sample_db.AS_OF
HOST = "www.example.edu"

# What: nights, the certificate of each address by night, and what the last night's calendar says of each certificate:
# its SEQUENCE, with "-" in front where it is cancelled, nothing where it has no event. Capitals are certificates that end
# within 120 days, z is one that does not; "." is a night without an answer, " " an address that the name did not have.
LIVES = [
    ("seen once", ["A"], {"A": "0"}),
    ("seen every night", ["AAA"], {"A": "0"}),
    ("replaced", ["AAB"], {"A": "-1", "B": "0"}),
    ("replaced long ago: a calendar that missed it is told again", ["ABBB"], {"A": "-1", "B": "0"}),
    ("replaced by one that lasts", ["AAz"], {"A": "-1"}),
    ("one failed night is no sign", ["AA."], {"A": "0"}),
    ("nor is one before", ["A.A"], {"A": "0"}),
    ("replaced behind a failed night", ["A.B"], {"A": "-1", "B": "0"}),
    ("replaced, then it failed", ["AB."], {"A": "-1", "B": "0"}),
    ("back again: the newest word counts", ["ABA"], {"A": "2", "B": "-1"}),
    ("to and fro", ["ABAB"], {"A": "-3", "B": "2"}),
    ("one of two addresses fails", ["AA", "B."], {"A": "0", "B": "0"}),
    ("one of two addresses is renewed", ["AC", "AA"], {"A": "0", "C": "0"}),
    ("both are renewed", ["AC", "AC"], {"A": "-1", "C": "0"}),
    ("an address leaves, and its certificate with it", ["AA", "B "], {"A": "0", "B": "-1"}),
    ("the name moves", ["A ", " B"], {"A": "-1", "B": "0"}),
    ("the name moves, and nothing answers", ["A ", " ."], {"A": "0"}),
    ("never an answer", ["..."], {}),
    ("only what ends soon", ["z"], {}),
]


class History(make_sample_db.Sample):
    """A database of nights."""

    def __init__(self, path, nights):
        super().__init__(path, False)
        self.leaves = {}
        for night in range(1, nights + 1):
            self.add_scan(night, AS_OF + night * DAY, 60)

    def leaf(self, name, left=60):
        if name not in self.leaves:
            self.leaves[name] = self.add_leaf("life " + name, HOST, [HOST], "e7", "P-256", left, 90)
        return self.leaves[name]

    def target(self, host, nights, port=443):
        target_id = self.insert("target", protocol="https", host=host, port=port, registrable_domain="example.edu")
        for night in range(1, nights + 1):
            self.insert("scan_target", scan_id=night, target_id=target_id)
        return target_id

    def live(self, target_id, address, leaves):
        endpoint_id = self.insert("endpoint", target_id=target_id, address=address)
        for night, name in enumerate(leaves, 1):
            if name == ".":
                self.add_observation(night, endpoint_id, AS_OF + night * DAY, outcome_id=8, outcome_stage="tcp")
            elif name != " ":
                leaf = self.leaf(name, 300 if name == "z" else 60)
                self.add_observation(night, endpoint_id, AS_OF + night * DAY, leaf_id=leaf, presented_depth=1)

    def close(self):
        self.db.commit()
        self.db.close()


def unfold(data):
    return re.sub(rb"\r\n ", b"", data).decode("utf-8").split("\r\n")


def events(data):
    """The events as lists of (name with parameters, value), alarms among them."""
    found, current = [], None
    for line in unfold(data):
        if line == "BEGIN:VEVENT":
            current = []
        elif line == "END:VEVENT":
            found.append(current)
            current = None
        elif current is not None:
            current.append(tuple(line.split(":", 1)))
    return found


def facts(event):
    """An event's own properties, by name; those of its alarm come behind them."""
    return dict(reversed(event))


def check_form(checks, name, data):
    """What RFC 5545 asks of lines."""
    text = data.decode("utf-8")  # every line's octets are whole characters, or this would fail
    checks.true(name + ": CRLF everywhere", text.endswith("\r\n") and not re.search(r"\r(?!\n)|(?<!\r)\n", text))
    checks.true(name + ": 75 octets at most", max(len(line) for line in data.split(b"\r\n")) <= 75)
    for line in data.split(b"\r\n"):
        line.decode("utf-8")
    checks.equal(name + ": no control characters", re.findall(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f\u202e]", text), [])
    uids = [value for event in events(data) for key, value in event if key == "UID"]
    checks.equal(name + ": each event once", len(uids), len(set(uids)))


def check_with_parser(checks, name, data):
    try:
        import icalendar  # pylint: disable=import-outside-toplevel
    except ImportError:
        return False
    calendar = icalendar.Calendar.from_ical(data)
    checks.equal(name + ": version", calendar["VERSION"], "2.0")
    read = list(calendar.walk("VEVENT"))
    checks.equal(name + ": as many events", len(read), len(events(data)))
    for event in read:
        checks.equal("no errors in " + str(event["UID"]), event.errors, [])
        start = event["DTSTART"].dt
        checks.true("all day", isinstance(start, datetime.date) and not isinstance(start, datetime.datetime))
        checks.true("stamp in UTC", event["DTSTAMP"].dt.utcoffset() == datetime.timedelta(0))
        checks.true("transparent", event["TRANSP"] == "TRANSPARENT")
        alarms = list(event.walk("VALARM"))
        checks.equal("one alarm, none for what is cancelled", len(alarms), 0 if event.get("STATUS") == "CANCELLED" else 1)
        for alarm in alarms:
            before = -alarm["TRIGGER"].dt
            checks.true("an alarm before it", datetime.timedelta(0) < before <= datetime.timedelta(14))
        checks.true("ends as the day says", ("Ends: %s" % start) in event["DESCRIPTION"])
    return True


def check_against_csv(checks, name, database, data):
    """Every leaf that ends within 120 days, and no other."""
    rows = reports.read_csv(reports.render(database, "csv", "endpoints", "guard=0"))
    wanted = {}
    for row in rows:
        if row["leaf_sha256"] and 0 <= int(row["leaf_days_left"]) < 120:
            wanted.setdefault(row["leaf_sha256"].split(":")[1], []).append(row)
    found = {facts(event)["UID"].split("@")[0]: event for event in events(data)}
    checks.equal(name + ": certificates", sorted(found), sorted(wanted))
    for sha256, rows_of in wanted.items():
        event = facts(found[sha256])
        checks.equal("day of " + sha256, event["DTSTART;VALUE=DATE"], rows_of[0]["leaf_expires_utc"][:10].replace("-", ""))
        hosts = sorted({row["host"] for row in rows_of})
        more = "" if len(hosts) == 1 else " and %d more host%s" % (len(hosts) - 1, "s" if len(hosts) > 2 else "")
        checks.equal("summary of " + sha256, event["SUMMARY"], "TLS certificate of %s%s expires" % (hosts[0], more))
        for row in rows_of:
            checks.true("place in the description", "%s:%s" % (row["host"], row["port"]) in
                        event["DESCRIPTION"].replace("\\,", ",").replace("[", "").replace("]", ""))


def check_lives(checks, folder):
    for number, (name, addresses, wanted) in enumerate(LIVES):
        nights = max(len(leaves) for leaves in addresses)
        history = History(os.path.join(folder, "life%d.db" % number), nights)
        target_id = history.target(HOST, nights)
        for place, leaves in enumerate(addresses):
            history.live(target_id, "192.0.2.%d" % (place + 1), leaves)
        hashes = {make_sample_db.sha("leaf life " + leaf).hex(): leaf for leaf in history.leaves}
        history.close()
        data = reports.render(os.path.join(folder, "life%d.db" % number), "ics", "scan=%d" % nights)
        seen = {}
        for event in map(facts, events(data)):
            sign = "-" if event.get("STATUS") == "CANCELLED" else ""
            seen[hashes[event["UID"].split("@")[0]]] = sign + event["SEQUENCE"]
        checks.equal(name, seen, wanted)
        check_form(checks, name, data)
        check_with_parser(checks, name, data)


def check_other_lists(checks, folder):
    """What another list of the same database has is no event here; a certificate of two hosts ends with its last."""
    path = os.path.join(folder, "lists.db")
    history = History(path, 3)
    mine, shared = history.target(HOST, 3), history.target("b.example.edu", 3)
    history.live(mine, "192.0.2.1", "AAB")
    history.live(shared, "192.0.2.2", "AAA")
    other = history.insert("target", protocol="https", host="other.example.edu", port=443)
    history.insert("scan_target", scan_id=2, target_id=other)
    history.live(other, "192.0.2.3", " C ")
    history.close()
    seen = {facts(event)["DESCRIPTION"].split("\\n")[0]: facts(event)["SEQUENCE"]
            for event in events(reports.render(path, "ics", "scan=3"))}
    checks.equal("one host of two has it still", seen, {"Hosts: b.example.edu:443": "0", "Hosts: %s:443" % HOST: "0"})
    seen = [facts(event)["SUMMARY"] for event in events(reports.render(path, "ics", "scan=2"))]
    checks.equal("the other scan has its own", seen.count("TLS certificate of other.example.edu expires"), 1)


def check_many_hosts(checks, folder):
    path = os.path.join(folder, "many.db")
    history = History(path, 1)
    for number in range(30):
        history.live(history.target("h%02d.example.edu" % number, 1), "192.0.2.1", "A")
    history.close()
    event, = map(facts, events(reports.render(path, "ics", "scan=1")))
    checks.equal("thirty hosts", event["SUMMARY"], "TLS certificate of h00.example.edu and 29 more hosts expires")
    checks.true("twenty are named", "h19.example.edu:443 and 10 more\\n" in event["DESCRIPTION"])
    checks.equal("category", event["CATEGORIES"], "example.edu")


def check_two_owners(checks, folder):
    """One host and port may be two targets, by the name in SNI: one place, and both owners hear of it."""
    path = os.path.join(folder, "owners.db")
    history = History(path, 1)
    for sni, owner in (("", "Web team"), ("other.example.edu", "Mail team")):
        target_id = history.insert("target", protocol="https", host=HOST, port=443, sni=sni)
        history.insert("scan_target", scan_id=1, target_id=target_id, label_set_id=history.labels((("Owner", owner),)))
        history.live(target_id, "192.0.2.1", "A")
    history.close()
    event, = map(facts, events(reports.render(path, "ics", "scan=1")))
    checks.true("both owners", "Web team" in event["DESCRIPTION"] and "Mail team" in event["DESCRIPTION"])
    checks.equal("one place", event["DESCRIPTION"].count(HOST), 1)


def main():
    checks = reports.Checks()
    with reports.folder() as folder:
        for name, arguments in (("sample", []), ("plain", ["--no-hostile"]), ("empty", ["--empty"])):
            database = reports.make_database(os.path.join(folder, name + ".db"), *arguments)
            data = reports.render(database, "ics")
            checks.equal(name + ": the same database, the same bytes", reports.render(database, "ics"), data)
            check_form(checks, name, data)
            has_parser = check_with_parser(checks, name, data)
            check_against_csv(checks, name, database, data)
            few = {facts(event)["UID"] for event in events(reports.render(database, "ics", "within=14"))}
            checks.true(name + ": within less, fewer", few <= {facts(event)["UID"] for event in events(data)})
        check_lives(checks, folder)
        check_other_lists(checks, folder)
        check_many_hosts(checks, folder)
        check_two_owners(checks, folder)
    if not has_parser:
        print("SKIPPED: no calendar parser is here (Debian package python3-icalendar)")
    checks.end()


main()
