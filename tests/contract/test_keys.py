"""How a key is found in texts from outside: which spellings, and which texts stay as they are."""

from __future__ import annotations

import json
from base64 import b64encode, encodebytes, urlsafe_b64encode

import pytest

from mavibot_contract.keys import Finder

KEY = "5ec4e7a1b2c3d4e5f6cafe"

PLAIN = {
    "itself": KEY,
    "upper case": KEY.upper(),
    "percent": "".join(f"%{ord(each):02X}" for each in KEY),
    "percent twice": "".join(f"%25{ord(each):02X}" for each in KEY),
    "JSON": "".join(f"\\u{ord(each):04x}" for each in KEY),
    "backslash": "".join(f"\\x{ord(each):02x}" for each in KEY),
    "HTML": "".join(f"&#x{ord(each):x};" for each in KEY),
    "UTF-16": "\0".join(KEY),
}
ENCODED = {
    "Base64": b64encode(KEY.encode()).decode(),
    "Base64 in a longer text": b64encode(f"user:{KEY}".encode()).decode(),
    "Base64 for addresses": urlsafe_b64encode(KEY.encode()).decode().rstrip("="),
    "Base64 in lines": encodebytes(f"{'x' * 47}{KEY}".encode()).decode(),
    "hexadecimal": KEY.encode().hex(),
    "hexadecimal with colons": KEY.encode().hex(":").upper(),
    "hexadecimal with blanks": KEY.encode().hex(" "),
    "a C array": ", ".join(f"\\x{each:02x}" for each in KEY.encode()),
    "dashes": "-".join(KEY),
    "blanks": " ".join(KEY),
    "two lines": f"{KEY[:9]}\r\n    {KEY[9:]}",
    "invisible characters": f"{KEY[:9]}\u200b{KEY[9:12]}\u00ad{KEY[12:]}",
}


def _shown(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
@pytest.mark.parametrize("encoded", [False, True])
def test_a_key_is_found_however_it_is_spelled(text: str, encoded: bool) -> None:
    finder = Finder(KEY, encoded=encoded)
    for around in (f"before {text} after", f'{{"key": "{text}"}}'):
        assert "API_KEY" in finder.hide(around)
        assert _shown(text)[2:-2] not in _shown(finder.hide(around))
        assert b"API_KEY" in finder.hide_bytes(around.encode())


@pytest.mark.parametrize("text", ENCODED.values(), ids=ENCODED)
def test_a_key_is_found_encoded_or_with_separators(text: str) -> None:
    finder = Finder(KEY, encoded=True)
    for around in (f"before {text} after", json.dumps(text), json.dumps(text, ensure_ascii=False)):
        assert "API_KEY" in finder.hide(around)
        assert _shown(ENCODED["hexadecimal"])[2:-2] not in _shown(finder.hide(around))
        assert _shown(KEY)[1:-1] not in _shown(finder.hide(around))
        assert b"API_KEY" in finder.hide_bytes(around.encode())


@pytest.mark.parametrize("text", ["unknown key", "unknown_key", "unknownkey", "a key, unknown", "", "\ud800 \\n"])
def test_a_text_without_the_key_stays_as_it_is(text: str) -> None:
    assert Finder("unknown-key", encoded=True).hide(text) == text


@pytest.mark.parametrize("key", ["zq7", "abc-def"])
def test_a_short_key_is_found_as_a_word_alone(key: str) -> None:
    finder = Finder(key, encoded=True)
    assert finder.hide(f"the key {key}.") == "the key API_KEY."
    for text in (f"the key x{key}", "-".join(key), key.encode().hex(), b64encode(key.encode()).decode()):
        assert finder.hide(text) == text
