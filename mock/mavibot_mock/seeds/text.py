"""Reads YAML and JSON, at a cost in proportion to the text whatever it holds.

The YAML library would make some 600 bytes of memory of each value, and follow aliases without end.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import orjson
import yaml

from mavibot_mock.request.json_text import load_json, most_parts

if TYPE_CHECKING:
    from collections.abc import Hashable

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Levels of a document; a seed has some five, values of blocks and messages have a few more.
_DEEPEST: Final = 50
#: What aliases may repeat of any text; beyond that they may repeat as much as the text is long, characters.
_ANY_REPEATED: Final = 10_000
#: A list or mapping takes some 230 bytes of memory, however short it is.
_BYTES_OF_A_COLLECTION: Final = 20
#: A number, date or other plain value is shorter; the library takes a long time for long ones.
_LONGEST_PLAIN: Final = 100
#: The library compares each with all before it.
_MOST_DIRECTIVES: Final = 10

_PREFIX: Final = "tag:yaml.org,2002:"
_TEXT: Final = f"{_PREFIX}str"
_MERGE: Final = f"{_PREFIX}merge"
_TAGS: Final = {yaml.MappingStartEvent: f"{_PREFIX}map", yaml.SequenceStartEvent: f"{_PREFIX}seq"}


def read(text: str | bytes) -> Any:
    """Return the document of a YAML or JSON text.

    Raises:
        ValueError: it is neither.
    """
    raw = text.encode() if isinstance(text, str) else text
    if raw.lstrip()[:1] in (b"{", b"["):
        try:
            return load_json(raw)
        except orjson.JSONDecodeError:
            pass  # YAML begins so as well
        except ValueError as error:
            raise ValueError(f"is not valid YAML or JSON: {error}") from error
    try:
        return _Builder(raw).document()
    except TypeError as error:
        raise ValueError(f"is no plain data: {error}; put names in quotation marks") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"is not valid YAML or JSON: {error}") from error


class _Builder:
    """Makes a document of the events of the YAML parser; dates and the like become what JSON has for them."""

    def __init__(self, raw: bytes) -> None:
        if raw.startswith(b"%") and raw.count(b"\n%") >= _MOST_DIRECTIVES:
            raise ValueError(f"more than {_MOST_DIRECTIVES} directives")
        self._loader: Final = _LOADER(raw)
        self._anchors: Final[dict[str, tuple[Any, int]]] = {}
        self._left = max(len(raw), _ANY_REPEATED)
        self._depth = 0
        self._collections = most_parts(len(raw), _BYTES_OF_A_COLLECTION)

    def document(self) -> Any:
        """Return the one document."""
        self._loader.get_event()  # the stream begins
        if self._loader.check_event(yaml.StreamEndEvent):
            return None
        self._loader.get_event()  # the document begins
        value = self._value(self._loader.get_event())
        self._loader.get_event()
        if not self._loader.check_event(yaml.StreamEndEvent):
            raise ValueError("holds more than one document")
        return value

    def _value(self, event: Any) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._repeated(event)
        left = self._left
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, self._tag(event))
            end = _index(event.end_mark)
        else:
            if event.tag not in (None, "!", _TAGS[type(event)]):
                raise ValueError(f"the tag {event.tag}")
            self._depth += 1
            if self._depth > _DEEPEST:
                raise ValueError(f"is nested more than {_DEEPEST} levels deep")
            self._collections -= 1
            if self._collections < 0:
                raise ValueError("has too many lists and mappings for its length")
            value, end = self._mapping() if isinstance(event, yaml.MappingStartEvent) else self._sequence()
            self._depth -= 1
        if event.anchor is not None:
            # With what was repeated inside.
            self._anchors[event.anchor] = value, end - _index(event.start_mark) + left - self._left
        return value

    def _repeated(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise ValueError(f"the alias *{event.anchor} leads nowhere")
        value, size = self._anchors[event.anchor]
        self._left -= size
        if self._left < 0:
            raise ValueError("aliases repeat more than the text is long")
        return value

    def _sequence(self) -> tuple[list[Any], int]:
        items = []
        while not isinstance(event := self._loader.get_event(), yaml.SequenceEndEvent):
            items.append(self._value(event))
        return items, _index(event.end_mark)

    def _mapping(self) -> tuple[dict[Hashable, Any], int]:
        fields: dict[Hashable, Any] = {}
        merged: dict[Hashable, Any] = {}
        while not isinstance(event := self._loader.get_event(), yaml.MappingEndEvent):
            if isinstance(event, yaml.ScalarEvent) and self._tag(event) == _MERGE:
                for each in _mappings(self._value(self._loader.get_event())):
                    merged = {**each, **merged}
                continue
            name = self._value(event)
            if not isinstance(name, str):
                raise TypeError(f"a name is {name!r}")
            fields[sys.intern(name)] = self._value(self._loader.get_event())
        return {**merged, **fields} if merged else fields, _index(event.end_mark)

    def _tag(self, event: Any) -> str:
        if event.tag in (None, "!"):
            if event.implicit[0] and len(event.value) > _LONGEST_PLAIN:
                return _TEXT
            tag: str = self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)
            return tag
        given: str = event.tag
        return given

    def _scalar(self, event: Any, tag: str) -> Any:
        if tag == _TEXT:
            event.value.encode()  # a lone surrogate is no text
            return event.value
        construct = self._loader.yaml_constructors.get(tag)
        if construct is None or len(event.value) > _LONGEST_PLAIN:
            raise ValueError(f"the tag {tag} of '{event.value[:_LONGEST_PLAIN]}'")
        node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
        return orjson.loads(orjson.dumps(construct(self._loader, node)))


def _index(mark: Any) -> int:
    index: int = mark.index
    return index


def _mappings(value: Any) -> list[dict[Hashable, Any]]:
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) for each in found):
        raise ValueError("<<: must be an alias of a mapping")
    return found
