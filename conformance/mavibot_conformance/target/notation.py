"""Numbers that a server writes as texts, where no source shows how it writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.target.judgements import is_open

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mavibot_conformance.target.judgements import Reply

_CONTRACT: Final = mavibot_contract.load()
#: No number of the contract has more digits, and Python reads none of thousands.
_MOST_DIGITS: Final = 20


def reply_as_read(reply: Reply) -> Any:
    """Return the data of a reply; where the document does not show it, digits stand for a number of the contract."""
    data = reply.data
    return _as_read(data, _CONTRACT.operation(reply.action, reply.method).success) if is_open(reply) else data


def event_as_read(event: Any) -> Any:
    """Return an event of the webhook, of whose fields the document says no types, with numbers for their digits."""
    return _as_read(event, {"$ref": "#/components/schemas/ProjectMessage"})


def _as_read(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return a value with numbers for digits; what is an object or an array is changed itself, and stays what it is."""
    for each in _alternatives(schema):
        match value:
            case str() if _is_number(each) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
                return int(value)
            case dict():
                for name in value.keys() & each.get("properties", {}).keys():
                    value[name] = _as_read(value[name], each["properties"][name])
            case list() if "items" in each:
                value[:] = [_as_read(item, each["items"]) for item in value]
            case _:
                pass
    return value


def _is_number(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type", ())
    return "integer" in kind and "string" not in kind


def _alternatives(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a schema, and those of which it asks for one or all."""
    resolved = _CONTRACT.resolve(schema)
    yield resolved
    for word in ("anyOf", "oneOf", "allOf"):
        for each in resolved.get(word, ()):
            yield from _alternatives(each)
