"""Dask: guesses types from the first rows only, so this script passes those of schema.json."""

import dask
import dask.dataframe
import pyarrow
from reading import KINDS, read_all

def parquet(path):
    return dask.dataframe.read_parquet(path)  # shown

def partitioned(path):
    return dask.dataframe.read_parquet(path)  # shown

DTYPES = {name: {"integer": "Int64", "boolean": "boolean"}.get(kind, "string") for name, kind in KINDS.items()}

def csv(path):
    return dask.dataframe.read_csv(path, dtype=DTYPES, blocksize=None, keep_default_na=False, na_values=[""])  # shown

def table(read):
    return lambda path: pyarrow.Table.from_pandas(read(path).compute(), preserve_index=False)

read_all(dask.__version__, table(parquet), table(partitioned), table(csv))
