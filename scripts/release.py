"""Checks whether the working tree can be released as a version, builds it and tags it."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import griffe
from uv import find_uv_bin

from mavibot_contract.changes import Step, changes, step

ROOT: Final = Path(__file__).parents[1]
#: Package -> folder, of those whose names without `_` are promised to users.
PUBLIC: Final = {
    "mavibot": "overrides",
    "mavibot_mock": "mock",
    "mavibot_conformance": "conformance",
    "mavibot_proxy": "proxy",
}
#: The package from whose classes the public ones inherit, and the folders of all of them.
_GENERATED: Final = "mavibot_api"
_SOURCES: Final = ("generated", *PUBLIC.values())
#: What colours a text on a terminal.
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_VERSION: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
#: Stands in pyproject.toml for the owner of the repository, until there is one.
_PLACEHOLDER: Final = "OWNER"
_BUNDLE: Final = "generated/mavibot_api/openapi.json"
#: Where a public index keeps a file; the host is the same for all.
_FILE: Final = re.compile(r"(https://[a-z.]+/)packages/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{60}/[^/]+")

Version = tuple[int, int, int]


class Refusal(Exception):
    """The version cannot be released; the text names what to fix."""


def parsed(text: str) -> Version:
    """Return the numbers of a version.

    Raises:
        Refusal: it is none, such as `1.0` or `v1.0.0`.
    """
    found = _VERSION.fullmatch(text)
    if not found:
        raise Refusal(f"{text!r} is no version; write it like 0.2.0")
    major, minor, patch = map(int, found.groups())
    return major, minor, patch


def least(last: Version, needed: Step | None) -> Version:
    """Return the least version that may follow another one.

    Args:
        last: the version that was released last.
        needed: the greatest step of what has changed since; `None` if nothing has.
    """
    major, minor, patch = last
    if needed is Step.BREAKING:
        return (major + 1, 0, 0) if major else (0, minor + 1, 0)
    if needed is Step.MINOR and major:
        return major, minor + 1, 0
    return major, minor, patch + 1


def check_clean(root: Path, version: str) -> None:
    """Refuse a dirty working tree, and a version whose tag stands at another commit."""
    if dirty := _git(root, "status", "--porcelain"):
        raise Refusal(f"the working tree is dirty; commit or remove: {', '.join(dirty.split()[1::2][:5])}")
    tagged = _git(root, "tag", "--list", f"v{version}")
    if tagged and _git(root, "rev-parse", f"v{version}^{{commit}}") != _git(root, "rev-parse", "HEAD"):
        raise Refusal(f"the tag v{version} exists already, at another commit")


def check_version(root: Path, version: str) -> None:
    """Refuse where the package or the contract states another version."""
    stated = {
        "overrides/mavibot/_version.py": _found(r'__version__ = "(.*)"', root / "overrides/mavibot/_version.py"),
        "openapi/openapi.yaml": _found(r"(?m)^  version: (.*)$", root / "openapi/openapi.yaml"),
    }
    if wrong := [f"{file} says {found}" for file, found in stated.items() if found != version]:
        raise Refusal(f"{' and '.join(wrong)}; it must say {version}, then run scripts/generate")


def check_changelog(root: Path, version: str) -> None:
    """Refuse a changelog that does not tell what is in the version."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.split(r"(?m)^## ", text)[1:]
    told = {section.partition("]")[0].removeprefix("["): section.partition("\n") for section in sections}
    heading, _, entries = told.get(version, ("", "", ""))
    if not re.fullmatch(rf"\[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d", heading.strip()):
        raise Refusal(f"CHANGELOG.md has no section '## [{version}] - YYYY-MM-DD'")
    if not re.search(r"(?m)^- ", entries):
        raise Refusal(f"CHANGELOG.md says nothing of {version}")
    if re.search(r"(?m)^- ", told.get("Unreleased", ("", "", ""))[2]):
        raise Refusal(f"CHANGELOG.md has entries under [Unreleased]; move them to [{version}]")


def check_addresses(root: Path) -> None:
    """Refuse addresses of the project that are not those of the repository."""
    urls = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    source = urls["Source"]
    origin = _git(root, "config", "--default", "", "--get", "remote.origin.url")
    here = re.sub(r"^(git@|ssh://git@|https://)([^:/]+)[:/]", r"https://\2/", origin).removesuffix(".git")
    if source != here:
        raise Refusal(f"[project.urls] of pyproject.toml names {source}, and the remote origin is {here or 'not set'}")
    if unnamed := [name for name, url in urls.items() if _PLACEHOLDER in url]:
        raise Refusal(f"[project.urls] of pyproject.toml leaves the owner open, {_PLACEHOLDER}: {', '.join(unnamed)}")


def check_generated(root: Path) -> None:
    """Refuse generated files that are not what their sources give."""
    _run(root, "scripts/generate", "--check")


def check_lock(root: Path) -> None:
    """Refuse a lock that is out of date, or that another machine cannot use."""
    text = (root / "uv.lock").read_text(encoding="utf-8")
    addresses = [url for url in re.findall(r'"([a-z+]+:/[^"]*)"', text) if url != public_index()]
    hosts = {found[1] for url in addresses if (found := _FILE.fullmatch(url))}
    foreign = [url for url in addresses if not _FILE.fullmatch(url)] or sorted(hosts)[1:]
    if foreign:
        raise Refusal(f"uv.lock names {foreign[0]}, which is not of the public index; run scripts/lock")
    _uv(root, "lock", "--check", "--quiet")


@cache
def public_index() -> str:
    """Return the address of the index that uv uses where nothing is configured."""
    return _uv(ROOT, "pip", "compile", "-", "--emit-index-url", "--no-header", "--offline").split()[1]


