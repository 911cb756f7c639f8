"""What a test tells a project's clock, faults, journal and webhooks; one method per operation.

Results are those of the control interface, whose document (`/docs/control` of a running mock) describes their fields.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

from mavibot_mock.state.facts import SEND_TIME_FORMAT
from mavibot_mock.testing.receiver import URL, deliver_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mavibot_mock.server.faults import Wire
    from mavibot_mock.testing.receiver import Application
    from mavibot_mock.webhook.outbox import AttemptState, Outbox

    #: Makes a call about the project: method, path and what `Connection.call` takes.
    Call = Callable[..., Any]

#: No journal holds more.
_ALL: Final = 10_000


class Filters(TypedDict, total=False):
    """Which calls of the journal are meant.

    Attributes:
        client_id: those whose parameters or reply name this client.
        status: those that were answered with this HTTP status.
        since: those after the one with this number.
    """

    client_id: int
    status: int
    since: int


class ClockControl:
    """The project's clock, and the jobs that wait on it."""

    def __init__(self, call: Call) -> None:
        self._call: Final = call

    def get(self) -> dict[str, Any]:
        """Return what it shows: `now` in Unix seconds, `time`, `stopped`, `next_due`."""
        return self._moved("GET", "/clock")

    def freeze(self) -> dict[str, Any]:
        """Stop it where it is."""
        return self._moved("POST", "/clock/freeze")

    def run(self) -> dict[str, Any]:
        """Start it again from where it is."""
        return self._moved("POST", "/clock/run")

    def set(self, to: float | str | datetime) -> dict[str, Any]:
        """Move it to a moment; what is due until then happens, and its webhooks have gone out on return.

        Args:
            to: Unix seconds, text such as `2026-03-10 09:00:00`, or a `datetime`; without a zone the project's.
        """
        if isinstance(to, datetime):
            to = to.strftime(SEND_TIME_FORMAT) if to.tzinfo is None else to.timestamp()
        return self._moved("POST", "/clock/set", {"to": to})

    def advance(self, by: float | str | timedelta) -> dict[str, Any]:
        """Move it on; what is due until then happens, and its webhooks have gone out on return.

        Args:
            by: seconds, text such as `1h30m`, or a `timedelta`.
        """
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        return self._moved("POST", "/clock/advance", {"by": seconds})

    def run_until_idle(self) -> dict[str, Any]:
        """Move it from job to job until none is left."""
        return self._moved("POST", "/clock/run_until_idle")

    def jobs(self) -> list[dict[str, Any]]:
        """Return what is scheduled, in the order in which it will happen."""
        found: list[dict[str, Any]] = self._call("GET", "/jobs", query={"limit": _ALL})["jobs"]
        return found

    def run_job(self, number: int) -> None:
        """Run a scheduled job now; its webhooks have gone out on return."""
        self._call("POST", f"/jobs/{number}/run")

    def cancel_job(self, number: int) -> None:
        """Drop a scheduled job."""
        self._call("DELETE", f"/jobs/{number}")

    def _moved(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        found: dict[str, Any] = self._call(method, path, body)
        return found


class FaultsControl:
    """Calls that go wrong on purpose."""

    def __init__(self, call: Call) -> None:
        self._call: Final = call

    def add(
        self,
        *,
        action: str | None = None,
        key: str | None = None,
        contains: str | None = None,
        next: int | None = None,
        every: int | None = None,
        after: int | None = None,
        preset: str | None = None,
        status: int | None = None,
        body: Any = None,
        content_type: str | None = None,
        headers: Mapping[str, str] | None = None,
        latency: float | None = None,
        connection: Wire | None = None,
        carried_out: bool | None = None,
    ) -> dict[str, Any]:
        """Make calls go wrong: all that match, unless one of `next`, `every` and `after` is given.

        Args:
            action: only calls of this action.
            key: only calls with this API key.
            contains: only calls with this text in the body or the URL.
            next: only the first n of them.
            every: every n-th of them.
            after: all of them but the first n.
            preset: a failure that the contract knows, such as `over_limit`, `refused_key` or `server_error`.
            status: HTTP status of the answer, instead of a preset.
            body: body of the answer; a text goes out as it is, anything else as JSON.
            content_type: content type of the answer.
            headers: further headers of the answer.
            latency: delay of the answer, or duration of a drip, in real seconds.
            connection: how the connection ends.
            carried_out: whether the call has its effect; by default as long as its own reply is sent.

        Raises:
            MockError: they do not fit together; the message says how.
        """
        when = {"next": next, "every": every, "after": after}
        what = {
            "preset": preset,
            "status": status,
            "body": body,
            "content_type": content_type,
            "headers": headers,
            "latency": latency,
            "connection": connection,
        }
        wanted: dict[str, Any] = {
            "where": _given({"action": action, "key": key, "contains": contains}),
            "when": _given(when) or {"always": True},
            "what": _given(what),
            "carried_out": carried_out,
        }
        added: dict[str, Any] = self._call("POST", "/faults", _given(wanted))
        return added

    def list(self) -> list[dict[str, Any]]:
        """Return all faults, with how many calls each has `seen` and at how many it `fired`."""
        found: list[dict[str, Any]] = self._call("GET", "/faults")
        return found

    def remove(self, number: int) -> None:
        """Remove the fault with this number."""
        self._call("DELETE", f"/faults/{number}")

    def clear(self) -> None:
        """Remove all faults."""
        self._call("DELETE", "/faults")


class InboundControl:
    """What comes from messengers and blocks."""

    def __init__(self, call: Call) -> None:
        self._call: Final = call

    def event(self, event: str, *, client_id: int) -> dict[str, Any]:
        """Report a system event of a client, such as `client_unsubscribed`.

        Returns:
            `client_id`, `is_new`, `message_id` and `answer_id`, the bot's answer or `None`.

        Raises:
            MockError: there is no such client.
        """
        came: dict[str, Any] = self._call("POST", "/inbound", {"client_id": client_id, "event": event})
        return came

    def block_request(
        self,
        url: str,
        *,
        client_id: int,
        body: Mapping[str, Any] | None = None,
        form: bool = False,
        headers: Mapping[str, str] | None = None,
        save: Iterable[str] = (),
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Call your server as a block of the flow does, in the middle of a dialogue, and save what it answers.

        In address, body and headers `#{client_id}` and `#{name}` of any variable of the client stand for their values.

        Args:
            url: address of your server, on this machine unless the mock allows its host.
            client_id: the client in whose dialogue the block runs.
            body: what the block sends, in any shape; without it the body is empty.
            form: send a form instead of JSON.
            headers: further headers, such as a secret.
            save: what to save of a JSON reply, each as `path -> variable`, such as `data|price -> client.price`.
            timeout: seconds within which the whole reply must come; 13 where it is left out.

        Returns:
            `request` as it was sent, `status`, `reply`, `error`, the variables `saved`, and paths that are `missing`.

        Raises:
            MockError: there is no such client, or the address may not be used.
        """
        wanted = {
            "url": url,
            "client_id": client_id,
            "body": body,
            "form": form,
            "headers": headers,
            "save": list(save),
            "timeout": timeout,
        }
        answer: dict[str, Any] = self._call("POST", "/block_requests", _given(wanted))
        return answer


class JournalControl:
    """The calls of the project, refused ones too."""

    def __init__(self, call: Call) -> None:
        self._call: Final = call

    def calls(
        self, action: str | None = None, *, limit: int = _ALL, **filters: Unpack[Filters]
    ) -> list[dict[str, Any]]:
        """Return calls, oldest first.

        Args:
            action: only those of this action.
            limit: how many at most, the newest.
            filters: which calls.
        """
        found: list[dict[str, Any]] = self._call("GET", "/journal", query={"action": action, "limit": limit, **filters})
        return found

    def call(self, number: int) -> dict[str, Any]:
        """Return one call, with `curl` and `python` that repeat it."""
        found: dict[str, Any] = self._call("GET", f"/journal/{number}")
        return found

    def count(self, action: str | None = None, **filters: Unpack[Filters]) -> int:
        """Return how many calls there were."""
        found: int = self._call("GET", "/journal/count", query={"action": action, **filters})["count"]
        return found

    def repeat(self, number: int) -> dict[str, Any]:
        """Make a call once more with the key that it had, and return the new call."""
        found: dict[str, Any] = self._call("POST", f"/journal/{number}/repeat")
        return found

    def wait_for(
        self, action: str | None = None, *, n: int = 1, timeout: float = 10, **filters: Unpack[Filters]
    ) -> list[dict[str, Any]]:
        """Wait until there were at least `n` calls, and return them.

        Args:
            action: only calls of this action count.
            n: how many calls are wanted; those made before count too, unless `since` is given.
            timeout: longest wait, real seconds.
            filters: which calls count.

        Raises:
            AssertionError: there were fewer in time; the message names the nearest calls.
        """
        __tracebackhide__ = True
        found: list[dict[str, Any]] = self._call(
            "GET", "/journal/wait", query={"action": action, "n": n, "timeout": timeout, **filters}
        )
        return found

    def clear(self) -> None:
        """Forget all calls; the numbers go on."""
        self._call("DELETE", "/journal")


class WebhooksControl:
    """What the project posts to its webhook address: one attempt for each message."""

    def __init__(self, call: Call, outbox: Callable[[], Outbox]) -> None:
        self._call: Final = call
        self._outbox: Final = outbox

    def deliver_to(self, application: Application | None, path: str = "/") -> None:
        """Hand events to an application in this process from now on, instead of posting them to the webhook address.

        The application runs in another thread than the test, without its lifespan. What it raises is the error of the
        attempt.

        Args:
            application: an ASGI or WSGI application, such as one of FastAPI, Django or Flask; `None` for the webhook
                address again.
            path: path of the address that it sees, with a query if there is one.

        Raises:
            MockError: the mock runs in another process.
        """
        outbox = self._outbox()
        if application is None:
            outbox.receiver = None
        else:
            url = URL + path
            outbox.receiver = url, deliver_to(application, url)

    def attempts(
        self, *, state: AttemptState | None = None, message_id: int | None = None, after: int | None = None
    ) -> list[dict[str, Any]]:
        """Return attempts, oldest first.

        Args:
            state: only those in this state.
            message_id: only attempts that post this message.
            after: only those with a higher number.
        """
        query = {"state": state, "message_id": message_id, "after": after}
        return self._attempts("GET", "", query=query)

    def wait_for(
        self, count: int = 1, *, message_id: int | None = None, after: int | None = None, timeout: float = 10
    ) -> list[dict[str, Any]]:
        """Wait until at least `count` attempts were made, and return them.

        Args:
            count: how many are wanted; those made before count too, unless `after` is given.
            message_id: only attempts that post this message count.
            after: only those with a higher number count.
            timeout: longest wait, real seconds.

        Raises:
            AssertionError: there were fewer in time.
        """
        __tracebackhide__ = True
        wanted = {"count": count, "message_id": message_id, "after": after, "timeout": timeout}
        return self._attempts("POST", "/wait", _given(wanted))

    def settle(self, *, timeout: float = 10) -> list[dict[str, Any]]:
        """Wait until everything went out that is not held, and return all attempts.

        Raises:
            AssertionError: it took longer than `timeout` seconds.
        """
        __tracebackhide__ = True
        return self._attempts("POST", "/settle", {"timeout": timeout})

    def hold(self) -> None:
        """Hold events until they are released."""
        self._call("POST", "/webhooks/hold")

    def release(self) -> None:
        """Release what was held, in its order."""
        self._call("POST", "/webhooks/release")

    def redeliver(self, number: int) -> dict[str, Any]:
        """Send the event of an attempt once more, and return the new attempt."""
        found: dict[str, Any] = self._call("POST", f"/webhooks/{number}/redeliver")
        return found

    def _attempts(self, method: str, path: str, body: Any = None, **more: Any) -> list[dict[str, Any]]:
        __tracebackhide__ = True
        found: list[dict[str, Any]] = self._call(method, f"/webhooks{path}", body, **more)["attempts"]
        return found


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
