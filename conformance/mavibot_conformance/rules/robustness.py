"""Rules: robustness."""

from __future__ import annotations

import json
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

import mavibot_contract
from mavibot_conformance.rules.calls import valid
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.texts import expect_kept
from mavibot_conformance.rules.trial import around, shown
from mavibot_conformance.rules.ways import give, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mavibot_conformance.rules.trial import Trial
    from mavibot_conformance.target.exchange import Exchange

_T = TypeVar("_T")
_CONTRACT: Final = mavibot_contract.load()
_ALL: Final = tuple(_CONTRACT.actions)
#: Searches for values of variables, by the parameter that holds the pairs where there is one.
_WITH_PAIRS: Final = {"find_all_client_id_by_several_vars": "variables", "find_clients": "q"}
_SEARCHES_BY_VALUE: Final = (
    "find_client_id_by_var",
    "find_latest_client_id_by_var",
    "find_all_client_id_by_var",
    *_WITH_PAIRS,
)
_SANE: Final = "every HTTP server: a call that cannot be read is refused, it is no error of the server"
#: So many characters of what was sent stand in an expectation.
_SHOWN: Final = 60
_LETTERS: Final = "Привет Łódź 漢字 🦊"
#: Reads that show what was saved for the client or sent to it.
_SHOWING: Final = ("get_variables", "get_history")
#: Odd bodies by their kind, and below odd queries: every action gets one of each kind, and each is tried with several.
_BODIES: Final = (
    (b"",),
    (b"null", b"[]"),
    (b"5", b'"text"'),
    (b"{", b"{'a': 1}", b'{"client_id": }'),
    (b"\x00\x01\x02", b"\xff\xfe{\x00}\x00"),
)
#: Read as they are, but of wrong types; no source says that a server looks at once.
_OF_WRONG_TYPES: Final = (
    (
        b'{"client_id": "\\ud800", "message": "\\ud800"}',
        b'{"client_id": "\\u0000", "message": "\\u0000"}',
    ),
    (
        b'{"client_id": 1e400, "message": "x"}',
        b'{"client_id": 99999999999999999999999999, "message": "x", "variables": {}}',
        b'{"client_id": -1, "message": "x", "variables": {"a": 1}}',
    ),
    (
        b'{"client_id": [1], "message": {"a": 1}, "variables": [1], "clients": 5, "q": 5, "list_id": {}}',
        b'{"client_id": true, "message": true, "variables": true, "clients": true, "platform_ids": true}',
    ),
)
#: No source says how deep a body may be nested.
_DEEP: Final = ((b"[" * 2000 + b"]" * 2000, b'{"a":' * 500 + b"1" + b"}" * 500),)
_QUERIES: Final[tuple[tuple[Any, ...], ...]] = (
    ("",),
    ("\x00", "🦊"),
    ("-1", "1e400", "9" * 30),
    ("null", "[]", "{}"),
    ("' OR 1=1",),
    ("x" * 300,),
    (["1", "2"],),
)


@rule("ROB-1", Level.MUST, source=_SANE, actions=_ALL, each=True, effect="read", smoke=True)
def odd_bodies_do_not_break_the_server(t: Trial, action: str) -> None:
    """No body makes an action answer with a server error, and none that lacks everything succeeds for a write."""
    operation = _CONTRACT.operation(action)
    unreadable, deep = _one_of_each(_BODIES, action), _one_of_each(_DEEP, action)
    for body in (*unreadable, *_one_of_each(_OF_WRONG_TYPES, action), *deep):
        exchange = t.wire.call(action, method="POST", body=body)
        with t.as_should() if body in deep else nullcontext():
            _no_crash(t, exchange, body)
        if operation.effect != "read" and operation.schema.get("required") and body != b"[]":
            judge = t.expect if body in unreadable else t.should
            judge(not exchange.succeeded, f"{action} with {shown(body, _SHOWN)} to be refused", exchange)


@rule(
    "ROB-2",
    Level.MUST,
    source="document sections 'Sending a message to a client' and 'Assigning variables': message is the text, "
    "variables are names and values. In which notation they are shown no source says",
    actions=["message", "callback", "save_variables", "get_history", "get_variables"],
    judges=["message", "callback", "save_variables"],
    needs=["test_clients"],
)
def any_text_is_kept(t: Trial) -> None:
    """Texts in any writing, with emoji, line breaks, quotes and of thousands of characters, are kept as they are."""
    client_id = t.client()
    texts = [
        "🦊👩‍👩‍👧‍👦",
        "Ünï цыц 漢字 العربية",
        "line\nline\ttab",
        "'; DROP TABLE clients; --",
        "<b>&amp;</b>",
        "x" * 4000,
        " spaces ",
    ]

    def check(action: str) -> None:
        values = {t.nonce(): text for text in texts}
        for name, text in values.items():
            sent: dict[str, Any] = {"message": text}
            if action == "save_variables":
                sent = {"variables": {f"client.{name}": text}}
            elif action == "callback":
                sent = {"message": "x", name: text}
            exchange = t.call(action, client_id=client_id, **sent)
            t.expect(exchange.succeeded, f"{action} with {text[:20]!r} to succeed", exchange)
        if action == "message":
            found = t.texts(client_id)[: len(texts)]
            t.equal(len(found), len(texts), "the number of messages")
            for shown, text in zip(found, texts[::-1], strict=True):
                expect_kept(t, text if text in found else shown, text, "a text of the history")
        else:
            variables = t.variables(client_id)
            for name, text in values.items():
                expect_kept(t, variables.get(name), text, f"a variable that {action} saved")

    t.each(check, ("message", "save_variables", "callback"))


