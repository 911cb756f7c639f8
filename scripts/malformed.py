"""Makes requests that are wrong in every way that we could think of; the same seed makes the same ones."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_from_bytes

import mavibot_contract
from mavibot_mock.request.body import LARGEST_BODY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mavibot_contract import Contract

#: One request in so many has a body that is too large.
_RARELY: Final = 2_000

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO", "get")
_LABELS: Final = (
    "application/json",
    "application/json; charset=utf-16",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/plain",
    "",
    ";",
    "x" * 5000,
    "\xff/\xfe",
)
_ENCODINGS: Final = ("utf-16", "utf-16-le", "utf-32", "cp1251", "koi8-r", "utf-7", "utf-8-sig")
_NUMBERS: Final = (0, -1, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**400, 5.5, 1e308, -0.0)
_TEXTS: Final = (
    "",
    "\0",
    "a\0b",
    "x" * 100_000,
    "😀",
    "\u202e",
    "' OR 1=1 --",
    "{{",
    "../..",
    "%00",
    "null",
    "-",
    "1e999",
)
_PIECES: Final = (
    *(b'{"', b'":', b"}", b"[", b"]", b",", b"client_id", b"=", b"&", b"5", b"\xff", b"\\ud800", b"\0", b"%", b"+"),
    *(b"--x\r\n", b"Content-Disposition: form-data; name=", b"\r\n\r\n", b"--x--", b"NaN", b"1e999", b"\xef\xbb\xbf"),
)
_ODD_HEADERS: Final = (
    ("content-encoding", "gzip"),
    ("transfer-encoding", "identity"),
    ("expect", "100-continue"),
    ("x-odd", "\xff\xfe"),
    ("x-long", "x" * 8000),
    ("host", "elsewhere.example"),
    ("authorization", "Bearer nobody"),
    ("accept", "image/png"),
    ("range", "bytes=5-"),
    ("content-type", "text/html"),
)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A request that is HTTP, and wrong or odd beyond that.

    Attributes:
        method: HTTP method.
        path: path as it stands in the request.
        query: query string, without `?`.
        headers: lower-case names; without the length of the body.
        body: the body.
    """

    method: str
    path: str
    query: bytes
    headers: tuple[tuple[str, str], ...]
    body: bytes


