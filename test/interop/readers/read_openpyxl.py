"""openpyxl: sheets as rows of Python values."""

import openpyxl
from reading import read_all
from rows import table_of

def workbook(path, sheet):
    return table_of(openpyxl.load_workbook(path, read_only=True)[sheet].iter_rows(values_only=True))  # shown

read_all(openpyxl.__version__, workbook=workbook)
