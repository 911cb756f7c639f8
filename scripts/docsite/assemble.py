"""Puts the pages of the site together in a folder: those of docs/, those from elsewhere, and those that are made."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import mavibot_contract
from docsite import actions, benchmarks, commands, control, proof, python_api, recipes, rules, statements
from docsite.diagrams import drawn
from docsite.links import relinked
from mavibot_contract.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT: Final = Path(__file__).parents[2]
_DOCS: Final = PROJECT / "docs"

#: Files outside of docs/ that are pages of the site, and where.
_ELSEWHERE: Final = {
    "openapi/DISCREPANCIES.md": "reference/discrepancies.md",
    "openapi/README.md": "contract.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "README.md": "index.md",
    "README.ru.md": "ru/index.md",
    "generated/mavibot_api/openapi.json": "openapi.json",
    "generated/mavibot_api/postman_collection.json": "postman_collection.json",
}
#: What pages of the site are made from. In a clone, where those pages do not exist, a link leads to the source.
SOURCES: Final = {
    "openapi/paths": "reference/actions/index.md",
    "overrides/mavibot": "reference/python/client.md",
    "mock/mavibot_mock/control/openapi.yaml": "reference/control.md",
    "mock/mavibot_mock/seeds/schema.yaml": "reference/seed.md",
    "cli/mavibot_cli": "reference/commands.md",
    "conformance/mavibot_conformance/rules": "reference/rules.md",
    "conformance/mavibot_conformance/statements.yaml": "reference/statements.md",
}
#: What the site shows as it is.
_ASSETS: Final = (".svg", ".png", ".css", ".json")
#: Numbers of discrepancies and of rules lead to their rows where they stand in a table.
_DISCREPANCY: Final = re.compile(r"(?<![\w\[#`-])(D-\d+)\b")


def assemble(target: Path) -> None:
    """Write the sources of the site into an empty or new folder: `pages/` and `zensical.toml`."""
    pages = target / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    files = _files()
    homes = files | SOURCES
    for file, place in files.items():
        source = PROJECT / file
        if source.suffix == ".md" and not (place.endswith("index.md") and file.startswith("README")):
            text = relinked(_numbered(source.read_text(encoding="utf-8"), file), here=file, there=place, homes=homes)
            text, pictures = drawn(text, Path(place).stem)
            _write(pages / place, text)
            for name, picture in pictures.items():
                _write((pages / place).parent / name, picture)
        elif source.suffix == ".py":
            _write(pages / place, relinked(recipes.page(source), here=file, there=place, homes=homes))
        elif source.suffix in _ASSETS:
            (pages / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, pages / place)
    for path, text in _made():
        _write(pages / path, text)
    _write(pages / "openapi.plain.json", json.dumps(plain(mavibot_contract.load().document), ensure_ascii=False))
    shutil.copyfile(_DOCS / "zensical.toml", target / "zensical.toml")


def _files() -> dict[str, str]:
    """Return the files of the repository that the site shows, and where."""
    found = {file: place for file, place in _ELSEWHERE.items() if (PROJECT / file).is_file()}
    for source in sorted(_DOCS.rglob("*")):
        if source.suffix in {".md", *_ASSETS}:
            found[source.relative_to(PROJECT).as_posix()] = source.relative_to(_DOCS).as_posix()
    for source in recipes.programs(_DOCS):
        found[source.relative_to(PROJECT).as_posix()] = source.relative_to(_DOCS).with_suffix(".md").as_posix()
    return found


def _made() -> Iterator[tuple[str, str]]:
    for module in (actions, benchmarks, control, commands, proof, python_api, rules, statements):
        for path, text in module.pages():
            yield f"reference/{path}", text


def _numbered(text: str, file: str) -> str:
    """Return a page on which numbers of discrepancies are places to link to, or links."""
    if file == "openapi/DISCREPANCIES.md":
        return re.sub(r"^\| (D-\d+) \|", r'| <span id="\1">\1</span> |', text, flags=re.M)
    if file == "docs/reference/live-server.md":
        lines = text.splitlines(keepends=True)
        link = r"[\1](../openapi/DISCREPANCIES.md#\1)"
        return "".join(_DISCREPANCY.sub(link, line) if line.startswith("|") else line for line in lines)
    return text


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
