#!/usr/bin/env python3
"""Checks a published dataset in a folder against the documented layout.

It shares no code with `lib/` and needs only Python's standard library. So it finds mistakes that the program makes both
when it writes and when it verifies. It changes nothing.

    python3 test/checker.py FOLDER [--json] [--published FILE] [--copy] [--killed]

Exit status: 0 whole, 1 with problems (one line each on stdout), 2 usage.
"""
import argparse
import csv
import gzip
import hashlib
import io
import json
import re
import struct
import sys
import time
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib
from datetime import datetime, timezone
from pathlib import Path

RELEASE_ID = re.compile(r"^(\d{4}-\d{2}-\d{2})\.([1-9]\d{0,5})$")
RUN_ID = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z(-[a-z0-9]{1,12})?$")
PROBE = re.compile(r"^promises/[0-9a-f-]{36}$")
# The run whose turn it is, and the requests that wait.
TURNS = {"lease.json", "requests.json"}
IN_RUN = re.compile(
    r"^(plan\.json|request\.json|report\.json|raw/admin\d/[A-Z]{3}\.json\.gz|staged/admin\d/[A-Z]{3}\.arrow|units/admin\d/[A-Z]{3}\.json"
    r"|countries/[A-Z]{3}\.json)$"
)
ROOT_FILES = {"latest.json", "releases.json", "status.json", "feed.xml", "index.html"}
ROOT_FOLDERS = {"assets", "releases", "runs"}
# Used by the folder store itself, invisible to readers.
HIDDEN = {".tmp", ".lock"}
TABLES = ["admin0", "admin1", "admin2", "snapshots", "countries", "operations"]
RECORD = {"claim.json", "manifest.json", "withdrawn.json"}
SAME_EVERYWHERE = ["dataset", "api_version", "synthetic", "visibility"]
ATOM = "{http://www.w3.org/2005/Atom}"
DAY = 24 * 60 * 60
# Arrow IPC: a stream ends with a continuation mark and a length of 0.
ARROW_END = bytes.fromhex("ffffffff00000000")


class Folder:
    """The folder to check, its problems, and counts of what was read."""

    def __init__(self, root, options):
        self.root, self.options = Path(root), options
        self.problems, self.files, self.bytes = [], 0, 0
        self.now = datetime.now(timezone.utc)

    def wrong(self, where, what):
        self.problems.append(f"{where}: {what}")

    def expect(self, where, what, expected, found):
        """Compares two values and reports a difference. Returns True if they are equal."""
        if expected != found:
            self.wrong(where, f"{what}: expected {shown(expected)}, found {shown(found)}")
        return expected == found

    def guard(self, where, work, *given):
        """Runs one check. A file with another structure than expected is reported as a problem."""
        try:
            return work(self, *given)
        except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
            return self.wrong(where, f"its shape is not the one that is promised ({type(error).__name__}: {error})")

    def read(self, path):
        """Reads a file's bytes. If it is missing, reports a problem and returns None."""
        try:
            body = (self.root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return self.wrong(path, "missing")
        self.files, self.bytes = self.files + 1, self.bytes + len(body)
        return body

    def json(self, path):
        """Reads a file's JSON object. If it is missing or no object, reports a problem and returns None."""
        body = self.read(path)
        if body is None:
            return None
        try:
            value = json.loads(body.decode("utf-8"))
        except ValueError as error:
            return self.wrong(path, f"not JSON ({error})")
        return value if isinstance(value, dict) else self.wrong(path, "expected a JSON object")

    def below(self, path):
        """Lists the relative paths of the files below a folder, in order. A link is reported as a problem."""
        found, start = [], self.root / path
        for one in sorted(start.rglob("*")) if start.is_dir() else []:
            if one.is_symlink():
                self.wrong(one.relative_to(self.root), "a link, expected a file")
            elif one.is_file():
                found.append(one.relative_to(start).as_posix())
        return found


def shown(value):
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) < 200 else f"{text[:200]}..."


