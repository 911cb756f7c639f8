"""Rules: scheduling."""

from __future__ import annotations

import math
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import reached, taking, text_of, valid
from mavibot_conformance.rules.moments import seconds
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mavibot_conformance.rules.trial import Trial

_SCHEMAS: Final = mavibot_contract.load().document["components"]["schemas"]
_SEND_TIME: Final[str] = _SCHEMAS["SendTime"]["x-time"]
_SHIFT: Final = "document section 'Sending a message to a client': time_shift, seconds until it is sent"
_AT: Final = "document section 'Sending a message to a client': send_time, the moment at which it is sent"
_TO_THE_SECOND: Final = "waiting does not show half a second, which a call and its reply may take"
_SENDS: Final = taking("time_shift", "client_id")
_OTHER_SENDS: Final = ("broadcast", "whatsapp_message", "send_callback_by_platform_id")
_DELAYED: Final = taking("time_shift", "send_time")
#: Seconds after a call, and after the first of these looks, at which a real delay of a few is surely not over.
_MOMENTS: Final = (0.75, 0.9)
#: Later in any zone.
_YEARS_S: Final = 10 * 365 * 86_400
_WITH_VARIABLES: Final = tuple(
    action for action in _DELAYED if mavibot_contract.load().operation(action).free_variables
)


@rule(
    "TIME-1",
    Level.MUST,
    source=_SHIFT,
    actions=[*_SENDS, "get_history"],
    judges=_SENDS,
    needs=["test_clients", "time"],
)
def time_shift_delays(t: Trial) -> Iterator[float]:
    """`time_shift` delays by that many seconds: a second before nothing is there, a second after it is, once."""
    client_id, delay = t.client(), t.delay(600)
    texts: dict[str, str] = {}

    def counts() -> dict[str, int]:
        found = t.texts(client_id)
        return {action: found.count(text) for action, text in texts.items()}

    with t.frozen():
        asked: dict[str, float] = {}

        def send(action: str) -> None:
            asked[action], text = t.now(), t.nonce()
            t.ok(action, client_id=client_id, message=text, time_shift=delay)
            texts[action] = text
            count = t.texts(client_id).count(text)
            if t.is_before(asked[action] + delay):
                t.equal(count, 0, f"how often the {action} is there at once")

        t.each(send, _SENDS)
        if t.moves_clock:
            yield delay - 2
            t.equal(counts(), dict.fromkeys(texts, 0), "how often each is there two seconds before")
        else:
            for later in _MOMENTS:
                yield later
                early = counts()
                for action in (each for each in texts if t.is_before(asked[each] + delay)):
                    t.equal(early[action], 0, f"how often the {action} is there a moment later")
        yield 4 if t.moves_clock else delay
        found = t.seen(counts, lambda found: all(found.values()))
        t.equal(found, dict.fromkeys(texts, 1), "how often each is there after")
        if t.moves_clock:
            yield 7200
            t.equal(counts(), dict.fromkeys(texts, 1), "how often each is there much later")


@rule("TIME-2", Level.MUST, source=_SHIFT, actions=["message", "get_history"], needs=["test_clients"])
def no_delay_is_none(t: Trial) -> None:
    """A `time_shift` of 0 sends at once; one of an hour does not."""
    client_id, now, later = t.client(), t.nonce(), t.nonce()
    t.ok("message", client_id=client_id, message=later, time_shift=3600)
    t.ok("message", client_id=client_id, message=now, time_shift=0)
    _expect_of(t, [now, later], client_id, [now])


@rule(
    "TIME-3",
    Level.SHOULD,
    source=f"{_AT}; other vendor page: in the project's zone, GMT+3 by default",
    actions=["message", "callback", "get_history"],
    judges=["message", "callback"],
    needs=["test_clients", "time"],
)
def send_time_is_the_projects(t: Trial) -> Iterator[float]:
    """`send_time` names a moment in the project's zone."""
    client_id = t.client()
    for action in ("message", "callback"):
        with t.optional():
            text, delay = t.nonce(), t.delay(2 * 3600)
            due = math.ceil(t.now()) + delay
            t.ok(action, client_id=client_id, message=text, send_time=_send_time(t, due))
            if t.moves_clock:
                yield delay - 60
            count = t.texts(client_id).count(text)
            if t.is_before(due):
                t.equal(count, 0, f"how often the {action} is there before")
            yield 120 if t.moves_clock else delay + 2
            t.equal(t.texts_with(text, client_id).count(text), 1, f"how often the {action} is there after")


