"""`webhook_url` and `forward`: where a foreign payload holds the parameters, and what the mock makes of it."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from string import ascii_letters, digits
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.client.support import BASE_URL, CONTRACT, KEY, OPERATIONS, law

from mavibot import AsyncMavibot, ClientNotFound, InvalidParameters, Mavibot, UnknownAction
from mavibot_mock.server.server import Server

CLIENT, PHONE = 25554, "79875146788"
PAYLOAD = {"order": {"client": {"id": "25554", "names": ["A", ""], "tag": None}, "items": []}, "event": "paid"}

_CALLBACK = CONTRACT.operation("callback")
# Names with a meaning of their own would be more than a key; that they are refused is tested apart.
_TAKEN = _CALLBACK.schema["properties"].keys() | _CALLBACK.aliases
#: Any names, and those that are likely to break a query or a path.
KEYS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6),
    st.text("0123456789.-_~ab&=+%#?/;[]{} \t\n", min_size=1, max_size=12),
    st.sampled_from(["0", "1234567890", " ", "\x00", "заказ", "🦊", "%20", "a&b=c", "{api_key}"]),
).filter(lambda key: key not in _TAKEN)
#: Two clients that send nothing.
BLOCKING = Mavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(lambda _: httpx2.Response(500)))
ASYNCIO = AsyncMavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(lambda _: httpx2.Response(500)))
ASCII = "".join(map(chr, range(32, 127)))


@pytest.fixture(scope="module")
def service() -> Iterator[httpx2.Client]:
    """The third party."""
    with httpx2.Client() as service:
        yield service


@dataclass(frozen=True)
class Foreign:
    """A payload of a third party, and where its parts are."""

    person: list[str]
    event: str
    payload: dict[str, Any]


def nested(path: list[str], value: Any) -> Any:
    """Return a value inside objects with one key each."""
    for key in reversed(path):
        value = {key: value}
    return value


@st.composite
def foreigns(draw: st.DrawFn, value: Any) -> Foreign:
    """Draw a payload that holds a value at any depth, beside other keys on every level, and `paid` on the first."""
    person = draw(st.lists(KEYS, min_size=1, max_size=6))
    event = draw(KEYS.filter(lambda key: key != person[0]))
    others = draw(st.dictionaries(KEYS, st.integers(0, 9), max_size=3))
    held = nested(person, value)
    inner = held
    for key in person[:-1]:
        inner = inner[key]
        inner |= {name: other for name, other in others.items() if name not in inner}
    return Foreign(person, event, {**others, **held, event: "paid"})


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def bot(server: Server) -> Iterator[Mavibot]:
    with Mavibot(server.api_key, base_url=server.url) as bot:
        yield bot


def url(action: str, **arguments: Any) -> str:
    """Return the address that both clients build; they must agree."""
    built = BLOCKING.webhook_url(action, **arguments)
    assert ASYNCIO.webhook_url(action, **arguments) == built
    return built


def query(address: str) -> dict[str, str]:
    """Return the query of an address as a server reads it."""
    pairs = parse_qsl(urlsplit(address).query, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def refused(action: str, **arguments: Any) -> dict[str, str]:
    """Ask for an address that must be refused and return the reasons by field."""
    with pytest.raises(InvalidParameters) as caught:
        url(action, **arguments)
    return {problem.field: problem.message for problem in caught.value.problems}


def forward(payload: Any, action: str = "callback", **arguments: Any) -> list[httpx2.Request]:
    """Forward a payload with both clients, to a server that answers `ok`; return what reached it, once a client."""
    requests: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200, text="ok")

    async def by_the_other() -> Any:
        async with AsyncMavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(answer)) as bot:
            return await bot.forward(action, payload, **arguments)

    with Mavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(answer)) as bot:
        assert bot.forward(action, payload, **arguments).status == "ok"
    assert asyncio.run(by_the_other()).status == "ok"
    return requests


def not_forwarded(payload: Any, action: str = "callback", **arguments: Any) -> dict[str, str]:
    """Forward a payload that must be refused before it is sent; return the reasons by field."""

    def unreachable(request: httpx2.Request) -> httpx2.Response:
        raise AssertionError(f"{request} was sent")

    with (
        Mavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(unreachable)) as bot,
        pytest.raises(InvalidParameters) as caught,
    ):
        bot.forward(action, payload, **arguments)
    return {problem.field: problem.message for problem in caught.value.problems}


# --- the address ---


def test_the_documents_example() -> None:
    assert url("callback", client_id="my_client") == f"{BASE_URL}/api/{{api_key}}/callback?value_client_id=my_client"


def test_a_nested_place_and_a_plain_one() -> None:
    address = url("callback", client_phone=["order", "customer", "phone"], message="event")
    assert query(address) == {
        "value_message": "event",
        "delimiter": "1",
        "delimiter_value_phone": "order1customer1phone",
    }


def test_a_list_of_one_key_is_a_name() -> None:
    assert url("message", client_id=["user"]) == url("message", client_id="user")


def test_a_plain_name_for_a_parameter_that_only_a_path_reaches() -> None:
    assert query(url("save_variables", client_id="user")) == {"delimiter": "1", "delimiter_value_client_id": "user"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_every_alias_of_the_contract_that_has_an_effect(operation: Any) -> None:
    for alias, target in operation.value_parameters.items():
        assert query(url(operation.action, **{target: "key"})) == {alias: "key"}
    for alias, target in operation.delimiter.items():
        assert query(url(operation.action, **{target: ["a", "b"]})) == {"delimiter": "1", alias: "a1b"}
    if not operation.value_parameters and not operation.delimiter:
        assert "callback" in refused(operation.action, client_id="key")["action"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_an_alias_without_effect_is_refused(operation: Any) -> None:
    for alias in operation.idle_aliases - {"delimiter"}:
        is_path = alias.startswith("delimiter_")
        target = alias.removeprefix("delimiter_").removeprefix("value_")
        assert refused(operation.action, **{target: ["a", "b"] if is_path else "key"})


def test_the_key_is_shown_only_on_request() -> None:
    assert KEY not in url("callback", client_id="c")
    assert url("callback", client_id="c", reveal_key=True) == f"{BASE_URL}/api/{KEY}/callback?value_client_id=c"


def test_fixed_parameters_and_variables() -> None:
    fixed = {"message": "paid & done", "resume_bot": True, "time_shift": 5, "client.city": "Санкт-Петербург", "x": ""}
    address = url("callback", client_id="c", fixed=fixed)
    assert query(address) == {
        "value_client_id": "c",
        "message": "paid & done",
        "resume_bot": "true",
        "time_shift": "5",
        "client.city": "Санкт-Петербург",
        "x": "",
    }


@pytest.mark.parametrize(
    ("arguments", "field", "reason"),
    [
        ({"phone": "tel"}, "phone", "did you mean 'client_phone'? callback can look for client_id, client_phone"),
        ({"client_email": ["a", "b"]}, "client_email", "first level only; nested can be client_id, client_phone"),
        ({"resume_bot": "flag"}, "resume_bot", "a constant belongs in fixed={…}"),
        ({"nonsense": "x"}, "nonsense", "callback can look for client_id, client_phone, client_email, message"),
        ({"client_id": ""}, "client_id", "must not be empty"),
        ({"client_id": ["order", ""]}, "client_id", "must not be empty"),
        ({"client_id": []}, "client_id", "must be the name of a key or a list"),
        ({"client_id": 5}, "client_id", "must be the name of a key or a list"),
        ({"client_id": ["items", 0]}, "client_id", "an index is written '0'"),
        ({"client_id": "half \ud83e"}, "client_id", "an unpaired surrogate"),
        ({"client_id": "value_message"}, "client_id", "a word of the address itself"),
        ({"client_id": ["delimiter", "id"]}, "client_id", "a word of the address itself"),
        ({}, "", "name at least one parameter"),
        ({"fixed": {"message": "paid"}}, "", "name at least one parameter"),
        ({"client_id": "c", "fixed": {"client_id": 5}}, "fixed.client_id", "keep one of the two"),
        ({"client_id": "message", "fixed": {"message": "x"}}, "fixed.message", "the name of a key in which"),
        ({"client_id": "c", "fixed": {"value_message": "x"}}, "fixed.value_message", "name the parameter"),
        ({"client_id": "c", "fixed": {"message": ""}}, "fixed.message", "must not be empty"),
        ({"client_id": "c", "fixed": {"time_shift": -1}}, "fixed.time_shift", "at least 0"),
        ({"client_id": "c", "fixed": {"tags": ["x"]}}, "fixed.tags", "an address carries nothing else"),
        ({"client_id": "c", "fixed": {"tags": None}}, "fixed.tags", "an address carries nothing else"),
        ({"client_id": "c", "fixed": {"x": "half \ud83e"}}, "fixed.x", "must be text or a number"),
        ({"client_id": "c", "fixed": {"n" * 200: "x"}}, "fixed." + "n" * 200, "its name: at most"),
    ],
)
def test_what_is_refused(arguments: dict[str, Any], field: str, reason: str) -> None:
    reasons = refused("callback", **arguments)
    assert list(reasons) == [field]
    assert reason in reasons[field]


def test_everything_wrong_is_named_at_once() -> None:
    assert refused("message", phone="p", client_id="", fixed={"text": "x"}).keys() == {
        "phone",
        "client_id",
        "fixed.text",
    }


def test_an_action_without_variables_takes_no_further_fixed_parameters() -> None:
    assert refused("message", client_id="c", fixed={"text": "x"}) == {"fixed.text": "is no parameter here"}


def test_an_unknown_action() -> None:
    with pytest.raises(UnknownAction, match="callback"):
        url("calback", client_id="c")


@law()
@given(paths=st.lists(st.lists(KEYS, min_size=2, max_size=6), min_size=2, max_size=2), event=KEYS)
@example(paths=[["1234567890", "a"], [ASCII, "b"]], event="x")
def test_the_delimiter_occurs_in_no_key(paths: list[list[str]], event: str) -> None:
    sent = query(url("callback", client_id=paths[0], client_phone=paths[1], message=event))
    delimiter = sent["delimiter"]
    assert len(delimiter) == 1
    assert not any(delimiter in key for path in paths for key in path)
    assert sent["delimiter_value_client_id"].split(delimiter) == paths[0]
    assert sent["delimiter_value_phone"].split(delimiter) == paths[1]
    assert sent["value_message"] == event


@law()
@given(path=st.lists(KEYS, min_size=1, max_size=4), fixed=st.dictionaries(KEYS, st.text(max_size=9), max_size=2))
def test_an_address_holds_only_what_an_address_can_hold(path: list[str], fixed: dict[str, str]) -> None:
    fixed = {name: value for name, value in fixed.items() if name != path[0]}
    address = url("callback", client_id=path, fixed=fixed)
    rest = address.removeprefix(f"{BASE_URL}/api/{{api_key}}/callback?")
    assert set(rest) <= {*ascii_letters, *digits, *"._~-%&="}
    assert fixed.items() <= query(address).items()


# --- what the mock makes of it ---


@law(60)
@given(foreign=foreigns(CLIENT))
def test_the_mock_finds_the_client_in_what_is_posted(foreign: Foreign, bot: Mavibot, service: httpx2.Client) -> None:
    address = bot.webhook_url("callback", client_id=foreign.person, message=foreign.event, reveal_key=True)
    with arrival(bot, foreign):
        assert service.post(address, json=foreign.payload).text == "ok"


@law(60)
@given(foreign=foreigns(PHONE))
def test_the_mock_finds_the_phone_in_what_is_posted(foreign: Foreign, bot: Mavibot, service: httpx2.Client) -> None:
    address = bot.webhook_url("callback", client_phone=foreign.person, message=foreign.event, reveal_key=True)
    with arrival(bot, foreign):
        assert service.post(address, json=foreign.payload).text == "ok"


@law(60)
@given(foreign=foreigns(CLIENT))
def test_the_mock_finds_the_client_in_what_is_forwarded(foreign: Foreign, bot: Mavibot) -> None:
    with arrival(bot, foreign):
        bot.forward("callback", foreign.payload, client_id=foreign.person, message=foreign.event)


@law(60)
@given(foreign=foreigns(CLIENT))
def test_a_message_passes_over_what_it_does_not_know(foreign: Foreign, bot: Mavibot) -> None:
    with arrival(bot, foreign, variables=False):
        bot.forward("message", foreign.payload, client_id=foreign.person, message=foreign.event)


def test_the_mock_reads_fixed_parameters_beside_a_body(bot: Mavibot, service: httpx2.Client) -> None:
    fixed = {"message": "fixed text", "client.city": "Париж & Co"}
    address = bot.webhook_url("callback", client_id=["order", "id"], fixed=fixed, reveal_key=True)
    assert service.post(address, json={"order": {"id": CLIENT}}).text == "ok"
    assert bot.get_history(client_id=CLIENT, limit=1).result[0].text == "fixed text"
    assert bot.get_variables(client_id=CLIENT)["city"] == "Париж & Co"


@contextmanager
def arrival(bot: Mavibot, foreign: Foreign, *, variables: bool = True) -> Iterator[None]:
    """Expect one message more in the client's history, and the plain numbers of the payload among the variables."""
    before = bot.get_history(client_id=CLIENT, limit=1).result[0].id
    yield
    latest = bot.get_history(client_id=CLIENT, limit=1).result[0]
    assert (latest.id > before, latest.text) == (True, "paid")
    if variables:
        moved = {foreign.event, *(foreign.person if len(foreign.person) == 1 else ())}
        plain = {name: value for name, value in foreign.payload.items() if type(value) is int and name not in moved}
        saved = bot.get_variables(client_id=CLIENT)
        assert plain.items() <= saved.items()


