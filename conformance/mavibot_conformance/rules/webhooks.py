"""Rules: webhooks."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import (
    CALLBACKS,
    client_of_the_online_chat,
    dialogue,
    reached,
    taking,
    text_of,
    valid,
)
from mavibot_conformance.rules.moments import seconds
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import FailedError, LacksInputError, shown
from mavibot_conformance.target.shape import event_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mavibot_conformance.rules.trial import Trial
    from mavibot_conformance.target.receiver import Post, Receiver

_WEBHOOK: Final = "document section 'How to receive messages at the Webhook URL specified in the project settings'"
_SILENT: Final = "no event comes to the webhook address"
_CONTRACT: Final = mavibot_contract.load()
_DELAYED: Final = taking("time_shift")
_CALLBACKS: Final = tuple(action for action in _CONTRACT.actions if action.endswith("callback"))
_WITH_FILES: Final = taking("attachment_url")
_OTHER_SENDS: Final = ("broadcast", "whatsapp_message", "send_callback_by_platform_id")


@contextmanager
def _receiver(t: Trial) -> Iterator[Receiver]:
    """Receive the project's webhook; on a mock the project is told where to post."""
    with ExitStack() as stack:
        try:
            receiver = stack.enter_context(t.receiver)
        except OSError as error:
            raise LacksInputError(f"cannot listen on {t.profile.webhook}: {error.strerror}") from None
        if t.profile.control is not None:
            stack.callback(t.control, "PATCH", "/settings", {"webhook_url": ""})
            t.control("PATCH", "/settings", {"webhook_url": receiver.url})
        yield receiver


@rule(
    "HOOK-1",
    Level.MUST,
    source=f"{_WEBHOOK}: every message is posted as JSON",
    actions=["message"],
    needs=["test_clients", "webhook"],
)
def a_message_is_posted(t: Trial) -> None:
    """An outgoing message is posted once, as JSON of the stated fields, with `is_input` 0."""
    client_id, text = t.client(), t.nonce()
    with _receiver(t) as receiver:
        t.ok("message", client_id=client_id, message=text)
        event = _only(t, receiver, text)
    t.equal(
        [event["is_input"], event["message"], event["client"]["id"]], [0, text, client_id], "is_input, message, client"
    )
    t.equal(event["delivered"], 1, "delivered")
    t.expect(event.get("error_message") in (None, ""), "error_message to be empty", event.get("error_message"))
    with t.optional():
        newest = t.newest(client_id)
        t.equal(event["id"], newest["id"], "the id of the message, which is that of the history")


@rule(
    "HOOK-2",
    Level.MUST,
    source=f"{_WEBHOOK}: the fields of the client",
    actions=["message", "get_variables", "connected_channels"],
    needs=["test_clients", "webhook"],
)
def the_client_of_an_event(t: Trial) -> None:
    """The event shows its client and its project as the other actions do, under the real key `recepient`."""
    client_id, text = t.client(), t.nonce()
    with _receiver(t) as receiver:
        t.ok("message", client_id=client_id, message=text)
        event = _only(t, receiver, text)
    t.expect("recepient" in event["client"], "the key 'recepient' of the client", event["client"])

    def place() -> None:
        t.equal(str(event["client"]["recepient"]), t.platform_id(client_id), "recepient")
        t.equal(event["client"]["client_type"], t.channel["client_type"], "client_type")
        t.equal(str(event["client"]["group"]), str(t.channel["group_id"]), "group")

    def project() -> None:
        t.equal(event["project_id"], t.ok("connected_channels")["project_id"], "project_id")

    t.parts({"place": place, "project": project})


@rule(
    "HOOK-3",
    Level.SHOULD,
    source="public integration: a callback makes a webhook event, as if the client had written",
    actions=["callback"],
    needs=["test_clients", "webhook"],
)
def a_callback_is_posted(t: Trial) -> None:
    """A callback makes an event with `is_input` 1."""
    client_id, text = t.client(), t.nonce()
    with _receiver(t) as receiver:
        t.ok("callback", client_id=client_id, message=text)
        event = _only(t, receiver, text)
    t.equal([event["is_input"], event["client"]["id"]], [1, client_id], "is_input and client")