@rule(
    "TIME-4",
    Level.SHOULD,
    source=f"{_AT}; other vendor page: the past means at once",
    actions=["message", "get_history"],
    needs=["test_clients"],
)
def the_past_is_at_once(t: Trial) -> None:
    """A `send_time` in the past sends at once, one in the far future does not."""
    client_id, now, later = t.client(), t.nonce(), t.nonce()
    t.ok("message", client_id=client_id, message=later, send_time="2099-01-01 00:00:00")
    t.ok("message", client_id=client_id, message=now, send_time="2020-01-01 00:00:00")
    _expect_of(t, [now, later], client_id, [now])


@rule(
    "TIME-5",
    Level.MUST,
    source="document section 'Bulk message sending': shift, seconds between two messages",
    actions=["broadcast", "get_history"],
    needs=["test_clients", "time"],
)
def a_broadcast_is_spaced(t: Trial) -> Iterator[float]:
    """`shift` is the time between two messages of a broadcast."""
    added, text, shift = t.clients(5 if t.moves_clock else 2), t.nonce(), t.delay(60)
    with t.frozen():
        asked = t.now()
        t.ok("broadcast", clients=added, message=text, shift=shift)
        for count in range(1, len(added) + 1):
            reached = t.seen(
                lambda: sum(text in t.texts(each) for each in added),
                lambda reached: reached >= count,  # noqa: B023 - called at once
            )
            if count == len(added) or t.is_before(asked + count * shift):
                t.equal(reached, count, f"how many have the message {shift} s after one another")
            yield shift


@rule(
    "TIME-6",
    Level.MUST,
    source="document section 'Bulk message sending': 0.2 seconds by default",
    actions=["broadcast", "get_history"],
    needs=["test_clients", "control"],
    no_waiting=_TO_THE_SECOND,
)
def the_default_spacing(t: Trial) -> None:
    """Without `shift` the messages of a broadcast are 0.2 seconds apart.

    It needs a clock that can be stopped: a call and its reply may take as long.
    """
    added, text = t.clients(11), t.nonce()
    with t.frozen():
        t.ok("broadcast", clients=added, message=text)
        t.advance(1.1)
        t.equal(sum(text in t.texts(each) for each in added), 6, "how many of 11 have the message after 1.1 s")
        t.advance(1)
        t.equal(sum(text in t.texts(each) for each in added), 11, "how many have it after 2.1 s")


@rule(
    "TIME-7",
    Level.SHOULD,
    source="document section 'Start the bot': further parameters are saved; assumption: when the callback runs",
    actions=["callback", "get_variables"],
    needs=["test_clients", "time"],
)
def a_delayed_callback_saves_its_variables(t: Trial) -> Iterator[float]:
    """The variables of a delayed callback are there once it has run."""
    client_id, value, delay = t.client(), t.nonce(), t.delay(600)
    variables: dict[str, Any] = {"client.cnf_a": value, "cnf_deal_b": value}
    t.ok("callback", client_id=client_id, message="x", time_shift=delay, **variables)
    t.observe(f"before it runs: {shown(t.variables(client_id).get('cnf_a'))}")
    yield delay + 1
    found = t.seen(lambda: t.variables(client_id), lambda found: found.get("cnf_deal_b") == value)
    t.equal([found.get("cnf_a"), found.get("cnf_deal_b")], [value, value], "the variables")


@rule("TIME-8", Level.MUST, source=_SHIFT, actions=["message", "get_history"], needs=["test_clients", "time"])
def what_is_due_comes_in_order(t: Trial) -> Iterator[float]:
    """Messages with different delays come in the order of their moments, whatever the order of the calls."""
    client_id, delay = t.client(), t.delay(100)
    texts = [t.nonce() for _ in range(3)]
    for place in (2, 0, 1):
        # The later ones are far enough apart, however long the calls take.
        t.ok("message", client_id=client_id, message=texts[place], time_shift=(place + 1) * delay)
    yield 3 * delay + 1
    _expect_of(t, texts, client_id, texts[::-1])


