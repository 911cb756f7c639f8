"""One module of the command line uses private names of the client, and it lists them."""

import re
from pathlib import Path

import mavibot_cli
from mavibot_cli import client_internals

PRIVATE = re.compile(r"^\s*(?:from|import) mavibot(?:\._\w+| import _)", re.M)


def test_private_names_of_the_client_are_used_through_one_module() -> None:
    folder = Path(mavibot_cli.__path__[0])
    users = {file.name for file in folder.glob("*.py") if PRIVATE.search(file.read_text(encoding="utf-8"))}
    assert users == {"client_internals.py"}


def test_each_of_them_is_needed() -> None:
    folder = Path(mavibot_cli.__path__[0])
    others = [file.read_text(encoding="utf-8") for file in folder.glob("*.py") if file.name != "client_internals.py"]
    lines = [line for text in others for line in re.findall(r"client_internals import (.*)", text)]
    used = {name.split(" as ")[0] for line in lines for name in line.split(", ")}
    assert used == set(client_internals.__all__)
