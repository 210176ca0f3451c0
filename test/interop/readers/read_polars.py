"""polars: guesses the types of a CSV file from all its rows."""

import polars
from reading import read_all

def parquet(path):
    return polars.read_parquet(path)  # shown

def partitioned(path):
    return polars.read_parquet(path, hive_partitioning=True)  # shown

def csv(path):
    return polars.read_csv(path, try_parse_dates=True, infer_schema_length=None)  # shown

def table(read):
    return lambda path: read(path).to_arrow()

read_all(polars.__version__, table(parquet), table(partitioned), table(csv))
