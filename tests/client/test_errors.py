"""The errors: their tree, what they carry, and that a call is made once."""

import asyncio
import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from tests.client.support import BASE_URL, CONTRACT, KEY, OPERATIONS, Api, by_method, first_example, good_reply

import mavibot
from mavibot import (
    Advice,
    ApiError,
    AsyncMavibot,
    ConfigurationError,
    ConnectionFailed,
    InvalidParameters,
    Mavibot,
    MavibotError,
    Problem,
    TimedOut,
    errors,
)
from mavibot_contract import Operation

HELLO: dict[str, Any] = {"client_id": 25554, "message": "Hello"}

#: Error -> what it is a kind of.
TREE = {
    "MavibotError": (Exception,),
    "ConfigurationError": (MavibotError, ValueError),
    "UnknownAction": (MavibotError, LookupError),
    "InvalidParameters": (MavibotError, ValueError),
    "ConnectionFailed": (MavibotError,),
    "TimedOut": (ConnectionFailed,),
    "ApiError": (MavibotError,),
    "RefusedKey": (ApiError,),
    "RefusedPermission": (ApiError,),
    "NotFound": (ApiError,),
    "ClientNotFound": (errors.NotFound,),
    "OrderNotFound": (errors.NotFound,),
    "RejectedRequest": (ApiError,),
    "RateLimited": (ApiError,),
    "ServerError": (ApiError,),
    "UnexpectedReply": (ApiError,),
    "UnreadableReply": (errors.UnexpectedReply,),
}

#: Error -> a call that ends with it.
PROVOKED: dict[str, Callable[[], object]] = {
    "ConfigurationError": lambda: Mavibot("", base_url=BASE_URL),
    "UnknownAction": lambda: Api().call("mesage"),
    "InvalidParameters": lambda: Api()("message", client_id=True, message=""),
    "ConnectionFailed": lambda: Api().fail(httpx2.ConnectError("down"))("message", **HELLO),
    "TimedOut": lambda: Api().fail(httpx2.ReadTimeout("down"))("message", **HELLO),
    "RefusedKey": lambda: Api().reply(401, json={})("message", **HELLO),
    "RefusedPermission": lambda: Api().reply(403, json={})("message", **HELLO),
    "NotFound": lambda: Api().reply(404, text="nothing")("message", **HELLO),
    "ClientNotFound": lambda: Api().reply(200, json={"status": "client_not_found"})("message", **HELLO),
    "OrderNotFound": lambda: Api().reply(200, json={"status": "order 7 not found"})("message", **HELLO),
    "RejectedRequest": lambda: Api().reply(422, json={"status": "fail", "message": "no"})("message", **HELLO),
    "RateLimited": lambda: Api().reply(429, headers={"retry-after": "7.5"})("message", **HELLO),
    "ServerError": lambda: Api().reply(520, html="<h1>520</h1>")("message", **HELLO),
    "UnexpectedReply": lambda: Api().reply(200, html="<h1>Hello</h1>")("get_clients"),
    "UnreadableReply": lambda: Api().reply(200, html="<h1>Hello</h1>")("create_order", client_id=25554),
}
#: Errors that are there to be caught, not raised.
ROOTS = {"MavibotError", "ApiError"}


def provoked(name: str) -> MavibotError:
    """Return an error of a kind as a caller catches it."""
    with pytest.raises(MavibotError) as caught:
        PROVOKED[name]()
    assert type(caught.value) is getattr(errors, name)
    return caught.value


def attributes(error: MavibotError) -> dict[str, Any]:
    """Return all that an error carries, the attributes of its classes included."""
    names = (name for name in dir(error) if not name.startswith("_") and name not in {"with_traceback", "add_note"})
    return {name: getattr(error, name) for name in names}


