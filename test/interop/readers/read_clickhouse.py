"""ClickHouse, in this process: the header of a table of texts must be said."""

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
