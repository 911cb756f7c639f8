"""The demo project: the same on every machine, with the ids of the vendor's own examples (`seeds/demo.yaml`)."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from mavibot_mock import seeds
from mavibot_mock.server.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

#: What the demo project's keys begin with.
PREFIX: Final = "demo-"

#: The key that may do everything.
FULL_KEY: Final = f"{PREFIX}full"


def demo_project(*, clock: Callable[[], float] = time.time) -> Project:
    """Return a fresh demo project; the caller closes it.

    Args:
        clock: returns the time in Unix seconds.
    """
    with closing(seeds.build("demo", keys=seeds.default_keys(PREFIX))) as state:
        return Project(1, clock=clock, like=state)


def demo_keys() -> dict[str, str]:
    """Return the demo project's keys by what they may do: `full`, a permission, `none` or `revoked`."""
    return {name: key["value"] for name, key in seeds.default_keys(PREFIX).items()}
