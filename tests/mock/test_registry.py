"""An action of the contract without a handler is said at the start, with the file and the function to write."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.mock.caller import CONTRACT

import mavibot_contract
from mavibot_contract import Contract
from mavibot_mock import Server, create_app
from mavibot_mock.actions.registry import MissingHandlersError, handlers, missing_handlers

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEAREST: Final = "connected_channels"


def _with_action(name: str, *, tag: str) -> Contract:
    document: Any = deepcopy(CONTRACT.document)
    operations = document["paths"][f"/{name}"] = deepcopy(document["paths"][f"/{_NEAREST}"])
    for operation in operations.values():
        operation["tags"] = [tag]
    return Contract(document)


@pytest.fixture
def incomplete(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The contract with an action that the mock does not have."""
    contract = _with_action("get_managers", tag="project")
    monkeypatch.setattr(mavibot_contract, "load", lambda: contract)
    handlers.cache_clear()
    yield
    handlers.cache_clear()


def test_nothing_is_missing() -> None:
    assert missing_handlers(CONTRACT) == []


def test_the_file_and_the_function_are_named() -> None:
    [text] = missing_handlers(_with_action("get_managers", tag="project"))
    assert "no handler for the action get_managers; add to mock/mavibot_mock/actions/project.py:" in text
    assert "    def get_managers(call: Call) -> Reply:\n" in text
    assert "return Reply(200, {...})" in text


def test_of_a_new_tag_the_whole_module_is_shown() -> None:
    [text] = missing_handlers(_with_action("get_tasks", tag="tasks"))
    assert "make mock/mavibot_mock/actions/tasks.py with:" in text
    module = text.partition(":\n\n")[2].replace("\n    ", "\n").removeprefix("    ")
    names: dict[str, Any] = {}
    exec(module, names)
    assert callable(names["get_tasks"])


def test_what_a_module_only_imports_is_no_handler() -> None:
    assert len(missing_handlers(_with_action("done", tag="clients"))) == 1


@pytest.mark.usefixtures("incomplete")
def test_the_mock_does_not_start() -> None:
    with pytest.raises(MissingHandlersError, match="get_managers"):
        create_app([])
    with pytest.raises(MissingHandlersError, match="get_managers"), Server():
        pass
