"""Any order of calls leaves clients, variables, deals and lists as a plain model of dictionaries has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from tests.mock.caller import Caller

#: Those who come and go: messenger, channel, and the notations of the id in the messenger.
_PEOPLE = (
    (1, "example_bot", ("41", 41)),
    (1, "bulls_vs_bears_bot", ("41",)),
    (6, 34810, ("79538550785", "+7 (953) 855-07-85", "79538550785@s.whatsapp.net")),
    (13, "", ("79538550785", "7-953-855-07-85")),
)
_NOBODY = 999
_LISTS = (4711, 4712)
_NAMES = ("a", "b")
#: Stages of the demo project: the first leaves a deal open, the second closes it.
_OPEN, _CLOSED = 37, 38

_SUCCESS = {"status": "success"}
_UNKNOWN = {"status": "client_not_found"}

_person = st.integers(0, len(_PEOPLE) - 1)
_people = st.lists(_person, max_size=3)
_list = st.sampled_from(_LISTS)
_name = st.sampled_from(_NAMES)
_value = st.sampled_from(["x", "5", 5, 0.5, True, "true", "", None])
_variables = st.dictionaries(_name, _value, min_size=1)


@dataclass
class _Client:
    """What the model knows of a client; deals by number."""

    variables: dict[str, Any] = field(default_factory=dict)
    deals: dict[int, dict[str, Any]] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)

    @property
    def current(self) -> int | None:
        return max(self.deals.keys() - self.closed, default=None)


class _Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.mock = Caller()
        self.clients: dict[int, _Client] = {}
        self.lists: dict[int, set[int]] = {number: set() for number in _LISTS}
        #: Number of each of the people, `_NOBODY` while it is no client.
        self.numbers = [_NOBODY] * len(_PEOPLE)
        self.demo: set[int] = set()
        self.newest_client = self.newest_deal = 0

    def teardown(self) -> None:
        for person in range(len(_PEOPLE)):
            self.variables_are_read(person)
            self.deals_are_listed(person)
        self.clients_are_listed()
        self.mock.close()

    def reply(self, action: str, body: Any = None, **query: Any) -> Any:
        response = self.mock.call(action, body, query=query)
        return response.text if response.headers["content-type"].startswith("text/plain") else response.json()

    @initialize()
    def remember_the_demo_project(self) -> None:
        self.demo = {each["id"] for each in self.reply("get_clients")["clients"]}
        self.newest_client = max(self.demo)

    @rule(sent=st.lists(st.tuples(_person, st.integers(0, 2)), min_size=1, max_size=3))
    def load(self, sent: list[tuple[int, int]]) -> None:
        items = [
            {
                "client_type": _PEOPLE[person][0],
                "group_id": _PEOPLE[person][1],
                "platform_id": _PEOPLE[person][2][notation % len(_PEOPLE[person][2])],
            }
            for person, notation in sent
        ]
        loaded = self.reply("load_clients", items)["items"]
        for (person, _), item, outcome in zip(sent, items, loaded, strict=True):
            if self.numbers[person] == _NOBODY:
                self.newest_client += 1
                self.numbers[person] = self.newest_client
                self.clients[self.newest_client] = _Client()
            assert outcome == {**item, "status": "success", "id": self.numbers[person]}

    @rule(people=_people)
    def delete(self, people: list[int]) -> None:
        numbers = [self.numbers[person] for person in people] or [_NOBODY]
        assert self.reply("delete_clients", {"client_ids": numbers}) == _SUCCESS
        for number in numbers:
            self.clients.pop(number, None)
            for members in self.lists.values():
                members.discard(number)
        for person in people:
            self.numbers[person] = _NOBODY

    @rule(people=_people, variables=_variables, is_own=st.booleans())
    def save(self, people: list[int], variables: dict[str, Any], *, is_own: bool) -> None:
        numbers = [self.numbers[person] for person in people]
        named = {f"client.{name}" if is_own else name: value for name, value in variables.items()}
        reply = self.reply("save_variables", {"clients": numbers, "variables": named})
        if _NOBODY in numbers:
            assert reply == _UNKNOWN
            return
        assert reply == "ok"
        for number in dict.fromkeys(numbers):
            client = self.clients[number]
            if not is_own and client.current is None:
                self.new_deal(client, self.reply("get_current_order_id", client_id=number)["order_id"])
            _assign(client.variables if is_own else client.deals[client.current or 0], variables)

    @rule(person=_person, state_id=st.sampled_from([_OPEN, _CLOSED, None]))
    def create_deal(self, person: int, state_id: int | None) -> None:
        number = self.numbers[person]
        reply = self.reply("create_order", {"client_id": number, "state_id": state_id})
        if number == _NOBODY:
            assert reply == _UNKNOWN
            return
        self.new_deal(self.clients[number], reply["order_id"])
        if state_id == _CLOSED:
            self.clients[number].closed.add(reply["order_id"])

    @rule(person=_person, state_id=st.sampled_from([_OPEN, _CLOSED]))
    def move_deal(self, person: int, state_id: int) -> None:
        number = self.numbers[person]
        reply = self.reply("set_order_state", {"client_id": number, "state_id": state_id})
        if number == _NOBODY:
            assert reply == _UNKNOWN
        elif (current := self.clients[number].current) is None:
            assert reply == {"status": "order not found"}
        else:
            assert reply == _SUCCESS
            self.clients[number].closed |= {current} if state_id == _CLOSED else set()

    @rule(person=_person, variables=_variables, place=st.integers(0, 5))
    def save_in_deal(self, person: int, variables: dict[str, Any], place: int) -> None:
        number = self.numbers[person]
        deals = sorted(self.clients[number].deals) if number != _NOBODY else []
        if deals:
            order_id = deals[place % len(deals)]
            body = {"client_id": number, "order_id": order_id, "variables": variables}
            assert self.reply("set_order_vars", body) == _SUCCESS
            _assign(self.clients[number].deals[order_id], variables)

    @rule(people=_people, list_id=_list)
    def add_to_list(self, people: list[int], list_id: int) -> None:
        numbers = [self.numbers[person] for person in people]
        assert self.reply("add_to_list", {"list_id": list_id, "clients": numbers}) == _SUCCESS
        self.lists[list_id] |= {*numbers} - {_NOBODY}

    @rule(people=_people, list_id=_list)
    def remove_from_list(self, people: list[int], list_id: int) -> None:
        numbers = [self.numbers[person] for person in people]
        assert self.reply("remove_from_list", {"list_id": list_id, "clients": numbers}) == _SUCCESS
        self.lists[list_id] -= {*numbers}

    @rule(person=_person)
    def variables_are_read(self, person: int) -> None:
        number = self.numbers[person]
        read = self.reply("get_variables", client_id=number)
        if number == _NOBODY:
            assert read == _UNKNOWN
            return
        client = self.clients[number]
        merged = {**client.variables, **client.deals.get(client.current or 0, {})}
        assert {name: read[name] for name in _NAMES if name in read} == merged

    @rule(person=_person)
    def deals_are_listed(self, person: int) -> None:
        number = self.numbers[person]
        if number == _NOBODY:
            assert self.reply("get_orders", client_id=number) == _UNKNOWN
            return
        client = self.clients[number]
        assert self.reply("get_orders", client_id=number)["order_id"] == sorted(client.deals)
        for order_id, variables in client.deals.items():
            body = {"client_id": number, "order_id": order_id}
            assert self.reply("get_order_vars", body) == {"status": "success", "result": variables}

    @rule()
    def clients_are_listed(self) -> None:
        listed = [each["id"] for each in self.reply("get_clients")["clients"]]
        assert [number for number in listed if number not in self.demo] == sorted(self.clients, reverse=True)
        for list_id, members in self.lists.items():
            on_list = [each["id"] for each in self.reply("get_clients", list=list_id)["clients"]]
            assert on_list == sorted(members, reverse=True)

    @rule(wanted=st.dictionaries(_name, _value.filter(bool), min_size=1), in_orders=st.booleans())
    def clients_are_found(self, wanted: dict[str, Any], *, in_orders: bool) -> None:
        texts = {name: _text(value) for name, value in wanted.items()}
        scope = {"search_in": "order"} if in_orders else {}
        expected = sorted(
            number
            for number, client in self.clients.items()
            if any(_fits(each, texts) for each in (client.deals.values() if in_orders else [client.variables]))
        )
        assert self.reply("find_clients", {"q": texts, **scope}) == {"status": "success", "client_ids": expected}
        if not in_orders:
            assert self.reply("find_all_client_id_by_several_vars", **texts)["client_ids"] == expected

    def new_deal(self, client: _Client, order_id: int) -> None:
        assert order_id > self.newest_deal
        self.newest_deal = order_id
        client.deals[order_id] = {}


def _assign(variables: dict[str, Any], changes: dict[str, Any]) -> None:
    """Save variables; null and an empty text clear."""
    for name, value in changes.items():
        if value in (None, ""):
            variables.pop(name, None)
        else:
            variables[name] = value


def _fits(variables: dict[str, Any], wanted: dict[str, str]) -> bool:
    return all(name in variables and _text(variables[name]) == text for name, text in wanted.items())


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


TestModel = _Machine.TestCase
TestModel.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