def sha256(body):
    return hashlib.sha256(body).hexdigest()


def order(release):
    """The sort key of a release id: its date and its counter."""
    date, counter = RELEASE_ID.match(release).groups()
    return date, int(counter)


def instant(text):
    """Parses a time such as 2026-11-24T05:00:00.000Z; None for anything else."""
    if not isinstance(text, str) or not re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", text):
        return None
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


# Parquet's footer: the part of Thrift's compact protocol that it uses.


class Compact:
    """Reads Thrift's compact protocol into dictionaries of field numbers, and lists."""

    def __init__(self, body):
        self.body, self.at = body, 0

    def varint(self):
        value = shift = 0
        while True:
            byte = self.body[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def integer(self):
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def take(self, length):
        if self.at + length > len(self.body):
            raise IndexError("it ends too early")
        self.at += length
        return self.body[self.at - length : self.at]

    def value(self, kind):
        if kind in (1, 2):
            return kind == 1
        if kind == 3:
            return self.take(1)[0]
        if kind in (4, 5, 6):
            return self.integer()
        if kind == 7:
            return struct.unpack("<d", self.take(8))[0]
        if kind == 8:
            return self.take(self.varint())
        if kind in (9, 10):
            return self.many()
        if kind == 12:
            return self.fields()
        raise ValueError(f"Thrift type {kind} is not expected")

    def many(self):
        head = self.take(1)[0]
        length = self.varint() if head >> 4 == 15 else head >> 4
        # In a list, every boolean has its own byte.
        if head & 15 in (1, 2):
            return [byte == 1 for byte in self.take(length)]
        return [self.value(head & 15) for _ in range(length)]

    def fields(self):
        found, number = {}, 0
        while True:
            head = self.take(1)[0]
            if head == 0:
                return found
            number = number + (head >> 4) if head >> 4 else self.integer()
            found[number] = self.value(head & 15)


def parquet_footer(body):
    """Reads the number of rows and the column names of a Parquet file. Raises ValueError with a message."""
    if len(body) < 12 or body[:4] != b"PAR1" or body[-4:] != b"PAR1":
        raise ValueError("it does not begin and end with PAR1")
    length = struct.unpack("<I", body[-8:-4])[0]
    if length > len(body) - 12:
        raise ValueError(f"its footer of {length} bytes is longer than the file")
    try:
        # FileMetaData: 2 schema, 3 num_rows, 4 row_groups; SchemaElement: 4 name; RowGroup: 3 num_rows.
        meta = Compact(body[-8 - length : -8]).fields()
        rows, groups = meta[3], sum(group[3] for group in meta[4])
        names = [element[4].decode("utf-8") for element in meta[2][1:]]
    except (IndexError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"its footer cannot be read ({error})") from None
    if rows != groups:
        raise ValueError(f"its footer says {rows} rows, its row groups {groups}")
    return rows, names


# CSV.


def unpacked(body):
    """Decompresses a gzip file. Raises ValueError with a message."""
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"not gzip ({error})") from None


def csv_rows(text, columns):
    """Counts the rows of a CSV. Raises ValueError with a message if the header or a row is wrong."""
    header = ",".join(f'"{name}"' for name in columns)
    first = text.split(b"\n", 1)[0].decode("utf-8", "replace")
    if first != header:
        raise ValueError(f"expected the header {header}, found {first[:200]}")
    if not text.endswith(b"\n"):
        raise ValueError("it does not end with a line feed")
    rows = -1
    try:
        for row in csv.reader(io.StringIO(text.decode("utf-8"), newline=""), strict=True):
            rows += 1
            if len(row) != len(columns):
                raise ValueError(f"row {rows} has {len(row)} values, expected {len(columns)}")
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"row {rows + 1}: {error}") from None
    return rows


