"""Makes a Postman collection of the contract, which Bruno, Insomnia and Hoppscotch read too: one folder per tag."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mavibot_contract import Contract, Operation

Node = dict[str, Any]

_SCHEMA: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
#: The mock's, so that nobody is messaged before the user has named another host.
_VARIABLES: Final = {"host": "http://127.0.0.1:8080", "key": "demo-full"}


def collection(contract: Contract) -> Node:
    """Return the collection.

    Args:
        contract: the whole contract.
    """
    info = contract.document["info"]
    folders = {
        tag["name"]: {"name": tag["name"], "description": tag["description"], "item": []}
        for tag in contract.document["tags"]
    }
    for action in contract.actions:
        operation = contract.operation(action)
        folders[operation.tag]["item"] += _requests(contract, operation)
    return {
        "info": {
            "name": info["title"],
            "description": f"{info['summary']} Set the variables host and key; they are those of a local mock.",
            "schema": _SCHEMA,
        },
        "variable": [{"key": name, "value": value, "type": "string"} for name, value in _VARIABLES.items()],
        "item": list(folders.values()),
    }


def _requests(contract: Contract, operation: Operation) -> Iterator[Node]:
    """Yield a request for each example of an action's body, or one where all is in the address."""
    node = contract.document["paths"][f"/{operation.action}"][operation.method.lower()]
    if operation.method == "POST":
        for name, example in node["requestBody"]["content"]["application/json"]["examples"].items():
            yield _request(operation, node, name.replace("_", " "), {"body": _body(example["value"])})
    else:
        yield _request(operation, node, "", {}, list(_query(contract, node)))


def _request(operation: Operation, node: Node, name: str, rest: Node, query: list[Node] | None = None) -> Node:
    sent = "&".join(f"{each['key']}={each['value']}" for each in query or () if not each.get("disabled"))
    address = f"{{{{host}}}}/api/{{{{key}}}}/{operation.action}"
    url = {
        "raw": f"{address}?{sent}" if sent else address,
        "host": ["{{host}}"],
        "path": ["api", "{{key}}", operation.action],
        **({"query": query} if query else {}),
    }
    known = sorted(int(status) for status in operation.responses if status.isdecimal())
    lines = [
        'pm.test("the contract knows this reply", () => {',
        f"  pm.expect(pm.response.code).to.be.oneOf({json.dumps(known)});",
        "});",
    ]
    return {
        "name": f"{operation.action}: {name}" if name else operation.action,
        "event": [{"listen": "test", "script": {"type": "text/javascript", "exec": lines}}],
        "request": {
            "method": operation.method,
            "description": f"{operation.summary}.\n\n{node['description']}\n\nPermission: {operation.permission}",
            "header": [{"key": "Content-Type", "value": "application/json"}] if rest else [],
            "url": url,
            **rest,
        },
    }


def _body(value: Any) -> Node:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}


def _query(contract: Contract, node: Node) -> Iterator[Node]:
    """Yield the parameters in the address, those that are not required switched off."""
    for parameter in map(contract.resolve, node.get("parameters", ())):
        schema = contract.resolve(parameter["schema"])
        example = schema["examples"][0]
        # An object is written as a parameter for each of its fields.
        values = example if isinstance(example, Mapping) else {parameter["name"]: example}
        for name, value in values.items():
            text = value if isinstance(value, str) else json.dumps(value)
            disabled = {} if parameter["required"] else {"disabled": True}
            yield {"key": name, "value": text, "description": parameter["description"], **disabled}
