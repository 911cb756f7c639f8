"""`mavibot proxy` says what is wrong before anything is passed on."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

import pytest
from tests.cli.support import refused
from tests.proxy.caller import exchange, get
from tests.proxy.upstream import ScriptedUpstream

from mavibot_proxy import Proxy
from mavibot_proxy.records.reader import read

if TYPE_CHECKING:
    from pathlib import Path

_UPSTREAM = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["http://chatter.mavibot.ai"], "must be https"),
        (["chatter.mavibot.ai"], "give scheme and host"),
        ([_UPSTREAM, "--timeout", "nan"], "nan is no number of seconds"),
        ([_UPSTREAM, "--rate", "5"], "such as 5/s"),
        ([_UPSTREAM, "--rate", "0/s"], "such as 5/s"),
        ([_UPSTREAM, "--only-clients", "5,x"], "such as 201,58"),
        ([_UPSTREAM, "--only-clients", ""], "such as 201,58"),
        ([_UPSTREAM, "--webhook", "hook.example"], "give scheme and host"),
        ([_UPSTREAM, "--record", "/nowhere/calls.har", "--port", "0"], "/nowhere/calls.har: No such file"),
        ([_UPSTREAM, "--record", "/dev/null", "--port", "0"], "/dev/null: is no regular file"),
        ([_UPSTREAM, "--report", "/nowhere/facts.json", "--port", "0"], "/nowhere/facts.json: No such file"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str) -> None:
    assert said in refused("proxy", *arguments)


def test_a_run_that_never_begins_leaves_no_report(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused("proxy", _UPSTREAM, "--report", str(tmp_path / "facts.json"), "--port", port, code=1)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("with_fcntl", [True, False])
@pytest.mark.parametrize("name", ["calls.har", "calls.ndjson"])
def test_two_proxies_cannot_share_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, with_fcntl: bool
) -> None:
    if not with_fcntl:
        pytest.importorskip("filelock")
        monkeypatch.setitem(sys.modules, "fcntl", None)
    path = tmp_path / name
    with ScriptedUpstream() as upstream:
        with Proxy(upstream.url, record=path) as proxy:
            exchange(proxy, get())
            said = refused("proxy", _UPSTREAM, "--record", str(path), "--port", "0")
            exchange(proxy, get())
        assert said == f"mavibot proxy: {path}: another proxy records there\n"
        assert len(read(path)) == 2
        assert not path.with_suffix(f".old{path.suffix}").exists()
        # Once the first has ended its record is the older part of the next.
        with Proxy(upstream.url, record=path):
            assert len(read(path.with_suffix(f".old{path.suffix}"))) == 2


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = refused("proxy", _UPSTREAM, "--port", str(taken.getsockname()[1]), code=1)
    assert "cannot listen on" in said
    assert "--port 0 picks a free one" in said
