"""Reads `name=value` arguments as the contract's schema describes them.

A text is read as the first type that the contract allows for the parameter and that loses nothing: `25554` as a number
where ids are numbers or text, `007` as text. Whether the values are valid is up to the client.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import mavibot_contract
from mavibot.errors import InvalidParameters, Problem
from mavibot_cli.client_internals import problems as problems_of
from mavibot_cli.exits import UsageProblem
from mavibot_contract import Operation, Schema

_VARIABLE: Final[Schema] = {"$ref": "#/components/schemas/VariableValue"}
_VARIABLES: Final[Schema] = {"$ref": "#/components/schemas/Variables"}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(_INTEGER.pattern + r"([.][0-9]+)?([eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "false": False}


def read(operation: Operation, arguments: Sequence[str], json_file: str | None = None) -> dict[str, Any]:
    """Return the parameters of a call by name.

    Args:
        operation: operation that is called.
        arguments: texts such as `client_id=25554`; a list may come as `clients=1,2,3`, as JSON or several times.
        json_file: file that holds parameters as JSON, `-` for stdin.

    Raises:
        UsageProblem: an argument has no `=`, or a file cannot be read.
        InvalidParameters: a value is not of the form that its parameter needs, or a name is given twice.
    """
    given: dict[str, list[str]] = {}
    for name, text in map(pair, arguments):
        given.setdefault(name, []).append(text)
    parameters = {} if json_file is None else _from_json(operation, json_file)
    problems: list[Problem] = []
    for name, texts in given.items():
        if name in parameters:
            problems.append(Problem(name, "is given twice, in the file and as an argument"))
            continue
        schema = operation.schema["properties"].get(name, _VARIABLES if name == "variables" else _VARIABLE)
        try:
            parameters[name] = _value(schema, [_text(name, text) for text in texts])
        except ValueError as error:
            problems.append(Problem(name, str(error)))
    if problems:
        raise InvalidParameters(operation.action, problems)
    return parameters


def pair(argument: str) -> tuple[str, str]:
    """Split an argument into name and text.

    Raises:
        UsageProblem: it has no `=`, or no name before it.
    """
    name, equals, text = argument.partition("=")
    if not name or not equals:
        # What was given is not repeated: it might be the API key.
        raise UsageProblem("parameters are written name=value, such as client_id=25554; one argument is not")
    if name == "api_key":
        raise UsageProblem(
            "api_key: the key is never an argument, because arguments appear in the shell history and in the process"
            " list; set MAVIBOT_API_KEY or name a file with --key-file"
        )
    return name, text


def _from_json(operation: Operation, json_file: str) -> dict[str, Any]:
    source = "stdin" if json_file == "-" else json_file
    try:
        value = parse_json(_file(json_file))
    except ValueError as error:
        raise UsageProblem(f"--json: {source} {error}") from None
    if operation.body_argument is not None and isinstance(value, list):
        return {operation.body_argument: value}
    if not isinstance(value, dict):
        raise UsageProblem(f"--json: {source} must hold a JSON object with the parameters by name")
    return value


def _text(name: str, text: str) -> str:
    """Return what an argument stands for: itself, or with `@` the text of a file; `@@` is a plain `@`."""
    if text.startswith("@@"):
        return text[1:]
    if text.startswith("@"):
        try:
            # One line break at the end is the editor's, not the writer's.
            return re.sub(r"\r?\n\Z", "", _file(text[1:]))
        except UsageProblem as problem:
            raise UsageProblem(f"{name}: {problem}; for a text that begins with @ write {name}=@@…") from None
    return text


def _file(name: str) -> str:
    try:
        return _stdin() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageProblem(f"cannot read {name!r}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageProblem(f"cannot read {name!r}: it is not UTF-8 text") from None


def _stdin() -> str:
    if sys.stdin is None:
        raise UsageProblem("cannot read stdin: it is closed")
    if isinstance(sys.stdin, io.TextIOWrapper) and not sys.stdin.isatty():
        # What comes from a file or a program is UTF-8, whatever the console speaks.
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="strict")
    return sys.stdin.read()


def _value(schema: Schema, texts: list[str]) -> Any:
    """Return the value of one parameter.

    Raises:
        ValueError: saying why there is none.
    """
    items = next((branch["items"] for branch in _branches(schema) if branch.get("type") == "array"), None)
    if items is None and len(texts) > 1:
        raise ValueError("is given twice")
    if items is not None and not _is_json(schema, texts[0]):
        return [item for text in texts for item in _items(items, text)]
    return scalar(schema, texts[0])


def _items(schema: Schema, text: str) -> list[Any]:
    if text.startswith("["):
        found: list[Any] = _json(text)
        return found
    if any(branch.get("type") == "object" for branch in _branches(schema)):
        raise ValueError(f"must be a list of objects as JSON text, got {text!r}")
    return [scalar(schema, item.strip()) for item in text.split(",")] if text else []


def _is_json(schema: Schema, text: str) -> bool:
    """Return True if a text is a JSON object and the schema allows an object in place of a list."""
    return text.startswith("{") and any(branch.get("type") == "object" for branch in _branches(schema))


def scalar(schema: Schema, text: str) -> Any:
    """Return the value of a text: the first type that the schema allows and that the text fits.

    Raises:
        ValueError: it must be JSON and is not.
    """
    values = list(_readings(schema, text))
    resolve = mavibot_contract.load().resolve
    fitting = (value for value in values if next(problems_of(schema, value, resolve), None) is None)
    return next(fitting, values[0] if values else text)


def _readings(schema: Schema, text: str) -> Iterator[Any]:
    """Yield what a text can be as one of the types that a schema allows, in the contract's order."""
    for branch in _branches(schema):
        match branch.get("type"):
            case "integer" if _INTEGER.fullmatch(text):
                yield int(text)
            case "number" if _NUMBER.fullmatch(text):
                yield int(text) if _INTEGER.fullmatch(text) else float(text)
            case "boolean" if text.lower() in _BOOLEANS:
                yield _BOOLEANS[text.lower()]
            case "object":
                yield _json(text)
            case "string":
                yield text


def _branches(schema: Schema) -> Iterator[Mapping[str, Any]]:
    schema = mavibot_contract.load().resolve(schema)
    if "anyOf" in schema:
        for branch in schema["anyOf"]:
            yield from _branches(branch)
    else:
        yield schema


def _json(text: str) -> Any:
    try:
        return parse_json(text)
    except ValueError as error:
        raise ValueError(f"must be JSON text, got {text[:60]!r}, which {error}") from None


def parse_json(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: there is none, or a key is given twice, so that one of its values would be lost; the message goes on
            after the name of the text.
    """
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error}") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"gives the key {twice!r} twice")
    return found
