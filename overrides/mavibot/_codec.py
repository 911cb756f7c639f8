"""Connects one operation of the contract with the code that was generated for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import mavibot_contract
from mavibot import _check
from mavibot_contract import Operation


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent, without host and key.

    Attributes:
        action: action that is called.
        method: HTTP method.
        params: query parameters.
        json: body, or `None` where there is none.
    """

    action: str
    method: str
    params: Mapping[str, Any]
    json: Any


class Codec:
    """Builds requests of one operation, and parses its replies with its generated module."""

    def __init__(self, operation: Operation) -> None:
        known = mavibot_contract.load()
        self._operation = operation
        self._parser = import_module(f"mavibot_api.codec.api.{operation.tag}.{operation.operation_id}")._parse_response
        # The generated parser tries one shape after another and takes a success without its data for a failure.
        self._failures = {
            name for name, schema in known.document["components"]["schemas"].items() if schema.get("x-failure")
        }
        success = operation.success
        self._same_as = {
            name: rule["x-same-as"] for name, rule in success.get("properties", {}).items() if "x-same-as" in rule
        }
        self._required = success.get("required", ())
        properties = {name: known.resolve(rule) for name, rule in success.get("properties", {}).items()}
        self._numbers = [name for name in self._required if properties[name].get("type") == "integer"]
        self._word = properties.get("status", {}).get("const")
        self._alternatives = _check.compiled({"allOf": success.get("allOf", [])}, known.resolve)
        self._is_free = success.get("type") == "object" and "properties" not in success

    def request(self, parameters: Mapping[str, Any]) -> Request:
        """Build the request from checked, plain parameters."""
        # They are what travels. The generated builder would only turn them into models and back.
        operation = self._operation
        if operation.method == "GET":
            return Request(operation.action, "GET", _spread(parameters), None)
        argument = operation.body_argument
        return Request(operation.action, "POST", {}, parameters if argument is None else parameters[argument])

    def parse(self, data: Any) -> Any:
        """Turn the decoded body of a successful reply into models.

        Raises:
            Exception: of any kind, where the body is not of the expected shape.
        """
        if isinstance(data, dict):
            data = self._in_one_form(data)
        parsed = self._parser(client=None, response=SimpleNamespace(status_code=200, json=lambda: data))
        if type(parsed).__name__ in self._failures or not self._is_complete(data):
            raise ValueError("the body lacks what a success has")
        return parsed.additional_properties if self._is_free else parsed

    def _in_one_form(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return a successful reply as the contract writes it: names, the word for success, and numbers as numbers.

        Raises:
            ValueError: what must be a number is none.
        """
        form = {**{other: data[name] for name, other in self._same_as.items() if name in data}, **data}
        # It says no failure, so whichever word it has, or none after a write, means success.
        if self._word is not None and ("status" in form or self._operation.effect != "read"):
            form["status"] = self._word
        for name in self._numbers:
            value = form.get(name)
            form[name] = int(value) if isinstance(value, str) and value.isdecimal() else value
            if value is not None and type(form[name]) is not int:
                raise ValueError(f"{name} is no number")
        return form

    def _is_complete(self, data: Any) -> bool:
        """Return whether a success has what it must have: alternatives, and values, which the parser does not check."""
        if isinstance(data, dict) and any(data.get(name) in (None, False) for name in self._required):
            return False
        return not self._alternatives(data, ())


_codecs: dict[str, Codec] = {}


def codec(operation: Operation) -> Codec:
    """Return the codec of an operation; its generated module is imported on first use."""
    if operation.operation_id not in _codecs:
        _codecs[operation.operation_id] = Codec(operation)
    return _codecs[operation.operation_id]


def _spread(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as a query holds them: the members of an object as parameters of their own."""
    query: dict[str, Any] = {}
    for name, value in parameters.items():
        query |= value if isinstance(value, dict) else {name: value}
    return {name: value for name, value in query.items() if value is not None}
