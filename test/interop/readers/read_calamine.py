"""python-calamine: sheets as rows of Python values."""

import importlib.metadata
from reading import read_all
from rows import table_of
from python_calamine import CalamineWorkbook

def workbook(path, sheet):
    return table_of(CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(), blank="")  # shown

read_all(importlib.metadata.version("python-calamine"), workbook=workbook)
