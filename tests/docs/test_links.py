"""Every link of a page leads somewhere in a clone too: to a file or folder, and to the heading that it names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.docs.support import PAGES, PROJECT

from docsite.assemble import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

_CODE: Final = re.compile(r"^ *```.*?^ *```$|``.+?``|`[^`\n]*`", re.M | re.S)
_LINK: Final = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")


def _slugs(page: Path) -> Iterator[str]:
    """Yield the anchors that GitHub gives to the headings of a page."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for heading in re.findall(r"^#+ (.+)$", text, re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    file = PROJECT / page
    for path, anchor in _LINK.findall(_CODE.sub("", file.read_text(encoding="utf-8"))):
        if ":" in path:
            continue
        target = file.parent / path if path else file
        assert target.exists(), path
        assert not anchor or target.suffix != ".md" or anchor in _slugs(target), f"{path}#{anchor}"


def test_the_sources_of_pages_exist() -> None:
    assert [source for source in SOURCES if not (PROJECT / source).exists()] == []