@rule(
    "ROB-3",
    Level.MUST,
    source=_SANE,
    actions=["callback", "get_variables", "get_history"],
    needs=["test_clients"],
    effect="write",
)
def a_refused_odd_call_changes_nothing(t: Trial) -> None:
    """Bodies that cannot be read leave the client as it was."""
    client_id = t.client()
    looks = {"variables": lambda: t.variables(client_id), "history": lambda: t.texts(client_id)}
    bodies = [
        b'{"client_id": %d, "message": "x"' % client_id,
        b'{"client_id": %d, "message": "x", "client.cnf_a": "lost"} trailing' % client_id,
        b'{"client_id": %d, "client.cnf_a": "lost"}' % client_id,
        b'[{"client_id": %d, "message": "x"}]' % client_id,
    ]
    with t.unchanged(**looks):
        for body in bodies:
            t.expect_refusal(t.wire.call("callback", body=body))
    for text in (b'""', b'{"a": 1}'):
        body = b'{"client_id": %d, "message": %s, "client.cnf_a": "lost"}' % (client_id, text)
        exchange = t.wire.call("callback", body=body)
        t.should(not exchange.succeeded, "a message that is empty or an object to be refused", exchange)


@rule(
    "ROB-4",
    Level.MUST,
    source=_SANE,
    actions=[action for action in _ALL if "GET" in _CONTRACT.actions[action]],
    each=True,
    effect="read",
)
def odd_queries_do_not_break_the_server(t: Trial, action: str) -> None:
    """No query string, however odd, makes an action answer with a server error."""
    names = [*_CONTRACT.operation(action, "GET").schema["properties"], "cnf"]
    for value in _one_of_each(_QUERIES, action):
        _no_crash(t, t.wire.call(action, query=dict.fromkeys(names, value)), value)
    _no_crash(
        t, t.wire.call(action, query={"": "x", "a[b][]": "x", "value_client_id": "", "delimiter": ""}), "odd names"
    )


@rule(
    "ROB-5",
    Level.INFO,
    source="assumption: of two equal keys the last counts",
    actions=["message", "get_history"],
    needs=["test_clients"],
)
def duplicate_keys(t: Trial) -> None:
    """Which of two equal keys in a body counts."""
    client_id = t.client()
    body = b'{"client_id": %d, "message": "first", "message": "last"}' % client_id
    _no_crash(t, t.wire.call("message", body=body), body)
    t.observe(f"texts: {t.texts(client_id)}")


@rule(
    "ROB-6",
    Level.MUST,
    source=_SANE,
    actions=["callback", "message", "get_history"],
    judges=["callback", "message"],
    needs=["test_clients"],
    effect="write",
)
def paths_and_aliases_do_not_break_the_server(t: Trial) -> None:
    """Odd delimiters, paths and aliases are refused or without effect, never a server error."""
    client_id = t.client()
    body = {"order": {"id": client_id, "list": [1, 2]}, "message": "x"}
    queries: tuple[dict[str, str], ...] = (
        {"delimiter": ".", "delimiter_value_client_id": "order.list.5"},
        {"delimiter": ".", "delimiter_value_client_id": "..."},
        {"delimiter": ".", "delimiter_value_client_id": "order.id.id.id"},
        {"delimiter": "", "delimiter_value_client_id": "order.id"},
        {"delimiter_value_client_id": "order.id"},
        {"delimiter": "."},
        {"value_client_id": "value_client_id"},
        {"value_client_id": "order", "value_message": "value_client_id"},
    )

    def send(action: str) -> None:
        for query in queries:
            _no_crash(t, t.wire.call(action, query=query, body=body), query)

    t.each(send, ("callback", "message"))


def _one_of_each(kinds: Sequence[Sequence[_T]], action: str) -> list[_T]:
    """Return an odd value of each kind, for each action another one."""
    place = _ALL.index(action)
    return [values[place % len(values)] for values in kinds]


def _no_crash(t: Trial, exchange: Exchange, sent: object) -> None:
    what = f"{exchange.action} to answer {shown(sent, _SHOWN)} without a server error"
    t.expect(exchange.status < 500, what, exchange)


