"""Which rows pass each case's predicate, by PyIceberg: row by row, and by the filter it gives to Arrow's scan."""

import datetime
import decimal
import json
import sys
import uuid

import pyarrow as pa
from pyiceberg.expressions import (
    AlwaysFalse, AlwaysTrue, And, EqualTo, GreaterThan, GreaterThanOrEqual, In, IsNaN, IsNull, LessThan,
    LessThanOrEqual, NotEqualTo, NotIn, NotNull, NotStartsWith, Or, StartsWith,
)
from pyiceberg.expressions.visitors import bind, expression_evaluator
from pyiceberg.io.pyarrow import expression_to_pyarrow, schema_to_pyarrow
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record
from pyiceberg.types import (
    BinaryType, BooleanType, DateType, DecimalType, DoubleType, FloatType, IntegerType, ListType, LongType,
    MapType, NestedField, StringType, StructType, TimestampType, TimestamptzType, TimeType, UUIDType,
)

PRIMITIVES = {
    "boolean": BooleanType, "int": IntegerType, "long": LongType, "float": FloatType, "double": DoubleType,
    "date": DateType, "time": TimeType, "timestamp": TimestampType, "timestamptz": TimestamptzType,
    "string": StringType, "uuid": UUIDType, "binary": BinaryType,
}
TESTS = {
    "eq": EqualTo, "not-eq": NotEqualTo, "lt": LessThan, "lt-eq": LessThanOrEqual, "gt": GreaterThan,
    "gt-eq": GreaterThanOrEqual, "starts-with": StartsWith, "not-starts-with": NotStartsWith,
}
UNARY = {"is-null": IsNull, "not-null": NotNull, "is-nan": IsNaN}
EPOCH = datetime.datetime(1970, 1, 1)


def type_of(kind):
    name = kind["kind"]
    if name == "decimal":
        return DecimalType(kind["precision"], kind["scale"])
    if name == "list":
        return ListType(kind["elementId"], type_of(kind["element"]), element_required=kind["elementRequired"])
    if name == "map":
        return MapType(
            kind["keyId"], type_of(kind["key"]), kind["valueId"], type_of(kind["value"]),
            value_required=kind["valueRequired"],
        )
    if name == "struct":
        return StructType(*[field_of(field) for field in kind["fields"]])
    return PRIMITIVES[name]()


def field_of(column):
    return NestedField(column["id"], column["name"], type_of(column["type"]), required=column["required"])


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", ""))


def plain(value, kind):
    """As Arrow takes it."""
    name = kind["kind"]
    if value is None:
        return None
    if name in ("int", "long"):
        return int(value)
    if name in ("float", "double"):
        return float(value)
    if name == "decimal":
        return decimal.Decimal(value)
    if name == "date":
        return datetime.date.fromisoformat(value)
    if name == "time":
        return datetime.time.fromisoformat(value)
    if name == "timestamp":
        return moment(value)
    if name == "timestamptz":
        return moment(value).replace(tzinfo=datetime.timezone.utc)
    if name == "uuid":
        return uuid.UUID(value).bytes
    if name == "binary":
        return bytes.fromhex(value)
    if name == "map":
        return list(value.items())
    return value


def stored(value, kind):
    """As PyIceberg's own rows hold it: days, microseconds."""
    name = kind["kind"]
    if value is None or name in ("struct", "list", "map"):
        return value
    if name == "date":
        return (datetime.date.fromisoformat(value) - EPOCH.date()).days
    if name == "time":
        time = datetime.time.fromisoformat(value)
        return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond
    if name in ("timestamp", "timestamptz"):
        return (moment(value) - EPOCH) // datetime.timedelta(microseconds=1)
    return plain(value, kind)


def expression_of(node, names):
    if node is True:
        return AlwaysTrue()
    if node is False:
        return AlwaysFalse()
    kind = node["type"]
    if kind in ("and", "or"):
        return (And if kind == "and" else Or)(expression_of(node["left"], names), expression_of(node["right"], names))
    if kind in UNARY:
        return UNARY[kind](names[node["child"]["id"]])
    if kind in ("in", "not-in"):
        return (In if kind == "in" else NotIn)(names[node["child"]["id"]], set(node["values"]))
    return TESTS[kind](names[node["left"]["id"]], node["right"])


def is_of(expression, columns):
    """Whether a predicate reads a column of one of these types."""
    text = json.dumps(expression)
    return any(f'"id": {column["id"]}}}' in text for column in columns)


def answers(table):
    columns = table["columns"]
    schema = Schema(*[field_of(column) for column in columns])
    names = {column["id"]: column["name"] for column in columns}
    kinds = [column["type"] for column in columns]
    records = [Record(*[stored(value, kind) for value, kind in zip(row, kinds)]) for row in table["rows"]]
    arrays = [
        pa.array([plain(row[at], kind) for row in table["rows"]], type=field.type)
        if kind["kind"] != "uuid"
        else pa.array([plain(row[at], kind) for row in table["rows"]], type=pa.binary(16))
        for at, (kind, field) in enumerate(zip(kinds, schema_to_pyarrow(schema)))
    ]
    arrow = pa.table(arrays + [pa.array(range(len(records)))], names=[*names.values(), "row number"])
    uuids = [column for column in columns if column["type"]["kind"] == "uuid"]
    for case in table["cases"]:
        expression = expression_of(case["predicate"], names)
        evaluate = expression_evaluator(schema, expression, case_sensitive=True)
        yield case["name"], [at for at, record in enumerate(records) if evaluate(record)]
        # Arrow compares no uuids.
        if records and not is_of(case["predicate"], uuids) and not isinstance(expression, (AlwaysTrue, AlwaysFalse)):
            found = arrow.filter(expression_to_pyarrow(bind(schema, expression, case_sensitive=True)))
            yield case["name"], found["row number"].to_pylist()


def main(cases, output):
    with open(output, "w") as out, open(cases, encoding="utf-8") as lines:
        for line in lines:
            for name, rows in answers(json.loads(line)):
                print(name, "rows", *rows, sep="\t", file=out)


main(*sys.argv[1:])
