"""Opens every workbook of a release with openpyxl, compares it with Parquet by pyarrow, and prints the results as JSON.

Expected values are in workbook.test.ts, which compares.
"""

import json
import re
import sys
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pyarrow.parquet

release = Path(sys.argv[1])

# The workbook of all countries.
WORLD = "snapshots"


def text(value):
    """ECMA-376 Part 1, 22.9.2.19: decodes escapes such as _x000D_, which openpyxl does not."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), value)


def plain(cell):
    """A cell's value and its data type in openpyxl; a formula would be 'f'."""
    value = cell.value
    if isinstance(value, str):
        value = text(value)
    elif isinstance(value, datetime):
        assert (value.hour, value.minute, value.second) == (0, 0, 0)
        value = value.date()
    return value, cell.data_type


KINDS = {str: "s", bool: "b", int: "n", date: "d"}


def difference(sheet, path, country):
    """The first cell that differs from Parquet by value or type, or None. Country None means all countries."""
    table = pyarrow.parquet.ParquetFile(path).read().to_pylist()
    expected = [row for row in table if country is None or row["admin0_pcode"] == country]
    names = pyarrow.parquet.ParquetFile(path).schema_arrow.names
    rows = list(sheet.iter_rows())
    if [cell.value for cell in rows[0]] != names:
        return f"header {[cell.value for cell in rows[0]]}"
    if len(rows) - 1 != len(expected):
        return f"{len(rows) - 1} rows, expected {len(expected)}"
    for number, (cells, row) in enumerate(zip(rows[1:], expected), start=2):
        for name, cell in zip(names, cells):
            found, kind = plain(cell)
            if found != row[name] or (found is not None and (kind != KINDS[type(row[name])] or type(found) is not type(row[name]))):
                return f"{name}, row {number}: {found!r} ({kind}), expected {row[name]!r}"
    return None


def look(sheet):
    return {
        "frozen": sheet.freeze_panes,
        "filter": sheet.auto_filter.ref,
        "cells": sheet.dimensions,
        "titles": sheet.print_title_rows,
        "footer": sheet.oddFooter.left.text,
        "bold": all(cell.font.bold for cell in sheet[1]),
        "widths": [sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]],
    }


def workbook(path):
    book = openpyxl.load_workbook(path)
    first, *tables = book.worksheets
    country = None if path.stem == WORLD else path.stem
    return {
        "sheets": book.sheetnames,
        "active": book.active.title,
        "title": book.properties.title,
        "creator": book.properties.creator,
        "readMe": [" | ".join(str(value) for value in row if value is not None) for row in first.iter_rows(values_only=True)],
        "look": {sheet.title: look(sheet) for sheet in tables},
        "rows": {sheet.title: sheet.max_row - 1 for sheet in tables},
        "differences": [
            f"{sheet.title}: {found}"
            for sheet in tables
            if (found := difference(sheet, release / f"tables/{sheet.title}/{sheet.title}.parquet", country))
        ],
    }


json.dump({path.stem: workbook(path) for path in sorted((release / "xlsx").glob("*.xlsx"))}, sys.stdout)
