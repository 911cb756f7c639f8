"""The errors of the domain: why a project's state does not allow what is wanted.

    DomainError
    ├── InvalidValueError     a value is wrong
    └── NotFoundError         what a value names does not exist
        └── ClientNotFoundError

`request.replies.reply_to` says how each is answered over HTTP.
"""

from __future__ import annotations


class DomainError(Exception):
    """What is wanted is not possible; the message names the field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")


class InvalidValueError(DomainError):
    """A value is wrong, or does not suit the project."""


class NotFoundError(DomainError):
    """The project does not have what a value names."""


class ClientNotFoundError(NotFoundError):
    """The project does not have the client that a value means."""

    def __init__(self) -> None:
        super().__init__("client", "the project does not have it")
