"""Computes the expected contents of a release from the API's raw answers, without the exporter's code.

Usage: truth.py RUN_FOLDER API_URL [--values]; prints {table: {country or "": {"rows", "columns"}}} as JSON.
Rules of the contract: "Not available" and "" are null areas, the status is that of the operation list, the newest
snapshot of a series is the latest, a snapshot's sum is null unless every row has a figure.
"""

import gzip
import json
import os
import sys
import urllib.request
from collections import Counter, defaultdict
from datetime import date
from itertools import groupby
from pathlib import Path

EPOCH = date(1970, 1, 1).toordinal()
AREAS = [[], ["admin1"], ["admin1", "admin2"]]
PERSONS = {"idps": "num_present_idp_ind", "males": "number_males", "females": "number_females"}
FIELDS = {
    "operation": "operation", "assessment_type": "assessmentType", "admin0_name": "admin0Name",
    "admin0_pcode": "admin0Pcode", "year_reporting_date": "yearReportingDate",
    "month_reporting_date": "monthReportingDate", "round_number": "roundNumber",
    "displacement_reason": "displacementReason", "num_present_idp_ind": "numPresentIdpInd",
    "number_males": "numberMales", "number_females": "numberFemales", "id": "id",
}
PLACES = {f"{area}_{part}": f"{area}{part.title()}" for area in ("admin1", "admin2") for part in ("name", "pcode")}
ORIGINS = {f"idp_origin_admin1_{part}": f"idpOriginAdmin1{part.title()}" for part in ("name", "pcode")}
BOOLEANS = ["is_latest", "levels_agree"]
INTEGERS = [
    "year_reporting_date", "month_reporting_date", "round_number", "num_present_idp_ind", "number_males",
    "number_females", "id", "level", "areas", "rows", "idps", "males", "females", "days_since_previous",
]


def listed(url, name):
    """Requests a list of the API."""
    headers = {"Ocp-Apim-Subscription-Key": "sample-key"}
    request = urllib.request.Request(f"{url}/v3/displacement/{name}", headers=headers)
    with urllib.request.urlopen(request) as response:
        return json.load(response)["result"]


def place(value):
    return None if value in (None, "", "Not available") else value


def level_rows(run, level, statuses):
    """All rows of a level with our column names, the status of their operation, and `is_latest`."""
    fields = {column: FIELDS[column] for column in FIELDS}
    places = {c: f for c, f in PLACES.items() if c.split("_")[0] in AREAS[level]} | ORIGINS
    rows = []
    for path in sorted((run / "raw" / f"admin{level}").glob("*.json.gz")):
        for sent in json.loads(gzip.decompress(path.read_bytes()))["result"]:
            row = {column: sent.get(field) for column, field in fields.items()}
            row |= {column: place(sent.get(field)) for column, field in places.items()}
            row["reporting_date"] = date.fromisoformat(sent["reportingDate"][:10]).toordinal() - EPOCH
            row["operation_status"] = statuses.get((row["admin0_pcode"], row["operation"]))
            rows.append(row)
    newest = {}
    for row in rows:
        newest[series(row)] = max(newest.get(series(row), (-(10**9), 0)), count(row))
    for row in rows:
        row["is_latest"] = newest[series(row)] == count(row)
    return rows


def series(row):
    return row["admin0_pcode"], row["operation"], row["assessment_type"]


def count(row):
    return row["reporting_date"], row["round_number"]


def total(rows, column):
    values = [row[column] for row in rows]
    return None if None in values else sum(values)


def areas(rows, level):
    if level == 0:
        return 1
    pcode, name = f"admin{level}_pcode", f"admin{level}_name"
    named = {row[name] for row in rows if row[pcode] is None and row[name] is not None}
    return len({row[pcode] for row in rows} - {None}) + len(named)


def snapshots(levels):
    made = []
    for level, rows in enumerate(levels):
        ordered = sorted(rows, key=lambda row: (*series(row), *count(row)))
        before = None
        for _, group in groupby(ordered, key=lambda row: (*series(row), *count(row))):
            group = list(group)
            row = {name: group[0][name] for name in (
                "admin0_pcode", "operation", "assessment_type", "reporting_date", "round_number",
                "operation_status", "is_latest")}
            row |= {name: total(group, column) for name, column in PERSONS.items()}
            row |= {"level": level, "areas": areas(group, level), "rows": len(group)}
            row["admin0_name"] = min((each["admin0_name"] for each in group), key=str.encode)
            same = before is not None and series(before) == series(row)
            row["days_since_previous"] = row["reporting_date"] - before["reporting_date"] if same else None
            made.append(row)
            before = row
    whole = {(*series(row), *count(row)): row["idps"] for row in made if row["level"] == 0}
    for row in made:
        national = whole.get((*series(row), *count(row)))
        known = row["idps"] is not None and national is not None
        row["levels_agree"] = row["idps"] == national if known else None
    return made


def describe(values, name, with_values):
    """Statistics of a column; days are since 1970, bytes are of UTF-8."""
    there = [value for value in values if value is not None]
    nulls = len(values) - len(there)
    if name in INTEGERS:
        return {"kind": "integer", "nulls": nulls, "sum": sum(there)}
    if name in BOOLEANS:
        return {"kind": "boolean", "nulls": nulls, "true": sum(there)}
    if name == "reporting_date":
        day = lambda at: date.fromordinal(at + EPOCH).isoformat()  # noqa: E731
        ends = {"min": day(min(there)), "max": day(max(there))} if there else {"min": None, "max": None}
        return {"kind": "date", "nulls": nulls, **ends, "days": sum(there)}
    counts = Counter(there)
    figures = {"empty": counts[""], "distinct": len(set(there)), "bytes": sum(len(t.encode()) * n for t, n in counts.items())}
    return {"kind": "text", "nulls": nulls, **figures} | ({"values": sorted(counts.items())} if with_values else {})


def table(rows, columns, with_values):
    described = {name: describe([row[name] for row in rows], name, with_values) for name in columns}
    return {"rows": len(rows), "columns": described}


def by_country(rows, with_values):
    """Statistics of the whole table (under "") and of each country."""
    groups = defaultdict(list)
    for row in rows:
        groups[row["admin0_pcode"]].append(row)
    columns = list(rows[0])
    return {country: table(part, columns, with_values) for country, part in (("", rows), *groups.items())}


def main():
    run, url, with_values = Path(sys.argv[1]), sys.argv[2], "--values" in sys.argv[3:]
    names = {"admin0_name": "admin0Name", "admin0_pcode": "admin0Pcode"}
    countries = [{c: row[f] for c, f in names.items()} for row in listed(url, "country-list")]
    more = {"operation": "operation", "operation_status": "operationStatus"}
    operations = [{c: row[f] for c, f in (names | more).items()} for row in listed(url, "operation-list")]
    statuses = {(row["admin0_pcode"], row["operation"]): row["operation_status"] for row in operations}
    levels = [level_rows(run, level, statuses) for level in range(3)]
    tables = {f"admin{level}": rows for level, rows in enumerate(levels)}
    tables |= {"snapshots": snapshots(levels), "countries": countries, "operations": operations}
    json.dump({name: by_country(rows, with_values) for name, rows in tables.items()}, sys.stdout)


os.environ["NO_PROXY"] = "127.0.0.1"
main()
