"""What a survey would have found on the sample's endpoints: a few feature sets that like servers share."""
import hashlib
import os

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SSL2, SSL3, TLS10, TLS11, TLS12, TLS13 = 0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304
MODES = {"cbc": "CBC", "gcm": "GCM", "ccm": "CCM", "ccm8": "CCM_8", "poly1305": "Poly1305", "mgm": "MGM", "cnt": "CNT"}
NEW = [0x1301, 0x1302, 0x1303]
GOOD = [0xC02F, 0xC030, 0xCCA8]
CBC = [0xC013, 0xC014, 0x002F, 0x0035]
BAD = [0x000A, 0x0005, 0x0004]
# Traits of a current server (enum tc_trait), and what an old one has else.
SOUND = {1: 1, 2: 0, 3: 1, 5: 1, 7: 1, 8: 1, 9: 0, 10: 0, 11: 0, 13: 1, 22: 1, 23: 0, 24: 1, 25: 1, 26: 0, 27: 1, 28: 1, 29: 1,
         30: 1, 31: 1, 32: 0, 34: 1, 36: 0, 37: 1, 45: 1, 46: 1}
VALUES = {5: 7200}


def words(name):
    """Key exchange and authentication as the store writes them."""
    return name if name in ("any", "anon", "none") else name.upper()


def registry(db, only=None):
    """Names and properties of code points (of pairs of kind and code in `only`), from the file of the programs."""
    with open(os.path.join(ROOT, "protocol", "registry.tsv"), encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    for kind, code, name, forward, origin, *rest in lines:
        code = int(code, 0)
        if only is not None and (kind, code) not in only:
            continue
        db.execute("INSERT OR IGNORE INTO registry_name VALUES (?, ?, ?, ?)",
                   (kind, code, name, None if forward == "-" else int(forward == "yes")))
        flags = rest[-1].split(",") if rest else []
        if kind == "cipher" and rest[0] != "-":
            kx, auth, cipher, mode, bits, block, digest, least, most, quality, _ = rest
            db.execute("INSERT OR IGNORE INTO suite VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (
                code, words(kx), words(auth), cipher, MODES.get(mode, mode), int(bits), int(block), digest,
                int(forward == "yes"), int(mode not in ("none", "stream", "cbc", "cnt")), int("export" in flags),
                int(least, 0), int(most, 0), quality))
        elif kind == "group":
            db.execute("INSERT OR IGNORE INTO tls_group VALUES (?, ?, ?, ?, ?, ?)", (
                code, rest[0].replace("_", "-"), int(rest[1]), int(rest[0].startswith("pq")), int(origin != "iana"),
                int("weak" in flags)))
        elif kind == "signature":
            db.execute("INSERT OR IGNORE INTO scheme VALUES (?, ?, ?, ?)",
                       (code, words(rest[0]), rest[1], int("sha1_or_md5" in flags)))


def suites(version, codes, ranked):
    rows = [("cipher", version, code, 1, place + 1 if ranked else None, None, None) for place, code in enumerate(codes)]
    rows.append(("trait", version, 41, 1, None, None, None))
    return rows + ([("trait", version, 20, int(ranked), None, None, None)] if len(codes) > 1 else [])


def versions(accepted, unknown=()):
    return [("version", 0, code, None if code in unknown else int(code in accepted), None, None,
             "no clear answer" if code in unknown else None) for code in (SSL2, SSL3, TLS10, TLS11, TLS12, TLS13)]


def traits(changes):
    found = {**SOUND, **changes}
    return [("trait", 0, code, value, None, VALUES.get(code) if value == 1 else None, None) for code, value in sorted(found.items())]


def groups(new, old):
    return ([("group", TLS13, code, 1, place + 1, None, None) for place, code in enumerate(new)] +
            [("group", TLS12, code, 1, None, None, None) for code in old])


def common(signatures, alpn):
    return ([("signature", TLS12, code, 1, None, None, None) for code in signatures] +
            [("alpn", 0, code, 1, None, None, None) for code in alpn])


