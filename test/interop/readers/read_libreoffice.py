"""LibreOffice without a window: saves every sheet of workbooks, and whole CSV files, as CSV with the stored values."""

import csv as texts
import gzip
import subprocess
import tempfile
from pathlib import Path

import reading
from rows import table_of

HELD = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
OPENED = "--infilter=Text - txt - csv (StarCalc):44,34,76,1,,1033,true,true"
FOLDER = tempfile.TemporaryDirectory()
WORK = Path(FOLDER.name)
MADE = {}


def convert(paths, *words):
    profile = f"-env:UserInstallation={(WORK / 'profile').as_uri()}"
    command = ["soffice", "--headless", profile, *words, "--convert-to", HELD, "--outdir", str(WORK / "out"), *paths]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return table_of(texts.reader(file), blank="")


def workbook(path, sheet):
    return rows_of(WORK / "out" / f"{Path(path).stem}-{sheet}.csv")


def csv(path):
    return rows_of(WORK / "out" / f"{Path(path).name.removesuffix('.csv.gz')}-of-csv.csv")


def main():
    release = reading.release
    books = [path for path in sorted((release / "xlsx").glob("*.xlsx"))
             if reading.WORKBOOKS is None or path.stem in [*reading.WORKBOOKS, "snapshots"]]
    convert([str(path) for path in books])  # soffice --convert-to pdf xlsx/HTI.xlsx
    unpacked = []
    for path in sorted((release / "csv").glob("*.csv.gz")):
        copy = WORK / f"{path.name.removesuffix('.csv.gz')}-of-csv.csv"
        copy.write_bytes(gzip.decompress(path.read_bytes()))
        unpacked.append(str(copy))
    convert(unpacked, OPENED)
    for path in (WORK / "out").glob("*-of-csv-*.csv"):
        path.rename(path.with_name(path.name.split("-of-csv-")[0] + "-of-csv.csv"))
    version = subprocess.run(["soffice", "--version"], capture_output=True, text=True).stdout.split()[1]
    reading.read_all(version, csv=csv, workbook=workbook)


main()