@rule(
    "HOOK-4",
    Level.MUST,
    source=f"{_WEBHOOK}: a failed request is not repeated, later ones still come",
    actions=["message"],
    needs=["test_clients", "webhook"],
)
def errors_are_not_repeated(t: Trial) -> None:
    """An event whose post was answered with an error is not posted again, and later events still come."""
    client_id, first, second = t.client(), t.nonce(), t.nonce()
    with _receiver(t) as receiver:
        receiver.status = 500
        t.ok("message", client_id=client_id, message=first)
        _only(t, receiver, first)
        receiver.status = 200
        t.ok("message", client_id=client_id, message=second)
        _only(t, receiver, second)
        if t.moves_clock:
            t.advance(120)
        t.equal(len(_posts(t, receiver, first)), 1, "the number of posts of the first event")


@rule(
    "HOOK-5",
    Level.SHOULD,
    source=f"{_WEBHOOK}: messages are posted as they come",
    actions=["message"],
    needs=["test_clients", "webhook"],
)
def events_come_in_order(t: Trial) -> None:
    """Events of messages one after another come in their order, each once."""
    client_id, text = t.client(), t.nonce()
    with _receiver(t) as receiver:
        for number in range(10):
            t.ok("message", client_id=client_id, message=f"{text} {number}")
        found = [post.event["message"] for post in _posts(t, receiver, text, count=10)]
    t.equal(found, [f"{text} {number}" for number in range(10)], "the messages of the events")


@rule(
    "HOOK-6",
    Level.MUST,
    source=f"{_WEBHOOK}: delivered and error_message",
    actions=["message", "get_history"],
    needs=["test_clients", "webhook", "control"],
)
def what_was_not_delivered(t: Trial) -> None:
    """A message to a client who blocks the bot succeeds; event and history say that it was not delivered, and why."""
    client_id, text = t.client(), t.nonce()
    t.control("PUT", f"/clients/{client_id}/block", {"reason": "cnf blocked"})
    with _receiver(t) as receiver:
        t.ok("message", client_id=client_id, message=text)
        event = _only(t, receiver, text)
    t.equal(
        [event["delivered"], event["error_message"]], [0, "cnf blocked"], "delivered and error_message of the event"
    )
    row = t.newest(client_id)
    t.equal(
        [row["delivered"], row["error_message"]], [False, "cnf blocked"], "delivered and error_message of the history"
    )


@rule(
    "HOOK-7",
    Level.MUST,
    source=f"{_WEBHOOK}: incoming messages have is_input 1",
    actions=["get_history"],
    effect="write",
    needs=["test_clients", "webhook", "control"],
)
def an_incoming_message_is_posted(t: Trial) -> None:
    """A message of the client is posted with `is_input` 1 and stands in the history as the client's."""
    client_id, text = t.client(), t.nonce()
    with _receiver(t) as receiver:
        t.control("POST", "/inbound", {"client_id": client_id, "text": text})
        event = _only(t, receiver, text)
    t.equal([event["is_input"], event["message"]], [1, text], "is_input and message")
    row = t.single([each for each in t.history(client_id) if each["text"] == text], "the message")
    t.equal([row["client_replica"], row["message_from_outside"]], [True, 0], "client_replica and message_from_outside")


@rule(
    "HOOK-8",
    Level.MUST,
    source=f"{_WEBHOOK}: every message",
    actions=_OTHER_SENDS,
    judges=_OTHER_SENDS,
    needs=["test_clients", "webhook", "control"],
)
def other_sends_are_posted_too(t: Trial) -> None:
    """Messages of a broadcast and on WhatsApp, and callbacks by platform id, are posted as well, one event each."""
    clients = t.clients(2)

    def check(action: str) -> None:
        text, count = t.nonce(), 1
        with _receiver(t) as receiver:
            match action:
                case "broadcast":
                    count = len(clients)
                    t.ok(action, clients=clients, message=text)
                    t.advance(5)
                case "whatsapp_message":
                    t.group("whatsapp")
                    t.ok(action, phone=t.phone(), message=text)
                case _:
                    t.ok(action, platform_ids=[t.platform_id(clients[0])], callback_text=text)
            t.equal(len(_posts(t, receiver, text, count=count)), count, f"the number of events of {action}")

    t.each(check, _OTHER_SENDS)


