"""The commands of docs/proxy.md work as they stand, on a mock in place of the platform."""

from __future__ import annotations

import re
import shlex
import signal
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.docs.reader import blocks
from tests.running import started

from mavibot import Mavibot
from mavibot_mock import Server

_GUIDE: Final = Path(__file__).parents[2] / "docs/proxy.md"
_COMMANDS: Final = [
    command
    for block in blocks(_GUIDE.read_text(encoding="utf-8"))
    for command in re.findall(r"^\$ (mavibot .*)", block.text, re.M)
]


@pytest.mark.parametrize("command", _COMMANDS)
def test_a_command_of_the_guide_works(command: str, tmp_path: Path) -> None:
    with Server() as mock:
        words = shlex.split(command.replace("https://chatter.salebot.pro", mock.url).replace("--port 8090", "--port 0"))
        with started([sys.executable, "-m", *words], cwd=tmp_path) as process:
            assert process.stderr is not None
            url = process.stderr.readline().split(" answers at ")[1].split(";")[0]
            with Mavibot(mock.api_key, base_url=url) as bot:
                bot.message(client_id=25554, message="Hello")
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "1 calls in" in out
