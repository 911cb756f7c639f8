"""A fixture of pytest; it loads wherever the package is installed, so it imports nothing until it is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_proxy.playback.replay import Replay


@pytest.fixture
def mavibot_recording(mavibot_mock: Any) -> Callable[[str | Path], Replay]:
    """Plays a record on the test's own mock, which begins with what the record speaks of: `mavibot_recording(path)`."""
    from mavibot_proxy.playback.replay import play  # noqa: PLC0415 - this module is loaded by every run of pytest
    from mavibot_proxy.playback.seeding import seed_of  # noqa: PLC0415 - as above
    from mavibot_proxy.records.reader import read  # noqa: PLC0415 - as above

    def replayed(path: str | Path) -> Replay:
        calls = read(Path(path))
        mavibot_mock.seed(seed_of(calls))
        return play(calls, mavibot_mock.url, mavibot_mock.api_key, transport=mavibot_mock.transport())

    return replayed
