"""Builds the pages of the reference from the contract, the control interface's document and the handlers."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import mavibot_contract
from mavibot_contract.words import as_json, conditions
from mavibot_mock.control.document import document as control_document
from mavibot_mock.web.behaviour import Behaviour, behaviour
from mavibot_mock.web.describe import Describer, Field
from mavibot_mock.web.templates import render
from mavibot_mock.web.texts import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mavibot_contract import Contract, Operation

#: The contract is in English, and so is the reference.
_LANGUAGE: Final = "en"
_METHODS: Final = ("get", "post", "put", "patch", "delete")
#: What begins the addresses of the control interface without telling what they are about.
_STEPS: Final = ("", "projects", "{project_id}")


@dataclass(frozen=True, slots=True)
class Example:
    """An example: `name` is empty where there is only one."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What may be answered with one HTTP status."""

    status: str
    description: str
    evidence: str | None
    source: str | None
    examples: list[Example]


@dataclass(frozen=True, slots=True)
class Entry:
    """One action or one operation of the control interface.

    Attributes:
        anchor: its place on the page.
        name: what is called.
        summary: one line.
        description: what else is to be known.
        methods: HTTP methods.
        facts: further facts as pairs of a word and a value.
        evidence: how sure the contract is.
        source: where that comes from.
        behaviour: what the mock does, where a handler says it.
        parameters: what is sent.
        conditions: what must be sent together.
        aliases: names in the address that only say where a parameter is found.
        replies: what comes back.
        reply_fields: the fields of a successful reply.
        commands: curl commands that work on this server.
    """

    anchor: str
    name: str
    summary: str
    description: str
    methods: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    evidence: str | None
    source: str | None
    behaviour: Behaviour | None
    parameters: tuple[Field, ...]
    conditions: list[str]
    aliases: tuple[Field, ...]
    replies: list[Answer]
    reply_fields: tuple[Field, ...]
    commands: list[Example]

    @property
    def words(self) -> str:
        """What the search looks into, lower-case."""
        names = (field.name for field in (*self.parameters, *self.aliases))
        return " ".join([self.name, self.summary, *names]).lower()


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one heading."""

    name: str
    description: str
    entries: list[Entry]


def api_page(address: str, key: str) -> str:
    """Return the page of all actions.

    Args:
        address: this server's address, such as `http://127.0.0.1:8080`.
        key: API key for the commands.
    """
    contract = mavibot_contract.load()
    describer = Describer(contract.document)
    shared = _shared([contract.operation(action).responses for action in contract.actions])
    groups = [
        Group(
            tag["name"],
            tag["description"],
            [
                _action(contract, describer, action, shared=shared, url=f"{address}/api/{quote(key)}/{action}")
                for action in contract.actions
                if contract.operation(action).tag == tag["name"]
            ],
        )
        for tag in contract.document["tags"]
    ]
    return _render(
        "api.html", contract.document["info"], groups, [_answer(describer, *each) for each in shared.items()]
    )


def control_page(address: str) -> str:
    """Return the page of the control interface.

    Args:
        address: this server's address, such as `http://127.0.0.1:8080`.
    """
    document = control_document()
    describer = Describer(document)
    base = address + document["servers"][0]["url"]
    operations = [
        (path, method, {**node, "parameters": [*item.get("parameters", []), *node.get("parameters", [])]})
        for path, item in document["paths"].items()
        for method, node in item.items()
        if method in _METHODS
    ]
    shared = _shared([node["responses"] for _, _, node in operations])
    groups: dict[str, Group] = {}
    for path, method, node in operations:
        family = next((part for part in path.split("/") if part not in _STEPS), "projects")
        entry = _control_operation(describer, path, method, node, shared=shared, base=base)
        groups.setdefault(family, Group(family, "", [])).entries.append(entry)
    return _render(
        "control.html", document["info"], list(groups.values()), [_answer(describer, *each) for each in shared.items()]
    )


def _action(contract: Contract, describer: Describer, action: str, *, shared: Mapping[str, Any], url: str) -> Entry:
    operation = contract.operation(action)
    node = contract.document["paths"][f"/{action}"][operation.method.lower()]
    required = operation.schema.get("required", ())
    return Entry(
        anchor=action,
        name=action,
        summary=operation.summary,
        description=node.get("description", ""),
        methods=tuple(contract.actions[action]),
        facts=_facts(contract, operation),
        evidence=operation.evidence,
        source=operation.source,
        behaviour=behaviour(action),
        parameters=tuple(
            describer.field(name, schema, required=name in required)
            for name, schema in operation.schema["properties"].items()
        ),
        conditions=conditions(operation.schema, "`") + _notes(operation),
        aliases=tuple(_alias(describer, contract, operation, name) for name in sorted(operation.aliases)),
        replies=[
            _answer(describer, status, response)
            for status, response in operation.responses.items()
            if status not in shared
        ],
        reply_fields=describer.fields(operation.success),
        commands=action_commands(describer, operation, node, url),
    )


def _facts(contract: Contract, operation: Operation) -> tuple[tuple[str, str], ...]:
    permission = contract.document["x-permissions"][operation.permission]
    effects = {"read": "changes nothing", "write": "changes data", "send": "reaches a person or runs a bot"}
    return (
        ("Permission", f"{operation.permission} ({permission})"),
        ("Effect", f"{operation.effect}: {effects[operation.effect]}"),
        ("Repeating", "makes no difference" if operation.idempotent else "every call counts"),
    )


def _notes(operation: Operation) -> list[str]:
    notes = []
    if operation.body_argument is not None:
        notes.append(f"The JSON body is the list `{operation.body_argument}` itself.")
    if operation.free_variables:
        notes.append("Every further parameter is saved as a variable.")
    if operation.unlimited:
        notes.append("Its calls count against no limit of the platform.")
    return notes


def _alias(describer: Describer, contract: Contract, operation: Operation, name: str) -> Field:
    node = contract.document["paths"][f"/{operation.action}"][operation.method.lower()]
    offered = {each["name"]: each for each in map(contract.resolve, node.get("parameters", ()))}
    idle = {"description": "Has no effect here.", "x-evidence": "assumed"}
    parameter = offered.get(name) or {**contract.document["components"]["parameters"][name], **idle}
    described = {**parameter["schema"], **{key: value for key, value in parameter.items() if key != "schema"}}
    return describer.field(name, described, required=False)


def _control_operation(
    describer: Describer, path: str, method: str, node: Mapping[str, Any], *, shared: Mapping[str, Any], base: str
) -> Entry:
    sent = []
    for each in map(describer.resolve, node["parameters"]):
        schema = {**each["schema"], "description": each.get("description", "")}
        sent.append(describer.field(each["name"], schema, required=each.get("required", False)))
    media = _json_of(node.get("requestBody", {}))
    body = () if media is None else describer.fields(media["schema"])
    success = _json_of(describer.resolve(node["responses"].get("200", {})))
    return Entry(
        anchor=node["operationId"],
        name=path,
        summary=node.get("summary", ""),
        description=node.get("description", ""),
        methods=(method.upper(),),
        facts=(),
        evidence=None,
        source=None,
        behaviour=None,
        parameters=(*sent, *body),
        conditions=[] if media is None or body else [f"The JSON body: {describer.words(media['schema'])}."],
        aliases=(),
        replies=[
            _answer(describer, status, reply) for status, reply in node["responses"].items() if status not in shared
        ],
        reply_fields=() if success is None else describer.fields(success["schema"]),
        commands=[Example("", _control_command(describer, path, method, node, base))],
    )


def _shared(responses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the replies that are the same in all of these."""
    first, *others = responses
    return {status: reply for status, reply in first.items() if all(each.get(status) == reply for each in others)}


