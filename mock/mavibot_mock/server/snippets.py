"""Writes a journalled call as a command of curl and as a call of the Python client, without its key."""

from __future__ import annotations

from base64 import b64encode
from shlex import quote
from string import punctuation
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote as quote_url
from urllib.parse import quote_from_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_contract import Contract

#: Characters of a query string that go into a command as they are, beside letters and digits; the rest becomes %XX.
_AS_SENT: Final = punctuation


def as_curl(*, method: str, action: str, query: bytes, content_type: str, body: bytes) -> str:
    """Return a line for a shell in which MAVIBOT_BASE_URL and MAVIBOT_API_KEY are set."""
    place = quote_url(action)
    if query:
        place += f"?{quote_from_bytes(query, safe=_AS_SENT)}"
    words = ["curl", "-X", method, f'"$MAVIBOT_BASE_URL/api/$MAVIBOT_API_KEY/"{quote(place)}']
    if not body:
        return " ".join(words)
    words += ["-H", quote(f"Content-Type: {content_type}")]
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # no shell can pass it in a word
        return f"printf %s {b64encode(body).decode()} | base64 -d | {' '.join(words)} --data-binary @-"
    return f"{' '.join(words)} --data-raw {quote(text)}"


def as_python(contract: Contract, *, method: str, action: str, parameters: Mapping[str, Any]) -> str:
    """Return the statement that makes the same call with a client named `bot`."""
    operations = contract.actions[action]
    declared = contract.operation(action).schema["properties"]
    given = {name: value for name, value in parameters.items() if name in declared}
    variables = {name: value for name, value in parameters.items() if name not in declared}
    if variables:
        given["variables"] = variables
    if len(operations) > 1 and method == "GET":
        given["method"] = method
    return f"bot.{action}({', '.join(f'{name}={value!r}' for name, value in given.items())})"
