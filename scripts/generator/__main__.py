"""Regenerates `generated/mavibot_api` from `openapi/`, or checks that it is up to date."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from generator.bundle import ContractError, bundle
from generator.codec import GeneratorError, generate_codec
from generator.facade import facade_source
from generator.runtime.contract import FILE_NAME, Contract

_PROJECT = Path(__file__).parents[2]
_CONTRACT = _PROJECT / "openapi" / "openapi.yaml"
_PACKAGE = _PROJECT / "generated" / "mavibot_api"
_RUNTIME = Path(__file__).parent / "runtime"
_STAMP = "made_by.json"
_INIT = '"""The Mavibot API as code, made by `scripts/generate` from the contract; not edited by hand."""\n'


def main() -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="scripts/generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if the package is out of date")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory(prefix="mavibot-generate-") as folder:
        fresh = Path(folder) / _PACKAGE.name
        try:
            _generate(fresh)
        except (ContractError, GeneratorError) as error:
            print(f"scripts/generate: {error}", file=sys.stderr)
            return 1
        if check:
            return _report(_differences(_PACKAGE, fresh))
        shutil.rmtree(_PACKAGE, ignore_errors=True)
        shutil.copytree(fresh, _PACKAGE)
    print(f"wrote {_PACKAGE.relative_to(_PROJECT)}: {sum(1 for _ in _PACKAGE.rglob('*.py'))} modules")
    return 0


def _generate(target: Path) -> None:
    """Write the whole package into `target`."""
    target.mkdir()
    document = bundle(_CONTRACT)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    contract = target / FILE_NAME
    contract.write_text(text, encoding="utf-8")
    generate_codec(contract, target / "codec")
    (target / "__init__.py").write_text(_INIT, encoding="utf-8")
    (target / "py.typed").touch()
    (target / "facade.py").write_text(facade_source(Contract(document)), encoding="utf-8")
    shutil.copy(_RUNTIME / "contract.py", target)
    _format(target)
    stamp = {
        "contract": hashlib.sha256(text.encode()).hexdigest(),
        "openapi-python-client": version("openapi-python-client"),
        "ruff": version("ruff"),
    }
    (target / _STAMP).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")


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


def _differences(committed: Path, fresh: Path) -> list[str]:
    old, new = _contents(committed), _contents(fresh)
    return sorted(
        f"{'missing' if name not in old else 'not generated' if name not in new else 'differs'}: {name}"
        for name in old.keys() | new.keys()
        if old.get(name) != new.get(name)
    )


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }


def _report(differences: list[str]) -> int:
    if not differences:
        print(f"{_PACKAGE.relative_to(_PROJECT)} is up to date with openapi/")
        return 0
    print(
        f"{_PACKAGE.relative_to(_PROJECT)} is not what openapi/ gives:",
        *(f"  {line}" for line in differences),
        "Run scripts/generate and commit the result.",
        sep="\n",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
