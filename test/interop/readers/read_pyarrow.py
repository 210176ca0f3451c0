"""pyarrow: names can contain line feeds, and only an unquoted empty field is missing."""

import pyarrow
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet
from reading import read_all

def parquet(path):
    return pyarrow.parquet.read_table(path, partitioning=None)  # shown

def partitioned(path):
    return pyarrow.dataset.dataset(path, partitioning="hive").to_table()  # shown

def csv(path):
    return pyarrow.csv.read_csv(path, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True), convert_options=pyarrow.csv.ConvertOptions(null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False))  # shown

read_all(pyarrow.__version__, parquet, partitioned, csv)