def _answer(describer: Describer, status: str, node: Mapping[str, Any]) -> Answer:
    response = describer.resolve(node)
    examples: list[Example] = []
    for label, media in response.get("content", {}).items():
        for name, value in _examples(media).items():
            text = json.dumps(value, indent=2, ensure_ascii=False) if label.endswith("json") else str(value)
            examples.append(Example(" ".join(filter(None, (label, name.replace("_", " ")))), text))
    return Answer(
        status=status,
        description=response.get("description", ""),
        evidence=response.get("x-evidence"),
        source=response.get("x-source"),
        examples=examples,
    )


def action_commands(describer: Describer, operation: Operation, node: Mapping[str, Any], url: str) -> list[Example]:
    """Return a curl command for each example of a call.

    Args:
        describer: describes schemas of the contract.
        operation: the action, by the method that is to be used.
        node: what the contract's document says of it.
        url: address of the action.
    """
    if operation.method == "POST":
        examples = _examples(node["requestBody"]["content"]["application/json"])
        return [Example(name.replace("_", " "), _curl(url, body=body)) for name, body in examples.items()]
    query: dict[str, Any] = {}
    for name in operation.schema.get("required", ()):
        value = describer.example(operation.schema["properties"][name])
        # What holds any number of parameters stands in the address as these, not under its own name.
        query |= value if isinstance(value, dict) else {name: value}
    return [Example("", _curl(f"{url}?{urlencode(query)}" if query else url))]


def _control_command(describer: Describer, path: str, method: str, node: Mapping[str, Any], base: str) -> str:
    query = {}
    for each in map(describer.resolve, node["parameters"]):
        value = describer.example(each["schema"])
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", quote(str(value)))
        elif each.get("required"):
            query[each["name"]] = value
    url = base + path + (f"?{urlencode(query)}" if query else "")
    media = _json_of(node.get("requestBody", {}))
    body = None
    if media is not None:
        examples = _examples(media)
        body = next(iter(examples.values())) if examples else describer.example(media["schema"])
    return _curl(url, body=body, method=method.upper())


def _json_of(holder: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what a request body or a reply says of its JSON."""
    media: Mapping[str, Any] | None = holder.get("content", {}).get("application/json")
    return media


def _examples(media: Mapping[str, Any]) -> dict[str, Any]:
    """Return examples by name; one that stands alone has none."""
    alone = {"": media["example"]} if "example" in media else {}
    return alone | {name: each["value"] for name, each in media.get("examples", {}).items()}


def _curl(url: str, *, body: Any = None, method: str | None = None) -> str:
    words = ["curl"]
    usual = "GET" if body is None else "POST"
    if method not in (None, usual):
        words += ["-X", str(method)]
    if body is not None:
        words += ["-H", "Content-Type: application/json", "-d", as_json(body)]
    return shlex.join([*words, url])


def _render(template: str, info: Mapping[str, Any], groups: list[Group], replies: list[Answer]) -> str:
    return render(template, t=texts(_LANGUAGE), info=info, groups=groups, replies=replies)
