"""Nothing that observes a program sees the API key: tracing, error reports, and tools that show local variables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.client.observed import KEY, PLAIN

_PROJECT: Final = Path(__file__).parents[2]


def seen_by(observer: str) -> str:
    """Return what an observer saw of calls that end in every way."""
    command = [sys.executable, "-m", "tests.client.observed", observer]
    run = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True, cwd=_PROJECT)
    assert KEY not in run.stderr
    return run.stdout


@pytest.mark.heavy
@pytest.mark.parametrize("observer", ["opentelemetry", "sentry"])
def test_an_observer_sees_addresses_but_no_key(observer: str) -> None:
    seen = seen_by(observer)
    assert f"{PLAIN}-httpx2" in seen, "it observes httpx2"
    assert f"{PLAIN}-aiohttp" in seen, "it observes aiohttp"
    assert KEY not in seen
    if observer == "opentelemetry":
        assert '"mavibot.action": "message"' in seen
        assert "/api/" not in seen, "the spans of HTTP libraries keep quiet: they hold addresses with parameters"


@pytest.mark.heavy
def test_no_traceback_shows_the_key_in_a_local_variable() -> None:
    seen = seen_by("frames")
    for error in (
        "ConnectionFailed",
        "TimedOut",
        "RejectedRequest",
        "CancelledError",
        "KeyboardInterrupt",
        "a transport's own",
    ):
        assert error in seen
    assert KEY not in seen


@pytest.mark.heavy
def test_pytest_shows_no_key_among_the_local_variables(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        f"""
from mavibot import Mavibot

def test_it():
    with Mavibot({KEY[:20]!r} + {KEY[20:]!r}, base_url="http://127.0.0.1:1", retries=False) as bot:
        bot.message(client_id=1, message="hello")
""",
        encoding="utf-8",
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-l",
        "--tb=long",
        "--full-trace",
        "-p",
        "no:cacheprovider",
        str(tmp_path),
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, cwd=tmp_path)
    assert "ConnectionFailed" in run.stdout
    assert "client_id = 1" in run.stdout or "client_id  = 1" in run.stdout, "local variables are shown"
    assert KEY not in run.stdout + run.stderr