@rule(
    "ROB-7",
    Level.MUST,
    source=_SANE,
    actions=[*_SEARCHES_BY_VALUE, "save_variables"],
    judges=_SEARCHES_BY_VALUE,
    needs=["test_clients"],
)
def any_value_is_found(t: Trial) -> None:
    """A value with characters that mean something to a database or to an address is found as it is."""
    client_id = t.client()
    values: dict[str, str] = {}
    for odd in ("O'Neil", 'a "b"', "50% _ *", "back\\slash", "'; --", "a&b=c#d?e+f", "Łódź 🦊", "[1]", "{}"):
        name, value = t.nonce(), f"{odd} {t.nonce()}"
        values[name] = value
        give(t, client_id, {f"client.{name}": value})

    def check(action: str) -> None:
        for name, value in values.items():
            sought: dict[str, Any] = {"var": name, "val": value}
            if action in _WITH_PAIRS:
                sought = {_WITH_PAIRS[action]: {name: value}}
            exchange = t.call(action, **sought)
            t.expect(exchange.succeeded, f"{action} to find {value!r}", exchange)
            t.expect(str(client_id) in exchange.text, f"{action} to find the client with {value!r}", exchange)

    t.each(check, _SEARCHES_BY_VALUE)


@rule(
    "ROB-8",
    Level.MUST,
    source=_SANE,
    actions=_ALL,
    judges=_ALL,
    needs=["test_clients"],
)
def odd_values_do_not_break_a_valid_call(t: Trial) -> None:
    """A valid call with NUL or an apostrophe in one of its texts, or an empty list, is no error of the server."""

    def check(action: str) -> None:
        parameters = valid(t, action)
        for name, value in parameters.items():
            if isinstance(value, str):
                odd: tuple[Any, ...] = (f"{value}\0", f"{value}'\"")
            else:
                odd = ([],) if isinstance(value, list) else ()
            for each in odd:
                exchange = t.call(action, **{**parameters, name: each})
                _no_crash(t, exchange, f"{name}={shown(each)}")

    t.each(check, _ALL)


@rule(
    "ROB-9",
    Level.MUST,
    source="every HTTP server: JSON that is exchanged is UTF-8 (RFC 8259, section 8.1)",
    actions=_ALL,
    each=True,
    needs=["test_clients"],
)
def json_is_utf8(t: Trial, action: str) -> None:
    """A reply of JSON is UTF-8, and no header says otherwise, also where it shows letters of every writing."""
    parameters = valid(t, action)
    client_id = parameters.get("client_id")
    is_written = False
    if client_id is not None and action in _SHOWING:
        with t.optional():
            if action == "get_variables":
                give(t, client_id, {"client.cnf_text": _LETTERS})
            else:
                write(t, client_id, _LETTERS)
            is_written = True
    exchange = t.call(action, **parameters)
    t.expect(not exchange.is_lost, f"a reply of {action}", exchange)
    if not _is_json(exchange):
        return  # a word such as ok
    t.expect(exchange.is_utf8, f"the reply of {action} to be UTF-8", exchange)
    content_type = exchange.headers.get("content-type", "").lower()
    charset = content_type.partition("charset=")[2].strip('"; ')
    t.expect(charset in ("", "utf-8", "utf8"), "no other charset than UTF-8 in Content-Type", content_type)
    if is_written:
        t.expect(_LETTERS in _texts(exchange.data), f"{_LETTERS} in the reply", exchange)


@rule(
    "ROB-10",
    Level.MUST,
    source="every HTTP server: JSON has no NaN and no Infinity (RFC 8259, section 6)",
    actions=_ALL,
    each=True,
    needs=["test_clients"],
)
def json_has_no_nan(t: Trial, action: str) -> None:
    """A reply of JSON holds neither NaN nor Infinity, also after such a number was sent to be saved."""
    parameters = valid(t, action)
    client_id = parameters.get("client_id")
    if action in _SHOWING and client_id is not None:
        for number, odd in enumerate((b"1e400", b"-1e400", b"NaN")):
            body = b'{"client_id": %d, "variables": {"client.cnf_odd_%d": %s}}' % (client_id, number, odd)
            with t.optional():
                t.wire.call("save_variables", body=body)
    _no_nan(t, t.call(action, **parameters))


def _no_nan(t: Trial, exchange: Exchange) -> None:
    t.expect(not exchange.is_lost, f"a reply of {exchange.action}", exchange)
    found: list[str] = []
    with suppress(ValueError, RecursionError):
        json.loads(exchange.text, parse_constant=found.append)
    if found:
        part = around(exchange.text, exchange.text.find(found[0]))
        t.expect(False, f"no {' and '.join(found)} in the reply of {exchange.action}", f"{exchange.status} {part}")


def _is_json(exchange: Exchange) -> bool:
    return "json" in exchange.headers.get("content-type", "") or not isinstance(exchange.data, str)


def _texts(data: Any) -> list[str]:
    """Return all texts of a reply."""
    if isinstance(data, dict | list):
        return [text for each in (data.values() if isinstance(data, dict) else data) for text in _texts(each)]
    return [data] if isinstance(data, str) else []
