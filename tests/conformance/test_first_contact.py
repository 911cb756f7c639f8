"""What a run says before its first rule, and what it leaves behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import httpx2
import pytest

from mavibot_conformance.plan import Plan
from mavibot_conformance.results import Verdict
from mavibot_conformance.suite import run
from mavibot_conformance.target.mock import mock_profile
from mavibot_mock import Server, defects

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def test_a_refused_key_is_named_and_no_rule_blames_the_server(server: Server) -> None:
    profile = replace(mock_profile(server.url), keys={"full": "unknown-key"}, variables={"full": "MY_KEY"})
    with pytest.raises(ValueError, match=r"keys\.full: the server refuses this key, which MY_KEY holds"):
        run(Plan(server.url, profile, selection="AUTH-8"))


def test_another_server_is_not_taken_for_the_api(server: Server) -> None:
    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404, html="<h1>Not here</h1>")

    profile = replace(mock_profile(server.url), made=(), control=None)
    with pytest.raises(ValueError, match="does not look like the API: it answers every action as one that"):
        run(Plan(server.url, profile, selection="AUTH-8", transport=httpx2.MockTransport(answer)))


def test_a_run_leaves_no_project_behind(server: Server) -> None:
    def projects() -> int:
        return len(httpx2.get(f"{server.url}/_mock/v1/projects").json())

    before = projects()
    profile = mock_profile(server.url)
    assert projects() == before + 2
    run(Plan(server.url, profile, consent="send", selection="RYW-1"))
    assert projects() == before


def test_the_command_of_a_failure_is_the_call_that_failed(server: Server) -> None:
    with defects.applied("value-phone-ignored"):
        results = run(Plan(server.url, mock_profile(server.url), consent="send", selection="EQ-4"))
    (failed,) = (each for each in results.outcomes if each.verdict is Verdict.FAIL and each.action == "callback")
    assert failed.curl is not None
    assert "/callback?value_phone=cnf_source" in failed.curl