def feature_sets():
    """name: rows of table feature, without the set."""
    modern = versions((TLS12, TLS13)) + suites(TLS13, NEW, False) + suites(TLS12, GOOD, True)
    jarm = [("fingerprint", 0, 1, 1, None, None, "27d40d40d00040d00042d43d000000" + "ab" * 16)]
    sets = {
        "modern": modern + groups((0x11EC, 29, 23), (29, 23)) + common((0x0804, 0x0401), (1, 2)) + traits({}) + jarm,
        "no hybrid": modern + groups((29, 23), (29, 23)) + common((0x0804,), (1, 2)) + traits({46: 0}),
        "cbc": versions((TLS12, TLS13)) + suites(TLS13, NEW, True) + suites(TLS12, GOOD + CBC, True) + groups((29, 23), (23,)) +
               common((0x0804,), (2,)) + traits({46: 0, 2: 1}),
        "old": versions((TLS10, TLS11, TLS12)) + suites(TLS12, GOOD[:2] + CBC, False) + suites(TLS11, CBC, False) +
               suites(TLS10, CBC, False) + groups((), (23, 19)) + common((0x0401,), ()) +
               traits({46: 0, 13: 0, 1: 0, 33: 1}) + [("dh", 0, 1, 1, None, 1024, "MODP-1024 (RFC 2409)")],
        "legacy": versions((SSL3, TLS10), unknown=(SSL2,)) + suites(TLS10, CBC[2:] + BAD, False) + suites(SSL3, BAD, False) +
                  groups((), ()) + traits({46: 0, 1: 0, 3: 0, 10: 1, 11: 1, 13: 0, 37: 0}),
    }
    # Cut short: what was seen stands, and the rest is not known.
    sets["cut short"] = (versions((TLS12,), unknown=(SSL2, SSL3, TLS10, TLS11, TLS13)) +
                         [("cipher", TLS12, 0xC02F, 1, None, None, None), ("trait", TLS12, 41, None, None, None, "no answer"),
                          ("trait", 0, 26, None, None, None, None), ("trait", 0, 46, None, None, None, None),
                          ("trait", 0, 45, 0, None, None, "the server stopped answering after 4 connections")])
    return sets


def name_of(version, host):
    if version < TLS12:
        return "legacy"
    seed = int.from_bytes(hashlib.sha256(host.encode()).digest()[:2], "big")
    if version == TLS12:
        return ("old", "old", "cut short")[seed % 3]
    return ("modern", "modern", "no hybrid", "cbc")[seed % 4]


def fill_survey(db):
    """Gives every endpoint of the newest scan that answered a feature set, and one of them another certificate."""
    registry(db)
    ids = {}
    for number, (name, rows) in enumerate(sorted(feature_sets().items())):
        ids[name] = number + 1
        db.execute("INSERT INTO feature_set VALUES (?, ?)", (number + 1, hashlib.sha256(name.encode()).digest()))
        db.executemany("INSERT INTO feature VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [(number + 1,) + row for row in rows])
    met = db.execute("SELECT ob.observation_id, ob.tls_version, t.host, ob.leaf_id, ob.presented_chain_id FROM observation AS ob"
                     " JOIN endpoint AS e USING (endpoint_id) JOIN target AS t USING (target_id)"
                     " WHERE ob.scan_id = 2 AND ob.tls_version IS NOT NULL ORDER BY ob.observation_id").fetchall()
    for observation_id, version, host, _, _ in met:
        db.execute("UPDATE observation SET feature_set_id = ?, grade_partial = 0 WHERE observation_id = ?",
                   (ids[name_of(version, host)], observation_id))
    for role, trusted, detail, match, (observation_id, _, _, leaf, chain) in (
            ("no-sni", 0, "self-signed", 0, met[3]), ("unknown-sni", 1, None, 1, met[3]), ("other-key", None, None, None, met[0])):
        db.execute("INSERT INTO other_chain VALUES (?, ?, ?, ?, NULL, 2, 3, 'complete', ?, ?, NULL, ?, 1800000000)",
                   (observation_id, role, leaf, chain, trusted, detail, match))
    db.execute("UPDATE scan SET profile = 'standard' WHERE scan_id = 2")
