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


def measured(trial: Trial, clock: Clock) -> float:
    """Return how many seconds after a reply what the call did shows; 0 if at once, or if nothing does.

    Args:
        trial: makes the calls; its test data is cleaned up by whoever made it.
        clock: measures.

    Raises:
        UnreachableError: the server does not answer.
    """
    latest = 0.0
    for act in (_message, _broadcast, _callback, _variable, _list):
        with suppress(*SHOWS_NOTHING):
            for _ in range(_TIMES):
                seconds = act(trial, clock)
                if seconds is None:
                    break
                latest = max(latest, seconds)
    return latest


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


def _seconds(clock: Clock, shows: Callable[[], bool]) -> float | None:
    """Return how many seconds after the last reply something shows; `None` if not within the time of the waits."""
    if shows():
        return 0.0
    began = clock.monotonic()
    is_shown = any(comes_true(shows, clock) for _ in range(_WAITS))
    return clock.monotonic() - began if is_shown else None
