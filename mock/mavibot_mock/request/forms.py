"""Reads forms and query strings, whose names may be written as PHP writes them: `a[b]`, `a[0]`, `a[]`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from mavibot_mock.request.deviations import shortened
from mavibot_mock.request.json_text import BYTES_OF_A_CONTAINER, most_parts
from mavibot_mock.request.replies import invalid

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator

    from mavibot_mock.request.deviations import Deviations

#: `a[b][]` as programs in PHP write and read it.
_NESTED_NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_DEEPEST_NAME: Final = 20
_BYTES_OF_A_FIELD: Final = 16
#: A long text is decoded in pieces: the library takes some 30 bytes for each %XX.
_PIECE: Final = 4_096


@dataclass(slots=True)
class Texts:
    """Everything that a form or a URL holds under one name; only the schema tells which type is meant."""

    #: The value that counts where only one is wanted.
    last: str
    #: Written as `name[]`, so a list even with one value.
    bracketed: bool = False
    earlier: list[str] | None = None

    @property
    def values(self) -> list[str]:
        """All values, in the order in which they were sent."""
        return [*(self.earlier or ()), self.last]

    def add(self, value: str, *, bracketed: bool) -> None:
        """Add a value."""
        if self.earlier is None:
            self.earlier = []
        self.earlier.append(self.last)
        self.last = value
        self.bracketed = self.bracketed or bracketed


def fields(raw: bytes, place: str, deviations: Deviations) -> dict[str, Any]:
    """Return the values of a form or query string by name.

    Args:
        raw: the form or query string, its values escaped.
        place: what an error calls it.
        deviations: what is unusual about the names is added here.

    Raises:
        RefusedError: there are too many fields or brackets for its length, or one is not UTF-8.
    """
    return _named(_pairs(raw, place), deviations, size=len(raw))


async def multipart_fields(raw: bytes, content_type: str, deviations: Deviations) -> dict[str, Any]:
    """Return the texts of a multipart form by name; files are passed over.

    Args:
        raw: the form.
        content_type: as it was sent, with the boundary.
        deviations: what is unusual about the names is added here.

    Raises:
        RefusedError: it cannot be read, or has too many brackets for its length.
    """

    async def stream() -> AsyncGenerator[bytes, None]:
        yield raw

    try:
        form = await MultiPartParser(Headers({"content-type": content_type}), stream()).parse()
    except (MultiPartException, FormParserError, UnicodeError) as error:
        raise invalid(f"body: is not a valid multipart form: {error}") from error
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    await form.close()
    # A form may name an odd encoding; what it yields must be writable in ours.
    if any(not _is_writable(name, value) for name, value in pairs):
        raise invalid("body: is not valid text")
    return _named(pairs, deviations, size=len(raw))


def _pairs(raw: bytes, place: str) -> Iterator[tuple[str, str]]:
    """Return the names and values of a form or query string.

    Raises:
        RefusedError: there are too many for its length, or one is not UTF-8.
    """
    most = most_parts(len(raw), _BYTES_OF_A_FIELD)
    if raw.count(b"&") > most:
        raise invalid(f"{place}: more than {most} fields are too many for its length")
    begin = 0
    while begin < len(raw):
        end = raw.find(b"&", begin)
        if end < 0:
            end = len(raw)
        if end > begin:
            name, _, value = raw[begin:end].partition(b"=")
            try:
                yield _text(name), _text(value)
            except UnicodeDecodeError as error:
                raise invalid(f"{place}: is not valid UTF-8") from error
        begin = end + 1


def _text(quoted: bytes) -> str:
    spaced = quoted.replace(b"+", b" ")
    if b"%" not in spaced:
        return spaced.decode()
    if len(spaced) <= _PIECE:
        return unquote_to_bytes(spaced).decode()
    pieces = bytearray()
    begin = 0
    while begin < len(spaced):
        end = begin + _PIECE
        # No escape is cut in two.
        cut = spaced.rfind(b"%", end - 2, end)
        end = end if cut < 0 else cut
        pieces += unquote_to_bytes(spaced[begin:end])
        begin = end
    return pieces.decode()


def _named(pairs: Iterable[tuple[str, str]], deviations: Deviations, *, size: int) -> dict[str, Any]:
    """Return the values of a form or URL by name; `a[b]` and `a[0]` are read as PHP reads them.

    Args:
        pairs: names and values.
        deviations: what is unusual about the names is added here.
        size: bytes of the form or URL.
    """
    steps, most_steps = 0, most_parts(size, BYTES_OF_A_CONTAINER)
    found: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    for written, value in pairs:
        match = _NESTED_NAME.fullmatch(written) if written.endswith("]") else None
        if match is None or match[2] == "[]":
            name = written if match is None else match[1]
            before = found.get(name)
            if before is None:
                found[name] = Texts(value, match is not None)
            else:
                before.add(value, bracketed=match is not None)
            continue
        name, path = match[1], match[2][1:-1].split("][", _DEEPEST_NAME)
        if len(path) > _DEEPEST_NAME:
            raise invalid(f"{shortened(name)}: is nested too deeply")
        steps += len(path)
        if steps > most_steps:
            raise invalid(f"{shortened(name)}: more than {most_steps} brackets are too many for the length")
        _put(nested.setdefault(name, {}), path, value)
    # Of a name with and without brackets those with brackets count (assumed).
    for name, each in nested.items():
        found[name] = _with_lists(each)
        deviations.note(name, "written with brackets", "; read as an object or a list", fix="send it as JSON")
    return found


def _put(tree: dict[str, Any], path: list[str], value: str) -> None:
    """Put a value where its name says; an empty step is the next place of a list."""
    *steps, last = path
    for step in steps:
        key = step or str(len(tree))
        if not isinstance(tree.get(key), dict):
            tree[key] = {}
        tree = tree[key]
    tree[last or str(len(tree))] = value


def _with_lists(value: Any) -> Any:
    """Return a tree in which what has the keys 0, 1, 2… is a list."""
    if not isinstance(value, dict):
        return value
    inner = {key: _with_lists(each) for key, each in value.items()}
    return list(inner.values()) if list(inner) == [str(place) for place in range(len(inner))] else inner


def _is_writable(*texts: str) -> bool:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True
