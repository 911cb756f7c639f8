"""Mermaid diagrams as pictures, so that the site needs no script from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import mmdr

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK: Final = re.compile(r"^```mermaid\n(.*?)^```$", re.S | re.M)


def drawn(text: str, name: str) -> tuple[str, dict[str, str]]:
    """Return a page with pictures in place of its diagrams, and the pictures as SVG by file name.

    Args:
        text: the page.
        name: begins the names of the pictures.
    """
    pictures = {
        f"{name}-{number}.svg": mmdr.render(found[1]).svg() for number, found in enumerate(_BLOCK.finditer(text), 1)
    }
    names: Iterator[str] = iter(pictures)
    return _BLOCK.sub(lambda _: f"![Diagram]({next(names)}){{ .diagram }}", text), pictures
