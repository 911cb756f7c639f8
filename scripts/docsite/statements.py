"""The statements of the vendor's document, each with the rules that show whether a server keeps it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from docsite.markup import plain, table
from mavibot_conformance.statements import all_statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mavibot_conformance.results import Statement

_HEAD: Final = """\
# Statements of the document

Everything that the vendor's page states, in our own words, with the [rules](rules.md) that show whether a server keeps
it, or the reason why no server can show it. The report of a run of `mavibot conformance` says of each whether it was
confirmed or refuted.

"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the path and text of the page, from the folder of the reference."""
    statements = all_statements()
    untestable = sum(each.reason is not None for each in statements)
    figures = f"{len(statements)} statements; rules settle {len(statements) - untestable} of them.\n\n"
    sections = groupby(statements, key=lambda each: each.section)
    made = (f"## {plain(section)}\n\n{_table(members)}" for section, members in sections)
    yield "statements.md", _HEAD + figures + "".join(made)


def _table(statements: Iterable[Statement]) -> str:
    return table(
        ("id", "statement", "settled by"),
        [(each.id, plain(each.text), plain(each.reason) if each.reason else _rules(each.rules)) for each in statements],
    )


def _rules(names: list[str]) -> str:
    return ", ".join(f"[{name}](rules.md#{name.split()[0]})" for name in names)
