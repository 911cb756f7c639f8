"""Every error that the client raises.

MavibotError
├── ConfigurationError      nothing was sent: a setting of the client is missing or malformed
├── UnknownAction           nothing was sent: the API has no such action
├── InvalidParameters       nothing was sent: the parameters break the contract
├── ResumeError             a bulk run cannot use its resume file
├── IncompleteHistory       part of a history cannot be read through this API
├── ConnectionFailed        no answer; `sent` says whether the server may have carried the call out
│   ├── TimedOut
│   └── UntrustedCertificate  nothing was sent: whoever answers is not known to be the server
├── ApiError                the server answered, and the call failed
│   ├── RefusedKey
│   ├── RefusedPermission
│   ├── NotFound
│   │   ├── ClientNotFound
│   │   └── OrderNotFound
│   ├── RejectedRequest
│   ├── RateLimited
│   ├── ServerError
│   └── UnexpectedReply
│       └── UnreadableReply   accepted, but the data of the answer cannot be read
└── webhooks.InvalidEvent   the body of a webhook request is not an event

No error holds the API key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Any, Final, Self

from mavibot._secrets import hidden

__all__ = [
    "Advice",
    "ApiError",
    "ClientNotFound",
    "ConfigurationError",
    "ConnectionFailed",
    "IncompleteHistory",
    "InvalidParameters",
    "MavibotError",
    "NotFound",
    "OrderNotFound",
    "Problem",
    "RateLimited",
    "RefusedKey",
    "RefusedPermission",
    "RejectedRequest",
    "ResumeError",
    "ServerError",
    "TimedOut",
    "UnexpectedReply",
    "UnknownAction",
    "UnreadableReply",
    "UntrustedCertificate",
]

_SHOWN: Final = 200
_SHOWN_OF_A_VALUE: Final = 60
_MOST_DIGITS: Final = 30


def shown(value: object) -> str:
    """Return the beginning of a value's repr, without a key, for the text of an error."""
    if isinstance(value, int) and abs(value) >= 10**_MOST_DIGITS:
        return f"a number of more than {_MOST_DIGITS} digits"  # so many digits look like a key
    try:
        text = hidden(repr(value))  # before it is cut: half a key must not be shown either
    except Exception:  # a deep list, or an error in a class's own __repr__
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= _SHOWN_OF_A_VALUE else f"{text[:_SHOWN_OF_A_VALUE]}…"


class MavibotError(Exception):
    """Root of all errors of this package.

    Attributes:
        sent: whether the server may have carried the call out, in any of its attempts.
    """

    sent: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are rebuilt from their attributes, so that they survive a process pool or a task queue.
        return _rebuild, (type(self), self.args, self.__dict__)

    @classmethod
    def _rebuilt(cls, args: tuple[Any, ...], attributes: dict[str, Any]) -> Self:
        error = cls.__new__(cls, *args)
        error.args = args
        error.__dict__.update(attributes)
        return error


def _rebuild(kind: type[MavibotError], args: tuple[Any, ...], attributes: dict[str, Any]) -> MavibotError:
    return kind._rebuilt(args, attributes)


class Advice(Enum):
    """How to fix a problem, in the words of a Python program; the command line has words of its own for each."""

    USE_POST = 'use method="POST"'
    USE_POST_OR_EMPTY_TEXT = 'use method="POST", or "" in place of None'
    USE_VARIABLES = "to save a variable of this name, pass it in variables={…}"
    USE_FIXED = "a constant belongs in fixed={…}"
    GIVE_API_KEY = "or pass api_key=…"
    GIVE_BASE_URL = "or pass base_url=…"


