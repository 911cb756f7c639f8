"""Rules: keys and permissions."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import valid
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import LacksInputError, said
from mavibot_conformance.rules.ways import give, write
from mavibot_conformance.target.judgements import REFUSED_KEY, REFUSED_PERMISSION, is_envelope
from mavibot_conformance.target.profile import FULL, LEGACY
from mavibot_conformance.target.request import arguments

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_conformance.rules.trial import Trial
    from mavibot_conformance.target.exchange import Exchange
    from mavibot_contract import Operation

_CONTRACT: Final = mavibot_contract.load()
_ALL: Final = tuple(_CONTRACT.actions)
#: Some of each kind of change.
_WRITES: Final = (
    *("save_variables", "message", "callback", "clear_history"),
    *("add_to_list", "create_order", "delete_clients"),
)
_KEYS: Final = (
    "document section 'How to generate an API key': calls need a key; without its permission the request fails"
)
_DISAGREES: Final = "document: the sentence of the card asks for one permission, its badge for another"
_PERMISSIONS: Final = tuple(sorted({_CONTRACT.operation(action).permission for action in _ALL}))
#: Reads of which sentence and badge name different permissions. What writes is settled by a hint of the page: with a
#: key that may only read, modifying variables fails.
_UNCLEAR: Final = tuple(
    action
    for action, operations in _CONTRACT.actions.items()
    if "x-permission-badge" in _CONTRACT.document["paths"][f"/{action}"][next(iter(operations)).lower()]
    and _CONTRACT.operation(action).effect == "read"
)


@rule("AUTH-1", Level.MUST, source=_KEYS, actions=_ALL, each=True, effect="read", smoke=True, assumptions=[REFUSED_KEY])
def an_unknown_key_is_refused(t: Trial, action: str) -> None:
    """A key that the platform never gave out is refused, by every documented method."""
    for operation in _CONTRACT.actions[action].values():
        exchange = _call(t, operation, key=f"={t.nonce(32)}")
        t.expect_refusal(exchange)
        t.assume(REFUSED_KEY, is_envelope(exchange, 401), said(exchange))


@rule("AUTH-2", Level.MUST, source=_KEYS, actions=["connected_channels", "get_variables"], effect="read")
def a_damaged_key_is_refused(t: Trial) -> None:
    """A key that lacks its last character, has one more, other letters' case or a space is refused."""
    key = t.profile.keys[FULL]
    damaged = {key[:-1], key[1:], f"{key}0", f"{key}%20", f"%20{key}", f"{key}%00"} | {key.swapcase()}
    for value in sorted(damaged - {key}):
        t.expect_refusal(t.wire.call("connected_channels", key=f"={value}"))


@rule("AUTH-3", Level.MUST, source=_KEYS, actions=_ALL, each=True, effect="read", needs=["key:revoked"])
def a_revoked_key_is_refused(t: Trial, action: str) -> None:
    """A key that was deleted in the project settings is refused."""
    t.expect_refusal(_call(t, _CONTRACT.operation(action), key="revoked"))


@rule(
    "AUTH-4",
    Level.MUST,
    source=_KEYS,
    actions=_ALL,
    each=True,
    effect="read",
    needs=["limited_keys"],
    assumptions=[REFUSED_PERMISSION],
)
def a_key_without_permissions_may_do_nothing(t: Trial, action: str) -> None:
    """A key without any permission, or else with other ones alone, is refused, by every documented method."""
    for operation in _CONTRACT.actions[action].values():
        exchange = _call(t, operation, key=_lacking(t, operation))
        t.permission(exchange, allowed=False)
        t.expect_refusal(exchange)
        t.assume(REFUSED_PERMISSION, is_envelope(exchange, 403), said(exchange))


@rule(
    "AUTH-5",
    Level.MUST,
    source=_KEYS,
    actions=[action for action in _ALL if action not in _UNCLEAR],
    each=True,
    needs=["limited_keys"],
)
def an_action_needs_its_permission(t: Trial, action: str) -> None:
    """A valid call with any one permission but the action's own is refused, and with its own alone it succeeds."""
    keys = [name for name in _PERMISSIONS if name in t.profile.keys]
    if not keys:
        raise LacksInputError("the profile lacks a key with a single permission")
    for operation in _CONTRACT.actions[action].values():
        parameters = valid(t, action)
        for name in sorted(keys, key=lambda each: each == operation.permission):
            exchange = t.wire.call(action, key=name, **arguments(operation, parameters))
            t.permission(exchange, allowed=name == operation.permission)
            if name == operation.permission:
                t.expect(exchange.succeeded, f"{action} to succeed with {name} alone", exchange)
            else:
                t.expect_refusal(exchange)


