#!/usr/bin/env python3
"""JSON and JSON Lines against docs/tlscensus-1.schema.json, and against each other and the CSV."""
import glob
import json
import os
import re
import sys

import reports

sys.path.insert(0, os.path.join(reports.ROOT, "tests", "support"))

from json_schema import line_problems, problems, read_schema  # noqa: E402


def check_document(checks, schema, name, document):
    found = list(problems(document, schema, schema, "$"))
    checks.equal(name + ": valid", found[:5], [])
    for kind, objects in (("scan", [document["scan"]]), ("endpoint", document["endpoints"]),
                          ("certificate", document["certificates"].values()), ("finding", document["findings"]),
                          ("change", document["changes"])):
        described = list(schema["$defs"][kind]["properties"])
        for item in objects:
            checks.equal("%s: every member of %s is described, in order" % (name, kind), list(item), described)
    for member, kind in (("features", "feature"), ("other_chains", "other_chain")):
        described = list(schema["$defs"][kind]["properties"])
        for item in (part for endpoint in document["endpoints"] for part in endpoint[member] or []):
            checks.equal("%s: every member of %s is described, in order" % (name, kind), list(item), described)
    try:
        import jsonschema
    except ImportError:
        return
    others = [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(document)]
    checks.equal(name + ": python3-jsonschema agrees", others[:5], [])


def check_diff(checks, schema, name, document):
    """What `diff` writes: a scan and its changes alone."""
    diff = dict(schema["$defs"]["diff"], **{"$defs": schema["$defs"]})
    checks.equal(name + ": valid", list(problems(document, diff, schema, "$"))[:5], [])
    checks.true(name + ": has changes", document["changes"])
    for change in document["changes"]:
        checks.equal(name + ": every member is described, in order", list(change), list(schema["$defs"]["change"]["properties"]))


def check_lines(checks, schema, database, document):
    """The same objects, certificates before the endpoints that name them, the type first."""
    seen = {"scan": [], "certificate": [], "endpoint": [], "finding": [], "change": []}
    known = set()
    for line in reports.render(database, "jsonl").decode("utf-8").splitlines():
        item = json.loads(line)
        checks.equal("jsonl: the type comes first", next(iter(item)), "type")
        checks.equal("jsonl: valid", line_problems(item, schema)[:3], [])
        kind = item.pop("type")
        seen[kind].append(item)
        if kind == "certificate":
            known.add(item["sha256"])
        if kind == "endpoint":
            chains = [item] + (item["other_chains"] or [])
            named = [sha for chain in chains for sha in (chain["presented_chain"] or []) + (chain["verified_chain"] or [])]
            checks.true("jsonl: certificates come before who names them", set(named) <= known)
    scan = dict(seen["scan"][0])
    checks.equal("jsonl: says its schema", scan.pop("schema"), "tlscensus/1")
    checks.equal("jsonl: scan", scan, document["scan"])
    checks.equal("jsonl: endpoints", seen["endpoint"], document["endpoints"])
    checks.equal("jsonl: certificates", {c["sha256"]: c for c in seen["certificate"]}, document["certificates"])
    checks.equal("jsonl: findings", seen["finding"], document["findings"])
    checks.equal("jsonl: changes", seen["change"], document["changes"])


def check_against_csv(checks, database, document):
    """Names and values as in CSV: one list of columns feeds both."""
    for table, objects in (("endpoints", document["endpoints"]), ("certificates", list(document["certificates"].values())),
                           ("findings", document["findings"]), ("changes", document["changes"])):
        rows = reports.read_csv(reports.render(database, "csv", table, "guard=0"))
        checks.equal(table + ": as many in CSV", len(rows), len(objects))
        for row, item in zip(rows, objects):
            for column, cell in row.items():
                if column.startswith("label_"):
                    checks.equal(column, item["labels"].get(column[6:], ""), cell)
                elif item[column] is None or cell.endswith(" more)"):
                    checks.true(column, cell == "" or " \u2026(+" in cell)
                elif isinstance(item[column], bool):
                    checks.equal(column, cell, str(item[column]).lower())
                elif isinstance(item[column], (int, float)):
                    checks.equal(column, float(cell), float(item[column]))
                elif isinstance(item[column], list):
                    values = [re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", v.replace(" ", "\\u0020")) for v in item[column]]
                    checks.equal(column, cell, " ".join(values))
                elif column.endswith("_utc"):
                    checks.equal(column, cell.replace(" ", "T") + "Z", item[column])
                elif column.endswith("sha256"):
                    checks.equal(column, cell, "sha256:" + item[column])
                else:
                    checks.equal(column, cell, re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", item[column]))


def check_chains(checks, document):
    certificates = document["certificates"]
    for endpoint in document["endpoints"]:
        for chain, depth in (("presented_chain", "presented_depth"), ("verified_chain", "verified_depth")):
            if endpoint[depth] is None:
                checks.equal(chain + " is null without a depth", endpoint[chain], None)
                continue
            checks.equal(chain + " is as long as its depth", len(endpoint[chain]), endpoint[depth])
            checks.equal(chain + " begins with the leaf", endpoint[chain][0], endpoint["leaf_sha256"])
            checks.true(chain + " is in certificates", all(sha in certificates for sha in endpoint[chain]))


def main():
    checks = reports.Checks()
    schema = read_schema()
    for path in sorted(glob.glob(os.path.join(reports.HERE, "expected", "*.json"))):
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        if "endpoints" in document:
            check_document(checks, schema, os.path.basename(path), document)
        else:
            check_diff(checks, schema, os.path.basename(path), document)
    with reports.folder() as folder:
        for arguments in ((), ("--empty",)):
            database = reports.make_database(os.path.join(folder, "sample.db"), *arguments)
            document = json.loads(reports.render(database, "json").decode("utf-8"))
            check_document(checks, schema, "sample " + " ".join(arguments), document)
            check_lines(checks, schema, database, document)
            check_against_csv(checks, database, document)
            check_chains(checks, document)
        nights = reports.make_nights(os.path.join(folder, "nights.db"))
        document = json.loads(reports.render(nights, "json").decode("utf-8"))
        check_document(checks, schema, "nights", document)
        check_lines(checks, schema, nights, document)
        check_against_csv(checks, nights, document)
        changed = {change["kind"] for change in document["changes"]}
        checks.true("nights: endpoints say what changed", changed & {k for e in document["endpoints"] for k in e["changed"]})
    checks.true("the validator finds what is wrong",
                len(list(problems({"schema": "tlscensus/2", "scan": 1}, schema, schema, "$"))) >= 4)
    checks.end()


main()
