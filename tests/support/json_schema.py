"""docs/tlscensus-1.schema.json, and what is wrong with a value by it."""
import json
import os
import re

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "tlscensus-1.schema.json")
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list,
         "null": type(None)}


def has_type(value, name):
    if isinstance(value, bool) and name in ("integer", "number"):
        return False
    return isinstance(value, TYPES[name])


def problems(value, schema, root, at):
    """What of JSON Schema our file uses; anything else in it is an error of ours."""
    known = {"$ref", "type", "enum", "const", "pattern", "minimum", "maximum", "required", "properties", "items",
             "additionalProperties", "propertyNames", "anyOf", "allOf", "description", "title", "$schema", "$id", "$defs"}
    unknown = set(schema) - known
    if unknown:
        yield at, "the validator lacks %s" % unknown
    if "$ref" in schema:
        yield from problems(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, at)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(has_type(value, name) for name in types):
        yield at, "%.40r is not %s" % (value, types)
        return
    if "enum" in schema and value not in schema["enum"]:
        yield at, "%.40r is none of %s" % (value, schema["enum"])
    if "const" in schema and value != schema["const"]:
        yield at, "%.40r is not %r" % (value, schema["const"])
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield at, "%.40r does not match %s" % (value, schema["pattern"])
    if has_type(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield at, "%r is out of range" % value
    for part in schema.get("allOf", []):
        yield from problems(value, part, root, at)
    if "anyOf" in schema and all(list(problems(value, part, root, at)) for part in schema["anyOf"]):
        yield at, "fits no alternative"
    if isinstance(value, dict):
        yield from object_problems(value, schema, root, at)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from problems(item, schema["items"], root, "%s[%d]" % (at, number))


def object_problems(value, schema, root, at):
    for name in schema.get("required", []):
        if name not in value:
            yield at, "lacks " + name
    for name, item in value.items():
        if "propertyNames" in schema:
            yield from problems(name, schema["propertyNames"], root, "%s name" % at)
        if name in schema.get("properties", {}):
            yield from problems(item, schema["properties"][name], root, at + "." + name)
        elif isinstance(schema.get("additionalProperties"), dict):
            yield from problems(item, schema["additionalProperties"], root, "%s[%.16s]" % (at, name))


def read_schema():
    with open(SCHEMA, encoding="utf-8") as file:
        return json.load(file)


def line_problems(line, schema):
    """The same for a line of JSON Lines."""
    return list(problems(line, dict(schema["$defs"]["line"], **{"$defs": schema["$defs"]}), schema, "$"))
