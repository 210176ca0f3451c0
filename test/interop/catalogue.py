"""Checks CITATION.cff against its format's schema, reads the page's JSON-LD with rdflib, and prints the results as JSON.

Arguments: the prefix's folder, the release's name, and more files in the Citation File Format.
"""

import json
import sys
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import yaml
from rdflib import Graph, Namespace
from rdflib.namespace import RDF

# schema.org's own context is online. For the terms used here it has the same effect as this.
CONTEXT = {"@vocab": "https://schema.org/"}
SCHEMA = Namespace(CONTEXT["@vocab"])


class Blocks(HTMLParser):
    """Collects the texts of JSON-LD blocks."""

    def __init__(self):
        super().__init__()
        self.inside, self.found = False, []

    def handle_starttag(self, tag, attributes):
        self.inside = tag == "script" and dict(attributes).get("type") == "application/ld+json"

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.found.append(data)


def cff(text):
    (package,) = find_spec("cffconvert").submodule_search_locations
    schema = json.loads((Path(package) / "schemas" / "1.2.0" / "schema.json").read_text(encoding="utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    found = kind(schema, format_checker=kind.FORMAT_CHECKER).iter_errors(yaml.safe_load(text))
    return [f"{each.json_path}: {each.message}" for each in found]


def linked_data(page):
    reader = Blocks()
    reader.feed(page)
    (block,) = reader.found
    graph = Graph().parse(data=json.dumps({**json.loads(block), "@context": CONTEXT}), format="json-ld")
    (dataset,) = graph.subjects(RDF.type, SCHEMA.Dataset)
    files = [
        [str(graph.value(each, SCHEMA[name])) for name in ("contentUrl", "contentSize", "sha256")]
        for each in graph.objects(dataset, SCHEMA.distribution)
    ]
    return {
        "name": str(graph.value(dataset, SCHEMA.name)),
        "version": str(graph.value(dataset, SCHEMA.version)),
        "files": sorted(files),
        "places": len(list(graph.objects(dataset, SCHEMA.spatialCoverage))),
    }


def main():
    prefix, release = Path(sys.argv[1]), sys.argv[2]
    text = (prefix / "releases" / release / "CITATION.cff").read_text(encoding="utf-8")
    spoilt = text.replace("type: dataset", "type: figures")
    page = (prefix / "index.html").read_text(encoding="utf-8")
    others = [cff(Path(each).read_text(encoding="utf-8")) for each in sys.argv[3:]]
    print(json.dumps({"cff": cff(text), "others": others, "spoilt": cff(spoilt), "linked": linked_data(page)}))


main()
