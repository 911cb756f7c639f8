"""What the command line prints: it drives no terminal, fits every console, and fails with an exit code of its own."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.support import KEY, Platform, drives_a_terminal, run, run_on_terminal
from tests.client.support import law
from tests.running import started

from mavibot_cli import call, terminal

pytestmark = pytest.mark.usefixtures("fresh")

MAVIBOT = [sys.executable, "-m", "mavibot"]
HELLO = ("call", "message", "client_id=5", "message=x")
#: A window title, a cleared screen in C1, a deletion, a text turned round, and lines that nobody has sent.
EVIL = "A\x1b]0;pwned\x07\x9b2J\x7f\u202egpj\u2028in  client 2: forged\r\nforged\x85x"
ROW = {"id": 1, "platform_id": "7", "client_type": 1}


# What is fit for a terminal


@given(st.text())
@law(200)
def test_no_text_drives_a_terminal(text: str) -> None:
    shown = terminal.fit(text)
    assert not drives_a_terminal(shown)
    assert "\n" not in shown
    assert "\t" not in shown
    assert len(shown.splitlines()) <= 1


@given(st.text())
@law(200)
def test_lines_are_kept_where_they_are_wanted(text: str) -> None:
    shown = terminal.fit(text, lines=True)
    assert not drives_a_terminal(shown)
    assert shown.count("\n") == text.count("\n")


@pytest.mark.heavy
@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
@law(200)
def test_json_stays_json_of_the_same_value(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert json.loads(terminal.fit(text)) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a ##[error]b", r"a ##\u005berror]b"),
        ("::error::x", r":\u003aerror::x"),
        (" \t::error::x", r" \t:\u003aerror::x"),
        ("a ::error::x", "a ::error::x"),
        ('"##[x"', r'"##\u005bx"'),
    ],
)
def test_a_runner_obeys_no_line(text: str, shown: str) -> None:
    assert terminal.fit(text) == shown


def test_a_runner_obeys_no_further_line() -> None:
    assert terminal.fit("a\n::error::x\n\t::error::y", lines=True) == "a\n:\\u003aerror::x\n\t:\\u003aerror::y"


def test_text_of_any_language_is_shown_as_it_is() -> None:
    text = "Анна 日本語 עברית 👨\u200d👩\u200d👧 e\u0301 1\u00a0000"
    assert terminal.fit(text) == text


@pytest.mark.parametrize(
    ("text", "sound"), [("a\ud83db", "a\ufffdb"), ("\ude00", "\ufffd"), ("🦊", "🦊"), ("\ufeffx", "\ufeffx"), ("", "")]
)
def test_half_of_a_character_is_replaced(text: str, sound: str) -> None:
    assert terminal.whole(text) == sound


# Every command on a terminal


@pytest.mark.parametrize(
    ("arguments", "reply"),
    [
        (["get_clients"], {"status": "success", "clients": [{**ROW, "name": EVIL, EVIL: EVIL}]}),
        (["get_clients"], {"status": "success", "clients": [{**ROW, "name": EVIL * 9}, {**ROW, EVIL: 1}]}),
        (["get_variables", "client_id=5"], {"a": EVIL, EVIL: [EVIL]}),
        (["get_variables", "client_id=5", "--raw"], {"a": EVIL}),
    ],
)
def test_no_reply_drives_the_terminal(server: Platform, arguments: list[str], reply: dict[str, Any]) -> None:
    server.answer(reply)
    code, shown = run_on_terminal("call", *arguments, url=server.url, environment={"NO_COLOR": "1"})
    assert code == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown.replace("\r\n", "\n"))
    assert not drives_a_terminal(plain)
    assert "\\u202egpj" in plain
    assert not [line for line in plain.splitlines() if line.startswith(("in  client", "forged"))]


def test_no_refusal_drives_the_terminal(server: Platform) -> None:
    server.status, server.body = 400, EVIL.encode()
    code, shown = run_on_terminal(*HELLO, url=server.url)
    assert code == 1
    assert not drives_a_terminal(shown.replace("\r\n", "\n"))
    assert len(shown.strip().splitlines()) == 1


@pytest.mark.heavy
@pytest.mark.parametrize("encoding", ["ascii", "cp866", "latin-1", "utf-8"])
def test_every_console_shows_every_reply(server: Platform, encoding: str) -> None:
    name = "Анна é 🦊 \ud83d"
    for reply in (
        {"status": "success", "clients": [{**ROW, "name": name}]},
        {"city": name},
        {"city": name, "rows": [{"id": 1}, 2]},
    ):
        server.answer({})
        server.body = json.dumps(reply).encode()
        settings = {"PYTHONIOENCODING": encoding}
        action = ["get_clients"] if "clients" in reply else ["get_variables", "client_id=5"]
        code, shown = run_on_terminal("call", *action, url=server.url, environment=settings, encoding=encoding)
        assert code == 0, shown
        assert "\\ud83d" in shown
        assert ("Анна" in shown) == (encoding in {"cp866", "utf-8"})
        assert ("\\u0410\\u043d\\u043d\\u0430" in shown) == (encoding in {"ascii", "latin-1"})


@pytest.mark.parametrize("arguments", [["--help"], ["call", "--help"], ["actions"], ["actions", "get_history"]])
def test_an_ascii_console_shows_what_the_command_line_says_itself(arguments: list[str]) -> None:
    code, shown = run_on_terminal(*arguments, environment={"PYTHONIOENCODING": "ascii"}, encoding="ascii")
    assert code == 0
    assert "mavibot" in shown or "get_history" in shown


# Output that cannot be written


def shell(command: str, url: str) -> subprocess.CompletedProcess[str]:
    program = shlex.join(MAVIBOT)
    environment = {**os.environ, "MAVIBOT_API_KEY": KEY, "MAVIBOT_BASE_URL": url}
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command.replace('mavibot', program, 1)}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env=environment,
    )


needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has a full disk to write to")


@pytest.mark.parametrize(
    "end",
    [">&-", "| true", pytest.param(">/dev/full", marks=needs_full), pytest.param("--raw >/dev/full", marks=needs_full)],
)
def test_a_call_whose_reply_cannot_be_printed_does_not_look_like_a_refusal(server: Platform, end: str) -> None:
    # So much that it does not fit into a pipe's buffer.
    server.body = b"x" * 1_000_000
    done = shell(f"mavibot call message client_id=5 message=x {end}", server.url)
    assert len(server.requests) == 1
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith("mavibot call: the output cannot be written: ")
    assert line.endswith("has been carried out, so do not simply repeat it")


@needs_full
@pytest.mark.parametrize(
    "command", ["actions", "--help", "call --help", "webhook-url callback client_id=a message=m", "mock --port 0"]
)
def test_what_sends_nothing_says_so_too(command: str) -> None:
    done = shell(f"mavibot {command} >/dev/full", "http://127.0.0.1:9")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert "No space left on device" in done.stderr
    assert "carried out" not in done.stderr


def test_where_stderr_is_closed_too_the_exit_code_tells(server: Platform) -> None:
    assert shell("mavibot call message client_id=5 message=x >&- 2>&-", server.url).returncode == 3


def test_whatever_goes_wrong_after_a_call_is_not_a_refusal(server: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("a mistake of ours\nin two lines")

    monkeypatch.setattr(call, "_show", fail)
    done = run(*HELLO, url=server.url)
    assert done.exit_code == 3
    assert done.stderr == (
        "mavibot call: a call may have been carried out, but then: RuntimeError: a mistake of ours\\nin two lines\n"
    )
    monkeypatch.setattr("mavibot_cli.values.read", fail)
    with pytest.raises(RuntimeError):
        run(*HELLO, url=server.url)


@needs_full
def test_listening_ends_where_nobody_sees_what_comes() -> None:
    with Path("/dev/full").open("w") as full, started([*MAVIBOT, "listen", "--port", "0"], stdout=full) as process:
        assert process.stderr is not None
        address = process.stderr.readline().split()[2].rstrip(";")
        assert httpx2.post(address, content=b'{"message": "x"}').text == "ok"
        assert process.wait(timeout=240) == 3
        assert process.stderr.read() == "mavibot listen: the output cannot be written: No space left on device\n"


def test_half_of_a_character_in_an_event_is_replaced_and_noted() -> None:
    with started([*MAVIBOT, "listen", "--port", "0", "--json"]) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        address = process.stderr.readline().split()[2].rstrip(";")
        assert httpx2.post(address, content=rb'{"message": "a\ud83d", "b": "\u009b"}').text == "ok"
        assert json.loads(process.stdout.readline()) == {"message": "a\ufffd", "b": "\x9b"}
        assert "U+FFFD" in process.stderr.readline()