# --- forwarding ---


@law()
@given(foreign=foreigns(CLIENT))
def test_what_is_forwarded_is_the_payload_with_the_query_of_the_address(foreign: Foreign) -> None:
    places: dict[str, Any] = {"client_id": foreign.person, "message": foreign.event}
    requests = forward(foreign.payload, **places)
    assert [json.loads(request.content) for request in requests] == [foreign.payload, foreign.payload]
    for request in requests:
        assert (request.method, request.url.path) == ("POST", f"/api/{KEY}/callback")
        assert query(str(request.url)) == query(url("callback", **places))


def test_forward_sends_fixed_parameters_in_the_address() -> None:
    for request in forward({"c": 5}, client_id="c", fixed={"message": "paid", "resume_bot": True}):
        assert json.loads(request.content) == {"c": 5}
        assert query(str(request.url)) == {"value_client_id": "c", "message": "paid", "resume_bot": "true"}


def test_any_mapping_can_be_forwarded() -> None:
    payload: Mapping[str, Any] = MappingProxyType({"c": 5, "message": "x"})
    assert [json.loads(request.content) for request in forward(payload, client_id="c")] == [dict(payload)] * 2


def test_empty_fields_of_a_form_count_as_absent() -> None:
    form = {"tel": "79875146788", "name": "", "time_shift": None, "event": "registered"}
    for request in forward(form, "whatsapp_callback", phone="tel", message="event"):
        assert json.loads(request.content) == form


