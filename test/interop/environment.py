"""Builds a virtual environment for the interoperability tests once, and prints the path of its Python.

Argument: the path of its requirements, relative to this folder; default requirements.txt.

The environment is built under a temporary name and renamed when it is complete, so an incomplete one is never used. The
lock is a kernel lock: it ends with the process that holds it. Needs only the standard library.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache"
REQUIREMENTS = HERE / (sys.argv[1] if len(sys.argv) > 1 else "requirements.txt")
# Packages whose dependencies conflict with the others. The tests read their data files and do not run their code.
ALONE = REQUIREMENTS.with_name(f"{REQUIREMENTS.stem}-alone.txt")
OLDEST = (3, 11)


def say(line):
    print(f"interop: {line}", file=sys.stderr, flush=True)


def fail(line):
    say(line)
    sys.exit(1)


def run(*command):
    """Runs a command, and shows its output only if it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        said = "\n".join(done.stdout.strip().splitlines()[-5:])
        fail(f"{' '.join(map(str, command))} failed ({done.returncode}):\n{said}")


def build(part):
    run(sys.executable, "-m", "venv", str(part))
    # Binary wheels only: a build without a compiler would fail late and with an unclear message.
    pip = [str(part / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, "--no-input", "--only-binary", ":all:", "--requirement", str(REQUIREMENTS))
    if ALONE.exists():
        run(*pip, "--no-input", "--only-binary", ":all:", "--no-deps", "--requirement", str(ALONE))


def python_of(folder):
    return folder / "bin" / "python"


def main():
    if sys.version_info < OLDEST:
        fail(f"Python {'.'.join(map(str, OLDEST))} or newer is needed, python3 is {platform.python_version()}")
    alone = ALONE.read_bytes() if ALONE.exists() else b""
    key = hashlib.sha256(REQUIREMENTS.read_bytes() + alone + platform.python_version().encode()).hexdigest()[:16]
    CACHE.mkdir(exist_ok=True)
    whole = CACHE / f"interop-{key}"
    # A name of its own: a pip of an interrupted run may still write into an earlier folder.
    part = CACHE / f"interop-{key}.{os.getpid()}.part"
    with open(CACHE / "interop.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for the Python environment, which another process builds")
            fcntl.flock(lock, fcntl.LOCK_EX)
        # A link to a removed Python counts as missing.
        if not os.access(python_of(whole), os.X_OK):
            say(f"installing the Python environment into {os.path.relpath(whole)} (once, a minute or two)")
            for old in (whole, *CACHE.glob("interop-*.part")):
                shutil.rmtree(old, ignore_errors=True)
            build(part)
            part.rename(whole)
    print(python_of(whole))


main()
