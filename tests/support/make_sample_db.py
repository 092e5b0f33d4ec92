#!/usr/bin/env python3
"""Fills a database of our schema with an invented institution, for reports and their tests.

    make_sample_db.py OUT.db                 about 60 endpoints: the fixture of the golden files
    make_sample_db.py OUT.db --endpoints N   N endpoints of the same mix, for size tests
    make_sample_db.py OUT.db --no-hostile    without the names that try to break out of a report
    make_sample_db.py OUT.db --empty         a scan of an empty list
    make_sample_db.py OUT.db --survey        as profile standard would have met it
    make_sample_db.py OUT.db --nights        and three more nights, not yet closed (sample_nights.py); --nights-many: a bad one

The same arguments give the same rows. Certificates are invented: their DER is no DER.
"""
import argparse
import hashlib
import os
import sqlite3

import sample_features
import sample_nights
import sample_rules
import sample_survey

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DAY = 86400
AS_OF = 1795399204  # 2026-11-23 02:00:04 UTC
OUTCOMES = ["ok", "dns-not-found", "dns-no-address", "dns-failure", "dns-timeout", "excluded", "refused",
            "unreachable", "connect-timeout", "starttls-refused", "starttls-failed", "not-tls", "alert",
            "handshake-timeout", "closed", "reset", "protocol-error", "limit-exceeded",
            "client-certificate-required", "local-error", "interrupted"]
