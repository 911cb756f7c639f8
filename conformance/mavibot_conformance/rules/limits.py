"""Rules: limits, defaults and paging."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.moments import seconds
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import said
from mavibot_conformance.rules.ways import give, is_there, write
from mavibot_conformance.target.judgements import PAGE_OF_NOTHING

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial

_CONTRACT: Final = mavibot_contract.load()
_CLIENTS: Final = "document section 'Retrieve client list'"
_HISTORY: Final = "document section 'Retrieving message history'"
_BY_PLATFORM: Final = "document section 'Sending callback messages to a list of clients by platform_id'"


def _most(action: str, parameter: str) -> int:
    """Return the greatest number, or the greatest count of items, that the contract allows."""
    schema = _CONTRACT.resolve(_CONTRACT.operation(action).schema["properties"][parameter])
    for each in (schema, *map(_CONTRACT.resolve, schema.get("anyOf", []))):
        for keyword in ("maximum", "maxItems", "maxProperties"):
            if keyword in each:
                return int(each[keyword])
    raise KeyError(parameter)


_PAGE: Final = _most("get_clients", "limit")
_LONGEST_HISTORY: Final = _most("get_history", "limit")
_MOST_IDS: Final = _most("send_callback_by_platform_id", "platform_ids")
_DAY: Final = 24 * 60 * 60
#: More messages than any usual page has.
_MANY: Final = 120
_MOST_DELETED: Final = _most("delete_clients", "client_ids")


@rule("LIM-1", Level.MUST, source=f"{_CLIENTS}: limit is 500 at most", actions=["get_clients"], needs=["test_clients"])
def a_page_of_clients_has_at_most_its_limit(t: Trial) -> None:
    """`get_clients` gives just `limit` clients where there are as many, and never more than its maximum."""
    t.clients(_PAGE + 1)
    for limit in (1, 2, _PAGE):
        t.equal(len(_page(t, limit=limit)), limit, f"the clients with limit {limit}")
    exchange = t.call("get_clients", limit=_PAGE + 1)
    if exchange.succeeded:
        t.expect(len(exchange.data["clients"]) <= _PAGE, f"at most {_PAGE} clients", len(exchange.data["clients"]))
    t.should(not exchange.succeeded, f"limit {_PAGE + 1} to be refused", said(exchange)[:60])


@rule(
    "LIM-2",
    Level.MUST,
    source=f"{_CLIENTS}: 500 clients where no limit is given",
    actions=["get_clients"],
    needs=["test_clients"],
)
def the_default_page(t: Trial) -> None:
    """Without a limit `get_clients` gives its default number of clients, from the first on."""
    t.clients(_PAGE + 1)
    without = _page(t)
    t.equal(len(without), _PAGE, "the clients without a limit")
    t.equal(without, _page(t, offset=0, limit=_PAGE), "the page without parameters")


@rule(
    "LIM-3",
    Level.MUST,
    source=f"{_CLIENTS}: offset and limit",
    actions=["get_clients"],
    needs=["test_clients"],
    smoke=True,
)
def paging_covers_each_client_once(t: Trial) -> None:
    """Pages one after another hold every client once, in both orders; past the end there is none."""
    added = t.clients(25)
    for order in ({}, {"reverse": 1}):
        parameters: dict[str, Any] = dict(order)
        seen: list[int] = []
        for number in range(2 + 10_000 // 100):
            page = _page(t, offset=number * 100, limit=100, **parameters)
            seen += page
            if len(page) < 100:
                break
        t.equal(len(seen), len(set(seen)), "the number of different clients over all pages")
        t.expect(set(added) <= set(seen), "all new clients on the pages", sorted(set(added) - set(seen)))
        first = [*_page(t, offset=0, limit=7, **parameters), *_page(t, offset=7, limit=7, **parameters)]
        t.equal(first, seen[:14], "two small pages in place of a large one")
    t.equal(_page(t, offset=1_000_000, limit=10), [], "the page past the end")


@rule(
    "LIM-4",
    Level.MUST,
    source=f"{_CLIENTS}: list selects the clients of a list",
    actions=["get_clients", "add_to_list"],
    needs=["test_clients", "list_id"],
)
def a_list_is_paged_too(t: Trial) -> None:
    """Offset and limit page a list, and hold each of its clients once."""
    added = t.clients(12)
    t.put_on_list(added)
    whole = _page(t, list=t.profile.list_id)
    t.expect(set(added) <= set(whole), "the added clients on the list", whole)
    pages = [_page(t, list=t.profile.list_id, offset=at, limit=5) for at in range(0, len(whole), 5)]
    t.equal([each for page in pages for each in page], whole, "the pages together")


@rule(
    "LIM-5",
    Level.MUST,
    source=f"{_HISTORY}: limit is 2000 at most",
    actions=["get_history", "broadcast", "message"],
    needs=["test_clients"],
)
def a_history_has_at_most_its_limit(t: Trial) -> None:
    """`get_history` gives the newest `limit` messages, and never more than its maximum."""
    client_id = t.client()
    texts = [t.nonce() for _ in range(5)]
    write(t, client_id, *texts)
    for limit in (1, 3, 5):
        t.equal(
            [each["text"] for each in t.history(client_id, limit=limit)], texts[::-1][:limit], f"the newest {limit}"
        )
    longest = t.history(client_id, limit=_LONGEST_HISTORY)
    t.equal([each["text"] for each in longest[:5]], texts[::-1], f"the newest with limit {_LONGEST_HISTORY}")
    t.expect(len(longest) <= _LONGEST_HISTORY, f"at most {_LONGEST_HISTORY} messages", len(longest))
    exchange = t.call("get_history", client_id=client_id, limit=_LONGEST_HISTORY + 1)
    t.should(not exchange.succeeded, f"limit {_LONGEST_HISTORY + 1} to be refused", said(exchange)[:60])


@rule(
    "LIM-6",
    Level.MUST,
    source=f"{_HISTORY}: 2000 messages where no limit is given",
    actions=["get_history", "message"],
    needs=["test_clients"],
)
def the_default_history(t: Trial) -> None:
    """Without a limit `get_history` cuts nothing from a history that is shorter than its maximum."""
    client_id = t.client()
    texts = [t.nonce() for _ in range(_MANY)]
    write(t, client_id, *texts)
    found = [each for each in t.texts(client_id) if each in texts]
    t.equal(found, texts[::-1], "the messages of the rule in the history, newest first")


@rule(
    "LIM-7",
    Level.MUST,
    source=f"{_HISTORY}: start_date and stop_date belong together",
    actions=["get_history", "message"],
    needs=["test_clients"],
)
def the_days_of_a_history(t: Trial) -> None:
    """A period of days selects the messages of those days; one date without the other is refused."""
    client_id, text = t.client(), t.nonce()
    write(t, client_id, text)
    for last, count in (("31.12.2019", 0), ("31.12.2098", 1)):
        found = [each["text"] for each in t.history(client_id, start_date="01.01.2019", stop_date=last)]
        t.equal(found.count(text), count, f"how often the text is there from 01.01.2019 to {last}")
    t.refused("get_history", client_id=client_id, start_date="01.01.2019")
    t.refused("get_history", client_id=client_id, stop_date="01.01.2019")


@rule(
    "LIM-8",
    Level.MUST,
    source=f"{_BY_PLATFORM}: at most 300 in one request",
    actions=["send_callback_by_platform_id", "get_history"],
    needs=["channel"],
)
def three_hundred_callbacks_are_sent(t: Trial) -> None:
    """A request with its maximum of ids reaches every one of them; the reply counts those."""
    added = t.clients(_MOST_IDS)
    channel, text = t.profile.channel or {}, t.nonce()
    ids = [t.platform_id(each) for each in added]
    data = t.ok("send_callback_by_platform_id", platform_ids=ids, group_id=channel["group_id"], callback_text=text)
    for client_id in (added[0], added[-1]):
        t.equal(t.texts(client_id), [text], "the history of the first and of the last client")
    if isinstance(data, dict) and "callback_sended" in data:
        t.equal(data["callback_sended"], _MOST_IDS, "the number in the reply")


@rule(
    "LIM-9",
    Level.SHOULD,
    source=f"{_BY_PLATFORM}: at most 300; assumption: more are refused",
    actions=["send_callback_by_platform_id", "get_history"],
    effect="write",
    needs=["channel"],
)
def one_more_is_refused(t: Trial) -> None:
    """A request with one id more than the maximum, all of them valid, reaches nobody beyond the maximum."""
    client_id = t.client()
    own = t.platform_id(client_id)
    ids = [*(str(t.number()) for _ in range(_MOST_IDS)), own]
    group_id = (t.profile.channel or {})["group_id"]
    exchange = t.call("send_callback_by_platform_id", platform_ids=ids, group_id=group_id, callback_text="x")
    t.expect(not exchange.succeeded, f"{_MOST_IDS + 1} ids to be refused", exchange)
    t.equal(t.texts(client_id), [], "the history of the last client")


@rule(
    "LIM-18",
    Level.MUST,
    source=f"{_BY_PLATFORM}: 1 request is 300 sends at most",
    actions=["send_callback_by_platform_id", "load_clients", "get_history"],
    needs=["channel", "groups"],
)
def sends_are_limited_and_not_ids(t: Trial) -> None:
    """Ids that are each a client's in two channels make no more sends than a request may."""
    ids = [str(t.number()) for _ in range(_MOST_IDS // 2 + 1)]
    other = {"client_type": _CONTRACT.enum("Messenger")["VKONTAKTE"], "group_id": t.group("vkontakte")}
    added: list[int] = []
    for channel in (t.profile.channel or {}, other):
        loaded = t.ok("load_clients", clients=[{"platform_id": each, **channel} for each in ids])
        added += [item["id"] for item in loaded["items"]]
    t.delete_at_the_end(added)
    exchange = t.call("send_callback_by_platform_id", platform_ids=ids, callback_text=t.nonce())
    if exchange.succeeded:
        sent = sum(bool(t.texts(client_id)) for client_id in added)
        t.expect(sent <= _MOST_IDS, f"at most {_MOST_IDS} clients to get the text", f"{sent} clients")
    t.should(not exchange.succeeded, f"{len(added)} sends to be refused", said(exchange)[:60])


@rule(
    "LIM-10",
    Level.MUST,
    source="document section 'Retrieve client_id by variable value': at most three pairs",
    actions=["find_all_client_id_by_several_vars", "save_variables"],
    needs=["test_clients"],
)
def three_variables_are_searched(t: Trial) -> None:
    """Three variables are searched together; a fourth should be refused, and finds nobody who lacks it."""
    values = {f"{t.nonce()}{number}": t.nonce() for number in range(3)}

    def find(variables: dict[str, str]) -> list[int]:
        return sorted(t.ok("find_all_client_id_by_several_vars", variables=variables)["client_ids"])

    def save(client_id: int, count: int) -> None:
        saved = {f"client.{name}": value for name, value in list(values.items())[:count]}
        give(t, client_id, saved)

    def check_each() -> None:
        client_id, three = t.client(), {f"{t.nonce()}{number}": t.nonce() for number in range(3)}
        saved = {f"client.{name}": value for name, value in three.items()}
        give(t, client_id, saved)
        t.equal(find(three), [client_id], "who has all three")
        for name in three:
            t.equal(find({**three, name: t.nonce()}), [], f"who is found with another value of {name}")

    def check_counts() -> None:
        clients = t.clients(3)
        # The first client has one of the values, the second two of them, and so on.
        for count, client_id in enumerate(clients, 1):
            save(client_id, count)
        for count in (1, 2, 3):
            wanted = dict(list(values.items())[:count])
            for order in (wanted, dict(reversed(wanted.items()))):
                t.equal(find(order), sorted(clients[count - 1 :]), f"who is found by {list(order)}")

    def check_four() -> None:
        client_id, four = t.client(), {f"{t.nonce()}{number}": t.nonce() for number in range(4)}
        first_three = {f"client.{name}": value for name, value in list(four.items())[:3]}
        t.ok("save_variables", client_id=client_id, variables=first_three)
        exchange = t.call("find_all_client_id_by_several_vars", variables=four)
        if exchange.succeeded:
            t.equal(exchange.read["client_ids"], [], "who is found by four variables and has three of them")
        with t.as_should():
            t.expect_refusal(exchange, "a search for four variables")

    t.parts({"with several clients": check_counts, "with one": check_each, "with a fourth variable": check_four})


@rule(
    "LIM-11",
    Level.SHOULD,
    source="vendor's Russian document: delete_clients takes 500 at most",
    actions=["delete_clients", "get_variables"],
    needs=["channel"],
)
def five_hundred_clients_are_deleted(t: Trial) -> None:
    """A request with the maximum of clients deletes them all; one with one more deletes nobody."""
    added = t.clients(_MOST_DELETED + 1)
    exchange = t.call("delete_clients", client_ids=added)
    t.expect(not exchange.succeeded, f"{_MOST_DELETED + 1} clients to be refused", exchange)
    t.equal([is_there(t, each) for each in (added[0], added[-1])], [True, True], "who is there before")
    t.ok("delete_clients", client_ids=added[:_MOST_DELETED])
    there = [is_there(t, each) for each in (added[0], added[_MOST_DELETED - 1], added[-1])]
    t.equal(there, [False, False, True], "whether the first, the last and the one beyond the maximum are there")


@rule(
    "LIM-12",
    Level.SHOULD,
    source="public integration: subscribers counts its pages from 0",
    actions=["subscribers"],
    needs=["test_clients"],
)
def subscribers_count_from_0(t: Trial) -> None:
    """The first page of `subscribers` is page 0 and holds new clients; page 1 holds others, a far page nobody."""
    added = t.clients(3)
    first = t.ok("subscribers", page=0)
    ids = [row.get("id", row.get("client_id")) for row in first]
    t.expect(set(added) <= set(ids) or len(first) >= 1000, f"the new clients {added} on page 0", ids[:20])
    second = [row.get("id", row.get("client_id")) for row in t.ok("subscribers", page=1)]
    t.equal([each for each in second if each in ids], [], "who is on page 0 and on page 1")
    t.equal(t.ok("subscribers", page=10_000), [], "a page past the end")


@rule(
    "LIM-13",
    Level.MUST,
    source="document section 'Bulk message sending': no limit on the clients is named",
    actions=["broadcast", "get_history"],
    needs=["test_clients", "control"],
)
def a_large_broadcast_reaches_everybody(t: Trial) -> None:
    """A broadcast to many clients reaches the first and the last of them, once."""
    added, text = t.clients(400), t.nonce()
    t.ok("broadcast", clients=added, message=text, shift=0.1)
    t.advance(60)
    t.equal([t.texts(added[0]), t.texts(added[-1])], [[text], [text]], "the histories of the first and the last")


@rule(
    "LIM-14",
    Level.SHOULD,
    source="assumption: bounds of offset and limit",
    actions=["get_clients", "get_history"],
    effect="read",
    needs=["clients"],
    assumptions=[PAGE_OF_NOTHING],
)
def a_page_of_nothing_is_refused(t: Trial) -> None:
    """A negative offset, a limit of zero and a limit that is no number are refused."""
    for parameters in ({"offset": -1}, {"limit": 0}, {"limit": -5}, {"limit": "many"}, {"offset": "x"}):
        sent: dict[str, Any] = dict(parameters)
        exchange = t.call("get_clients", **sent)
        t.assume(PAGE_OF_NOTHING, not exchange.succeeded, f"{parameters}: {said(exchange)[:60]}")
        t.expect_refusal(exchange)
    with t.optional():
        t.refused("get_history", client_id=t.profile.clients[0], limit=0)


@rule(
    "LIM-15",
    Level.MUST,
    source="document section 'Assigning variables': no limit applies to this request",
    actions=["save_variables", "get_variables"],
    needs=["test_clients", "control"],
)
def saving_is_not_limited(t: Trial) -> None:
    """`save_variables` succeeds however often it is called, where the limit on calls stops other actions."""
    client_id = t.client()
    settings = t.control("GET", "/settings")
    limit = {name: settings[name] for name in ("calls_per_second", "calls_at_once")}
    t.control("PATCH", "/settings", {"calls_per_second": 0.01, "calls_at_once": 3})
    t.wire.waits_for_its_turn = False
    try:
        for number in range(8):
            t.ok("save_variables", client_id=client_id, variables={"client.cnf_a": number})
        # Stops at the first refusal: many in a row would end the whole run.
        is_limited = any(t.call("get_variables", client_id=client_id).status == 429 for _ in range(8))
    finally:
        t.wire.waits_for_its_turn = True
        t.control("PATCH", "/settings", limit)
    t.expect(is_limited, "the limit to stop other actions", "eight of them")


@rule(
    "LIM-16",
    Level.MUST,
    source=f"{_CLIENTS}: reverse is from the oldest record to the newest, so that without it the newest is first",
    actions=["get_clients"],
    needs=["channel"],
)
def reverse_begins_with_the_oldest(t: Trial) -> None:
    """`get_clients` begins with the newest client, and with `reverse` with the oldest."""
    made: list[int] = []
    for _ in range(3 if t.moves_clock else 2):
        if made:
            t.advance(1)
        made += t.clients(1, just_now=True)
    orders: list[tuple[list[int], dict[str, Any]]] = [(made[::-1], {}), (made, {"reverse": 1})]
    for expected, parameters in orders:
        rows: list[int] = []
        while page := _page(t, offset=len(rows), limit=_PAGE, **parameters):
            rows += page
        t.equal([each for each in rows if each in made], expected, f"the new clients with {parameters}")


@rule(
    "LIM-17",
    Level.SHOULD,
    source=f"{_HISTORY}: start_date and stop_date, the first and the last day of the period",
    actions=["get_history", "message"],
    needs=["channel", "control"],
)
def both_days_belong_to_the_period(t: Trial) -> None:
    """A period holds the messages of its first and of its last day, and no others."""
    client_id, days = t.client(), []
    with t.frozen():
        for number in range(4):
            write(t, client_id, str(number))
            days.append(datetime.fromisoformat(t.control("GET", "/clock")["time"]).strftime("%d.%m.%Y"))
            t.advance(_DAY)
    for first, last in ((1, 1), (1, 2), (0, 2), (0, 3)):
        found = t.history(client_id, start_date=days[first], stop_date=days[last])
        expected = [str(number) for number in range(last, first - 1, -1)]
        t.equal([each["text"] for each in found], expected, f"the messages from {days[first]} to {days[last]}")


@rule(
    "LIM-19",
    Level.MUST,
    source=f"{_HISTORY}: 2000 messages at most, and where no limit is given",
    actions=["get_history", "message"],
    needs=["channel", "control"],
)
def one_message_beyond_the_longest_history(t: Trial) -> None:
    """Of one message more than the maximum, the newest are given, just as many as the maximum, with and without it."""
    client_id = t.client()
    state = t.control("GET", "/state")
    messages = state.setdefault("messages", [])
    first = 1 + max((each["id"] for each in messages), default=0)
    about = {"client_id": client_id, "client_replica": False, "created_at": t.now()}
    messages += [{"id": first + number, "text": str(number), **about} for number in range(_LONGEST_HISTORY + 1)]
    t.control("PUT", "/state", state)
    parameters: tuple[dict[str, Any], ...] = ({}, {"limit": _LONGEST_HISTORY}, {"limit": _LONGEST_HISTORY - 1})
    for each in parameters:
        texts = [row["text"] for row in t.history(client_id, **each)]
        count = each.get("limit", _LONGEST_HISTORY)
        t.equal(
            [len(texts), *texts[:1], *texts[-1:]],
            [count, str(_LONGEST_HISTORY), str(_LONGEST_HISTORY - count + 1)],
            f"number, newest and oldest of the messages with {each}",
        )


@rule(
    "LIM-20",
    Level.MUST,
    source="document section 'Retrieve the list of bot subscribers in any messenger': date_from, date_to, timestamps",
    actions=["subscribers", "get_clients"],
    needs=["channel"],
)
def subscribers_to_the_second(t: Trial) -> None:
    """A period that begins a second after a client was created, or ends a second before, leaves the client out."""
    [client_id] = t.clients(1, just_now=True)
    row = t.listed(client_id)
    created = seconds(row["created_at"], t.now(), t.profile.zone)
    if created is None:
        t.not_run("get_clients does not show when a client was created")

    def is_found(**period: Any) -> bool:
        return bool(t.subscribers([client_id], client_type=row["client_type"], **period))

    moment = int(created)
    # Whether both ends belong to the period is not stated.
    for difference, after, before in ((-2, True, False), (2, False, True)):
        t.equal(is_found(date_from=moment + difference), after, f"whether date_from {difference:+} s finds the client")
        t.equal(is_found(date_to=moment + difference), before, f"whether date_to {difference:+} s finds the client")
    t.equal(is_found(date_from=moment - 2, date_to=moment + 2), True, "whether both find the client")


@rule(
    "LIM-21",
    Level.SHOULD,
    source=f"{_HISTORY}: start_date and stop_date, days; other vendor page: in the project's zone, GMT+3 by default",
    actions=["get_history", "message"],
    needs=["channel", "control"],
)
def a_day_ends_at_midnight(t: Trial) -> None:
    """A message of the last second of a day belongs to that day, one of the next second to the next day."""
    client_id = t.client()
    with t.frozen():
        now = datetime.fromisoformat(t.control("GET", "/clock")["time"])
        midnight = (now + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
        t.advance((midnight - now).total_seconds() - 1)
        for text in ("last", "first"):
            write(t, client_id, text)
            t.advance(1.1)  # the clock counts in fractions, which a sum does not hit
    for day, expected in ((midnight - timedelta(days=1), ["last"]), (midnight, ["first"])):
        date = day.strftime("%d.%m.%Y")
        found = [each["text"] for each in t.history(client_id, start_date=date, stop_date=date)]
        t.equal(found, expected, f"the messages of {date}")


@rule(
    "LIM-23",
    Level.SHOULD,
    source=f"{_HISTORY}: start_date and stop_date, days; other vendor page: in the project's zone, GMT+3 by default",
    actions=["get_history", "message"],
    needs=["test_clients"],
)
def today_is_the_projects(t: Trial) -> None:
    """What is sent today, in the project's zone, is in each period that begins or ends today, and in no other day's."""
    client_id, text = t.client(), t.nonce()
    before = datetime.fromtimestamp(t.now(), t.profile.zone)
    write(t, client_id, text)
    t.texts_with(text, client_id)
    after = datetime.fromtimestamp(t.now(), t.profile.zone)
    if after.date() != before.date():
        t.not_run("the day has changed meanwhile")
    for period in ((-1, -1), (0, 0), (1, 1), (-2, -1), (-1, 0), (0, 1), (1, 2)):
        first, last = ((before + timedelta(days=each)).strftime("%d.%m.%Y") for each in period)
        texts = [each.get("text") for each in t.history(client_id, start_date=first, stop_date=last)]
        t.equal(text in texts, 0 in period, f"whether it is shown for {first} to {last}")


@rule(
    "LIM-22",
    Level.MUST,
    source=f"{_CLIENTS}: offset and limit",
    actions=["get_clients", "add_to_list"],
    needs=["test_clients", "list_id"],
)
def the_last_of_a_page(t: Trial) -> None:
    """The last client of a list is the whole page at the last offset, and there is none at the next one."""
    added = t.clients(4)
    t.put_on_list(added)
    whole = _page(t, list=t.profile.list_id)
    for offset in range(len(whole) - 2, len(whole) + 2):
        found = _page(t, list=t.profile.list_id, offset=offset, limit=2)
        t.equal(found, whole[offset : offset + 2], f"the page at {offset} of {len(whole)}")


def _page(t: Trial, **parameters: Any) -> list[int]:
    return [each["id"] for each in t.ok("get_clients", **parameters)["clients"]]
