"""What the calls of a bulk run carry: many items as one parameter, or a message each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol, TypedDict

import mavibot_contract
from mavibot.errors import InvalidParameters, Problem, shown

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

_MESSAGE: Final = "message"
_CLIENT: Final = "client_id"


class RunOptions(TypedDict, total=False):
    """How a bulk run works; all keys are optional.

    Attributes:
        chunk_size: items per call; the contract's limit, which is also the maximum, or 100 if it has none.
        concurrency: calls under way at a time; 1 for actions that reach people, which also keeps the order, else 4.
        on_progress: called after each chunk with the number of items processed so far, whatever their outcome, and
            with the number of all items, or `None` if the items have no length.
        resume: path of a file with which a crashed run continues where it stopped.
        repeat_unknown: resend chunks that may have arrived in an earlier run. It matters only for actions that reach
            people: others are repeated anyway, because that is harmless.
    """

    chunk_size: int | None
    concurrency: int | None
    on_progress: Callable[[int, int | None], object] | None
    resume: str | os.PathLike[str] | None
    repeat_unknown: bool


class Job(Protocol):
    """One action over many items."""

    @property
    def action(self) -> str:
        """The action."""
        ...

    @property
    def items_name(self) -> str:
        """What the items are called in an error."""
        ...

    @property
    def constants(self) -> Mapping[str, Any]:
        """Parameters that are the same for all items."""
        ...

    @property
    def options(self) -> RunOptions:
        """How the run works."""
        ...

    @property
    def most_items(self) -> int | None:
        """Maximum number of items per call, or `None` if there is none."""
        ...

    def parameters(self, items: Sequence[Any]) -> Mapping[str, Any]:
        """Return the parameters of a call.

        Raises:
            InvalidParameters: an item has the wrong shape.
        """
        ...

    def culprit(self, problem: Problem) -> tuple[int, Problem] | None:
        """Return the index among the items of a call of the one that a problem is about, and what is wrong with it.

        `None` if the problem is about a parameter that is the same for all.
        """
        ...


@dataclass(frozen=True, slots=True)
class ListJob:
    """An action that takes many items in one of its parameters, `items_name`."""

    action: str
    items_name: str
    constants: Mapping[str, Any]
    options: RunOptions

    @property
    def most_items(self) -> int | None:
        greatest: int | None = (
            mavibot_contract.load().operation(self.action).schema["properties"][self.items_name].get("maxItems")
        )
        return greatest

    def parameters(self, items: Sequence[Any]) -> Mapping[str, Any]:
        return {**self.constants, self.items_name: list(items)}

    def culprit(self, problem: Problem) -> tuple[int, Problem] | None:
        match = re.fullmatch(rf"{self.items_name}\[(\d+)\][.]?(.*)", problem.field)
        return None if match is None else (int(match[1]), replace(problem, field=match[2]))


@dataclass(frozen=True, slots=True)
class MessageJob:
    """The action `message`, once for each pair of a client and a text or other parameters."""

    options: RunOptions
    action: str = _MESSAGE
    items_name: str = "items"
    constants: Mapping[str, Any] = field(default_factory=dict)
    most_items: int | None = 1

    def parameters(self, items: Sequence[Any]) -> Mapping[str, Any]:
        (item,) = items
        match item:
            case [client_id, str() as text]:
                return {_CLIENT: client_id, "message": text}
            case [client_id, Mapping() as fields] if _CLIENT not in fields and all(isinstance(n, str) for n in fields):
                return {_CLIENT: client_id, **fields}
        raise InvalidParameters(
            _MESSAGE,
            [Problem("", f"must be (client_id, message) or (client_id, {{parameter: value, …}}), got {shown(item)}")],
        )

    def culprit(self, problem: Problem) -> tuple[int, Problem] | None:
        return 0, problem
