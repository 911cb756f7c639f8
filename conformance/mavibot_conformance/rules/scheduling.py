"""Rules: scheduling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import reached, valid
from mavibot_conformance.rules.rule import Level, rule

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial

_SCHEMAS: Final = mavibot_contract.load().document["components"]["schemas"]
_SEND_TIME: Final[str] = _SCHEMAS["SendTime"]["x-time"]
_SHIFT: Final = "document section 'Sending a message to a client': time_shift, seconds until it is sent"
_AT: Final = "document section 'Sending a message to a client': send_time, the moment at which it is sent"
_ZONE: Final = timedelta(hours=3)
_SENDS: Final = tuple(
    action
    for action, operations in mavibot_contract.load().actions.items()
    if "time_shift" in next(iter(operations.values())).schema["properties"]
    and "client_id" in next(iter(operations.values())).schema["properties"]
)


_DELAYED: Final = tuple(
    action
    for action, operations in mavibot_contract.load().actions.items()
    if next(iter(operations.values())).schema["properties"].keys() >= {"time_shift", "send_time"}
)


@rule("TIME-1", Level.MUST, source=_SHIFT, actions=[*_SENDS, "get_history"], needs=["test_clients", "control"])
def time_shift_delays(t: Trial) -> None:
    """`time_shift` delays by that many seconds: a second before nothing is there, a second after it is, once."""
    client_id = t.client()
    for action in _SENDS:
        text = t.nonce()
        t.ok(action, client_id=client_id, message=text, time_shift=600)
        t.equal(t.texts(client_id).count(text), 0, f"how often the {action} is there at once")
        t.advance(598)
        t.equal(t.texts(client_id).count(text), 0, f"how often the {action} is there two seconds before")
        t.advance(4)
        t.equal(t.texts(client_id).count(text), 1, f"how often the {action} is there after")
        t.advance(7200)
        t.equal(t.texts(client_id).count(text), 1, f"how often the {action} is there much later")


@rule("TIME-2", Level.MUST, source=_SHIFT, actions=["message", "get_history"], needs=["channel"])
def no_delay_is_none(t: Trial) -> None:
    """A `time_shift` of 0 sends at once; one of an hour does not."""
    client_id, now, later = t.client(), t.nonce(), t.nonce()
    t.ok("message", client_id=client_id, message=later, time_shift=3600)
    t.ok("message", client_id=client_id, message=now, time_shift=0)
    t.equal(t.texts_with(now, client_id), [now], "the history")


@rule(
    "TIME-3",
    Level.SHOULD,
    source=f"{_AT}; other vendor page: in the project's zone, GMT+3 by default",
    actions=["message", "callback", "get_history"],
    needs=["test_clients", "control"],
)
def send_time_is_the_projects(t: Trial) -> None:
    """`send_time` names a moment in the project's zone."""
    client_id = t.client()
    for action in ("message", "callback"):
        text = t.nonce()
        now = datetime.fromtimestamp(t.control("GET", "/clock")["now"], UTC)
        moment = now + _ZONE + timedelta(hours=2)
        t.ok(action, client_id=client_id, message=text, send_time=moment.strftime(_SEND_TIME))
        t.advance(2 * 3600 - 60)
        t.equal(t.texts(client_id).count(text), 0, f"how often the {action} is there a minute before")
        t.advance(120)
        t.equal(t.texts(client_id).count(text), 1, f"how often the {action} is there a minute after")


@rule(
    "TIME-4",
    Level.SHOULD,
    source=f"{_AT}; other vendor page: the past means at once",
    actions=["message", "get_history"],
    needs=["channel"],
)
def the_past_is_at_once(t: Trial) -> None:
    """A `send_time` in the past sends at once, one in the far future does not."""
    client_id, now, later = t.client(), t.nonce(), t.nonce()
    t.ok("message", client_id=client_id, message=later, send_time="2099-01-01 00:00:00")
    t.ok("message", client_id=client_id, message=now, send_time="2020-01-01 00:00:00")
    t.equal(t.texts_with(now, client_id), [now], "the history")


@rule(
    "TIME-5",
    Level.MUST,
    source="document section 'Bulk message sending': shift, seconds between two messages",
    actions=["broadcast", "get_history"],
    needs=["test_clients", "control"],
)
def a_broadcast_is_spaced(t: Trial) -> None:
    """`shift` is the time between two messages of a broadcast."""
    added, text = t.clients(5), t.nonce()
    t.control("POST", "/clock/freeze")
    try:
        t.ok("broadcast", clients=added, message=text, shift=60)
        counts = []
        for _ in added:
            counts.append(sum(text in t.texts(each) for each in added))
            t.advance(60)
        t.equal(counts, [1, 2, 3, 4, 5], "how many have the message after each minute")
    finally:
        t.control("POST", "/clock/run")


@rule(
    "TIME-6",
    Level.MUST,
    source="document section 'Bulk message sending': 0.2 seconds by default",
    actions=["broadcast", "get_history"],
    needs=["test_clients", "control"],
)
def the_default_spacing(t: Trial) -> None:
    """Without `shift` the messages of a broadcast are 0.2 seconds apart."""
    added, text = t.clients(11), t.nonce()
    t.control("POST", "/clock/freeze")
    try:
        t.ok("broadcast", clients=added, message=text)
        t.advance(1.1)
        t.equal(sum(text in t.texts(each) for each in added), 6, "how many of 11 have the message after 1.1 s")
        t.advance(1)
        t.equal(sum(text in t.texts(each) for each in added), 11, "how many have it after 2.1 s")
    finally:
        t.control("POST", "/clock/run")