def without_id(text, columns):
    """Removes the `id` column from a CSV. It is the last column, and it is quoted only in the header."""
    if columns[-1] != "id":
        return text
    header, rows = text.split(b"\n", 1)
    # Every second part is outside quotes. A doubled quote gives an empty part.
    parts = rows.split(b'"')
    parts[::2] = [re.sub(rb",[^,\n]*\n", b"\n", part) for part in parts[::2]]
    return header.removesuffix(b',"id"') + b"\n" + b'"'.join(parts)


# A release.


def check_data_file(folder, where, entry, body, manifest):
    """Checks the content of a listed file. Returns the text of a CSV, None for other files."""
    columns = {table["name"]: [column["name"] for column in table["columns"]] for table in manifest["tables"]}
    names = columns.get(entry["table"])
    try:
        if entry["format"] == "parquet":
            rows, found = parquet_footer(body)
            if names is not None:
                folder.expect(where, "columns", names, found)
            folder.expect(where, "rows", entry["rows"], rows)
        elif entry["format"] == "csv":
            text = unpacked(body)
            folder.expect(where, "rows", entry["rows"], csv_rows(text, names))
            return text
        elif entry["format"] == "xlsx":
            damaged = zipfile.ZipFile(io.BytesIO(body)).testzip()
            if damaged:
                raise ValueError(f"{damaged} within it is damaged")
        elif entry["format"] == "json":
            json.loads(body.decode("utf-8"))
        else:
            body.decode("utf-8")
    except (ValueError, zipfile.BadZipFile) as error:
        folder.wrong(where, str(error))
    return None


def check_content(folder, where, manifest, texts):
    """Checks the CSV files together: rows of tables, parts by country, and hashes of the content."""
    lines = ""
    for table in manifest["tables"]:
        name, columns = table["name"], [column["name"] for column in table["columns"]]
        whole = texts.get((name, None))
        if whole is None:
            return folder.wrong(where, f"no CSV of the whole table {name}")
        folder.expect(where, f"rows of {name}", table["rows"], line_feeds(whole) - 1)
        parts = sorted((country, text) for (of, country), text in texts.items() if of == name and country)
        if name.startswith("admin"):
            joined = whole.split(b"\n", 1)[0] + b"\n" + b"".join(text.split(b"\n", 1)[1] for _, text in parts)
            if joined != whole:
                folder.wrong(where, f"the CSV files of {name} by country are not together the whole table")
        hash = sha256(without_id(whole, columns))
        folder.expect(where, f"content_sha256 of {name}", manifest["content_sha256"].get(name), hash)
        lines += f"{hash}  {name}\n"
    folder.expect(where, "tables", TABLES, [table["name"] for table in manifest["tables"]])
    folder.expect(where, "content_sha256 of all", manifest["content_sha256"].get("all"), sha256(lines.encode()))
    for level in range(3):
        units = [unit["rows"] for unit in manifest["coverage"]["units"] if unit["level"] == level]
        rows = next((table["rows"] for table in manifest["tables"] if table["name"] == f"admin{level}"), None)
        folder.expect(where, f"rows of the units of admin{level}", rows, sum(units))


def line_feeds(text):
    """Counts the line feeds of a CSV that end a row: those outside quotes."""
    return sum(part.count(b"\n") for part in text.split(b'"')[::2])