def check_step(root: Path, version: str) -> None:
    """Refuse a version that is too small for what has changed since the last one."""
    tag = _git(root, "describe", "--tags", "--abbrev=0", "--match", "v*", "--exclude", f"v{version}", fails=True)
    if not tag:
        return  # the first release
    reasons = list(since(root, tag))
    needed = max((reason for reason, _ in reasons), default=None)
    wanted = least(parsed(tag.removeprefix("v")), needed)
    if parsed(version) < wanted:
        why = "; ".join(text for reason, text in reasons if reason is needed) or "there must be a step at all"
        raise Refusal(f"{version} is too small a step from {tag}; at least {'.'.join(map(str, wanted))}: {why}")


def since(root: Path, revision: str) -> Iterator[tuple[Step, str]]:
    """Yield what has changed for users since a revision, each with the step that it asks for."""
    old, new = json.loads(_git(root, "show", f"{revision}:{_BUNDLE}")), json.loads((root / _BUNDLE).read_text("utf-8"))
    found = changes(old, new)
    if needed := step(found):
        about = dict.fromkeys(change.action for change in found if change.step is needed)
        yield needed, f"the contract's changes are {needed} ({', '.join(about)})"
    with TemporaryDirectory() as folder:
        archive = Path(folder, "old.tar")
        _git(root, "archive", "--output", str(archive), revision, "--", *_SOURCES)
        with tarfile.open(archive) as sources:
            sources.extractall(folder, filter="data")
        before, after = _interfaces(Path(folder)), _interfaces(root)
        for package in PUBLIC:
            for breakage in griffe.find_breaking_changes(before[package], after[package]):
                text = _COLOUR.sub("", breakage.explain(griffe.ExplanationStyle.ONE_LINE))
                yield Step.BREAKING, text.removeprefix(f"{folder}/")


def _interfaces(root: Path) -> griffe.ModulesCollection:
    """Return the public packages below a folder as griffe reads them, with what they inherit from the generated one."""
    loader = griffe.GriffeLoader(search_paths=[root / folder for folder in _SOURCES])
    for package in (_GENERATED, *PUBLIC):
        loader.load(package)
    return loader.modules_collection


def check_files(root: Path) -> None:
    """Build wheel and sdist twice, and refuse where they differ, lack a file or hold one too many."""
    built = []
    for _ in range(2):
        _run(root, "scripts/build")
        built.append({file.name: file.read_bytes() for file in (root / "dist").iterdir()})
    if built[0] != built[1]:
        raise Refusal("wheel or sdist differ when they are built twice")
    if wrong := list(misplaced(root)):
        raise Refusal("; ".join(wrong))


def misplaced(root: Path) -> Iterator[str]:
    """Yield what is wrong with the content of the wheel and the sdist in `dist/`."""
    tracked = {name for name in _git(root, "ls-files", "-z").split("\0") if name}
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    packages = settings["targets"]["wheel"]["packages"]
    wanted = {name.split("/", 1)[1] for name in tracked if any(name.startswith(f"{package}/") for package in packages)}
    [wheel] = (root / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        yield from _differences("wheel", wanted, {name for name in archive.namelist() if ".dist-info/" not in name})
    [source] = (root / "dist").glob("*.tar.gz")
    with tarfile.open(source) as sources:
        held = {member.name.partition("/")[2] for member in sources.getmembers() if member.isfile()}
    yield from _differences("sdist", tracked, held - {"PKG-INFO"})


def _differences(archive: str, wanted: set[str], held: set[str]) -> Iterator[str]:
    if missing := sorted(wanted - held):
        yield f"the {archive} lacks {', '.join(missing[:5])}"
    if stray := sorted(held - wanted):
        yield f"the {archive} holds {', '.join(stray[:5])}"


def _found(pattern: str, file: Path) -> str:
    found = re.search(pattern, file.read_text(encoding="utf-8"))
    return found[1] if found else "none"


def _git(root: Path, *arguments: str, fails: bool = False) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode and not fails:
        raise Refusal(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def _uv(root: Path, *arguments: str) -> str:
    """Run uv without any configuration of this machine."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    return _run(root, find_uv_bin(), *arguments, "--no-config", environment=plain)


def _run(root: Path, *command: str, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=root, env=environment, input="", capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refusal(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def main(arguments: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    """Run the command line; return 0, or 1 for a version that cannot be released.

    Args:
        arguments: the command line without its first word; `None` takes it from the process.
        root: the project's folder.
    """
    parser = argparse.ArgumentParser(prog="scripts/release", description=__doc__)
    parser.add_argument("version", metavar="X.Y.Z", help="the version to release")
    parser.add_argument("--check", action="store_true", help="check and build; run no tests and set no tag")
    options = parser.parse_args(arguments)
    checks: tuple[Callable[[], None], ...] = (
        lambda: check_clean(root, options.version),
        lambda: check_version(root, options.version),
        lambda: check_changelog(root, options.version),
        lambda: check_addresses(root),
        lambda: check_step(root, options.version),
        lambda: check_generated(root),
        lambda: check_lock(root),
        lambda: check_files(root),
    )
    try:
        parsed(options.version)
        for check in checks:
            check()
        if options.check:
            print(f"{options.version} can be released; dist/ holds its files")
            return 0
        subprocess.run(["scripts/test"], cwd=root, check=True)
        _git(root, "tag", "--annotate", f"v{options.version}", "--message", f"Version {options.version}")
    except Refusal as refusal:
        print(f"scripts/release: {refusal}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError:
        print("scripts/release: the tests fail", file=sys.stderr)
        return 1
    print(f"tagged v{options.version}; now: git push origin main v{options.version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
