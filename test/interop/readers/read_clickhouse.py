"""ClickHouse in this process: it cannot guess the header of a table of texts, so the format names it."""

import chdb
import pyarrow
from reading import read_all

def parquet(path):
    return chdb.query(f"SELECT * FROM file('{path}')", "ArrowTable")  # shown

def partitioned(path):
    return chdb.query(f"SELECT * FROM file('{path}/*/*.parquet')", "ArrowTable")  # shown

def csv(path):
    return chdb.query(f"SELECT * FROM file('{path}', 'CSVWithNames')", "ArrowTable")  # shown

read_all(chdb.__version__, parquet, partitioned, csv)