def check_release(folder, release, manifest, entry):
    """Checks all files of a release. `entry` is its entry in the list, None if it was never published."""
    base, manifest_path = f"releases/{release}", f"releases/{release}/manifest.json"
    check_claim(folder, release, manifest)
    withdrawn = entry is not None and entry["status"] == "withdrawn"
    expires = instant(entry["expires_at"]) if entry else None
    expired = expires is not None and expires <= folder.now
    listed = {}
    for file in manifest["files"]:
        path = file["path"]
        if path in listed:
            folder.wrong(manifest_path, f"lists {path} twice")
        if path.startswith("/") or ".." in path.split("/") or path in RECORD:
            folder.wrong(manifest_path, f"lists {path}, which is no path of a release")
        listed[path] = file
    there = set(folder.below(base))
    allowed = RECORD if withdrawn else RECORD | listed.keys()
    for path in sorted(there - allowed):
        why = "still there although the release was withdrawn" if path in listed else "not listed in manifest.json"
        folder.wrong(f"{base}/{path}", why)
    if not withdrawn and "withdrawn.json" in there:
        folder.wrong(f"{base}/withdrawn.json", "there, but releases.json does not say that the release was withdrawn")
    if withdrawn:
        return check_withdrawal(folder, base, entry)
    texts = {}
    for path, file in listed.items():
        gone = expired and not path.startswith("changes/")
        if gone and path not in there:
            continue
        body = folder.read(f"{base}/{path}")
        if body is None:
            continue
        same = folder.expect(f"{base}/{path}", "bytes", file["bytes"], len(body))
        if same and folder.expect(f"{base}/{path}", "SHA-256", file["sha256"], sha256(body)):
            text = check_data_file(folder, f"{base}/{path}", file, body, manifest)
            if text is not None:
                texts[file["table"], file["country"]] = text
    if not expired:
        check_sums(folder, base, listed)
        check_content(folder, manifest_path, manifest, texts)


def check_claim(folder, release, manifest):
    claim = folder.json(f"releases/{release}/claim.json")
    for key in ["run", "created_at", "supersedes", "generator"] if claim else []:
        folder.expect(f"releases/{release}/claim.json", key, manifest.get(key), claim.get(key))
    where = f"releases/{release}/manifest.json"
    folder.expect(where, "release", release, manifest.get("release"))
    folder.expect(where, "status", "complete", manifest.get("status"))
    folder.expect(where, "the day of created_at", order(release)[0], str(manifest.get("created_at"))[:10])


def check_withdrawal(folder, base, entry):
    said = folder.json(f"{base}/withdrawn.json")
    if said is not None:
        folder.expect(f"{base}/withdrawn.json", "what releases.json says", entry.get("withdrawn"), said)


def check_sums(folder, base, listed):
    body = folder.read(f"{base}/SHA256SUMS")
    if body is None:
        return
    found = dict(reversed(line.split("  ", 1)) for line in body.decode().splitlines() if "  " in line)
    expected = {path: file["sha256"] for path, file in listed.items() if path != "SHA256SUMS"}
    for path in sorted(found.keys() | expected.keys()):
        folder.expect(f"{base}/SHA256SUMS", path, expected.get(path), found.get(path))


# The list, the pointer and the other files in the root.


def check_list(folder, manifests, claims):
    """Compares the list with the release folders. Returns the entries of the list."""
    where = "releases.json"
    if folder.options.copy and not (folder.root / where).exists():
        return []
    if not manifests and not claims and not (folder.root / where).exists():
        return []
    value = folder.json(where)
    entries = value.get("releases") if value else None
    if not isinstance(entries, list):
        if value is not None:
            folder.wrong(where, "expected a list of releases")
        return []
    entries = [entry for entry in entries if is_entry(folder, where, entry)]
    ids = [entry["release"] for entry in entries]
    for release in sorted({one for one in ids if ids.count(one) > 1}):
        folder.wrong(where, f"lists {release} twice")
    for entry in entries:
        check_entry(folder, entry, manifests)
    superseded = {claim["supersedes"]: release for release, claim in claims.items() if claim.get("supersedes")}
    for release in sorted(manifests.keys() - set(ids)):
        if release in superseded:
            folder.wrong(where, f"does not list {release}, which {superseded[release]} supersedes")
    check_chain(folder, entries)
    return entries


def is_entry(folder, where, entry):
    keys = ["release", "status", "manifest", "manifest_sha256", "published_at", "supersedes", "schema_version"]
    missing = [key for key in [*keys, "rows", "changes", "expires_at", "announced_at"] if key not in entry]
    if missing or not RELEASE_ID.match(str(entry["release"])) or entry["status"] not in ("published", "withdrawn"):
        folder.wrong(where, f"an entry without {', '.join(missing)}" if missing else f"a wrong entry {shown(entry)}")
        return False
    return True


