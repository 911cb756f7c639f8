"""Wrong behaviours that an implementer of this API could really make, put into the mock on demand to test tests.

Each is named and says what is wrong against which sentence of the vendor's document. It replaces parts of the mock
from outside for as long as it is applied; nothing else in the mock knows of this package.
"""

from __future__ import annotations

# Each of these is a kind of defect and adds its own to the registry.
from mavibot_mock.defects import (  # noqa: F401
    aliases,
    keys,
    limits,
    methods,
    notations,
    ordering,
    priorities,
    rare,
    refusals,
    repeats,
    replies,
    schedule,
    search,
    tenants,
    variables,
    webhooks,
    writes,
)
from mavibot_mock.defects.registry import Defect, applied, find, names

__all__ = ["Defect", "applied", "find", "names"]
