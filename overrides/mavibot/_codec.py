"""Connects one operation of the contract with the code that was generated for it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from mavibot import _check
from mavibot_api import contract
from mavibot_api.contract import Operation, Schema


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


@dataclass(frozen=True, slots=True)
class CodecReply:
    """The part of a response that the generated parser looks at."""

    status_code: int
    data: Any

    def json(self) -> Any:
        """Return the decoded body."""
        return self.data


class Codec:
    """Builds requests and parses replies of one operation with its generated module."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._contract = contract.load()
        self._unset = import_module("mavibot_api.codec.types").UNSET
        self._module = import_module(f"mavibot_api.codec.api.{operation.tag}.{operation.operation_id}")
        # The generated parser tries one shape after another and takes a success without its data for a failure.
        self._failures = {
            name for name, schema in self._contract.document["components"]["schemas"].items() if schema.get("x-failure")
        }
        self._same_as = {
            name: rule["x-same-as"]
            for name, rule in operation.success.get("properties", {}).items()
            if "x-same-as" in rule
        }
        self._arguments = {
            name.removesuffix("_"): name for name in inspect.signature(self._module._get_kwargs).parameters
        }

    def request(self, parameters: Mapping[str, Any]) -> Request:
        """Build the request from checked, plain parameters."""
        operation = self._operation
        if operation.method == "POST":
            built = self._module._get_kwargs(body=self._body(parameters))
        else:
            built = self._module._get_kwargs(**self._query(parameters))
        return Request(operation.action, operation.method, built.get("params", {}), built.get("json"))

    def parse(self, data: Any) -> Any:
        """Turn the decoded body of a successful reply into models.

        Raises:
            Exception: of any kind, where the body is not of the expected shape.
        """
        if self._same_as and isinstance(data, dict):
            data = self._under_one_name(data)
        parsed = self._module._parse_response(client=None, response=CodecReply(200, data))
        if type(parsed).__name__ in self._failures or not self._is_complete(data):
            raise ValueError("the body lacks what a success has")
        return _unwrapped(parsed)

    def _under_one_name(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return a reply with each value under the name by which the contract reads it."""
        return {**{other: data[name] for name, other in self._same_as.items() if name in data}, **data}

    def _is_complete(self, data: Any) -> bool:
        """Return whether a success has what it must have: alternatives, and values, which the parser does not check."""
        success = self._operation.success
        if isinstance(data, dict) and any(data.get(name) in (None, False) for name in success.get("required", ())):
            return False
        conditions = {"allOf": success["allOf"]} if "allOf" in success else {}
        return next(_check.problems(conditions, data, self._contract.resolve), None) is None

    def _body(self, parameters: Mapping[str, Any]) -> Any:
        schema = self._operation.schema
        if (argument := self._operation.body_argument) is not None:
            item = _model(schema["properties"][argument]["items"])
            return [item.from_dict(value) for value in parameters[argument]]
        return _model(schema).from_dict(parameters)

    def _query(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        declared = self._operation.schema["properties"]
        query = {
            self._arguments[name]: self._argument(declared[name], value)
            for name, value in parameters.items()
            if name in declared
        }
        free = {name: value for name, value in parameters.items() if name not in declared}
        if free:
            query[self._arguments["variables"]] = _models().Variables.from_dict(free)
        # Without this the generated function sends the contract's defaults, which nobody asked for.
        return dict.fromkeys(self._arguments.values(), self._unset) | query

    def _argument(self, schema: Schema, value: Any) -> Any:
        target = self._contract.resolve(schema)
        if target.get("type") == "object":
            return _model(target).from_dict(value)
        return _model(schema)(value) if "enum" in target else value


_codecs: dict[str, Codec] = {}


def codec(operation: Operation) -> Codec:
    """Return the codec of an operation; its generated module is imported on first use."""
    if operation.operation_id not in _codecs:
        _codecs[operation.operation_id] = Codec(operation)
    return _codecs[operation.operation_id]


def _models() -> ModuleType:
    return import_module("mavibot_api.codec.models")


def _model(schema: Schema) -> Any:
    """Return the generated class of a schema: of the component that it refers to, or of its title."""
    name = schema["$ref"].rsplit("/", 1)[1] if "$ref" in schema else schema["title"]
    return getattr(_models(), name)


def _unwrapped(parsed: Any) -> Any:
    """Return a plain dictionary for a model without fields of its own, and anything else as it is."""
    if parsed is not None and getattr(type(parsed), "__attrs_attrs__", None) is not None:
        fields = [field.name for field in type(parsed).__attrs_attrs__]
        if fields == ["additional_properties"]:
            return parsed.additional_properties
    return parsed
