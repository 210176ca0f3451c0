"""DataFusion: SQL over Parquet and CSV."""

import datafusion
from reading import read_all
from datafusion import SessionContext

def parquet(path):
    return SessionContext().read_parquet(path)  # shown

def partitioned(path):
    return SessionContext().read_parquet(path, table_partition_cols=[("country", "string")])  # shown

def csv(path):
    return SessionContext().read_csv(path, schema_infer_max_records=1000000, file_compression_type="gzip", file_extension=".csv.gz")  # shown

def table(read):
    return lambda path: read(path).to_arrow_table()

read_all(datafusion.__version__, table(parquet), table(partitioned), table(csv))
