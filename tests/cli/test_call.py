"""`mavibot call`: how values are read, what is printed, how failures end."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.support import KEY, Platform, refused, run, run_on_terminal
from tests.client.support import CONTRACT, good_reply, law

from mavibot_cli import describe

pytestmark = pytest.mark.usefixtures("fresh")


def sent(server: Platform, action: str, *arguments: str, given: str | None = None) -> Any:
    """Call an action, which is answered well, and return the body that arrived."""
    server.requests.clear()
    server.answer(good_reply(CONTRACT.operation(action)))
    result = run("call", action, *arguments, url=server.url, given=given)
    assert result.exit_code == 0, result.output
    assert len(server.requests) == 1
    return server.requests[0].json


# Values


@pytest.mark.parametrize(
    ("action", "arguments", "expected"),
    [
        ("message", ["client_id=25554", "message=25554"], {"client_id": 25554, "message": "25554"}),
        ("message", ["client_id=25554", "message=a=b"], {"client_id": 25554, "message": "a=b"}),
        ("whatsapp_message", ["phone=79875146788", "message=m"], {"phone": "79875146788", "message": "m"}),
        (
            "tg_callback",
            ["user_id=007", "group_id=b", "message=m"],
            {"user_id": "007", "group_id": "b", "message": "m"},
        ),
        (
            "callback",
            ["client_id=5", "message=m", "resume_bot=true", "time_shift=1.5", "client.city=Paris", "amount=4900"],
            {
                "client_id": 5,
                "message": "m",
                "resume_bot": True,
                "time_shift": 1.5,
                "client.city": "Paris",
                "amount": "4900",
            },
        ),
        ("broadcast", ["clients=5,58", "clients=110", "message=m"], {"clients": [5, 58, 110], "message": "m"}),
        ("broadcast", ["clients=[5]", "clients=6", "message=m"], {"clients": [5, 6], "message": "m"}),
        ("broadcast", ["list=1", "message=m", "shift=2"], {"list": 1, "message": "m", "shift": 2}),
        (
            "send_callback_by_platform_id",
            ["platform_ids=407184121, 2rwewefw", "callback_text=m"],
            {"platform_ids": [407184121, "2rwewefw"], "callback_text": "m"},
        ),
        (
            "save_variables",
            ["client_id=5", 'variables={"a": null, "b": 1}'],
            {"client_id": 5, "variables": {"a": None, "b": 1}},
        ),
        (
            "message",
            ["client_id=5", "message=m", 'buttons={"buttons": []}'],
            {"client_id": 5, "message": "m", "buttons": {"buttons": []}},
        ),
        ("message", ["client_id=5", "message=@@durov"], {"client_id": 5, "message": "@durov"}),
        ("message", ["client_id=5", "message=Привет 🦊"], {"client_id": 5, "message": "Привет 🦊"}),
    ],
)
def test_values_are_read_as_the_contract_describes_them(
    server: Platform, action: str, arguments: list[str], expected: dict[str, Any]
) -> None:
    assert sent(server, action, *arguments) == expected


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_the_example_of_each_action_sends_the_contracts_example(server: Platform, action: str) -> None:
    operation = CONTRACT.operation(action)
    details = describe.details(CONTRACT, action)
    server.answer(good_reply(operation))
    program, command, *arguments = shlex.split(details["examples"]["shell"])
    assert (program, command) == ("mavibot", "call")
    assert run("call", *arguments, url=server.url).exit_code == 0
    (request,) = server.requests
    assert request.action == action
    wanted = describe.arguments(CONTRACT, operation)
    if operation.method == "GET":
        assert (
            request.query.items()
            >= {name: str(value) for name, value in wanted.items() if not isinstance(value, dict)}.items()
        )
    else:
        body = request.json if operation.body_argument is None else {operation.body_argument: request.json}
        assert _as_texts(body) == _as_texts(wanted)


def _as_texts(value: Any) -> Any:
    """Return a value without the difference between an id as number and as text, which the platform does not make."""
    if isinstance(value, dict):
        return {name: _as_texts(item) for name, item in value.items()}
    return [_as_texts(item) for item in value] if isinstance(value, list) else str(value)


@given(
    message=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(
        lambda text: not text.startswith("@")
    )
)
@law(50)
def test_any_text_arrives_unchanged(server: Platform, message: str) -> None:
    assert sent(server, "message", "client_id=5", f"message={message}")["message"] == message


def test_text_from_a_file_and_from_stdin(server: Platform, tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_text("First line\nlast line\n", encoding="utf-8")
    assert sent(server, "message", "client_id=5", f"message=@{file}")["message"] == "First line\nlast line"
    assert sent(server, "message", "client_id=5", "message=@-", given="from stdin\n")["message"] == "from stdin"


def test_parameters_from_a_json_file(server: Platform, tmp_path: Path) -> None:
    file = tmp_path / "parameters.json"
    file.write_text('{"client_id": 5, "amount": 4900}', encoding="utf-8")
    expected = {"client_id": 5, "amount": 4900, "message": "paid"}
    assert sent(server, "callback", "message=paid", "--json", str(file)) == expected
    assert sent(server, "callback", "--json", "-", given=json.dumps(expected)) == expected


def test_a_byte_order_mark_is_no_part_of_what_stdin_says(server: Platform) -> None:
    expected = {"client_id": 5, "message": "Привет"}
    given = "\ufeff" + json.dumps(expected, ensure_ascii=False)
    assert sent(server, "message", "--json", "-", given=given) == expected
    assert sent(server, "message", "client_id=5", "message=@-", given="\ufeffПривет\r\n") == expected


@pytest.mark.parametrize(
    ("start", "piped", "words"),
    [("", "Анна".encode("cp1251"), "cannot read '-': it is not UTF-8 text"), ("<&-", b"", "stdin: it is closed")],
    ids=["cp1251", "closed"],
)
def test_stdin_that_cannot_be_read(server: Platform, start: str, piped: bytes, words: str) -> None:
    program = shlex.join([sys.executable, "-m", "mavibot", "call", "message", "client_id=5", "message=@-"])
    settings = {"MAVIBOT_API_KEY": KEY, "MAVIBOT_BASE_URL": server.url, "PYTHONIOENCODING": "cp1251"}
    done = subprocess.run(
        ["bash", "-c", f"{program} {start}"], input=piped, capture_output=True, check=False, env=os.environ | settings
    )
    assert done.returncode == 2
    assert words in done.stderr.decode("cp1251")
    assert not server.requests


def test_a_list_as_the_whole_body(server: Platform) -> None:
    clients = [{"platform_id": 1, "group_id": 2, "client_type": 0}]
    assert sent(server, "load_clients", "--json", "-", given=json.dumps(clients)) == clients


def test_get(server: Platform) -> None:
    assert sent(server, "message", "client_id=5", "message=a b&c", "--get") is None
    assert server.requests[0].method == "GET"
    assert server.requests[0].query == {"client_id": "5", "message": "a b&c"}


def test_options_may_stand_anywhere(server: Platform) -> None:
    assert sent(server, "message", "--raw", "client_id=5", "--get", "message=m") is None


# What is refused before anything is sent


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mesage", "client_id=5"], ["mesage", "did you mean 'message'"]),
        (["message", "client_id=5", "mesage=x"], ["mesage", "did you mean 'message'"]),
        (["message", "client_id=abc", "message=x"], ["client_id", "abc"]),
        (["message", "message=x"], ["client_id"]),
        (["get_clients", "limit=1000"], ["limit", "at most 500"]),
        (["get_clients", "limit=ten"], ["limit", "a whole number", "'ten'"]),
        (["get_clients", "reverse=yes"], ["reverse", "true or false", "'yes'"]),
        (["save_variables", "client_id=5", "variables=a"], ["variables", "JSON"]),
        (["save_variables", "client_id=5", 'variables={"a": 1, "a": 2}'], ["variables", "gives the key 'a' twice"]),
        (["broadcast", "message=x", "clients=[1"], ["clients", "JSON"]),
        (["load_clients", "clients=1,2"], ["clients", "list of objects as JSON"]),
        (["message", "client_id=5", "client_id=6", "message=x"], ["client_id", "given twice"]),
        (["message", "client_id=5", "message"], ["name=value"]),
        (["message", "=5"], ["name=value"]),
        (["message", "client_id=5", "message=@/no/such/file"], ["message", "/no/such/file", "@@"]),
        (["message", "--json", "/no/such/file"], ["/no/such/file"]),
        (["callback", "client_id=5", "message=x", "method=GET"], ["method", "--get"]),
        (["broadcast", "list=1", "message=x", "--get"], ["GET"]),
        (["message", f"api_key={KEY}"], ["api_key", "MAVIBOT_API_KEY", "--key-file"]),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sent(server: Platform, arguments: list[str], words: list[str]) -> None:
    error = refused("call", *arguments, url=server.url)
    assert error.startswith("mavibot call: ")
    assert len(error.splitlines()) == 1
    for word in words:
        assert word in error
    assert not server.requests


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ('{"message": "y", "message": "z"}', "--json: stdin gives the key 'message' twice"),
        ('{"variables": {"a": [{"b": 1, "b": 1}]}}', "gives the key 'b' twice"),
        ("[" * 100_000, "stdin is nested too deeply"),
        ("{", "stdin is not JSON: "),
        ("[1]", "a JSON object"),
        ('{"message": "y"}', "given twice"),
    ],
)
def test_json_that_does_not_fit(given: str, words: str) -> None:
    assert words in refused("call", "message", "client_id=5", "message=x", "--json", "-", given=given)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    file = tmp_path / "picture"
    file.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in refused("call", "message", "client_id=5", f"message=@{file}")


# Key and address


def test_the_key_comes_from_the_environment_or_a_file(server: Platform, tmp_path: Path) -> None:
    server.answer(good_reply(CONTRACT.operation("get_messages")))
    run("call", "get_messages", url=server.url)
    file = tmp_path / "key"
    file.write_text("other-key\n", encoding="ascii")
    run("call", "get_messages", "--key-file", str(file), url=server.url)
    assert [request.key for request in server.requests] == [KEY, "other-key"]


def test_the_base_url_of_the_option_comes_first(server: Platform) -> None:
    server.answer(good_reply(CONTRACT.operation("get_messages")))
    assert run("call", "get_messages", "--base-url", server.url, url="http://127.0.0.1:9").exit_code == 0


def test_without_a_key() -> None:
    error = refused("call", "get_messages", key=None)
    assert "MAVIBOT_API_KEY" in error
    assert "--key-file" in error


def test_without_a_base_url() -> None:
    error = refused("call", "get_messages", url=None)
    assert "MAVIBOT_BASE_URL" in error
    assert "--base-url" in error


@pytest.mark.parametrize(
    "arguments",
    [
        ["--api-key", KEY],
        [f"--api-key={KEY}"],
        ["--key-file", KEY],
        ["--base-url", f"https://chatter.mavibot.ai/api/{KEY}/message"],
        [KEY],
    ],
)
def test_a_key_in_the_wrong_place_is_not_repeated(arguments: list[str]) -> None:
    # `run` itself looks for the key in the output.
    assert refused("call", "message", "client_id=5", "message=x", *arguments)


# What comes back


def test_json_in_a_pipe_is_the_reply_as_it_came(server: Platform) -> None:
    server.body, server.content_type = b'{"status":"success", "clients": [ ]}', "application/json"
    assert run("call", "get_clients", url=server.url).stdout_bytes == server.body + b"\n"


def test_text_in_a_pipe(server: Platform) -> None:
    assert run("call", "message", "client_id=5", "message=x", url=server.url).stdout == "ok\n"


def test_raw_adds_nothing(server: Platform) -> None:
    assert run("call", "message", "client_id=5", "message=x", "--raw", url=server.url).stdout_bytes == b"ok"


def test_a_table_on_a_terminal(server: Platform) -> None:
    row = {"id": 1, "platform_id": "7", "client_type": 1, "name": "Анна", "avatar": None}
    server.answer({"status": "success", "clients": [row]})
    code, shown = run_on_terminal("call", "get_clients", url=server.url)
    assert code == 0
    head, _, line = shown.strip().splitlines()
    assert head.split() != line.split()
    assert "name" in head
    assert "avatar" not in head
    assert "Анна" in line


@pytest.mark.heavy
def test_objects_on_a_terminal_are_indented_json_and_coloured_unless_told_otherwise(server: Platform) -> None:
    server.answer({"city": "Paris"})
    _, coloured = run_on_terminal("call", "get_variables", "client_id=5", url=server.url)
    assert "\x1b[" in coloured
    _, plain = run_on_terminal("call", "get_variables", "client_id=5", url=server.url, environment={"NO_COLOR": "1"})
    assert "\x1b[3" not in plain.replace("\x1b[0m", "")
    _, raw = run_on_terminal("call", "get_variables", "client_id=5", "--raw", url=server.url)
    assert json.loads(raw) == {"city": "Paris"}
    assert "\x1b" not in raw


def test_forced_colours_do_not_reach_a_pipe(server: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answer({"city": "Paris"})
    monkeypatch.setattr("tests.cli.support._NEUTRAL", {"FORCE_COLOR": "1"})
    assert json.loads(run("call", "get_variables", "client_id=5", url=server.url).stdout) == {"city": "Paris"}


@pytest.mark.parametrize("reply", [{"clients": [{"id": 1, "platform_id": "7", "client_type": 1, "name": "\x1b[2Jx"}]}])
def test_a_name_cannot_drive_the_terminal(server: Platform, reply: dict[str, Any]) -> None:
    server.answer({"status": "success", **reply})
    _, shown = run_on_terminal("call", "get_clients", url=server.url)
    assert "\x1b[2J" not in shown
    assert "\\x1b[2Jx" in shown


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, '{"status": "fail", "message": "no such key"}', "unknown or revoked"),
        (403, '{"status": "fail"}', "clients:write"),
        (200, '{"status": "client_not_found"}', "client_not_found"),
        (400, "\x1b[31mbad", "\\x1b[31mbad"),
    ],
)
def test_a_refusal_ends_with_1(server: Platform, status: int, body: str, words: str) -> None:
    server.status, server.body = status, body.encode()
    error = refused("call", "message", "client_id=5", "message=x", url=server.url, code=1)
    assert error.startswith("mavibot call: message: ")
    assert words in error


def test_an_accepted_call_whose_reply_cannot_be_read_does_not_look_like_a_failure(server: Platform) -> None:
    server.body = b"<html>"
    error = refused("call", "create_order", "client_id=5", "name=x", url=server.url, code=3)
    assert "accepted" in error


def test_a_server_that_repeats_the_key(server: Platform) -> None:
    server.status, server.body = 400, f"no such address /api/{KEY}/message".encode()
    refused("call", "message", "client_id=5", "message=x", url=server.url, code=1)


def test_no_connection_ends_with_4(closed_port: int) -> None:
    url = f"http://127.0.0.1:{closed_port}"
    error = refused("call", "assign_to_user", "client_id=5", "email=a@b", url=url, code=4)
    assert "nothing was sent" in error
