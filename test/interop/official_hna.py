"""Runs the official HNA client: reads one call per line of stdin as JSON, and writes one outcome per line of stdout."""

import base64
import io

import dtmapi.hna.api
import dtmapi.hna.config
import openpyxl
from dtmapi import DTMHnaApi

from answer_calls import serve

HOST = "https://dtmapi.iom.int"
ADDRESSES = {name: value for name, value in vars(dtmapi.hna.config).items() if str(value).startswith(HOST)}
METHODS = {
    "countries": "get_all_countries",
    "catalog": "get_hna_data_catalog",
    "page": "get_hna_admin2_data",
    "all": "get_all_hna_admin2_data",
    "link": "get_hna_download_url",
    "download": "download_hna_data",
}


def point_at(url):
    """Replaces the host in the client's addresses; nothing else of the client is changed."""
    assert len(ADDRESSES) == 4, f"expected 4 addresses, got {sorted(ADDRESSES)}"
    for name, value in ADDRESSES.items():
        assert hasattr(dtmapi.hna.api, name), name
        setattr(dtmapi.hna.api, name, url + value.removeprefix(HOST))


def cells(workbook):
    """All values of the first sheet, read by openpyxl."""
    sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(workbook))).worksheets[0]
    return [list(line) for line in sheet.iter_rows(values_only=True)]


def answer(call):
    if call["method"] == "cells":
        return {"rows": cells(call["workbook"])}
    point_at(call["url"])
    method = getattr(DTMHnaApi(**call["client"]), METHODS[call["method"]])
    pandas = {} if call["method"] in ("link", "download") else {"to_pandas": False}
    data = method(**call["query"], **pandas)
    if isinstance(data, bytes):
        return {"bytes": base64.b64encode(data).decode()}
    if isinstance(data, list):
        return {"rows": data}
    if isinstance(data, dict):
        return {"link": {**data, "expires_at": data["expires_at"].isoformat()}}
    return {"path": str(data)}


serve(answer)
