"""What a rule works with: calls, expectations, test data, and ways to report what it saw."""

from __future__ import annotations

import json
import random
import re
import string
import time
from contextlib import contextmanager, suppress
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import mavibot_contract
from mavibot_conformance.results import BREAKS, NOT_SUCCESSFUL
from mavibot_conformance.rules import moments
from mavibot_conformance.target.exchange import Exchange
from mavibot_conformance.target.guard import GuardRefusedError
from mavibot_conformance.target.judgements import NONCE, finds_no_client, has_own_form, wrapper_of
from mavibot_conformance.target.offer import NotOfferedError
from mavibot_conformance.target.profile import FULL, messenger_names
from mavibot_conformance.target.receiver import Receiver
from mavibot_conformance.target.request import arguments, changes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from mavibot_conformance.rules.stock import Stock
    from mavibot_conformance.target.clock import Clock
    from mavibot_conformance.target.profile import Profile
    from mavibot_conformance.target.wire import Wire
    from mavibot_contract import Method

_SHOWN: Final = 300
#: A text can be so many times as long as what is left once blanks and line breaks in a row are one.
_SPACED: Final = 4
_SHOWN_OF_A_CAUSE: Final = 100
_LAST_REPLY: Final = object()
#: Maximum number of clients that are created, deleted or listed in one call.
_PAGE: Final = 500
_MOST_PAGES: Final = 50
#: What shows where a client is. `get_variables` gives these too on the platform, but no source says that it must.
_PLACE: Final = frozenset(("client_type", "group", "platform_id"))
#: What a variable that was cleared may be read as.
CLEARED: Final = (None, "", "None", "NONE")
_LONGEST_REAL_WAIT: Final = 5.0
#: Long enough to look before it is over, at a few calls a second.
_REAL_DELAY_S: Final = 3


class FailedError(Exception):
    """An expectation was not met.

    Attributes:
        expected: what was expected.
        got: what was found instead.
        exchange: the call that decided it, if what was found is its reply.
        cause: how a call failed that should have succeeded, or fails whatever is asked of it: other rules may meet it
            too.
    """

    def __init__(self, expected: str, got: object, problem: str = "", cause: str | None = None) -> None:
        """Describe an unmet expectation.

        Args:
            expected: what was expected, to be read after "expected".
            got: what was found instead: an exchange, whose reply it is, or a value.
            problem: what is wrong with the reply, to be read before it.
            cause: what a call that should have succeeded came to.
        """
        self.expected: Final = expected
        self.exchange: Final = got if isinstance(got, Exchange) else None
        self.cause: Final = not_successful(got) if isinstance(got, Exchange) and got.is_broken else cause
        found = said(got) if isinstance(got, Exchange) else shown(got)
        self.got: Final = f"{problem}: {found}" if problem else found
        super().__init__(f"expected {expected}, got {self.got}")


class NotRunError(Exception):
    """The rule could not be decided here; the text says why."""


class LacksInputError(NotRunError):
    """The profile lacks what the rule needs, which shows only while it runs."""


#: Why a part of a rule can be left out.
_LACKING: Final = (NotRunError, GuardRefusedError, NotOfferedError)
_T = TypeVar("_T")


