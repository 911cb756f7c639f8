"""Every command and option that a page names exists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.docs.support import PAGES, PROJECT
from typer.main import get_command

from mavibot_cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMAND: Final = re.compile(r"(?:^\$ |^|`)mavibot ([a-zA-Z][^`\n]*)", re.M)
_OPTION: Final = re.compile(r"(?<!\S)--[a-z][a-z-]+")
#: An option that a page names without its command.
_ALONE: Final = re.compile(r"`(--[a-z][a-z-]+)[^`\n]*`")


def _options(command: Any) -> Iterator[str]:
    yield "--help"
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)


def _commands(command: Any) -> Iterator[Any]:
    yield command
    for each in getattr(command, "commands", {}).values():
        yield from _commands(each)


_MAVIBOT: Final[Any] = get_command(app)
_MAVIBOT.commands = {name: each.loaded for name, each in _MAVIBOT.commands.items()}
#: What declares options beside the command: the scripts, and the suite's plugin for pytest.
_DECLARING: Final = [
    PROJECT / "conformance/mavibot_conformance/pytest_plugin.py",
    *(file for file in PROJECT.glob("scripts/**/*") if file.suffix in {"", ".py"} and file.is_file()),
]
_DECLARED: Final = "".join(file.read_text(encoding="utf-8") for file in _DECLARING)
_ANYWHERE: Final = {option for each in _commands(_MAVIBOT) for option in _options(each)}


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_exists(page: str) -> None:
    text = (PROJECT / page).read_text(encoding="utf-8")
    for line in _COMMAND.findall(text):
        command: Any = _MAVIBOT
        words = line.split()
        while inner := getattr(command, "commands", {}).get(words[0] if words else "run"):
            command, words = inner, words[1:]
        # `mavibot conformance URL` runs its first command; `mavibot COMMAND` stands for any.
        command = getattr(command, "commands", {}).get("run", command)
        assert command is not _MAVIBOT or words[0].isupper(), f"mavibot {line}: there is no such command"
        known = {*_options(_MAVIBOT), *_options(command)}
        assert set(_OPTION.findall(line)) <= known, f"mavibot {line}"
    for option in _ALONE.findall(text):
        assert option in _ANYWHERE or f'"{option}"' in _DECLARED, option