@rule(
    "TIME-9",
    Level.SHOULD,
    source="document section 'Bulk message sending': time_shift and send_time",
    actions=[*_OTHER_SENDS, "get_history"],
    judges=_OTHER_SENDS,
    needs=["test_clients", "time"],
)
def other_sends_are_delayed_too(t: Trial) -> Iterator[float]:
    """Broadcasts, WhatsApp messages and callbacks by platform id are delayed by `time_shift` as well."""
    client_id, delay, asked = t.client(), t.delay(600), t.now()

    def send(action: str) -> dict[str, Any]:
        parameters = valid(t, action)
        if "clients" in parameters:
            parameters["clients"] = [client_id]
        elif "platform_ids" in parameters:
            parameters["platform_ids"] = [t.platform_id(client_id)]
        t.ok(action, **parameters, time_shift=delay)
        _count(t, action, parameters)
        return parameters

    sent = t.parts({action: partial(send, action) for action in _OTHER_SENDS})

    def counts() -> dict[str, int]:
        return {action: _count(t, action, parameters) for action, parameters in sent.items()}

    at_once = counts()
    if t.is_before(asked + delay):
        t.equal(at_once, dict.fromkeys(sent, 0), "how often each is there at once")
    yield delay + 1
    found = t.seen(counts, lambda found: all(found.values()))
    t.equal({action: count > 0 for action, count in found.items()}, dict.fromkeys(sent, True), "what is there after")


@rule(
    "TIME-10",
    Level.MUST,
    source=f"{_SHIFT}; the sections of the other sends and callbacks name it too",
    actions=_DELAYED,
    judges=_DELAYED,
    needs=["test_clients", "time"],
)
def time_shift_by_any_method(t: Trial) -> Iterator[float]:
    """`time_shift` delays every action that takes it, by GET as by POST."""
    delay, early = t.delay(600), {}
    sent: dict[str, dict[str, Any]] = {}

    def send(action: str) -> None:
        for method in mavibot_contract.load().actions[action]:
            parameters = valid(t, action)
            asked = t.now()
            t.ok(action, method=method, **parameters, time_shift=delay)
            count = _count(t, action, parameters)
            sent[f"{method} {action}"] = parameters
            if count and t.is_before(asked + delay):
                early[f"{method} {action}"] = count

    t.each(send, _DELAYED)
    t.equal(early, {}, "what came at once")
    yield delay + 1
    missing = t.seen(lambda: _other_than(1, t, sent), lambda missing: not missing)
    t.equal(missing, {}, "what did not come once after the time")


@rule(
    "TIME-11",
    Level.MUST,
    source=f"{_AT}; the sections of the other sends and callbacks name it too",
    actions=_DELAYED,
    judges=_DELAYED,
    needs=["test_clients", "time"],
)
def send_time_by_any_method(t: Trial) -> Iterator[float]:
    """`send_time` delays every action that takes it, by GET as by POST."""
    delay = t.delay(3 * 86_400)
    sent: dict[str, dict[str, Any]] = {}
    early = _come_early(t, delay, sent)
    # The document does not name the zone: in another one all comes at once, or nothing yet.
    if early.keys() == sent.keys() and not t.moves_clock:
        t.equal(_come_early(t, _YEARS_S, {}), {}, "what came at once, years before its time")
        t.should(not early, "nothing before its time in the project's zone", early)
        return
    t.equal(early, {}, "what came at once")
    if t.moves_clock:
        yield 86_400
        t.equal(_other_than(0, t, sent), {}, "what came two days before")
    yield delay + 2
    missing = t.seen(lambda: _other_than(1, t, sent), lambda missing: not missing)
    with t.as_should() if missing == dict.fromkeys(sent, 0) and not t.moves_clock else nullcontext():
        t.equal(missing, {}, "what did not come once after the time in the project's zone")


@rule(
    "TIME-12",
    Level.MUST,
    source="document section 'Start the bot' and those of the other callbacks: further parameters are saved, and "
    "time_shift, the seconds until it is sent",
    actions=_WITH_VARIABLES,
    each=True,
    needs=["test_clients", "time"],
)
def every_delayed_callback_saves_its_variables(t: Trial, action: str) -> Iterator[float]:
    """The further parameters of a delayed callback are variables once it has run, by each method."""
    for method in mavibot_contract.load().actions[action]:
        parameters = valid(t, action)
        names = [t.nonce() for _ in range(3)]
        values: dict[str, Any] = {f"client.{names[0]}": t.nonce(), names[1]: t.nonce(), f"client.{names[2]}": t.nonce()}
        delay = t.delay(600)
        t.ok(action, method=method, **parameters, **values, time_shift=delay)
        yield delay + 1
        client_id, wanted = reached(t, action, parameters), list(values.values())
        found = t.seen(lambda: _values(t, client_id, names), lambda found: found == wanted)  # noqa: B023 - called at once
        t.equal(found, wanted, f"the variables saved by {method}")


