"""Measures how late on a server what its actions do shows: by calls to a test client, and looks for their effects."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from mavibot_conformance.rules.trial import FailedError, NotRunError
from mavibot_conformance.target.clock import comes_true
from mavibot_conformance.target.exchange import MissingError
from mavibot_conformance.target.guard import GuardRefusedError
from mavibot_conformance.target.offer import NotOfferedError
from mavibot_conformance.target.wire import SilentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_conformance.rules.trial import Trial
    from mavibot_conformance.target.clock import Clock

#: A look may happen to come late enough.
_TIMES: Final = 3
#: So many waits of two seconds each, since what is later than a rule waits for would fail it.
_WAITS: Final = 2
#: What keeps a call or a look from showing anything.
SHOWS_NOTHING: Final = (
    *(FailedError, NotRunError, GuardRefusedError, NotOfferedError, MissingError, SilentError),
    *(TypeError, AttributeError),  # a reply of another shape
)


def measured(trial: Trial, clock: Clock) -> tuple[float, frozenset[str]]:
    """Return how many seconds after a reply what the call did shows, and the actions of which it shows at once.

    The seconds are 0 if all does so, or if nothing shows.

    Args:
        trial: makes the calls; its test data is cleaned up by whoever made it.
        clock: measures.

    Raises:
        UnreachableError: the server does not answer.
    """
    found: dict[str, list[float]] = {action: [] for action in _ACTS}
    for action, act in _ACTS.items():
        with suppress(*SHOWS_NOTHING):
            for _ in range(_TIMES):
                seconds = act(trial, clock)
                if seconds is None:
                    break
                found[action].append(seconds)
    latest = max((max(each, default=0.0) for each in found.values()), default=0.0)
    return latest, frozenset(action for action, each in found.items() if each == [0.0] * _TIMES)


def _client(trial: Trial, clock: Clock) -> float | None:
    [client_id] = trial.clients(1, new=True, just_now=True)
    return _seconds(clock, lambda: trial.call("get_variables", client_id=client_id).succeeded)


def _message(trial: Trial, clock: Clock) -> float | None:
    client_id, text = trial.client(), trial.nonce()
    trial.ok("message", client_id=client_id, message=text)
    return _seconds(clock, lambda: text in trial.texts(client_id))


def _broadcast(trial: Trial, clock: Clock) -> float | None:
    client_id, text = trial.client(), trial.nonce()
    trial.ok("broadcast", clients=[client_id], message=text)
    return _seconds(clock, lambda: text in trial.texts(client_id))


def _callback(trial: Trial, clock: Clock) -> float | None:
    client_id, text, name = trial.client(), trial.nonce(), trial.nonce()
    further: dict[str, Any] = {f"client.{name}": text}
    trial.ok("callback", client_id=client_id, message=text, **further)
    return _seconds(clock, lambda: text in trial.texts(client_id) and trial.variables(client_id).get(name) == text)


def _variable(trial: Trial, clock: Clock) -> float | None:
    client_id, name = trial.client(), trial.nonce()
    trial.ok("save_variables", client_id=client_id, variables={f"client.{name}": "1"})
    return _seconds(clock, lambda: str(trial.variables(client_id).get(name)) == "1")


def _list(trial: Trial, clock: Clock) -> float | None:
    client_id = trial.client()
    trial.put_on_list([client_id])
    return _seconds(clock, lambda: client_id in trial.members())


def _deal(trial: Trial, clock: Clock) -> float | None:
    client_id = trial.client()
    order_id = trial.order(client_id)
    return _seconds(clock, lambda: order_id in trial.orders(client_id))


def _variable_of_a_deal(trial: Trial, clock: Clock) -> float | None:
    client_id, name = trial.client(), trial.nonce()
    order_id = trial.order(client_id)
    trial.ok("set_order_vars", client_id=client_id, order_id=order_id, variables={name: "1"})
    return _seconds(clock, lambda: str(trial.order_variables(client_id, order_id=order_id).get(name)) == "1")


def _seconds(clock: Clock, shows: Callable[[], bool]) -> float | None:
    """Return how many seconds after the last reply something shows; `None` if not within the time of the waits."""
    if shows():
        return 0.0
    began = clock.monotonic()
    is_shown = any(comes_true(shows, clock) for _ in range(_WAITS))
    return clock.monotonic() - began if is_shown else None


#: What is measured, by the action whose effect it is.
_ACTS: Final[dict[str, Callable[[Trial, Clock], float | None]]] = {
    "load_clients": _client,
    "message": _message,
    "broadcast": _broadcast,
    "callback": _callback,
    "save_variables": _variable,
    "create_order": _deal,
    "set_order_vars": _variable_of_a_deal,
    "add_to_list": _list,
}