_IN_PYTHON: Final = {advice: advice.value for advice in Advice}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one parameter or setting.

    Attributes:
        field: path of the parameter, such as `clients[3].group_id`, or name of the setting; empty where several
            together are wrong.
        reason: what is wrong, and how to fix it where every interface says that alike.
        advice: how to fix it where that depends on how the caller passes the value.
    """

    field: str
    reason: str
    advice: Advice | None = None

    @property
    def message(self) -> str:
        """What is wrong and how to fix it, without the field."""
        return self.text(_IN_PYTHON, field="")

    def text(self, words: Mapping[Advice, str], field: str | None = None) -> str:
        """Return the problem as one line.

        Args:
            words: what to say for each advice.
            field: another name for the field.
        """
        name = self.field if field is None else field
        message = self.reason if self.advice is None else f"{self.reason}; {words[self.advice]}"
        return f"{name}: {message}" if name else message

    def __str__(self) -> str:
        return self.text(_IN_PYTHON)


def _without_keys(problem: Problem) -> Problem:
    return replace(problem, field=hidden(problem.field), reason=hidden(problem.reason))


class ConfigurationError(MavibotError, ValueError):
    """The API key, the base URL or another setting of the client is missing or malformed.

    Attributes:
        problem: the setting and what is wrong with it.
    """

    def __init__(self, setting: str, reason: str, advice: Advice | None = None) -> None:
        self.problem = _without_keys(Problem(setting, reason, advice))
        super().__init__(str(self.problem))


class UnknownAction(MavibotError, LookupError):
    """The API has no action of this name.

    Attributes:
        action: the name that was asked for.
        suggestion: the action that was probably meant, if one is similar.
    """

    def __init__(self, action: str, suggestion: str | None) -> None:
        self.action = hidden(action)
        self.suggestion = suggestion
        hint = f"; did you mean {suggestion!r}?" if suggestion else ""
        super().__init__(f"the API has no action {self.action!r}{hint}")


class InvalidParameters(MavibotError, ValueError):
    """The parameters break the contract; nothing was sent.

    Attributes:
        action: action that was called.
        problems: everything that is wrong, in the order of the parameters.
    """

    def __init__(self, action: str, problems: list[Problem]) -> None:
        self.action = action
        self.problems = list(map(_without_keys, problems))
        super().__init__(f"{action}: " + "; ".join(map(str, self.problems)))


class ConnectionFailed(MavibotError):
    """No answer came because the connection could not be made or broke.

    Attributes:
        action: action that was called.
        attempts: number of attempts that were made.
    """

    attempts = 1

    def __init__(self, action: str, reason: str, *, sent: bool) -> None:
        self.action = action
        self.sent = sent
        super().__init__(f"{action}: {reason}")

    def __str__(self) -> str:
        doubt = "the server may have carried it out" if self.sent else "nothing was sent"
        return f"{super().__str__()}; {doubt}"


class TimedOut(ConnectionFailed):
    """No answer came in time."""


class UntrustedCertificate(ConnectionFailed):
    """The server's certificate is not trusted, has expired or is for another host. It is not tried again."""


class ApiError(MavibotError):
    """The server answered that the call failed, or gave a reply that the contract does not define.

    Attributes:
        action: action that was called.
        http_status: HTTP status of the answer; a failure can come with 200.
        body: the raw body of the answer, as text.
        attempts: number of attempts that were made.
    """

    attempts = 1

    def __init__(self, action: str, http_status: int, body: str, reason: str | None = None) -> None:
        self.action = action
        self.http_status = http_status
        self.body = body
        shown = body if len(body) <= _SHOWN else f"{body[:_SHOWN]}…"
        super().__init__(f"{action}: {reason or 'the call failed'} (HTTP {http_status}): {shown or 'empty body'}")


class RefusedKey(ApiError):
    """The API key is unknown or revoked."""


class RefusedPermission(ApiError):
    """The API key lacks the permission that the action needs.

    Attributes:
        permission: the permission that the contract names for the action; `None` for an action that it does not know.
    """

    def __init__(self, action: str, http_status: int, body: str, permission: str | None) -> None:
        self.permission = permission
        lacking = f"the permission {permission!r}" if permission else "the permission for it"
        super().__init__(action, http_status, body, f"the API key probably lacks {lacking}")


class NotFound(ApiError):
    """What the call is about does not exist."""


class ClientNotFound(NotFound):
    """The project has no such client; mind that a messenger's own id is not a `client_id`."""


class OrderNotFound(NotFound):
    """The client has no such deal."""


class RejectedRequest(ApiError):
    """The server refused the request; the body says why."""


class RateLimited(ApiError):
    """Too many calls.

    Attributes:
        retry_after: seconds to wait as the server says, or `None` if it does not say.
    """

    def __init__(self, action: str, http_status: int, body: str, retry_after: float | None) -> None:
        self.retry_after = retry_after
        super().__init__(action, http_status, body, "too many calls")


class ServerError(ApiError):
    """The server failed; a read can be repeated later.

    Attributes:
        retry_after: seconds to wait as the server says, or `None` if it does not say.
    """

    # A gateway's 502 or 504 comes also when the server behind it has done its work.
    sent = True

    def __init__(
        self, action: str, http_status: int, body: str, retry_after: float | None, reason: str = "the server failed"
    ) -> None:
        self.retry_after = retry_after
        super().__init__(action, http_status, body, reason)


class UnexpectedReply(ApiError):
    """The contract does not define this reply; the raw body is kept."""

    sent = True


class UnreadableReply(UnexpectedReply):
    """The server accepted the call, but the data of its answer cannot be read. Do not simply repeat the call.

    Attributes:
        accepted: always true: by its status the call was carried out.
    """

    accepted = True


class IncompleteHistory(MavibotError):
    """The rest of a history cannot be read, because one day holds more messages than the API gives at once.

    Attributes:
        client_id: client whose history was read.
        day: the crowded day, as UTC counts it.
    """

    def __init__(self, client_id: int | str, day: date, reason: str) -> None:
        self.client_id = client_id
        self.day = day
        super().__init__(f"get_history: client {client_id} {reason}")


class ResumeError(MavibotError):
    """A resume file cannot be used for this run; nothing was sent because of it.

    Attributes:
        path: the resume file.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        super().__init__(f"resume file {path}: {reason}")
