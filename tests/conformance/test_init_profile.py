"""`mavibot conformance --init-profile`: what it asks and tries, and the file that it writes."""

from __future__ import annotations

import os
import pty
import re
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.cli.support import KEY, platform, refused, run
from tests.running import started

from mavibot_conformance.target.mock import mock_profile
from mavibot_conformance.target.profile import INPUTS, read_profile
from mavibot_mock import Server, demo_keys

KEYS = demo_keys()
VARIABLES = {
    name: "MAVIBOT_API_KEY" if name == "full" else f"MAVIBOT_API_KEY_{name.upper().replace(':', '_')}" for name in KEYS
}
LEGACY = "MAVIBOT_API_KEY_LEGACY"
EVERY_KEY = {VARIABLES[name]: key for name, key in KEYS.items()}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "profile.toml"


def init(url: str, file: Path, *options: str, key: str | None = KEYS["full"]) -> Any:
    """Run it without a terminal."""
    return run("conformance", "--init-profile", url, "--profile", str(file), *options, key=key)


def answer(url: str, file: Path, answers: Sequence[str], environment: dict[str, str] | None = None) -> tuple[int, str]:
    """Run it on a terminal, and type each answer once it is asked for; return exit code and what is shown."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("MAVIBOT")}
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "mavibot", "conformance", "--init-profile", url, "--profile", str(file)]
    env = {**settings, "TERM": "dumb", "COLUMNS": "200", **(environment or {})}
    shown, left = b"", list(answers)
    with (
        os.fdopen(ours, "r+b", buffering=0) as terminal,
        started(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env) as process,
    ):
        os.close(theirs)
        begins = 0
        while True:
            try:
                chunk = terminal.read(65536)
            except OSError:  # how Linux ends a terminal without a writer
                break
            if not chunk:
                break
            shown += chunk
            # The space behind the colon comes last, once what is typed is no longer shown.
            if left and shown[begins:].endswith(b": "):
                begins = len(shown)
                terminal.write(left.pop(0).encode() + b"\n")
        code = process.wait(timeout=240)
    assert not left, shown.decode()
    return code, shown.decode()


def journal(server: Server) -> set[str]:
    """Return the actions that the demo project was asked for, and forget them."""
    address = f"{server.url}/_mock/v1/projects/1/journal"
    found = {row["action"] for row in httpx2.get(address, params={"limit": 10_000}).json()}
    httpx2.delete(address)
    return found


def test_without_a_terminal_options_and_environment_answer(server: Server, file: Path) -> None:
    done = init(server.url, file, "--clients", "25554", "--actions", "get_variables,connected_channels")
    assert done.exit_code == 0, done.output
    assert f"Next: mavibot conformance {server.url} --profile {file}" in done.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert KEYS["full"] not in file.read_text()
    profile = read_profile(file, EVERY_KEY)
    assert profile.keys == {"full": KEYS["full"]}
    assert profile.clients == (25554,)
    assert profile.actions == ("get_variables", "connected_channels")
    # Only a person can allow that clients are created.
    assert profile.channel is None


def test_it_only_reads(server: Server, file: Path) -> None:
    journal(server)
    assert init(server.url, file, "--clients", "25554", "--allow-effects", "send").exit_code == 0
    assert journal(server) == {"connected_channels", "get_variables"}


def test_a_run_takes_the_file(server: Server, file: Path) -> None:
    assert init(server.url, file, "--clients", "25554").exit_code == 0
    done = run("conformance", server.url, "--profile", str(file), "--rules", "AUTH-8,EQ-2", key=KEYS["full"])
    assert done.exit_code == 0, done.output
    assert "conforms to the contract" in done.stdout


def test_every_comment_that_holds_an_input_is_right(server: Server, file: Path) -> None:
    assert init(server.url, file, "--clients", "25554").exit_code == 0
    file.write_text(re.sub(r'^# ((?:"?[\w:]+"? = |\[).*)$', r"\1", file.read_text(), flags=re.MULTILINE))
    profile = read_profile(file, {**EVERY_KEY, LEGACY: "k-legacy", "MAVIBOT_API_KEY_SECOND": "k-second"})
    assert profile.keys == {**KEYS, "legacy": "k-legacy"}
    assert [name for name in INPUTS if profile.lacks(name)] == ["control"]


def test_further_keys_are_those_of_the_environment(server: Server, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in KEYS.items():
        monkeypatch.setenv(VARIABLES[name], key)
    assert init(server.url, file, "--clients", "25554").exit_code == 0
    assert read_profile(file, EVERY_KEY).keys == KEYS


def test_what_is_missing_without_a_terminal_is_named(file: Path) -> None:
    both = refused("conformance", "--init-profile", "http://127.0.0.1:9", "--profile", str(file), key=None)
    assert "no terminal to ask on; give the environment variable MAVIBOT_API_KEY and --clients\n" in both
    one = refused("conformance", "--init-profile", "http://127.0.0.1:9", "--profile", str(file))
    assert "no terminal to ask on; give --clients\n" in one


@pytest.mark.parametrize(
    ("options", "key", "says"),
    [
        (
            ("--clients", "25554"),
            KEY,
            "MAVIBOT_API_KEY: the server refuses this key: GET connected_channels is answered by 401",
        ),
        (("--clients", "25554,99"), KEYS["full"], "clients: 99 cannot be read: GET get_variables is answered by 404"),
        (("--clients", "1;2"), KEYS["full"], "clients: give numbers with commas"),
        (("--clients", "25554", "--actions", "mesage"), KEYS["full"], "did you mean 'message'?"),
    ],
)
def test_what_is_refused_is_told_in_words_of_the_wire(
    server: Server, file: Path, options: tuple[str, ...], key: str, says: str
) -> None:
    assert says in refused("conformance", "--init-profile", server.url, "--profile", str(file), *options, key=key)
    assert not file.exists()


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (("none", "clients:read"), "is no key `none`: GET connected_channels is answered by 200"),
        (("clients:read", "crm:read"), "is no key `clients:read`: GET connected_channels is answered by 403"),
        (("crm:write", "revoked"), "is no key `crm:write`: GET connected_channels is answered by 401"),
        (("revoked", "full"), "is no key `revoked`: GET connected_channels is answered by 200"),
        (("legacy", "crm:read"), "is no key `legacy`: GET connected_channels is answered by 403"),
    ],
)
def test_a_key_that_is_another_one_is_told(
    server: Server, file: Path, monkeypatch: pytest.MonkeyPatch, key: tuple[str, str], says: str
) -> None:
    name, other = key
    monkeypatch.setenv({**VARIABLES, "legacy": LEGACY}[name], KEYS[other])
    command = ("conformance", "--init-profile", server.url, "--profile", str(file), "--clients", "25554")
    assert says in refused(*command, key=KEYS["full"])


def test_no_server_is_exit_code_4(file: Path) -> None:
    command = ("conformance", "--init-profile", "http://127.0.0.1:9", "--profile", str(file), "--clients", "1")
    assert "127.0.0.1:9 does not answer" in refused(*command, code=4)


def test_a_server_that_is_not_the_api_is_told(file: Path) -> None:
    with platform() as page:
        page.body, page.content_type = b"<html>welcome</html>", "text/html"
        command = ("conformance", "--init-profile", page.url, "--profile", str(file), "--clients", "1")
        assert "does not look like the API" in refused(*command)


def test_a_file_that_exists_is_never_overwritten(server: Server, file: Path) -> None:
    file.write_text("mine")
    assert "is there already" in refused("conformance", "--init-profile", server.url, "--profile", str(file))
    assert file.read_text() == "mine"
    lost = file.parent / "no" / "p.toml"
    assert "there is no folder" in refused("conformance", "--init-profile", server.url, "--profile", str(lost))


def test_a_terminal_is_asked(server: Server, file: Path) -> None:
    journal(server)
    code, shown = answer(
        server.url,
        file,
        [KEY, KEYS["full"], "25554,99", "25554", "telegram nobody", "telegram example_bot", "n", "9000", "127.0.0.1:0"],
    )
    assert code == 0, shown
    assert KEY not in shown
    assert KEYS["full"] not in shown
    assert "the server refuses this key: GET connected_channels is answered by 401" in shown
    assert "clients: 99 cannot be read: GET get_variables is answered by 404" in shown
    assert "channel: connected_channels names no telegram nobody" in shown
    assert "webhook: must be host and port" in shown
    profile = read_profile(file, EVERY_KEY)
    assert profile.clients == (25554,)
    assert profile.channel == {"client_type": 1, "group_id": "example_bot"}
    assert profile.webhook == "127.0.0.1:0"
    assert journal(server) == {"connected_channels", "get_variables"}


def test_a_terminal_is_asked_for_further_keys(server: Server, file: Path) -> None:
    permissions = sorted(name for name in KEYS if ":" in name)
    asked = ["legacy", "none", "revoked", *permissions]
    known = {**KEYS, "legacy": KEYS["full"], "crm:write": ""}
    typed = [known[name] for name in asked]
    code, shown = answer(server.url, file, ["", "", "y", *typed, ""], {"MAVIBOT_API_KEY": KEYS["full"]})
    assert code == 0, shown
    assert not [name for name, key in KEYS.items() if name != "full" and key in shown]
    found = read_profile(file, {**EVERY_KEY, LEGACY: KEYS["full"]}).keys
    assert found.keys() == {"legacy", *KEYS} - {"crm:write"}


def test_a_terminal_is_asked_for_a_client_of_the_second_project(server: Server, file: Path) -> None:
    second = mock_profile(server.url).second
    assert second is not None
    environment = {"MAVIBOT_API_KEY": KEYS["full"], "MAVIBOT_API_KEY_SECOND": second["key"]}
    code, shown = answer(server.url, file, ["", "", "n", "99999", str(second["client_id"]), ""], environment)
    assert code == 0, shown
    assert second["key"] not in shown
    assert "clients: 99999 cannot be read: GET get_variables is answered by 404" in shown
    assert read_profile(file, environment).second == dict(second)


def test_a_second_project_without_a_client_is_left_to_fill_in(
    server: Server, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAVIBOT_API_KEY_SECOND", "k-second")
    assert init(server.url, file, "--clients", "25554").exit_code == 0
    assert "MAVIBOT_API_KEY_SECOND is set: name one of that project's clients here" in file.read_text()
    assert "k-second" not in file.read_text()
    assert read_profile(file, EVERY_KEY).second is None


def test_the_default_file(server: Server, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mavibot", "conformance", "--init-profile", server.url, "--clients", "25554"]
    environment = {**os.environ, "MAVIBOT_API_KEY": KEYS["full"]}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, stdin=subprocess.DEVNULL)
    assert read_profile(tmp_path / "mavibot-profile.toml", EVERY_KEY).clients == (25554,)
