"""What a new contract changes: seeded changes, each with the one answer that is right."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.contract.source import bundled

from mavibot_contract.changes import WHOLE, Change, Kind, Step, changes, step

if TYPE_CHECKING:
    from collections.abc import Callable

Node = dict[str, Any]

_ADDED, _REMOVED, _NARROWED, _WIDENED = Kind.ADDED, Kind.REMOVED, Kind.NARROWED, Kind.WIDENED
_CHANGED, _EVIDENCE, _WORDING = Kind.CHANGED, Kind.EVIDENCE, Kind.WORDING
_BREAKING, _MINOR, _PATCH = Step.BREAKING, Step.MINOR, Step.PATCH


def operation(document: Node, action: str, method: str = "post") -> Node:
    found: Node = document["paths"][f"/{action}"][method]
    return found


def body(document: Node, action: str) -> Node:
    found: Node = operation(document, action)["requestBody"]["content"]["application/json"]["schema"]
    return found


def query(document: Node, action: str, name: str) -> Node:
    parameters = operation(document, action, "get")["parameters"]
    return next(each for each in parameters if each.get("name") == name)


def reply(document: Node, action: str, method: str = "get", status: str = "200") -> Node:
    found: Node = operation(document, action, method)["responses"][status]["content"]["application/json"]
    return found


def schema(document: Node, name: str) -> Node:
    found: Node = document["components"]["schemas"][name]
    return found


def pop(node: Node, *keys: str) -> None:
    for key in keys:
        del node[key]


#: What is done to the contract -> action, kind, step, and what the change says of the place and in words.
SEEDED: Final[dict[str, tuple[Callable[[Node], object], str, Kind, Step, str, str]]] = {
    # --- actions ---
    "an action is new": (
        lambda d: d["paths"].update({"/get_tags": deepcopy(d["paths"]["/get_messages"])}),
        *("get_tags", _ADDED, _MINOR, "", "the action, by GET"),
    ),
    "an action is gone": (
        lambda d: pop(d["paths"], "/get_messages"),
        *("get_messages", _REMOVED, _BREAKING, "", "the action, by GET"),
    ),
    "a method is gone": (
        lambda d: pop(d["paths"]["/message"], "get"),
        *("message", _REMOVED, _BREAKING, "", "the method GET"),
    ),
    "a method is new": (
        lambda d: d["paths"]["/get_messages"].update(post=deepcopy(d["paths"]["/check_whatsapp"]["post"])),
        *("get_messages", _ADDED, _MINOR, "", "the method POST"),
    ),
    # --- what a call may hold ---
    "a parameter is required": (
        lambda d: body(d, "create_order").update(required=["name"]),
        *("create_order", _NARROWED, _BREAKING, "parameter name", "required"),
    ),
    "a parameter of the address is required": (
        lambda d: query(d, "get_history", "limit").update(required=True),
        *("get_history", _NARROWED, _BREAKING, "parameter limit", "required"),
    ),
    "a parameter is no longer required": (
        lambda d: body(d, "find_clients")["required"].remove("q"),
        *("find_clients", _WIDENED, _MINOR, "parameter q", "no longer required"),
    ),
    "an optional parameter is new": (
        lambda d: body(d, "assign_to_user")["properties"].update(note={"type": "string"}),
        *("assign_to_user", _ADDED, _MINOR, "parameter note", "text"),
    ),
    "a parameter of the address is new": (
        lambda d: operation(d, "get_orders", "get")["parameters"].append(
            {"name": "page", "in": "query", "required": False, "description": "Page.", "schema": {"type": "integer"}}
        ),
        *("get_orders", _ADDED, _MINOR, "parameter page", "whole number"),
    ),
    "a parameter is gone": (
        lambda d: pop(body(d, "find_clients")["properties"], "include_all"),
        *("find_clients", _REMOVED, _BREAKING, "parameter include_all", "true or false"),
    ),
    "a number may be less": (
        lambda d: query(d, "get_history", "limit")["schema"].update(maximum=100),
        *("get_history", _NARROWED, _BREAKING, "parameter limit", "maximum 100, was 2000"),
    ),
    "a number may be more": (
        lambda d: query(d, "get_history", "limit")["schema"].update(maximum=5000),
        *("get_history", _WIDENED, _MINOR, "parameter limit", "maximum 5000, was 2000"),
    ),
    "a number begins later": (
        lambda d: query(d, "get_history", "limit")["schema"].update(minimum=5),
        *("get_history", _NARROWED, _BREAKING, "parameter limit", "minimum 5, was 1"),
    ),
    "a number has no end": (
        lambda d: pop(query(d, "get_history", "limit")["schema"], "maximum"),
        *("get_history", _WIDENED, _MINOR, "parameter limit", "no maximum, was 2000"),
    ),
    "a list has a longest": (
        lambda d: body(d, "delete_clients")["properties"]["client_ids"].update(maxItems=7),
        *("delete_clients", _NARROWED, _BREAKING, "parameter client_ids", "maxItems 7"),
    ),
    "a value is taken no more": (
        lambda d: schema(d, "AttachmentType")["enum"].remove("audio"),
        *("message", _NARROWED, _BREAKING, "parameter attachment_type", 'no longer "audio"'),
    ),
    "a value is taken too": (
        lambda d: schema(d, "AttachmentType")["enum"].append("sticker"),
        *("message", _WIDENED, _MINOR, "parameter attachment_type", 'now "sticker" too'),
    ),
    "a type is taken no more": (
        lambda d: schema(d, "ListId")["anyOf"].pop(),
        *("add_to_list", _NARROWED, _BREAKING, "parameter list_id", "no longer text in the form"),
    ),
    "a type is taken too": (
        lambda d: schema(d, "ResumeBot").update(type=["boolean", "integer"]),
        *("callback", _WIDENED, _MINOR, "parameter resume_bot", "now whole number too"),
    ),
    "only whole numbers": (
        lambda d: schema(d, "TimeShift").update(type="integer"),
        *("message", _NARROWED, _BREAKING, "parameter time_shift", "a whole number only"),
    ),
    "a text has a form": (
        lambda d: schema(d, "CallbackText").update(pattern="^[a-z]+$"),
        *("callback", _NARROWED, _BREAKING, "parameter message", 'pattern "^[a-z]+$"'),
    ),
    "a field of a nested object is required": (
        lambda d: schema(d, "ButtonSet")["required"].append("hint"),
        *("message", _NARROWED, _BREAKING, "parameter buttons.hint", "required"),
    ),
    "other parameters are taken no more": (
        lambda d: body(d, "callback").update(additionalProperties=False),
        *("callback", _NARROWED, _BREAKING, "parameter *", "no other fields"),
    ),
    "other parameters are taken too": (
        lambda d: body(d, "broadcast").update(additionalProperties=True),
        *("broadcast", _WIDENED, _MINOR, "parameter *", "other fields too"),
    ),
    "one more way to name the client": (
        lambda d: body(d, "save_variables")["allOf"][0]["anyOf"].append({"required": ["variables"]}),
        *("save_variables", _WIDENED, _MINOR, "parameter", "at least one of client_id, clients, variables"),
    ),
    "one way less to name the client": (
        lambda d: body(d, "save_variables")["allOf"][0]["anyOf"].pop(),
        *("save_variables", _NARROWED, _BREAKING, "parameter", "at least one of client_id, no longer"),
    ),
    "a parameter needs another one": (
        lambda d: body(d, "create_order").update(dependentRequired={"name": ["responsible"]}),
        *("create_order", _NARROWED, _BREAKING, "parameter", "name needs responsible"),
    ),
    "a parameter of the address needs another one no more": (
        lambda d: pop(operation(d, "get_history", "get"), "x-query-schema"),
        *("get_history", _WIDENED, _MINOR, "parameter", "no longer start_date needs stop_date"),
    ),
    "an alias is gone": (
        lambda d: operation(d, "tg_callback")["parameters"].pop(0),
        *("tg_callback", _REMOVED, _BREAKING, "parameter value_user_id", "text, not empty"),
    ),
    "an alias stands for another parameter": (
        lambda d: operation(d, "callback")["x-value-parameters"].update(value_phone="message"),
        *("callback", _CHANGED, _BREAKING, "alias value_phone", "stands for message, was client_phone"),
    ),
    "what counts without the parameter": (
        lambda d: query(d, "get_history", "limit")["schema"].update(default=100),
        *("get_history", _CHANGED, _BREAKING, "parameter limit", "default 100, was 2000"),
    ),
    # --- what an action is ---
    "another permission": (
        lambda d: operation(d, "get_clients", "get").update({"x-permission": "crm:read"}),
        *("get_clients", _CHANGED, _BREAKING, "permission", '"crm:read", was "clients:read"'),
    ),
    "it reaches a person": (
        lambda d: operation(d, "load_clients").update({"x-effect": "send"}),
        *("load_clients", _CHANGED, _BREAKING, "effect", '"send", was "write"'),
    ),
    "it can be repeated no more": (
        lambda d: operation(d, "save_variables").update({"x-idempotent": False}),
        *("save_variables", _CHANGED, _BREAKING, "idempotent", "false, was true"),
    ),
    "it can be repeated": (
        lambda d: operation(d, "broadcast").update({"x-idempotent": True}),
        *("broadcast", _CHANGED, _MINOR, "idempotent", "true, was false"),
    ),
    # --- what a reply may hold ---
    "a field of a reply is new": (
        lambda d: schema(d, "Block")["properties"].update(colour={"type": "string"}),
        *("get_messages", _ADDED, _MINOR, "reply 200: messages[].colour", "text"),
    ),
    "a field of a reply is gone": (
        lambda d: pop(schema(d, "Block")["properties"], "condition"),
        *("get_messages", _REMOVED, _BREAKING, "reply 200: messages[].condition", "text or null"),
    ),
    "a field of a reply may be missing": (
        lambda d: schema(d, "Block").update(required=[]),
        *("get_messages", _WIDENED, _BREAKING, "reply 200: messages[].id", "no longer required"),
    ),
    "a field of a reply is always there": (
        lambda d: schema(d, "Block")["required"].append("answer"),
        *("get_messages", _NARROWED, _MINOR, "reply 200: messages[].answer", "required"),
    ),
    "a field of a reply may be null": (
        lambda d: schema(d, "Block")["properties"]["id"].update(type=["integer", "null"]),
        *("get_messages", _WIDENED, _BREAKING, "reply 200: messages[].id", "now null too"),
    ),
    "a field of a reply has another type": (
        lambda d: schema(d, "Block")["properties"]["id"].update(type="string"),
        *("get_messages", _WIDENED, _BREAKING, "reply 200: messages[].id", "now text too"),
    ),
    "one more known value of a reply": (
        lambda d: [schema(d, "BlockType")[key].append(v) for key, v in (("enum", 9), ("x-enum-varnames", "QUIZ"))],
        *("get_messages", _ADDED, _MINOR, "reply 200: messages[].message_type", "the known value 9 QUIZ"),
    ),
    "one more status": (
        lambda d: operation(d, "get_messages", "get")["responses"].update({"409": {"description": "Busy."}}),
        *("get_messages", _ADDED, _MINOR, "reply 409", "Busy."),
    ),
    "a reply as plain text too": (
        lambda d: operation(d, "get_messages", "get")["responses"]["200"]["content"].update(
            {"text/plain": {"schema": {"type": "string"}}}
        ),
        *("get_messages", _WIDENED, _BREAKING, "reply 200", "as text/plain too"),
    ),
    # --- what is known, and how it is said ---
    "an action is documented": (
        lambda d: operation(d, "max_callback").update({"x-evidence": "documented"}),
        *("max_callback", _EVIDENCE, _PATCH, "", "field became documented"),
    ),
    "a field of a reply is documented": (
        lambda d: schema(d, "BlockType").update({"x-evidence": "documented"}),
        *("get_messages", _EVIDENCE, _PATCH, "reply 200: messages[].message_type", "field became documented"),
    ),
    "an action is described anew": (
        lambda d: operation(d, "get_clients", "get").update(description="Anew."),
        *("get_clients", _WORDING, _PATCH, "", "description"),
    ),
    "an example is another": (
        lambda d: reply(d, "get_messages").update(example={"messages": []}),
        *("get_messages", _WORDING, _PATCH, "reply 200", "examples"),
    ),
    # --- all actions together ---
    "a host is gone": (
        lambda d: d["servers"].pop(),
        *(WHOLE, _REMOVED, _BREAKING, "server", "https://chatter.salebot.pro/api/{api_key}"),
    ),
    "a permission is new": (
        lambda d: d["x-permissions"].update({"lists:write": "Change lists"}),
        *(WHOLE, _ADDED, _MINOR, "permission", "lists:write"),
    ),
    # --- what the platform posts ---
    "a system event is new": (
        lambda d: d["webhooks"]["project_message"]["post"]["x-system-events"].append({"name": "client_waved"}),
        *("webhook project_message", _ADDED, _MINOR, "event", "client_waved"),
    ),
    "a field of what is posted is gone": (
        lambda d: pop(schema(d, "ProjectMessage")["properties"], "is_input"),
        *("webhook project_message", _REMOVED, _BREAKING, "body: is_input", "whole number, 0 to 1"),
    ),
    "a webhook is told in other words": (
        lambda d: d["webhooks"]["project_message"]["post"].update(summary="Anew"),
        *("webhook project_message", _WORDING, _PATCH, "body", "summary"),
    ),
}


def changed(edit: Callable[[Node], object]) -> list[Change]:
    document = deepcopy(bundled())
    edit(document)
    assert document != bundled()
    return changes(bundled(), document)


@pytest.mark.parametrize("name", SEEDED)
def test_a_seeded_change_is_named(name: str) -> None:
    edit, action, kind, greatest, place, text = SEEDED[name]
    found = changed(edit)
    about = [change for change in found if change.action == action]
    named = [change for change in about if (change.kind, change.step, change.place) == (kind, greatest, place)]
    assert named, about
    assert any(text in change.text for change in named), named
    assert step(found) is greatest
    assert all(change.caller and change.mock and change.server for change in found)


def test_nothing_has_changed() -> None:
    assert changes(bundled(), deepcopy(bundled())) == []
    assert step([]) is None


def test_a_change_and_its_reverse() -> None:
    """What is added one way is removed the other way, and what is narrowed is widened."""
    reverse = {_ADDED: _REMOVED, _REMOVED: _ADDED, _NARROWED: _WIDENED, _WIDENED: _NARROWED}
    for edit, action, kind, *_ in SEEDED.values():
        document = deepcopy(bundled())
        edit(document)
        back = {change.kind for change in changes(document, bundled()) if change.action == action}
        assert reverse.get(kind, kind) in back or _CHANGED in back, (action, kind, back)


def test_a_shared_schema_changes_every_action_that_uses_it() -> None:
    found = changed(lambda document: schema(document, "OrderId")["anyOf"].pop())
    users = {
        path.removeprefix("/")
        for path, item in bundled()["paths"].items()
        if "schemas/OrderId'" in str(item) and "schemas/OrderId'" in str(item).partition("'responses'")[0]
    }
    assert {change.action for change in found} == users
    assert len(users) > 3


def test_a_twin_says_nothing_again() -> None:
    found = changed(lambda document: schema(document, "ResumeBot").update(type="string"))
    assert len(found) == len({(change.action, change.kind, change.place, change.text) for change in found})


def test_no_document() -> None:
    with pytest.raises(ValueError, match="it has no paths"):
        changes({}, bundled())
