"""Rules: what was sent is in the history, and no more than that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import (
    CALLBACKS,
    NOBODY,
    reached,
    taking,
    text_of,
    valid,
)
from mavibot_conformance.rules.read_your_writes.states import full_state, state
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import LacksInputError, said
from mavibot_conformance.rules.ways import write

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial
    from mavibot_conformance.target.exchange import Exchange
    from mavibot_contract import Method

_HISTORY: Final = "document section 'Retrieving message history': the messages of the client"
_WHATSAPP: Final = mavibot_contract.load().enum("Messenger")["WHATSAPP"]
_WITH_RESUME: Final = taking("resume_bot")


@rule("RYW-10", Level.MUST, source=_HISTORY, actions=["message", "get_history"], needs=["test_clients"], smoke=True)
def a_message_is_in_the_history_once(t: Trial) -> None:
    """A message appears once in the history of its client, as the newest, from outside, and in nobody else's."""
    client_id, other, before, text = *t.clients(2), t.nonce(), t.nonce()
    t.ok("message", client_id=client_id, message=before)
    t.ok("message", client_id=client_id, message=text)
    history = t.history(client_id)
    texts = [each["text"] for each in history]
    t.equal(texts[:2], [text, before], "the newest texts")
    t.should(not t.shows_oldest_first, "the history to begin with the newest message")
    t.equal(texts.count(text), 1, "how often the text is there")
    t.equal(history[0]["client_replica"], False, "client_replica of what the API sent")
    t.equal(t.texts(other).count(text), 0, "how often it is in the history of another client")


@rule("RYW-11", Level.MUST, source=_HISTORY, actions=["message", "get_history"], needs=["test_clients"])
def a_file_is_in_the_history(t: Trial) -> None:
    """A file that is sent is among the attachments of the history."""
    client_id, url = t.client(), f"https://files.example.com/{t.nonce()}.jpg"
    t.ok("message", client_id=client_id, message="file", attachment_type="image", attachment_url=url)
    newest = t.newest(client_id)
    t.expect(url in str(newest["attachments"]), f"the attachment {url}", newest)


@rule(
    "RYW-12",
    Level.MUST,
    source="document section 'Start the bot': the client does not see it; public integration: message_from_outside 3",
    actions=["callback", "get_history"],
    needs=["test_clients"],
    smoke=True,
)
def a_callback_is_in_the_history(t: Trial) -> None:
    """A callback appears once in the history, with `message_from_outside` 3, and sends the client nothing."""
    client_id, text = t.client(), t.nonce()
    t.ok("callback", client_id=client_id, message=text)
    history = t.history(client_id)
    t.equal([each["text"] for each in history].count(text), 1, "how often the text is there")
    t.equal(history[0]["text"], text, "the newest text")
    t.should(history[0].get("message_from_outside") == 3, "message_from_outside to be 3", history[0])


@rule(
    "RYW-14",
    Level.MUST,
    source="document section 'Clear message history': the history is empty afterwards",
    actions=["clear_history", "get_history", "message"],
    needs=["test_clients"],
)
def a_cleared_history_is_empty(t: Trial) -> None:
    """Clearing empties the history of that client alone, and new messages come in again."""
    client_id, other = t.clients(2)
    kept, after = t.nonce(), t.nonce()
    for each in (client_id, other):
        write(t, each, kept)
        t.texts_with(kept, each)
    t.ok("clear_history", client_id=client_id)
    t.equal(t.texts(client_id), [], "the history")
    t.equal(t.texts(other).count(kept), 1, "how often the message is in the history of another client")
    write(t, client_id, after)
    t.equal(t.texts_with(after, client_id), [after], "the history after a new message")


@rule(
    "RYW-15",
    Level.MUST,
    source="document section 'Bulk message sending': the message goes to each of the clients",
    actions=["broadcast", "get_history"],
    needs=["test_clients"],
)
def a_broadcast_reaches_each_client_once(t: Trial) -> None:
    """A broadcast to clients reaches each of them once, and nobody else."""
    first, second, other = t.clients(3)
    text = t.nonce()
    t.ok("broadcast", clients=[first, second], message=text, shift=0.2)
    t.settle(1, lambda: text in t.texts(first) and text in t.texts(second))
    counts = [t.texts(each).count(text) for each in (first, second, other)]
    t.equal(counts, [1, 1, 0], "how often the text is in the histories")