@rule(
    "HOOK-9",
    Level.MUST,
    source=f"{_WEBHOOK}: attachments, the links of files",
    actions=["message"],
    needs=["test_clients", "webhook"],
)
def a_file_is_posted(t: Trial) -> None:
    """A message with a file is posted with the file's link, with a text beside it and without one."""
    client_id = t.client()
    with _receiver(t) as receiver:
        texts: list[dict[str, Any]] = [{"message": t.nonce()}, {}]
        for parameters in texts:
            url = f"https://files.example.com/{t.nonce()}.jpg"
            t.ok("message", client_id=client_id, attachment_type="image", attachment_url=url, **parameters)
            event = _only(t, receiver, url.rpartition("/")[2])
            t.expect(url in str(event["attachments"]), f"the link {url} among the attachments", event["attachments"])
            t.equal(event["message"] or "", parameters.get("message", ""), "the text")


@rule(
    "HOOK-10",
    Level.SHOULD,
    source=f"{_WEBHOOK}: each message is posted; assumption: in the order in which they were made",
    actions=["callback", "get_history"],
    needs=["channel", "webhook", "block_id"],
)
def the_answer_comes_after_the_callback(t: Trial) -> None:
    """A callback is posted before the bot's answer to it, as they stand in the history."""
    block, client_id = t.block(), t.client()
    if not block["condition"]:
        raise LacksInputError("no text leads into the block of 'block_id'")
    with _receiver(t) as receiver:
        t.ok("callback", client_id=client_id, message=block["condition"])
        posts = _posts(t, receiver, t.platform_id(client_id), count=2)
        found = [post.event["message"] for post in posts]
    t.equal(found, [block["condition"], block["answer"]], "the messages of the events")
    t.equal(t.texts(client_id)[::-1], found, "the history, oldest first")


@rule(
    "HOOK-11",
    Level.SHOULD,
    source="public integration: the event shows the client's variables; assumption: those that the callback saved too",
    actions=["callback"],
    needs=["test_clients", "webhook"],
)
def an_event_shows_what_was_saved(t: Trial) -> None:
    """The event of a callback shows the variables that the callback saved."""
    client_id, text, value = t.client(), t.nonce(), t.nonce()
    with _receiver(t) as receiver:
        saved: dict[str, Any] = {"client.cnf_a": value}
        t.ok("callback", client_id=client_id, message=text, **saved)
        event = _only(t, receiver, text)
    t.equal((event["client"].get("variables") or {}).get("cnf_a"), value, "the variable in the event")


@rule(
    "HOOK-12",
    Level.MUST,
    source=f"{_WEBHOOK}: message_id, the block from which the message was sent",
    actions=["message", "get_messages"],
    needs=["test_clients", "webhook", "block_id"],
)
def the_block_of_an_event(t: Trial) -> None:
    """`message_id` of an event is the block from which the message was sent, not the number of the message."""
    client_id, text = t.client(), t.nonce()
    of_the_block = str(client_id)
    with t.optional():
        of_the_block = t.block()["answer"]
    with _receiver(t) as receiver:
        t.ok("message", client_id=client_id, message_id=t.profile.block_id)
        event = _only(t, receiver, of_the_block)
        t.equal(event["message_id"], t.profile.block_id, "message_id of what a block sent")
        t.ok("message", client_id=client_id, message=text)
        event = _only(t, receiver, text)
        t.expect(event["message_id"] != event["id"], "no block of what the API sent", event["message_id"])


