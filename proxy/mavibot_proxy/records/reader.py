"""Reads records: HAR of any program, or NDJSON; an entry that is cut off at the end is left out."""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from mavibot_proxy.records import notes
from mavibot_proxy.records.entry import EXTRA
from mavibot_proxy.records.hiding import PLACEHOLDER
from mavibot_proxy.records.redaction import WEBHOOK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENTRIES: Final = re.compile(r'"entries"\s*:\s*\[')
_BETWEEN: Final = re.compile(r"[\s,]*")
_ADDRESS: Final = re.compile(r"/api/([^/]+)/([^/?#]+)$")
#: Stands for a body that the record does not hold.
_OMITTED: Final = re.compile(r"\[(more than )?\d+ bytes\]")
#: Milliseconds of a duration and seconds since 1970, at most.
_LONGEST: Final = 1e11


@dataclass(frozen=True, slots=True, repr=False)
class Recorded:
    """A recorded call, or what the platform posted, with its reply; that of another program may hold the key.

    Attributes:
        action: the action; `webhook` for what the platform posted.
        method: HTTP method.
        query: query string.
        content_type: content type of the body.
        sent: body of the call, or `None` without one.
        status: HTTP status of the reply, 0 if there was none.
        reply_type: content type of the reply.
        reply: body of the reply.
        ended: when the reply had come, Unix seconds; 0 if the record does not say it.
        seconds: how long it took.
        by_upstream: whether the upstream answered it.
        departures: where it deviates from the contract, in words.
        remarks: what else the proxy noted of it, in words.
        key: the API key, which the records of other programs hold; otherwise empty.
        is_webhook: whether the platform posted it to the project, and no caller to the platform.
    """

    action: str
    method: str
    query: str
    content_type: str
    sent: str | None
    status: int
    reply_type: str
    reply: str
    ended: float
    seconds: float
    by_upstream: bool
    departures: tuple[str, ...]
    remarks: tuple[str, ...]
    key: str
    is_webhook: bool = False

    @property
    def holds_body(self) -> bool:
        """Whether the record holds the body of the call."""
        return _OMITTED.fullmatch(self.sent or "") is None

    @property
    def holds_reply(self) -> bool:
        """Whether the record holds the body of the reply."""
        return _OMITTED.fullmatch(self.reply) is None

    @property
    def data(self) -> Any:
        """The reply as JSON, or as text if it is none."""
        return _data(self.reply)

    @property
    def parameters(self) -> dict[str, Any]:
        """What was sent by name, in URL and body; a list is under `clients`."""
        sent = _data(self.sent) if self.sent else {}
        if isinstance(sent, str):
            sent = dict(parse_qsl(sent, keep_blank_values=True)) if "=" in sent else {}
        body = {"clients": sent} if isinstance(sent, list) else sent if isinstance(sent, dict) else {}
        return {**dict(parse_qsl(self.query, keep_blank_values=True)), **body}


def read(path: Path) -> list[Recorded]:
    """Return the calls of the API that a record holds, and what the platform posted, in their order.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no record.
    """
    try:
        # A character that is cut at the end is left out, as the entry that it stands in.
        text = getincrementaldecoder("utf-8-sig")().decode(path.read_bytes())
    except UnicodeDecodeError:
        raise ValueError(f"{path}: is not UTF-8") from None
    return [call for each in _entries(text, path) if (call := _call(each)) is not None]


def _entries(text: str, path: Path) -> Iterator[dict[str, Any]]:
    found = _ENTRIES.search(text) if text.lstrip().startswith("{") and '"log"' in text[:1_000] else None
    decoder, place = json.JSONDecoder(), found.end() if found else 0
    count = 0
    while True:
        between = _BETWEEN.match(text, place)
        place = between.end() if between else place
        if place >= len(text) or (found and text[place] == "]"):
            return
        try:
            value, place = decoder.raw_decode(text, place)
        except RecursionError:
            raise ValueError(f"{path}: is nested too deeply") from None
        except ValueError:
            if not count:
                raise ValueError(f"{path}: is neither HAR nor NDJSON of entries") from None
            return  # the end is cut off
        if not isinstance(value, dict) or "request" not in value:
            raise ValueError(f"{path}: is neither HAR nor NDJSON of entries")
        count += 1
        yield value


def _call(entry: dict[str, Any]) -> Recorded | None:
    """Return a call of the API, or what the platform posted; `None` if an entry is neither."""
    try:
        request, response = entry["request"], entry["response"]
        parts = urlsplit(request["url"])
        is_webhook = request["url"] == WEBHOOK
        found = _ADDRESS.search(parts.path)
        if found is not None:
            key, action = unquote(found[1]), found[2]
        elif is_webhook:
            key, action = PLACEHOLDER, "webhook"
        else:
            return None
        sent = request.get("postData")
        content = response.get("content", {})
        noted = entry.get(EXTRA, {})
        seconds = _bounded(entry.get("time")) / 1000
        return Recorded(
            action=action,
            method=request["method"],
            query=parts.query,
            content_type=sent.get("mimeType", "") if sent else "",
            sent=sent.get("text", "") if sent else None,
            status=int(response["status"]),
            reply_type=content.get("mimeType", ""),
            reply=content.get("text", ""),
            ended=_moment(entry.get("startedDateTime")) + seconds,
            seconds=seconds,
            by_upstream=noted.get("answered_by", "upstream") == "upstream",
            departures=tuple(
                notes.departures(
                    refusal=noted.get("refusal"),
                    deviations=map(str, noted.get("deviations", ())),
                    unknown_reply=noted.get("unknown_reply"),
                )
            ),
            remarks=(
                *notes.on_the_way(
                    kept_back=noted.get("kept_back"),
                    trouble=noted.get("trouble"),
                    abandoned=bool(noted.get("abandoned")),
                ),
                *notes.failed(noted.get("failure")),
            ),
            key="" if key == PLACEHOLDER else key,
            is_webhook=is_webhook,
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        return None


def _moment(text: object) -> float:
    """Return a moment of HAR in Unix seconds, 0 if it is none."""
    try:
        return _bounded(datetime.fromisoformat(str(text)).timestamp())
    except (ValueError, OverflowError):
        return 0.0


def _bounded(value: object) -> float:
    """Return a time as a number that every calendar holds, 0 if it is none."""
    return float(value) if isinstance(value, int | float) and 0 <= value < _LONGEST else 0.0


def _data(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