def check_entry(folder, entry, manifests):
    release, where = entry["release"], f"releases.json, {entry['release']}"
    path = f"releases/{release}/manifest.json"
    folder.expect(where, "manifest", path, entry["manifest"])
    if instant(entry["published_at"]) is None:
        folder.wrong(where, f"published_at: expected a moment, found {shown(entry['published_at'])}")
    if release not in manifests:
        return folder.wrong(where, f"listed, but {path} is missing or damaged")
    manifest, hash = manifests[release]
    folder.expect(where, "manifest_sha256", hash, entry["manifest_sha256"])
    for key in ["supersedes", "schema_version", "changes"]:
        folder.expect(where, key, manifest[key], entry[key])
    folder.expect(where, "rows", level_rows(manifest), entry["rows"])


def level_rows(manifest):
    return {table["name"]: table["rows"] for table in manifest["tables"] if table["name"].startswith("admin")}


def is_standing(folder, entry):
    expires = instant(entry["expires_at"])
    return entry["status"] == "published" and (expires is None or expires > folder.now)


def check_chain(folder, entries):
    """Checks the order: a release is above the one that it supersedes, and no two valid ones supersede the same one."""
    where, at = "releases.json", {entry["release"]: place for place, entry in enumerate(entries)}
    below = {}
    for entry in entries:
        release, older = entry["release"], entry["supersedes"]
        if is_standing(folder, entry):
            below.setdefault(older, []).append(release)
        if older is None or folder.options.copy:
            continue
        if older not in at:
            folder.wrong(where, f"{release} supersedes {older}, which is not listed")
        elif at[older] < at[release]:
            folder.wrong(where, f"not newest first: {release} supersedes {older} and stands below it")
    for older, releases in below.items():
        if len(releases) > 1 and not folder.options.copy:
            folder.wrong(where, f"{' and '.join(sorted(releases))} both supersede {older or 'nothing'}: one of them is lost")
    # A release is above a withdrawn one if it was claimed earlier but published later, so only valid ones are compared.
    ids = [entry["release"] for entry in entries if is_standing(folder, entry)]
    links = [(entry["release"], entry["supersedes"]) for entry in entries if entry["supersedes"] in at]
    in_time = all(order(newer) > order(older) for newer, older in links)
    if in_time and ids != sorted(ids, key=order, reverse=True):
        folder.wrong(where, f"not newest first: {shown(ids)}")


def check_pointer(folder, entries, manifests):
    """Compares the pointer with its manifest and the list. Returns the release that it names."""
    where = "latest.json"
    if not manifests and not (folder.root / where).exists():
        return None
    pointer = folder.json(where)
    if pointer is None:
        return None
    missing = {"release", "manifest", "manifest_sha256", "published_at", "schema_version", "rows"} - pointer.keys()
    if missing:
        return folder.wrong(where, f"{', '.join(sorted(missing))} missing")
    standing = [entry["release"] for entry in entries if is_standing(folder, entry)]
    release = pointer["release"]
    if not (folder.options.copy and not entries):
        folder.expect(where, "the newest release that stands", standing[0] if standing else None, release)
    if release is None:
        folder.expect(where, "manifest", [None, None], [pointer["manifest"], pointer["manifest_sha256"]])
        return None
    if not folder.expect(where, "manifest", f"releases/{release}/manifest.json", pointer["manifest"]):
        return None
    if release not in manifests:
        return folder.wrong(where, f"names {pointer['manifest']}, which is missing or damaged")
    manifest, hash = manifests[release]
    folder.expect(where, "manifest_sha256", hash, pointer["manifest_sha256"])
    folder.expect(where, "schema_version", manifest["schema_version"], pointer["schema_version"])
    folder.expect(where, "rows", level_rows(manifest), pointer["rows"])
    entry = next((one for one in entries if one["release"] == release), None)
    if entry:
        folder.expect(where, "published_at", entry["published_at"], pointer["published_at"])
    return release


