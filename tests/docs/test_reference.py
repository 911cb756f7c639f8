"""What is made for the site is whole, and says what contract, code and results say."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

import pytest
from tests.mock.curl import curl

import figures
import mavibot_contract
from docsite import actions, benchmarks, commands, control, python_api, rules
from mavibot import errors
from mavibot_conformance.rules.rule import all_rules
from mavibot_mock import Server
from mavibot_mock.state.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONTRACT: Final = mavibot_contract.load()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def test_every_action_has_its_parameters_and_sources() -> None:
    made = "".join(text for _, text in actions.pages())
    for action in _CONTRACT.actions:
        section = re.search(rf"^## `{action}` .*?(?=^## |\Z)", made, re.M | re.S)
        assert section is not None
        operation = _CONTRACT.operation(action)
        assert f"`{operation.permission}`" in section[0]
        assert f"bot.{action}(" in section[0]
        assert all(f"| `{name}`" in section[0] for name in operation.schema["properties"])
        assert all(f"| {status} |" in section[0] for status in operation.responses)
        fields = _CONTRACT.resolve(operation.success).get("properties", {})
        assert all(f"| `{name}`" in section[0] for name in fields)


@pytest.mark.parametrize("action", _CONTRACT.actions)
def test_the_command_of_an_action_works(action: str, server: Server) -> None:
    command = actions.curl(_CONTRACT, _CONTRACT.operation(action), f"{server.url}/api/{server.api_key}")
    response = curl(command)
    assert response.status_code in {200, 404}, response.text  # what an earlier action has deleted is not there
    assert (
        response.status_code == 200 or action in {"get_order_state", "set_order_state"} or "not_found" in response.text
    )


def test_variables_stand_in_the_address_by_their_names() -> None:
    command = actions.curl(_CONTRACT, _CONTRACT.operation("find_all_client_id_by_several_vars", "GET"))
    assert command.endswith("/find_all_client_id_by_several_vars?city=Paris&plan=pro'")


def test_every_field_of_a_seed_is_told() -> None:
    [_, (path, seed)] = control.pages()
    assert path == "seed.md"
    for name in ("clients", "deals", "blocks", "channels", "lists", "stages", "messages"):
        assert f"## `{name}`" in seed
    assert all(f"`{name}`" in seed for name in Settings.__dataclass_fields__)


@pytest.mark.heavy
def test_every_public_error_and_rule_is_told() -> None:
    pages = dict(python_api.pages())
    assert all(f"## `{name}` " in pages["python/errors.md"] for name in errors.__all__)
    [(_, text)] = rules.pages()
    assert all(f'id="{rule.id}"' in text for rule in all_rules())


def test_every_command_is_told() -> None:
    [(_, text)] = commands.pages()
    for command in ("call", "actions", "webhook-url", "clients export", "listen", "mock tail", "conformance replay"):
        assert f"`mavibot {command}`" in text


def test_the_benchmarks_are_those_of_the_results(tmp_path: Path) -> None:
    found = json.loads(figures.FILE.read_text(encoding="utf-8"))
    for number, figure in enumerate(found["figures"]):
        figure["low"], figure["middle"], figure["high"] = 7000 + number, 8000 + number, 9000 + number
    found["machine"] |= {"processor": "An abacus", "load": 0.0}
    file = tmp_path / "results.json"
    figures.write(found, file)
    pages = dict(benchmarks.pages(file))
    text = pages["benchmarks.md"]
    assert "An abacus" in text
    assert "was busy" not in text
    shown = re.findall(r"^\| (.+?) \| ([\d.,]+) \| ([\d.,]+) to ([\d.,]+) \|$", text, re.M)
    told = {
        (figure["name"], *(f"{figure[part]:,}" for part in ("middle", "low", "high"))) for figure in found["figures"]
    }
    assert set(shown) == told
    assert len(shown) == len(found["figures"])
    plots = [svg for path, svg in pages.items() if path.endswith(".svg")]
    assert plots
    assert all(re.search(r">8,0\d\d<", svg) for svg in plots)


def test_a_busy_machine_is_told(tmp_path: Path) -> None:
    found = json.loads(figures.FILE.read_text(encoding="utf-8"))
    found["machine"] |= {"cores": 2, "load": 1.5}
    figures.write(found, tmp_path / "results.json")
    assert "The machine was busy" in dict(benchmarks.pages(tmp_path / "results.json"))["benchmarks.md"]