def requests(key: str, count: int, *, seed: int) -> Iterator[Malformed]:
    """Return requests.

    Args:
        key: API key that most of them have.
        count: how many.
        seed: where chance begins.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    bundled = mavibot_contract.load()
    examples = {action: _examples(bundled, action) for action in bundled.actions}
    for _ in range(count):
        action = chance.choice(list(examples))
        yield Malformed(
            method=chance.choice(_METHODS) if chance.random() < 0.1 else chance.choice(("GET", "POST")),
            path=_path(chance, key, action),
            query=_query(chance, examples[action]),
            headers=_headers(chance),
            body=_body(chance, examples[action]),
        )


def _examples(bundled: Contract, action: str) -> dict[str, Any]:
    """Return an example of each parameter and alias of an action, as far as the contract has one."""
    operation = bundled.operation(action)
    schemas = {name: bundled.resolve(schema) for name, schema in operation.schema["properties"].items()}
    named = {name: schema.get("examples", [None])[0] for name, schema in schemas.items()}
    return {**named, "client_id": 25554, "odd": "x", **dict.fromkeys(operation.aliases, "odd")}


def _path(chance: random.Random, key: str, action: str) -> str:
    if chance.random() < 0.95:
        return f"/api/{key}/{action}"
    odd = ("", "x" * 3000, f"{action}%00", f"{action}/", f"{action}%2F..", "%FF", action.upper(), "//", "..", "%D1%82")
    wrong_key = chance.choice((key, key[:-1], "%00", "x" * 3000, ""))
    return f"/api/{wrong_key}/{chance.choice(odd)}"


def _headers(chance: random.Random) -> tuple[tuple[str, str], ...]:
    label = "application/json" if chance.random() < 0.5 else chance.choice(_LABELS)
    odd = chance.sample(_ODD_HEADERS, chance.randrange(3)) if chance.random() < 0.1 else []
    return (("content-type", label), *odd)


def _query(chance: random.Random, examples: Mapping[str, Any]) -> bytes:
    if chance.random() < 0.7:
        return b""
    if chance.random() < 0.3:
        return quote_from_bytes(_bytes(chance), safe="%&=[]+;?/").encode()
    pairs = []
    for _ in range(chance.randrange(1, 5)):
        name = chance.choice(list(examples)) + chance.choice(("", "", "[]", "[a]", "[0][b]", "%00", "[" * 30))
        value = str(_value(chance, 0))[:1000].encode("utf-8", "surrogatepass")
        pairs.append(name.encode() + b"=" + quote_from_bytes(value).encode())
    return b"&".join(pairs)


def _body(chance: random.Random, examples: Mapping[str, Any]) -> bytes:
    if chance.randrange(_RARELY) == 0:
        return b'{"message": "' + b"x" * LARGEST_BODY + b'"}'
    match chance.randrange(8):
        case 0:
            return b""
        case 1:
            return chance.randbytes(chance.randrange(200))
        case 2:
            return _bytes(chance)
        case 3:
            return _deep(chance)
        case 4:
            return _json(chance, examples).encode(chance.choice(_ENCODINGS), "ignore")
        case 5:  # cut, doubled, or with a bit turned
            text = bytearray(_json(chance, examples).encode())
            place = chance.randrange(len(text))
            text[place] ^= 1 << chance.randrange(8)
            return bytes(chance.choice((text[:place], text + text, text)))
        case _:
            return _json(chance, examples).encode()


def _bytes(chance: random.Random) -> bytes:
    return b"".join(chance.choices(_PIECES, k=chance.randrange(1, 12)))


def _deep(chance: random.Random) -> bytes:
    depth = chance.choice((10, 200, 1000, 100_000))
    begin, end = chance.choice(((b"[", b"]"), (b'{"a":', b"}")))
    whole = begin * depth + b"1" + end * depth
    return chance.choice((whole, begin * depth, b'{"client_id": 5, "message": "x", "a": ' + whole + b"}"))


def _json(chance: random.Random, examples: Mapping[str, Any]) -> str:
    """Return a JSON text that may be a valid call but for a few of its values, which are odd, or there twice."""
    chosen = [name for name in examples if chance.random() < 0.7]
    chosen += chance.choices(list(examples), k=chance.randrange(2))
    pairs = [
        f"{json.dumps(name)}: {_json_text(chance) if chance.random() < 0.3 else json.dumps(examples[name])}"
        for name in chosen
    ]
    text = "{" + ", ".join(pairs) + "}"
    return f"[{text}]" if chance.random() < 0.1 else text


def _json_text(chance: random.Random) -> str:
    if chance.random() < 0.1:
        return chance.choice(
            ('"\\ud800"', '"\\udfff\\ud800"', "NaN", "Infinity", "01", "'x'", "1e999", '"\t"', "9" * 5000)
        )
    return json.dumps(_value(chance, 0), ensure_ascii=chance.random() < 0.5)


def _value(chance: random.Random, depth: int) -> Any:
    """Return a value: odd, likely, or made of such."""
    match chance.randrange(7 if depth < 3 else 5):
        case 0:
            return chance.choice(_NUMBERS)
        case 1:
            return chance.choice(_TEXTS)
        case 2:
            return chance.choice((None, True, False))
        case 3:
            return chance.randrange(100_000)
        case 4:
            return chance.choice(("25554", "x", "79875146788", "a@example.com", "2026-03-10 12:00:00", "01.01.2026"))
        case 5:
            return [_value(chance, depth + 1) for _ in range(chance.randrange(4))]
        case _:
            return {chance.choice(_TEXTS)[:50]: _value(chance, depth + 1) for _ in range(chance.randrange(4))}
