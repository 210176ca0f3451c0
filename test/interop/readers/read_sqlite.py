"""sqlite-utils: a CSV file becomes a table of text unless types are detected; SQLite has no dates and no booleans."""

import gzip
import importlib.metadata
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow
from reading import KINDS, read_all
import sqlite_utils

def csv(path):
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "table.csv"
        plain.write_bytes(gzip.open(path).read())
        command = [sys.executable, "-m", "sqlite_utils", "insert", "dtm.db", "rows", "table.csv", "--csv", "--detect-types", "--empty-null"]  # shown
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        rows = list(sqlite_utils.Database(Path(folder) / "dtm.db").query("SELECT * FROM rows"))
    names = rows[0].keys() if rows else gzip.open(path, "rt").readline().strip().replace('"', "").split(",")
    return pyarrow.table({name: column([row[name] for row in rows], KINDS[name]) for name in names})

def column(values, kind):
    """SQLite has no types for dates and booleans: their text is what it holds."""
    texts = kind in ("date", "boolean", "text")
    return pyarrow.array([str(value) if texts and value is not None else value for value in values])

read_all(importlib.metadata.version("sqlite-utils"), csv=csv)