@rule(
    "TIME-7",
    Level.SHOULD,
    source="document section 'Start the bot': further parameters are saved; assumption: when the callback runs",
    actions=["callback", "get_variables"],
    needs=["test_clients", "control"],
)
def a_delayed_callback_saves_its_variables(t: Trial) -> None:
    """The variables of a delayed callback are there once it has run."""
    client_id, value = t.client(), t.nonce()
    variables: dict[str, Any] = {"client.cnf_a": value, "cnf_b": value}
    t.ok("callback", client_id=client_id, message="x", time_shift=600, **variables)
    t.observe(f"before it runs: {t.variables(client_id).get('cnf_a')!r}")
    t.advance(601)
    found = t.variables(client_id)
    t.equal([found.get("cnf_a"), found.get("cnf_b")], [value, value], "the variables")


@rule("TIME-8", Level.MUST, source=_SHIFT, actions=["message", "get_history"], needs=["channel", "control"])
def what_is_due_comes_in_order(t: Trial) -> None:
    """Messages with different delays come in the order of their moments, whatever the order of the calls."""
    client_id = t.client()
    for delay in (300, 100, 200):
        t.ok("message", client_id=client_id, message=str(delay), time_shift=delay)
    t.advance(400)
    t.equal(t.texts(client_id), ["300", "200", "100"], "the history, newest first")


@rule(
    "TIME-9",
    Level.SHOULD,
    source="document section 'Bulk message sending': time_shift and send_time",
    actions=["broadcast", "whatsapp_message", "send_callback_by_platform_id", "get_history"],
    needs=["test_clients", "groups", "control"],
)
def other_sends_are_delayed_too(t: Trial) -> None:
    """Broadcasts, WhatsApp messages and callbacks by platform id are delayed by `time_shift` as well."""
    client_id, phone = t.client(), t.phone()
    t.ok("whatsapp_callback", phone=phone, message=t.nonce())
    on_whatsapp = t.ok("whatsapp_client_id", phone=phone, group_id=t.group("whatsapp"))["client_id"]
    platform_id = t.variables(client_id)["platform_id"]
    texts = [t.nonce() for _ in range(3)]
    t.ok("broadcast", clients=[client_id], message=texts[0], time_shift=600)
    t.ok("send_callback_by_platform_id", platform_ids=[platform_id], callback_text=texts[1], time_shift=600)
    t.ok("whatsapp_message", phone=phone, message=texts[2], time_shift=600)

    def there() -> list[bool]:
        return [texts[0] in t.texts(client_id), texts[1] in t.texts(client_id), texts[2] in t.texts(on_whatsapp)]

    t.equal(there(), [False] * 3, "what is there at once")
    t.advance(605)
    t.equal(there(), [True] * 3, "what is there after")


@rule(
    "TIME-10",
    Level.MUST,
    source=f"{_SHIFT}; the sections of the other sends and callbacks name it too",
    actions=_DELAYED,
    needs=["test_clients", "groups", "control"],
)
def time_shift_by_any_method(t: Trial) -> None:
    """`time_shift` delays every action that takes it, by GET as by POST."""
    sent = _send_by_all(t, time_shift=600)
    t.equal(_other_than(0, t, sent), {}, "what came at once")
    t.advance(605)
    t.equal(_other_than(1, t, sent), {}, "what did not come once after the time")


@rule(
    "TIME-11",
    Level.MUST,
    source=f"{_AT}; the sections of the other sends and callbacks name it too",
    actions=_DELAYED,
    needs=["test_clients", "groups", "control"],
)
def send_time_by_any_method(t: Trial) -> None:
    """`send_time` delays every action that takes it, by GET as by POST."""
    now = datetime.fromtimestamp(t.control("GET", "/clock")["now"], UTC)
    moment = (now + timedelta(days=3)).strftime(_SEND_TIME)
    sent = _send_by_all(t, send_time=moment)
    t.advance(86_400)
    t.equal(_other_than(0, t, sent), {}, "what came two days before")
    t.advance(86_400 * 3)
    t.equal(_other_than(1, t, sent), {}, "what did not come once a day after")


def _send_by_all(t: Trial, **when: Any) -> dict[str, dict[str, Any]]:
    """Send with each action by each method, and return the parameters by what was called."""
    sent = {}
    for action in _DELAYED:
        for method in mavibot_contract.load().actions[action]:
            parameters = sent[f"{method} {action}"] = valid(t, action)
            t.ok(action, method=method, **parameters, **when)
    return sent


def _other_than(count: int, t: Trial, sent: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Return what did not come just so often, and how often it came."""
    found = {}
    for call, parameters in sent.items():
        client_id = reached(t, call.split()[1], parameters)
        text = parameters.get("message") or parameters["callback_text"]
        found[call] = 0 if client_id is None else t.texts(client_id).count(text)
    return {call: times for call, times in found.items() if times != count}
