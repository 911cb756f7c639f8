"""Turns the body of a successful reply into the generated models."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import mavibot_contract
from mavibot import _check
from mavibot.errors import shown
from mavibot_api import models
from mavibot_contract import Operation, Schema

_DIGITS: Final = re.compile(r"[+-]?[0-9]+")


class Parser:
    """Parses successful replies to one action."""

    def __init__(self, operation: Operation) -> None:
        resolve = mavibot_contract.load().resolve
        success = operation.success
        properties = {name: resolve(rule) for name, rule in success.get("properties", {}).items()}
        self._model = _model(success)
        self._is_read: Final = operation.effect == "read"
        self._word = properties.get("status", {}).get("const")
        self._required = success.get("required", ())
        self._numbers = [name for name in self._required if properties[name].get("type") == "integer"]
        self._same_as = {
            name: rule["x-same-as"] for name, rule in success.get("properties", {}).items() if "x-same-as" in rule
        }
        self._alternatives = _check.compiled({"allOf": success["allOf"]} if "allOf" in success else {}, resolve)

    def parse(self, data: Any) -> Any:
        """Return what the action's method returns.

        Args:
            data: decoded body: an object, or a list where the contract has a list.

        Raises:
            ValueError: the body is not of the expected shape.
        """
        if isinstance(data, dict):
            data = self._in_one_form(data)
            if not self._is_complete(data):
                raise ValueError("the body lacks what a success has")
        try:
            return self._model(data)
        except (KeyError, TypeError, AttributeError) as error:  # what the models raise at an unexpected shape
            raise ValueError("the body is of another shape") from error

    def _in_one_form(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return a successful reply as the contract writes it: names, the word for success, and numbers as numbers.

        Raises:
            ValueError: a required number is not a number.
        """
        form = {**{other: data[name] for name, other in self._same_as.items() if name in data}, **data}
        # It says no failure, so whichever word it has, or none after a write, means success.
        if self._word is not None and ("status" in form or not self._is_read):
            form["status"] = self._word
        for name in self._numbers:
            if form.get(name) is not None:
                form[name] = _whole_number(form[name])
        return form

    def _is_complete(self, data: dict[str, Any]) -> bool:
        """Return True if a success has what it must have: values, which the models do not check, and alternatives."""
        for name in self._required:
            value = data.get(name)
            if value is None or value is False:  # 0 is a value, although Python finds it equal to False
                return False
        return not self._alternatives(data, ())


@cache
def parser(action: str) -> Parser:
    """Return the parser of an action's replies; its models are imported on first use."""
    return Parser(mavibot_contract.load().operation(action))


def _whole_number(value: Any) -> int:
    """Return a whole number that came as one, or as text, as PHP writes some of them.

    Raises:
        ValueError: it is not a whole number.
    """
    if type(value) is int:
        return value
    if (isinstance(value, float) and value.is_integer()) or (isinstance(value, str) and _DIGITS.fullmatch(value)):
        return int(value)
    raise ValueError(f"{shown(value)} is not a whole number")


def _model(schema: Schema) -> Callable[[Any], Any]:
    """Return what turns a decoded body into the type that the facade promises."""
    if schema["type"] == "array":
        item = _model(mavibot_contract.load().resolve(schema["items"]))
        return lambda data: [item(each) for each in data]
    if "properties" not in schema:  # free names: variables
        return dict
    model: Callable[[Any], Any] = getattr(models, schema["title"]).from_dict
    return model