def test_every_error_has_one_root_and_the_tree_holds_those_of_a_call() -> None:
    kinds = [getattr(errors, name) for name in errors.__all__]
    assert all(issubclass(kind, MavibotError) for kind in kinds if issubclass(kind, BaseException))
    assert TREE.keys() <= set(errors.__all__)
    assert TREE.keys() == PROVOKED.keys() | ROOTS


@pytest.mark.parametrize("name", TREE)
def test_an_error_is_a_kind_of_what_a_caller_catches(name: str) -> None:
    kind = getattr(errors, name)
    assert all(issubclass(kind, parent) for parent in TREE[name])
    assert getattr(mavibot, name) is kind
    assert kind.__doc__


@pytest.mark.parametrize("name", PROVOKED)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_a_pickle(name: str, protocol: int) -> None:
    error = provoked(name)
    restored = pickle.loads(pickle.dumps(error, protocol))
    assert (type(restored), str(restored), attributes(restored)) == (type(error), str(error), attributes(error))


@pytest.mark.parametrize("name", PROVOKED)
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_an_error_survives_a_copy(name: str, duplicate: Any) -> None:
    error = provoked(name)
    restored = duplicate(error)
    assert (type(restored), str(restored), attributes(restored)) == (type(error), str(error), attributes(error))


@pytest.mark.parametrize("name", PROVOKED)
def test_a_note_survives_a_pickle(name: str) -> None:
    error = provoked(name)
    error.add_note("while importing row 7")
    assert pickle.loads(pickle.dumps(error)).__notes__ == ["while importing row 7"]


# --- problems that say how to fix them

HOSTS = ", ".join(url.split("/api/")[0] for url in CONTRACT.servers)
#: Advice -> a call that gets it, and what the error says.
ADVISED: dict[Advice, tuple[Callable[[], object], str]] = {
    Advice.USE_POST: (
        lambda: Api()("callback", **HELLO, variables={"client.a": "x" * 70_000}, method="GET"),
        'callback: too much for a query string; use method="POST"',
    ),
    Advice.USE_POST_OR_EMPTY_TEXT: (
        lambda: Api()("callback", **HELLO, variables={"promo": None}, method="GET"),
        'callback: variables.promo: cannot be cleared in a query string; use method="POST", or "" in place of None',
    ),
    Advice.USE_VARIABLES: (
        lambda: Api()("callback", **HELLO, phone="x"),
        "callback: phone: looks like the parameter 'client_phone'; to save a variable of this name, pass it in"
        " variables={…}",
    ),
    Advice.USE_FIXED: (
        lambda: Mavibot(KEY, base_url=BASE_URL).webhook_url("whatsapp_callback", resume_bot="b"),
        "whatsapp_callback: resume_bot: whatsapp_callback can look for phone, message; a constant belongs in fixed={…}",
    ),
    Advice.GIVE_API_KEY: (
        lambda: Mavibot("", base_url=BASE_URL),
        "api_key: no API key; set MAVIBOT_API_KEY (project settings, Integrations, Add API key); or pass api_key=…",
    ),
    Advice.GIVE_BASE_URL: (
        lambda: Mavibot(KEY, base_url=""),
        f"base_url: no base URL; set MAVIBOT_BASE_URL to the live platform ({HOSTS}) or a mock; or pass base_url=…",
    ),
}


def test_every_advice_is_given_somewhere() -> None:
    assert ADVISED.keys() == set(Advice)


@pytest.mark.parametrize("advice", ADVISED)
def test_a_problem_says_how_a_python_program_fixes_it(advice: Advice) -> None:
    act, text = ADVISED[advice]
    with pytest.raises((InvalidParameters, ConfigurationError)) as caught:
        act()
    error = caught.value
    assert isinstance(error, InvalidParameters | ConfigurationError)
    problem = error.problem if isinstance(error, ConfigurationError) else error.problems[0]
    assert str(error) == text
    assert problem.advice is advice
    assert text.endswith(f"{problem.field}: {problem.message}")
    assert pickle.loads(pickle.dumps(problem)) == problem


