"""Defects of searches and filters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import messages
from mavibot_mock.defects.parts import given, without
from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import Reply
from mavibot_mock.state.errors import ClientNotFoundError
from mavibot_mock.state.steps import at_once
from mavibot_mock.state.store.orders import Orders
from mavibot_mock.state.store.search import Condition, Search

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.state.store import Store

_SEARCH: Final = "Search by variables"
_NOT_IN: Final = 'Client variable name does NOT equal any of the list values: {"_not_in": ["Joe", "Jane", "Donald"]}'
_SUBSCRIBERS: Final = "Retrieve the list of bot subscribers in any messenger"
_ONE_VARIABLE: Final = "Retrieve client_id by variable value"
_ALL: Final = "Retrieve a list of client_id values by variable value"
_WITH_VALUE: Final = "a list of client IDs that have the specified variable with the specified value"


@defect(_SEARCH, "By default, the client must have all specified variables")
def and_becomes_or(parts: Parts) -> None:
    """find_clients without include_all returns clients that meet one condition."""
    parts.schema("find_clients", "include_all", default=False)


@defect(_SEARCH, "include_all: False – if at least one condition matches, the entity is selected")
def include_all_ignored(parts: Parts) -> None:
    """find_clients wants all conditions to be met though include_all is false."""
    parts.call("find_clients", lambda call: given(call, include_all=True))


@defect(_SEARCH, 'Client variable name does not equal "Joe": {"_not": "Joe"}')
def not_ignored(parts: Parts) -> None:
    """find_clients takes `_not` for equality."""
    _operators(parts, {"_not": "_in"})


@defect(_SEARCH, _NOT_IN)
def not_in_taken_for_in(parts: Parts) -> None:
    """find_clients takes `_not_in` for `_in`."""
    _operators(parts, {"_not_in": "_in"})


@defect(_SEARCH, "Client variable name equals one of the list values")
def only_the_first_of_in_counts(parts: Parts) -> None:
    """find_clients compares with the first value of `_in` only."""
    _conditions(parts, lambda each: each if each.negated else replace(each, values=list(each.values)[:1]))


@defect(_SEARCH, "search_in – specifies which entity's variables to search; can take the value order")
def search_in_ignored(parts: Parts) -> None:
    """find_clients looks at client variables though search_in is order."""
    parts.call("find_clients", lambda call: without(call, "search_in"))


@defect(_SEARCH, "If even one client has a string, the request will fail")
def strings_compared_with_numbers(parts: Parts) -> None:
    """find_clients compares with a number although a client's variable is not one."""
    parts.function(Search, "is_numeric", lambda *_, **__: True)


@defect(_ALL, _WITH_VALUE)
def part_of_a_value_found(parts: Parts) -> None:
    """find_all_client_id_by_var finds values that contain the one that is sought."""
    _like(parts, lambda value, sought: str(sought) in str(value))


@defect(_ALL, _WITH_VALUE)
def value_in_any_case_found(parts: Parts) -> None:
    """find_all_client_id_by_var is case-insensitive."""
    _like(parts, lambda value, sought: str(sought).lower() == str(value).lower())


@defect("Retrieve a list of client_id values based on multiple variable values", "clients that have all of them")
def one_of_several_variables_is_enough(parts: Parts) -> None:
    """find_all_client_id_by_several_vars lists clients that have one of the variables."""

    def find(_handler: Any, call: Call) -> Reply:
        conditions = [Condition(name, [value]) for name, value in call.parameters["variables"].items()]
        found = at_once(call.state.store.find_clients(conditions, every=False))
        return Reply(200, {"status": "success", "client_ids": found})

    parts.action("find_all_client_id_by_several_vars", find)


@defect(_ONE_VARIABLE, "search_in - pass the value 'order' to search in deal variables")
def search_in_ignored_by_var(parts: Parts) -> None:
    """find_client_id_by_var looks at client variables though search_in is order."""
    parts.call("find_client_id_by_var", lambda call: without(call, "search_in"))


@defect(_ONE_VARIABLE, "group_id - group ID")
def group_id_ignored_by_var(parts: Parts) -> None:
    """find_client_id_by_var returns a client of any bot."""
    parts.call("find_client_id_by_var", lambda call: without(call, "group_id"))


@defect("Retrieve client_id using the platform_id value", "group_id - bot ID")
def group_id_ignored_by_platform_id(parts: Parts) -> None:
    """find_client_id_by_platform_id returns clients of any bot."""
    parts.call("find_client_id_by_platform_id", lambda call: without(call, "group_id"))


@defect("Retrieve client_id by WhatsApp number", "group_id - bot ID")
def group_id_ignored_by_whatsapp(parts: Parts) -> None:
    """whatsapp_client_id returns a client of any WhatsApp bot."""
    parts.call("whatsapp_client_id", lambda call: without(call, "group_id"))


@defect("Retrieve the ID of the most recently created client by variable value", "the most recently created client")
def latest_client_is_the_first(parts: Parts) -> None:
    """find_latest_client_id_by_var returns the oldest client."""

    def oldest(handler: Any, call: Call) -> Any:
        first = call.state.store.first_client_with(call.parameters["var"], call.parameters["val"])
        return handler(call) if first is None else Reply(200, {"status": "success", "client_id": first})

    parts.action("find_latest_client_id_by_var", oldest)


