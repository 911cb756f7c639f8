"""Several ways to the same: what a rule needs beside what it judges is made and looked at by what the server offers."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mavibot_conformance.rules.trial import LacksInputError
from mavibot_conformance.target.guard import GuardRefusedError
from mavibot_conformance.target.judgements import finds_no_client
from mavibot_conformance.target.offer import NotOfferedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mavibot_conformance.rules.trial import Trial
    from mavibot_conformance.target.exchange import Exchange

_T = TypeVar("_T")
_Key = TypeVar("_Key")
#: Marks the name of a variable of the client; any other is the deal's.
_OF_CLIENT: Final = "client."


def by_any(*ways: Callable[[], _T]) -> _T:
    """Return what the first of several ways returns for which there is what it needs.

    Raises:
        NotOfferedError: there is none, and the first needs an action.
        LacksInputError: there is none, and the first needs an input.
        GuardRefusedError: there is none, and the first needs consent.
    """
    lacking: Exception | None = None
    for way in ways:
        try:
            return way()
        except (NotOfferedError, LacksInputError, GuardRefusedError) as error:
            lacking = lacking or error
    raise lacking or LacksInputError("there is no way to do this")


def write(t: Trial, client_id: int, *texts: str) -> None:
    """Put texts into the history of a client, one after another: as messages, else as callbacks."""
    for text in texts:
        content: dict[str, Any] = {"client_id": client_id, "message": text}
        by_any(
            lambda: t.ok("message", **content),  # noqa: B023 - called at once
            lambda: _broadcast(t, client_id, text),  # noqa: B023 - called at once
            lambda: t.ok("callback", **content),  # noqa: B023 - called at once
            lambda: t.ok(
                "send_callback_by_platform_id",
                platform_ids=[t.platform_id(client_id)],
                callback_text=text,  # noqa: B023 - called at once
            ),
        )


def _broadcast(t: Trial, client_id: int, text: str) -> None:
    t.ok("broadcast", clients=[client_id], message=text, shift=0)
    if t.moves_clock:
        t.advance(1)
    with suppress(NotOfferedError):
        t.until(lambda: text in t.texts(client_id))


def give(t: Trial, client_id: int, variables: Mapping[str, Any]) -> None:
    """Save variables of a client, with `client.` before the names of those that are not the deal's."""
    saved = dict(variables)
    by_any(
        lambda: t.ok("save_variables", client_id=client_id, variables=saved),
        lambda: t.ok("callback", client_id=client_id, message=t.nonce(), **saved),
    )


def give_deal(t: Trial, client_id: int, order_id: int, variables: Mapping[str, Any]) -> None:
    """Save variables of a client's current deal."""
    saved = dict(variables)
    by_any(
        lambda: t.ok("set_order_vars", client_id=client_id, order_id=order_id, variables=saved),
        lambda: give(t, client_id, saved),
    )