def test_a_key_with_the_name_of_another_parameter_is_moved(bot: Mavibot) -> None:
    payload = {"send_time": CLIENT, "resume_bot": "moved"}
    assert bot.forward("callback", payload, client_id="send_time", message="resume_bot").status == "ok"
    assert bot.get_history(client_id=CLIENT, limit=1).result[0].text == "moved"


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (["order", "client", "number"], "order → client has no key 'number', but 'id', 'names', 'tag'"),
        (["order", "clients", "id"], "order has no key 'clients'; did you mean 'client'?"),
        (["orders", "id"], "the payload has no key 'orders'; did you mean 'order'?"),
        ("user", "the payload has no key 'user', but 'order', 'event'"),
        (["event", "id"], "event is text, so there is no 'id' in it"),
        (["order", "client", "tag", "id"], "order → client → tag is null, so there is no 'id' in it"),
        (["order", "client", "tag"], "order → client → tag is null"),
        (["order", "client", "names", "1"], "order → client → names → 1 is empty"),
        (["order", "client", "names", "2"], "order → client → names is a list; its indices are '0' to '1', not '2'"),
        (["order", "client", "names", "²"], "order → client → names is a list; its indices are '0' to '1', not '²'"),
        (["order", "items", "0"], "order → items is an empty list, so there is no '0' in it"),
    ],
)
def test_a_place_where_nothing_is(place: list[str] | str, reason: str) -> None:
    assert not_forwarded(PAYLOAD, client_id=place, message="event") == {"client_id": reason}