def test_a_problem_can_be_worded_for_another_interface() -> None:
    problem = Problem("method", "the action works only by POST, not by GET", Advice.USE_POST)
    assert problem.text({Advice.USE_POST: "choose POST"}, field="Method") == (
        "Method: the action works only by POST, not by GET; choose POST"
    )
    assert Problem("", "too much").text({}) == str(Problem("", "too much")) == "too much"


# --- no answer


def test_a_refused_connection_sent_nothing(closed_port: int) -> None:
    with (
        Mavibot(KEY, base_url=f"http://127.0.0.1:{closed_port}", retries=False) as bot,
        pytest.raises(ConnectionFailed) as caught,
    ):
        bot.message(**HELLO)
    assert type(caught.value) is ConnectionFailed
    assert (caught.value.action, caught.value.sent) == ("message", False)
    assert "nothing was sent" in str(caught.value)


def test_a_refused_connection_sent_nothing_asynchronously(closed_port: int) -> None:
    async def main() -> None:
        async with AsyncMavibot(KEY, base_url=f"http://127.0.0.1:{closed_port}", retries=False) as bot:
            await bot.message(**HELLO)

    with pytest.raises(ConnectionFailed) as caught:
        asyncio.run(main())
    assert type(caught.value) is ConnectionFailed
    assert caught.value.sent is False


#: What httpx2 raises -> what the caller gets, and whether the server may have read the request.
FAILURES = [
    (httpx2.ConnectError, ConnectionFailed, False),
    (httpx2.ConnectTimeout, TimedOut, False),
    (httpx2.PoolTimeout, TimedOut, False),
    (httpx2.UnsupportedProtocol, ConnectionFailed, False),
    (httpx2.ReadTimeout, TimedOut, True),
    (httpx2.WriteTimeout, TimedOut, True),
    (httpx2.ReadError, ConnectionFailed, True),
    (httpx2.WriteError, ConnectionFailed, True),
    (httpx2.CloseError, ConnectionFailed, True),
    (httpx2.RemoteProtocolError, ConnectionFailed, True),
    (httpx2.LocalProtocolError, ConnectionFailed, True),
    (httpx2.ProxyError, ConnectionFailed, False),
    (httpx2.DecodingError, ConnectionFailed, True),
    (httpx2.SSEError, ConnectionFailed, True),
]


def test_every_way_to_fail_on_the_way_is_known() -> None:
    def leaves(kind: type) -> Iterator[type]:
        below: list[type] = kind.__subclasses__()
        yield from (leaf for each in below for leaf in leaves(each)) if below else [kind]

    own = {kind for kind in leaves(httpx2.TransportError) if kind.__module__.startswith("httpx2")}
    assert own <= {raised for raised, _, _ in FAILURES}


@pytest.mark.parametrize(("raised", "kind", "was_sent"), FAILURES, ids=lambda value: getattr(value, "__name__", value))
def test_a_failure_on_the_way_tells_whether_the_request_may_have_arrived(
    api: Api, raised: type[Exception], kind: type[ConnectionFailed], was_sent: bool
) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        api.fail(raised("line 7 is down"))("message", **HELLO)
    assert type(caught.value) is kind
    assert (caught.value.action, caught.value.sent) == ("message", was_sent)
    assert "line 7 is down" in str(caught.value)
    assert ("the server may have carried it out" in str(caught.value)) is was_sent
    # What httpx2 raised holds the request with the key in its traceback.
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_failure_without_words_is_named(api: Api) -> None:
    with pytest.raises(TimedOut, match="ReadTimeout"):
        api.fail(httpx2.ReadTimeout(""))("message", **HELLO)


@pytest.mark.parametrize("raised", [KeyboardInterrupt, asyncio.CancelledError])
def test_an_interruption_is_no_error_of_the_client(raised: type[BaseException]) -> None:
    def handle(request: httpx2.Request) -> httpx2.Response:
        raise raised

    with Mavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(handle)) as bot, pytest.raises(raised):
        bot.message(**HELLO)


