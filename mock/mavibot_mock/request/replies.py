"""The reply to a call: a status and a body, and the refusals that all actions share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from mavibot_mock.state.errors import ClientNotFoundError, DomainError, NotFoundError
from mavibot_mock.state.store.database import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one call.

    Attributes:
        status: HTTP status.
        body: text goes out as it is, anything else as JSON.
        headers: further headers.
        content_type: where it is neither plain text nor JSON.
    """

    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = None


class RefusedError(Exception):
    """The call is refused with this reply, and nothing that it changed is kept.

    Attributes:
        reply: the reply.
        deviations: how the call deviates from the contract, in words and as far as it was read.
    """

    def __init__(self, reply: Reply, deviations: Sequence[str] = ()) -> None:
        super().__init__(reply.body)
        self.reply: Final = reply
        self.deviations: Final = deviations


#: The reply to a call for a client that the project does not have.
CLIENT_NOT_FOUND: Final = Reply(404, {"status": "client_not_found"})


def reply_to(error: RefusedError | DomainError | StorageError) -> Reply:
    """Return how an error is answered."""
    match error:
        case RefusedError():
            return error.reply
        case StorageError():
            return fail(507, str(error))
        case ClientNotFoundError():
            return CLIENT_NOT_FOUND
        case NotFoundError():
            return fail(404, str(error))
        case _:
            return fail(400, str(error))


def fail(status: int, message: str) -> Reply:
    """Return a failure in the platform's envelope."""
    return Reply(status, {"status": "fail", "message": message})


def wrong_method(method: str, allow: Iterable[str]) -> Reply:
    """Return the refusal of a method by which nothing works, with those that are offered."""
    offered = tuple(allow)
    return replace(fail(405, f"{method}: use {' or '.join(offered)}"), headers={"Allow": ", ".join(offered)})


def invalid(message: str) -> RefusedError:
    """Return the refusal of a call whose parameters are wrong; `message` names the parameter."""
    return RefusedError(fail(400, message))
