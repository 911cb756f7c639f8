"""Rules: the same call in another form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import SAVING, named_by, reached, valid
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.texts import expect_kept
from mavibot_conformance.rules.trial import said, shown
from mavibot_conformance.rules.ways import arrived, give, held, mark
from mavibot_conformance.target.judgements import DELIMITER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_conformance.rules.trial import Trial
    from mavibot_contract import Method

_ACTIONS: Final = mavibot_contract.load().actions
_UNIVERSAL: Final = "document section 'How to use a universal webhook'"
_NESTED: Final = "document section 'Retrieve nested client data'"
_BOTH_METHODS: Final = tuple(action for action, operations in _ACTIONS.items() if len(operations) == 2)
_SENDS_BY_BOTH: Final = tuple(
    action for action in _BOTH_METHODS if mavibot_contract.load().operation(action).effect == "send"
)
_WITH_ALIASES: Final = tuple(
    action for action in _ACTIONS if mavibot_contract.load().operation(action).value_parameters
)


_WITH_DELIMITER: Final = tuple(action for action in _ACTIONS if mavibot_contract.load().operation(action).delimiter)
_PATH: Final = "/components/parameters/delimiter_value_{}"
#: Actions for which the document lists a path although they have no parameter for what it finds.
_IDLE_PATHS: Final = tuple(
    action
    for action in _ACTIONS
    if any(name.startswith("delimiter_") for name in mavibot_contract.load().operation(action).idle_aliases)
)
_RESERVED: Final = 'cnf Ünïcödé & = ? # % + / 🦊 "quoted"'
_FILE: Final = {"attachment_type": "image", "attachment_url": "https://files.example.com/cnf.jpg"}
#: Parameters with rules of their own that try GET too: when something goes out, buttons, the project, a paused bot.
_ELSEWHERE: Final = frozenset({"time_shift", "send_time", "buttons", "project_id", "resume_bot"})


@rule(
    "EQ-1",
    Level.MUST,
    source=f"{_UNIVERSAL}: these actions work by GET and by POST",
    actions=_BOTH_METHODS,
    each=True,
    needs=["test_clients"],
)
def get_is_post(t: Trial, action: str) -> None:
    """An action that works by GET and by POST answers the same by both, and does the same."""
    parameters = valid(t, action)
    effects, replies = _Effects(t, action, parameters), []
    methods: tuple[Method, Method] = ("POST", "GET")
    for method in methods:
        exchange = t.call(action, method=method, **parameters, **effects.mark())
        t.expect(exchange.succeeded, f"{action} by {method} to succeed", exchange)
        replies.append((exchange.status, exchange.data))
    t.equal(replies[1], replies[0], "the reply by GET")
    effects.expect_twice("by GET what by POST")


@rule(
    "EQ-2",
    Level.MUST,
    source=f"{_UNIVERSAL}: further parameters are saved as variables by GET too",
    actions=[action for action in _SENDS_BY_BOTH if mavibot_contract.load().operation(action).free_variables],
    each=True,
    needs=["test_clients"],
)
def get_saves_variables_too(t: Trial, action: str) -> None:
    """Further parameters are saved as variables by GET as by POST."""
    parameters = valid(t, action)
    methods: tuple[Method, Method] = ("POST", "GET")
    for method in methods:
        # A variable of the past could hide one of another name.
        values: dict[str, Any] = {f"client.{t.nonce()}": t.nonce(), t.nonce(): t.nonce()}
        exchange = t.call(action, method=method, **parameters, **values)
        t.expect(exchange.succeeded, f"{action} by {method} to succeed", exchange)
        found = held(t, reached(t, action, parameters), values)
        t.equal(found, values, f"the variables saved by {method}")


@rule(
    "EQ-3",
    Level.MUST,
    source=f"{_UNIVERSAL}: these actions work by GET and by POST; section 'Sending a message to a client': message is "
    "the text. In which notation a history shows it no source says",
    actions=["message", "get_history"],
    needs=["test_clients"],
)
def get_carries_any_character(t: Trial) -> None:
    """Reserved and non-Latin characters arrive by GET as they do by POST."""
    client_id, text = t.client(), f"{_RESERVED} {t.nonce()}"
    for method in ("POST", "GET"):
        t.ok("message", method=method, client_id=client_id, message=f"{text} {method}")
    newest = t.texts(client_id)[:2]
    t.equal(len(newest), 2, "the number of messages")
    for found, method in zip(newest, ("GET", "POST"), strict=True):
        expect_kept(t, found, f"{text} {method}", f"the text sent by {method}")


@rule(
    "EQ-4",
    Level.MUST,
    source=f"{_UNIVERSAL}: value_… names the key of the body that holds the parameter",
    actions=_WITH_ALIASES,
    each=True,
    needs=["test_clients"],
)
def an_alias_is_the_parameter(t: Trial, action: str) -> None:
    """A parameter that is found by its alias works as one that is sent directly; each alias, each method."""

    def move(alias: str) -> None:
        for method, operation in _ACTIONS[action].items():
            target, key = operation.value_parameters.get(alias), f"cnf_source_{t.nonce()}"
            if target is None:
                continue
            parameters = _with(t, action, target)
            effects = _Effects(t, action, parameters)
            exchange = t.call(action, method=method, **parameters, **effects.mark())
            t.expect(exchange.succeeded, f"{action} by {method} to succeed", exchange)
            moved = {key: parameters[target], **{k: v for k, v in parameters.items() if k != target}, alias: key}
            exchange = t.call(action, method=method, **moved, **effects.mark())
            t.expect(exchange.succeeded, f"{action} by {method} with {alias} to succeed", exchange)
            effects.expect_twice(f"with {alias} by {method} what without it")
            with t.optional():
                found = t.variables(reached(t, action, parameters))
                t.expect(key not in found, f"{alias} to move the field", "a variable of it too")

    def move_if_stated(alias: str) -> None:
        if action in _BOTH_METHODS:
            move(alias)
        else:  # the document speaks of actions that work by both methods alone
            with t.as_should():
                move(alias)

    t.each(
        move_if_stated, dict.fromkeys(alias for each in _ACTIONS[action].values() for alias in each.value_parameters)
    )


@rule(
    "EQ-5",
    Level.SHOULD,
    source=f"{_UNIVERSAL}: the aliases stand in the address",
    actions=["callback", "get_history", "get_variables"],
    needs=["test_clients"],
)
def all_aliases_at_once(t: Trial) -> None:
    """Several aliases work in one call, beside fields that become variables."""
    client_id, text, size = t.client(), t.nonce(), t.nonce()
    client_key, text_key, size_key = (t.nonce() for _ in range(3))
    values: dict[str, Any] = {client_key: client_id, text_key: text, size_key: size}
    t.ok("callback", **values, value_client_id=client_key, value_message=text_key)

    def arrived() -> None:
        t.equal(t.newest(client_id)["text"], text, "the newest text")

    def saved() -> None:
        t.equal(held(t, client_id, {size_key: size}), {size_key: size}, "the variable")
        with t.optional():
            found = t.variables(client_id)
            further = {client_key, text_key, "value_client_id", "value_message"} & found.keys()
            t.expect(not further, f"none of the parameters {sorted(further)} to be saved as a variable", sorted(found))

    t.parts({"text": arrived, "variable": saved})


@rule(
    "EQ-6",
    Level.SHOULD,
    source="assumption: an alias that names a missing key is as if the parameter were missing",
    actions=["callback", "message"],
    judges=["callback", "message"],
    effect="write",
    needs=["test_clients"],
)
def an_alias_without_source_finds_nothing(t: Trial) -> None:
    """An alias that names a key which the body does not have is as if the parameter were missing."""
    client_id = t.client()

    def check(action: str) -> None:
        t.refused(action, my_client=client_id, message="x", value_client_id="another")
        t.refused(action, client_id=client_id, my_text="x", value_message="another")

    with t.unchanged(history=lambda: t.texts(client_id)):
        t.each(check, ("callback", "message"))


@rule(
    "EQ-7",
    Level.MUST,
    source=f"{_NESTED}: delimiter_value_… is the path to the value, its keys separated by the delimiter",
    actions=_WITH_DELIMITER,
    each=True,
    needs=["test_clients"],
)
def a_path_is_the_parameter(t: Trial, action: str) -> None:
    """A parameter that is found by its path has the same effect as one that is sent directly."""
    operation = mavibot_contract.load().operation(action)

    def find(path: str) -> None:
        target = operation.delimiter[path]
        parameters = _with(t, action, target)
        effects = _Effects(t, action, parameters)
        t.ok(action, **parameters, **effects.mark())
        others = {name: value for name, value in parameters.items() if name != target}
        nested: dict[str, Any] = {"cnf_order": {"cnf_customer": parameters[target], "cnf_other": 5}}
        nested |= {"delimiter": ".", path: "cnf_order.cnf_customer"}
        t.ok(action, **others, **nested, **effects.mark())
        effects.expect_twice(f"with {path} what without it")

    t.each(find, operation.delimiter)


@rule(
    "EQ-8",
    Level.MUST,
    source=f"{_NESTED}: a path of any depth",
    actions=["callback", "get_history"],
    needs=["test_clients"],
)
def paths_of_any_depth(t: Trial) -> None:
    """A path leads through one to six levels."""
    client_id, sent = t.client(), {}
    for depth in range(1, 7):
        steps = [f"cnf{step}" for step in range(depth)]
        text, marked = sent[depth] = t.nonce(), mark(t)
        aliases: dict[str, Any] = {"delimiter": ".", "delimiter_value_client_id": ".".join(steps)}
        t.ok("callback", **_nested(steps, client_id), message=text, **marked, **aliases)
    t.equal(arrived(t, client_id, sent), [*sent], "the depths that lead there")


@rule(
    "EQ-9",
    Level.MUST,
    source=f"{_NESTED}: the delimiter is a character of the caller's choice",
    actions=["callback", "get_history"],
    needs=["test_clients"],
    assumptions=[DELIMITER],
)
def any_character_delimits(t: Trial) -> None:
    """Any one character can delimit a path, and then the other ones are part of the keys."""
    client_id, sent = t.client(), {}
    for character in [*"./-_|:;,!1x", "&", "=", "+", " ", "%", "я", "🦊"]:
        steps = ["cnf.a/b" if character not in "./" else "cnf-b", "id"] if character not in "cnfabid" else ["ÖÖ", "ÜÜ"]
        text, marked = t.nonce(), mark(t)
        aliases: dict[str, Any] = {"delimiter": character, "delimiter_value_client_id": character.join(steps)}
        exchange = t.call("callback", **_nested(steps, client_id), message=text, **marked, **aliases)
        if character == " ":  # servers may well trim a parameter
            t.should(exchange.succeeded, "the delimiter ' ' to work", exchange)
            continue
        t.expect(exchange.succeeded, f"the delimiter {character!r} to work", exchange)
        sent[character] = text, marked
    t.equal(arrived(t, client_id, sent), [*sent], "the delimiters that work")
    exchange = t.call(
        "callback", **_nested(["a", "b"], client_id), message="x", delimiter="--", delimiter_value_client_id="a--b"
    )
    t.assume(DELIMITER, not exchange.succeeded, f"a delimiter of two characters: {said(exchange)}")


@rule(
    "EQ-10",
    Level.SHOULD,
    source=f"{_NESTED}: the path leads to the value",
    actions=["callback", "get_history"],
    effect="write",
    needs=["test_clients"],
)
def a_path_to_nowhere_finds_nothing(t: Trial) -> None:
    """A path that leads nowhere, or ends at an object, is as if the parameter were missing."""
    client_id = t.client()
    body: dict[str, Any] = {"order": {"customer": {"id": client_id}}, "message": "x", "delimiter": "."}
    with t.unchanged(history=lambda: t.texts(client_id)):
        for path in ("order.customer.name", "order.customer", "order.customer.id.more", "customer.id", "order..id"):
            t.refused("callback", **body, delimiter_value_client_id=path)


@rule(
    "EQ-11",
    Level.INFO,
    source=f"{_NESTED}: listed for these actions, which have no parameter of the target's name",
    actions=_IDLE_PATHS,
    each=True,
    needs=["test_clients"],
    assumptions=[_PATH.format(name) for name in ("client_id", "phone")],
)
def a_path_to_a_parameter_that_the_action_lacks(t: Trial, action: str) -> None:
    """Whether a path alone finds the client of an action that has no parameter for such a value."""
    client_id, phone = t.client(), t.phone()
    with t.optional():
        give(t, client_id, {"client.phone": phone})
    content: dict[str, Any] = (
        {"variables": {"cnf_deal_a": "x"}} if action == "save_variables" else {"message": t.nonce()}
    )
    for name, value in (("client_id", client_id), ("phone", phone)):
        path = f"delimiter_value_{name}"
        if path in mavibot_contract.load().operation(action).idle_aliases:
            aliases: dict[str, Any] = {"delimiter": ".", path: "cnf_order.id"}
            exchange = t.call(action, **content, **_nested(["cnf_order", "id"], value), **aliases)
            t.observe(f"{path} alone: {said(exchange)}")
            t.assume(_PATH.format(name), not exchange.succeeded, f"{action} with it alone: {said(exchange)}")


@rule(
    "EQ-12",
    Level.INFO,
    source="assumption: a number that value_message finds is text",
    actions=["callback", "message", "get_history"],
    needs=["test_clients"],
    assumptions=["/components/parameters/value_message"],
)
def a_number_as_the_text(t: Trial) -> None:
    """Whether a number that `value_message` finds is taken as the text."""
    client_id = t.client()

    def look(action: str) -> None:
        exchange = t.call(action, client_id=client_id, cnf_sum=4900, value_message="cnf_sum")
        text = next(iter(t.texts(client_id)), None) if exchange.succeeded else None
        t.observe(f"{action}: {said(exchange)}, and the newest text is {text!r}")
        t.assume("/components/parameters/value_message", text == "4900", f"{action}: {said(exchange)}")

    t.each(look, ("callback", "message"))


@rule(
    "EQ-13",
    Level.MUST,
    source=f"{_UNIVERSAL}: these actions work by GET and by POST",
    actions=_BOTH_METHODS,
    each=True,
    needs=["test_clients"],
)
def get_takes_every_parameter(t: Trial, action: str) -> None:
    """Each parameter that GET has does by GET what it does by POST: a file, a block, a phone number, an address."""

    def compare(name: str) -> None:
        parameters: dict[str, Any] = {**_with(t, action, name), **(_FILE if name in _FILE else {})}
        effects = _Effects(t, action, parameters)
        methods: tuple[Method, Method] = ("POST", "GET")
        for method in methods:
            exchange = t.call(action, method=method, **parameters, **effects.mark())
            t.expect(exchange.succeeded, f"{action} by {method} with {name} to succeed", exchange)
        effects.expect_twice(f"with {name} by GET what by POST")

    contract = mavibot_contract.load()
    properties = _ACTIONS[action]["GET"].schema["properties"]
    t.each(
        compare,
        [
            name
            for name, schema in properties.items()
            if name not in _ELSEWHERE and contract.resolve(schema).get("examples")
        ],
    )


class _Effects:
    """What two calls, one after the other, add to the history of the client whom both reach, else to the variables."""

    def __init__(self, t: Trial, action: str, parameters: Mapping[str, Any]) -> None:
        self._t: Final = t
        self._reads: Final = mavibot_contract.load().operation(action).effect == "read"
        self._action: Final = action
        self._parameters: Final = parameters
        self._marks: Final[list[dict[str, Any]]] = []
        self._is_marked: Final = action in SAVING and t.wire.offer.lacks("get_history")
        self._before: Final = self._history()

    def mark(self) -> dict[str, Any]:
        """Return further parameters for the next call, by which it is seen where no history shows it; else none."""
        self._marks.append(mark(self._t) if self._is_marked else {})
        return self._marks[-1]

    def expect_twice(self, what: str) -> None:
        """Fail the rule unless the second call has added the same as the first.

        Args:
            what: what the second call should do, to be read after "to do".
        """
        if self._is_marked:
            client_id = reached(self._t, self._action, self._parameters)
            are_saved = [held(self._t, client_id, each) == each for each in self._marks]
            self._t.equal(are_saved[1], are_saved[0], f"whether {self._action} saves {what} does")
            return
        after = self._history()
        added = after[: len(after) - len(self._before)]
        half = len(added) // 2
        expected = (
            f"{self._action} to do {what}, so that the two calls add the same to the history, one after the other"
        )
        told = [{name: value for name, value in row.items() if value} for row in added]
        self._t.expect(added[:half] == added[half:], expected, f"{len(told)} added in all: {shown(told)}")

    def _history(self) -> list[dict[str, Any]]:
        if self._reads or self._is_marked:
            return []
        client_id = reached(self._t, self._action, self._parameters)
        if client_id is None:
            return []
        kept = ("text", "message_from_outside", "client_replica", "message_id", "attachments")
        return [{name: row.get(name) for name in kept} for row in self._t.history(client_id)]


def _with(t: Trial, action: str, target: str) -> dict[str, Any]:
    """Return a valid call that has a certain parameter."""
    parameters = valid(t, action, having=target)
    if named_by(mavibot_contract.load().operation(action), target) in ("client_phone", "client_email"):
        parameters.pop("client_id", None)  # it would find the client too
    return parameters


def _nested(steps: list[str], value: Any) -> dict[str, Any]:
    for step in reversed(steps):
        value = {step: value}
    nested: dict[str, Any] = value
    return nested
