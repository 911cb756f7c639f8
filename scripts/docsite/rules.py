"""The rules of the conformance suite, by family."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from docsite.markup import code, plain, table
from mavibot_conformance.rules.rule import FAMILIES, all_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mavibot_conformance.rules.rule import Rule

_HEAD: Final = """\
# Rules of the conformance suite

`mavibot conformance URL --rules EQ-2,RYW` runs the rules and families that it names. MUST: the document states it.
SHOULD: sensible, or seen in the field. INFO: no source states it, and the rule only observes.
[The guide](../guides/conformance.md) says how to run them.

"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the path and text of the page, from the folder of the reference."""
    families = groupby(all_rules(), key=lambda rule: rule.family)
    yield "rules.md", _HEAD + "".join(_family(name, list(members)) for name, members in families)


def _family(name: str, rules: list[Rule]) -> str:
    rows = [
        (
            f'<span id="{rule.id}">{rule.id}</span>',
            str(rule.level),
            plain(rule.title),
            plain(rule.source),
            rule.effect,
            ", ".join(map(code, rule.needs)),
        )
        for rule in rules
    ]
    head = ("rule", "level", "what must hold", "source", "effect", "needs")
    return f"## {name}: {FAMILIES[name][1]}\n\n{table(head, rows)}"