@rule(
    "RYW-16",
    Level.MUST,
    source="document section 'Sending a message to a client': the text is optional beside a file, so both can be sent",
    actions=taking("attachment_url"),
    each=True,
)
def a_text_beside_a_file_is_sent(t: Trial, action: str) -> None:
    """A text and a file that are sent together both arrive."""
    parameters, url = valid(t, action), f"https://files.example.com/{t.nonce()}.jpg"
    t.ok(action, **parameters, attachment_type="image", attachment_url=url)
    client_id = reached(t, action, parameters)
    t.settle(1, lambda: parameters["message"] in t.texts(client_id))
    history = t.history(client_id)
    t.equal([each["text"] for each in history].count(parameters["message"]), 1, "how often the text came")
    t.expect(url in str([each["attachments"] for each in history]), f"the attachment {url}", history)


@rule(
    "RYW-17",
    Level.MUST,
    source="document section 'Start the bot': triggers a funnel; resume_bot unpauses the bot where it is paused",
    actions=_WITH_RESUME,
    judges=_WITH_RESUME,
    needs=["test_clients", "block_id", "control"],
)
def a_callback_runs_the_bot(t: Trial) -> None:
    """Each callback runs the block with its text, and one with `resume_bot` does so though the bot is paused."""
    block, pausing = _reacting_and_pausing(t)

    def check(action: str) -> None:
        parameters = {**valid(t, action), "message": block["condition"]}
        client_id = reached(t, action, parameters)
        # A client of the profile may have a past.
        before = 0 if client_id is None else t.texts(client_id).count(block["answer"])
        t.ok(action, **parameters)
        client_id = reached(t, action, parameters)
        t.until(lambda: t.texts(client_id).count(block["answer"]) > before)
        t.equal(t.texts(client_id).count(block["answer"]) - before, 1, f"the answers to {action}")
        t.ok("message", client_id=client_id, message_id=pausing["id"])
        t.ok(action, **parameters, resume_bot=True)
        t.until(lambda: t.texts(client_id).count(block["answer"]) > before + 1)
        t.equal(t.texts(client_id).count(block["answer"]) - before, 2, f"the answers after {action} with resume_bot")

    t.each(check, _WITH_RESUME)


@rule(
    "RYW-26",
    Level.SHOULD,
    source="assumption: a broadcast to clients of which one is unknown is refused, or reaches the others",
    actions=["broadcast", "get_history"],
    needs=["test_clients"],
)
def an_unknown_client_ends_no_broadcast(t: Trial) -> None:
    """A broadcast to clients of whom one is unknown reaches all others, or is refused and reaches nobody."""
    first, second = t.clients(2)
    replies: list[tuple[str, Exchange]] = []
    for place in range(3):
        text, named = t.nonce(), [first, second]
        named.insert(place, NOBODY)
        replies.append((text, t.answered("broadcast", clients=named, message=text)))
    accepted = [text for text, exchange in replies if exchange.succeeded]
    t.settle(2, lambda: all(text in t.texts(second) for text in accepted))
    for place, (text, exchange) in enumerate(replies):
        counts = [t.texts(each).count(text) for each in (first, second)]
        t.equal(
            counts,
            [1, 1] if exchange.succeeded else [0, 0],
            f"how often it came with an unknown client at index {place}",
        )


@rule(
    "RYW-53",
    Level.INFO,
    source="document section 'Message sending parameters': the hint of buttons will be displayed in WhatsApp",
    actions=["message", "load_clients", "get_history"],
    needs=["channel", "groups"],
)
def whatsapp_shows_the_hint(t: Trial) -> None:
    """Whether the history of a WhatsApp client shows the hint of buttons with the text."""
    number, channel = t.phone(), {"client_type": _WHATSAPP, "group_id": t.group("whatsapp")}
    client_id = t.ok("load_clients", clients=[{"platform_id": number, **channel}])["items"][0]["id"]
    t.delete_at_the_end([client_id])
    hint, text = t.nonce(), t.nonce()
    buttons = {"hint": hint, "buttons": [{"type": "reply", "text": "1", "line": 0, "index_in_line": 0}]}
    t.ok("message", client_id=client_id, message=text, buttons=buttons)
    shown = t.newest(client_id)["text"] or ""
    t.observe(f"the text is {shown!r}")
    t.expect(hint in shown and text in shown, "text and hint in the history", shown)


