"""The limit on calls: a bucket of tokens for each key, on the project's clock."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mock.caller import Caller

from mavibot_mock.server.limiter import Limiter


@pytest.fixture
def limited(mock: Caller) -> Caller:
    mock.project.configure(replace(mock.project.settings, calls_per_second=0.5, calls_at_once=2))
    return mock


def _status(mock: Caller, action: str = "get_clients", key: str = "demo-full") -> int:
    return mock.call(action, key=key).status_code


def test_without_a_limit_any_number_of_calls(mock: Caller) -> None:
    assert {_status(mock) for _ in range(30)} == {200}


def test_too_many_calls_are_refused_until_the_clock_has_moved(limited: Caller) -> None:
    assert [_status(limited) for _ in range(3)] == [200, 200, 429]
    response = limited.call("get_clients")
    assert response.headers["retry-after"] == "2"
    assert response.json() == {
        "status": "fail",
        "message": "too many calls: at most 0.5 a second and 2 at once; wait 2 s",
    }
    limited.now += 1
    assert limited.call("get_clients").headers["retry-after"] == "1"
    limited.now += 1
    assert [_status(limited) for _ in range(2)] == [200, 429]
    limited.now += 3600
    assert [_status(limited) for _ in range(3)] == [200, 200, 429]


def test_a_refused_call_changes_nothing(limited: Caller) -> None:
    for _ in range(2):
        limited.call("message", {"client_id": 5, "message": "x"})
    limited.refusal("message", {"client_id": 5, "message": "x"}, status=429)


def test_every_key_has_a_bucket_of_its_own(limited: Caller) -> None:
    assert [_status(limited) for _ in range(3)] == [200, 200, 429]
    assert [_status(limited, key="demo-clients-read") for _ in range(3)] == [200, 200, 429]


def test_what_the_contract_calls_unlimited_is_exempt(limited: Caller) -> None:
    for _ in range(5):
        assert limited.call("save_variables", {"client_id": 5, "variables": {"a": 1}}).text == "ok"
    assert [_status(limited) for _ in range(3)] == [200, 200, 429]


@given(
    moments=st.lists(st.floats(0, 100), max_size=60).map(sorted),
    per_second=st.floats(0.1, 20),
    at_once=st.integers(1, 10),
)
def test_no_span_of_time_has_more_calls_than_the_bucket_gives(
    moments: list[float], per_second: float, at_once: int
) -> None:
    limiter = Limiter()
    allowed = [now for now in moments if not limiter.wait("key", now=now, per_second=per_second, at_once=at_once)]
    for place, begin in enumerate(allowed):
        for count, end in enumerate(allowed[place:], start=1):
            assert count <= at_once + (end - begin) * per_second + 1e-6


@given(per_second=st.floats(0.1, 20), at_once=st.integers(1, 10), start=st.floats(0, 1e9))
def test_after_the_wait_that_it_names_there_is_a_token(per_second: float, at_once: int, start: float) -> None:
    limiter = Limiter()
    limit: dict[str, Any] = {"per_second": per_second, "at_once": at_once}
    for _ in range(at_once):
        assert limiter.wait("key", now=start, **limit) == 0
    wait = limiter.wait("key", now=start, **limit)
    assert wait > 0
    assert limiter.wait("key", now=start + wait + 0.001, **limit) == 0


def test_a_clock_that_is_set_back_takes_nothing_away() -> None:
    limiter = Limiter()
    assert limiter.wait("key", now=100, per_second=1, at_once=2) == 0
    assert limiter.wait("key", now=50, per_second=1, at_once=2) == 0
    assert limiter.wait("key", now=50, per_second=1, at_once=2) == 1
