"""Opens every data file of a release with pyarrow, pandas and polars, and prints the contents as JSON.

Expected values are in release.test.ts, which compares.
"""

import gzip
import hashlib
import json
import math
import sys
from datetime import date, datetime
from pathlib import Path

import pandas
import polars
import pyarrow
import pyarrow.compute
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet

PEOPLE = "num_present_idp_ind"
# Contract: the order of tables for content_sha256.
TABLES = ["admin0", "admin1", "admin2", "snapshots", "countries", "operations"]
LEVELS = TABLES[:3]

release = Path(sys.argv[1])


def plain(value):
    """A plain Python value; None if it is missing."""
    if value is None or value is pandas.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, datetime):
        return value.date()
    return value


def first_difference(left, right, names):
    """The first difference between two column readers, as a text, or None."""
    for name in names:
        a, b = left(name), right(name)
        if len(a) != len(b):
            return f"{name}: {len(a)} and {len(b)} values"
        for row, (x, y) in enumerate(zip(a, b)):
            if x != y:
                return f"{name}, row {row}: {x!r} and {y!r}"
    return None


def values_of(frame):
    """The columns of any reader's table as lists of Python values."""
    if isinstance(frame, pyarrow.Table):
        return lambda name: frame.column(name).to_pylist()
    if isinstance(frame, polars.DataFrame):
        return lambda name: frame.get_column(name).to_list()
    return lambda name: [plain(value) for value in frame[name]]


def people(frame):
    """The sum of persons present, computed by the reader; None if the table has no such column."""
    if isinstance(frame, pyarrow.Table):
        if PEOPLE not in frame.column_names:
            return None
        return pyarrow.compute.sum(frame.column(PEOPLE), min_count=0).as_py()
    return int(frame[PEOPLE].sum()) if PEOPLE in frame.columns else None


def found(frames):
    """Rows, sums and nulls by reader, and the differences between their values."""
    arrow, frame, table = frames
    names = arrow.column_names
    differences = [
        first_difference(values_of(arrow), values_of(frame), names),
        first_difference(values_of(arrow), values_of(table), names),
    ]
    return {
        "rows": [len(frame) if each is frame else each.shape[0] for each in frames],
        "people": [people(each) for each in frames],
        "columns": [list(frame.columns), list(table.columns)],
        "nulls": {
            "pyarrow": {name: arrow.column(name).null_count for name in names},
            "pandas": {name: int(frame[name].isna().sum()) for name in names},
            "polars": {name: table.get_column(name).null_count() for name in names},
        },
        "differences": [each for each in differences if each],
    }


def decoded(metadata):
    return {key.decode(): value.decode() for key, value in (metadata or {}).items()}


def read_parquet(path):
    with pyarrow.parquet.ParquetFile(path) as file:
        schema, metadata, arrow = file.schema_arrow, file.metadata, file.read()
    chunks = [
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    ]
    # The open file: with its path, pandas would add the partition's column.
    with open(path, "rb") as opened:
        frame = pandas.read_parquet(opened, engine="pyarrow")
    table = polars.read_parquet(path)
    return arrow, {
        **found((arrow, frame, table)),
        "schema": [f"{f.name}: {f.type}{'?' if f.nullable else ''}" for f in schema],
        "polars": [f"{name}: {kind}" for name, kind in table.schema.items()],
        "footerRows": metadata.num_rows,
        "createdBy": metadata.created_by,
        "keyValues": decoded(metadata.metadata),
        "arrowTexts": {field.name: decoded(field.metadata) for field in schema},
        "arrowMetadata": decoded(schema.metadata),
        "compression": sorted({chunk.compression for chunk in chunks}),
    }


def read_csv(path, arrow):
    """Reads a CSV with the types of its Parquet file, and compares the two."""
    schema = arrow.schema
    convert = pyarrow.csv.ConvertOptions(
        column_types={field.name: field.type for field in schema},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    from_csv = pyarrow.csv.read_csv(path, convert_options=convert, parse_options=parse)
    dates = [field.name for field in schema if pyarrow.types.is_date(field.type)]
    frame = pandas.read_csv(path, keep_default_na=False, na_values=[""], parse_dates=dates, dtype=pandas_types(schema))
    table = polars.read_csv(path, schema=polars.from_arrow(arrow.slice(0, 0)).schema)
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    return {
        **found((from_csv, frame, table)),
        "unlikeParquet": first_difference(values_of(from_csv), values_of(arrow), schema.names),
        "isCanonical": text == canonical(arrow),
    }


def pandas_types(schema):
    """Texts stay texts: a code that looks like a number, or "NA", must not become one."""
    return {field.name: "str" for field in schema if pyarrow.types.is_string(field.type)}


def canonical(arrow):
    """The CSV text of a table by the contract's rules."""

    def cell(value):
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, date):
            return value.isoformat()
        return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else str(value)

    columns = [arrow.column(name).to_pylist() for name in arrow.column_names]
    records = [arrow.column_names, *zip(*columns)]
    return "".join(",".join(map(cell, record)) + "\n" for record in records)


