"""Prints the findings of parliament as a JSON list of texts. Argument: a file with a list of {role, policy}."""

import json
import sys

from parliament import analyze_policy_string

found = []
with open(sys.argv[1]) as file:
    for entry in json.load(file):
        policy = analyze_policy_string(json.dumps(entry["policy"]))
        found += [f"{finding.issue} {entry['role']}: {finding.detail}" for finding in policy.findings]
print(json.dumps(found))