@defect(
    "Retrieve the ID of the most recently created client by variable value",
    "It searches both client and deal variables",
)
def latest_client_without_deals(parts: Parts) -> None:
    """find_latest_client_id_by_var does not look at the variables of deals."""

    def latest(_old: Around, store: Store, name: str, value: Any) -> Any:
        return max(at_once(store.find_clients([Condition(name, [value])])), default=None)

    parts.function(Search, "latest_client_with", latest)


@defect("Retrieve client_id by phone number", "The search is performed both among WhatsApp clients and via variables")
def phone_search_without_variables(parts: Parts) -> None:
    """find_client_id_by_phone looks among WhatsApp clients only."""

    def find(_handler: Any, call: Call) -> Any:
        return _single(call.state.store.client_on_whatsapp(call.text("phone")))

    parts.action("find_client_id_by_phone", find)


@defect("Retrieve client_id by email", "The search is performed using variables")
def email_search_without_variables(parts: Parts) -> None:
    """find_client_id_by_email finds addresses of e-mail clients and not the variable."""

    def find(_handler: Any, call: Call) -> Any:
        return _single(call.state.store.email_client(call.text("email")))

    parts.action("find_client_id_by_email", find)


@defect(_SUBSCRIBERS, "tag – Tag specified on the subscription page")
def subscribers_of_any_tag(parts: Parts) -> None:
    """Subscribers ignores `tag`."""
    parts.call("subscribers", lambda call: without(call, "tag"))


@defect(_SUBSCRIBERS, "group – VK group ID the subscriber is linked to")
def subscribers_of_any_group(parts: Parts) -> None:
    """Subscribers ignores `group`."""
    parts.call("subscribers", lambda call: without(call, "group"))


@defect(_SUBSCRIBERS, "client_type – Messenger ID for which to retrieve the subscriber list")
def subscribers_of_any_messenger(parts: Parts) -> None:
    """Subscribers ignores client_type."""
    parts.call("subscribers", lambda call: without(call, "client_type"))


@defect(_SUBSCRIBERS, "If not specified, all clients will be returned")
def messenger_0_taken_for_none(parts: Parts) -> None:
    """Subscribers takes client_type 0, which is VKontakte, for no filter."""
    parts.call("subscribers", lambda call: call if call.parameters.get("client_type") else without(call, "client_type"))


@defect(_SUBSCRIBERS, "date_from – Subscribed after this date (timestamp)")
def subscribers_since_ever(parts: Parts) -> None:
    """Subscribers ignores date_from."""
    parts.call("subscribers", lambda call: without(call, "date_from"))


@defect(_SUBSCRIBERS, "date_to – Subscribed before this date (timestamp)")
def subscribers_until_now(parts: Parts) -> None:
    """Subscribers ignores date_to."""
    parts.call("subscribers", lambda call: without(call, "date_to"))


@defect("Retrieve the list of deals", "order_status - deal stage: 0 - active deals")
def order_status_ignored(parts: Parts) -> None:
    """get_orders lists deals of every status."""
    parts.call("get_orders", lambda call: without(call, "order_status"))


@defect("Retrieve the current deal ID", "order_id - current deal ID")
def current_deal_is_the_newest(parts: Parts) -> None:
    """The current deal of a client is the newest, though it is closed."""

    def current(old: Around, store: Store, client_id: int) -> Any:
        every = store.orders(client_id, None)
        return every[-1] if every else old(store, client_id)

    parts.function(Orders, "current_order", current)


@defect("Retrieving message history", "start_date - start date, stop_date - end date of the selection period")
def period_of_a_history_ignored(parts: Parts) -> None:
    """get_history returns messages of any day."""
    parts.call("get_history", lambda call: without(call, "start_date", "stop_date"))


@defect("Retrieving message history", "stop_date - end date of the selection period")
def last_day_of_a_history_missing(parts: Parts) -> None:
    """get_history ends before the day that stop_date names."""

    def period(old: Around, *args: Any, **how: Any) -> Any:
        found = old(*args, **how)
        return None if found is None else (found[0], found[1] - 24 * 60 * 60)

    parts.function(messages, "period", period)


def _conditions(parts: Parts, change: Callable[[Condition], Condition]) -> None:
    """Change the conditions of find_clients."""

    def find(old: Around, store: Store, conditions: Sequence[Condition], **how: Any) -> Any:
        return old(store, [change(each) for each in conditions], **how)

    parts.function(Search, "find_clients", find)


def _operators(parts: Parts, meaning: dict[str, str]) -> None:
    """Change the operators of find_clients."""

    def other(wanted: Any) -> Any:
        return {meaning.get(op, op): value for op, value in wanted.items()} if isinstance(wanted, dict) else wanted

    def change(call: Call) -> Call:
        return given(call, q={name: other(wanted) for name, wanted in call.parameters["q"].items()})

    parts.call("find_clients", change)


def _single(client_id: int | None) -> Reply:
    if client_id is None:
        raise ClientNotFoundError
    return Reply(200, {"status": "success", "client_id": client_id})


def _like(parts: Parts, is_like: Callable[[Any, Any], bool]) -> None:
    """Change how find_all_client_id_by_var compares values."""

    def find(_handler: Any, call: Call) -> Reply:
        name, sought = call.parameters["var"], call.parameters["val"]
        saved = call.state.store.all_client_variables()
        found: Sequence[int] = sorted(
            o for o, values in saved.items() if name in values and is_like(values[name], sought)
        )
        return Reply(200, {"status": "success", "client_ids": found})

    parts.action("find_all_client_id_by_var", find)
