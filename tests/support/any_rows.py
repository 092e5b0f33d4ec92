"""Rows for every table of a database, whatever its columns: for tests that must not miss a table.

    fill(connection, 1)     two rows in each table, no value NULL and none twice
    rows(connection)        what every row says, without the numbers that are each database's own
"""
import hashlib

# What every program writes into its own databases.
LOOKUPS = {"outcome", "registry_name", "suite", "tls_group", "scheme"}

# Columns whose values a CHECK or a reader restricts, for row 0 and row 1.
VALUES = {
    ("scan", "state"): ("done", "done"),
    ("scan", "shard"): ("1/1", "1/1"),
    ("scan", "options_json"): ('{"profile":"deep"}', '{"profile":"quick"}'),
    ("target", "port"): (443, 8443),
    ("rule", "severity"): (3, 2),
    ("finding_set_row", "severity"): (3, 2),
    ("change", "severity"): (3, 2),
    ("other_chain", "role"): ("no-sni", "other-key"),
}


def tables(connection):
    """Names of the tables with data, each behind those that it refers to."""
    names = [name for name, in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
        if name not in LOOKUPS]
    ordered = []
    while names:
        ready = [name for name in names if not set(references(connection, name).values()) & set(names) - {name}]
        assert ready, "tables refer to each other: %s" % names
        ordered += ready
        names = [name for name in names if name not in ready]
    return ordered


def references(connection, table):
    """Column → table."""
    return {row[3]: row[2] for row in connection.execute("SELECT * FROM pragma_foreign_key_list(?)", (table,))}


def columns(connection, table):
    """(name, type, whether it is the number of the row)"""
    info = connection.execute("SELECT name, type, pk FROM pragma_table_info(?)", (table,)).fetchall()
    single = sum(pk > 0 for _, _, pk in info) == 1
    return [(name, kind, pk > 0 and single and kind == "INTEGER") for name, kind, pk in info]


def value(table, column, kind, number, seed):
    if (table, column) in VALUES:
        return VALUES[table, column][number]
    text = "%s.%s.%d.%d" % (table, column, number, seed)
    if (table, column) == ("certificate", "sha256"):  # of the bytes: merge looks
        return hashlib.sha256(value(table, "der", kind, number, seed)).digest()
    digest = hashlib.sha256(text.encode()).digest()
    return {"TEXT": text, "BLOB": digest, "INTEGER": int.from_bytes(digest[:4], "big")}[kind]


def fill(connection, seed):
    for table in tables(connection):
        parents = references(connection, table)
        for number in (0, 1):
            row = {}
            for column, kind, is_number in columns(connection, table):
                if is_number:
                    row[column] = 10 * seed + number
                elif column in parents:
                    row[column] = number if parents[column] in LOOKUPS else 10 * seed + number
                else:
                    row[column] = value(table, column, kind, number, seed)
            connection.execute("INSERT INTO %s (%s) VALUES (%s)" % (
                table, ", ".join('"%s"' % name for name in row), ", ".join("?" * len(row))), tuple(row.values()))
    connection.commit()


def rows(connection, ignored=()):
    """Table → sorted list of what its rows say; a reference is told by what it refers to."""
    told = {}
    found = {}
    for table in tables(connection):
        parents = references(connection, table)
        shape = columns(connection, table)
        told[table], found[table] = {}, []
        for row in connection.execute("SELECT %s FROM %s" % (", ".join('"%s"' % name for name, _, _ in shape), table)):
            number, says = None, []
            for (column, _, is_number), cell in zip(shape, row):
                if is_number:
                    number = cell
                elif (table, column) in ignored:
                    continue
                elif column in parents and parents[column] not in LOOKUPS and cell is not None:
                    says.append((column, told[parents[column]][cell]))
                else:
                    says.append((column, cell))
            told[table][number] = repr(says)
            found[table].append(repr(says))
        found[table].sort()
    return found
