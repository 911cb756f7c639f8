"""Wrong behaviours that an implementer of this API could really make, put into the mock on demand to test tests.

Each is named and says what is wrong against which sentence of the vendor's document. It replaces parts of the mock
from outside for as long as it is applied; nothing else in the mock knows of this package.
"""

from __future__ import annotations

from importlib import import_module

from mavibot_mock.defects.registry import KINDS, Defect, applied, find, names

# Each module adds its defects to the registry.
for _group, _kinds in KINDS.items():
    for _kind in _kinds:
        import_module(f"{__name__}.{_kind}" if _group == "own" else f"{__name__}.{_group}.{_kind}")

__all__ = ["KINDS", "Defect", "applied", "find", "names"]
