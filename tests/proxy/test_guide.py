"""The commands of docs/guides/proxy.md work as they stand, one after the other, on a mock in place of the platform."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest
from tests.docs.reader import blocks
from tests.running import started

from mavibot import Mavibot
from mavibot_mock import Server

_GUIDE: Final = Path(__file__).parents[2] / "docs/guides/proxy.md"
_BLOCKS: Final = blocks(_GUIDE.read_text(encoding="utf-8"))
_PLATFORM: Final = "https://chatter.mavibot.ai"
_MOCK: Final = "http://127.0.0.1:8080"


def _use(command: list[str], key: str, folder: Path) -> None:
    """Run a proxy, call through it and stop it."""
    with started(command, cwd=folder) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        line = next(each for each in lines if " answers at " in each)
        with Mavibot(key, base_url=line.split(" answers at ")[1].split(";")[0]) as bot:
            bot.message(client_id=25554, message="Hello")
            bot.get_variables(client_id=25554)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=240)
    assert process.returncode == 0
    assert "2 calls in" in out


@pytest.mark.heavy
def test_the_commands_of_the_guide_work(tmp_path: Path) -> None:
    commands = [found for each in _BLOCKS for found in re.findall(r"^\$ mavibot (.*)", each.text, re.M)]
    assert len(commands) == 8
    with Server() as platform, ExitStack() as stack:
        mock = ""
        for command in commands:
            text = command.replace(_PLATFORM, platform.url).replace("--port 8090", "--port 0").replace(_MOCK, mock)
            words = [
                sys.executable,
                "-m",
                "mavibot",
                *shlex.split(text.replace("--port 8080", "--port 0 --ready-json")),
            ]
            match words[3]:
                case "proxy":
                    _use(words, platform.api_key, tmp_path)
                case "mock":
                    process = stack.enter_context(started(words, cwd=tmp_path))
                    assert process.stdout is not None
                    mock = process.stdout.readline().split('"url":"')[1].split('"')[0]
                case _:
                    for name in ("anna.json", "oleg.json"):
                        if (tmp_path / "facts.json").exists():
                            shutil.copy(tmp_path / "facts.json", tmp_path / name)
                    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240)
                    assert done.returncode == 0, done.stdout + done.stderr
        for block in _BLOCKS:
            if block.title:
                (tmp_path / block.title).write_text(block.text)
                pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", block.title]
                done = subprocess.run(pytest_, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240)
                assert done.returncode == 0, done.stdout