STATUS = {"last_check": ["at", "run", "outcome", "coverage"], "last_change": ["at", "release"], "last_failure": ["at", "run", "reason"]}


def check_status(folder, entries):
    where = "status.json"
    status = folder.json(where)
    if status is None:
        return
    for name, keys in STATUS.items():
        part = status.get(name, "missing")
        if part is None:
            continue
        missing = [key for key in keys if key not in part] if isinstance(part, dict) else keys
        if missing:
            folder.wrong(where, f"{name}: {', '.join(missing)} missing")
        elif instant(part["at"]) is None:
            folder.wrong(where, f"{name}: expected a moment, found {shown(part['at'])}")
        elif name == "last_change" and part["release"] not in [entry["release"] for entry in entries]:
            folder.wrong(where, f"last_change: release {shown(part['release'])} is not listed")
        elif name == "last_check" and part["outcome"] not in ("published", "unchanged", "refused", "failed"):
            folder.wrong(where, f"last_check: outcome {shown(part['outcome'])}")


def check_feed(folder, entries):
    body = folder.read("feed.xml")
    if body is None:
        return
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        return folder.wrong("feed.xml", f"not XML ({error})")
    found = []
    for entry in root.iter(f"{ATOM}entry"):
        links = [link.get("href", "") for link in entry.iter(f"{ATOM}link") if link.get("rel") == "related"]
        match = re.search(r"releases/([^/]+)/manifest\.json$", links[0]) if links else None
        withdrawn = " (withdrawn)" in (entry.findtext(f"{ATOM}title") or "")
        found.append(f"{match.group(1) if match else '?'}{' withdrawn' if withdrawn else ''}")
    expected = [f"{entry['release']}{' withdrawn' if entry['status'] == 'withdrawn' else ''}" for entry in entries]
    folder.expect("feed.xml", "entries", expected, found)


def check_page(folder, current):
    body = folder.read("index.html")
    if body is not None:
        text = body.decode("utf-8", "replace")
        named = sorted(set(re.findall(r"assets/[A-Za-z0-9._-]+", text)))
        for path in named:
            if not (folder.root / path).is_file():
                folder.wrong(path, "missing, but index.html names it")
        if not text.rstrip().endswith("</html>") or not named:
            folder.wrong("index.html", "not whole")
        if current and current not in text:
            folder.wrong("index.html", f"does not name the current release {current}")
    for name in folder.below("assets"):
        content = folder.read(f"assets/{name}")
        match = re.search(r"-([0-9a-f]{16})\.[a-z0-9]+$", name)
        folder.expect(f"assets/{name}", "the hash in its name", match and match.group(1), sha256(content)[:16])


# Files that should not exist: names outside the layout, half files, files that processes left behind.


def check_names(folder):
    for one in sorted(folder.root.iterdir()):
        allowed = ROOT_FOLDERS if one.is_dir() else ROOT_FILES
        if one.name not in allowed | HIDDEN:
            folder.wrong(one.name, "nothing of this name belongs here")
    for one in sorted((folder.root / "releases").iterdir()) if (folder.root / "releases").is_dir() else []:
        if not RELEASE_ID.match(one.name) or not one.is_dir():
            folder.wrong(f"releases/{one.name}", "not a release")


def check_temporary(folder):
    """Reports temporary files. With `--killed`, files younger than a day may come from killed processes."""
    for name in folder.below(".tmp"):
        age = time.time() - (folder.root / ".tmp" / name).stat().st_mtime
        if not folder.options.killed or age > DAY:
            folder.wrong(f".tmp/{name}", f"a temporary file of {round(age)} seconds ago that nobody removed")


