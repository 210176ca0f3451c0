"""pandas: "NA" and "null" can be names, so only an empty field is missing."""

import pandas
import pyarrow
from reading import read_all

def parquet(path):
    return pandas.read_parquet(path)  # shown

def partitioned(path):
    return pandas.read_parquet(path)  # shown

def csv(path):
    return pandas.read_csv(path, keep_default_na=False, na_values=[""], low_memory=False)  # shown

def workbook(path, sheet):
    return pandas.read_excel(path, sheet_name=sheet, keep_default_na=False, na_values=[""])  # shown

def table(read):
    return lambda *words: pyarrow.Table.from_pandas(read(*words), preserve_index=False)

read_all(pandas.__version__, table(parquet), table(partitioned), table(csv))