@rule(
    "HOOK-13",
    Level.INFO,
    source="vendor's Russian document: a change of stage runs a callback, if the project has it, and saves "
    "`callback_order_id`; assumption: a stage that closes the deal runs crm_system_state_changed too",
    actions=["create_order", "set_order_state", "get_variables", "get_history"],
    needs=["channel", "stage_ids"],
)
def a_change_of_stage_is_posted(t: Trial) -> None:
    """Which events a change of stage makes, and whether the client's variables name the deal."""
    client_id = t.client()
    order_id = t.ok("create_order", client_id=client_id, name="cnf", state_id=t.profile.stage_ids[0])["order_id"]
    t.ok("set_order_state", client_id=client_id, state_id=t.profile.stage_ids[-1])
    found = t.variables(client_id).get("callback_order_id")
    t.observe(f"events: {t.texts(client_id)[::-1]}; callback_order_id: {found}, the deal: {order_id}")


@rule(
    "HOOK-14",
    Level.MUST,
    source=f"{_WEBHOOK}: each message",
    actions=["broadcast", "send_callback_by_platform_id"],
    judges=["broadcast", "send_callback_by_platform_id"],
    needs=["channel", "webhook"],
)
def each_of_several_is_posted(t: Trial) -> None:
    """Of a send to several clients each message is posted, once, with its own client and the id of its own message."""
    clients = t.clients(3)
    ids = [t.platform_id(each) for each in clients]
    sends: dict[str, tuple[str, dict[str, Any]]] = {
        "broadcast": ("message", {"clients": clients, "shift": 0}),
        "send_callback_by_platform_id": ("callback_text", {"platform_ids": ids}),
    }

    def check(action: str) -> None:
        parameter, target = sends[action]
        text = t.nonce()
        with _receiver(t) as receiver:
            t.ok(action, **{**target, parameter: text})
            t.settle(1)
            events = [post.event for post in _posts(t, receiver, text, count=len(clients))]
            if not events and _is_no_event(t, receiver, action):
                return
        t.equal(
            sorted(each["client"]["id"] for each in events), sorted(clients), f"the clients of the events of {action}"
        )
        with t.optional():
            own = {each: t.newest(each)["id"] for each in clients}
            shown = {each["client"]["id"]: each["id"] for each in events}
            t.equal(shown, own, f"the messages of the events of {action}")

    t.each(check, sends)


@rule(
    "HOOK-15",
    Level.MUST,
    source=f"{_WEBHOOK}: the client's id, recepient, client_type, name, avatar, created_at, tag and group",
    actions=["message", "online_chat_client_id", "get_clients"],
    needs=["channel", "groups", "webhook"],
)
def an_event_shows_the_client_as_the_list_does(t: Trial) -> None:
    """Name, avatar, tag, group, messenger and moment of an event's client are those that `get_clients` shows."""
    t.group("online_chat")
    parameters: dict[str, Any] = {"recipient": dialogue(t), "name": t.nonce(), "tag": t.nonce()}
    client_id, text = client_of_the_online_chat(t, **parameters), t.nonce()
    t.delete_at_the_end([client_id])
    with _receiver(t) as receiver:
        t.ok("message", client_id=client_id, message=text)
        event = _only(t, receiver, text)
    row = t.listed(client_id)
    names = ("id", "client_type", "name", "avatar", "tag", "group")
    t.equal({name: event["client"][name] for name in names}, {name: row[name] for name in names}, "the event's client")
    t.equal(str(event["client"]["recepient"]), str(row["platform_id"]), "recepient of the event's client")
    moments = [seconds(each["created_at"], t.now(), t.profile.zone) for each in (event["client"], row)]
    t.expect(None not in moments and moments[0] == moments[1], "the same created_at in both", moments)


@rule(
    "HOOK-16",
    Level.MUST,
    source=f"{_WEBHOOK}: a message is posted when it goes out; sections of the sends: time_shift, seconds until then",
    actions=_DELAYED,
    each=True,
    needs=["test_clients", "webhook", "time"],
)
def what_is_delayed_is_posted_when_it_is_due(t: Trial, action: str) -> Iterator[float]:
    """A delayed message or callback is posted when it is due, once, and not when it was asked for."""
    parameters = valid(t, action)
    text, delay = text_of(parameters), t.delay(600, real=6)
    count = len(parameters.get("clients", parameters.get("platform_ids", [None])))
    with _receiver(t) as receiver:
        asked = t.now()
        t.ok(action, **parameters, time_shift=delay)
        yield delay / 3
        early = len(_posts(t, receiver, text, count=0))
        if t.is_before(asked + delay):
            t.equal(early, 0, "the number of posts before it is due")
        yield delay * 2 / 3 + 2
        posts = _posts(t, receiver, text, count=count)
        if not posts and _is_no_event(t, receiver, action):
            t.not_run("the server posts no events of callbacks, and the document does not say that it does")
        t.equal(len(posts), count, "the number of posts when it is due")


