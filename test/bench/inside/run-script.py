"""Runs script.py unchanged against the address in DTMAPI_URL, and writes the cost of the process to file descriptor 3."""

import json
import os
import resource
import runpy
import sys
from pathlib import Path

import dtmapi.api
import dtmapi.config

HOST = "https://dtmapi.iom.int"

for name, value in vars(dtmapi.config).items():
    if str(value).startswith(HOST) and hasattr(dtmapi.api, name):
        setattr(dtmapi.api, name, os.environ["DTMAPI_URL"] + value.removeprefix(HOST))

runpy.run_path(str(Path(__file__).parents[1] / "script.py"), run_name="__main__")

used = resource.getrusage(resource.RUSAGE_SELF)
unit = 1 if sys.platform == "darwin" else 1024
cost = {"cpu": used.ru_utime + used.ru_stime, "rss": used.ru_maxrss * unit / 1e6}
os.write(3, json.dumps(cost).encode())