def _values(t: Trial, client_id: int, names: Iterable[str]) -> list[Any]:
    found = t.variables(client_id)
    return [found.get(name) for name in names]


@rule(
    "TIME-13",
    Level.MUST,
    source=f"{_SHIFT}: the number of seconds",
    actions=_DELAYED,
    each=True,
    needs=["test_clients", "control"],
    no_waiting=_TO_THE_SECOND,
)
def time_shift_to_the_second(t: Trial, action: str) -> None:
    """What is delayed by some seconds is not there half a second before they are over, and there when they are.

    It needs a clock that can be stopped: half a second is less than a call and its reply may take.
    """
    for delay in (1, 90):
        parameters = valid(t, action)
        with t.frozen():
            t.ok(action, **parameters, time_shift=delay)
            _expect_after(t, delay, action, parameters, f"{delay} s have passed")


@rule(
    "TIME-14",
    Level.SHOULD,
    source=f"{_AT}; other vendor page: in the project's zone, GMT+3 by default",
    actions=_DELAYED,
    each=True,
    needs=["test_clients", "control"],
    no_waiting="nobody waits for midnight",
)
def send_time_to_the_second(t: Trial, action: str) -> None:
    """What is due at midnight, or a second before, is not there half a second before that, and there right after it.

    It needs a clock that can be moved: nobody waits for midnight.
    """
    with t.frozen():
        now = datetime.fromtimestamp(t.now(), t.profile.zone)
        midnight = (now + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
        for moment in (midnight - timedelta(seconds=1), midnight):
            parameters = valid(t, action)
            t.ok(action, **parameters, send_time=moment.strftime(_SEND_TIME))
            _expect_after(t, moment.timestamp() - t.now(), action, parameters, f"{moment:%H:%M:%S}")


@rule(
    "TIME-15",
    Level.MUST,
    source="document section 'Bulk message sending': time_shift and shift",
    actions=["broadcast", "get_history"],
    needs=["test_clients", "time"],
)
def a_delayed_broadcast_is_spaced_too(t: Trial) -> Iterator[float]:
    """A delayed broadcast begins when it is due, and its messages are `shift` apart from then on."""
    added, text = t.clients(3 if t.moves_clock else 2), t.nonce()
    delay, shift = t.delay(100), t.delay(10)

    def count() -> int:
        return sum(t.texts(each).count(text) for each in added)

    with t.frozen():
        asked = t.now()
        t.ok("broadcast", clients=added, message=text, shift=shift, time_shift=delay)
        if t.moves_clock:
            counts = []
            for wait in (99, 1, 9, 1, 10, 100):
                yield wait
                counts.append(count())
            t.equal(counts, [0, 1, 1, 2, 3, 3], "how many messages there are after 99, 100, 109, 110, 120 and 220 s")
            return
        for expected in (0, 1, 2):
            seen = t.seen(count, lambda seen: seen >= expected)  # noqa: B023 - called at once
            if expected == len(added) or t.is_before(asked + delay + expected * shift):
                t.equal(seen, expected, f"how many messages there are {expected * shift} s after the first is due")
            yield delay if expected == 0 else shift


@rule(
    "TIME-16",
    Level.MUST,
    source=f"{_SHIFT}; a file or a block is sent as well as a text",
    actions=["message", "whatsapp_message", "broadcast", "get_history"],
    needs=["channel", "groups", "block_id", "time"],
)
def what_is_delayed_is_whole(t: Trial) -> Iterator[float]:
    """Several messages that are due at one moment all come, each with its own text, file or block."""
    answer = t.block()["answer"]
    delay = t.delay(600)
    for action in ("message", "whatsapp_message", "broadcast"):
        who = {name: value for name, value in valid(t, action).items() if name != "message"}
        texts, url = [t.nonce() for _ in range(3)], f"https://files.example.com/{t.nonce()}.jpg"
        for text in texts:
            t.ok(action, **who, message=text, time_shift=delay)
        t.ok(action, **who, attachment_type="image", attachment_url=url, time_shift=delay)
        t.ok(action, **who, message_id=t.profile.block_id, time_shift=delay)
        yield delay + 5
        client_id = reached(t, action, who)
        rows = t.seen(lambda: t.history(client_id), lambda rows: len(rows) >= len(texts) + 2)  # noqa: B023 - called at once
        found = [row["text"] for row in rows]
        t.equal([found.count(text) for text in texts], [1, 1, 1], f"how often each text of {action} came")
        t.expect(url in str([row["attachments"] for row in rows]), f"the file of {action}", rows)
        t.equal(found.count(answer), 1, f"how often the answer of the block came by {action}")


@rule(
    "TIME-17",
    Level.SHOULD,
    source=f"{_SHIFT}; document section 'Retrieving message history': created_at",
    actions=["message", "callback", "get_history"],
    needs=["channel", "time"],
)
def a_delayed_message_is_as_old_as_its_sending(t: Trial) -> Iterator[float]:
    """The history shows of a delayed message or callback when it was sent, and not when that was asked for."""
    delay = t.delay(86_400, real=12)
    for action in ("message", "callback"):
        client_id, late, now = t.client(), t.nonce(), t.nonce()
        t.ok(action, client_id=client_id, message=late, time_shift=delay)
        t.ok(action, client_id=client_id, message=now)
        yield delay + 2
        history = t.seen(
            lambda: t.history(client_id),  # noqa: B023 - called at once
            lambda rows: {late, now} <= {row.get("text") for row in rows},  # noqa: B023 - as above
        )
        rows = {row["text"]: seconds(row["created_at"]) for row in history}
        t.expect(None not in rows.values() and {late, now} <= rows.keys(), "moments that can be read", rows)
        after = float(rows[late] or 0) - float(rows[now] or 0)
        t.expect(
            abs(after - delay) < min(60, delay / 2), f"the delayed {action} to be {delay} s after the other one", rows
        )


def _expect_of(t: Trial, texts: list[str], client_id: int, expected: list[str]) -> None:
    """Expect which of some texts are in a client's history, newest first, whatever else is in it."""
    found = t.seen(lambda: t.texts(client_id), lambda found: {*expected} <= {*found})
    t.equal([each for each in found if each in texts], expected, "the rule's texts in the history")


def _send_time(t: Trial, moment: float) -> str:
    """Return a moment, in Unix seconds, as `send_time` names it."""
    return datetime.fromtimestamp(moment, t.profile.zone).strftime(_SEND_TIME)


def _come_early(t: Trial, delay: int, sent: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Send with each action and method that takes a `send_time`; return what came before it, and how often.

    Args:
        t: the rule's trial.
        delay: how many seconds later it is.
        sent: receives the parameters of each call.
    """
    early: dict[str, int] = {}

    def send(action: str) -> None:
        for method in mavibot_contract.load().actions[action]:
            parameters = valid(t, action)
            due = math.ceil(t.now()) + delay
            t.ok(action, method=method, **parameters, send_time=_send_time(t, due))
            count = _count(t, action, parameters)
            sent[f"{method} {action}"] = parameters
            if count and t.is_before(due):
                early[f"{method} {action}"] = count

    t.each(send, _DELAYED)
    return early


def _other_than(count: int, t: Trial, sent: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Return what did not come just so often, and how often it came."""
    found = {call: _count(t, call.split()[1], parameters) for call, parameters in sent.items()}
    return {call: times for call, times in found.items() if times != count}


def _expect_after(t: Trial, wait: float, action: str, parameters: dict[str, Any], end: str) -> None:
    """Expect on a frozen clock that what was sent is not there half a second before the end of a wait, but after it."""
    t.advance(wait - 0.5)
    t.equal(_count(t, action, parameters), 0, f"how often it is there half a second before {end}")
    t.advance(0.6)
    t.equal(_count(t, action, parameters), 1, f"how often it is there after {end}")


def _count(t: Trial, action: str, parameters: dict[str, Any]) -> int:
    """Return how often what was sent is in the history of whom it reaches."""
    client_id = reached(t, action, parameters)
    text = text_of(parameters)
    return 0 if client_id is None else t.texts(client_id).count(text)
