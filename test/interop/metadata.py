"""Validates a release's metadata with frictionless and mlcroissant, and prints the results as JSON.

Argument: the release's folder.
"""

import copy
import json
import logging
import sys
from pathlib import Path

import mlcroissant
from frictionless import Package


def errors_of(folder, descriptor, resources):
    """Validates these resources of a package: the errors, and the number of resources."""
    package = Package.from_descriptor({**descriptor, "resources": resources}, basepath=str(folder))
    report = package.validate()
    return {"valid": report.valid, "errors": report.flatten(["name", "type", "note"]), "tasks": len(report.tasks)}


def as_file(resource):
    """The resource as a plain file without a table, because frictionless needs another package to open Parquet."""
    kept = ("name", "path", "bytes", "hash", "mediatype")
    return {**{key: resource[key] for key in kept}, "type": "file"}


def spoilt(resource):
    changed = copy.deepcopy(resource)
    changed["hash"] = "sha256:" + "0" * 64
    return changed


def data_package(folder):
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    csv = [each for each in descriptor["resources"] if each["format"] == "csv"]
    parquet = [each for each in descriptor["resources"] if each["format"] == "parquet"]
    xlsx = [each for each in descriptor["resources"] if each["format"] == "xlsx"]
    described = Package.validate_descriptor(descriptor)
    return {
        "descriptor": {"valid": described.valid, "errors": described.flatten(["type", "note"])},
        "csv": errors_of(folder, descriptor, csv),
        "parquet": errors_of(folder, descriptor, [as_file(each) for each in parquet]),
        "xlsx": errors_of(folder, descriptor, xlsx),
        "spoilt": errors_of(folder, descriptor, [spoilt(csv[0]), spoilt(as_file(parquet[0]))]),
        "rows": {
            each["path"]: len(Package.from_descriptor({**descriptor, "resources": [each]}, basepath=str(folder))
                              .resources[0].read_rows())
            for each in csv
        },
    }


def croissant(folder):
    dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    metadata = dataset.metadata
    records = {each.id: list(dataset.records(each.id)) for each in metadata.record_sets}
    return {
        "version": str(metadata.ctx.conforms_to.value),
        "errors": sorted(metadata.ctx.issues.errors),
        "warnings": sorted(metadata.ctx.issues.warnings),
        "files": {each.id: each.sha256 for each in metadata.file_objects},
        "rows": {name: len(rows) for name, rows in records.items()},
        "fields": {each.id: [field.id for field in each.fields] for each in metadata.record_sets},
        "people": {
            name: sum(int(row[f"{name}/num_present_idp_ind"] or 0) for row in rows
                      if row[f"{name}/num_present_idp_ind"] == row[f"{name}/num_present_idp_ind"])
            for name, rows in records.items() if name.startswith("admin")
        },
    }


def main():
    logging.disable(logging.WARNING)
    folder = Path(sys.argv[1])
    print(json.dumps({"dataPackage": data_package(folder), "croissant": croissant(folder)}))


main()
