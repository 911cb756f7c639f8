"""Tries each part of the project in a fresh environment, at the lowest versions that pyproject.toml allows."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.requirements import Requirement
from packaging.version import Version

from mavibot_mock import Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT: Final = Path(__file__).parents[1]
#: The parts, an extra each but the first, with the tests that run at its lowest versions.
PARTS: Final = {
    "base": ["tests/client"],
    "cli": ["tests/cli"],
    "mock": ["tests/mock"],
    "conformance": ["tests/conformance"],
    "proxy": ["tests/proxy"],
    "ratelimit": ["tests/client/test_rate*.py"],
    "aiohttp": ["tests/client/test_transports.py"],
    "otel": [],  # its tests use instrumentations, which need newer versions
}
PYPROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT: Final = PYPROJECT["project"]
NAME: Final = PROJECT["name"]


class FailedError(Exception):
    """A part cannot be installed, or does not work; the text is what the command said."""


def lowest(part: str) -> list[str]:
    """Return the requirements of a part, each at its lowest version, as pip's constraints.

    Raises:
        ValueError: a requirement has no lower bound.
    """
    versions: dict[str, Version] = {}
    for requirement in _requirements(part):
        bounds = [Version(each.version) for each in requirement.specifier if each.operator in {">=", "=="}]
        if len(bounds) != 1:
            raise ValueError(f"{requirement} has no lower bound")
        versions[requirement.name] = max(versions.get(requirement.name, bounds[0]), bounds[0])
    return [f"{name}=={version}" for name, version in sorted(versions.items())]


def _requirements(part: str) -> Iterator[Requirement]:
    """Return what the project needs for a part on this machine, the extras that it builds on included."""
    extras = PROJECT["optional-dependencies"]
    texts = [*PROJECT["dependencies"], *extras.get(part, ())]
    for requirement in map(Requirement, texts):
        if requirement.name == NAME:
            for extra in requirement.extras:
                yield from _requirements(extra)
        elif requirement.marker is None or requirement.marker.evaluate():
            yield requirement


def _oldest_python() -> str:
    """Return the oldest Python that the project supports, or this one where that is not installed.

    Old versions of compiled packages were never built for a newer Python.
    """
    oldest = re.sub(r"[^\d.]", "", PROJECT["requires-python"])
    return shutil.which(f"python{oldest}") or sys.executable


def _try(part: str, python: str, wheel: Path, server: Server, *, newest: bool, whole: bool) -> str:
    """Install a part of the wheel into a fresh environment and use it; return what was seen.

    The tests of the part need the working tree, and are run on that.

    Raises:
        FailedError: something went wrong.
    """
    with tempfile.TemporaryDirectory(prefix=f"{NAME}-{part}-") as folder:
        constraints = Path(folder, "constraints.txt")
        constraints.write_text("" if newest else "\n".join(lowest(part)))
        _run(python, "-m", "venv", folder)
        own = f"{folder}/bin/python"
        pip = (own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint", constraints)
        if not whole or not PARTS[part]:
            _run(*pip, _with_extras(wheel, part))
            settings = {"MAVIBOT_BASE_URL": server.url, "MAVIBOT_API_KEY": server.api_key}
            return _run(own, ROOT / "scripts" / "smoke.py", part, folder=folder, **settings)
        _run(*pip, *_with_tests(part))
        return _run(own, "-m", "pytest", "-n", "auto", "-p", "no:cacheprovider", *_tests(part)).splitlines()[-1]


def _wheel(folder: str) -> Path:
    """Build the wheel of the working tree into a folder and return it."""
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    return next(Path(folder).glob("*.whl"))


def _with_extras(project: Path, *parts: str) -> str:
    extras = ",".join(part for part in parts if part != "base")
    return f"{project}[{extras}]" if extras else str(project)


def _with_tests(part: str) -> list[str]:
    """Return the requirements of a part and of its tests, which use the others as well.

    Only schemathesis is left to the tests of conformance: it needs newer versions than the other parts.
    """
    others = PARTS if part == "conformance" else PARTS.keys() - {"conformance"}
    return ["--editable", _with_extras(ROOT, *others), *PYPROJECT["dependency-groups"]["dev"]]


def _tests(part: str) -> list[Path]:
    return [path for pattern in PARTS[part] for path in ROOT.glob(pattern)]


def _run(*command: str | Path, folder: str | Path = ROOT, **environment: str) -> str:
    """Run a command in a folder and return what it printed, without the end of the last line."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=os.environ | environment
    )
    if done.returncode:
        raise FailedError(f"{done.stdout}{done.stderr}".strip())
    return done.stdout.rstrip()


def main(given: Sequence[str] | None = None) -> int:
    """Try the parts that the command line names; return 0 if each works."""
    parser = argparse.ArgumentParser(prog="scripts/floor", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all if none is named")
    parser.add_argument("--all", action="store_true", help="run all tests of the part, instead of a first use")
    parser.add_argument("--newest", action="store_true", help="take the newest versions instead of the lowest")
    parser.add_argument("--python", default=_oldest_python(), help="the Python to use (default: %(default)s)")
    options = parser.parse_args(given)
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; choose from {', '.join(PARTS)}")
    failed = 0
    with tempfile.TemporaryDirectory(prefix=f"{NAME}-") as folder, Server() as server:
        wheel = _wheel(folder)
        for part in options.parts or PARTS:
            began = time.monotonic()
            try:
                seen = _try(part, options.python, wheel, server, newest=options.newest, whole=options.all)
            except FailedError as error:
                failed += 1
                print(f"FAIL {part}\n{error}", flush=True)
            else:
                print(f"ok   {part:<12} {seen} ({time.monotonic() - began:.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
