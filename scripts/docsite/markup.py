"""Pieces of Markdown."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_CODE_SPAN: Final = re.compile(r"(`[^`\n]*`)")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, or nothing where there are no rows."""
    lines = [f"| {' | '.join(map(cell, row))} |" for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", "|---" * len(head) + "|", *lines, "", ""]) if lines else ""


def cell(text: str) -> str:
    """Return a text as the cell of a table holds it."""
    return " ".join(text.split()).replace("|", r"\|")


def plain(text: str) -> str:
    """Return a text of the contract as Markdown: what looks like HTML or a link in it is neither."""
    parts = _CODE_SPAN.split(text)
    return "".join(part if part.startswith("`") else _escaped(part) for part in parts)


def code(value: Any) -> str:
    """Return a text, or another value as JSON, in the type of code."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    mark = "``" if "`" in text else "`"
    return f"{mark}{text}{mark}"


def fence(language: str, text: str, title: str = "") -> str:
    """Return a block of code."""
    head = f'{language} title="{title}"' if title else language
    return f"```{head}\n{text.rstrip()}\n```\n\n"


def badge(evidence: str) -> str:
    """Return the mark that says how sure a fact is."""
    return f'<span class="evidence {evidence}">{evidence}</span>'


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace("[", r"\[").replace("*", r"\*")