def records_of(text):
    """The raw records of a CSV with their quotes. A line feed within quotes does not end a record."""
    record = ""
    for line in text.split("\n")[:-1]:
        record += line
        if record.count('"') % 2 == 0:
            yield record
            record = ""
        else:
            record += "\n"
    assert record == ""


def content_hash(table):
    """Contract: SHA-256 of the uncompressed CSV without the `id` column, which is the last one."""
    text = gzip.decompress((release / f"csv/{table}.csv.gz").read_bytes()).decode("utf-8")
    if table in LEVELS:
        assert text.split("\n", 1)[0].endswith(',"id"')
        text = "".join(record.rsplit(",", 1)[0] + "\n" for record in records_of(text))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def content_hashes():
    hashes = {table: content_hash(table) for table in TABLES}
    lines = "".join(f"{hashes[table]}  {table}\n" for table in TABLES)
    return {**hashes, "all": hashlib.sha256(lines.encode("utf-8")).hexdigest()}


def partitions(level, whole):
    """Compares all country files, read as one table by each reader, with the whole table; None if there are none."""
    folder = release / "parquet" / level
    if not folder.exists():
        return None
    dataset = pyarrow.dataset.dataset(folder, partitioning="hive")
    hive = dataset.to_table()
    glob = polars.scan_parquet(f"{folder}/**/*.parquet", hive_partitioning=True).collect()
    plain_glob = polars.read_parquet(f"{folder}/**/*.parquet", hive_partitioning=False)
    frame = pandas.read_parquet(folder)
    paths = sorted(folder.glob("country=*/*.parquet"))
    parts = pyarrow.concat_tables(pyarrow.parquet.ParquetFile(path).read() for path in paths)
    tables = {"parts": parts, "hive": hive, "glob": glob, "plain glob": plain_glob, "pandas": frame}
    differences = {
        name: first_difference(values_of(table), values_of(whole), whole.column_names)
        for name, table in tables.items()
    }
    first = paths[0].parent.name.removeprefix("country=")
    return {
        "files": len(paths),
        "columns": {
            name: table.column_names if isinstance(table, pyarrow.Table) else list(table.columns)
            for name, table in tables.items()
        },
        "countryIsCode": {
            name: [str(code) for code in values_of(tables[name])("country")] == values_of(whole)("admin0_pcode")
            for name in ("hive", "glob", "pandas")
        },
        "differences": [f"{name}: {text}" for name, text in differences.items() if text],
        "rowsOfFirst": [
            dataset.to_table(filter=pyarrow.dataset.field("country") == first).num_rows,
            polars.scan_parquet(f"{folder}/**/*.parquet", hive_partitioning=True)
            .filter(polars.col("country") == first)
            .collect()
            .height,
            pyarrow.parquet.ParquetFile(paths[0]).metadata.num_rows,
        ],
    }


def csv_parts(level):
    """True if the country CSV files, without repeated headers, equal the whole file."""
    paths = sorted((release / "csv" / level).glob("country=*/*.csv.gz"))
    texts = [gzip.decompress(path.read_bytes()).decode("utf-8") for path in paths]
    whole = gzip.decompress((release / f"csv/{level}.csv.gz").read_bytes()).decode("utf-8")
    header = whole.split("\n", 1)[0] + "\n"
    assert all(text.startswith(header) for text in texts)
    return whole == header + "".join(text.removeprefix(header) for text in texts)


def partner(path):
    """Path of the Parquet file with the same rows as a CSV file."""
    name = path.name.removesuffix(".csv.gz")
    below = path.relative_to(release / "csv").parent
    return f"tables/{name}/{name}.parquet" if below == Path() else f"parquet/{below}/{name}.parquet"


def main():
    tables, parquet = {}, {}
    for path in sorted(release.glob("**/*.parquet")):
        name = str(path.relative_to(release))
        tables[name], parquet[name] = read_parquet(path)
    csv = {
        str(path.relative_to(release)): read_csv(path, tables[partner(path)])
        for path in sorted(release.glob("csv/**/*.csv.gz"))
    }
    wholes = {level: tables[f"tables/{level}/{level}.parquet"] for level in LEVELS}
    report = {
        "parquet": parquet,
        "csv": csv,
        "contentSha256": content_hashes(),
        "partitions": {level: partitions(level, whole) for level, whole in wholes.items()},
        "csvParts": {level: csv_parts(level) for level in LEVELS},
    }
    json.dump(report, sys.stdout)


main()
