"""Writes `docs/reference/mock-behaviour.md` from contract and handlers of the mock, or checks that it is up to date."""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import mavibot_contract
from mavibot_contract import Contract, Schema
from mavibot_contract.words import conditions
from mavibot_mock.actions.registry import missing_handlers
from mavibot_mock.state.settings import Settings
from mavibot_mock.web.behaviour import behaviour

_TARGET: Final = Path(__file__).parents[1] / "docs/reference/mock-behaviour.md"

#: The word of a failure that has no shape of its own, only a text.
_FAIL: Final = "fail"

_HEAD: Final = """\
# What the mock does

Made by `scripts/generate` from the contract and from the mock's code; not edited by hand. A running mock shows the
same, with every parameter and reply, at `/docs`.

Every action checks the key (401 where it is unknown or revoked), its permission (403) and then its parameters against
the contract (400, which names the parameter and the fix); what is refused changes nothing. The settings `strict`,
`refusal_status`, `calls_per_second` and `calls_at_once` hold for all of them.

- **Checked**: the permission, what is required, and what must be sent together. Types and limits are in the contract.
- **Does**: what changes in the project's state; a read changes nothing.
- **Errors**: beyond 400, 401, 403 and 429, with the HTTP status.
- **Sure**: how sure the contract is: `documented` by the vendor, seen in the `field`, or `assumed`; after it, what the
  mock has chosen where nothing is documented.
- **Settings**: what switches something here.

| action | checked | does | errors | sure | settings |
|---|---|---|---|---|---|
"""

_SETTINGS_HEAD: Final = """
## Settings

A project has these settings; the control interface changes them.

| setting | default | meaning |
|---|---|---|
"""


def main(arguments: Sequence[str] | None = None, *, target: Path = _TARGET) -> int:
    """Run the command line.

    Args:
        arguments: the command line without its first word; `None` takes it from the process.
        target: the file to write or to check.

    Returns:
        The exit code: 0, or 1 for a file that is out of date or an action without a handler.
    """
    parser = argparse.ArgumentParser(prog="scripts/mock_table.py", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if the file is out of date")
    name = "/".join(target.parts[-3:])
    is_check = parser.parse_args(arguments).check
    missing = missing_handlers(mavibot_contract.load())
    if missing:
        print("\n".join(missing), file=sys.stderr)
        return 1
    if not is_check:
        target.write_text(table(), encoding="utf-8")
        print(f"wrote {name}")
        return 0
    if target.is_file() and target.read_text(encoding="utf-8") == table():
        print(f"{name} is up to date with openapi/ and mock/")
        return 0
    print(f"{name} is not what openapi/ and mock/ give. Run scripts/generate and commit the result.", file=sys.stderr)
    return 1


def table() -> str:
    """Return the whole document."""
    contract = mavibot_contract.load()
    return "".join(
        [
            _HEAD,
            *(_line(_row(contract, action)) for action in contract.actions),
            _SETTINGS_HEAD,
            *(_line(row) for row in _settings()),
        ]
    )


def settings_of(contract: Contract, action: str) -> list[str]:
    """Return the settings that switch something of an action.

    Those that hold for many actions follow from the contract; what one handler alone looks at stands in its docstring.
    """
    operation = contract.operation(action)
    found = []
    if any("%" in contract.resolve(each).get("x-time", "") for each in operation.schema["properties"].values()):
        found.append("time_zone")
    if operation.responses["200"]["content"].get("text/plain", {}).get("example") == "ok":
        found.append("success_reply")
    if "#/components/schemas/CreatedAt" in _references(contract, operation.success):
        found.append("created_at")
    if "404" in operation.responses:
        found.append("not_found_status")
    return found + re.findall(r"\w+", behaviour(action).settings)


def _row(contract: Contract, action: str) -> list[str]:
    operation = contract.operation(action)
    required = [f"`{name}`" for name in operation.schema.get("required", ())]
    checked = [f"`{operation.permission}`."]
    checked += [f"{', '.join(required)} required."] if required else []
    checked += conditions(operation.schema, "`")
    checked += ["*Unlimited.*"] if operation.unlimited else []
    done = behaviour(action)
    does = [done.summary]
    does += [f"Changes: {done.changes}"] if done.changes else []
    sure = f"`{operation.evidence}`" + (f". Assumed: {done.assumed}" if done.assumed else "")
    return [
        f"`{action}`",
        " ".join(checked),
        " ".join(does),
        "; ".join(_errors(contract, operation.responses)),
        sure,
        ", ".join(f"`{name}`" for name in settings_of(contract, action)),
    ]


def _errors(contract: Contract, responses: Schema) -> Iterator[str]:
    """Yield the failures of an action's own replies: those that have a shape of their own, then the texts of others."""
    for status in ("200", "404"):
        media = responses.get(status, {}).get("content", {}).get("application/json", {})
        shapes = map(contract.resolve, media.get("schema", {}).get("anyOf", [media.get("schema", {})]))
        words = [contract.resolve(shape)["properties"]["status"] for shape in shapes if shape.get("x-failure")]
        examples = [each["value"] for each in media.get("examples", {}).values()]
        yield from (f"{status} `{word['examples'][0]}`" for word in words if word["examples"][0] != _FAIL)
        for body in examples:
            if isinstance(body, dict) and body.get("status") == _FAIL:
                yield f"{status} `{body['message']}`"


def _references(contract: Contract, schema: Any) -> set[str]:
    """Return every reference that a schema holds, at any depth."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference not in found:
                found.add(reference)
                waiting.append(contract.resolve({"$ref": reference}))
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return found


def _settings() -> Iterator[list[str]]:
    meanings = dict(re.findall(r"^    (\w+): (.+(?:\n {8}.+)*)", inspect.getdoc(Settings) or "", re.MULTILINE))
    for field in fields(Settings):
        default = "" if field.default == "" else f"`{field.default}`"
        yield [f"`{field.name}`", default, " ".join(meanings[field.name].split())]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    sys.exit(main())
