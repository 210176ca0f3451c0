"""sqlite-utils: loads an unpacked CSV file into SQLite, which has only texts and whole numbers here."""

import gzip
import json
import sqlite3
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from reading import KINDS, read_all
from rows import table_of

def csv(path):
    with tempfile.TemporaryDirectory() as folder:
        text, database = Path(folder) / "table.csv", Path(folder) / "dtm.db"
        text.write_bytes(gzip.decompress(Path(path).read_bytes()))
        names = json.loads("[" + text.open(encoding="utf-8").readline() + "]")
        integers = [word for name in names if KINDS[name] == "integer" for word in ("--type", name, "integer")]
        insert(str(database), str(text), integers)
        cursor = sqlite3.connect(database).execute("SELECT * FROM dtm")
        return table_of([[column[0] for column in cursor.description], *cursor])

def insert(database, text, integers):
    line = f"sqlite-utils insert {database} dtm {text} --csv --empty-null"  # shown
    command = [sys.executable, "-m", *line.replace("sqlite-utils", "sqlite_utils", 1).split(), *integers]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

read_all(version("sqlite-utils"), csv=csv)
