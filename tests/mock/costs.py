"""Bodies that cost much for their length, and what each really costs: run as a program, it sends them to the mock.

Each is sent in a process of its own, whose greatest resident memory is compared with what it was before.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.mock.caller import Caller

from mavibot_mock.server.demo import FULL_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data; boundary=x"
_PART: Final = b'--x\r\nContent-Disposition: form-data; name="a"\r\n'
_BYTES_OF_A_UNIT: Final = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of body.

    Attributes:
        address: what is called.
        content_type: content type of the body.
        make: returns a body of about so many bytes.
        method: HTTP method.
    """

    address: str
    content_type: str
    make: Callable[[int], bytes]
    method: str = "POST"


def _many(
    piece: bytes | Callable[[int], bytes], *, between: bytes, head: bytes = b"", tail: bytes = b""
) -> Callable[[int], bytes]:
    """Return what makes a body of many pieces."""

    def make(size: int) -> bytes:
        pieces: list[bytes] = []
        left = size
        while left > 0:
            pieces.append(piece(len(pieces)) if callable(piece) else piece)
            left -= len(pieces[-1]) + len(between)
        return head + between.join(pieces) + tail

    return make


def _form(piece: bytes | Callable[[int], bytes], action: str = "message") -> Case:
    return Case(_api(action), _FORM, _many(piece, between=b"&", head=b"client_id=5&message=x&"))


def _json(action: str, head: bytes, piece: bytes | Callable[[int], bytes], tail: bytes) -> Case:
    return Case(_api(action), _JSON, _many(piece, between=b",", head=head, tail=tail))


def _multipart(make: Callable[[int], bytes]) -> Case:
    return Case(_api("message"), _MULTIPART, make)


def _seed(content_type: str, make: Callable[[int], bytes]) -> Case:
    return Case("/_mock/v1/projects/1/seed", content_type, make, "PUT")


def _api(action: str) -> str:
    return f"/api/{FULL_KEY}/{action}"


_CLIENTS: Final = b'{"list_id":1,"clients":['
_MESSAGE: Final = b'{"client_id":5,"message":"x",'