def check_runs(folder):
    """Checks that the files of runs have known names and are complete, because a resumed run reads them."""
    for path in folder.below("runs"):
        run, _, name = path.partition("/")
        where = f"runs/{path}"
        # A test object for the preconditions of a bucket. Without permission to delete, it expires with the runs.
        if PROBE.match(path) or path in TURNS:
            continue
        # The countries of which the operator of a stack was told.
        if path == "told-gaps.json":
            content = json.loads((folder.root / where).read_text())
            if set(content) != {"at", "countries"}:
                folder.wrong(where, f"has the keys {sorted(content)}")
            continue
        if not RUN_ID.match(run) or not IN_RUN.match(name):
            folder.wrong(where, "not a file of a run")
            continue
        body = folder.read(where)
        try:
            if name.endswith(".arrow"):
                if not body.endswith(ARROW_END):
                    raise ValueError("not a whole Arrow stream")
            else:
                json.loads(unpacked(body) if name.endswith(".gz") else body)
        except ValueError as error:
            folder.wrong(where, str(error))


def check_published(folder, entries):
    """Checks that the list has every release that a run reported as published."""
    listed = {entry["release"] for entry in entries}
    named = folder.options.published
    said = sys.stdin.read() if named == "-" else Path(named).read_text()
    for release in sorted(set(said.split()) - listed):
        folder.wrong("releases.json", f"lost release {release}: a run said that it published it")


def read_releases(folder):
    """Reads the manifests, with their SHA-256, and the claims of all releases on disk."""
    manifests, claims = {}, {}
    for one in sorted((folder.root / "releases").glob("*")):
        if not RELEASE_ID.match(one.name):
            continue
        base = f"releases/{one.name}"
        if (one / "claim.json").is_file():
            claims[one.name] = folder.json(f"{base}/claim.json") or {}
        if (one / "manifest.json").is_file():
            manifest = folder.json(f"{base}/manifest.json")
            if manifest is not None:
                manifests[one.name] = (manifest, sha256((one / "manifest.json").read_bytes()))
    return manifests, claims


def check(folder):
    """Runs all checks. Returns the current, listed, withdrawn and unpublished releases."""
    manifests, claims = read_releases(folder)
    check_names(folder)
    entries = folder.guard("releases.json", check_list, manifests, claims) or []
    current = folder.guard("latest.json", check_pointer, entries, manifests)
    by_id = {entry["release"]: entry for entry in entries}
    for release, (manifest, _) in manifests.items():
        folder.guard(f"releases/{release}/manifest.json", check_release, release, manifest, by_id.get(release))
    for key in SAME_EVERYWHERE:
        values = {json.dumps(manifest.get(key)) for manifest, _ in manifests.values()}
        if len(values) > 1:
            folder.wrong("releases", f"{key} is not the same over all releases: {', '.join(sorted(values))}")
    if not folder.options.copy and entries:
        folder.guard("status.json", check_status, entries)
        folder.guard("feed.xml", check_feed, entries)
        folder.guard("index.html", check_page, current)
    check_temporary(folder)
    folder.guard("runs", check_runs)
    if folder.options.published:
        check_published(folder, entries)
    unpublished = sorted((claims.keys() | manifests.keys()) - by_id.keys() - {current})
    withdrawn = [entry["release"] for entry in entries if entry["status"] == "withdrawn"]
    return {"current": current, "listed": [*by_id], "withdrawn": withdrawn, "unpublished": unpublished}


def main():
    parser = argparse.ArgumentParser(description="Checks a published dataset in a folder, as a stranger would.")
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--published", metavar="FILE", help="ids of releases that runs said they published, one a line; - is stdin")
    parser.add_argument("--copy", action="store_true", help="made by download: list, status, feed and page may be absent")
    parser.add_argument("--killed", action="store_true", help="processes were killed here: their temporary files may be there")
    options = parser.parse_args()
    if not Path(options.folder).is_dir():
        parser.error(f"{options.folder} is no folder")
    folder = Folder(options.folder, options)
    counted = check(folder)
    problems = list(dict.fromkeys(folder.problems))
    if options.json:
        print(json.dumps({"problems": problems, **counted, "files": folder.files, "bytes": folder.bytes}))
    else:
        print("\n".join(problems) or f"whole: {len(counted['listed'])} releases, {folder.files} files, {folder.bytes} bytes")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
