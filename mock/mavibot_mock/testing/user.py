"""A person in a messenger: writes to the bot, presses its buttons, and looks at what it has sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

from mavibot_mock.testing.connection import MockError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    #: Makes a call about the project: method, path and what `Connection.call` takes.
    Call = Callable[..., Any]

_MOST: Final = 10_000
_SHOWN: Final = 20
_BLOCKED: Final = "The client has blocked the bot"
#: What finds a person in a messenger.
_CHANNEL: Final = ("client_type", "group_id", "platform_id")
_INVALID: Final = 400
_MARKS: Final = {"client": "user", "bot": "bot", "callback": "callback", "event": "event"}


class Person(TypedDict, total=False):
    """Who a user is in a messenger; one who is not there yet is created by the first thing that the user does.

    Attributes:
        client_type: number of the messenger.
        group_id: channel of the messenger; empty for telephony.
        platform_id: the user's id in the messenger.
        name: name of a new client.
        avatar: address of the picture of a new client.
        tag: start parameter of the link that led a new client here.
    """

    client_type: int
    group_id: str | int
    platform_id: str | int
    name: str
    avatar: str
    tag: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message that a user has got.

    Attributes:
        id: id in the history.
        text: its text.
        buttons: captions of the buttons under it.
        files: addresses of its files.
        time: when it came, Unix seconds on the project's clock.
    """

    id: int
    text: str
    buttons: list[str]
    files: list[str]
    time: float


class Seen(list[str]):
    """Texts that a user has seen; where pytest compares them in vain, it shows the conversation.

    Attributes:
        conversation: the conversation as text.
    """

    conversation: str = ""


@dataclass(slots=True)
class Looks:
    """What the users of a project have seen; it is kept by the `Mock`, so that each `user(25554)` is the same person.

    Attributes:
        begun: id of the newest message when the state began, which is older than any that a user looks for.
        last: id of the last message that a client has seen, by the client's id.
    """

    begun: int = 0
    last: dict[int, int] = field(default_factory=dict)

    def begin(self, newest: int) -> None:
        """Begin anew with another state, whose newest message has this id; users that are there already go on."""
        self.begun = newest
        self.last.clear()


class User:
    """A person who talks to the bot in one channel.

    What a user does returns `client_id`, `is_new`, `message_id` and `answer_id`, the bot's answer or `None`.
    """

    def __init__(self, call: Call, looks: Looks, client_id: int | None = None, **person: Unpack[Person]) -> None:
        """Play a client of the project, who may be new; `Mock.user` does so."""
        if (client_id is None) == (not person):
            raise ValueError("user: give either client_id, or client_type, group_id and platform_id")
        self._project: Final = call
        self._looks: Final = looks
        self._client_id: Final = client_id
        self._person: Final = person

    @property
    def id(self) -> int:
        """The client's id.

        Raises:
            MockError: the client is not there yet.
        """
        client_id = self._found()
        if client_id is None:
            raise MockError("user: a new client is created by the first thing that the user does")
        return client_id

    def says(self, text: str) -> dict[str, Any]:
        """Write a text.

        Raises:
            MockError: the text is empty or too long, or there is no such client or channel; like every message of a
                failure it shows the conversation.
        """
        return self._does(text=text)

    def sends(self, url: str, *, text: str | None = None) -> dict[str, Any]:
        """Send a file by its address, with or without a text."""
        return self._does(attachments=[url], **({} if text is None else {"text": text}))

    def presses(self, button: str) -> dict[str, Any]:
        """Press one of the buttons that the user was sent last, named by its caption or its `callback`.

        That sends the button's `callback`, or the caption where it has none.

        Raises:
            AssertionError: there is no such button, or several have this caption; the message shows the conversation.
            MockError: there is no such client or channel.
        """
        __tracebackhide__ = True
        try:
            return self._does(button=button)
        except MockError as error:
            if error.status == _INVALID:
                raise AssertionError(str(error)) from None
            raise

    def reports(self, event: str) -> dict[str, Any]:
        """Let the messenger report a system event of the user, such as `client_unsubscribed`."""
        return self._does(event=event)

    def blocks_the_bot(self, reason: str = _BLOCKED) -> None:
        """Block the bot: nothing reaches the user; calls still succeed, and history and webhook give the reason."""
        self._call("PUT", f"/clients/{self.id}/block", {"reason": reason})

    def unblocks_the_bot(self) -> None:
        """Unblock the bot."""
        self._call("DELETE", f"/clients/{self.id}/block")

    def sees(self) -> Seen:
        """Return the texts that have come since the last look; of a file without a text its address.

        At the first look, those that have come since the `Mock` was made, or its project reset. A new client, who is
        not there before the first thing that the user does, sees nothing.

        Raises:
            MockError: the project has no client with the id that was given.
        """
        __tracebackhide__ = True
        client_id = self._found()
        messages = (
            [] if client_id is None else self._got(client_id, after=self._looks.last.get(client_id, self._looks.begun))
        )
        if client_id is not None and messages:
            self._looks.last[client_id] = messages[-1].id
        seen = Seen(message.text or " ".join(message.files) for message in messages)
        seen.conversation = str(self)
        return seen

    @property
    def last(self) -> Message:
        """The last message that the user has got.

        Raises:
            AssertionError: there is none; the message shows the conversation.
        """
        __tracebackhide__ = True
        client_id = self._found()
        messages = [] if client_id is None else self._got(client_id, after=0)
        if not messages:
            who = "the new client" if client_id is None else f"client {client_id}"
            raise AssertionError(f"{who} has got no message\n{self}")
        return messages[-1]

    def __str__(self) -> str:
        """Return the end of the conversation, one line per message, with buttons, files and what did not arrive."""
        try:
            client_id = self._found()
            if client_id is None:
                return "a new client, who has done nothing yet"
            query = {"limit": _SHOWN}
            rows = self._project("GET", f"/clients/{client_id}/messages", query=query)
        except MockError as error:
            return f"there is no conversation to show: {error}"
        lines = [_line(row) for row in rows]
        return "\n".join([f"conversation of client {client_id}:", *(lines or ["  nothing was said"])])

    def _found(self) -> int | None:
        """Return the client's id; `None` for a new one, who is not there yet."""
        if self._client_id is not None:
            return self._client_id
        who = {name: self._person.get(name) for name in _CHANNEL}
        found: int | None = self._project("GET", "/clients", query=who)["client_id"]
        return found

    def _does(self, **what: Any) -> dict[str, Any]:
        __tracebackhide__ = True
        who = self._person if self._client_id is None else {"client_id": self._client_id}
        came: dict[str, Any] = self._call("POST", "/inbound", {**who, **what})
        return came

    def _call(self, method: str, path: str, body: Any = None, *, query: Mapping[str, Any] | None = None) -> Any:
        """Make a call about the project; a refusal shows the conversation."""
        __tracebackhide__ = True
        try:
            return self._project(method, path, body, query=query)
        except MockError as error:
            raise MockError(f"{error}\n{self}", status=error.status) from None

    def _got(self, client_id: int, *, after: int) -> list[Message]:
        __tracebackhide__ = True
        query = {"after": after, "limit": _MOST}
        rows = self._call("GET", f"/clients/{client_id}/messages", query=query)
        return [_message(row) for row in rows if row["sender"] == "bot" and row["delivered"]]


