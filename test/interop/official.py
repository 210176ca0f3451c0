"""Runs the official client: reads one call per line of stdin as JSON, and writes one outcome per line of stdout."""

import dtmapi.api
import dtmapi.config
from dtmapi import DTMApi

from answer_calls import serve

HOST = "https://dtmapi.iom.int"
ADDRESSES = {name: value for name, value in vars(dtmapi.config).items() if str(value).startswith(HOST)}
METHODS = {
    "countries": "get_all_countries",
    "operations": "get_all_operations",
    "admin0": "get_idp_admin0_data",
    "admin1": "get_idp_admin1_data",
    "admin2": "get_idp_admin2_data",
}


def point_at(url):
    """Replaces the host in the client's addresses; nothing else of the client is changed."""
    assert len(ADDRESSES) == 10, f"expected 10 addresses, got {sorted(ADDRESSES)}"
    for name, value in ADDRESSES.items():
        assert hasattr(dtmapi.api, name), name
        setattr(dtmapi.api, name, url + value.removeprefix(HOST))


def frame(data):
    """Shape, columns and sum of persons of a data frame."""
    column = "numPresentIdpInd"
    people = int(data[column].sum()) if column in data.columns else None
    return {"shape": list(data.shape), "columns": list(data.columns), "people": people}


def answer(call):
    point_at(call["url"])
    client = DTMApi(**call["client"])
    method = getattr(client, METHODS[call["endpoint"]])
    data = method(**call["query"], to_pandas=call["pandas"])
    return {"frame": frame(data)} if call["pandas"] else {"rows": data}


serve(answer)
