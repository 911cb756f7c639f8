"""The short way of reading a call that is in everything as the contract has it."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mock.caller import CONTRACT
from tests.mock.examples import examples

from mavibot_mock.actions.registry import handlers
from mavibot_mock.request.body import Sent
from mavibot_mock.request.reader import Reader, Reading
from mavibot_mock.request.replies import RefusedError, Reply
from mavibot_mock.server.api import reader_of

_VALUES = st.sampled_from(
    [5, 0, 1.5, "5", "x", "", "true", True, None, [], ["x"], {}, {"a": 1}, 10**20, "79875146788", "2026-03-10 12:00:00"]
)


def _read(action: str, body: Any, *, strict: bool = False) -> Reading | tuple[Reply, list[str]]:
    sent = Sent("POST", b"", "application/json", json.dumps(body).encode())
    try:
        return asyncio.run(reader_of(action, CONTRACT).read(sent, strict=strict))
    except RefusedError as refused:
        return refused.reply, list(refused.deviations)


def _read_at_length(action: str, body: Any, *, strict: bool = False) -> Reading | tuple[Reply, list[str]]:
    with patch.object(Reader, "_exact", return_value=None):
        return _read(action, body, strict=strict)


@given(data=st.data(), action=st.sampled_from(sorted(handlers())), strict=st.booleans())
@settings(max_examples=500, deadline=None)
def test_both_ways_read_the_same(data: st.DataObject, action: str, *, strict: bool) -> None:
    shown = data.draw(st.sampled_from(examples(action)))
    whole: dict[str, Any] = shown.body if isinstance(shown.body, dict) else shown.query
    left_out = data.draw(st.sets(st.sampled_from(["", *sorted(whole)]), max_size=1))
    names = st.sampled_from([*CONTRACT.operation(action).schema["properties"], "value_client_id", "odd"])
    changed = data.draw(st.dictionaries(names, _VALUES, max_size=2))
    body = {name: value for name, value in whole.items() if name not in left_out} | changed
    assert _read(action, body, strict=strict) == _read_at_length(action, body, strict=strict)


@pytest.mark.parametrize("body", [5, [], "x", None, {}])
def test_both_ways_read_the_same_of_what_is_no_call(body: Any) -> None:
    assert _read("message", body) == _read_at_length("message", body)


def test_the_short_way_is_taken() -> None:
    with patch.object(Reader, "_received", side_effect=AssertionError("the long way")):
        reading = _read("message", {"client_id": 5, "message": "x"})
    assert reading == Reading({"client_id": 5, "message": "x"}, {}, [], [], ())
