"""DuckDB: reads a file by its name after FROM, without options."""

import duckdb
from reading import read_all

def parquet(path):
    return duckdb.sql(f"FROM '{path}'").arrow()  # shown

def partitioned(path):
    return duckdb.sql(f"FROM '{path}/*/*.parquet'").arrow()  # shown

def csv(path):
    return duckdb.sql(f"FROM '{path}'").arrow()  # shown

def whole(read):
    """Older versions return a table, newer ones a stream of batches."""
    def table(path):
        found = read(path)
        return found.read_all() if hasattr(found, "read_all") else found
    return table

read_all(duckdb.__version__, parquet=whole(parquet), partitioned=whole(partitioned), csv=whole(csv))
