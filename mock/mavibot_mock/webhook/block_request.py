"""Makes the request of a block: the platform calls a server of the flow's author and saves what it answers."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx2

from mavibot_mock.webhook.targets import addresses_of, check_target

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

#: `#{name}` in what an author writes stands for the value of a variable.
_PLACEHOLDER: Final = re.compile(r"#\{([^{}]+)\}")
#: What the platform prints for a variable that is not set, as integrators have seen it.
_UNSET: Final = "None"
#: A longer reply is not read to its end, bytes.
_LARGEST_REPLY: Final = 1_000_000


@dataclass(slots=True)
class Answer:
    """What came of the request of a block.

    Attributes:
        request: the body as it was sent.
        status: HTTP status of the reply, or `None` where none came.
        reply: the reply as text.
        error: why there is no reply, or `None`.
        saved: values to save, by the name of the variable.
        missing: paths at which the reply holds nothing.
    """

    request: str
    status: int | None = None
    reply: str | None = None
    error: str | None = None
    saved: dict[str, Any] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


async def ask(
    url: str,
    body: Mapping[str, Any] | None,
    *,
    variables: Mapping[str, Any],
    form: bool,
    headers: Mapping[str, str],
    save: Iterable[str],
    timeout: float,  # noqa: ASYNC109 - what the platform gives the server
    allowed: Collection[str],
) -> Answer:
    """Call a server as a block of the flow does.

    Args:
        url: address of the server; like those of webhooks on this machine, unless its host is allowed.
        body: what the author of the block sends, in any shape; `None` for an empty body.
        variables: what `#{name}` in address, body and headers stands for, by name.
        form: send a form instead of JSON.
        headers: further headers, such as a secret.
        save: what to save of a JSON reply, each as `path -> variable`, a path as `a|b`.
        timeout: seconds within which the whole reply must come.
        allowed: hosts beyond this machine, lower-case.

    Raises:
        ValueError: the address may not be used.
    """
    parts = check_target(_filled(url, variables), allowed=allowed)
    filled = None if body is None else _filled(dict(body), variables)
    content, content_type = _encoded(filled, form=form)
    answer = Answer(content)
    sent = {"Host": parts.netloc.rpartition("@")[2], "Content-Type": content_type, **_filled(dict(headers), variables)}
    try:
        async with asyncio.timeout(timeout), httpx2.AsyncClient(trust_env=False, timeout=None) as client:
            addresses = await addresses_of(parts, allowed=allowed)
            # To an address that was checked, so that the name cannot lead elsewhere in between.
            target = httpx2.URL(parts.geturl()).copy_with(host=addresses[0])
            names = {"sni_hostname": parts.hostname}
            async with client.stream("POST", target, content=content, headers=sent, extensions=names) as response:
                answer.reply = (await _read(response)).decode(errors="replace")
                answer.status = response.status_code
    except TimeoutError:
        answer.error = f"no reply within {timeout:g} seconds"
    except (httpx2.HTTPError, OSError, ValueError) as error:
        answer.error = f"{type(error).__name__}: {error}"
    _find(answer, save)
    return answer


def _filled(value: Any, variables: Mapping[str, Any]) -> Any:
    """Return a value in whose texts each `#{name}` is replaced by the variable."""
    match value:
        case str():
            return _PLACEHOLDER.sub(lambda found: _shown(variables.get(found[1].removeprefix("client."))), value)
        case dict():
            return {name: _filled(each, variables) for name, each in value.items()}
        case list():
            return [_filled(each, variables) for each in value]
        case _:
            return value


def _shown(value: Any) -> str:
    return _UNSET if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _encoded(body: dict[str, Any] | None, *, form: bool) -> tuple[str, str]:
    """Return a body as text, and its content type."""
    if form:
        return str(httpx2.QueryParams({name: _shown(each) for name, each in (body or {}).items()})), (
            "application/x-www-form-urlencoded"
        )
    return "" if body is None else json.dumps(body, ensure_ascii=False), "application/json"


async def _read(response: httpx2.Response) -> bytes:
    content = b""
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > _LARGEST_REPLY:
            raise ValueError(f"the reply is longer than {_LARGEST_REPLY} bytes")
    return content


def _find(answer: Answer, save: Iterable[str]) -> None:
    """Look in the reply for what is to be saved; a list or an object is saved as its JSON text (assumed)."""
    try:
        document = json.loads(answer.reply or "")
    except (ValueError, RecursionError):
        document = None
    for line in save:
        path, _, variable = line.partition("->")
        value = document
        for key in path.strip().split("|"):
            value = _child(value, key.strip())
        if value is None:
            answer.missing.append(path.strip())
        else:
            answer.saved[variable.strip()] = _shown(value) if isinstance(value, list | dict) else value


def _child(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    # Assumed, as for `delimiter`: a number in the path is an index of a list.
    return value[int(key)] if isinstance(value, list) and key in map(str, range(len(value))) else None
