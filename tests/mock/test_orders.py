"""Deals: creating them, moving them through the funnel, their data, and the employee of a client."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from tests.mock.caller import CONTRACT, Caller

from mavibot_mock.state.facts import MESSENGERS
from mavibot_mock.state.settings import Settings

# Deals and stages of the demo project.
_WON, _LOST, _ARCHIVED, _CURRENT = 40338, 40340, 40341, 40632
_NEW, _IN_WORK, _PAID, _REFUSED = 36, 37, 38, 39
_CLIENT, _WITHOUT_DEALS = 25554, 5
_OTHERS_DEAL = 40653
_NOBODY = 999
_NO_DEAL = 12345

_NEEDED: dict[str, dict[str, Any]] = {
    "get_current_order_id": {},
    "get_orders": {},
    "get_order_state": {},
    "move_order_to_next_state": {},
    "get_order_vars": {},
    "set_order_vars": {"variables": {"a": 1}},
    "set_order_state": {"state_id": _IN_WORK},
}
_OF_A_DEAL = _NEEDED.keys() - {"get_orders"}
_WITH_ORDER_ID = _OF_A_DEAL - {"get_current_order_id", "set_order_state"}


def _ask(mock: Caller, action: str, **parameters: Any) -> dict[str, Any]:
    """Call an action as its card says, by query or by body."""
    by_get = "GET" in CONTRACT.actions[action]
    response = mock.call(action, query=parameters) if by_get else mock.call(action, parameters)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def _done(mock: Caller, action: str, **parameters: Any) -> dict[str, Any]:
    reply = _ask(mock, action, **parameters)
    assert reply["status"] == "success", reply
    return reply


def _current(mock: Caller, client_id: int = _CLIENT) -> int:
    found: int = _done(mock, "get_current_order_id", client_id=client_id)["order_id"]
    return found


def _stage(mock: Caller, **parameters: Any) -> int:
    found: int = _done(mock, "get_order_state", **{"client_id": _CLIENT, **parameters})["state_id"]
    return found


def _deals(mock: Caller, **parameters: Any) -> list[int]:
    found: list[int] = _done(mock, "get_orders", **{"client_id": _CLIENT, **parameters})["order_id"]
    return found


# Errors: HTTP 200 with a word in the body.


@pytest.mark.parametrize("action", sorted(_NEEDED))
def test_an_unknown_client_is_told_with_status_200(mock: Caller, action: str) -> None:
    before = mock.state()
    assert _ask(mock, action, client_id=_NOBODY, **_NEEDED[action]) == {"status": "client_not_found"}
    assert mock.state() == before


def test_a_deal_for_an_unknown_client_is_refused_even_if_the_phone_is_known(mock: Caller) -> None:
    before = mock.state()
    reply = _ask(mock, "create_order", client_id=_NOBODY, phone="79875146788", email="client@example.com")
    assert reply == {"status": "client_not_found"}
    assert mock.state() == before


@pytest.mark.parametrize("action", sorted(_OF_A_DEAL))
def test_a_client_without_a_deal(mock: Caller, action: str) -> None:
    before = mock.state()
    assert _ask(mock, action, client_id=_WITHOUT_DEALS, **_NEEDED[action]) == {"status": "order not found"}
    assert mock.state() == before


@pytest.mark.parametrize("order_id", [_NO_DEAL, str(_NO_DEAL), _OTHERS_DEAL])
@pytest.mark.parametrize("action", sorted(_WITH_ORDER_ID))
def test_a_deal_that_is_not_the_clients(mock: Caller, action: str, order_id: int | str) -> None:
    before = mock.state()
    reply = _ask(mock, action, client_id=_CLIENT, order_id=order_id, **_NEEDED[action])
    number = "" if action == "get_order_state" else f"{order_id} "  # its card shows the words without it
    assert reply == {"status": f"order {number}not found"}
    assert mock.state() == before


# Which deal is the current one.


def test_closed_and_archived_deals_are_not_current(mock: Caller) -> None:
    assert _current(mock) == _CURRENT
    _done(mock, "set_order_state", client_id=_CLIENT, state_id=_PAID)
    assert _ask(mock, "get_current_order_id", client_id=_CLIENT) == {"status": "order not found"}


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ({}, [_WON, _LOST, _ARCHIVED, _CURRENT]),
        ({"order_status": 0}, [_CURRENT]),
        ({"order_status": 1}, [_WON]),
        ({"order_status": "2"}, [_LOST]),
        ({"client_id": _WITHOUT_DEALS}, []),
    ],
)
def test_deals_are_listed_by_status(mock: Caller, query: dict[str, Any], listed: list[int]) -> None:
    assert _deals(mock, **query) == listed


def test_an_unknown_status_is_refused(mock: Caller) -> None:
    assert "order_status" in mock.refusal("get_orders", query={"client_id": _CLIENT, "order_status": 3})


def test_the_other_name_of_the_list(mock: Caller) -> None:
    mock.project.configure(Settings(orders_key="result"))
    reply = _done(mock, "get_orders", client_id=_CLIENT, order_status=1)
    assert reply == {"status": "success", "result": [_WON]}


# Stages.


def test_a_deal_moves_to_the_end_of_its_pipeline(mock: Caller) -> None:
    moved = [_done(mock, "move_order_to_next_state", client_id=_CLIENT, order_id=_CURRENT) for _ in range(3)]
    assert [reply["state_id"] for reply in moved] == [_IN_WORK, _PAID, _PAID]
    assert _CURRENT in _deals(mock, order_status=1)
    assert _stage(mock, order_id=_CURRENT) == _PAID


def test_the_current_deal_moves_where_none_is_named(mock: Caller) -> None:
    reply = _done(mock, "move_order_to_next_state", client_id=str(_CLIENT))
    assert reply == {"status": "success", "state_id": _IN_WORK}
    assert _stage(mock) == _IN_WORK


def test_another_pipeline_has_stages_of_its_own(mock: Caller) -> None:
    assert _stage(mock, client_id=58) == 123456
    moved = [_done(mock, "move_order_to_next_state", client_id=58, order_id=_OTHERS_DEAL)["state_id"] for _ in "12"]
    assert moved == [123457, 123457]


@pytest.mark.parametrize(("stage", "status"), [(_IN_WORK, 0), (_PAID, 1), (_REFUSED, 2), (123456, 0)])
def test_a_stage_decides_the_status_of_a_deal(mock: Caller, stage: int, status: int) -> None:
    assert _done(mock, "set_order_state", client_id=_CLIENT, state_id=stage) == {"status": "success"}
    assert _CURRENT in _deals(mock, order_status=status)
    assert _stage(mock, order_id=_CURRENT) == stage


@pytest.mark.parametrize(
    ("action", "body"),
    [("set_order_state", {"client_id": _CLIENT, "state_id": 7}), ("create_order", {"phone": "7000", "state_id": 7})],
)
def test_an_unknown_stage_is_refused(mock: Caller, action: str, body: dict[str, Any]) -> None:
    assert mock.refusal(action, body, status=404) == "state_id: the project has no stage 7"


def test_both_names_of_the_deal_whose_stage_is_read(mock: Caller) -> None:
    assert _stage(mock, order_id=_WON) == _stage(mock, state_id=_WON) == _PAID
    assert _stage(mock, order_id=_WON, state_id=_LOST) == _PAID


@pytest.mark.parametrize(
    ("action", "extra"), [("move_order_to_next_state", {}), ("set_order_state", {"state_id": _IN_WORK})]
)
def test_a_change_of_stage_runs_the_projects_callback(mock: Caller, action: str, extra: dict[str, Any]) -> None:
    before = mock.history(_CLIENT)
    _done(mock, action, client_id=_CLIENT, **extra)
    event, *older = mock.history(_CLIENT)
    assert older == before
    assert event["text"] == "crm_state_changed Sales:In work"
    assert event["message_from_outside"] == 3
    assert event["client_replica"]


@pytest.mark.parametrize(("stage", "events"), [(_PAID, 2), (_REFUSED, 2), (_IN_WORK, 1)])
def test_a_deal_that_is_closed_is_posted(mock: Caller, stage: int, events: int) -> None:
    number = mock.call("get_current_order_id", query={"client_id": _CLIENT}).json()["order_id"]
    before = len(mock.history(_CLIENT))
    _done(mock, "set_order_state", client_id=_CLIENT, state_id=stage)
    texts = [message["text"] for message in mock.history(_CLIENT)][:-before]
    assert texts[1:] == ["crm_system_state_changed"][: events - 1]
    assert len(texts) == events
    assert texts[0].startswith("crm_state_changed Sales:")
    assert mock.variables(_CLIENT)["callback_order_id"] == number


def test_the_projects_callback_leads_into_a_block(mock: Caller) -> None:
    block = {"id": 400, "message_type": 0, "condition": "crm_state_changed Sales:Paid", "answer": "Thank you"}
    mock.project.store.insert("blocks", block)
    _done(mock, "set_order_state", client_id=_CLIENT, state_id=_PAID)
    assert [message["text"] for message in mock.history(_CLIENT)[:2]] == ["Thank you", "crm_state_changed Sales:Paid"]


def test_the_callbacks_name_is_the_contracts() -> None:
    events = CONTRACT.document["webhooks"]["project_message"]["post"]["x-system-events"]
    assert "Pipeline:Stage" in [event.get("details") for event in events if event["name"] == "crm_state_changed"]


def test_no_callback_runs_where_no_stage_changes(mock: Caller) -> None:
    before = mock.state()
    _done(mock, "set_order_state", client_id=_CLIENT, state_id=_NEW)
    _done(mock, "move_order_to_next_state", client_id=_CLIENT, order_id=_WON)
    assert mock.state() == before


# Variables.


def test_variables_of_a_deal(mock: Caller) -> None:
    deal = {"client_id": _CLIENT, "order_id": _WON}
    assert _done(mock, "get_order_vars", **deal)["result"] == {}
    saved = {"size": "XL", "count": 3, "gift": True}
    assert _done(mock, "set_order_vars", **deal, variables=saved) == {"status": "success"}
    assert _done(mock, "get_order_vars", **deal) == {"status": "success", "result": saved}
    assert _done(mock, "get_order_vars", **deal, variables=["count", "unset"])["result"] == {"count": 3}
    _done(mock, "set_order_vars", **deal, variables={"size": "", "gift": None})
    assert _done(mock, "get_order_vars", **deal)["result"] == {"count": 3}


def test_a_variable_of_a_deal_may_have_any_character_in_its_name(mock: Caller) -> None:
    _done(mock, "set_order_vars", client_id=_CLIENT, variables={"a": 1, "a\0b": 2, "é😀": 3})
    found = _done(mock, "get_order_vars", client_id=_CLIENT, variables=["a\0b", "é😀"])["result"]
    assert found == {"a\0b": 2, "é😀": 3}


def test_variables_of_the_current_deal_are_read_with_the_clients(mock: Caller) -> None:
    _done(mock, "set_order_vars", client_id=_CLIENT, variables={"size": "XL"})
    assert mock.variables(_CLIENT)["size"] == "XL"
    assert _done(mock, "get_order_vars", client_id=_CLIENT, variables=["size"])["result"] == {"size": "XL"}
    _done(mock, "set_order_vars", client_id=_CLIENT, order_id=_WON, variables={"size": "S"})
    assert mock.variables(_CLIENT)["size"] == "XL"


# Creating deals.


def test_a_new_deal_is_the_current_one_in_the_first_stage(mock: Caller) -> None:
    reply = _done(mock, "create_order", client_id=_CLIENT, name="Order 18", description="Two tickets", budget=4900)
    created = reply["order_id"]
    assert _current(mock) == created
    assert _stage(mock) == _NEW
    assert mock.variables(_CLIENT).get("utm_source") is None, "the new deal has no variables yet"
    row = mock.project.store.order(created)
    assert row is not None
    assert (row["name"], row["description"], row["budget"]) == ("Order 18", "Two tickets", 4900)


def test_a_new_deal_in_a_given_stage(mock: Caller) -> None:
    created = _done(mock, "create_order", client_id=_CLIENT, state_id=str(_IN_WORK))["order_id"]
    assert _stage(mock, order_id=created) == _IN_WORK
    closed = _done(mock, "create_order", client_id=_CLIENT, state_id=_PAID)["order_id"]
    assert closed in _deals(mock, order_status=1)
    assert _current(mock) == created


@pytest.mark.parametrize(
    ("identifiers", "client_id"),
    [
        ({"client_id": 5, "phone": "79875146788", "email": "client@example.com"}, 5),
        ({"phone": "8 000 000", "email": "client@example.com", "client_id": "5"}, 5),
        ({"phone": "79875146788", "email": "john.smith@example.com"}, _CLIENT),
        ({"phone": "+7 987 514-67-88"}, _CLIENT),
        ({"phone": 79000000085}, 85856),
        ({"email": "John.Smith@example.com"}, 5),
    ],
)
def test_whose_deal_it_becomes(mock: Caller, identifiers: dict[str, Any], client_id: int) -> None:
    before = len(mock.call("get_clients").json()["clients"])
    created = _done(mock, "create_order", **identifiers)["order_id"]
    assert _current(mock, client_id) == created
    assert len(mock.call("get_clients").json()["clients"]) == before


@pytest.mark.parametrize(
    ("identifiers", "shown", "variable"),
    [
        ({"phone": "+7 (900) 000-11-22"}, ("TELEPHONY", "79000001122"), ("phone", "+7 (900) 000-11-22")),
        ({"phone": 79000001122, "email": "client@example.com"}, ("TELEPHONY", "79000001122"), ("phone", "79000001122")),
        ({"phone": "no. 7"}, ("TELEPHONY", "no. 7"), ("phone", "no. 7")),
        ({"email": "New@Example.com"}, ("EMAIL", "New@Example.com"), ("email", "New@Example.com")),
    ],
)
def test_an_unknown_phone_or_address_creates_the_client(
    mock: Caller, identifiers: dict[str, Any], shown: tuple[str, str], variable: tuple[str, str]
) -> None:
    created = _done(mock, "create_order", **identifiers)["order_id"]
    newest = mock.call("get_clients", query={"limit": 1}).json()["clients"][0]
    assert (newest["client_type"], newest["platform_id"]) == (MESSENGERS[shown[0]], shown[1])
    assert _current(mock, newest["id"]) == created
    name, value = variable
    assert mock.variables(newest["id"])[name] == value
    again = _done(mock, "create_order", **identifiers)["order_id"]
    assert _current(mock, newest["id"]) == again


def test_one_identifier_is_needed(mock: Caller) -> None:
    assert mock.refusal("create_order", {"name": "Order 18"}) == "one of client_id, phone, email is required"


@pytest.mark.parametrize(("sent", "kept"), [("4900.50", 4900.5), (0, 0), (-5, -5), ("17", 17)])
def test_a_budget_is_a_number_or_the_text_of_one(mock: Caller, sent: Any, kept: float) -> None:
    created = _done(mock, "create_order", client_id=_CLIENT, budget=sent)["order_id"]
    row = mock.project.store.order(created)
    assert row is not None
    assert row["budget"] == kept


@pytest.mark.parametrize("budget", ["much", "4,900", "1e5", "9" * 400, True, [1]])
def test_any_other_budget_is_refused(mock: Caller, budget: Any) -> None:
    assert mock.refusal("create_order", {"client_id": _CLIENT, "budget": budget}).startswith("budget: ")


# A project without a funnel.


def test_a_project_without_stages_says_what_it_lacks(mock: Caller) -> None:
    mock.project.store._db.execute("DELETE FROM stages")
    created = _done(mock, "create_order", client_id=_WITHOUT_DEALS)["order_id"]
    assert _current(mock, _WITHOUT_DEALS) == created
    assert "stages" in mock.refusal("get_order_state", query={"client_id": _WITHOUT_DEALS})
    assert "stages" in mock.refusal("move_order_to_next_state", {"client_id": _WITHOUT_DEALS})


# The employee of a client.


def _manager(mock: Caller, client_id: int) -> int | None:
    client = mock.project.store.client(client_id)
    assert client is not None
    found: int | None = client["manager_id"]
    return found


def test_an_employee_by_address(mock: Caller) -> None:
    for email, manager in [("second@example.com", 12487), ("Manager@Example.com", 12486)]:
        assert mock.call("assign_to_user", {"client_id": _CLIENT, "email": email}).json() == {"status": "success"}
        assert _manager(mock, _CLIENT) == manager


def test_without_an_address_the_employees_take_turns(mock: Caller) -> None:
    clients = [5, 58, 110]
    for client_id in clients:
        assert mock.call("assign_to_user", {"client_id": str(client_id)}).json() == {"status": "success"}
    assert [_manager(mock, client_id) for client_id in clients] == [12486, 12487, 12486]


def test_unknown_employees_and_clients(mock: Caller) -> None:
    unknown = {"client_id": _CLIENT, "email": "nobody@example.com"}
    assert (
        mock.refusal("assign_to_user", unknown, status=404) == "email: the project has no employee nobody@example.com"
    )
    assert mock.refusal("assign_to_user", {"client_id": _NOBODY}, status=404) == "client_not_found"
    mock.project.store._db.execute("DELETE FROM managers")
    assert "employees" in mock.refusal("assign_to_user", {"client_id": _CLIENT})


# A plain model of deals against the mock.

_STAGES = {_NEW: 0, _IN_WORK: 0, _PAID: 1, _REFUSED: 2, 123456: 0, 123457: 1}
_NEXT = {_NEW: _IN_WORK, _IN_WORK: _PAID, 123456: 123457}
_CLIENTS = (5, 85856)


class _Deals(RuleBasedStateMachine):
    """Any order of calls leaves the same deals in the mock as in two dictionaries."""

    @initialize()
    def begin(self) -> None:
        self.mock = Caller()
        self.stages: dict[int, dict[int, int]] = {client_id: {} for client_id in _CLIENTS}
        self.variables: dict[int, dict[str, Any]] = {}

    def teardown(self) -> None:
        if not hasattr(self, "mock"):
            return
        try:
            self.check()
        finally:
            self.mock.close()

    def current(self, client_id: int) -> int | None:
        return max((deal for deal, stage in self.stages[client_id].items() if not _STAGES[stage]), default=None)

    @rule(client_id=st.sampled_from(_CLIENTS), stage=st.sampled_from([None, *_STAGES]))
    def create(self, client_id: int, stage: int | None) -> None:
        chosen = {} if stage is None else {"state_id": stage}
        deal = _done(self.mock, "create_order", client_id=client_id, **chosen)["order_id"]
        assert deal not in self.variables
        self.stages[client_id][deal] = stage or _NEW
        self.variables[deal] = {}

    @rule(client_id=st.sampled_from(_CLIENTS), stage=st.sampled_from(list(_STAGES)))
    def set_stage(self, client_id: int, stage: int) -> None:
        deal = self.current(client_id)
        reply = _ask(self.mock, "set_order_state", client_id=client_id, state_id=stage)
        if deal is None:
            assert reply == {"status": "order not found"}
        else:
            assert reply == {"status": "success"}
            self.stages[client_id][deal] = stage

    @rule(client_id=st.sampled_from(_CLIENTS), data=st.data())
    def move(self, client_id: int, data: st.DataObject) -> None:
        deals = list(self.stages[client_id])
        named = data.draw(st.sampled_from([None, *deals]))
        deal = self.current(client_id) if named is None else named
        chosen = {} if named is None else {"order_id": named}
        reply = _ask(self.mock, "move_order_to_next_state", client_id=client_id, **chosen)
        if deal is None:
            assert reply == {"status": "order not found"}
        else:
            stage = self.stages[client_id][deal]
            self.stages[client_id][deal] = _NEXT.get(stage, stage)
            assert reply == {"status": "success", "state_id": self.stages[client_id][deal]}

    @rule(client_id=st.sampled_from(_CLIENTS), name=st.sampled_from("ab"), value=st.sampled_from([1, "x", "", None]))
    def save(self, client_id: int, name: str, value: Any) -> None:
        deal = self.current(client_id)
        reply = _ask(self.mock, "set_order_vars", client_id=client_id, variables={name: value})
        if deal is None:
            assert reply == {"status": "order not found"}
        else:
            self.variables[deal].pop(name, None)
            self.variables[deal] |= {} if value in ("", None) else {name: value}

    def check(self) -> None:
        for client_id, stages in self.stages.items():
            for status in range(3):
                wanted = [deal for deal, stage in stages.items() if _STAGES[stage] == status]
                assert _deals(self.mock, client_id=client_id, order_status=status) == wanted
            for deal, stage in stages.items():
                assert _stage(self.mock, client_id=client_id, order_id=deal) == stage
                found = _done(self.mock, "get_order_vars", client_id=client_id, order_id=deal)["result"]
                assert found == self.variables[deal]


_Deals.TestCase.settings = hypothesis_settings(max_examples=10, stateful_step_count=20, deadline=None)
TestDeals = _Deals.TestCase
