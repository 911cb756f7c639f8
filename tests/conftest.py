"""What holds for all tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make a skipped test a failed one where all must run, as in continuous integration."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("MAVIBOT_SKIP_NOTHING") == "1":
        report.outcome = "failed"
    return report
