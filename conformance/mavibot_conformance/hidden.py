"""Finds out whether a server leaves callbacks out of the history: the document does not say that it shows them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mavibot_conformance.lateness import SHOWS_NOTHING
from mavibot_conformance.rules.calls import SAVING, reached, text_of, valid

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial


def is_hidden(trial: Trial, action: str) -> bool:
    """Return True if `get_history` does not show a callback, unless it can be seen that this has done nothing at all.

    Args:
        trial: makes the calls; its test data is cleaned up by whoever made it.
        action: the callback; `callback` is tried in the place of one that saves no variables.

    Raises:
        UnreachableError: the server does not answer.
    """
    tried = action if action in SAVING else "callback"
    with suppress(*SHOWS_NOTHING):
        parameters, name = valid(trial, tried), trial.nonce()
        text = text_of(parameters)
        further: dict[str, Any] = {f"client.{name}": text}
        trial.ok(tried, **parameters, **further)
        client_id = reached(trial, tried, parameters)
        if not trial.until(lambda: text in trial.texts(client_id)):
            return _is_saved(trial, client_id, name, text)
    return False


def _is_saved(trial: Trial, client_id: int, name: str, value: str) -> bool:
    """Return True if a client has a variable, or if nothing shows whether it has."""
    with suppress(*SHOWS_NOTHING):
        return trial.until(lambda: trial.variables(client_id).get(name) == value)
    return True
