"""The script that people use today: fetches every country and level with the official client, and writes with pandas.

    DTMAPI_SUBSCRIPTION_KEY=... python script.py FOLDER
"""

import sys
from pathlib import Path

import pandas as pd
from dtmapi import DTMApi
from dtmapi.exceptions import DTMApiResponseError

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
api = DTMApi()


def write(frame, name):
    frame.to_parquet(folder / f"{name}.parquet", index=False)
    frame.to_csv(folder / f"{name}.csv.gz", index=False, compression="gzip")


countries = api.get_all_countries()
write(countries, "countries")
write(api.get_all_operations(), "operations")

levels = {
    "admin0": api.get_idp_admin0_data,
    "admin1": api.get_idp_admin1_data,
    "admin2": api.get_idp_admin2_data,
}
for level, get_data in levels.items():
    frames = []
    for code in countries["admin0Pcode"]:
        try:
            frame = get_data(Admin0Pcode=code)
        except DTMApiResponseError:
            continue  # no data at this level
        if len(frame) > 0:
            write(frame, f"{level}-{code}")
            frames.append(frame)
    write(pd.concat(frames, ignore_index=True), level)
