"""Valid calls follow from the contract's examples, with the run's own test data where a parameter names something."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import jsonschema_rs
import pytest

import mavibot_contract
from mavibot_conformance.plan import Plan
from mavibot_conformance.results import Conclusion
from mavibot_conformance.rules import calls
from mavibot_conformance.rules.trial import LacksInputError, Trial
from mavibot_conformance.suite import run
from mavibot_conformance.target.judgements import NONCE
from mavibot_conformance.target.mock import mock_profile
from mavibot_conformance.target.profile import Profile
from mavibot_contract import Contract
from mavibot_mock import Server

CONTRACT = mavibot_contract.load()


Trials = Callable[..., Trial]


@pytest.fixture(scope="module")
def trial() -> Iterator[Trials]:
    """Start trials on a mock, with other inputs of the profile where they are given."""
    with Server() as server:
        plan = Plan(server.url, mock_profile(server.url), consent="send")
        wire = plan.wire(plan.guard())

        def start(**inputs: Any) -> Trial:
            wire.exchanges = []
            return Trial(wire, replace(plan.profile, **inputs), random.Random(1))

        yield start
        wire.close()


def values(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from values(each)
    else:
        yield value


@pytest.mark.parametrize("action", sorted(CONTRACT.actions))
def test_a_call_keeps_the_contract_and_succeeds(action: str, trial: Trials) -> None:
    t = trial()
    parameters = calls.valid(t, action)
    schema = CONTRACT.standalone(CONTRACT.operation(action).schema)
    jsonschema_rs.Draft202012Validator(schema).validate(parameters)
    for method in CONTRACT.actions[action]:
        assert t.call(action, method=method, **parameters).succeeded
    t.clean_up()


@pytest.mark.parametrize("action", sorted(CONTRACT.actions))
def test_a_harmless_call_creates_nothing_and_names_no_example_of_the_contract(action: str, trial: Trials) -> None:
    t = trial()
    parameters = calls.harmless(t, action)
    assert t.wire.exchanges == []
    named = {name: value for name, value in parameters.items() if calls.named_by(CONTRACT.operation(action), name)}
    examples = {str(each) for each in ("25554", 40632, "79875146788", "client@example.com", "bulls_vs_bears_bot")}
    assert not examples & set(map(str, values(named))) - set(map(str, t.profile.clients))


@pytest.mark.parametrize("action", sorted(CONTRACT.actions))
def test_there_is_test_data_for_all_that_a_parameter_names(action: str, trial: Trials) -> None:
    operation = CONTRACT.operation(action)
    t = trial()
    for name in operation.schema["properties"]:
        if calls.named_by(operation, name) not in (None, "manager"):  # a profile knows no manager
            assert name in calls.valid(t, action, having=name)
    t.clean_up()


def test_what_belongs_together_does(trial: Trials) -> None:
    t = trial()
    parameters = calls.valid(t, "set_order_vars")
    assert t.orders(parameters["client_id"]) == [parameters["order_id"]]
    assert all(name.startswith((f"client.{NONCE}_", NONCE)) for name in parameters["variables"])
    t.clean_up()


def test_an_optional_parameter_without_test_data_is_left_out(trial: Trials) -> None:
    assert "email" not in calls.valid(trial(), "assign_to_user")
    assert "bot_id" not in calls.valid(trial(groups={}), "whatsapp_callback")


def test_the_channel_of_the_profile_is_that_of_its_messenger(trial: Trials) -> None:
    assert calls.valid(trial(groups={}), "tg_callback")["group_id"] == "cnf_bot"


@pytest.mark.parametrize(
    ("action", "inputs", "lack"),
    [
        ("add_to_list", {"list_id": None}, "the profile lacks list_id"),
        ("set_order_state", {"stage_ids": ()}, "the profile lacks stage_ids"),
        ("tg_callback", {"groups": {}, "channel": None}, "the profile names no channel in groups.telegram"),
        ("delete_clients", {"channel": None}, "needs the input 'channel', and load_clients, to create clients"),
    ],
)
def test_a_needed_parameter_without_test_data_is_told(
    action: str, inputs: dict[str, Any], lack: str, trial: Trials
) -> None:
    with pytest.raises(LacksInputError, match=lack):
        calls.valid(trial(**inputs), action)


def test_an_action_that_is_added_has_a_call_from_its_example_alone(
    trial: Trials, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = copy.deepcopy(dict(CONTRACT.document))
    added = copy.deepcopy(document["paths"]["/find_client_id_by_phone"]["get"])
    added |= {"operationId": "get_managers", "tags": ["clients"]}
    added["parameters"] = [
        {"name": "q", "in": "query", "required": True, "schema": {"type": "string", "examples": ["Anna"]}}
    ]
    document["paths"]["/get_managers"] = {"get": added}
    monkeypatch.setattr(calls, "_CONTRACT", Contract(document))
    assert calls.valid(trial(), "get_managers") == {"q": "Anna"}
    del added["parameters"][0]["schema"]["examples"]
    monkeypatch.setattr(calls, "_CONTRACT", Contract(document))
    with pytest.raises(LacksInputError, match="the contract has no example of q of get_managers"):
        calls.valid(trial(), "get_managers")


def test_a_lack_of_test_data_is_never_held_against_the_server() -> None:
    accepting = httpx2.MockTransport(lambda _request: httpx2.Response(200, json={"status": "success"}))
    plan = Plan("http://127.0.0.1:9", Profile(keys={"full": "k"}), consent="send", selection="SHAPE-17,ROB-8")
    results = run(replace(plan, transport=accepting))
    assert results.conclusion is not Conclusion.DEVIATES