REGISTRY = [
    ("version", 0x0301, "TLSv1.0", None), ("version", 0x0302, "TLSv1.1", None),
    ("version", 0x0303, "TLSv1.2", None), ("version", 0x0304, "TLSv1.3", None),
    ("cipher", 0x1301, "TLS_AES_128_GCM_SHA256", 1), ("cipher", 0x1302, "TLS_AES_256_GCM_SHA384", 1),
    ("cipher", 0x1303, "TLS_CHACHA20_POLY1305_SHA256", 1),
    ("cipher", 0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 1),
    ("cipher", 0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 1),
    ("cipher", 0xC013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 1),
    ("cipher", 0x002F, "TLS_RSA_WITH_AES_128_CBC_SHA", 0),
    ("group", 23, "secp256r1", None), ("group", 24, "secp384r1", None), ("group", 29, "x25519", None),
    ("signature", 0x0403, "ecdsa_secp256r1_sha256", None), ("signature", 0x0804, "rsa_pss_rsae_sha256", None),
    ("signature", 0x0401, "rsa_pkcs1_sha256", None),
    ("message", 1, "client_hello", None), ("message", 2, "server_hello", None),
    ("message", 4, "new_session_ticket", None), ("message", 8, "encrypted_extensions", None),
    ("message", 11, "certificate", None), ("message", 12, "server_key_exchange", None),
    ("message", 14, "server_hello_done", None), ("message", 15, "certificate_verify", None),
    ("message", 16, "client_key_exchange", None), ("message", 20, "finished", None),
    ("message", 254, "change_cipher_spec", None), ("message", 253, "alert", None),
]
RULES = sample_rules.RULES
RULE_IDS = {rule[0]: number + 1 for number, rule in enumerate(RULES)}
CA_TABLE = {  # short name: common name, organization, key, bits, signature, days left, days of life, issuer
    "x2": ("AutoCert Root X2", "AutoCert Authority", "ECDSA P-384", 384, "ecdsa-with-SHA384", 5120, 7305, "x2"),
    "x1": ("AutoCert Root X1", "AutoCert Authority", "RSA", 4096, "sha256WithRSAEncryption", 3110, 7305, "x1"),
    "g2": ("Meridian Global Root G2", "Meridian Trust", "RSA", 2048, "sha256WithRSAEncryption", 4070, 9131, "g2"),
    "r6": ("GlobalBridge Root R6", "GlobalBridge", "RSA", 4096, "sha384WithRSAEncryption", 2870, 7305, "r6"),
    "campus": ("Campus Root CA", "Example University", "RSA", 4096, "sha256WithRSAEncryption", 3390, 7305, "campus"),
    "e7": ("AutoCert E7", "AutoCert Authority", "ECDSA P-384", 384, "ecdsa-with-SHA384", 842, 1826, "x2"),
    "r12": ("AutoCert R12", "AutoCert Authority", "RSA", 2048, "sha256WithRSAEncryption", 842, 1826, "x1"),
    "mer": ("Meridian TLS RSA CA 2024", "Meridian Trust", "RSA", 2048, "sha256WithRSAEncryption", 1480, 2557, "g2"),
    "mex": ("Meridian Trust OV CA 2016", "Meridian Trust", "RSA", 2048, "sha256WithRSAEncryption", 11, 3652, "g2"),
    "gb": ("GlobalBridge OV TLS CA 4", "GlobalBridge", "RSA", 4096, "sha384WithRSAEncryption", 1902, 3652, "r6"),
    "priv": ("Campus Issuing CA 3", "Example University", "RSA", 4096, "sha256WithRSAEncryption", 1205, 3652, "campus"),
    "old": ("Campus Issuing CA 1", "Example University", "RSA", 2048, "sha1WithRSAEncryption", 205, 3652, "campus"),
}
# host:port, department, owner, CA, key, days left, days of life, kind, version (10 for 1.0), µs: dns connect hello rest,
# survey (sample_features.py), if there was one
SAMPLE = """
www.example.edu:443|Central IT|Web team|e7|P-256|89|90|ok|13|3100 8400 10400 7500|modern
login.example.edu:443|Central IT|Identity|gb|4096|142|199|ok|13|2800 8900 14300 10300|yesterday
mail.example.edu:443|Central IT|Mail|gb|2048|142|199|ok|13|3300 9100 12900 9400
vpn.example.edu:443|Central IT|Network|gb|2048|12|199|ok|13|2900 11700 22200 16000|broken-off
imap.example.edu:993|Central IT|Mail|gb|2048|142|199|ok|13|3000 9000 13400 9700
smtp.example.edu:465|Central IT|Mail|gb|2048|142|199|ok|12|3200 9300 18000 13000
status.example.edu:443|Central IT|Web team|e7|P-256|77|90|ok|13|12400 21000 14800 10700
wiki.example.edu:443|Central IT|Web team|r12|2048|54|90|ok|13|3400 8800 12600 9100
cdn.example.edu:443|Central IT|Web team|e7|P-256|61|90|multi3|13|1800 2400 6100 4300
lb.example.edu:443|Central IT|Network|r12|2048|48|90|stale|13|2500 7900 11000 8000
registrar.example.edu:443|Registrar|Registrar|mer|2048|-1|398|ok|13|4000 9900 20500 14900
classes.example.edu:443|Registrar|Registrar|mer|2048|96|199|ok|13|3700 9600 17900 12900
transcripts.example.edu:443|Registrar|Registrar|mer|2048|96|199|nofs|12|4200 10300 26000 18900
library.example.edu:443|Library|Library systems|r12|2048|47|90|ok|13|3500 8200 11800 8600
proxy.library.example.edu:443|Library|Library systems|r12|2048|2|90|missing|13|5800 12600 34000 24700
catalog.library.example.edu:443|Library|Library systems|r12|2048|47|90|ok|13|3600 8500 12100 8800
archive.library.example.edu:8443|Library|Archive|self|2048|2211|3650|self|12|3900 9200 24000 17300
repo.library.example.edu:443|Library|Archive|mer|2048|60|199|order|13|4400 9100 18000 12000
hpc.example.edu:443|Research Computing|HPC|e7|P-256|66|90|ok|13|3000 7100 9200 6600
jupyter.hpc.example.edu:443|Research Computing|HPC|e7|P-256|66|90|ok|13|3100 7400 8600 6300
data.hpc.example.edu:443|Research Computing|HPC|e7|P-256|23|90|ok|13|3000 7300 9000 6600|modern
git.example.edu:443|Research Computing|HPC|e7|P-384|81|90|ok|13|3300 7000 9500 6900|modern
grid.hpc.example.edu:8443|Research Computing|HPC|priv|2048|130|730|clientcert|12|3300 7600 15000 9000
med.example.edu:443|School of Medicine|Medical IT|gb|2048|171|199|root|13|6100 14000 19400 14100
portal.med.example.edu:443|School of Medicine|Medical IT|gb|2048|171|199|ok|13|6400 14800 20300 14700
pacs.med.example.edu:11112|School of Medicine|Radiology|priv|2048|309|730|private|12|6000 15100 36200 26200
legacy-lab.med.example.edu:443|School of Medicine|Radiology|old|1024|88|3650|missing|10|6600 16200 56700 41100|old
trials.med.example.edu:443|School of Medicine|Medical IT|mer|2048|5|199|staple|13|6300 14100 21000 15000
physics.example.edu:443|Physics|Physics IT|r12|2048|39|90|ok|13|4100 10000 14000 10200
lab3.physics.example.edu:443|Physics|Physics IT|r12|2048|39|90|name|13|4400 10800 15100 10900|yesterday
telescope.example.test:443|Physics|Observatory|r12|2048|-19|90|ok|12|38000 84500 99300 71900
law.example.edu:443|Law School|Law IT|mer|2048|33|199|ok|13|4600 9700 18300 13300
clinic.law.example.edu:443|Law School|Law IT|mer|2048|33|199|missing|13|4700 9900 19100 13900
apply.example.edu:443|Admissions|Admissions|mex|2048|118|199|interm|13|4000 9400 17500 12700
visit.example.edu:443|Admissions|Admissions|e7|P-256|58|90|ok|13|9200 18300 13300 9600
housing.example.edu:443|Housing|Residence|mer|2048|19|199|shared|13|4100 9500 17900 13000
dining.example.edu:443|Housing|Residence|mer|2048|19|199|shared|13|4300 9800 18200 13200
athletics.example.edu:443|Athletics|Athletics|mer|2048|19|199|shared|13|4200 9600 18000 13100
tickets.example.edu:443|Athletics|Athletics|e7|P-256|89|90|ok|13|11700 19900 13900 10100
alumni.example.edu:443|Alumni Office|Alumni|gb|2048|203|398|ok|13|8800 20700 24100 17400
give.example.edu:443|Alumni Office|Alumni|gb|2048|155|199|ok|13|8900 20400 23100 16700
press.example.test:443|University Press|Press|r12|2048|3|90|ok|13|14200 31100 28300 20500
bms.facilities.example.edu:443|Facilities|Building control|priv|2048|410|1825|private|13|4900 11500 30300 21900
doors.facilities.example.edu:443|Facilities|Building control|self|2048|-402|730|self|12|4800 11200 29900 21000
museum.example.edu:443|Arts Museum|Museum|e7|P-256|44|90|ok|13|10300 19100 13700 10000
tour.museum.example.edu:443|Arts Museum|Museum|e7|P-256|4|6|ok|13|10100 18900 13900 10100
bürger.example.edu:443|Arts Museum|Museum|r12|2048|70|90|ok|13|5100 9000 12100 9000
[2001:db8:80::17]:8443|Network|Network|self|2048|1400|3650|self|13|0 4100 8000 5000
ns-console.example.edu:443|Network|Network|gb|2048|101|199|waived|13|3100 8100 12000 9000
sso.example.edu:443|Central IT|Identity|gb|2048|77|199|two|13|3000 8200 12500 9200
unlabelled.example.edu:443|||r12|2048|63|90|ok|13|3200 8300 12100 8700
old-blog.example.edu:443|University Press|Press||||| dns-not-found dns The name does not exist|
cluster2.hpc.example.edu:443|Research Computing|HPC||||| connect-timeout tcp No answer within 5 s, tried twice|
print.law.example.edu:443|Law School|Law IT||||| alert tls The server sent the alert protocol_version (70)|
kiosk.library.example.edu:443|Library|Library systems||||| refused tcp The connection was refused|
plain.housing.example.edu:443|Housing|Residence||||| not-tls tls The answer begins with "HTTP/1.1 400", which is not TLS|
reset.example.edu:443|Central IT|Network||||| reset tls The connection was reset after the ClientHello|
mx1.example.edu:25|Central IT|Mail|gb|2048|142|199|leftover|13|3000 9000 13400 9700|yesterday
mx2.example.edu:25|Central IT|Mail||||| starttls-refused starttls no STARTTLS in the answer to EHLO: 250-mx2 250 HELP|
"""
HOSTILE = """
xss.example.edu:443|<script>alert(1)</script>|"><img src=x onerror=alert(1)>|evil|2048|80|90|ok|13|3100 8400 10400 7500
formula.example.edu:443|=1+cmd('calc')!A0|@SUM(1+2)|evil2|2048|70|90|name|13|3100 8400 10400 7500
long.example.edu:443|Central IT|Web team|evil3|2048|44|90|many|13|3100 8400 10400 7500
"""
HOSTILE_CA = {
    "evil": ("</script><script>alert(2)</script>", "Evil \u202eGro\u2066 & \"Sons\"", "RSA", 2048,
             "sha256WithRSAEncryption", 900, 1826, "x1"),
    "evil2": ("=HYPERLINK(\"http://example.test\")", "+1+2 \u0001\u0007 \u2028 line", "RSA", 2048,
              "sha256WithRSAEncryption", 900, 1826, "x1"),
    "evil3": ("-1'--;\t]]>\n{{title}} {host}", "\uff1dfull width", "RSA", 2048, "sha256WithRSAEncryption", 900, 1826, "x1"),
}


