"""GDAL through pyogrio: a CSV file is all text unless types are asked for."""

import pyarrow
import pyogrio
from reading import read_all

def csv(path):
    return pyogrio.read_arrow(f"/vsigzip/{path}", AUTODETECT_TYPE="YES", EMPTY_STRING_AS_NULL="YES")  # shown

read_all(pyogrio.__version__ + ", GDAL " + pyogrio.__gdal_version_string__, csv=lambda path: csv(path)[1])
