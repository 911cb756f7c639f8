"""Everything that a page of docs/ shows can be run as it stands, and every page has its place on the site."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.docs.reader import SHOWN_ONLY, Reader, blocks

from mavibot_mock import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROJECT: Final = Path(__file__).parents[2]
_DOCS: Final = _PROJECT / "docs"
#: Pages that have a test of their own, which runs all of their blocks.
_ELSEWHERE: Final = {
    "guides/bulk.md": "tests/client/test_bulk.py",
    "guides/command-line.md": "tests/e2e/test_command_line.py",
    "guides/conformance.md": "tests/conformance/test_command_line.py",
    "guides/mock.md": "tests/e2e/test_mock_guide.py",
    "guides/proxy.md": "tests/proxy/test_guide.py",
    "guides/rate-limits.md": "tests/client/test_rate_shared.py",
    "guides/webhooks.md": "tests/client/test_webhooks.py",
}


def _pages() -> list[str]:
    return sorted(file.relative_to(_DOCS).as_posix() for file in _DOCS.rglob("*.md"))


#: Pages that take many seconds to try.
_LONG: Final = ("start/conformance.md", "start/mock-pytest.md")


def _with_code() -> Iterator[Any]:
    for page in _pages():
        languages = {block.language for block in blocks((_DOCS / page).read_text(encoding="utf-8"))}
        if page not in _ELSEWHERE and not page.startswith("ru/") and languages - SHOWN_ONLY:
            yield pytest.param(page, marks=pytest.mark.heavy) if page in _LONG else page


@pytest.mark.parametrize("page", list(_with_code()))
def test_what_a_page_shows_works(page: str, tmp_path: Path) -> None:
    with Server() as server:
        reader = Reader(tmp_path, server.url.removeprefix("http://"))
        assert reader.read((_DOCS / page).read_text(encoding="utf-8")) > 0
    if reader.lacking:
        pytest.skip(f"this machine lacks {', '.join(reader.lacking)}; the rest of the page was tried")


@pytest.mark.parametrize("page", [page for page in _pages() if page.startswith("ru/")])
def test_a_page_in_russian_shows_the_same_code(page: str) -> None:
    russian, english = ((_DOCS / name).read_text(encoding="utf-8") for name in (page, page.removeprefix("ru/")))
    assert blocks(russian) == blocks(english)
    assert len(re.findall("^#+ ", russian, re.M)) == len(re.findall("^#+ ", english, re.M))


def test_the_readme_in_russian_shows_the_same_code() -> None:
    russian, english = ((_PROJECT / name).read_text(encoding="utf-8") for name in ("README.ru.md", "README.md"))
    assert blocks(russian) == blocks(english)
    for target in re.findall(r"\]\(([^)#]+)\)", russian):
        assert (_PROJECT / target).exists(), target


def test_the_pages_with_tests_of_their_own_have_them() -> None:
    for page, test in _ELSEWHERE.items():
        assert page in (_PROJECT / test).read_text(encoding="utf-8")


def test_every_page_is_in_the_navigation() -> None:
    site = tomllib.loads((_DOCS / "zensical.toml").read_text(encoding="utf-8"))["project"]
    listed = list(_leaves(site["nav"]))
    assert len(listed) == len(set(listed))
    programs = [file.relative_to(_DOCS).with_suffix(".md").as_posix() for file in _DOCS.glob("recipes/*.py")]
    assert {*_pages(), *programs} <= set(listed)


def _leaves(node: Any) -> Iterator[str]:
    match node:
        case str():
            yield node
        case dict():
            for each in node.values():
                yield from _leaves(each)
        case _:
            for each in node:
                yield from _leaves(each)