def number(*parts):
    """A stable number from anything."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def sha(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def expiry_finding(left_s, life_s):
    """The worst of renewal-due, expiring, expiring-now that holds."""
    if left_s < 0:
        return ("cert-expired", 4)
    if life_s > 10 * DAY:
        limits = ((min(life_s / 12, 3 * DAY), "cert-expiring", 3), (min(life_s / 6, 14 * DAY), "cert-expiring", 2),
                  (min(life_s / 3, 30 * DAY), "cert-renewal-due", 0))
    else:
        limits = ((life_s / 8, "cert-expiring", 3), (life_s / 4, "cert-expiring", 2), (life_s / 2, "cert-renewal-due", 0))
    for limit, name, severity in limits:
        if left_s < limit:
            return (name, severity)
    return None


class Sample:
    def __init__(self, path, hostile):
        if os.path.exists(path):
            os.unlink(path)
        self.db = sqlite3.connect(path)
        self.db.execute("PRAGMA journal_mode = OFF")
        self.db.execute("PRAGMA synchronous = OFF")
        folder = os.path.join(ROOT, "schema", "migrations")
        for name in sorted(os.listdir(folder)):
            self.script(os.path.join(folder, name))
        views = os.path.join(ROOT, "schema", "views.sql")
        if os.path.exists(views):
            self.script(views)
        self.db.execute("PRAGMA application_id = %d" % 0x544C5343)
        self.db.execute("PRAGMA user_version = %d" % int(max(os.listdir(folder))[:3]))
        self.insert_many("outcome", [(i, name) for i, name in enumerate(OUTCOMES)])
        self.insert_many("registry_name", REGISTRY)
        sample_survey.registry(self.db, {(kind, code) for kind, code, _, _ in REGISTRY} | sample_features.codes())
        self.insert_many("rule", [(i + 1,) + rule + (None, None, 0) for i, rule in enumerate(RULES)])
        self.cas = dict(CA_TABLE)
        if hostile:
            self.cas.update(HOSTILE_CA)
        self.label_sets = {}
        self.finding_sets = {}
        self.feature_sets = {}
        self.ca_ids = {}
        self.chains = {}
        self.counts = {"target": 0, "endpoint": 0, "certificate": 0, "observation": 0}
        for name in self.cas:
            self.add_ca(name)

    def script(self, path):
        with open(path, encoding="utf-8") as file:
            self.db.executescript(file.read())

    def insert_many(self, table, rows):
        if not rows:
            return
        self.db.executemany("INSERT INTO %s VALUES (%s)" % (table, ",".join("?" * len(rows[0]))), rows)

    def insert(self, table, **row):
        """Inserts a row; where the table counts its own ids, gives the id."""
        if table in self.counts:
            self.counts[table] += 1
            row[table + "_id"] = self.counts[table]
        self.db.execute("INSERT INTO %s (%s) VALUES (%s)" % (table, ",".join(row), ",".join("?" * len(row))),
                        tuple(row.values()))
        return row.get(table + "_id")

    def add_scan(self, scan_id, started_s, seconds, state="done", notices=""):
        self.insert("scan", scan_id=scan_id, scan_uuid="00000000-0000-4000-8000-%012d" % scan_id, profile="quick" if scan_id == 1 else "standard",
                    state=state, started_s=started_s, finished_s=started_s + seconds, as_of_s=started_s,
                    tool_version="0.1.0", vantage="192.0.2.250 on eth0; 2001:db8::250 on eth0", notices=notices,
                    options_json='{"concurrency":1000,"per-address":2,"address-rate":10,"connect-timeout":"5s",'
                    '"handshake-timeout":"10s","endpoint-timeout":"60s","retries":1,"connections-per-endpoint":2,'
                    '"input":"hosts.csv"}',
                    input_sha256=sha("hosts.csv"), trust_store="/etc/ssl/certs/ca-certificates.crt, 142 roots",
                    trust_store_sha256=sha("trust store"))

    def add_ca(self, name):
        cn, organization, key, bits, signature, left, life, issuer = self.cas[name]
        parent = self.cas[issuer]
        self.ca_ids[name] = self.insert(
            "certificate", sha256=sha("ca " + name), spki_sha256=sha("ca key " + name),
            serial_hex=":".join("%02X" % b for b in sha("serial " + name)[:8]), subject_cn=cn,
            subject="CN=%s,O=%s,C=XX" % (cn, organization), issuer_cn=parent[0], issuer_organization=parent[1],
            issuer="CN=%s,O=%s,C=XX" % (parent[0], parent[1]), not_before_s=AS_OF - (life - left) * DAY,
            not_after_s=AS_OF + left * DAY + 3600, key_type=key, key_bits=bits, signature=signature, version=3, is_ca=1,
            is_self_issued=int(issuer == name), is_self_signed=int(issuer == name), key_usage=0x60, names_count=0,
            der=sha("ca der " + name) * 40)

    def chain(self, names):
        """The id of a chain of CA certificates, or None for none."""
        if not names:
            return None
        if names not in self.chains:
            chain_id = len(self.chains) + 1
            self.chains[names] = chain_id
            self.db.execute("INSERT INTO chain VALUES (?, ?)", (chain_id, sha("chain " + " ".join(names))))
            self.insert_many("chain_certificate",
                             [(chain_id, i + 1, self.ca_ids[name]) for i, name in enumerate(names)])
        return self.chains[names]

    def detail(self, text):
        if text is None:
            return None
        self.db.execute("INSERT INTO finding_detail (text) VALUES (?) ON CONFLICT DO NOTHING", (text,))
        return self.db.execute("SELECT detail_id FROM finding_detail WHERE text = ?", (text,)).fetchone()[0]

    def findings(self, observation_id, found):
        """Stores what was found: rule, severity, detail, end of its waiver."""
        rows = tuple(sorted((RULE_IDS[name], severity, detail) for name, severity, detail, _ in found))
        if not rows:
            return
        if rows not in self.finding_sets:
            number_of_set = len(self.finding_sets) + 1
            self.finding_sets[rows] = number_of_set
            self.db.execute("INSERT INTO finding_set VALUES (?, ?, 2)", (number_of_set, sha(repr(rows))))
            self.insert_many("finding_set_row", [(number_of_set, r, s, self.detail(d)) for r, s, d in rows])
        self.db.execute("UPDATE observation SET finding_set_id = ? WHERE observation_id = ?",
                        (self.finding_sets[rows], observation_id))
        self.insert_many("finding_waiver", [(observation_id, RULE_IDS[name], until, "known, replaced in January")
                                            for name, _, _, until in found if until])

    def features(self, name):
        """The id of the feature set of one kind of server."""
        if name not in self.feature_sets:
            number_of_set = len(self.feature_sets) + 1
            self.feature_sets[name] = number_of_set
            self.db.execute("INSERT INTO feature_set VALUES (?, ?)", (number_of_set, sha("features " + name)))
            self.insert_many("feature", [(number_of_set,) + row for row in sample_features.SURVEYS[name][0]])
        return self.feature_sets[name]

    def labels(self, pairs):
        pairs = tuple((name, value) for name, value in pairs if value)
        if not pairs:
            return None
        if pairs not in self.label_sets:
            number_of_set = len(self.label_sets) + 1
            self.label_sets[pairs] = number_of_set
            self.db.execute("INSERT INTO label_set VALUES (?, ?)", (number_of_set, sha(repr(pairs))))
            order = ["Department", "Owner", "Security contact"]
            self.insert_many("label", [(number_of_set, order.index(n) + 2, n, v) for n, v in pairs])
        return self.label_sets[pairs]

    def add_target(self, host, port, label_set, line, addresses, text=None):
        protocol = {993: "imaps", 465: "smtps", 25: "smtp"}.get(port, "https" if port in (443, 8443) else "tls")
        ascii_host = host if ":" in host else host.encode("idna").decode()
        target_id = self.insert("target", protocol=protocol, host=ascii_host,
                                host_unicode=host if ascii_host != host else None, port=port,
                                registrable_domain=None if ":" in host else ".".join(host.split(".")[-2:]))
        for scan_id in (1, 2):
            self.insert("scan_target", scan_id=scan_id, target_id=target_id, label_set_id=label_set, input_line=line,
                        input_text=text or (host if port == 443 else "%s:%d" % (host, port)), endpoints_count=len(addresses))
        return [self.insert("endpoint", target_id=target_id, address=address) for address in addresses]

    def add_leaf(self, key_seed, host, names, ca, key, left, life, **more):
        curve = key.startswith("P-")
        issuer = self.cas.get(ca)
        cn = names[0] if names else host
        row = dict(
            sha256=sha("leaf " + key_seed), spki_sha256=sha("key " + more.pop("spki", key_seed)),
            serial_hex=":".join("%02X" % b for b in sha("serial " + key_seed)[:16]), subject_cn=cn, subject="CN=" + cn,
            issuer_cn=issuer[0] if issuer else cn, issuer_organization=issuer[1] if issuer else None,
            issuer="CN=%s,O=%s,C=XX" % (issuer[0], issuer[1]) if issuer else "CN=" + cn,
            not_before_s=AS_OF - (life - left) * DAY + 1800, not_after_s=AS_OF + left * DAY + 1799,
            key_type="ECDSA " + key if curve else "RSA", key_bits=int(key[2:]) if curve else int(key),
            signature=("sha1WithRSAEncryption" if ca == "old" else "ecdsa-with-SHA384" if ca == "e7"
                       else "sha256WithRSAEncryption"),
            version=3, is_ca=0, is_self_issued=int(issuer is None), is_self_signed=int(issuer is None), key_usage=1,
            ext_key_usage=1, policy="DV" if issuer else None, sct_count=2 if issuer else 0, must_staple=0,
            is_precert=0, names_count=len(names), der=sha("der " + key_seed) * 40)
        row.update(more)
        certificate_id = self.insert("certificate", **row)
        self.insert_many("certificate_name", [(certificate_id, "dns", name) for name in dict.fromkeys(names)])
        return certificate_id

    def facts_of_kind(self, kind, ca):
        """Chain facts of one kind of trouble."""
        root = self.cas[ca][7] if ca in self.cas else None
        facts = dict(presented_depth=2, verified_depth=3, presented_chain_len=2, presented=(ca,), verified=(ca, root),
                     chain_status="complete", trusted=1, built_from=1, root_sent=0, extraneous_count=0, name_match=1)
        private = ca in ("priv", "old")
        if kind == "self":
            facts.update(presented_depth=1, verified_depth=None, presented_chain_len=1, presented=(), verified=(),
                         chain_status="no-path", trusted=0, trust_detail="self-signed", built_from=None,
                         trust_text="The leaf is signed by its own key, and the trust store does not hold it")
        elif kind == "missing" and private:
            facts.update(presented_depth=1, verified_depth=None, presented_chain_len=1, presented=(), verified=(),
                         chain_status="no-path", trusted=0, trust_detail="unknown-issuer", built_from=None,
                         trust_text="The issuer %s was not sent and is not known" % self.cas[ca][0])
        elif kind == "missing":
            facts.update(presented_depth=1, presented_chain_len=1, presented=(), chain_status="incomplete", trusted=0,
                         trust_detail="incomplete-chain", built_from=5,
                         trust_text="%s was not sent; other hosts of this scan sent it" % self.cas[ca][0])
        elif private:
            facts.update(presented_depth=3, verified_depth=None, presented_chain_len=3, presented=(ca, root), verified=(),
                         chain_status="no-path", trusted=0, trust_detail="untrusted-root", root_sent=1, built_from=None,
                         trust_text="The path ends in %s, which the trust store does not hold" % self.cas[root][0])
        elif kind == "root":
            facts.update(presented_depth=3, presented_chain_len=3, presented=(ca, root), root_sent=1)
        elif kind == "order":
            facts.update(presented_depth=4, presented_chain_len=1, presented=("e7", ca, "r12"), extraneous_count=2,
                         chain_status="out-of-order")
        elif kind == "name":
            facts.update(name_match=0)
        return facts

    def findings_of(self, host, kind, ca, key, left_s, life_s, version, facts):
        found = []
        expiry = expiry_finding(left_s, life_s)
        days = left_s // DAY
        if expiry:
            words = "%d d ago" % -days if days < 0 else "in %d d" % days
            found.append(expiry + (words,))
        if facts["name_match"] == 0:
            found.append(("cert-name-mismatch", 4, "the certificate covers other.%s" % host))
        detail = facts.get("trust_detail")
        if detail == "self-signed":
            found.append(("cert-self-signed", 3, None))
        if detail in ("untrusted-root", "unknown-issuer"):
            found.append(("cert-untrusted-root", 3, self.cas[self.cas[ca][7]][0]))
        if detail == "incomplete-chain":
            found.append(("chain-incomplete", 2, self.cas[ca][0] + " is missing"))
        if kind == "root":
            found.append(("chain-root-sent", 0, None))
        if kind == "order":
            found += [("chain-order", 1, "sent 1 3 2"), ("chain-extraneous", 0, "2 not needed")]
        if ca == "mex":
            found.append(("chain-intermediate-expiring", 2, "Meridian Trust OV CA 2016 in 11 d"))
        if key == "1024":
            found.append(("key-rsa-small", 3, "RSA 1024"))
        if ca == "old":
            found.append(("sig-sha1-md5", 4, "leaf: sha1WithRSAEncryption"))
        if kind == "shared":
            found.append(("key-shared", 1, "3 hosts: athletics.example.edu dining.example.edu housing.example.edu"))
        if kind == "staple":
            found.append(("must-staple-unmet", 3, None))
        if kind == "leftover":
            found.append(("starttls-plaintext-leftover", 3, "23 bytes in the clear behind the go to TLS"))
        if version == 0x0303:
            found.append(("tls13-missing", 1, "TLSv1.2 agreed"))
        if version < 0x0303:
            found.append(("tls12-missing-no-tls13", 3, "TLSv1.0 agreed"))
        return found

    def grade(self, found, facts, survey):
        caps = {4: "F", 3: "C", 2: "B", 1: "A-", 0: "A"}
        worst = max([s for name, s, _, waived in found if not waived and not RULES[RULE_IDS[name] - 1][7]], default=0)
        config = "A+" if survey == "modern" and worst == 0 else caps[worst]
        expired = any(name == "cert-expired" for name, _, _, _ in found)
        if (facts["trusted"] == 0 and facts.get("trust_detail") != "incomplete-chain") or expired:
            return "T", config
        return ("M" if facts["name_match"] == 0 else config), config

    def add_observation(self, scan_id, endpoint_id, started_s, **row):
        base = dict(scan_id=scan_id, endpoint_id=endpoint_id, observed_s=started_s + 1 + endpoint_id % 30, outcome_id=0,
                    connections=1, read_bytes=0)
        base.update(row)
        return self.insert("observation", **base)

    def add_answer(self, endpoint_id, host, spec, leaf_id, leaf_left, scale=1.0, extra=()):
        """An endpoint that showed a certificate, with its findings and messages."""
        _, _, _, ca, key, left, life, kind, version, times, *more = spec
        survey = more[0] if more else None
        version = {"10": 0x0301, "12": 0x0303, "13": 0x0304}[version]
        dns, connect, hello, rest = [int(int(t) * scale) for t in times.split()]
        facts = self.facts_of_kind(kind, ca)
        chain_left = min([leaf_left] + [self.cas[name][5] for name in facts["verified"][:-1]])
        left_s = leaf_left * DAY + 1799
        found = self.findings_of(host, kind, ca, key, left_s, int(life) * DAY, version, facts) + list(extra)
        if left_s < 0 and facts["trusted"]:
            facts.update(trusted=0, trust_detail="expired", trusted_but_for_date=1,
                         trust_text="The certificate of %s has expired" % host)
        waived = AS_OF + 40 * DAY if kind == "waived" else None
        if waived:
            found.append(("cert-expiring", 3, "in 2 d"))
        if survey:
            found += sample_features.SURVEYS[survey][1]
        found = [(n, s, d, waived if n == "cert-expiring" else None) for n, s, d in found]
        grade, config = self.grade(found, facts, survey)
        tls13 = version == 0x0304
        rsa_kx = kind == "nofs"
        sent, path = facts.pop("presented"), facts.pop("verified")
        row = dict(dns_us=dns or None, connect_us=connect, server_hello_us=hello, handshake_us=hello + rest,
                   total_us=dns + connect + hello + rest, own_us=560, loop_lag_us=12, rtt_us=connect - 100,
                   tls_version=version,
                   cipher=(0x1302 if tls13 else 0x002F if rsa_kx or version < 0x0303 else
                           0xC02B if key.startswith("P") else 0xC02F),
                   kx_group=None if rsa_kx or version < 0x0303 else 29 if tls13 else 23,
                   signature_scheme=None if rsa_kx else 0x0403 if key.startswith("P") else 0x0804,
                   alpn="h2" if tls13 else "http/1.1", ocsp_stapled=0, client_certificate_requested=int(kind == "clientcert"),
                   hello_retry=0, sct_count_tls=0, leaf_id=leaf_id, presented_chain_id=self.chain(sent),
                   verified_chain_id=self.chain(path) if path else None, duplicates_count=0,
                   chain_not_after_s=AS_OF + chain_left * DAY + 1799, chain_not_after_id=leaf_id, grade=grade,
                   config_grade=config, grade_partial=sample_features.SURVEYS[survey][2] if survey else 1,
                   feature_set_id=self.features(survey) if survey else None, read_bytes=3200 + number(host) % 2400)
        if kind == "leftover":
            row.update(starttls_us=41000, starttls_leftover_bytes=23, total_us=row["total_us"] + 41000)
        if kind == "clientcert":
            row.update(outcome_id=18, outcome_stage="tls", outcome_detail="The server asks for a client certificate")
        row.update(facts)
        observation_id = self.add_observation(2, endpoint_id, AS_OF, **row)
        self.findings(observation_id, found)
        return observation_id, tls13, hello, rest

    def add_messages(self, observation_id, tls13, hello, rest, presented):
        size = 60 + 1180 * presented
        if tls13:
            rows = [(0, 1, 517, 0), (1, 2, 122, hello), (1, 254, 1, hello + 20), (1, 8, 32, hello + 40),
                    (1, 11, size, hello + 90), (1, 15, 264, hello + 140), (1, 20, 52, hello + 160),
                    (0, 254, 1, hello + rest - 90), (0, 20, 52, hello + rest)]
        else:
            rows = [(0, 1, 517, 0), (1, 2, 93, hello), (1, 11, size, hello + 200), (1, 12, 205, hello + 300),
                    (1, 14, 4, hello + 310), (0, 16, 70, hello + 1200), (0, 254, 1, hello + 1210),
                    (0, 20, 40, hello + 1230), (1, 254, 1, hello + rest - 60), (1, 20, 40, hello + rest)]
        self.insert_many("handshake_message", [(observation_id, i) + row for i, row in enumerate(rows)])


def fill_sample(sample, hostile, survey):
    text = SAMPLE.strip() + ("\n" + HOSTILE.strip("\n") if hostile else "")
    for line, row in enumerate(text.split("\n")):
        spec = row.split("|")[:10 if survey else None]
        target, department, owner, ca = spec[:4]
        host, port = target.rsplit(":", 1)
        host = host.strip("[]")
        contact = "it-%d@example.edu" % (number(department) % 90 + 10) if department else ""
        label_set = sample.labels((("Department", department), ("Owner", owner), ("Security contact", contact)))
        add_sample_target(sample, line + 2, host, int(port), label_set, spec)


def add_sample_target(sample, line, host, port, label_set, spec):
    kind = spec[7]
    address = host if ":" in host else "192.0.2.%d" % (10 + line * 3) if line < 80 else "198.51.100.%d" % line
    if not spec[4]:
        outcome, stage, detail = kind.strip().split(" ", 2)
        ids = sample.add_target(host, port, label_set, line, ["" if stage == "dns" else address])
        if line % 2 == 0:
            sample.add_observation(1, ids[0], AS_OF - DAY, tls_version=0x0304)
        number_of = sample.add_observation(2, ids[0], AS_OF, outcome_id=OUTCOMES.index(outcome), outcome_stage=stage,
                                           outcome_detail=detail, attempts=2, connections=0 if stage == "dns" else 2,
                                           dns_us=4100, connect_us=9000 if stage in ("starttls", "tls") else None)
        if outcome == "starttls-refused":
            sample.findings(number_of, [("starttls-missing", 3, "smtp at port 25: " + detail, None)])
        return
    addresses = {"multi3": [address, "192.0.2.201", "2001:db8:1::8"], "stale": [address, "192.0.2.202", "192.0.2.203"],
                 "two": [address, "198.51.100.7"]}.get(kind, [address])
    ids = sample.add_target(host, port, label_set, line, addresses)
    names = {"name": ["other." + host], "self": [host] if ":" not in host else []}.get(kind, [host, "www." + host])
    if kind == "many":
        names = [host] + ["n%03d.%s" % (i, host) for i in range(998)] + ["a" * 40000 + ".example"]
    if spec[3] == "evil":
        names = [host, "<b>\u202eevil</b>", "nul\x00byte.example", "sp ace\"'&"]
    more = {"spki": "shared housing"} if kind == "shared" else {"must_staple": 1} if kind == "staple" else {}
    left = int(spec[5])
    leaf = sample.add_leaf(host, host, names, spec[3], spec[4], left, int(spec[6]), **more)
    spec = list(spec)
    for i, endpoint_id in enumerate(ids):
        sample.add_observation(1, endpoint_id, AS_OF - DAY, tls_version=0x0304)
        extra = []
        if host.startswith("www") and spec[10:]:
            extra = [("default-cert-invalid", 0, "without a server name and for an unknown one: leaf CN=localhost: The leaf "
                      "is signed by its own key, and the trust store does not hold it")]
        leaf_id, leaf_left = leaf, left
        if kind == "stale":
            extra = [("backend-inconsistent", 1, "certificates and days left differ")]
            if i == 2:
                leaf_id = sample.add_leaf(host + " old", host, names, spec[3], spec[4], -3, 90)
                leaf_left = -3
        if kind == "two" and i == 1:
            sample.add_observation(2, endpoint_id, AS_OF, outcome_id=8, outcome_stage="tcp", attempts=2, connections=2,
                                   outcome_detail="No answer within 5 s, tried twice", dns_us=3000)
            continue
        one = spec[:]
        if kind in ("multi3", "stale", "two", "many"):
            one[7] = "ok"
        done = sample.add_answer(endpoint_id, host, one, leaf_id, leaf_left, 1 + i / 10, extra)
        if spec[10:] and kind == "ok":
            sample_features.add_other_chains(sample, done[0], host, spec[10], AS_OF)
        depth = sample.db.execute("SELECT presented_depth FROM observation WHERE observation_id = ?", done[:1]).fetchone()[0]
        sample.add_messages(*done, depth)


def fill_rejected(sample, hostile):
    rows = [(2, "hosts.csv", 71, "portal..example.edu", "empty label in a host name"),
            (2, "hosts.csv", 74, "lab.example.edu:70000", "port 70000 is above 65535"),
            (2, "hosts.csv", 78, "smtp://mx.example.edu", "STARTTLS is not examined by the quick profile")]
    if hostile:
        rows.append((2, "hosts.csv", 79, "<b>\u202e\u0000bold</b>", "character U+003C in a host name"))
    sample.insert_many("rejected_target", rows)


def fill_scaled(sample, num):
    """The same mix, num endpoints: 8 in 10 sound, three quarters with a leaf of their own."""
    departments = ["Department of %s" % name for name in (
        "Archaeology Biology Chemistry Dance Economics French Geology History Informatics Japanese Kinesiology "
        "Linguistics Mathematics Nursing Oceanography Physics Quaternary-Research Rhetoric Statistics Theology "
        "Urban-Planning Virology Water-Resources Xenobiology Youth-Studies Zoology").split()]
    kinds = ["ok"] * 40 + ["missing", "missing", "private", "self", "name", "root", "order", "down", "down", "staple"]
    cas = ["e7", "r12", "r12", "mer", "gb"]
    shared = {}
    for i in range(num):
        seed = number("scaled", i)
        department = departments[seed % len(departments)]
        host = "%s%d.%s.example.edu" % (("www", "app", "api", "lab", "git", "db")[seed // 7 % 6], i,
                                        department.split()[-1].lower()[:6])
        label_set = sample.labels((("Department", department), ("Owner", "team %d" % (seed // 11 % 40))))
        kind = kinds[seed // 13 % len(kinds)]
        address = "10.%d.%d.%d" % (i >> 16 & 255, i >> 8 & 255, i & 255)
        endpoint_id = sample.add_target(host, 443, label_set, i + 2, [address])[0]
        if kind == "down":
            sample.add_observation(2, endpoint_id, AS_OF, outcome_id=8, outcome_stage="tcp", attempts=2,
                                   outcome_detail="No answer within 5 s, tried twice", dns_us=seed % 9000 + 500)
            continue
        ca = {"private": "priv", "self": "self"}.get(kind, cas[seed // 17 % len(cas)])
        life = {"e7": 90, "r12": 90, "mer": 199, "gb": 398}.get(ca, 730)
        left = seed // 19 % (life + 6) - 6
        key = "P-256" if ca == "e7" else "2048"
        spec = (host, "", "", ca, key, left, life, kind, "12" if seed % 9 == 0 else "13",
                "%d %d %d %d" % (seed % 9000 + 500, seed // 3 % 40000 + 2000, seed // 5 % 50000 + 2000, seed // 7 % 9000 + 900))
        if seed % 4 == 0 and kind == "ok":
            slot = (ca, seed // 23 % max(1, num // 40))
            if slot not in shared:
                shared[slot] = (sample.add_leaf("shared %s %d" % slot, host, [host], ca, key, left, life), left)
            leaf_id, left = shared[slot]
        else:
            names = ["other." + host] if kind == "name" else [host, "www." + host]
            leaf_id = sample.add_leaf(host, host, names, ca, key, left, life)
        sample.add_answer(endpoint_id, host, spec, leaf_id, left)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--endpoints", type=int, default=0)
    parser.add_argument("--no-hostile", action="store_true")
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--survey", action="store_true")
    parser.add_argument("--nights", action="store_true")
    parser.add_argument("--nights-many", action="store_true")
    options = parser.parse_args()
    sample = Sample(options.out, not options.no_hostile)
    sample.add_scan(1, AS_OF - DAY, 31)
    sample.add_scan(2, AS_OF, 33, notices="No route for IPv6: names with IPv6 addresses alone were not tried")
    if options.endpoints:
        fill_scaled(sample, options.endpoints)
    elif not options.empty:
        fill_sample(sample, not options.no_hostile, options.survey)
        fill_rejected(sample, not options.no_hostile)
    if options.survey:
        sample_survey.fill_survey(sample.db)
    if options.nights or options.nights_many:
        sample_nights.fill_nights(sample, options.nights_many)
    sample.db.execute("ANALYZE")
    sample.db.commit()
    sample.db.close()


if __name__ == "__main__":
    main()
