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


def renamed(node: Node, name: str, other: str) -> None:
    node[other] = node.pop(name)


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
    "it reaches a person no more": (
        lambda d: operation(d, "message").update({"x-effect": "write"}),
        *("message", _CHANGED, _MINOR, "effect", '"write", was "send"'),
    ),
    "its effect has a name that nobody knows": (
        lambda d: operation(d, "message").update({"x-effect": "destroy"}),
        *("message", _CHANGED, _BREAKING, "effect", '"destroy", was "send"'),
    ),
    "it counts against a limit": (
        lambda d: pop(operation(d, "save_variables"), "x-unlimited"),
        *("save_variables", _CHANGED, _BREAKING, "counts against no limit", "was true"),
    ),
    "an operation has another name": (
        lambda d: operation(d, "message").update(operationId="send_message"),
        *("message", _CHANGED, _BREAKING, "name of the operation", '"send_message", was "message"'),
    ),
    "an operation has another tag": (
        lambda d: operation(d, "message").update(tags=["bot"]),
        *("message", _CHANGED, _BREAKING, "tag", '["bot"], was ["messages"]'),
    ),
    "an action is deprecated": (
        lambda d: operation(d, "message").update(deprecated=True),
        *("message", _CHANGED, _MINOR, "deprecated", "true"),
    ),
    "it is of another messenger": (
        lambda d: operation(d, "tg_callback").update({"x-messenger": "VIBER"}),
        *("tg_callback", _CHANGED, _BREAKING, "messenger", '"VIBER", was "TELEGRAM"'),
    ),
    "an extension that nobody knows": (
        lambda d: operation(d, "message").update({"x-new": 1}),
        *("message", _CHANGED, _BREAKING, "x-new", "1"),
    ),
    "an action asks for credentials": (
        lambda d: operation(d, "message").update(security=[{"bearer": []}]),
        *("message", _CHANGED, _BREAKING, "security", '[{"bearer": []}]'),
    ),
    "an action is on a server of its own": (
        lambda d: operation(d, "message").update(servers=[{"url": "https://a.example"}]),
        *("message", _ADDED, _MINOR, "server", "https://a.example"),
    ),
    # --- how a call is written ---
    "a body may be missing": (
        lambda d: operation(d, "message")["requestBody"].update(required=False),
        *("message", _WIDENED, _MINOR, "body", "no longer required"),
    ),
    "a body is written otherwise": (
        lambda d: renamed(operation(d, "message")["requestBody"]["content"], "application/json", "text/csv"),
        *("message", _NARROWED, _BREAKING, "body", "no longer as application/json"),
    ),
    "a body may be written otherwise too": (
        lambda d: operation(d, "message")["requestBody"]["content"].update({"text/csv": {"schema": {}}}),
        *("message", _WIDENED, _MINOR, "body", "as text/csv too"),
    ),
    "a parameter is a header": (
        lambda d: query(d, "get_history", "limit").update({"in": "header"}),
        *("get_history", _REMOVED, _BREAKING, "parameter limit", "whole number"),
    ),
    "a list in the address is written otherwise": (
        lambda d: query(d, "get_history", "limit").update(style="pipeDelimited", explode=False),
        *("get_history", _CHANGED, _BREAKING, "parameter limit", 'style "pipeDelimited", was "form"'),
    ),
    "a parameter of the address is deprecated": (
        lambda d: query(d, "get_history", "limit").update(deprecated=True),
        *("get_history", _CHANGED, _MINOR, "parameter limit", "deprecated true"),
    ),
    "a parameter may hold reserved characters": (
        lambda d: query(d, "get_history", "limit").update(allowReserved=True),
        *("get_history", _CHANGED, _BREAKING, "parameter limit", "allowReserved true"),
    ),
    "a parameter is only read": (
        lambda d: body(d, "create_order")["properties"]["name"].update(readOnly=True),
        *("create_order", _CHANGED, _BREAKING, "parameter name", "readOnly true"),
    ),
    "a parameter names something else": (
        lambda d: schema(d, "ClientId").update({"x-names": "order"}),
        *("message", _CHANGED, _BREAKING, "parameter client_id", 'x-names "order", was "client"'),
    ),
    "a parameter has a default no more": (
        lambda d: pop(query(d, "get_history", "limit")["schema"], "default"),
        *("get_history", _CHANGED, _BREAKING, "parameter limit", "no default, was 2000"),
    ),
    "a parameter has a format": (
        lambda d: body(d, "create_order")["properties"]["name"].update(format="uri"),
        *("create_order", _NARROWED, _BREAKING, "parameter name", 'format "uri"'),
    ),
    "a keyword that nobody knows": (
        lambda d: body(d, "create_order")["properties"]["name"].update(discriminator={"propertyName": "kind"}),
        *("create_order", _CHANGED, _BREAKING, "parameter name", 'discriminator {"propertyName": "kind"}'),
    ),
    "the fields beside those that are named have a type": (
        lambda d: body(d, "callback").update(additionalProperties={"type": "string"}),
        *("callback", _NARROWED, _BREAKING, "parameter *", "no longer "),
    ),
    "a part of a condition is another": (
        lambda d: body(d, "create_order").update({"not": {}}),
        *("create_order", _NARROWED, _BREAKING, "parameter", "not {}"),
    ),
    "an alias that stands for nothing": (
        lambda d: operation(d, "message")["x-value-parameters"].update(value_new=None),
        *("message", _WORDING, _PATCH, "alias value_new", "stands for nothing"),
    ),
    "callbacks": (
        lambda d: operation(d, "message").update(callbacks={"done": {}}),
        *("message", _CHANGED, _BREAKING, "callbacks", '{"done": {}}'),
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
    "a failure has one status less": (
        lambda d: pop(operation(d, "get_messages", "get")["responses"], "429"),
        *("get_messages", _REMOVED, _MINOR, "reply 429", "Too many calls"),
    ),
    "a header of a reply is gone": (
        lambda d: pop(d["components"]["responses"]["OverLimit"]["headers"], "Retry-After"),
        *("message", _REMOVED, _BREAKING, "reply 429: header Retry-After", "whole number"),
    ),
    "a header of a reply is always there": (
        lambda d: d["components"]["responses"]["OverLimit"]["headers"]["Retry-After"].update(required=True),
        *("message", _NARROWED, _MINOR, "reply 429: header Retry-After", "required"),
    ),
    "a reply leads to other calls": (
        lambda d: operation(d, "get_messages", "get")["responses"]["200"].update(links={"next": {}}),
        *("get_messages", _CHANGED, _BREAKING, "reply 200", 'links {"next": {}}'),
    ),
    "a field of a reply has another name in the client": (
        lambda d: reply(d, "get_messages")["schema"]["properties"]["messages"].update({"x-same-as": "blocks"}),
        *("get_messages", _CHANGED, _BREAKING, "reply 200: messages", 'x-same-as "blocks"'),
    ),
    "a field of a reply is only written": (
        lambda d: schema(d, "Block")["properties"]["id"].update(writeOnly=True),
        *("get_messages", _CHANGED, _BREAKING, "reply 200: messages[].id", "writeOnly true"),
    ),
    "a field of a reply may be null, as OpenAPI 3.0 writes it": (
        lambda d: schema(d, "Block")["properties"]["id"].update(nullable=True),
        *("get_messages", _WIDENED, _BREAKING, "reply 200: messages[].id", "now null too"),
    ),
    "a number has another name": (
        lambda d: schema(d, "BlockType")["x-enum-varnames"].reverse(),
        *("get_messages", _CHANGED, _BREAKING, "reply 200: messages[].message_type", "is now named"),
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
    "a host is new": (
        lambda d: d["servers"].append({"url": "https://a.example/api/{api_key}"}),
        *(WHOLE, _ADDED, _MINOR, "server", "https://a.example/api/{api_key}"),
    ),
    "another host comes first": (
        lambda d: d["servers"].reverse(),
        *(WHOLE, _CHANGED, _BREAKING, "the first server", "https://chatter.salebot.pro/api/{api_key}, was https://"),
    ),
    "the key has another default": (
        lambda d: d["servers"][0]["variables"]["api_key"].update(default="demo"),
        *(WHOLE, _CHANGED, _BREAKING, "server https://chatter.mavibot.ai/api/{api_key}", "variables"),
    ),
    "the key is described anew": (
        lambda d: d["servers"][0]["variables"]["api_key"].update(description="Anew."),
        *(WHOLE, _WORDING, _PATCH, "server https://chatter.mavibot.ai/api/{api_key}", "variables"),
    ),
    "nothing is said of credentials": (
        lambda d: pop(d, "security"),
        *(WHOLE, _CHANGED, _BREAKING, "security", "was []"),
    ),
    "all actions ask for credentials": (
        lambda d: d.update(security=[{"bearer": []}]),
        *(WHOLE, _CHANGED, _BREAKING, "security", '[{"bearer": []}], was []'),
    ),
    "a tag is described anew": (
        lambda d: d["tags"][0].update(description="Anew."),
        *(WHOLE, _WORDING, _PATCH, "", "tags"),
    ),
    "a new edition of the document": (
        lambda d: d["info"].update(version="9.9.9", description="Anew."),
        *(WHOLE, _WORDING, _PATCH, "", "info"),
    ),
    "another version of OpenAPI": (
        lambda d: d.update(openapi="4.0.0"),
        *(WHOLE, _CHANGED, _BREAKING, "openapi", '"4.0.0", was "3.1.0"'),
    ),
    "an extension of the document that nobody knows": (
        lambda d: d.update({"x-new": 1}),
        *(WHOLE, _CHANGED, _BREAKING, "x-new", "1"),
    ),
    "a component that no action uses": (
        lambda d: d["components"]["schemas"].update(Unused={"type": "string"}),
        *(WHOLE, _WORDING, _PATCH, "", "components that no action uses"),
    ),
    "an address by a method that only it has": (
        lambda d: d["paths"]["/message"].update(put=deepcopy(d["paths"]["/message"]["post"])),
        *("message", _ADDED, _MINOR, "", "the method PUT"),
    ),
    # --- order ---
    "values stand in another order": (
        lambda d: schema(d, "AttachmentType")["enum"].reverse(),
        *("message", _WORDING, _PATCH, "", "the order of something"),
    ),
    "required parameters stand in another order": (
        lambda d: body(d, "set_order_state")["required"].reverse(),
        *("set_order_state", _WORDING, _PATCH, "", "the order of something"),
    ),
    "alternatives stand in another order": (
        lambda d: schema(d, "ListId")["anyOf"].reverse(),
        *("add_to_list", _WORDING, _PATCH, "", "the order of something"),
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
    "a webhook posts a parameter": (
        lambda d: d["webhooks"]["project_message"]["post"].update(
            parameters=[{"name": "sign", "in": "query", "schema": {"type": "string"}}]
        ),
        *("webhook project_message", _ADDED, _MINOR, "parameter sign", "text"),
    ),
    "a webhook takes one more reply": (
        lambda d: d["webhooks"]["project_message"]["post"]["responses"].update({"410": {"description": "Gone."}}),
        *("webhook project_message", _ADDED, _MINOR, "reply", "410"),
    ),
    "a webhook asks for another reply": (
        lambda d: renamed(d["webhooks"]["project_message"]["post"]["responses"], "default", "204"),
        *("webhook project_message", _REMOVED, _BREAKING, "reply", "default"),
    ),
    "a system event is named for another reason": (
        lambda d: d["webhooks"]["project_message"]["post"]["x-system-events"][0].update(description="Anew."),
        *("webhook project_message", _WORDING, _PATCH, "event new_chat_member", "description"),
    ),
    "a system event is followed by something": (
        lambda d: d["webhooks"]["project_message"]["post"]["x-system-events"][0].update(details="1"),
        *("webhook project_message", _CHANGED, _BREAKING, "event new_chat_member", 'details "1"'),
    ),
    "a payment is written otherwise": (
        lambda d: d["webhooks"]["project_message"]["post"]["x-payment-event"].update(pattern="^paid$"),
        *("webhook project_message", _CHANGED, _BREAKING, "x-payment-event", "is another"),
    ),
    "a webhook is told in other words": (
        lambda d: d["webhooks"]["project_message"]["post"].update(summary="Anew"),
        *("webhook project_message", _WORDING, _PATCH, "", "summary"),
    ),
}

#: The same for changes whose reverse is another one.
ONE_WAY: Final[dict[str, tuple[Callable[[Node], object], str, Kind, Step, str, str]]] = {
    "a header is required": (
        lambda d: operation(d, "get_orders", "get")["parameters"].append(
            {"name": "X-Key", "in": "header", "required": True, "schema": {"type": "string"}}
        ),
        *("get_orders", _NARROWED, _BREAKING, "parameter header X-Key", "required"),
    ),
    "all methods of an address have one more parameter": (
        lambda d: d["paths"]["/get_orders"].update(
            parameters=[{"name": "page", "in": "query", "required": True, "schema": {"type": "integer"}}]
        ),
        *("get_orders", _NARROWED, _BREAKING, "parameter page", "required"),
    ),
    "success has another status": (
        lambda d: renamed(operation(d, "get_messages", "get")["responses"], "200", "201"),
        *("get_messages", _REMOVED, _BREAKING, "reply 200", "blocks"),
    ),
    "success has one more status": (
        lambda d: operation(d, "get_messages", "get")["responses"].update({"202": {"description": "Later."}}),
        *("get_messages", _WIDENED, _BREAKING, "reply 202", "Later."),
    ),
}


def changed(edit: Callable[[Node], object]) -> list[Change]:
    document = deepcopy(bundled())
    edit(document)
    assert document != bundled()
    return changes(bundled(), document)


@pytest.mark.parametrize("name", [*SEEDED, *ONE_WAY])
def test_a_seeded_change_is_named(name: str) -> None:
    edit, action, kind, greatest, place, text = {**SEEDED, **ONE_WAY}[name]
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


@pytest.mark.parametrize("name", SEEDED)
def test_a_change_and_its_reverse(name: str) -> None:
    """What is added one way is removed the other way, and what is narrowed is widened."""
    reverse = {_ADDED: _REMOVED, _REMOVED: _ADDED, _NARROWED: _WIDENED, _WIDENED: _NARROWED}
    edit, action, kind, *_ = SEEDED[name]
    document = deepcopy(bundled())
    edit(document)
    back = {change.kind for change in changes(document, bundled()) if change.action == action}
    assert reverse.get(kind, kind) in back or _CHANGED in back, (action, kind, back)


def test_a_body_must_be_there() -> None:
    document = deepcopy(bundled())
    operation(document, "message")["requestBody"].update(required=False)
    [found] = changes(document, bundled())
    assert (found.kind, found.step, found.place, found.text) == (_NARROWED, _BREAKING, "body", "required")


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
