"""The scripts that measure the mock and hold it under load work, and see what goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import benchmark_mock
import benchmark_store
import load
import soak

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.heavy


@pytest.fixture(params=["wrk", "own"])
def _generator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "own":
        monkeypatch.setattr(load, "_WRK", None)
    elif load._WRK is None:
        pytest.skip("wrk is not installed")


def test_the_benchmark_measures_all_if_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []

    def note(part: str) -> Callable[..., list[str]]:
        return lambda *_, **__: measured.append(part) or []  # type: ignore[func-returns-value]

    monkeypatch.setattr(benchmark_mock, "_calls", note("calls"))
    monkeypatch.setattr(benchmark_mock, "_starts", note("start"))
    monkeypatch.setattr(benchmark_store, "measure", note("lookups"))
    monkeypatch.setattr(benchmark_mock, "_memory", note("memory"))
    benchmark_mock.main([])
    assert measured == ["calls", "start", "lookups", "memory"]


@pytest.mark.parametrize("wrong", [["call"], ["--clients", "10"]])
def test_the_benchmark_refuses_what_it_cannot_measure(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        benchmark_mock.main(wrong)
    assert "error: there is no part call; choose from calls" in (said := capsys.readouterr().err) or "1000" in said


@pytest.mark.usefixtures("_generator")
def test_the_benchmark_compares_the_mock_with_starlette(capsys: pytest.CaptureFixture[str]) -> None:
    benchmark_mock.main(["calls", "--no-prism", "--rounds", "1", "--seconds", "1"])
    said = capsys.readouterr().out
    assert "calls/s / a bare Starlette route" in said
    assert "reset over HTTP" in said


def test_the_benchmark_shows_what_lookups_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark_store, "_SECONDS", 0.001)
    monkeypatch.setattr(benchmark_store, "_TURNS", 1)
    lines = list(benchmark_store.measure(1_000))
    assert any(line.startswith("  find_client_id_by_phone ") and line.endswith("target <= 2: met") for line in lines)


def test_no_call_costs_more_because_there_are_more_clients() -> None:
    """Counted in SQLite's instructions; what a page passes over and adds up is bounded, and both sizes have enough."""
    costs = [cost for cost in benchmark_store.measured([8_000, 32_000], with_time=False) if not cost.follows]
    assert [cost for cost in costs if cost.steps[1] > 2 * cost.steps[0] + 500] == []


def test_the_soak_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.main(["--requests", "400", "--kills", "1"]) == 0
    said = capsys.readouterr().out
    assert "malformed requests: 400 " in said
    assert "no acknowledged write was lost" in said


async def _all_is_lost(_mock: Any) -> set[str]:
    return set()


def test_the_soak_fails_if_a_write_is_lost(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(soak, "_kept", _all_is_lost)
    assert soak.main(["--requests", "0", "--kills", "1"]) == 1
    assert "acknowledged writes are lost" in capsys.readouterr().out


def test_the_soak_fails_if_a_refused_request_changes_something(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Every effect counts as that of a refused request.
    monkeypatch.setattr(soak, "REFUSED", 200)
    assert soak.main(["--requests", "400", "--kills", "0"]) == 1
    assert "and yet something changed" in capsys.readouterr().out
