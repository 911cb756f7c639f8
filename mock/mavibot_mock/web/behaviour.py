"""Reads from the handlers' docstrings what only the code knows: what an action does to the mock's state."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Final

from mavibot_mock.actions.registry import handlers

_LABELS: Final = ("Changes", "Assumed", "Settings")
_LABEL: Final = re.compile(rf"^({'|'.join(_LABELS)}): ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the mock does for an action.

    Attributes:
        summary: the docstring's first paragraph.
        changes: what changes in the state beyond that; empty where the summary says it all.
        assumed: undocumented choices of the mock.
        settings: settings of the project that switch something here.
    """

    summary: str
    changes: str
    assumed: str
    settings: str


def behaviour(action: str) -> Behaviour:
    """Return what the mock does for an action.

    In a docstring, lines that begin with `Changes:`, `Assumed:` or `Settings:` follow the first paragraph.
    """
    first, *rest = (inspect.getdoc(handlers()[action]) or "").split("\n\n")
    found: dict[str, str] = dict.fromkeys(_LABELS, "")
    for paragraph in rest:
        _, *parts = _LABEL.split(paragraph)
        for label, text in zip(parts[::2], parts[1::2], strict=True):
            found[label] = _one_line(text)
    return Behaviour(_one_line(first), found["Changes"], found["Assumed"], found["Settings"])


def _one_line(text: str) -> str:
    return " ".join(text.split())
