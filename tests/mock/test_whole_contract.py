"""Every action is there, and does what the contract's own examples ask for."""

from __future__ import annotations

from typing import Final

import pytest
from tests.mock.caller import CONTRACT, Caller, deviations
from tests.mock.examples import Example, examples, with_all_parameters

from mavibot_mock.actions.registry import handlers
from mavibot_mock.state.settings import Settings

_EXAMPLES: Final = [example for action in CONTRACT.actions for example in examples(action)]


def test_every_action_of_the_contract_is_implemented() -> None:
    assert handlers().keys() == CONTRACT.actions.keys()


@pytest.mark.parametrize("example", _EXAMPLES, ids=lambda example: f"{example.action}-{example.method}")
def test_the_examples_of_the_contract_succeed_on_the_demo_project(mock: Caller, example: Example) -> None:
    response = mock.call(example.action, example.body, query=example.query, method=example.method)
    assert response.status_code == 200, response.text
    if response.headers["content-type"].startswith("application/json"):
        document = response.json()
        assert not isinstance(document, dict) or document.get("status", "success") == "success"


@pytest.mark.parametrize("action", [action for action, methods in CONTRACT.actions.items() if "POST" not in methods])
def test_every_parameter_of_a_url_is_known(mock: Caller, action: str) -> None:
    example = with_all_parameters(action)
    response = mock.call(action, query=example.query)
    assert response.status_code in {200, 404}, response.text
    assert deviations(response) == []


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_success_without_data_is_text_or_json_where_the_contract_has_both(mock: Caller, action: str) -> None:
    example = examples(action)[0]
    mock.project.configure(Settings(success_reply="json"))
    response = mock.call(action, example.body, query=example.query, method=example.method)
    assert response.headers["content-type"] == "application/json"
    operation = CONTRACT.operation(action)
    has_data = operation.success.get("properties", {}).keys() - {"status"}
    if "text/plain" in operation.responses["200"]["content"] and not has_data:
        assert response.json()["status"] == "success"
