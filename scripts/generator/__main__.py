"""Regenerates `generated/mavibot_api` from `openapi/`, or checks that it is up to date."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from generator.bundle import ContractError, bundle
from generator.facade import facade_source
from generator.models import GeneratorError, generate_models
from generator.postman import collection
from mavibot_contract import FILE_NAME, PACKAGE, Contract

_PROJECT = Path(__file__).parents[2]
_CONTRACT = _PROJECT / "openapi" / "openapi.yaml"
_GENERATED = _PROJECT / "generated"
_STAMP = "made_by.json"
_POSTMAN = "postman_collection.json"
_INIT = '"""The Mavibot API as code, made by `scripts/generate` from the contract; not edited by hand."""\n'
# Python writes it while the package is used; everything else below `generated/` is ours.
_CACHE = "__pycache__"


def main(arguments: Sequence[str] | None = None, *, generated: Path = _GENERATED, contract: Path = _CONTRACT) -> int:
    """Run the command line.

    Args:
        arguments: the command line without its first word; `None` takes it from the process.
        generated: the folder that holds the package.
        contract: the contract's root file.

    Returns:
        The exit code: 0, or 1 for a mistake in the contract or a package that is out of date.
    """
    parser = argparse.ArgumentParser(prog="scripts/generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if the package is out of date")
    check = parser.parse_args(arguments).check
    with tempfile.TemporaryDirectory(prefix="mavibot-generate-") as folder:
        fresh = Path(folder)
        try:
            generate(contract, fresh / PACKAGE)
        except (ContractError, GeneratorError) as error:
            print(f"scripts/generate: {error}", file=sys.stderr)
            return 1
        if check:
            return _report(generated, differences(generated, fresh))
        replace(generated / PACKAGE, fresh / PACKAGE)
        strays = differences(generated, fresh)
    print(f"wrote {generated.name}/{PACKAGE}: {sum(1 for _ in (generated / PACKAGE).rglob('*.py'))} modules")
    return _report(generated, strays) if strays else 0


def generate(contract: Path, target: Path) -> None:
    """Write the whole package.

    Args:
        contract: the contract's root file.
        target: folder of the package; it must not exist, its parent must.

    Raises:
        ContractError: the contract has a mistake.
        GeneratorError: openapi-python-client refused a schema or warned about one.
    """
    document = bundle(contract)
    whole = Contract(document)
    facade = facade_source(whole)
    target.mkdir()
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    (target / FILE_NAME).write_text(text, encoding="utf-8")
    postman = json.dumps(collection(whole), indent=1, ensure_ascii=False) + "\n"
    (target / _POSTMAN).write_text(postman, encoding="utf-8")
    generate_models(whole, target)
    (target / "__init__.py").write_text(_INIT, encoding="utf-8")
    (target / "py.typed").touch()
    (target / "facade.py").write_text(facade, encoding="utf-8")
    _format(target)
    stamp = {
        "contract": hashlib.sha256(text.encode()).hexdigest(),
        "openapi-python-client": version("openapi-python-client"),
        "ruff": version("ruff"),
    }
    (target / _STAMP).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")


def replace(package: Path, fresh: Path) -> None:
    """Put a fresh package in the place of another; one that is half written never has the package's name.

    Args:
        package: folder to replace; it need not exist.
        fresh: folder to copy, on any file system.
    """
    new, old = (package.with_name(f"{package.name}.{word}") for word in ("new", "old"))
    for left_by_an_interruption in (new, old):
        shutil.rmtree(left_by_an_interruption, ignore_errors=True)
    package.parent.mkdir(exist_ok=True)
    shutil.copytree(fresh, new, ignore=shutil.ignore_patterns(_CACHE))
    if package.exists():
        package.rename(old)
    new.rename(package)
    shutil.rmtree(old, ignore_errors=True)


def differences(committed: Path, fresh: Path) -> list[str]:
    """Return one line for each file, folder or link that is not what was generated.

    Args:
        committed: folder to judge.
        fresh: folder that it should equal; `__pycache__` folders are passed over in both.
    """
    old, new = dict(_contents(committed, "")), dict(_contents(fresh, ""))
    return sorted(
        f"{_difference(old.get(name), new.get(name))}: {name}"
        for name in old.keys() | new.keys()
        if old.get(name) != new.get(name)
    )


def _difference(old: tuple[str, bytes] | None, new: tuple[str, bytes] | None) -> str:
    if old is None:
        return "missing"
    if new is None:
        return "not generated"
    return "differs" if old[0] == new[0] else f"{old[0]} instead of {new[0]}"


def _contents(folder: Path, prefix: str) -> Iterator[tuple[str, tuple[str, bytes]]]:
    """Yield the name, the kind and the bytes of everything below a folder."""
    for path in folder.iterdir() if folder.is_dir() else ():
        name = prefix + path.name
        if path.is_symlink():
            yield name, ("link", b"")
        elif path.is_file():
            kind = "executable file" if path.stat().st_mode & 0o111 else "file"
            yield name, (kind, path.read_bytes())
        elif path.name != _CACHE:
            yield f"{name}/", ("folder", b"")
            yield from _contents(path, f"{name}/")


def _format(target: Path) -> None:
    # The rules are named because the linter's defaults change: some rewrite what mypy then refuses.
    ruff = [sys.executable, "-m", "ruff"]
    common = [
        "--isolated",
        "--no-cache",
        "--quiet",
        "--line-length",
        "110",
        "--target-version",
        "py311",
        str(target),
    ]
    subprocess.run([*ruff, "check", "--select", "F,I,UP", "--fix-only", *common], check=True)
    subprocess.run([*ruff, "format", *common], check=True)


def _report(generated: Path, found: list[str]) -> int:
    if not found:
        print(f"{generated.name}/ is up to date with openapi/")
        return 0
    print(
        f"{generated.name}/ is not what openapi/ gives:",
        *(f"  {line}" for line in found),
        f"Run scripts/generate and commit the result; it writes {PACKAGE} only, so delete what else is not generated.",
        sep="\n",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
