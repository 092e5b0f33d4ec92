"""What a survey stored about an endpoint, for tests."""
import sqlite3

# Connections that a profile may cost an endpoint, its own handshake included (include/tlscensus/survey.h).
STANDARD_MAX, DEEP_MAX = 75, 150


class Survey:
    """The features of one endpoint in a database of one scan; `port` where the host has several."""

    def __init__(self, database, host, port=None):
        with sqlite3.connect("file:%s?mode=ro" % database, uri=True) as connection:
            row = connection.execute(
                "SELECT o.feature_set_id, o.connections, o.observation_id, outcome.name, o.outcome_detail, "
                "lower(hex(c.sha256)) FROM observation AS o JOIN outcome USING (outcome_id) "
                "JOIN endpoint USING (endpoint_id) JOIN target AS t USING (target_id) "
                "LEFT JOIN certificate AS c ON c.certificate_id = o.leaf_id "
                "WHERE t.host = ?1 AND (?2 IS NULL OR t.port = ?2)", (host, port)).fetchone()
            self.connections, self.outcome, self.detail, self.leaf = row[1], *row[3:]
            self.rows = {}
            for kind, version, code, *rest in connection.execute(
                    "SELECT kind, version, code, supported, rank, value, text FROM feature WHERE feature_set_id = ?",
                    (row[0],)):
                self.rows[kind, version, code] = rest
            self.names = {(kind, code): name for kind, code, name in connection.execute(
                "SELECT kind, code, name FROM registry_name")}
            self.codes = {(kind, name): code for (kind, code), name in self.names.items()}
            self.roles = {role: bytes(leaf) for role, leaf in connection.execute(
                "SELECT role, sha256 FROM other_chain JOIN certificate ON certificate_id = leaf_id "
                "WHERE observation_id = ?", (row[2],))}

    def supported(self, kind, version=0):
        """Codes with a yes."""
        return {code for (k, v, code), row in self.rows.items()
                if k == kind and v == version and row[0] == 1}

    def ranked(self, kind, version):
        """Codes in the order of their rank."""
        ranks = {row[1]: code for (k, v, code), row in self.rows.items()
                 if k == kind and v == version and row[1]}
        return [ranks[rank] for rank in sorted(ranks)]

    def trait(self, name, version=0):
        """1, 0, or None where it was not asked or not measured."""
        row = self.rows.get(("trait", version, self.codes["trait", name]))
        return row[0] if row else None

    def value(self, name):
        return self.rows["trait", 0, self.codes["trait", name]][2]

    def text(self, name):
        row = self.rows.get(("trait", 0, self.codes["trait", name]))
        return row[3] if row else None


def check_burden(test, survey, profile):
    """What the server was asked to bear: printed, and held against the profile's ceiling."""
    print("%s, %s: %d connections" % (test.id().split(".")[-1], profile, survey.connections), flush=True)
    test.assertLessEqual(survey.connections, STANDARD_MAX if profile == "standard" else DEEP_MAX)
    return survey
