"""What a call answers: a status and a body, and the refusals that actions share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mavibot_mock.actions.call import Call


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one call.

    Attributes:
        status: HTTP status.
        body: text goes out as it is, anything else as JSON.
        headers: further headers.
        label: content type, where it is not plain text or JSON.
    """

    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)
    label: str | None = None


#: What the platform answers where it returns no data: text or JSON.
_OK: Final = Reply(200, "ok")
_SUCCESS: Final = Reply(200, {"status": "success"})


class RefusedError(Exception):
    """The call is refused with this reply, and nothing of it is kept."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body)
        self.reply: Final = reply


def done(call: Call) -> Reply:
    """Return the answer of an action without data: text or JSON as the project is set, where the contract has both."""
    offers_text = "text/plain" in call.operation.responses["200"]["content"]
    return _OK if offers_text and call.project.settings.success_reply == "text" else _SUCCESS


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


def client_not_found() -> RefusedError:
    """Return the refusal of a call that names a client whom the project does not have."""
    return RefusedError(Reply(404, {"status": "client_not_found"}))
