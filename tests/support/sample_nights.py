"""Three more nights of the sample institution: the second is as the first but for what is listed here, the third too."""

DAY = 86400

COPY = """
INSERT INTO scan (scan_id, scan_uuid, profile, state, started_s, finished_s, as_of_s, tool_version, vantage, notices,
  options_json, input_sha256, trust_store, trust_store_sha256)
SELECT :new, '00000000-0000-4000-8000-' || printf('%012d', :new), profile, 'running', started_s + 86400, NULL, as_of_s + 86400,
  tool_version, vantage, '', options_json, input_sha256, trust_store, trust_store_sha256 FROM scan WHERE scan_id = :old;
INSERT INTO scan_target (scan_id, target_id, label_set_id, input_line, input_text, endpoints_count)
SELECT :new, target_id, label_set_id, input_line, input_text, endpoints_count FROM scan_target WHERE scan_id = :old;
CREATE TEMP TABLE copied AS SELECT * FROM observation WHERE scan_id = :old;
UPDATE temp.copied SET observation_id = observation_id + 1000, scan_id = :new, observed_s = observed_s + 86400;
INSERT INTO observation SELECT * FROM temp.copied;
DROP TABLE temp.copied;
"""

# Host, and what happened to it.
SECOND_NIGHT = [
    ("wiki.example.edu", "renewed", {}),
    ("law.example.edu", "renewed", {"spki_sha256": None}),
    ("visit.example.edu", "renewed", {"issuer_organization": "Meridian Trust", "key_type": "RSA", "key_bits": 2048, "names": 1}),
    ("mail.example.edu", "down", None),
    ("hpc.example.edu", "down", None),
    ("lb.example.edu", "downgraded", None),
    ("status.example.edu", "found", "cert-expired"),
    ("give.example.edu", "chain", None),
    ("git.example.edu", "gone", None),
    ("xn--brger-kva.example.edu", "untrusted", None),
    ("new.example.edu", "new", None),
    ("2001:db8:80::17", "found", "key-shared"),
]
THIRD_NIGHT = [
    ("hpc.example.edu", "up", None),
    ("mail.example.edu", "down", None),
    ("status.example.edu", "found", None),
    ("cdn.example.edu", "moved", "192.0.2.210"),
    ("press.example.test", "found", "cert-expired"),
]


def observations(db, scan_id, host):
    return [row[0] for row in db.execute(
        "SELECT o.observation_id FROM observation AS o JOIN endpoint AS e USING (endpoint_id) JOIN target AS t USING (target_id) "
        "WHERE o.scan_id = ? AND t.host = ? ORDER BY 1", (scan_id, host))]


def renew(sample, observation_id, more):
    """A new certificate after the one that is there; what differs is in `more`."""
    db = sample.db
    old = db.execute("SELECT leaf_id FROM observation WHERE observation_id = ?", (observation_id,)).fetchone()[0]
    columns = [row[1] for row in db.execute("PRAGMA table_info(certificate)")]
    row = dict(zip(columns, db.execute("SELECT * FROM certificate WHERE certificate_id = ?", (old,)).fetchone()))
    number_of_names = more.get("names")
    row.pop("certificate_id")
    row.update(sha256=sample_sha(row["sha256"]), der=row["der"] + b"+")
    if "spki_sha256" not in more:
        row["spki_sha256"] = sample_sha(row["spki_sha256"])
    row.update({key: value for key, value in more.items() if key not in ("spki_sha256", "names")})
    new = sample.insert("certificate", **row)
    db.execute("INSERT INTO certificate_name SELECT ?, kind, name FROM certificate_name WHERE certificate_id = ? "
               "ORDER BY kind, name LIMIT ?", (new, old, number_of_names or -1))
    db.execute("UPDATE observation SET leaf_id = ? WHERE observation_id = ?", (new, observation_id))


def sample_sha(before):
    return bytes(reversed(before))


def change(sample, scan_id, host, what, more):
    db = sample.db
    if what == "new":
        label_set = db.execute("SELECT label_set_id FROM scan_target WHERE scan_id = ? ORDER BY target_id LIMIT 1", (scan_id,)).fetchone()[0]
        target = sample.insert("target", protocol="https", host=host, port=443, registrable_domain="example.edu")
        sample.insert("scan_target", scan_id=scan_id, target_id=target, label_set_id=label_set, input_line=99, input_text=host)
        endpoint = sample.insert("endpoint", target_id=target, address="192.0.2.250")
        db.execute("INSERT INTO observation (observation_id, scan_id, endpoint_id, observed_s, outcome_id, outcome_stage) "
                   "VALUES (?, ?, ?, 0, 6, 'tcp')", (scan_id * 1000 + 999, scan_id, endpoint))
        set_findings(sample, scan_id, scan_id * 1000 + 999, "cert-self-signed")
        return
    found = observations(db, scan_id, host)
    assert found, host
    for observation_id in found:
        change_one(sample, scan_id, host, what, more, observation_id)


def set_findings(sample, scan_id, observation_id, rule):
    db = sample.db
    if rule is None:
        db.execute("UPDATE observation SET finding_set_id = NULL WHERE observation_id = ?", (observation_id,))
        return
    db.execute("INSERT INTO finding_set (scan_id) VALUES (?)", (scan_id,))
    number = db.execute("SELECT last_insert_rowid()").fetchone()[0]
    db.execute("INSERT INTO finding_set_row SELECT ?, rule_id, severity, ? FROM rule WHERE name = ?", (number, sample.detail("as told"), rule))
    db.execute("UPDATE observation SET finding_set_id = ? WHERE observation_id = ?", (number, observation_id))


