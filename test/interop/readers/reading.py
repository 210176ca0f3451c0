"""Shared by the Python readers: reads the files of a release, and prints the column statistics of each table as a JSON line.

A reader's script has one function for each form: `parquet` and `csv` take a file's path, `partitioned` the folder of a
table, `workbook` a path and a sheet's name. Each returns an Arrow table, converted from the tool's own result.
"""

import json
import sys
from pathlib import Path

import pyarrow
import pyarrow.compute as pc

TABLES = ["admin0", "admin1", "admin2", "snapshots", "countries", "operations"]
LEVELS = TABLES[:3]
release = Path(sys.argv[1])
WITH_VALUES = "--values" in sys.argv[2:]
WORKBOOKS = next((word.split("=")[1].split(",") for word in sys.argv if word.startswith("--workbooks=")), None)
KINDS = {
    column["name"]: {"string": "text", "int32": "integer", "int64": "integer"}.get(column["type"], column["type"])
    for table in json.loads((release / "schema.json").read_text())["tables"]
    for column in table["columns"]
}
TYPES = {"text": pyarrow.string(), "integer": pyarrow.int64(), "date": pyarrow.date32(), "boolean": pyarrow.bool_()}


def kind_of(kind):
    """The suite's name for the reader's type."""
    if pyarrow.types.is_dictionary(kind):
        return kind_of(kind.value_type)
    tests = {
        "text": lambda t: pyarrow.types.is_string(t) or pyarrow.types.is_large_string(t) or pyarrow.types.is_string_view(t),
        "integer": pyarrow.types.is_integer, "float": pyarrow.types.is_floating, "date": pyarrow.types.is_date,
        "time": pyarrow.types.is_timestamp, "boolean": pyarrow.types.is_boolean,
    }
    return next((name for name, test in tests.items() if test(kind)), str(kind))


def cast(column, kind):
    if pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if kind == "integer" and kind_of(column.type) == "text":
        return column.cast(pyarrow.float64()).cast(TYPES[kind])
    if kind == "boolean" and kind_of(column.type) in ("float", "integer"):
        return column.cast(pyarrow.int64()).cast(pyarrow.bool_())
    return column.cast(TYPES[kind])


def figures(column, kind):
    """The same statistics as in truth.py."""
    there = column.drop_null()
    if kind == "integer":
        return {"sum": pc.sum(there).as_py() or 0}
    if kind == "boolean":
        return {"true": pc.sum(there.cast(pyarrow.int64())).as_py() or 0}
    if kind == "date":
        ends = pc.min_max(there).as_py()
        days = pc.sum(there.cast(pyarrow.int32()).cast(pyarrow.int64())).as_py() or 0
        return {name: end and end.isoformat() for name, end in ends.items()} | {"days": days}
    lengths = pc.binary_length(there)
    found = {
        "empty": pc.sum(pc.equal(lengths, 0).cast(pyarrow.int64())).as_py() or 0,
        "distinct": pc.count_distinct(there).as_py(),
        "bytes": pc.sum(lengths.cast(pyarrow.int64())).as_py() or 0,
    }
    if WITH_VALUES:
        found["values"] = [[each["values"], each["counts"]] for each in pc.value_counts(there).to_pylist()]
    return found


def describe(column, name):
    kind = KINDS[name]
    found = {"kind": kind, "as": kind_of(column.type), "nulls": column.null_count}
    try:
        return found | figures(cast(column, kind), kind)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError) as error:
        return found | {"error": str(error)[:200]}


def say(form, name, country, table):
    columns = {each: describe(table.column(each), each) for each in table.column_names if each != "country"}
    file = {"form": form, "table": name, "country": country, "rows": table.num_rows, "columns": columns}
    print(json.dumps(file), flush=True)


def tried(form, name, country, read):
    """Reads a file and prints its statistics, or the error."""
    try:
        table = read()
    except Exception as error:  # noqa: BLE001
        said = f"{type(error).__name__}: {str(error)[:500]}"
        print(json.dumps({"form": form, "table": name, "country": country, "error": said}), flush=True)
        return
    say(form, name, country, table)


def by_country(form, name, table):
    """Prints each country's part of a table, by the tool's own column of the folder name."""
    views = [pyarrow.types.is_string_view(field.type) for field in table.schema]
    table = table.cast(pyarrow.schema([field.with_type(pyarrow.string()) if view else field for field, view in zip(table.schema, views)]))
    country = table.column("country").cast(pyarrow.string())
    for code in sorted(path.name[8:] for path in (release / "parquet" / name).iterdir()):
        tried(form, name, code, lambda: table.filter(pc.equal(country, code)))


def read_all(version, parquet=None, partitioned=None, csv=None, workbook=None):
    """Reads every file of the forms that have a function."""
    print(json.dumps({"version": version}), flush=True)
    for name in TABLES if parquet else []:
        tried("parquet", name, "", lambda: parquet(str(release / "tables" / name / f"{name}.parquet")))
    for name in LEVELS if partitioned else []:
        try:
            table = partitioned(str(release / "parquet" / name))
        except Exception as error:  # noqa: BLE001
            print(json.dumps({"form": "parquet by country", "table": name, "country": "", "error": str(error)[:500]}))
            continue
        by_country("parquet by country", name, table)
    for name in TABLES if csv else []:
        tried("csv", name, "", lambda: csv(str(release / "csv" / f"{name}.csv.gz")))
    for name in LEVELS if csv else []:
        for path in sorted((release / "csv" / name).rglob("*.csv.gz")) if "--whole" not in sys.argv else []:
            tried("csv by country", name, path.parent.name[8:], lambda: csv(str(path)))
    for path in sorted((release / "xlsx").glob("???.xlsx")) if workbook else []:
        if WORKBOOKS is None or path.stem in WORKBOOKS:
            # A country without rows at a level has no file and no sheet for it.
            levels = [each for each in LEVELS if (release / "csv" / each / f"country={path.stem}").is_dir()]
            for name in ["snapshots", *levels]:
                tried("workbook", name, path.stem, lambda: workbook(str(path), name))
    for name in ["snapshots", "operations"] if workbook else []:
        tried("workbook", name, "", lambda: workbook(str(release / "xlsx" / "snapshots.xlsx"), name))
