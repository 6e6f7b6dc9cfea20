"""Reads the tables that write-tables.ts wrote with PyIceberg or Spark, by their metadata file, and compares
them with expected.json: python read_tables.py (pyiceberg|spark) FOLDER. Prints one line for each difference
and "N passed, N failed" at the end; the exit code says whether all passed."""

import datetime
import decimal
import json
import math
import os
import sys
import uuid

EPOCH = datetime.datetime(1970, 1, 1)
EPOCH_UTC = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)


def canonical(value):
    """The same form as canonical() in write-tables.ts."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value
    if isinstance(value, datetime.datetime):
        return str((value - (EPOCH_UTC if value.tzinfo else EPOCH)) // MICROSECOND)
    if isinstance(value, datetime.time):
        return str(((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {name: canonical(inside) for name, inside in value.items()}
    if isinstance(value, list):
        return [canonical(inside) for inside in value]
    if isinstance(value, tuple):
        return [canonical(inside) for inside in value]
    return format(value, "f") if isinstance(value, decimal.Decimal) else str(value)


def sort_key(row):
    return json.dumps(row, sort_keys=True, ensure_ascii=False)


def typed(kind, value):
    """A probe's value as Python has it."""
    if kind in ("int", "long"):
        return int(value)
    if kind == "decimal":
        return decimal.Decimal(value)
    if kind == "date":
        return datetime.date.fromisoformat(value)
    if kind == "timestamp":
        return EPOCH + int(value) * MICROSECOND
    if kind == "timestamptz":
        return EPOCH_UTC + int(value) * MICROSECOND
    return value


class PyIceberg:
    def __init__(self):
        from pyiceberg.table import StaticTable

        self.table = StaticTable.from_metadata

    def open(self, expected):
        return self.table("file://" + expected["metadata"])

    def rows(self, table, expected):
        data = table.scan().to_arrow()
        columns = [data.column(column["name"]).to_pylist() for column in expected["columns"]]
        kinds = [column["type"] for column in expected["columns"]]
        return [[pairs(kind, value) for kind, value in zip(kinds, row)] for row in zip(*columns)]

    def count(self, table, probe):
        from pyiceberg.expressions import EqualTo

        value = typed(probe["type"], probe["value"])
        if probe["type"] in ("date", "timestamp", "timestamptz"):
            value = value.isoformat()
        if probe["type"] == "uuid":
            value = uuid.UUID(value)
        return table.scan(row_filter=EqualTo(probe["column"], value)).to_arrow().num_rows


def pairs(kind, value):
    """Maps as lists of pairs, like the expected ones."""
    if kind == "map" and isinstance(value, dict):
        return list(value.items())
    return value


class Spark:
    def __init__(self):
        from pyspark.sql import SparkSession

        self.session = (
            SparkSession.builder.master("local[2]")
            .config("spark.jars", os.environ["ICEBERG_SPARK_JAR"])
            .config("spark.ui.enabled", "false")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "1")
            .getOrCreate()
        )
        self.session.sparkContext.setLogLevel("ERROR")

    def open(self, expected):
        # Spark opens a folder whose metadata folder has v1.metadata.json.
        folder = os.path.dirname(os.path.dirname(expected["metadata"]))
        return self.session.read.format("iceberg").load(f"file://{folder}")

    def rows(self, table, expected):
        names = [f"`{column['name']}`" for column in expected["columns"]]
        kinds = [column["type"] for column in expected["columns"]]
        rows = table.select(*names).collect()
        return [[utc(kind, pairs(kind, as_dict(value))) for kind, value in zip(kinds, row)] for row in rows]

    def count(self, table, probe):
        from pyspark.sql.functions import col, lit

        name, value = f"`{probe['column']}`", typed(probe["type"], probe["value"])
        if probe["type"] == "timestamp":
            value = lit(str(value)).cast("timestamp_ntz")
        elif probe["type"] == "timestamptz":
            value = lit(value.isoformat()).cast("timestamp")
        else:
            value = lit(value)
        return table.where(col(name) == value).count()


def as_dict(value):
    if hasattr(value, "asDict"):
        return {name: as_dict(inside) for name, inside in value.asDict().items()}
    if isinstance(value, list):
        return [as_dict(inside) for inside in value]
    return value


def utc(kind, value):
    """Spark hands out timestamps in the machine's own time zone, without saying so."""
    if kind == "timestamptz" and value is not None:
        return value.astimezone(datetime.timezone.utc)
    return value


def check(reader, expected):
    """Yields what differs."""
    table = reader.open(expected)
    found = sorted(([canonical(value) for value in row] for row in reader.rows(table, expected)), key=sort_key)
    wanted = sorted(expected["rows"], key=sort_key)
    if found != wanted:
        yield f"{len(found)} rows instead of {len(wanted)}" if len(found) != len(wanted) else "other values"
        for found_row, wanted_row in zip(found, wanted):
            for column, one, other in zip(expected["columns"], found_row, wanted_row):
                if one != other:
                    yield f"  {column['name']}: {one!r} instead of {other!r}"
    for probe in expected["probes"]:
        count = reader.count(table, probe)
        if count != probe["rows"]:
            yield f"{probe['column']} = {probe['value']}: {count} rows instead of {probe['rows']}"


def main(name, folder):
    reader = {"pyiceberg": PyIceberg, "spark": Spark}[name]()
    with open(os.path.join(folder, "expected.json"), encoding="utf-8") as file:
        tables = [table for table in json.load(file) if name in table["readers"]]
    passed = failed = 0
    for expected in tables:
        try:
            problems = list(check(reader, expected))
        except Exception as error:  # a reader that cannot open a table is a finding, not a crash
            problems = [f"{type(error).__name__}: {error}"]
        passed, failed = passed + (not problems), failed + bool(problems)
        print(f"{'ok  ' if not problems else 'FAIL'} {name} {expected['name']}", flush=True)
        for problem in problems:
            print(f"     {problem}", flush=True)
    print(f"{name}: {passed} passed, {failed} failed", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1], sys.argv[2]) else 0)
