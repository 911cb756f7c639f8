"""What the contract says a successful reply and an event of the webhook look like."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jsonschema_rs import Draft202012Validator

import mavibot_contract

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

    from mavibot_contract import Method

JSON: Final = "application/json"
_CONTRACT: Final = mavibot_contract.load()
#: Stands for the value in the message of an error, which begins with it: a long one would hide what is wrong.
_VALUE: Final = "the value"
_REPLY: Final = "the reply"
_SHOWN: Final = 200


def media_type(data: Any) -> str:
    """Return the content type that decoded data should have come with."""
    return "text/plain" if isinstance(data, str) else JSON


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with some data; as text, the reason before the value.

    Attributes:
        path: names and indexes that lead to the value.
        whole: what the data are, if the value is all of them.
        reason: what is wrong with the value.
        value: the value, if it tells more than the reason.
    """

    path: tuple[str | int, ...]
    whole: str
    reason: str
    value: str = ""

    def __str__(self) -> str:
        """Return the place, the reason and the value."""
        place = "/".join(map(str, self.path)) or self.whole
        return f"{place}: {self.reason}{self.value and ': '}{self.value}"

    @property
    def kind(self) -> str:
        """The name of the place and the reason, alike for all data that are wrong in the same way."""
        return f"{'/'.join(part for part in self.path if isinstance(part, str)) or self.whole}: {self.reason}"


def reply_problem(action: str, method: Method, data: Any) -> Problem | None:
    """Return what is wrong with the data of a successful reply, or `None`.

    Args:
        action: action of the contract.
        method: HTTP method, one that the contract offers for it.
        data: decoded JSON, or a text if the reply is not JSON.
    """
    content = _CONTRACT.operation(action, method).responses["200"]["content"]
    kind = media_type(data)
    if kind not in content:
        return Problem((), _REPLY, f"{kind} instead of {' or '.join(content)}", _short(data))
    return _problem(first_error(success_validator(action, method, kind), data), _REPLY)


def event_problem(event: Any) -> Problem | None:
    """Return what is wrong with the data of a webhook's event, or `None`."""
    return _problem(first_error(event_validator(), event), "the event")


def first_error(validator: Draft202012Validator, data: Any) -> ValidationError | str | None:
    """Return the first error of some data, or why they cannot be checked; `None` if they are valid."""
    try:
        return None if validator.is_valid(data) else next(iter(validator.iter_errors(data)), None)
    except UnicodeEncodeError:
        return "a text in it holds a half of a surrogate pair"
    except ValueError:
        return "nested too deeply"


def _problem(error: ValidationError | str | None, whole: str) -> Problem | None:
    if error is None:
        return None
    if isinstance(error, str):
        return Problem((), whole, error)
    error, reason = _plainest(error)
    value = _short(error.instance) if reason.startswith(_VALUE) else ""
    return Problem(tuple(error.instance_path), whole, reason, value)


def _plainest(error: ValidationError) -> tuple[ValidationError, str]:
    """Return what is wrong with data that fit none of several schemas, by the one that they come nearest to."""
    alternatives: list[list[ValidationError]] = getattr(error.kind, "context", None) or []
    nearest = max(alternatives, key=lambda each: len(each[0].instance_path), default=[])
    if nearest and len(nearest[0].instance_path) > len(error.instance_path):
        return _plainest(nearest[0])
    reasons = dict.fromkeys(each[0].message.removeprefix(f"{_VALUE} ") for each in alternatives)
    return error, f"{_VALUE} {' and '.join(reasons)}" if reasons else error.message


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


@cache
def success_validator(action: str, method: Method, kind: str) -> Draft202012Validator:
    """Return what checks the data of successful replies of a content type."""
    operation = _CONTRACT.operation(action, method)
    # Of a JSON reply the successful shape alone, so that the message names the field and not just "any of".
    schema = operation.success if kind == JSON else operation.responses["200"]["content"][kind]["schema"]
    # How many rows a page holds is for the server to choose; the document names no number.
    one_page = {name: rule for name, rule in schema.items() if name != "maxItems"}
    return Draft202012Validator(_CONTRACT.standalone(one_page), mask=_VALUE)


@cache
def event_validator() -> Draft202012Validator:
    """Return what checks the events of the webhook."""
    return Draft202012Validator(_CONTRACT.standalone({"$ref": "#/components/schemas/ProjectMessage"}), mask=_VALUE)
