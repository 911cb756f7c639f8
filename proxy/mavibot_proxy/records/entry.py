"""One exchange as an entry of a HAR file: http://www.softwareishard.com/blog/har-12-spec/."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from mavibot_proxy.exchange import Exchange
    from mavibot_proxy.records.redaction import Redaction

_VERSION: Final = "HTTP/1.1"
#: What of an entry HAR has no field for.
EXTRA: Final = "_mavibot"


def entry(exchange: Exchange, redaction: Redaction) -> dict[str, Any]:
    """Return an exchange as an entry, without keys and without what the redaction replaces."""
    shown = redaction.shown(exchange)
    milliseconds = round(exchange.seconds * 1000, 3)
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": shown.url,
        "httpVersion": _VERSION,
        "cookies": [],
        "headers": _named(shown.headers),
        "queryString": _named(parse_qsl(urlsplit(shown.url).query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": len(exchange.body) if exchange.is_whole else -1,
    }
    if shown.sent is not None:
        request["postData"] = {"mimeType": redaction.content_type(exchange.header(b"content-type")), "text": shown.sent}
    status = exchange.status or 0
    return {
        "startedDateTime": datetime.fromtimestamp(exchange.began, UTC).isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": request,
        "response": {
            "status": status,
            "statusText": _phrase(status),
            "httpVersion": _VERSION,
            "cookies": [],
            "headers": _named(shown.reply_headers),
            "content": {
                "size": exchange.size,
                "mimeType": redaction.content_type(exchange.reply_header(b"content-type")),
                "text": shown.reply,
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": exchange.size if exchange.reply_is_whole else -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        EXTRA: {
            "action": redaction.action(exchange),
            "answered_by": exchange.answered_by,
            "deviations": [redaction.note(each) for each in exchange.deviations],
            **_given(
                refusal=exchange.refusal and redaction.note(exchange.refusal),
                unknown_reply=exchange.unknown_reply and redaction.note(exchange.unknown_reply),
                failure=exchange.failure and redaction.told(exchange.failure),
                trouble=exchange.trouble and redaction.note(exchange.trouble),
                kept_back=exchange.kept_back and redaction.note(exchange.kept_back),
                abandoned=exchange.is_abandoned,
                dry=exchange.is_dry,
            ),
        },
    }


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _named(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
