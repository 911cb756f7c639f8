"""Finds the handler of each action by name: for an action with the tag `deals`, a function in `actions/deals.py`.

`refuse_<action>` beside it, where there is one, words the refusal of wrong parameters.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import isfunction
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mavibot_contract import Contract, Operation
    from mavibot_mock.actions.call import Call
    from mavibot_mock.request.replies import Reply
    from mavibot_mock.state.steps import Steps

    #: Carries out an action, at once or in steps.
    Handler = Callable[[Call], Reply | Steps[Reply]]
    Refuse = Callable[[Operation, Mapping[str, Any] | None], Reply]

_PACKAGE: Final = "mavibot_mock.actions"

_FUNCTION: Final = '''\
    def {action}(call: Call) -> Reply:
        """{summary}."""
        return Reply(200, {{...}})
'''
_HEAD: Final = """\
    \"\"\"Actions of the group `{tag}`.\"\"\"

    from __future__ import annotations

    from mavibot_mock.actions.call import Call
    from mavibot_mock.request.replies import Reply


"""


class MissingHandlersError(ValueError):
    """The contract has actions that the mock does not; the message names the files and the functions to write."""

    def __init__(self, missing: Iterable[str]) -> None:
        super().__init__("\n".join(missing))


@cache
def handlers() -> dict[str, Handler]:
    """Return the function that carries out each action of the contract, by action.

    Raises:
        MissingHandlersError: an action has none.
    """
    contract = mavibot_contract.load()
    missing = missing_handlers(contract)
    if missing:
        raise MissingHandlersError(missing)
    return {action: _find(contract.operation(action), action) for action in contract.actions}


def missing_handlers(contract: Contract) -> list[str]:
    """Return one text for each action without a handler: the file and the function to write."""
    operations = map(contract.operation, contract.actions)
    return [_missing(operation) for operation in operations if _find(operation, operation.action) is None]


def refusal_of(operation: Operation) -> Refuse | None:
    """Return how an action refuses wrong parameters, where the document gives it words of its own."""
    refuse: Refuse | None = _find(operation, f"refuse_{operation.action}")
    return refuse


def _find(operation: Operation, name: str) -> Any:
    """Return the function that the module of the operation's tag defines under a name, or `None`."""
    module = f"{_PACKAGE}.{operation.tag}"
    found = getattr(import_module(module), name, None) if find_spec(module) else None
    # What a module merely imports is not a handler.
    return found if isfunction(found) and found.__module__ == module else None


def _missing(operation: Operation) -> str:
    is_new = find_spec(f"{_PACKAGE}.{operation.tag}") is None
    function = _FUNCTION.format(action=operation.action, summary=operation.summary.rstrip("."))
    file = f"mock/mavibot_mock/actions/{operation.tag}.py"
    place = f"make {file} with" if is_new else f"add to {file}"
    return f"the mock has no handler for the action {operation.action}; {place}:\n\n" + (
        _HEAD.format(tag=operation.tag) + function if is_new else function
    )