# --- a call is made once

STATUSES = [200, 301, 400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504, 520]


@pytest.mark.parametrize("status", STATUSES)
def test_an_answer_ends_a_call(api: Api, status: int) -> None:
    api.reply(status, json={"status": "fail"}, headers={"retry-after": "0", "location": "/elsewhere"})
    for action, arguments in (("message", HELLO), ("get_clients", {})):
        api.requests.clear()
        with pytest.raises(ApiError):
            api(action, **arguments)
        assert len(api.requests) == 1


@pytest.mark.parametrize("raised", [raised for raised, _, _ in FAILURES], ids=lambda value: value.__name__)
def test_a_failure_on_the_way_ends_a_call(api: Api, raised: type[Exception]) -> None:
    api.fail(raised("down"))
    for action, arguments in (("message", HELLO), ("get_clients", {})):
        api.requests.clear()
        with pytest.raises(ConnectionFailed):
            api(action, **arguments)
        assert len(api.requests) == 1


def times_called(operation: Operation, answer: httpx2.Response | Exception) -> int:
    """Return how often a client with no further settings calls, where every call is answered like this."""
    seen: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, content=answer.content)

    with Mavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(handle)) as bot, pytest.raises(MavibotError):
        getattr(bot, operation.action)(**first_example(operation), **by_method(operation))
    return len(seen)


ONCE_ONLY = pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if not each.idempotent], ids=lambda operation: operation.operation_id
)


@ONCE_ONLY
@pytest.mark.parametrize(
    "raised", [raised for raised, _, was_sent in FAILURES if was_sent], ids=lambda value: value.__name__
)
def test_what_must_not_happen_twice_is_never_repeated_once_it_may_have_arrived(
    operation: Operation, raised: type[Exception]
) -> None:
    assert times_called(operation, raised("down")) == 1


@ONCE_ONLY
@pytest.mark.parametrize("status", [status for status in STATUSES if status >= 300 and status != 429])
def test_what_must_not_happen_twice_is_never_repeated_after_an_answer(operation: Operation, status: int) -> None:
    assert times_called(operation, httpx2.Response(status)) == 1


def test_an_unreadable_reply_to_a_write_is_not_repeated() -> None:
    for action in ("create_order", "load_clients"):
        assert times_called(CONTRACT.operation(action), httpx2.Response(200, text="<html>")) == 1


# --- a client after a failure


def test_a_client_works_after_a_failure() -> None:
    answers: list[httpx2.Response | Exception] = [
        httpx2.ReadTimeout("down"),
        httpx2.Response(500),
        httpx2.Response(200),
    ]

    def handle(request: httpx2.Request) -> httpx2.Response:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with Mavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(handle)) as bot:
        for kind in (TimedOut, errors.ServerError):
            with pytest.raises(kind):
                bot.message(**HELLO)
        assert bot.message(**HELLO)


class Watched(httpx2.MockTransport):
    """A transport that notes what happens to it."""

    def __init__(self) -> None:
        super().__init__(self.answer)
        self.calls: list[str] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.calls.append(request.method)
        return httpx2.Response(200, json=good_reply(CONTRACT.operation("get_clients")))

    def close(self) -> None:
        self.calls.append("close")

    async def aclose(self) -> None:
        self.calls.append("close")


def test_leaving_the_block_closes_the_transport() -> None:
    transport = Watched()
    with Mavibot(KEY, base_url=BASE_URL, transport=transport) as bot:
        bot.get_clients()
        bot.get_clients()
    assert transport.calls == ["GET", "GET", "close"]


def test_leaving_the_asynchronous_block_closes_the_transport() -> None:
    transport = Watched()

    async def main() -> None:
        async with AsyncMavibot(KEY, base_url=BASE_URL, transport=transport) as bot:
            await bot.get_clients()
            await bot.get_clients()

    asyncio.run(main())
    assert transport.calls == ["GET", "GET", "close"]