CASES: Final = {
    "form_one_name": _form(b"a="),
    "form_one_list": _form(b"a[]="),
    "form_short_names": _form(lambda n: b"k%d=" % n),
    "form_unknown_names": _form(lambda n: b"k%09d=12345" % n),
    "form_variables": _form(lambda n: b"k%09d=12345" % n, "callback"),
    "form_places": _form(lambda n: b"a[%07d]=123456" % n),
    "form_deep_names": _form(lambda n: b"a%d" % n + b"[b]" * 19 + b"=1"),
    "form_percent": Case(_api("message"), _FORM, _many(b"%41", between=b"", head=b"client_id=5&message=")),
    "json_unknown_names": _json("message", b"{", lambda n: b'"k%d":1' % n, b"}"),
    "json_variables": _json("callback", _MESSAGE, lambda n: b'"k%d":1' % n, b"}"),
    "json_saved_variables": _json(
        "save_variables", b'{"client_id":5,"variables":{', lambda n: b'"client.k%d":1' % n, b"}}"
    ),
    "json_empty_objects": _json("add_to_list", _CLIENTS, b"{}", b"]}"),
    "json_deep": _json("callback", b'{"a":[', b'{"":' * 100 + b"1" + b"}" * 100, b"]}"),
    "json_nested_variable": _json("callback", _MESSAGE + b'"a":[', b'{"":{"":"0123456789012345678901234567"}}', b"]}"),
    "json_wrong_items": _json("add_to_list", _CLIENTS, b'"x"', b"]}"),
    "json_wrong_numbers": _json("add_to_list", _CLIENTS, b"-1", b"]}"),
    "json_items": _json("add_to_list", _CLIENTS, lambda n: b"%d" % (n + 1), b"]}"),
    "json_wrong_buttons": _json("message", _MESSAGE + b'"buttons":[', b"1", b"]}"),
    "json_platform_ids": _json("find_client_id_by_platform_id", b'{"platform_ids":[', lambda n: b"%d" % n, b"]}"),
    "json_refused_clients": _json(
        "load_clients", b"[", lambda n: b'{"platform_id":"%d","group_id":"g","client_type":1}' % n, b"]"
    ),
    "json_clients": _json(
        "load_clients", b"[", lambda n: b'{"platform_id":"%d","group_id":"","client_type":13}' % n, b"]"
    ),
    "json_text": Case(_api("message"), _JSON, lambda size: _MESSAGE + b'"a":"' + b"x" * size + b'"}'),
    "json_escapes": Case(_api("message"), _JSON, lambda size: _MESSAGE + b'"a":"' + b"\\u0000" * (size // 6) + b'"}'),
    "json_digits": Case(_api("message"), _JSON, lambda size: b'{"client_id":' + b"9" * size + b"}"),
    "multipart_header": _multipart(lambda size: _PART + b"X: " + b"y" * size + b"\r\n\r\n1\r\n--x--"),
    "multipart_dashes": _multipart(lambda size: b"--x\r\n" + b"-" * size),
    "multipart_ends": _multipart(lambda size: _PART + b"\r\n" + b"\r\n--" * (size // 4)),
    "multipart_fields": _multipart(lambda size: (_PART + b"\r\n1\r\n") * (size // 55) + b"--x--"),
    "multipart_text": _multipart(lambda size: _PART + b"\r\n" + b"x" * size + b"\r\n--x--"),
    "seed_wrong_rows": _seed(_JSON, _many(b'{"id":1000000,"name":5}', between=b",", head=b'{"lists":[', tail=b"]}")),
    "seed_repeated_rows": _seed(
        _JSON, _many(b'{"id":1000000,"name":"a"}', between=b",", head=b'{"lists":[', tail=b"]}")
    ),
    "seed_unknown_fields": _seed(_JSON, _many(lambda n: b'"k%d":1' % n, between=b",", head=b"{", tail=b"}")),
    "seed_clients": _seed(
        _JSON,
        _many(
            lambda n: b'{"id":%d,"messenger":"telephony","platform_id":"%d"}' % (n + 1, n),
            between=b",",
            head=b'{"clients":[',
            tail=b"]}",
        ),
    ),
    "yaml_rows": _seed("application/yaml", _many(lambda n: b"- id: %d" % (n + 1), between=b"\n", head=b"lists:\n")),
    "yaml_numbers": _seed("application/yaml", _many(b"- 1", between=b"\n", head=b"lists:\n")),
    "yaml_base_60": _seed("application/yaml", _many(b"1", between=b":", head=b"lists: ")),
    "yaml_directives": _seed(
        "application/yaml", _many(lambda n: b"%%TAG !a%d! x" % n, between=b"\n", tail=b"\n---\nlists: []")
    ),
    "yaml_aliases": _seed(
        "application/yaml", _many(b"*a", between=b",", head=b"a: &a [1,1,1,1,1]\nlists: [", tail=b"]")
    ),
    "yaml_text": _seed("application/yaml", lambda size: b"lists: " + b"x" * size),
}


def measured(case: Case, size: int) -> tuple[int, int]:
    """Return the length of a body, and by how many bytes it makes the memory of a process grow."""
    body = case.make(size)
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writer, b"%d" % _growth(case, body))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        growth = int(pipe.read())
    os.waitpid(child, 0)
    return len(body), growth


def _growth(case: Case, body: bytes) -> int:
    with Caller() as caller:
        headers = {"Content-Type": case.content_type}
        # What is made at the first call of its kind is no cost of this one.
        caller.send(case.method, case.address, content=b"{}", headers=headers)
        before = _peak()
        response = caller.send(case.method, case.address, content=body, headers=headers)
        assert response.status_code in (200, 400), response.text
        return _peak() - before


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES_OF_A_UNIT


def main() -> None:
    """Write what each kind of body costs, as JSON: its lengths and the growth of memory at each of the sizes."""
    sizes = [int(argument) for argument in sys.argv[1:]]
    json.dump({name: [measured(case, size) for size in sizes] for name, case in CASES.items()}, sys.stdout)


if __name__ == "__main__":
    main()