class Trial:
    """One run of one rule.

    Attributes:
        profile: what is known of the server.
        wire: the connection.
        receiver: receives the project's webhook while a rule has entered it.
        notes: what the rule observed, for the report.
        missed: expectations of a server that does more than it must.
        assumptions: by JSON pointer, whether an assumption of the contract holds here, and what was seen.
        permissions: what a key could do: action, key, whether the contract allows it, and what was answered.
        made_by: calls before the rule that made its test clients.
        contacts: by phone number or e-mail address, to which clients the rule gave them.
        only_new_clients: whether the clients of the profile may not stand in for new ones.
    """

    def __init__(
        self,
        wire: Wire,
        profile: Profile,
        randomness: random.Random,
        clock: Clock = time,
        receiver: Receiver | None = None,
        *,
        stock: Stock | None = None,
        only_new_clients: bool = False,
    ) -> None:
        """Begin.

        Args:
            wire: the connection.
            profile: what is known of the server.
            randomness: chooses texts and numbers.
            clock: waits.
            receiver: takes the posts of webhooks; one of its own by default.
            stock: has test clients ready, and takes back those that are to be deleted; without it the trial makes and
                deletes its own.
            only_new_clients: whether those of the profile may not stand in for new ones, which the rule may delete.
        """
        self.only_new_clients = only_new_clients
        self.wire: Final = wire
        self.receiver: Final = receiver or Receiver(profile.webhook or "", wire.masked)
        self.profile: Final = profile
        self.notes: Final[list[str]] = []
        self.missed: Final[list[FailedError]] = []
        self.assumptions: Final[dict[str, tuple[bool, str]]] = {}
        self.permissions: Final[list[dict[str, Any]]] = []
        self.made_by: Final[list[Exchange]] = []
        self._random: Final = randomness
        self._clock: Final = clock
        self._undo: Final[list[Callable[[], object]]] = []
        self._stock: Final = stock
        self._places: Final[dict[int, tuple[str, str]]] = {}
        self.contacts: Final[dict[str, int]] = {}
        self._first_page = 0

    # Calls

    def call(self, action: str, /, *, key: str = FULL, method: Method | None = None, **parameters: Any) -> Exchange:
        """Call an action with parameters by name, in the place where the contract has them.

        Args:
            action: the action.
            key: name of a key in the profile.
            method: HTTP method, where the contract offers both.
            parameters: parameters and aliases; further ones go beside them.
        """
        operation = mavibot_contract.load().operation(action, method)
        return self.wire.call(action, key=key, **arguments(operation, parameters))

    def ok(self, action: str, /, *, key: str = FULL, method: Method | None = None, **parameters: Any) -> Any:
        """Call an action, expect success and return the data of the reply."""
        exchange = self.call(action, key=key, method=method, **parameters)
        return self._successful(exchange).read

    def _successful(self, exchange: Exchange) -> Exchange:
        if not exchange.succeeded:
            raise FailedError(f"{exchange.action} to succeed", exchange, cause=not_successful(exchange))
        return exchange

    def answered(self, action: str, /, *, key: str = FULL, **parameters: Any) -> Exchange:
        """Call an action and return its reply, which may be a refusal: what it says can be taken as data.

        Raises:
            FailedError: the action broke, or no reply came, which says nothing.
        """
        exchange = self.call(action, key=key, **parameters)
        if exchange.is_broken:
            raise FailedError(f"{action} to answer", exchange)
        return exchange

    def refused(self, action: str, /, *, key: str = FULL, method: Method | None = None, **parameters: Any) -> Exchange:
        """Call an action, expect a refusal and return the reply."""
        exchange = self.call(action, key=key, method=method, **parameters)
        self.expect_refusal(exchange)
        return exchange

    def finds_nobody(self, action: str, /, **parameters: Any) -> None:
        """Search for a client and expect none: the search is refused, or it has no id, since no source shows either."""
        exchange = self.call(action, **parameters)
        if not finds_no_client(exchange):
            self.expect_refusal(exchange)

    # Judgements

    def expect(self, condition: object, expected: str, got: object = _LAST_REPLY) -> None:
        """Fail the rule unless the condition holds.

        Args:
            condition: what must be true.
            expected: what was expected, to be read after "expected".
            got: what was found instead; a call with its reply as its `Exchange`; by default the last one.
        """
        if not condition:
            raise FailedError(expected, self._found(got))

    def equal(self, got: object, expected: object, what: str) -> None:
        """Fail the rule unless two values are equal."""
        if got != expected:
            told, found = _apart(shown(expected, None), shown(got, None))
            raise FailedError(f"{what} to be {told}", found)

    def says(self, exchange: Exchange, **fields: str) -> None:
        """Fail the rule unless a reply has some fields with these values; it may have further ones."""
        data = exchange.data if isinstance(exchange.data, dict) else {}
        found = {name: data.get(name) for name in fields}
        self.expect(found == fields, f"{exchange.action} to answer {shown(fields)}", exchange)

    def single(self, rows: Sequence[dict[str, Any]], what: str) -> dict[str, Any]:
        """Return the only one of some rows of the last reply; fail the rule if there are none, or several.

        Args:
            rows: the rows that fit.
            what: what they show.
        """
        exchange = self.wire.exchanges[-1]
        if len(rows) != 1:
            cause = f"{exchange.action} does not show {what} once"
            raise FailedError(f"{exchange.action} to show {what} once", exchange, cause=cause)
        return rows[0]

    def expect_refusal(self, exchange: Exchange, what: str = "") -> None:
        """Fail the rule unless a call was refused, by its HTTP status or by its body, and not by a crash.

        Args:
            exchange: the call and its reply.
            what: what is to be refused, where the name of the action does not tell.
        """
        what = what or exchange.action
        self.expect(not exchange.succeeded, f"{what} to be refused", exchange)
        self.expect(exchange.status < 500, f"{what} to be refused without a server error", exchange)

    def should(self, condition: object, expected: str, got: object = _LAST_REPLY) -> None:
        """Note a missed SHOULD without ending the rule."""
        if not condition:
            self.missed.append(FailedError(expected, self._found(got)))

    def _found(self, got: object) -> object:
        return self.wire.exchanges[-1] if got is _LAST_REPLY and self.wire.exchanges else got

    def observe(self, text: str) -> None:
        """Note what the server does where no source says what it should do.

        Raises:
            FailedError: the last call had no reply, which shows nothing.
        """
        if self._lacks_reply():
            raise FailedError("a reply", self.wire.exchanges[-1])
        self.notes.append(text)

    def assume(self, pointer: str, holds: object, seen: str) -> None:
        """Note whether an assumption of the contract holds on this server.

        Args:
            pointer: place of the assumption in the contract, as a JSON pointer that the rule declares.
            holds: whether what was seen agrees with it.
            seen: what was seen.
        """
        if self._lacks_reply():
            return
        before = self.assumptions.get(pointer)
        if before is None or before[0]:
            self.assumptions[pointer] = (bool(holds), seen)

    def _lacks_reply(self) -> bool:
        """Return True if the last call had no reply, which says nothing about the server's rules."""
        return bool(self.wire.exchanges) and self.wire.exchanges[-1].is_lost

    def permission(self, exchange: Exchange, *, allowed: bool) -> None:
        """Note for the matrix of permissions what a key could do.

        Args:
            exchange: call with the key and its reply.
            allowed: whether the contract allows it.
        """
        self.permissions.append(
            {"action": exchange.action, "key": exchange.key, "allowed": allowed, "status": exchange.status}
        )

    def not_run(self, reason: str) -> NoReturn:
        """End the rule undecided.

        Raises:
            NotRunError: always.
        """
        raise NotRunError(reason)

    # Parts

    @contextmanager
    def optional(self) -> Iterator[None]:
        """Do a part of the rule that is left out where the server, the profile or the consent lacks what it needs."""
        try:
            yield
        except _LACKING as error:
            self._leave_out(error)

    def parts(self, parts: Mapping[str, Callable[[], _T]]) -> dict[str, _T]:
        """Do those of several parts for which there is what they need, and return what each returned.

        Args:
            parts: called one after another, by name.

        Raises:
            NotRunError: there is what it needs for none of them.
            GuardRefusedError: as above.
            NotOfferedError: as above.
        """
        found: dict[str, _T] = {}
        lacking: Exception | None = None
        for name, part in parts.items():
            try:
                found[name] = part()
            except _LACKING as error:
                lacking = error
                self._leave_out(error)
        if lacking is not None and not found:
            raise lacking
        return found

    def each(self, check: Callable[[str], object], names: Iterable[str]) -> None:
        """Check each of several actions or parameters for which there is what the check needs.

        Args:
            check: called with the name of each.
            names: their names.

        Raises:
            NotRunError: there is what it needs for none of them.
            GuardRefusedError: as above.
            NotOfferedError: as above.
        """
        self.parts({name: partial(check, name) for name in names})

    @contextmanager
    def as_should(self) -> Iterator[None]:
        """Note an expectation that is not met as a missed SHOULD, and go on after the block.

        Raises:
            FailedError: a call failed that should have succeeded, or its reply has another shape.
        """
        try:
            yield
        except FailedError as error:
            if error.cause is not None:
                raise
            self.missed.append(error)

    @contextmanager
    def unchanged(self, **looks: Callable[[], object]) -> Iterator[None]:
        """Fail the rule if something is another after the calls in the block than before.

        Args:
            looks: by what they show, such as `history`; those that the server does not offer are left out.
        """
        before: dict[str, object] = {}
        for name, look in looks.items():
            with self.optional():
                before[name] = look()
        yield
        for name, value in before.items():
            self.equal(looks[name](), value, f"the {name.replace('_', ' ')}")

    def _leave_out(self, error: Exception) -> None:
        note = f"left out in part: {error}"
        if note not in self.notes:
            self.notes.append(note)

    # Test data

    @property
    def channel(self) -> Mapping[str, Any]:
        """The `client_type` and `group_id` of the channel in which test clients are created.

        Raises:
            LacksInputError: the profile names none.
        """
        if self.profile.channel is None:
            raise LacksInputError("the profile lacks channel")
        return self.profile.channel

    @property
    def list_id(self) -> int:
        """The list that may be filled and emptied.

        Raises:
            LacksInputError: the profile names none.
        """
        if self.profile.list_id is None:
            raise LacksInputError("the profile lacks list_id")
        return self.profile.list_id

    def nonce(self, length: int = 8) -> str:
        """Return a text that occurs nowhere else on the server."""
        return NONCE + "".join(self._random.choices(string.ascii_lowercase, k=length))

    def number(self) -> int:
        """Return a number of 12 digits that occurs nowhere else on the server."""
        return self._random.randrange(10**11, 10**12)

    def phone(self) -> str:
        """Return a phone number that no client on the server has: digits in the range kept for tests."""
        return f"7000{self._random.randrange(10**6, 10**7)}"

    def client(self) -> int:
        """Return a test client; see `clients`."""
        return self.clients(1)[0]

    def clients(
        self, count: int, *, new: bool = False, just_now: bool = False, oldest_first: bool = False
    ) -> list[int]:
        """Return the ids of new test clients; they are deleted after the rule, if the key may do that.

        Where none can be created, those of the profile stand in, unless they must be new: they may have a history and
        variables already.

        Args:
            count: how many.
            new: whether they must be new.
            just_now: whether they must be created by this call, and not have been ready.
            oldest_first: whether they must be in the order in which they were created.
        """
        channel = self.profile.channel
        if channel is None:
            return self._existing(count, new=new, oldest_first=oldest_first)
        ready = [] if just_now or self._stock is None else self._stock.take(count)
        for each in ready:
            self._places[each.id] = (each.platform_id, str(channel["group_id"]))
            if each.made_by not in self.made_by:
                self.made_by.append(each.made_by)
        found = [each.id for each in ready]
        items = [{"platform_id": str(self.number()), **channel} for _ in range(count - len(ready))]
        try:
            with self.wire.waits.apart():
                for start in range(0, len(items), _PAGE):
                    found += self.load(items[start : start + _PAGE])
        except NotOfferedError:
            return self._existing(count, new=new, oldest_first=oldest_first)
        self.delete_at_the_end(found)
        return found

    def _existing(self, count: int, *, new: bool, oldest_first: bool) -> list[int]:
        if new or self.only_new_clients:
            raise LacksInputError("needs the input 'channel', and load_clients, to create clients")
        if count > len(self.profile.clients):
            raise LacksInputError(f"needs {count} test clients, or the input 'channel' and load_clients to create them")
        found = list(self.profile.clients[:count])
        return self._by_age(found) if oldest_first else found

    def _by_age(self, client_ids: list[int]) -> list[int]:
        rows = self.ok("get_clients", limit=_PAGE)["clients"]
        created = {row["id"]: moments.seconds(row["created_at"]) for row in rows if row["id"] in client_ids}
        if len(set(created.values()) - {None}) < len(client_ids):
            raise LacksInputError("nothing shows in which order the test clients were created")
        return sorted(client_ids, key=lambda each: created[each] or 0)

    def load(self, items: list[dict[str, Any]]) -> list[int]:
        """Import clients by `load_clients`, expect that each gets an id, and return these in the order of the items."""
        exchange = self._successful(self.call("load_clients", clients=items))
        rows = exchange.data["items"]
        self.expect(len(rows) == len(items) and all("id" in row for row in rows), "an id of each test client", exchange)
        found: list[int] = [row["id"] for row in rows]
        for client_id, item in zip(found, items, strict=True):
            self._places[client_id] = (str(item["platform_id"]), str(item["group_id"]))
        return found

    def delete_at_the_end(self, client_ids: list[int]) -> None:
        """Delete clients that the rule has created some time after it has ended."""
        for start in range(0, len(client_ids), _PAGE):
            part = client_ids[start : start + _PAGE]
            self.undo(partial(self._delete, part))

    def _delete(self, client_ids: list[int]) -> None:
        if self._stock is not None:
            self._stock.discard(client_ids)
            return
        with suppress(NotOfferedError):
            self.wire.call("delete_clients", body={"client_ids": client_ids})

    def put_on_list(self, client_ids: list[int]) -> None:
        """Add clients to the profile's list, until the rule has ended."""
        place: dict[str, Any] = {"list_id": self.list_id, "clients": client_ids}
        self.ok("add_to_list", **place)
        self.undo(lambda: self.call("remove_from_list", **place))

    def group(self, messenger: str) -> str:
        """Return the `group_id` of the profile's channel in a messenger, such as `telegram`."""
        found = self.profile.groups.get(messenger)
        if found is None and self.profile.channel is not None:
            name = messenger_names()[self.profile.channel["client_type"]]
            found = self.profile.channel["group_id"] if name == messenger else None
        if found is None:
            raise LacksInputError(f"the profile names no channel in groups.{messenger}")
        return found

    def order(self, client_id: int) -> int:
        """Create a deal of a client and return its id."""
        return int(self.ok("create_order", client_id=client_id, name=self.nonce())["order_id"])

    def undo(self, action: Callable[[], object]) -> None:
        """Register an action that reverts something at the end; the last is run first."""
        self._undo.append(action)

    def clean_up(self) -> None:
        """Revert what can be reverted."""
        while self._undo:
            self._undo.pop()()

    # State

    def variables(self, client_id: int) -> dict[str, Any]:
        """Return all variables of a client, from an object around them too: the document shows no reply."""
        data = self.ok("get_variables", client_id=client_id)
        exchange, wrapper = self.wire.exchanges[-1], None
        if has_own_form(exchange):
            wrapper = wrapper_of(exchange)
            self._expect_shape(wrapper is not None, "an object with the variables")
        self._expect_shape(isinstance(data, dict), "an object with the variables")
        found: dict[str, Any] = data if wrapper is None else data[wrapper]
        return found

    def history(self, client_id: int, **parameters: Any) -> list[dict[str, Any]]:
        """Return the messages of a client, newest first: no source says in which order a server shows them."""
        data = self.ok("get_history", client_id=client_id, **parameters)
        self._expect_shape(isinstance(data, dict) and isinstance(data.get("result"), list), "a list under 'result'")
        found: list[dict[str, Any]] = data["result"]
        is_oldest_first = _is_oldest_first(found)
        if is_oldest_first is not None:
            self.wire.orders[is_oldest_first] += 1
        return found[::-1] if self.shows_oldest_first else found

    @property
    def shows_oldest_first(self) -> bool:
        """Whether histories begin with the oldest message, as most of those that were read did."""
        return self.wire.orders[True] > self.wire.orders[False]

    def _expect_shape(self, holds: object, shape: str) -> None:
        """Fail the rule unless the last reply has a shape; for whatever rule needs it, that is one cause."""
        exchange = self.wire.exchanges[-1]
        if not holds:
            cause = f"{exchange.action} does not return {shape}"
            raise FailedError(f"{exchange.action} to return {shape}", exchange, cause=cause)

    def newest(self, client_id: int) -> dict[str, Any]:
        """Return the newest message of a client."""
        return self.history(client_id)[0]

    def texts(self, client_id: int) -> list[str]:
        """Return the texts of a client's messages, newest first."""
        return [message.get("text") or "" for message in self.history(client_id)]

    def texts_with(self, text: str, client_id: int) -> list[str]:
        """Return the texts of a client's messages once a certain one is there, or after a short time."""
        return self.seen(lambda: self.texts(client_id), lambda texts: text in texts)

    def orders(self, client_id: int, **parameters: Any) -> list[int]:
        """Return the ids of a client's deals."""
        data = self.ok("get_orders", client_id=client_id, **parameters)
        orders: Any = data.get("order_id", data.get("result")) if isinstance(data, dict) else None
        self._expect_shape(isinstance(orders, list), "a list under 'order_id'")
        return list(orders)

    def members(self) -> list[int]:
        """Return the ids of the clients on the profile's list."""
        return [row["id"] for row in self.ok("get_clients", list=self.list_id)["clients"]]

    def listed(self, client_id: int) -> dict[str, Any]:
        """Return how `get_clients` shows a client."""
        return self.single(self._rows_of(client_id), "the client")

    def _rows_of(self, client_id: int) -> list[dict[str, Any]]:
        return [each for each in self.ok("get_clients", limit=_PAGE)["clients"] if each["id"] == client_id]

    def subscribers(self, client_ids: Collection[int], **filters: Any) -> dict[int, dict[str, Any]]:
        """Return which of some clients `subscribers` shows, and how; on any page: no source says what a page holds.

        Raises:
            NotRunError: there are more pages than a rule reads.
        """
        found: dict[int, dict[str, Any]] = {}
        before = None
        for number in range(_MOST_PAGES):
            rows = self.page_of_subscribers(number, **filters)
            by_id = {row.get("id", row.get("client_id")): row for row in rows}
            found |= {each: by_id[each] for each in client_ids if each in by_id}
            # Where pages count from 1, a server may show the first one as page 0 too.
            if not rows or (rows == before and number > 1) or len(found) == len(client_ids):
                return found
            before = rows
        return self.not_run(f"subscribers has more than {_MOST_PAGES} pages, and a rule reads no more")

    def page_of_subscribers(self, number: int, *, key: str = FULL, **filters: Any) -> list[dict[str, Any]]:
        """Return a page of `subscribers`; no source says whether the server counts them from 0 or from 1.

        Args:
            number: number of the page, counted from 0.
            key: name of a key in the profile.
            filters: further parameters.
        """
        exchange = self.call("subscribers", key=key, page=number + self._first_page, **filters)
        if number == self._first_page == 0 and not exchange.succeeded and not exchange.is_broken:
            second = self.call("subscribers", key=key, page=1, **filters)
            if second.succeeded:
                exchange, self._first_page = second, 1
        found: list[dict[str, Any]] = self._successful(exchange).data
        return found

    def blocks(self) -> list[dict[str, Any]]:
        """Return the blocks that `get_messages` shows.

        Raises:
            NotRunError: it shows them in another way than integrators read them, about which no source says anything.
        """
        data = self.ok("get_messages")
        found = data.get("messages") if isinstance(data, dict) else None
        if not isinstance(found, list):
            self.not_run("get_messages does not show the blocks as 'messages'")
        return found

    def block(self) -> dict[str, Any]:
        """Return how `get_messages` shows the profile's block.

        Raises:
            NotRunError: it does not show the texts of blocks, about which no source says anything.
        """
        rows = [each for each in self.blocks() if each["id"] == self.profile.block_id]
        found = self.single(rows, "the block of the profile")
        if not found.keys() >= {"condition", "answer"}:
            self.not_run("get_messages does not show the condition and the answer of a block")
        return found

    def place(self, client_id: int) -> dict[str, Any]:
        """Return a client with its `client_type`, `group` and `platform_id`, as the server shows them.

        Raises:
            NotRunError: neither its variables nor `get_clients` show them; no source says that both do.
        """
        for look in (lambda each: [self.variables(each)], self._rows_of):
            with suppress(NotOfferedError):
                for found in look(client_id):
                    if found.keys() >= _PLACE:
                        return found
        return self.not_run(f"neither get_variables nor get_clients shows {', '.join(sorted(_PLACE))} of the client")

    def platform_id(self, client_id: int) -> str:
        """Return the id of a client in the messenger: the one that it was created with, else the one that is shown."""
        if client_id in self._places:
            return self._places[client_id][0]
        return str(self.place(client_id)["platform_id"])

    def numeric_platform_id(self, client_id: int) -> int:
        """Return the id of a client in the messenger, which was created with digits, as a number."""
        platform_id = self.platform_id(client_id)
        self.expect(re.fullmatch("[0-9]+", platform_id), "digits as the platform_id of the client", platform_id)
        return int(platform_id)

    def made(self, platform_id: object, group_id: str | None = None) -> int | None:
        """Return the client with an id in a messenger whom this trial has made, or `None`.

        Args:
            platform_id: the id in the messenger.
            group_id: the channel; any by default.
        """
        for client_id, (own, group) in self._places.items():
            if own == str(platform_id) and group_id in (None, group):
                return client_id
        return None

    def client_with(self, platform_id: object, group_id: str | None = None) -> int | None:
        """Return the client with an id in a messenger, or `None`: by the search, else as it was created or listed.

        Args:
            platform_id: the id in the messenger.
            group_id: the channel; any by default.
        """
        with suppress(NotOfferedError):
            place: dict[str, Any] = {} if group_id is None else {"group_id": group_id}
            found = self.ok("find_client_id_by_platform_id", platform_ids=[platform_id], **place)
            rows = found if isinstance(found, list) else found.get("clients", found.get("items", []))
            return rows[0]["id"] if rows else None
        made = self.made(platform_id, group_id)
        if made is not None:
            return made
        rows = self.ok("get_clients", limit=_PAGE)["clients"]
        places = {row["id"]: (str(row["platform_id"]), str(row["group"])) for row in rows}
        return next(
            (each for each, (own, group) in places.items() if own == str(platform_id) and group_id in (None, group)),
            None,
        )

    def order_variables(self, client_id: int, **parameters: Any) -> dict[str, Any]:
        """Return the variables of a client's deal, the current one unless `order_id` names another."""
        found: dict[str, Any] = self.ok("get_order_vars", client_id=client_id, **parameters)["result"]
        return found

    def stage(self, client_id: int, order_id: int | None = None) -> Any:
        """Return the id of the stage of a client's deal, the current one unless `order_id` names another."""
        # The document calls this parameter `state_id`, the vendor's Russian one `order_id`.
        both: dict[str, Any] = {} if order_id is None else {"order_id": order_id, "state_id": order_id}
        return self.ok("get_order_state", client_id=client_id, **both)["state_id"]

    def current_order(self, client_id: int) -> int | None:
        """Return the id of a client's current deal, or `None`."""
        exchange = self.answered("get_current_order_id", client_id=client_id)
        return exchange.data.get("order_id") if exchange.succeeded else None

    # Time

    def advance(self, seconds: float) -> None:
        """Let time pass: by the mock's clock if the profile has its control interface, otherwise by waiting."""
        if self.moves_clock:
            self.control("POST", "/clock/advance", {"by": seconds})
        elif seconds <= _LONGEST_REAL_WAIT:
            self._clock.sleep(seconds)
        else:
            raise LacksInputError(f"needs the input 'control' to let {seconds} s pass")

    def settle(self, seconds: float, condition: Callable[[], object] | None = None) -> None:
        """Let happen what was just asked for, and what should not: by the mock's clock, else as long as it takes here.

        Args:
            seconds: by how many a mock's clock moves.
            condition: what shows that it has happened.
        """
        if self.moves_clock:
            self.advance(seconds)
        is_there = condition is None or self.until(condition)
        if is_there and not self.moves_clock:
            self.wire.waits.rest(self._last_change(), self._clock)

    @property
    def moves_clock(self) -> bool:
        """Whether time passes by the mock's clock, so that any delay can be let pass."""
        return self.profile.control is not None

    def delay(self, seconds: int, *, real: int = _REAL_DELAY_S) -> int:
        """Return a delay in seconds that a rule can let pass: this one by the mock's clock, else a few real seconds."""
        return seconds if self.moves_clock else real

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let a mock's clock move by waits alone; any other clock runs on."""
        if self.moves_clock:
            self.control("POST", "/clock/freeze")
        try:
            yield
        finally:
            if self.moves_clock:
                self.control("POST", "/clock/run")

    def now(self) -> float:
        """Return the server's time in Unix seconds: that of the mock's clock, else of this machine."""
        return float(self.control("GET", "/clock")["now"]) if self.moves_clock else self._clock.time()

    def is_before(self, moment: float) -> bool:
        """Return True if a moment, in Unix seconds, has surely not come yet, though a server may cut off fractions."""
        return self.now() < moment - 1

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the mock's control interface and return the reply's data."""
        response = self.wire.control(method, f"{self.profile.control}{path}", body)
        if response.is_error:
            self.not_run(f"the control interface refused {method} {path}: {response.text[:_SHOWN]}")
        return response.json() if response.content else None

    def until(self, condition: Callable[[], object]) -> bool:
        """Wait until a condition holds; return True if it did. For what a server does after its reply."""
        return self.wire.waits.comes_true(condition, self._last_change(), self._clock)

    def seen(self, look: Callable[[], _T], shows: Callable[[_T], object]) -> _T:
        """Look until something shows, or for a short time, and return what was seen last.

        Args:
            look: reads what the server does after its reply.
            shows: whether that shows in what was read.
        """
        found: list[_T] = []

        def is_there() -> object:
            found[:] = [look()]
            return shows(found[0])

        self.until(is_there)
        return found[0]

    def _last_change(self) -> str:
        """Return the last action that was called and not only read."""
        called = (each.action for each in reversed(self.wire.exchanges))
        return next(filter(changes, called), "")


def not_successful(exchange: Exchange) -> str:
    """Return that an action does not succeed, as the cause of what else fails."""
    failure = BREAKS if exchange.is_broken else NOT_SUCCESSFUL
    return f"{exchange.action}{failure}{said(exchange, _SHOWN_OF_A_CAUSE)}"


def _is_oldest_first(rows: Sequence[dict[str, Any]]) -> bool | None:
    """Return whether the ids of messages rise from each to the next, or `None` if they neither rise nor fall."""
    ids = [each for row in rows if isinstance(each := row.get("id"), int)]
    if len(ids) < max(2, len(rows)):
        return None
    rises = {first < second for first, second in pairwise(ids)}
    return rises.pop() if len(rises) == 1 else None


def said(exchange: Exchange, longest: int = _SHOWN) -> str:
    """Return what a reply said, short and on one line."""
    text = "an HTML page" if exchange.is_page else " ".join(exchange.text[: longest * _SPACED].split())[:longest]
    if exchange.leads_to is not None:
        text = f"to {exchange.leads_to[:longest]}"
    return text if exchange.is_lost else f"{exchange.status} {text}"


def shown(value: object, longest: int | None = _SHOWN) -> str:
    """Return a value on one line, as JSON unless it is a line itself, or a body; short, unless `longest` is `None`."""
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    is_line = isinstance(value, str) and value.isprintable()
    text = str(value) if is_line else json.dumps(value, ensure_ascii=False, default=_as_json)
    return text if longest is None else around(text, 0, longest)


def around(text: str, place: int, longest: int = _SHOWN) -> str:
    """Return a text, short: if it is long, the part of it in which a place is."""
    before = longest // 3
    start = 0 if place < longest - before else place - before
    return "…" * (start > 0) + text[start : start + longest] + "…" * (len(text) > start + longest)


def _apart(first: str, second: str) -> tuple[str, str]:
    """Return two texts, short, so that the first difference is seen."""
    pairs = enumerate(zip(first, second, strict=False))
    place = next((place for place, (one, other) in pairs if one != other), min(len(first), len(second)))
    return around(first, place), around(second, place)


def _as_json(value: object) -> object:
    return sorted(value, key=str) if isinstance(value, set | frozenset) else repr(value)
