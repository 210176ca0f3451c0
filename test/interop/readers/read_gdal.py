"""GDAL in pyogrio: the columns of a CSV file are texts, unless their types are given."""

import pyogrio
from reading import read_all

def csv(path):
    return pyogrio.read_arrow(f"/vsigzip/{path}", EMPTY_STRING_AS_NULL="YES")[1]  # shown

read_all(".".join(map(str, pyogrio.__gdal_version__)), csv=csv)
