"""What the contract says a successful reply looks like."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jsonschema_rs import Draft202012Validator

import mavibot_contract

if TYPE_CHECKING:
    from mavibot_contract import Method

JSON: Final = "application/json"
_CONTRACT: Final = mavibot_contract.load()


def media_type(data: Any) -> str:
    """Return the content type that decoded data should have come with."""
    return "text/plain" if isinstance(data, str) else JSON


def reply_problem(action: str, method: Method, data: Any) -> str | None:
    """Return what is wrong with the data of a successful reply, with its place, or `None`.

    Args:
        action: action of the contract.
        method: HTTP method, one that the contract offers for it.
        data: decoded JSON, or a text if the reply is not JSON.
    """
    content = _CONTRACT.operation(action, method).responses["200"]["content"]
    kind = media_type(data)
    if kind not in content:
        return f"{kind} instead of {' or '.join(content)}: {data!r}"
    try:
        for error in success_validator(action, method, kind).iter_errors(data):
            return f"{'/'.join(str(step) for step in error.instance_path) or 'the reply'}: {error.message}"
    except UnicodeEncodeError:
        return "the reply: a text in it holds a half of a surrogate pair"
    except ValueError:
        return "the reply: nested too deeply"
    return None


@cache
def success_validator(action: str, method: Method, kind: str) -> Draft202012Validator:
    """Return what checks the data of successful replies of a content type."""
    operation = _CONTRACT.operation(action, method)
    # Of a JSON reply the successful shape alone, so that the message names the field and not just "any of".
    schema = operation.success if kind == JSON else operation.responses["200"]["content"][kind]["schema"]
    # How many rows a page holds is for the server to choose; the document names no number.
    one_page = {name: rule for name, rule in schema.items() if name != "maxItems"}
    return Draft202012Validator(_CONTRACT.standalone(one_page))