@rule(
    "AUTH-6",
    Level.INFO,
    source=_DISAGREES,
    actions=_UNCLEAR,
    each=True,
    needs=[f"key:{name}" for name in _PERMISSIONS],
)
def the_permission_of_an_action_that_the_document_leaves_open(t: Trial, action: str) -> None:
    """Which single permission opens an action of which the document names two."""
    opened = []
    for operation in _CONTRACT.actions[action].values():
        parameters = valid(t, action)
        for name in _PERMISSIONS:
            exchange = t.wire.call(action, key=name, **arguments(operation, parameters))
            t.permission(exchange, allowed=name == operation.permission)
            opened += [f"{name} ({operation.method})"] * exchange.succeeded
    t.observe(f"opened by {', '.join(opened) or 'no single permission'}")
    expected = [f"{operation.permission} ({method})" for method, operation in _CONTRACT.actions[action].items()]
    t.equal(opened, expected, "what opens it")


@rule(
    "AUTH-7",
    Level.MUST,
    source=_KEYS,
    actions=[*_WRITES, "get_variables"],
    judges=_WRITES,
    needs=["channel"],
)
def a_refused_call_has_no_effect(t: Trial) -> None:
    """Writes and sends that are refused for their key change nothing: variables, history, lists, deals, clients."""
    client_id = t.client()
    with t.optional():
        give(t, client_id, {"client.cnf_a": "kept"})
    with t.optional():
        write(t, client_id, "kept")
    looks: dict[str, Callable[[], Any]] = {
        "variables": lambda: t.variables(client_id),
        "history": lambda: t.texts(client_id),
        "current deal": lambda: t.current_order(client_id),
        "list": t.members,
    }
    before = t.parts(looks)
    calls: dict[str, dict[str, Any]] = {
        "save_variables": {"client_id": client_id, "variables": {"client.cnf_a": "lost"}},
        "message": {"client_id": client_id, "message": "lost"},
        "callback": {"client_id": client_id, "message": "lost", "client.cnf_a": "lost"},
        "clear_history": {"client_id": client_id},
        "add_to_list": {"list_id": t.profile.list_id or 1, "clients": [client_id]},
        "create_order": {"client_id": client_id, "name": "lost"},
        "delete_clients": {"client_ids": [client_id]},
    }
    keys = (*(name for name in ("none", "clients:read") if name in t.profile.keys), f"={t.nonce(32)}")

    def check(action: str) -> None:
        for key in keys:
            exchange = t.wire.call(action, key=key, **arguments(_CONTRACT.operation(action), calls[action]))
            t.expect_refusal(exchange)
        t.equal(t.parts(looks), before, f"the state after {action} was refused")

    t.each(check, calls)


@rule(
    "AUTH-8",
    Level.MUST,
    source=_KEYS,
    actions=["connected_channels", "get_variables", "get_current_order_id"],
    effect="read",
    needs=["clients"],
    smoke=True,
)
def the_full_key_is_accepted(t: Trial) -> None:
    """A key with all permissions reads clients and deals."""
    client_id = t.profile.clients[0]

    def read_deal() -> None:
        deal = t.call("get_current_order_id", client_id=client_id)
        # No source shows what is answered where there is none.
        is_answered = not deal.is_broken and deal.status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        t.expect(is_answered, "the current deal, or that there is none", deal)

    t.parts(
        {
            "channels": lambda: t.ok("connected_channels"),
            "variables": lambda: t.variables(client_id),
            "deal": read_deal,
        }
    )


@rule(
    "AUTH-9",
    Level.INFO,
    source="assumption: a key counts in the address alone",
    actions=["connected_channels"],
    effect="read",
)
def where_a_key_counts(t: Trial) -> None:
    """Whether a wrong key in the address is refused even with the right one beside it, in the query."""
    exchange = t.wire.call("connected_channels", key=f"={t.nonce(32)}", query={"api_key": "present"})
    t.observe(said(exchange))
    t.expect_refusal(exchange)


@rule(
    "AUTH-10",
    Level.MUST,
    source="document section 'API keys generated using the old method': such a key has full permissions",
    actions=_ALL,
    each=True,
    needs=["key:legacy"],
)
def a_legacy_key_may_do_everything(t: Trial, action: str) -> None:
    """A key from before there were permissions succeeds wherever a full one does, by every documented method."""
    for operation in _CONTRACT.actions[action].values():
        exchange = t.wire.call(action, key=LEGACY, **arguments(operation, valid(t, action)))
        t.expect(exchange.succeeded, f"{action} to succeed with a legacy key", exchange)


def _lacking(t: Trial, operation: Operation) -> str:
    """Return the name of a key that lacks the permission of an operation.

    Inside one area the document's text and badge disagree, so that the permissions are of another.

    Raises:
        LacksInputError: the profile has none.
    """
    area = operation.permission.split(":")[0]
    for name in t.profile.limited_keys:
        if name.split(":")[0] != area:
            return name
    raise LacksInputError(f"the profile lacks a key without permissions, or with those of another area than {area}")


def _call(t: Trial, operation: Operation, *, key: str) -> Exchange:
    """Call with parameters that break the contract, so that a server which lets the key through still does nothing."""
    nothing: dict[str, Any] = {operation.body_argument: []} if operation.body_argument else {}
    return t.wire.call(operation.action, key=key, **arguments(operation, nothing))
