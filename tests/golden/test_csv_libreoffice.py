#!/usr/bin/env python3
"""CSV as LibreOffice Calc imports it: types are right, text stays text, nothing is computed."""
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import reports

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
# Token 7, "quoted field as text", is on; token 8, "detect special numbers", makes dates of dates.
FILTER = "CSV:44,34,76,1,,0,true,true"
NUMBERS = ("port", "attempts", "findings_high", "leaf_days_left", "presented_depth", "names_count", "key_bits", "total_ms",
           "lifetime_days")
TEXTS = ("host", "address", "serial", "leaf_sha256", "tls_version", "target", "label_department", "names", "subject_cn",
         "issuer_cn", "findings")


def cells_of(row):
    """(type, value, text, formula) of every cell, repeats spelled out."""
    for cell in row:
        if cell.tag not in (TABLE + "table-cell", TABLE + "covered-table-cell"):
            continue
        kind = cell.get(OFFICE + "value-type")
        text = "\n".join("".join(p.itertext()) for p in cell.findall(TEXT + "p"))
        value = cell.get(OFFICE + "value") or cell.get(OFFICE + "date-value") or cell.get(OFFICE + "boolean-value")
        for _ in range(min(int(cell.get(TABLE + "number-columns-repeated", "1")), 200)):
            yield kind, value, text, cell.get(TABLE + "formula")


def convert(soffice, folder, path, options):
    command = [soffice, "--headless", "--norestore", "-env:UserInstallation=file://" + os.path.join(folder, "profile"),
               *options, "--convert-to", "fods", "--outdir", folder, path]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=280,
                   env=dict(os.environ, HOME=folder, LC_ALL="C.UTF-8"))
    tree = ElementTree.parse(os.path.splitext(path)[0] + ".fods")
    return [list(cells_of(row)) for row in tree.getroot().iter(TABLE + "table-row")]


def check_cell(checks, column, cell, wanted):
    kind, value, text, formula = cell
    checks.equal(column + ": is no formula", formula, None)
    if wanted == "":
        return
    if column in NUMBERS:
        checks.equal(column + ": is a number", kind, "float")
        checks.equal(column + ": its value", float(value or "nan"), float(wanted))
    elif column.endswith("_utc"):
        checks.equal(column + ": is a date", kind, "date")
        checks.equal(column + ": its value", (value or "").replace("T", " ")[:19], wanted)
    elif wanted in ("true", "false"):
        checks.true("%s: is a boolean: %s" % (column, kind), kind == "boolean")
        checks.equal(column + ": its value", value, wanted)
    elif column in TEXTS:
        checks.equal(column + ": is text", kind, "string")
        if "  " not in wanted:  # the flat file writes runs of spaces as elements
            checks.equal(column + ": its text", text, wanted)


def main():
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    if soffice is None:
        print("SKIPPED: no soffice here (Debian: libreoffice-calc-nogui)")
        sys.exit(77)
    checks = reports.Checks()
    with reports.folder() as folder:
        database = reports.make_database(os.path.join(folder, "sample.db"))
        data = reports.render(database, "csv", "endpoints", "bom=1")
        path = os.path.join(folder, "endpoints.csv")
        with open(path, "wb") as file:
            file.write(data)
        rows = reports.read_csv(data)
        for row in convert(soffice, folder, path, []):  # as a double click opens it
            for _, _, text, formula in row:
                checks.equal("nothing is computed: %.60s" % text, formula, None)
        sheet = convert(soffice, folder, path, ["--infilter=" + FILTER])
        header = [text for _, _, text, _ in sheet[0]][:len(rows[0])]
        checks.equal("header", header, list(rows[0]))
        for row, cells in zip(rows, sheet[1:]):
            for (column, wanted), cell in zip(row.items(), cells):
                check_cell(checks, column, cell, wanted)
        checks.true("rows", len(sheet) > len(rows))
    checks.end()


main()