def test_what_results_must_fit_the_contract() -> None:
    assert "a whole number or text" in not_forwarded(PAYLOAD, client_id="order", message="event")["client_id"]
    assert not_forwarded(PAYLOAD, client_id=["order", "client", "id"]) == {"message": "is required"}
    assert not_forwarded(PAYLOAD, message="event") == {
        "": "one of client_id, client_phone, client_email is required",
    }


def test_a_key_that_would_be_a_variable_must_fit_the_contract() -> None:
    payload = {"c": 5, "message": "x", "n" * 200: "too long for a variable"}
    assert list(not_forwarded(payload, client_id="c")) == ["n" * 200]
    assert forward(payload, "message", client_id="c")


@pytest.mark.parametrize(
    ("payload", "field", "reason"),
    [
        ({"c": 5, "value_message": "x"}, "payload.value_message", "a word of the address itself"),
        ({"c": 5, "delimiter": "."}, "payload.delimiter", "a word of the address itself"),
        ({"c": 5, "message": "theirs"}, "fixed.message", "take it out of one of the two"),
        ({"c": 5, "when": object()}, "payload", "cannot be sent as JSON"),
        ({"c": 5, "price": float("nan")}, "payload", "cannot be sent as JSON"),
        ({"c": 5, "text": "half \ud83e"}, "payload", "cannot be sent as JSON"),
        (nested(["a"] * 100_000, 1), "payload", "cannot be sent as JSON"),
        ([("c", 5)], "payload", "must be an object as json.loads gives it, got list"),
        ('{"c": 5}', "payload", "must be an object as json.loads gives it, got str"),
    ],
)
def test_payloads_that_cannot_be_forwarded(payload: Any, field: str, reason: str) -> None:
    reasons = not_forwarded(payload, client_id="c", fixed={"message": "paid"})
    assert list(reasons) == [field]
    assert reason in reasons[field]


def test_forward_fails_as_the_action_does(bot: Mavibot) -> None:
    with pytest.raises(ClientNotFound):
        bot.forward("callback", {"c": 1}, client_id="c", fixed={"message": "x"})


def test_forward_returns_what_the_action_returns(bot: Mavibot) -> None:
    forwarded = bot.forward("callback", {"c": CLIENT}, client_id="c", fixed={"message": "x"})
    assert forwarded == bot.callback(client_id=CLIENT, message="x")


def test_a_number_that_an_alias_finds_is_text_where_text_is_wanted() -> None:
    assert forward({"client_id": 5, "sum": 4900}, message="sum")
    assert not_forwarded({"client_id": 5, "sum": True}, message="sum")["message"] == "must be text, got True"
