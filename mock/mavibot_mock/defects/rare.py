"""Defects that rare input brings to light."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.defects.parts import EVERY, crash, given
from mavibot_mock.defects.registry import defect
from mavibot_mock.request import body
from mavibot_mock.request.reader import Reader
from mavibot_mock.state.store.messages import Messages
from mavibot_mock.state.store.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.request.body import Sent
    from mavibot_mock.state.store import Store
    from mavibot_mock.state.store.search import Condition

_MESSAGE: Final = "Sending a message to a client"
_TEXT: Final = "message - message text"
_NUMBER: Final = "client_id - client ID in the builder"

#: The last character of the plane that two bytes of UTF-16, or MySQL's old utf8, can hold.
_LAST_OF_PLANE: Final = "\uffff"
_LARGEST_INT: Final = 2**31 - 1


@defect(_MESSAGE, _TEXT)
def emoji_crashes(parts: Parts) -> None:
    """A text with an emoji is answered with HTTP 500, as a column without utf8mb4 does it."""
    _crash_if(parts, lambda text: any(character > _LAST_OF_PLANE for character in text))


@defect(_MESSAGE, _TEXT)
def nul_crashes(parts: Parts) -> None:
    """A text with the character NUL is answered with HTTP 500, as PostgreSQL refuses it."""
    _crash_if(parts, lambda text: "\0" in text)


@defect(_MESSAGE, _TEXT)
def long_text_cut(parts: Parts) -> None:
    """A text is cut after 255 characters."""
    _texts(parts, lambda text: text[:255])


@defect(_MESSAGE, _TEXT)
def text_escaped_as_html(parts: Parts) -> None:
    """The history has <, > and & of a text as HTML writes them."""
    _texts(parts, lambda text: html.escape(text, quote=False))


@defect(_MESSAGE, _TEXT)
def text_stripped(parts: Parts) -> None:
    """A text loses the blanks at its start and end."""
    _texts(parts, str.strip)


@defect(_MESSAGE, _TEXT)
def cyrillic_lost(parts: Parts) -> None:
    """Letters beyond Latin-1 become question marks."""
    _texts(parts, lambda text: text.encode("latin-1", "replace").decode("latin-1"))


@defect("Retrieve client_id by variable value", "val - variable value")
def apostrophe_crashes_a_search(parts: Parts) -> None:
    """A search for a value with an apostrophe is answered with HTTP 500: it is put into SQL as it is."""

    def search(handler: Any, call: Call) -> Any:
        if "'" in str(call.parameters["val"]):
            raise crash()
        return handler(call)

    parts.action("find_client_id_by_var", search)


@defect("Retrieve variables", _NUMBER)
def huge_id_crashes(parts: Parts) -> None:
    """A client_id beyond 2147483647 is answered with HTTP 500, as a column of 32 bits does it."""

    def change(call: Call, _sent: Sent) -> Call:
        if int(call.parameters.get("client_id", 0)) > _LARGEST_INT:
            raise crash()
        return call

    parts.read(EVERY, change)


@defect("Retrieve variables", _NUMBER)
def negative_id_crashes(parts: Parts) -> None:
    """A negative client_id is answered with HTTP 500."""
    _crash_unread(parts, lambda sent: b'client_id": -' in sent.body or b"client_id=-" in sent.query)


@defect("Add clients to a list", "clients - client ID array")
def empty_list_crashes(parts: Parts) -> None:
    """add_to_list without any client is answered with HTTP 500: SQL knows no IN ()."""

    def add(handler: Any, call: Call) -> Any:
        if not call.parameters["clients"]:
            raise crash()
        return handler(call)

    parts.action("add_to_list", add)


@defect("Start the bot", "any parameters you additionally pass will be saved in variable")
def nested_extra_crashes(parts: Parts) -> None:
    """A callback with an object among its further parameters is answered with HTTP 500."""

    def change(call: Call, _sent: Sent) -> Call:
        if any(isinstance(value, str) and value[:1] == "{" for value in call.variables.values()):
            raise crash()
        return call

    parts.read(EVERY, change)


@defect("How to create a JSON request", "specify the data parameters in JSON format")
def duplicate_keys_take_the_first(parts: Parts) -> None:
    """Of two equal keys in a JSON body the first counts."""

    def load(old: Around, text: Any) -> Any:
        try:
            first = json.loads(text, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
        except (ValueError, RecursionError):
            return old(text)
        return old(json.dumps(first).encode())

    parts.function(body, "load_json", load)


@defect("How to create a JSON request", "the request body, where you specify the data parameters")
def body_missing_crashes(parts: Parts) -> None:
    """A POST without a body is answered with HTTP 500."""
    _crash_unread(parts, lambda sent: sent.method == "POST" and not sent.body)


@defect("Search by variables", '"_in": ["Joe", "Jane", "Donald"]')
def empty_in_finds_everybody(parts: Parts) -> None:
    """find_clients leaves out a condition with an empty `_in`, so that every client with the variable meets it."""

    def find(old: Around, store: Store, conditions: Sequence[Condition], **how: Any) -> Any:
        met_by_all = [each if each.values or each.negated else replace(each, negated=True) for each in conditions]
        return old(store, met_by_all, **how)

    parts.function(Search, "find_clients", find)


@defect("Bulk message sending", "clients - client IDs in the builder")
def unknown_client_ends_a_broadcast(parts: Parts) -> None:
    """Broadcast stops at the first client that the project does not have."""

    def change(call: Call) -> Call:
        wanted = call.parameters.get("clients", [])
        known = [call.state.store.client(int(each)) is not None for each in wanted]
        return given(call, clients=wanted[: known.index(False)]) if False in known else call

    parts.call("broadcast", change)


def _texts(parts: Parts, change: Callable[[str], str]) -> None:
    """Keep another text of a message than the one that was sent."""

    def add(old: Around, store: Any, client_id: int, *, text: str, **others: Any) -> Any:
        return old(store, client_id, text=change(text), **others)

    parts.function(Messages, "add_message", add)


def _crash_if(parts: Parts, is_rare: Callable[[str], bool]) -> None:
    """Crash where a message of this text is to be kept."""

    def add(old: Around, store: Any, client_id: int, *, text: str, **others: Any) -> Any:
        if is_rare(text):
            raise crash()
        return old(store, client_id, text=text, **others)

    parts.function(Messages, "add_message", add)


def _crash_unread(parts: Parts, is_rare: Callable[[Sent], bool]) -> None:
    """Crash before a call of this sort is read."""

    async def read(old: Around, reader: Reader, sent: Sent, *, strict: bool) -> Any:
        if is_rare(sent):
            raise crash()
        return await old(reader, sent, strict=strict)

    parts.function(Reader, "read", read)
