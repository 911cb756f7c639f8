"""Rules: tolerance of input."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import mavibot_contract
from mavibot_conformance.rules.calls import messenger, named_by, reached, valid
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import CLEARED, LacksInputError, said, shown
from mavibot_conformance.rules.ways import held, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_conformance.rules.trial import Trial

_CONTRACT: Final = mavibot_contract.load()
_READS_BY_GET: Final = tuple(
    action
    for action, operations in _CONTRACT.actions.items()
    if list(operations) == ["GET"] and next(iter(operations.values())).effect == "read"
)
#: What an id that can be a number or a text names.
_NAMED: Final = frozenset({"client", "deal", "list", "stage", "block"})


def _ids_of(action: str) -> list[str]:
    """Return the parameters of an action that hold ids of the platform, alone or in a list."""
    operation = _CONTRACT.operation(action)
    return [name for name in operation.schema["properties"] if named_by(operation, name) in _NAMED]


_WITH_IDS: Final = tuple(action for action in _CONTRACT.actions if _ids_of(action))
_FORM: Final = "application/x-www-form-urlencoded"
_CONTENT_TYPES: Final = ("application/json; charset=UTF-8", "text/plain", _FORM, None, "text/plain;charset=UTF-8")
_SEEN: Final = "public integration: JSON is sent with this content type and accepted"


@rule(
    "TOL-1",
    Level.SHOULD,
    source=_SEEN,
    actions=["callback", "save_variables", "find_client_id_by_platform_id", "get_history", "get_variables"],
    judges=["callback", "find_client_id_by_platform_id"],
    needs=["test_clients"],
)
def json_under_any_label(t: Trial) -> None:
    """JSON is read under the labels that integrators send: with a charset, as text, as a form, and without any."""
    client_id, name = t.client(), t.nonce()

    def call(content_type: str | None) -> None:
        text = t.nonce()
        body: dict[str, Any] = {"client_id": client_id, "message": text, f"client.{name}": text}
        exchange = t.wire.call("callback", body=json.dumps(body), content_type=content_type)
        t.expect(exchange.succeeded, f"callback with the content type {content_type} to succeed", exchange)
        with t.optional():
            t.equal(t.newest(client_id)["text"], text, f"the newest text with {content_type}")
        with t.optional():
            t.equal(t.variables(client_id).get(name), text, f"the variable with {content_type}")

    def search(content_type: str | None) -> None:
        body: dict[str, Any] = {"platform_ids": [t.platform_id(client_id)]}
        sought = t.wire.call("find_client_id_by_platform_id", body=body, content_type=content_type)
        t.equal([row["id"] for row in sought.data], [client_id], f"the client found with {content_type}")

    for content_type in _CONTENT_TYPES:
        t.parts({"callback": partial(call, content_type), "search": partial(search, content_type)})


@rule(
    "TOL-2",
    Level.SHOULD,
    source="public integration: real forms are sent to callback and whatsapp_message",
    actions=["callback", "message", "get_history", "get_variables"],
    judges=["callback", "message"],
    needs=["test_clients"],
)
def forms_are_read(t: Trial) -> None:
    """A form does what the same JSON does, with its further fields as variables."""
    client_id, text, name = t.client(), "Привет & ? = + cnf", t.nonce()

    def check(action: str) -> None:
        form = {"client_id": str(client_id), "message": f"{text} {action}"}
        if action == "callback":
            form[f"client.{name}"] = "value"
        exchange = t.wire.call(action, body=urlencode(form), content_type=_FORM)
        t.expect(exchange.succeeded, f"{action} as a form to succeed", exchange)
        with t.optional():
            t.equal(t.newest(client_id)["text"], f"{text} {action}", "the newest text")
        if action == "callback":
            with t.optional():
                t.equal(t.variables(client_id).get(name), "value", "the variable of the form")

    t.each(check, ("callback", "message"))


@rule(
    "TOL-3",
    Level.SHOULD,
    source="public integration: multipart forms were sent for years",
    actions=["message", "get_history"],
    needs=["test_clients"],
)
def multipart_forms_are_read(t: Trial) -> None:
    """A multipart form does what the same JSON does."""
    client_id, text = t.client(), t.nonce()
    parts = "".join(
        f'--cnf\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("client_id", client_id), ("message", text))
    )
    exchange = t.wire.call("message", body=f"{parts}--cnf--\r\n", content_type="multipart/form-data; boundary=cnf")
    t.expect(exchange.succeeded, "the multipart form to succeed", exchange)
    t.equal(t.newest(client_id)["text"], text, "the newest text")


@rule(
    "TOL-4",
    Level.MUST,
    source="document: its samples show ids as numbers and as text; public integration: both are sent",
    actions=[
        "message",
        "callback",
        "save_variables",
        "add_to_list",
        "broadcast",
        "get_history",
        "create_order",
        "get_variables",
        "get_clients",
    ],
    judges=["message", "callback", "broadcast", "save_variables", "add_to_list", "create_order"],
    needs=["test_clients"],
)
def ids_are_numbers_or_texts(t: Trial) -> None:
    """An id as text is the same id as a number, alone and in lists."""
    client_id = t.client()
    own = str(client_id)

    def send(action: str) -> None:
        text = t.nonce()
        whom: dict[str, Any] = {"clients": [own]} if action == "broadcast" else {"client_id": own}
        t.ok(action, **whom, message=text)
        if action == "broadcast":
            t.settle(1, lambda: text in t.texts(client_id))
        texts = t.texts(client_id)
        t.expect(text in texts, f"what {action} sent in the history", texts)

    def save() -> None:
        first, second = t.nonce(), t.nonce()
        t.ok("save_variables", client_id=own, variables={f"client.{first}": "one"})
        t.ok("save_variables", clients=[own], variables={f"client.{second}": "two"})
        expected = {f"client.{first}": "one", f"client.{second}": "two"}
        t.equal(held(t, client_id, expected), expected, "the variables")

    def add() -> None:
        t.ok("add_to_list", list_id=str(t.list_id), clients=[own])
        t.undo(lambda: t.call("remove_from_list", list_id=t.list_id, clients=[client_id]))
        members = t.members()
        t.expect(client_id in members, "the client on the list", members)

    def deal() -> None:
        order_id = t.ok("create_order", client_id=own, name="x")["order_id"]
        with t.optional():
            t.equal(t.current_order(client_id), order_id, "the current deal")
        with t.optional():
            result = t.ok("set_order_vars", client_id=own, order_id=str(order_id), variables={"cnf_deal_c": "three"})
            found = t.ok("get_order_vars", client_id=own, order_id=str(order_id))["result"]
            t.equal(found.get("cnf_deal_c"), "three", f"after {result}")

    sends: dict[str, Callable[[], None]] = {
        action: partial(send, action) for action in ("message", "callback", "broadcast")
    }
    t.parts({**sends, "save_variables": save, "add_to_list": add, "create_order": deal})


@rule(
    "TOL-5",
    Level.SHOULD,
    source="public integration: unused parameters are sent as empty text",
    actions=["callback", "message", "get_history"],
    needs=["test_clients"],
)
def empty_is_absent(t: Trial) -> None:
    """An optional parameter that is empty counts as absent."""
    client_id, first, second = t.client(), t.nonce(), t.nonce()
    t.ok("callback", client_id=client_id, message=first, client_phone="", client_email="", send_time="")
    t.ok("message", client_id=client_id, message=second, attachment_url="", attachment_type="", message_id="")
    t.equal(t.texts(client_id)[:2], [second, first], "the newest texts")


@rule(
    "TOL-6",
    Level.SHOULD,
    source="public integration: reads are called by POST with JSON",
    actions=_READS_BY_GET,
    each=True,
    needs=["test_clients"],
)
def reads_work_by_post(t: Trial, action: str) -> None:
    """A read that is documented for GET answers the same by POST with JSON."""
    parameters = valid(t, action)
    t.ok(action, **parameters)
    expected = t.wire.exchanges[-1].data
    exchange = t.wire.call(action, method="POST", body=parameters)
    t.expect(exchange.succeeded, f"{action} by POST to succeed", exchange)
    t.equal(exchange.data, expected, "the reply by POST")


@rule(
    "TOL-19",
    Level.SHOULD,
    source="public integration: reads are called by POST with JSON",
    actions=["get_history", "get_clients", "message"],
    judges=["get_history", "get_clients"],
    needs=["test_clients"],
)
def what_narrows_a_list_does_so_by_post(t: Trial) -> None:
    """A limit and days narrow a history by POST as by GET, and a limit the list of clients."""

    def compare(action: str, rows: str, **parameters: Any) -> None:
        expected = t.ok(action, **parameters)[rows]
        exchange = t.wire.call(action, method="POST", body=parameters)
        if exchange.succeeded:  # that it may not be called so at all is told by TOL-6
            found = [sorted(str(row["id"]) for row in each) for each in (exchange.data[rows], expected)]
            t.equal(found[0], found[1], f"the ids that {action} shows by POST with {shown(parameters)}")

    def histories() -> None:
        client_id = t.client()
        write(t, client_id, t.nonce(), t.nonce())
        compare("get_history", "result", client_id=client_id, limit=1)
        compare("get_history", "result", client_id=client_id, start_date="01.01.2019", stop_date="31.12.2019")

    def clients() -> None:
        t.clients(2)
        compare("get_clients", "clients", limit=1)

    t.parts({"histories": histories, "clients": clients})


@rule(
    "TOL-7",
    Level.SHOULD,
    source="public integration: tg_callback is called by GET",
    actions=["tg_callback", "get_history", "find_client_id_by_platform_id"],
    needs=["test_clients", "groups"],
)
def a_callback_works_by_get(t: Trial) -> None:
    """`tg_callback` works by GET too, with its further parameters."""
    parameters = valid(t, "tg_callback")
    text, saved = parameters["message"], {f"client.{t.nonce()}": t.nonce()}
    exchange = t.wire.call("tg_callback", method="GET", query={**parameters, **saved})
    t.expect(exchange.succeeded, "tg_callback by GET to succeed", exchange)
    client_id = reached(t, "tg_callback", parameters)
    t.parts(
        {
            "history": lambda: t.equal(t.texts(client_id).count(text), 1, "how often the text is in the history"),
            "variable": lambda: t.equal(held(t, client_id, saved), saved, "the variable that was saved"),
        }
    )


@rule(
    "TOL-8",
    Level.MUST,
    source="document section 'Assigning variables': an empty value or null clears",
    actions=["save_variables", "get_variables"],
    needs=["test_clients"],
)
def empty_values_clear(t: Trial) -> None:
    """Saving an empty text or null clears a variable, and only that one."""
    client_id, cleared, other = t.client(), t.nonce(), t.nonce()
    for empty in ("", None):
        t.ok("save_variables", client_id=client_id, variables={f"client.{cleared}": "old", f"client.{other}": "kept"})
        t.ok("save_variables", client_id=client_id, variables={f"client.{cleared}": empty})
        found, kept = held(t, client_id, {f"client.{cleared}": "old", f"client.{other}": "kept"}).values()
        t.expect(found in CLEARED, f"{shown({cleared: empty})} to clear it", found)
        t.equal(kept, "kept", "the other variable")


@rule(
    "TOL-9",
    Level.INFO,
    source="document: variables are flat; assumption: a nested one is kept as JSON text",
    actions=["callback", "get_variables"],
    needs=["test_clients"],
)
def nested_variables(t: Trial) -> None:
    """What becomes of a further parameter that is an object or a list."""
    client_id = t.client()
    exchange = t.call("callback", client_id=client_id, message="x", cnf_object={"a": 1}, cnf_list=[1, 2])
    found = t.variables(client_id)
    t.observe(f"{said(exchange)}; saved: { ({name: found.get(name) for name in ('cnf_object', 'cnf_list')}) }")


@rule(
    "TOL-10",
    Level.MUST,
    source="document section 'Sending callback messages to a list of clients by platform_id': its example has no "
    "group_id and mixes numbers and texts",
    actions=["send_callback_by_platform_id", "get_history"],
    needs=["channel"],
)
def callbacks_by_mixed_ids(t: Trial) -> None:
    """Ids as numbers and as texts in one list reach their clients without `group_id`; unknown ones are left out."""
    first, second = t.clients(2)
    ids, text = [t.numeric_platform_id(first), t.platform_id(second), t.number()], t.nonce()
    data = t.ok("send_callback_by_platform_id", platform_ids=ids, callback_text=text)
    t.equal([t.texts(first), t.texts(second)], [[text], [text]], "the histories")
    if isinstance(data, dict) and "callback_sended" in data:
        t.should(data["callback_sended"] == 2, "callback_sended to be 2", data["callback_sended"])


@rule(
    "TOL-11",
    Level.MUST,
    source="document section 'Importing clients into the system': the phone in any form, also with @s.whatsapp.net",
    actions=["load_clients"],
    needs=["test_clients", "groups"],
)
def whatsapp_clients_in_any_notation(t: Trial) -> None:
    """A WhatsApp client is one and the same with and without `@s.whatsapp.net`, with plus and brackets."""
    phone, group_id = t.phone(), t.group("whatsapp")
    notations = [
        phone,
        f"{phone}@s.whatsapp.net",
        f"+{phone}",
        f"+7 ({phone[1:4]}) {phone[4:7]}-{phone[7:9]}-{phone[9:]}",
    ]
    items = [{"client_type": 6, "group_id": group_id, "platform_id": each} for each in notations]
    found = t.ok("load_clients", clients=items)["items"]
    t.delete_at_the_end([found[0]["id"]])
    t.equal({each["id"] for each in found}, {found[0]["id"]}, "the clients of the four notations")


@rule(
    "TOL-12",
    Level.MUST,
    source="document section 'Importing clients into the system': telephony has an empty group_id",
    actions=["load_clients", "get_variables"],
    needs=["test_clients"],
)
def telephony_has_no_group(t: Trial) -> None:
    """A client of telephony is made with an empty group."""
    item = t.ok("load_clients", clients=[{"client_type": 13, "group_id": "", "platform_id": t.phone()}])["items"][0]
    t.equal(item["status"], "success", "the item's status")
    t.delete_at_the_end([item["id"]])
    t.equal(str(t.place(item["id"])["client_type"]), "13", "the messenger")


@rule(
    "TOL-13",
    Level.MUST,
    source="document section 'Start the bot': resume_bot",
    actions=["callback", "get_history"],
    needs=["test_clients"],
)
def resume_bot_is_no_variable(t: Trial) -> None:
    """Declared parameters of a callback, such as `resume_bot` and `time_shift`, do not become variables."""
    client_id, text = t.client(), t.nonce()
    t.ok("callback", client_id=client_id, message=text, resume_bot=True, time_shift=0)
    found = t.variables(client_id)
    with t.optional():
        t.texts_with(text, client_id)
    t.expect(
        not {"resume_bot", "time_shift", "message", "client_id"} & found.keys(), "no such variables", sorted(found)
    )


@rule(
    "TOL-14",
    Level.SHOULD,
    source="document section 'Sending callback messages to a list of clients by platform_id': numbers and texts",
    actions=["find_client_id_by_platform_id", "broadcast", "get_history"],
    judges=["find_client_id_by_platform_id", "broadcast"],
    needs=["channel"],
)
def platform_ids_are_numbers_or_texts(t: Trial) -> None:
    """An id in a messenger as a number is the same as a text, in a search and in a broadcast."""
    client_id, text = t.client(), t.nonce()
    group_id = (t.profile.channel or {})["group_id"]
    platform_id = t.numeric_platform_id(client_id)

    def find() -> None:
        for parameters in ({}, {"group_id": group_id}):
            found = t.ok("find_client_id_by_platform_id", platform_ids=[platform_id], **parameters)
            t.equal([row["id"] for row in found], [client_id], f"who is found with {sorted(parameters)}")

    def send() -> None:
        t.ok("broadcast", platform_ids=[platform_id], group_id=group_id, message=text)
        t.settle(1, lambda: text in t.texts(client_id))
        t.equal(t.texts(client_id), [text], "the history")

    t.parts({"search": find, "broadcast": send})


@rule(
    "TOL-15",
    Level.MUST,
    source="document section 'Importing clients into the system': the example has group_id as a number",
    actions=["load_clients", "find_client_id_by_platform_id"],
    needs=["test_clients", "groups"],
)
def groups_are_numbers_or_texts(t: Trial) -> None:
    """A group of digits is the same as a number and as a text, in an import and in a search."""
    groups = {name: int(group_id) for name, group_id in t.profile.groups.items() if group_id.isdecimal()}
    if not groups:
        raise LacksInputError("the profile has no group whose id is a number")
    for name, group_id in groups.items():
        item = {"platform_id": t.phone(), "client_type": messenger(name)}
        both = [{**item, "group_id": group_id}, {**item, "group_id": str(group_id)}]
        first, second = t.load(both)
        t.delete_at_the_end([first])
        t.equal(second, first, f"the client in {name}")
        found = t.ok("find_client_id_by_platform_id", platform_ids=[item["platform_id"]], group_id=group_id)
        t.equal([row["id"] for row in found], [first], f"who is found in {name}")


@rule(
    "TOL-16",
    Level.SHOULD,
    source="document section 'Message sending parameters': an object with the buttons and a hint; public integration: "
    "the bare list, either as JSON text, and the removal of a keyboard",
    actions=["message", "get_history"],
    needs=["test_clients"],
)
def buttons_in_every_form(t: Trial) -> None:
    """Buttons are an object, a list, or either as JSON text, by GET too; one without buttons removes the keyboard."""
    client_id, texts = t.client(), []
    button = {"type": "inline", "text": "cnf", "callback": "cnf_1", "line": 0, "index_in_line": 0}
    removal = {"buttons": [], "one_time": True, "line": 0, "index_in_line": 0}
    for buttons in ([button], {"hint": "cnf", "buttons": [button]}, [{**button, "one_time": True}], [removal]):
        for sent in (buttons, json.dumps(buttons)):
            texts.append(t.nonce())
            t.ok("message", client_id=client_id, message=texts[-1], buttons=sent)
    texts.append(t.nonce())
    t.ok("message", method="GET", client_id=client_id, message=texts[-1], buttons=json.dumps([button]))
    t.equal(t.texts(client_id)[: len(texts)], texts[::-1], "the newest texts")


@rule(
    "TOL-17",
    Level.SHOULD,
    source="document: its samples show ids as numbers and as text; assumption: so are ids of every kind",
    actions=_WITH_IDS,
    each=True,
    needs=["test_clients"],
)
def each_id_as_number_and_as_text(t: Trial, action: str) -> None:
    """Each id of an action works as a number and as text, and both do and answer the same."""

    def convert_both(name: str) -> None:
        replies = []
        for convert in (int, str):
            parameters = valid(t, action, having=name)
            value = parameters[name]
            parameters[name] = [convert(each) for each in value] if isinstance(value, list) else convert(value)
            exchange = t.call(action, **parameters)
            t.expect(exchange.succeeded, f"{action} with {name}={shown(parameters[name])} to succeed", exchange)
            data = exchange.read
            replies.append(sorted(data) if isinstance(data, dict) else type(data).__name__)
            if _CONTRACT.operation(action).effect == "read":
                again = t.ok(action, **{**parameters, name: value})
                t.equal(data, again, f"the reply to {name}={shown(parameters[name])}")
        t.equal(replies[1], replies[0], f"the keys of the reply to {name} as text")

    t.each(convert_both, _ids_of(action))


@rule(
    "TOL-18",
    Level.SHOULD,
    source="document section 'Start the bot': resume_bot True; public integration: numbers are sent as text",
    actions=["message", "callback", "broadcast", "create_order", "get_history", "get_clients"],
    judges=["message", "callback", "broadcast", "create_order"],
    needs=["test_clients"],
)
def numbers_and_booleans_as_text(t: Trial) -> None:
    """A number or a boolean means the same as text: delays, the time between two messages, a budget, `resume_bot`."""
    client_id = t.client()

    def send(action: str, expected: int = 1, **parameters: Any) -> None:
        text = t.nonce()
        whom: dict[str, Any] = {"clients": [client_id]} if action == "broadcast" else {"client_id": client_id}
        t.ok(action, **whom, message=text, **parameters)
        if action == "broadcast":
            t.settle(1, lambda: text in t.texts(client_id))
        t.equal(t.texts(client_id).count(text), expected, f"how often what {action} sent is in the history")

    def message() -> None:
        send("message", time_shift="0")
        send("message", 0, time_shift="3600")

    def callback() -> None:
        send("callback", time_shift="0", resume_bot="True")
        send("callback", resume_bot="true")
        with t.optional():
            found = t.variables(client_id)
            t.expect("resume_bot" not in found, "no variable of resume_bot", sorted(found))

    t.parts(
        {
            "message": message,
            "callback": callback,
            "broadcast": lambda: send("broadcast", shift="0.2"),
            "create_order": lambda: t.ok("create_order", client_id=client_id, name=t.nonce(), budget="4900"),
        }
    )