@rule(
    "HOOK-17",
    Level.SHOULD,
    source="public integration: a callback makes a webhook event, as if the client had written",
    actions=_CALLBACKS,
    each=True,
    needs=["test_clients", "webhook"],
)
def every_callback_is_posted(t: Trial, action: str) -> None:
    """Each callback makes one event with `is_input` 1, by each method."""
    for method in _CONTRACT.actions[action]:
        parameters = valid(t, action)
        with _receiver(t) as receiver:
            t.ok(action, method=method, **parameters)
            event = _only(t, receiver, parameters["message"])
        t.equal(event["is_input"], 1, f"is_input by {method}")
        t.equal(event["client"]["id"], reached(t, action, parameters), f"the client by {method}")


@rule(
    "HOOK-18",
    Level.MUST,
    source=f"{_WEBHOOK}: each message, its text and its attachments",
    actions=_WITH_FILES,
    each=True,
    needs=["test_clients", "webhook"],
)
def every_file_is_posted(t: Trial, action: str) -> None:
    """A text and a file are posted with `is_input` 0 by each action that sends them, by each method."""
    for method in _CONTRACT.actions[action]:
        parameters = valid(t, action)
        if "clients" in parameters:
            parameters["clients"] = parameters["clients"][:1]
        url = f"https://files.example.com/{t.nonce()}.jpg"
        with _receiver(t) as receiver:
            t.ok(action, method=method, **parameters, attachment_type="image", attachment_url=url)
            event = _only(t, receiver, parameters["message"])
        t.equal([event["is_input"], event["message"]], [0, parameters["message"]], f"is_input and text by {method}")
        t.expect(url in str(event["attachments"]), f"the link of the file by {method}", event["attachments"])


def _only(t: Trial, receiver: Receiver, text: str) -> Any:
    """Return the one event that contains a text, checked against the contract."""
    posts = _posts(t, receiver, text)
    if not posts and receiver.posts:
        last = shown(receiver.posts[-1].data)
        raise FailedError(
            f"a post that holds {text}", f"{len(receiver.posts)} posts without it, of which the last is {last}"
        )
    t.equal(len(posts), 1, "the number of posts")
    t.equal(posts[0].method, "POST", "the method")
    t.expect(
        "application/json" in posts[0].content_type.lower(), "the content type application/json", posts[0].content_type
    )
    event = posts[0].event
    t.expect(event is not None, "the body to be JSON", posts[0].body.decode(errors="replace"))
    wrong = event_problem(event)
    t.expect(wrong is None, "an event of the contract's shape", str(wrong))
    # The document describes the fields in words.
    inexact = event_problem(posts[0].data)
    t.should(inexact is None, "an event with the contract's types", str(inexact))
    return event


def _is_no_event(t: Trial, receiver: Receiver, action: str) -> bool:
    """Return True if an action is a callback that makes no event here at once either."""
    if action not in CALLBACKS:
        return False
    parameters = valid(t, action)
    t.ok(action, **parameters)
    return not _posts(t, receiver, text_of(parameters))


def _posts(t: Trial, receiver: Receiver, text: str, *, count: int = 1) -> list[Post]:
    """Return the posts that contain a text, once all have arrived that a mock has on their way."""
    if t.profile.control is not None:
        t.control("POST", "/webhooks/settle")
    posts = receiver.about(text, count=count)
    if count and not receiver.is_reached:
        raise FailedError("an event at the webhook address", "none, of any message", cause=_SILENT)
    return posts
