"""Proof that a server of the Mavibot API and the contract agree."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mavibot_conformance.plan import Plan, RunLevel
    from mavibot_conformance.results import Results
    from mavibot_conformance.suite import run
    from mavibot_conformance.target.profile import Profile, read_profile

__all__ = ["Plan", "Profile", "Results", "RunLevel", "read_profile", "run"]

#: Loaded when they are asked for: pytest imports this package at each start, for its plugin.
_HOMES: Final = {
    "Plan": "plan",
    "Profile": "target.profile",
    "Results": "results",
    "RunLevel": "plan",
    "read_profile": "target.profile",
    "run": "suite",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
