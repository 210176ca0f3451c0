"""PySpark: `escape` for doubled quotes, `multiLine` for line feeds inside names."""

import pyspark
from pyspark.sql import SparkSession
from reading import read_all

spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC").config("spark.log.level", "ERROR").getOrCreate()

def parquet(path):
    return spark.read.parquet(path)  # shown

def partitioned(path):
    return spark.read.parquet(path)  # shown

def csv(path):
    return spark.read.csv(path, header=True, inferSchema=True, escape='"', multiLine=True)  # shown

def table(read):
    return lambda path: read(path).toArrow()

read_all(pyspark.__version__, table(parquet), table(partitioned), table(csv))
