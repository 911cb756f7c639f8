"""Does what a page of the documentation shows, from top to bottom, as a reader would."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.running import line_of, started

#: Blocks of these languages are shown and not run, unless they have a title and so are a file.
SHOWN_ONLY: Final = frozenset({"mermaid", "json", "toml", "yaml", "sh", "text", "ts", "php"})
#: A reader installs these, and the mock runs already.
_DONE: Final = ("pip install ", "npm install ", "apt-get install ", "mavibot mock --port 8080")
_BLOCK: Final = re.compile(r'^ *```(\w+)(?: title="([^"]+)")?\n(.*?)^ *```$', re.M | re.S)
_MOCK: Final = "127.0.0.1:8080"
#: These go on until the reader has come to the end of the page; the port of the page is replaced by a free one.
_SERVERS: Final = ("mavibot proxy ", "mavibot listen ")
_SERVER_PORT: Final = "8090"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: its language, the name of the file that it is, if any, and its text."""

    language: str
    title: str
    text: str


def blocks(page: str) -> list[Block]:
    """Return the blocks of code of a page."""
    return [Block(*found.groups("")) for found in _BLOCK.finditer(page)]


@dataclass
class Reader:
    """Someone who tries what a page shows.

    Attributes:
        folder: where files are written and commands are run.
        mock: host and port of a mock; it takes the place of the one of the page.
        lacking: programs that the page needs and this machine does not have; what needs them was left out.
    """

    folder: Path
    mock: str
    lacking: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        # A terminal's width and colours must not change what is compared.
        kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "FORCE_COLOR"}}
        self._environment = kept | {"PATH": path, "PYTHONWARNINGS": "error"}
        self._printed: str | None = None
        self._servers = ExitStack()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = str(free.getsockname()[1])

    def read(self, page: str) -> int:
        """Try every block of a page; return how many were run.

        Raises:
            AssertionError: something fails, or prints something else than the page shows.
        """
        with self._servers:
            return sum(self._try(block) for block in blocks(page))

    def _try(self, block: Block) -> bool:
        text = block.text.replace(_MOCK, self.mock).replace(_SERVER_PORT, self._port)
        if block.title:
            (self.folder / block.title).write_text(text, encoding="utf-8")
            return False
        match block.language:
            case "python":
                self._printed = self._run([sys.executable, "-c", text], text)
            case "console":
                for command, shown in re.findall(r"^\$ ((?:.*\\\n)*.*)\n?((?:(?!\$ ).*\n?)*)", text, re.M):
                    self._type(command, shown)
            case "text" if self._printed is not None:
                self._compare(text, self._printed)
                return False
            case language:
                assert language in SHOWN_ONLY, f"nothing runs this block of {language}: {block.text}"
                return False
        return True

    def _type(self, command: str, shown: str) -> None:
        if command.startswith(_DONE):
            return
        if command.startswith(_SERVERS):
            self._start(command)
            return
        if command.startswith("export "):
            self._environment |= dict(word.split("=", 1) for word in shlex.split(command)[1:])
            return
        program = next(word for word in shlex.split(command) if "=" not in word)
        if shutil.which(program, path=self._environment["PATH"]) is None:
            self.lacking.add(program)
            self._printed = None
            return
        self._printed = self._run(["bash", "-c", command], command)
        self._compare(shown, self._printed)

    def _start(self, command: str) -> None:
        options = {"cwd": self.folder, "env": self._environment, "stderr": subprocess.STDOUT}
        process = self._servers.enter_context(started(shlex.split(command), **options))
        assert "http://127.0.0.1:" in (line := line_of(process)), line

    def _run(self, command: list[str], what: str) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False, timeout=240
        )
        assert done.returncode == 0, f"{what}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    @staticmethod
    def _compare(shown: str, printed: str) -> None:
        lines = [line.strip() for line in printed.splitlines()]
        for line in filter(None, map(str.strip, shown.splitlines())):
            # What differs from run to run is shown as three dots.
            form = ".*".join(map(re.escape, line.split("…")))
            assert any(re.fullmatch(form, each) for each in lines), f"'{line}' is not in:\n{printed}"
