"""Converts rows of Python values into an Arrow table. The first row has the column names."""

from datetime import datetime

import pyarrow
from reading import KINDS


def table_of(rows, blank=None):
    header, *body = rows
    columns = zip(*body) if body else [[] for _ in header]
    return pyarrow.table({name: column([None if v == blank else v for v in values], KINDS[name]) for name, values in zip(header, columns)})


def column(values, kind):
    """Converts a column: '' is null except in text columns, and a time of day is removed from dates."""
    values = [None if value == "" and kind != "text" or value is None else value for value in values]
    values = [value.date() if isinstance(value, datetime) and value.time() == value.min.time() else value for value in values]
    return pyarrow.array(values)
