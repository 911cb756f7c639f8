"""A page a tag of the contract: what each action takes, needs, does and replies, and how sure that is."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from docsite.fields import fields_table
from docsite.markup import badge, code, fence, plain, table
from mavibot_cli import describe
from mavibot_contract.words import conditions
from mavibot_mock.web.behaviour import behaviour
from mavibot_mock.web.describe import Describer
from mavibot_mock.web.pages import action_commands

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mavibot_contract import Contract, Operation

_EFFECTS: Final = {
    "read": "reads: nothing changes",
    "write": "writes: data changes",
    "send": "sends: reaches a person or runs a bot",
}
#: Where the commands of the site lead: the mock's demo project.
_DEMO: Final = "http://127.0.0.1:8080/api/demo-full"

_INTRODUCTION: Final = """\
# Actions

Every action is called at `https://chatter.mavibot.ai/api/{api_key}/{action}`, by POST with JSON, and where its table
says so by GET. In Python it is the method of the same name of [`Mavibot` and `AsyncMavibot`](../python/client.md).
The commands on these pages call the [mock](../../guides/mock.md); `mavibot mock --port 8080` starts it.

How sure each fact is: <span class="evidence documented">documented</span> by the vendor, seen in the
<span class="evidence field">field</span>, or <span class="evidence assumed">assumed</span>;
[what that means](../../explanation/evidence.md).

For programs: [`openapi.json`](../../openapi.json), and [`openapi.plain.json`](../../openapi.plain.json) for
[generators of other languages](../../guides/other-languages.md).

"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the path and text of each page, from the folder of the reference."""
    contract = mavibot_contract.load()
    yield "actions/index.md", _INTRODUCTION + "".join(_overview(contract))
    for tag in contract.document["tags"]:
        head = f"# {tag['name'].capitalize()}\n\n{plain(tag['description'])}\n\n"
        yield (
            f"actions/{tag['name']}.md",
            head + "".join(_action(contract, each) for each in _of(contract, tag["name"])),
        )


def curl(contract: Contract, operation: Operation, address: str = _DEMO) -> str:
    """Return a command that calls an action as the contract's first example does.

    Args:
        contract: the contract.
        operation: the action, by the method that is to be used.
        address: address of a project, with its key.
    """
    node = contract.document["paths"][f"/{operation.action}"][operation.method.lower()]
    url = f"{address}/{operation.action}"
    return action_commands(Describer(contract.document), operation, node, url)[0].text


def _of(contract: Contract, tag: str) -> list[str]:
    return [action for action in contract.actions if contract.operation(action).tag == tag]


def _overview(contract: Contract) -> Iterator[str]:
    for tag in contract.document["tags"]:
        yield f"## {tag['name'].capitalize()}\n\n"
        rows = [(action, contract.operation(action)) for action in _of(contract, tag["name"])]
        yield table(
            ("action", "what it does", "effect", "permission", "evidence"),
            [
                (
                    f"[`{action}`]({tag['name']}.md#{action})",
                    plain(each.summary),
                    each.effect,
                    code(each.permission),
                    badge(each.evidence),
                )
                for action, each in rows
            ],
        )


def _action(contract: Contract, action: str) -> str:
    known = describe.details(contract, action)
    operation = contract.operation(action)
    return "".join(
        [
            f"## `{action}` {{ #{action} }}\n\n{plain(known['summary'])}.\n\n",
            f"{plain(known['description'])}\n\n" if known["description"] else "",
            table(("methods", ", ".join(known["methods"])), _facts(contract, known)),
            fence("python", known["examples"]["python"]),
            fence("console", f"$ {curl(contract, operation)}\n$ {known['examples']['shell']}"),
            _parameters(contract, operation, known),
            _aliases(known),
            _replies(known),
            fields_table("in the reply", Describer(contract.document).fields(operation.success), sure="always"),
            _in_the_mock(action),
        ]
    )


def _facts(contract: Contract, known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    meaning = contract.document["x-permissions"][known["permission"]]
    document = known["permission_in_the_document"]
    doubt = (
        f" The document's text says {code(document['stated'])}, its badge {code(document['badge'])}."
        if document
        else ""
    )
    yield "permission", f"{code(known['permission'])}: {plain(meaning)}.{doubt}"
    yield "effect", _EFFECTS[known["effect"]]
    yield (
        "repeating",
        "makes no difference"
        if known["idempotent"]
        else "every call takes effect: the client repeats it only where it cannot have been carried out",
    )
    yield "evidence", f"{badge(known['evidence'])} {plain(known['source'])}"


def _parameters(contract: Contract, operation: Operation, known: Mapping[str, Any]) -> str:
    if not known["parameters"]:
        return "It takes no parameters.\n\n"
    notes = conditions(operation.schema, "`")
    if operation.body_argument is not None:
        notes.append(f"The JSON body is the list `{operation.body_argument}` itself.")
    if operation.free_variables:
        notes.append("Every further parameter is saved as a variable.")
    if operation.unlimited:
        notes.append("Its calls count against no limit of the platform.")
    rows = [
        (
            code(each["name"]) + (" **required**" if each["required"] else ""),
            plain(contract.words(operation.schema["properties"][each["name"]])),
            plain(each["description"]) + (f" Default: {code(each['default'])}." if "default" in each else ""),
            f'<span title="{_attribute(each["source"])}">{badge(each["evidence"])}</span>',
        )
        for each in known["parameters"]
    ]
    return table(("parameter", "type", "meaning", "evidence"), rows) + "".join(f"{note}\n\n" for note in notes)


def _aliases(known: Mapping[str, Any]) -> str:
    aliases = {**known["aliases"], **known["paths"]}
    if not aliases:
        return ""
    pairs = ", ".join(f"{code(alias)} for {code(target)}" for alias, target in aliases.items())
    guide = "../../guides/webhooks.md#an-address-for-a-shop-or-form-service"
    return f"In the [address of a webhook]({guide}): {pairs}.\n\n"


def _replies(known: Mapping[str, Any]) -> str:
    rows = [
        (
            reply["status"],
            plain(reply["description"])
            + (
                f" It can also be a failure: {', '.join(map(code, reply['failures']))}."
                if reply["failures"] and reply["status"].startswith("2")
                else ""
            ),
            badge(reply["evidence"]),
        )
        for reply in known["replies"]
    ]
    return table(("reply", "meaning", "evidence"), rows)


def _in_the_mock(action: str) -> str:
    done = behaviour(action)
    assumed = f" Assumed: {plain(done.assumed)}" if done.assumed else ""
    changes = f" Changes: {plain(done.changes)}" if done.changes else ""
    return f"*In the mock:* {plain(done.summary)}{changes}{assumed}\n\n"


def _attribute(text: str) -> str:
    return escape(text).replace("|", "&#124;").replace("`", "")
