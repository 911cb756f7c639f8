"""Faults on purpose: which calls go wrong, and how; always the same way, never by chance."""

from __future__ import annotations

from dataclasses import dataclass
from json import dumps
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote, quote_plus

import mavibot_contract
from mavibot_mock.request.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mavibot_mock.request.body import Sent

#: How the connection ends: without any answer, torn down, closed, closed inside the answer, or the answer byte by byte.
Wire = Literal["never", "reset", "empty", "truncated", "drip"]
#: When a fault fires, of the calls that it fits: the first n, each n-th, or those after n.
When = Literal["always", "next", "every", "after"]


class ConnectionLostError(Exception):
    """The caller gets no whole answer; raised where the mock is called in process and has no connection to break.

    Attributes:
        how: `never`, as if the answer took longer than the caller waits; `reset`; `empty`; or `truncated`.
    """

    def __init__(self, how: Wire) -> None:
        super().__init__(f"a fault of the mock: {how}")
        self.how: Final = how


@dataclass(slots=True)
class Fault:
    """What goes wrong, for which calls, and how many times.

    Attributes:
        action: only calls of this action.
        key: only calls with this API key.
        contains: only calls with this text in the body or the URL.
        when: which of the calls that fit.
        n: the number that belongs to `when`.
        answer: what is answered instead of the true reply, or `None` for that one.
        latency: how long the answer is kept back, real seconds.
        wire: what happens to the connection.
        carried_out: whether the call has its effect.
        number: number of the fault in its project.
        seen: calls that fitted.
        fired: calls that went wrong.
    """

    action: str | None = None
    key: str | None = None
    contains: str | None = None
    when: When = "always"
    n: int = 0
    answer: Reply | None = None
    latency: float = 0.0
    wire: Wire | None = None
    carried_out: bool = True
    number: int = 0
    seen: int = 0
    fired: int = 0

    @property
    def is_silent(self) -> bool:
        """Whether nothing of an answer gets through."""
        return self.wire in ("never", "reset", "empty")

    def fires(self, key: str, action: str, sent: Sent) -> bool:
        """Count a call and return True if it goes wrong."""
        if self.action not in (None, action) or self.key not in (None, key) or not self._is_in(sent):
            return False
        self.seen += 1
        due = {
            "always": True,
            "next": self.seen <= self.n,
            "every": self.n > 0 and self.seen % self.n == 0,
            "after": self.seen > self.n,
        }[self.when]
        self.fired += due
        return due

    def _is_in(self, sent: Sent) -> bool:
        if self.contains is None:
            return True
        forms = {self.contains, dumps(self.contains)[1:-1], quote(self.contains), quote_plus(self.contains)}
        return any(form.encode() in place for form in forms for place in (sent.body, sent.query))


class Faults:
    """The faults of one project, in the order in which they were added."""

    def __init__(self, *, changed: Callable[[], object] = lambda: None) -> None:
        """Begin without faults.

        Args:
            changed: called when a fault is added or removed.
        """
        self._faults: Final[dict[int, Fault]] = {}
        self._count = 0
        self._changed: Final = changed

    def add(self, fault: Fault) -> None:
        """Add a fault; it gets its number."""
        self._count += 1
        fault.number = self._count
        self._faults[fault.number] = fault
        self._changed()

    def remove(self, number: int) -> bool:
        """Remove a fault and return True if there was one."""
        found = self._faults.pop(number, None) is not None
        self._changed()
        return found

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()
        self._changed()

    @property
    def are_set(self) -> bool:
        """Whether there are any."""
        return bool(self._faults)

    def listed(self) -> list[Fault]:
        """Return the faults, oldest first."""
        return list(self._faults.values())

    def find(self, key: str, action: str, sent: Sent) -> Fault | None:
        """Return the first fault that fires at a call; those behind it do not count the call."""
        if not self._faults:
            return None
        return next((fault for fault in self._faults.values() if fault.fires(key, action, sent)), None)


def _presets() -> dict[str, Reply]:
    responses = mavibot_contract.load().document["components"]["responses"]

    def answer(status: int, response: str, content_type: str = "application/json", **headers: str) -> Reply:
        return Reply(status, responses[response]["content"][content_type]["example"], headers, content_type)

    return {
        "invalid_parameters": answer(400, "InvalidParameters"),
        "refused_key": answer(401, "RefusedKey"),
        "refused_permission": answer(403, "RefusedPermission"),
        "client_not_found": answer(404, "ClientNotFound"),
        "over_limit": answer(429, "OverLimit", **{"Retry-After": "1"}),
        "failure": answer(200, "Unexpected"),
        "server_error": answer(500, "Unexpected"),
        "server_error_text": answer(500, "Unexpected", "text/plain"),
        "bad_gateway_page": answer(502, "Unexpected", "text/html"),
    }


#: The failures that the contract knows, by name; the bodies are its examples.
PRESETS: Final[Mapping[str, Reply]] = _presets()
