"""How the conformance suite is proved: each seeded defect with the rules that find it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from docsite.markup import code, plain, table
from mavibot_conformance.rules.rule import all_rules
from mavibot_mock import defects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_DATA: Final = Path(__file__).parents[2] / "tests" / "data"
#: Written by `scripts/defects`, and checked by the tests.
_KILLERS: Final = _DATA / "defect-killers.json"
#: Which defects the rules found that there were when these were written; it never changes.
_FIRST_SIGHT: Final = _DATA / "first-sight.json"

_HEAD: Final = """\
# How the suite is proved

A suite that finds nothing says little: it may look at nothing. So wrong behaviours are planted in the mock, one at a
time, each of which breaks a sentence of the vendor's document that an implementer could really miss, and the suite has
to find it. `scripts/defects` does so with all of them, and the tests of the project with every change. Plant one
yourself: `mavibot mock --port 8080 --defect NAME`.

"""
_LIMITS: Final = """\
What this proves, and what it does not:

- On the mock without a defect all rules are silent; that is tested too.
- A defect counts as found if a rule fails that is named for it, alone and on a fresh mock. At most two rules are named
  for each; others may find it as well.
- The share of *planted* mistakes that is found is no promise for others: nobody plants what nobody thought of.
- The mock and the suite do not know each other, but both were written from one contract. Where it is wrong, both are;
  [what only a live server can tell](live-server.md) lists where that would hurt.
- Nothing was checked against the vendor's service.

"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the path and text of the page, from the folder of the reference."""
    killers: dict[str, list[str]] = json.loads(_KILLERS.read_text(encoding="utf-8"))
    planted = [defects.find(name) for name in defects.names()]
    found = sum(bool(killers.get(each.name)) for each in planted)
    named = {rule for rules in killers.values() for rule in rules}
    first_sight = json.loads(_FIRST_SIGHT.read_text(encoding="utf-8"))
    met, missed = len(first_sight["killed"]), len(first_sight["survived"])
    figures = (
        f"**{found} of {len(planted)}** planted defects are found, by {len(named)} of the {len(all_rules())} rules; the"
        " other rules stand beside them, or wait for a defect of their own. That a rule finds what it was written for"
        f" says little of the next server, so {met + missed} of the defects were written by someone who had not read"
        " the rules, of the kinds that had slipped through before:"
        f" **{met} of {met + missed} were found at first sight**."
        " That figure stays as it is; rules for most of the others have been added since.\n\n"
    )
    kinds: dict[str, list[defects.Defect]] = {}
    for each in planted:
        kinds.setdefault(each.kind, []).append(each)
    yield "proof.md", _HEAD + figures + _LIMITS + "".join(_kind(kind, some, killers) for kind, some in kinds.items())


def _kind(kind: str, some: Sequence[defects.Defect], killers: Mapping[str, Sequence[str]]) -> str:
    rows = [
        (
            code(each.name),
            plain(each.about),
            plain(each.source),
            ", ".join(f"[{rule}](rules.md#{rule})" for rule in killers.get(each.name, ())) or "**none**",
        )
        for each in some
    ]
    return f"## {kind.capitalize()}\n\n{table(('defect', 'what is wrong', 'it breaks', 'found by'), rows)}"