@rule(
    "RYW-54",
    Level.INFO,
    source="assumption: a message to a number that has no WhatsApp is accepted and not delivered",
    actions=["whatsapp_message", "whatsapp_client_id", "get_history"],
    needs=["phone_without_whatsapp"],
)
def a_number_without_whatsapp(t: Trial) -> None:
    """Whether a message to a number without WhatsApp is taken and not delivered."""
    phone, text = t.profile.phone_without_whatsapp, t.nonce()
    exchange = t.call("whatsapp_message", phone=phone, message=text)
    found = t.call("whatsapp_client_id", phone=phone)
    t.observe(f"whatsapp_message: {said(exchange)}; whatsapp_client_id: {said(found)}")
    t.expect(exchange.succeeded and found.succeeded, "both to succeed", exchange)
    newest = t.newest(found.read["client_id"])
    t.equal((newest["text"], newest["delivered"]), (text, False), "the newest message")


@rule(
    "RYW-55",
    Level.MUST,
    source="document section 'Clear message history': it deletes the chat history, and names nothing else",
    actions=["clear_history", "get_variables", "get_orders", "get_order_state", "get_clients"],
    needs=["test_clients"],
)
def clearing_a_history_takes_nothing_along(t: Trial) -> None:
    """Clearing a history leaves the client's variables, deals with their variables and stage, and places on lists."""
    client_id = t.client()
    before = full_state(t, client_id)
    with t.optional():
        write(t, client_id, t.nonce())
    t.ok("clear_history", client_id=client_id)
    t.equal(state(t, client_id), before, "variables, deals, stage and list of the client")


@rule(
    "RYW-62",
    Level.MUST,
    source="document section 'Start the bot' and those of the other callbacks: the client does not see the text; "
    "public integration: message_from_outside 3",
    actions=CALLBACKS,
    each=True,
    needs=["test_clients"],
)
def no_client_sees_a_callback(t: Trial, action: str) -> None:
    """A callback is in the history once as one, and not as a message to the client, by each method."""
    for method in mavibot_contract.load().actions[action]:
        parameters = valid(t, action)
        t.ok(action, method=method, **parameters)
        client_id, text = reached(t, action, parameters), text_of(parameters)
        rows = [row["message_from_outside"] for row in t.history(client_id) if row["text"] == text]
        t.equal(len(rows), 1, f"how often the callback by {method} is in the history")
        t.should(rows == [3], f"message_from_outside of the callback by {method} to be 3", rows)


@rule(
    "RYW-63",
    Level.MUST,
    source="document section 'Start the bot' and those of the other callbacks: resume_bot starts a paused bot again",
    actions=_WITH_RESUME,
    each=True,
    needs=["test_clients", "block_id", "control"],
)
def a_paused_bot_is_resumed_each_time(t: Trial, action: str) -> None:
    """A paused bot stays paused without `resume_bot`, and goes on with it: by each method, a second time too."""
    block, pausing = _reacting_and_pausing(t)
    parameters = {**valid(t, action), "message": block["condition"]}
    t.ok(action, **parameters)
    client_id = reached(t, action, parameters)
    count = t.texts_with(block["answer"], client_id).count(block["answer"])
    methods: list[Method] = [*mavibot_contract.load().actions[action]]
    for method in methods * 2:
        t.ok("message", client_id=client_id, message_id=pausing["id"])
        t.ok(action, method=method, **parameters)
        t.equal(t.texts(client_id).count(block["answer"]), count, f"the answers to {method} while the bot is paused")
        t.ok(action, method=method, **parameters, resume_bot=True)
        count += 1
        t.until(lambda: t.texts(client_id).count(block["answer"]) >= count)  # noqa: B023 - called at once
        t.equal(t.texts(client_id).count(block["answer"]), count, f"the answers after {method} with resume_bot")


def _reacting_and_pausing(t: Trial) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the profile's block, which reacts to a text, and a block that pauses the bot.

    Raises:
        LacksInputError: there are no such blocks.
    """
    blocks = t.blocks()
    reacting = [each for each in blocks if each["id"] == t.profile.block_id and each["condition"]]
    pausing = [each for each in blocks if "pauses" in (each["description"] or "")]
    if not reacting or not pausing:
        raise LacksInputError("needs a condition of 'block_id', and a block described as one that pauses the bot")
    return reacting[0], pausing[0]