def change_one(sample, scan_id, host, what, more, observation_id):
    db = sample.db
    key = (observation_id,)
    if what == "renewed":
        renew(sample, observation_id, more)
    elif what == "down":
        db.execute("UPDATE observation SET outcome_id = 6, outcome_stage = 'tcp', leaf_id = NULL, presented_chain_id = NULL, "
                   "verified_chain_id = NULL, chain_status = NULL, trusted = NULL, trust_detail = NULL, name_match = NULL, "
                   "tls_version = NULL, cipher = NULL, kx_group = NULL, grade = NULL, finding_set_id = NULL WHERE observation_id = ?", key)
    elif what == "up":
        columns = "outcome_id outcome_stage leaf_id presented_chain_id verified_chain_id chain_status trusted trust_detail " \
                  "name_match tls_version cipher kx_group grade finding_set_id".split()
        db.execute("UPDATE observation SET (%s) = (SELECT %s FROM observation WHERE observation_id = ? - 2000) "
                   "WHERE observation_id = ?" % (", ".join(columns), ", ".join(columns)), key * 2)
    elif what == "downgraded":
        db.execute("UPDATE observation SET tls_version = 0x0303, cipher = 0xC02F WHERE observation_id = ?", key)
    elif what == "found":
        set_findings(sample, scan_id, observation_id, more)
    elif what == "chain":
        db.execute("UPDATE observation SET presented_chain_id = NULL, presented_depth = 1 WHERE observation_id = ?", key)
    elif what == "untrusted":
        db.execute("UPDATE observation SET trusted = 0, trust_detail = 'untrusted-root', grade = 'T' WHERE observation_id = ?", key)
    elif what == "gone":
        target = db.execute("SELECT e.target_id FROM observation AS o JOIN endpoint AS e USING (endpoint_id) WHERE o.observation_id = ?", key).fetchone()[0]
        db.execute("DELETE FROM observation WHERE observation_id = ?", key)
        db.execute("DELETE FROM scan_target WHERE scan_id = ? AND target_id = ?", (scan_id, target))
    elif what == "moved":
        target, endpoint = db.execute("SELECT e.target_id, e.endpoint_id FROM observation AS o JOIN endpoint AS e USING (endpoint_id) "
                                      "WHERE o.observation_id = ?", key).fetchone()
        if endpoint == db.execute("SELECT min(endpoint_id) FROM endpoint WHERE target_id = ?", (target,)).fetchone()[0]:
            new = sample.insert("endpoint", target_id=target, address=more)
            db.execute("UPDATE observation SET endpoint_id = ? WHERE observation_id = ?", (new, observation_id))
    else:
        raise ValueError(what)


def add_former_leaves(sample, scan_id, host, shares):
    """Leaves that an endpoint had before its scans: each lived for 90 days, and these shares of it, in percent and oldest
    first, were left when the next one came."""
    db = sample.db
    endpoint, leaf, came_s = db.execute(
        "SELECT e.endpoint_id, o.leaf_id, s.started_s FROM observation AS o JOIN endpoint AS e USING (endpoint_id) JOIN target AS t "
        "USING (target_id) JOIN scan AS s USING (scan_id) WHERE o.scan_id = ? AND t.host = ?", (scan_id, host)).fetchone()
    columns = [row[1] for row in db.execute("PRAGMA table_info(certificate)")]
    row = dict(zip(columns, db.execute("SELECT * FROM certificate WHERE certificate_id = ?", (leaf,)).fetchone()))
    row.pop("certificate_id")
    for share in reversed(shares):
        row.update(not_after_s=came_s + 90 * DAY * share // 100 - 1, not_before_s=came_s + 90 * DAY * share // 100 - 90 * DAY,
                   sha256=bytes([share]) * 32, spki_sha256=bytes([share + 100]) * 32)
        first_s = row["not_before_s"] + DAY
        sample.insert("endpoint_leaf", endpoint_id=endpoint, leaf_id=sample.insert("certificate", **row), first_seen_s=first_s,
                      last_seen_s=came_s - DAY)
        came_s = first_s


def fill_nights(sample, many):
    """Scans 3, 4 and 5, still running: whoever closes them compares them. `many`: in the last one all that has port 443
    is otherwise, for a mail that does not fit."""
    for scan_id, changes in ((3, []), (4, SECOND_NIGHT), (5, THIRD_NIGHT)):
        for statement in COPY.strip().split(";\n"):
            sample.db.execute(statement, {name: value for name, value in (("new", scan_id), ("old", scan_id - 1)) if ":" + name in statement})
        sample.counts["observation"] += 1000
        for host, what, more in changes:
            change(sample, scan_id, host, what, more)
        if many and scan_id == 5:
            for host, in sample.db.execute("SELECT DISTINCT t.host FROM observation AS o JOIN endpoint AS e USING (endpoint_id) "
                                           "JOIN target AS t USING (target_id) WHERE o.scan_id = 5 AND t.port = 443 "
                                           "AND o.leaf_id NOT NULL ORDER BY 1").fetchall():
                change(sample, scan_id, host, "found", "cert-expired" if len(host) % 2 else "cert-self-signed")
    add_former_leaves(sample, 3, "status.example.edu", (22, 35, 30))
    sample.db.execute("UPDATE rule SET last_scan_id = 1000")