class AsyncUser:
    """A person who talks to the bot, for asyncio: as `User`, and the event loop goes on meanwhile."""

    def __init__(self, user: User) -> None:
        """Play a user from asyncio.

        Args:
            user: the user to play; `Mock.async_user` makes both.
        """
        self._user: Final = user

    @property
    def id(self) -> int:
        """The client's id, as `User.id`."""
        return self._user.id

    async def says(self, text: str) -> dict[str, Any]:
        """Write a text."""
        return await asyncio.to_thread(self._user.says, text)

    async def sends(self, url: str, *, text: str | None = None) -> dict[str, Any]:
        """Send a file by its address, with or without a text."""
        return await asyncio.to_thread(self._user.sends, url, text=text)

    async def presses(self, button: str) -> dict[str, Any]:
        """Press one of the buttons that the user was sent last, as `User.presses`."""
        return await asyncio.to_thread(self._user.presses, button)

    async def reports(self, event: str) -> dict[str, Any]:
        """Let the messenger report a system event of the user."""
        return await asyncio.to_thread(self._user.reports, event)

    async def blocks_the_bot(self, reason: str = _BLOCKED) -> None:
        """Block the bot, as `User.blocks_the_bot`."""
        await asyncio.to_thread(self._user.blocks_the_bot, reason)

    async def unblocks_the_bot(self) -> None:
        """Unblock the bot."""
        await asyncio.to_thread(self._user.unblocks_the_bot)

    async def sees(self) -> Seen:
        """Return the texts that have come since the last look, as `User.sees`."""
        return await asyncio.to_thread(self._user.sees)

    async def last(self) -> Message:
        """Return the last message that the user has got, as `User.last`."""
        return await asyncio.to_thread(lambda: self._user.last)


def _message(row: Mapping[str, Any]) -> Message:
    files = [file["url"] for file in row["files"]]
    return Message(row["id"], row["text"], _captions(row["buttons"]), files, row["time"])


def _captions(buttons: Sequence[Mapping[str, Any]]) -> list[str]:
    return [button["text"] for button in buttons if "text" in button]


def _line(row: Mapping[str, Any]) -> str:
    parts = [repr(row["text"]), *(file["url"] for file in row["files"])]
    parts += [f"[{caption}]" for caption in _captions(row["buttons"])]
    if not row["delivered"]:
        parts.append(f"not delivered: {row['error_message']}")
    return f"  {_MARKS[row['sender']]}: {' '.join(parts)}"
