"""What the tests of the command line share: a way to run it, and a server that records and answers as told."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.running import serving, started
from typer.testing import CliRunner, Result

from mavibot_cli.app import app

#: The canary: no output may hold it.
KEY: Final = "5ec4e7" * 6 + "cafe"
# What would force colours or another width, or reach a real project.
_NEUTRAL: Final = dict.fromkeys(
    ("FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS", "NO_COLOR", "COLUMNS", "MAVIBOT_API_KEY", "MAVIBOT_BASE_URL")
)
ESCAPE: Final = "\x1b"
_BIDIRECTIONAL: Final = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def run(*arguments: str, url: str | None = None, key: str | None = KEY, given: str | None = None) -> Result:
    """Run a command in a pipe; an unexpected exception fails the test, and so does the key in the output."""
    settings = {**_NEUTRAL, "MAVIBOT_API_KEY": key, "MAVIBOT_BASE_URL": url}
    result = CliRunner().invoke(app, arguments, prog_name="mavibot", env=settings, input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert KEY not in result.output
    assert ESCAPE not in result.output
    return result


def refused(*arguments: str, code: int = 2, url: str | None = "http://127.0.0.1:9", **options: Any) -> str:
    """Run a command that must end with a code and say why on stderr alone; return what it says."""
    result = run(*arguments, url=url, **options)
    assert result.exit_code == code, result.output
    assert not result.stdout
    assert "Traceback" not in result.stderr
    return result.stderr


def run_on_terminal(
    *arguments: str, url: str = "", environment: Mapping[str, str] | None = None, encoding: str = "utf-8"
) -> tuple[int, str]:
    """Run a command whose stdout and stderr are a terminal of an encoding; return exit code and what it shows."""
    settings = {name: value for name, value in os.environ.items() if name not in _NEUTRAL}
    settings |= {"MAVIBOT_API_KEY": KEY, "MAVIBOT_BASE_URL": url, "TERM": "xterm", "COLUMNS": "100"}
    ours, theirs = pty.openpty()
    shown = b""
    with (
        os.fdopen(ours, "rb", buffering=0) as terminal,
        started(
            [sys.executable, "-m", "mavibot", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            env={**settings, **(environment or {})},
        ) as process,
    ):
        os.close(theirs)
        # Linux ends a terminal without a writer with an error.
        while chunk := _read(terminal):
            shown += chunk
        code = process.wait(timeout=240)
    assert KEY.encode() not in shown
    return code, shown.decode(encoding)


def drives_a_terminal(text: str) -> list[str]:
    """Return the characters of a text that are more than shown, apart from line breaks and tabs."""
    return [
        character
        for character in text
        if (unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} and character not in "\n\t")
        or unicodedata.bidirectional(character) in _BIDIRECTIONAL
        or character in "\u200e\u200f\u061c"
    ]


def _read(terminal: Any) -> bytes:
    try:
        found: bytes = terminal.read(65536)
    except OSError:
        return b""
    return found


@dataclass
class Received:
    """One request: its method, action and what it carries."""

    method: str
    action: str
    key: str
    query: dict[str, str]
    json: Any


@dataclass
class Platform:
    """A server that records requests and answers them as told.

    Attributes:
        url: address.
        requests: what was received.
        status: HTTP status of the answers.
        body: body of the answers.
        content_type: content type of the answers.
        arrived: set when a request has come.
        go_on: the answers wait for it.
    """

    url: str = ""
    requests: list[Received] = field(default_factory=list)
    status: int = 200
    body: bytes = b"ok"
    content_type: str = "text/plain"
    arrived: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)

    def answer(self, value: Any, status: int = 200) -> None:
        """Answer all further requests with JSON."""
        self.status, self.content_type = status, "application/json"
        self.body = json.dumps(value, ensure_ascii=False).encode()


@contextmanager
def platform() -> Iterator[Platform]:
    """Serve a `Platform` on a free port."""
    state = Platform()
    state.go_on.set()

    class Handler(BaseHTTPRequestHandler):
        timeout = 60  # of a connection without a request

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            _, _, key, action = parts.path.split("/")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            state.requests.append(Received(self.command, action, key, query, json.loads(body) if body else None))
            state.arrived.set()
            state.go_on.wait()
            self.send_response(state.status)
            self.send_header("Content-Type", state.content_type)
            self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            self.wfile.write(state.body)

        do_GET = do_POST  # noqa: N815  (http.server's name)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = False  # so that the end waits for them

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A caller that went away is no error of this server."""

    server = Quiet(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    with serving(server):
        try:
            yield state
        finally:
            state.go_on.set()