def held(t: Trial, client_id: int, expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a client's variables hold under some names, as `get_variables` shows them.

    On a server without it a value is there if a search for it finds the client.

    Args:
        t: makes the calls.
        client_id: the client.
        expected: by name, with `client.` before those that are not the deal's, the values that a search looks for.

    Raises:
        NotOfferedError: there is no search either.
    """

    def shown() -> dict[str, Any]:
        found = t.variables(client_id)
        return {name: found.get(name.removeprefix(_OF_CLIENT)) for name in expected}

    def sought() -> dict[str, Any]:
        found = {name: holders(t, name, value) for name, value in expected.items()}
        return {name: expected[name] if client_id in clients else None for name, clients in found.items()}

    return by_any(shown, sought)


def held_by_deal(t: Trial, client_id: int, order_id: int, expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the variables of a client's current deal hold under some names.

    Args:
        t: makes the calls.
        client_id: the client.
        order_id: the current deal.
        expected: by name the values that a search looks for, where nothing else shows them.

    Raises:
        NotOfferedError: there is no search either.
    """

    def of_deal() -> dict[str, Any]:
        found = t.order_variables(client_id, order_id=order_id)
        return {name: found.get(name) for name in expected}

    return by_any(of_deal, lambda: held(t, client_id, expected))


def holders(t: Trial, name: str, value: Any) -> set[int]:
    """Return the clients whom any search of the server finds by the value of a variable.

    Args:
        t: makes the calls.
        name: name of the variable; one without `client.` is sought among those of deals too.
        value: its value.

    Raises:
        NotOfferedError: there is no such search.
    """
    plain = name.removeprefix(_OF_CLIENT)
    pair: dict[str, Any] = {"var": plain, "val": value}
    searches: list[tuple[str, dict[str, Any]]] = [
        ("find_clients", {"q": {plain: value}}),
        ("find_all_client_id_by_var", pair),
        ("find_all_client_id_by_several_vars", {"variables": {plain: value}}),
        ("find_client_id_by_var", pair),
        ("find_latest_client_id_by_var", pair),
    ]
    if plain == name:
        searches += [
            (action, {**parameters, "search_in": "order"})
            for action, parameters in searches
            if action in ("find_clients", "find_client_id_by_var")
        ]
    offered = [each for each in searches if not t.wire.offer.lacks(each[0])]
    if not offered:
        t.wire.offer.check("find_clients")
    return {client_id for action, parameters in offered for client_id in found_by(t.answered(action, **parameters))}


def found_by(exchange: Exchange) -> list[int]:
    """Return the clients that the reply of a search by a value names."""
    if not exchange.succeeded or finds_no_client(exchange):
        return []
    data = exchange.read
    return list(data["client_ids"]) if "client_ids" in data else [data["client_id"]]


def save_in_deal(t: Trial, client_id: int, variables: Mapping[str, Any]) -> int | None:
    """Save variables of a client's deal, and return its id: a new one, or `None` where none can be created.

    Raises:
        LacksInputError: no deal can be created, and nothing shows that the server keeps the variables without one.
    """
    try:
        order_id = t.order(client_id)
    except NotOfferedError:
        # No source says what becomes of the variables of a deal that there is not.
        give(t, client_id, variables)
        with suppress(NotOfferedError):
            if held(t, client_id, variables) == variables:
                return None
        raise LacksInputError("needs create_order, or a test client who has a deal") from None
    give_deal(t, client_id, order_id, variables)
    return order_id


def mark(t: Trial) -> dict[str, Any]:
    """Return a further parameter that shows whether a callback came, where there is no history; else none."""
    return {f"{_OF_CLIENT}{t.nonce()}": t.nonce()} if t.wire.offer.lacks("get_history") else {}


def came(t: Trial, client_id: int, text: str, marked: Mapping[str, Any]) -> bool:
    """Return True if a client has a callback: its text in the history, else what `mark` added to the call."""
    return held(t, client_id, marked) == marked if marked else text in t.texts(client_id)


def arrived(t: Trial, client_id: int, sent: Mapping[_Key, tuple[str, Mapping[str, Any]]]) -> list[_Key]:
    """Return those of several callbacks that a client has, once where a history shows it.

    Args:
        t: makes the calls.
        client_id: the client.
        sent: text of each, and what `mark` added to the call.
    """
    if not t.wire.offer.lacks("get_history"):
        texts = t.texts(client_id)
        return [key for key, (text, _) in sent.items() if texts.count(text) == 1]
    marks = {name: value for _, marked in sent.values() for name, value in marked.items()}
    found = held(t, client_id, marks)
    return [key for key, (_, marked) in sent.items() if all(found[name] == marks[name] for name in marked)]


def has_deal(t: Trial, client_id: int, order_id: int) -> bool:
    """Return True if a client has a deal, the newest of all: among the deals, else as the current one."""
    return by_any(lambda: order_id in t.orders(client_id), lambda: order_id == t.current_order(client_id))


def on_list(t: Trial, clients: Sequence[int]) -> list[int]:
    """Return how often each of some clients is on the profile's list, or how often a broadcast to it reaches each."""

    def shown() -> list[int]:
        members = t.members()
        return [members.count(each) for each in clients]

    def reached() -> list[int]:
        text = t.nonce()
        t.ok("broadcast", list=t.list_id, message=text, shift=0)
        t.settle(2)
        return [t.texts(each).count(text) for each in clients]

    return by_any(shown, reached)


def newest_deal(t: Trial, client_id: int) -> int | None:
    """Return the id of a client's newest deal as `get_orders` shows it, else of the current one, or `None`."""
    return by_any(lambda: max(t.orders(client_id), default=None), lambda: t.current_order(client_id))


def is_there(t: Trial, client_id: int) -> bool:
    """Return True if there is a client: an action that reads about one finds it."""
    by_number: dict[str, Any] = {"client_id": client_id}
    return by_any(
        lambda: t.answered("get_variables", **by_number).succeeded,
        lambda: t.answered("get_orders", **by_number).succeeded,
        lambda: t.client_with(t.platform_id(client_id)) == client_id,
    )
