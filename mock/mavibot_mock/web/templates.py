"""The templates of all pages, and how they show moments, texts and values."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from mavibot_mock.web.values import LONGEST

if TYPE_CHECKING:
    from datetime import tzinfo


def render(template: str, **context: Any) -> str:
    """Return a page.

    Args:
        template: name of its file.
        context: what it shows.
    """
    return _environment().get_template(template).render(context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mavibot_mock.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(marked=_marked, moment=_moment, json=_json, python=_python, beginning=_beginning)
    environment.globals["LONGEST"] = LONGEST
    return environment


def _marked(text: str) -> Markup:
    """Return a text of the contract as HTML, with what stands between backticks as code."""
    parts = text.split("`")
    return Markup().join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def _moment(seconds: float, zone: tzinfo, now: float | None = None, *, to: str = "%H:%M:%S") -> Markup:
    """Return a moment as HTML in the project's zone; the day is left out where it is that of `now`."""
    at = datetime.fromtimestamp(seconds, zone)
    is_today = now is not None and at.date() == datetime.fromtimestamp(now, zone).date()
    shown = at.strftime(to if is_today else f"%Y-%m-%d {to}")
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="milliseconds"), shown)


def _json(value: Any, *, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _python(value: Any) -> str:
    """Return a value as Python writes it."""
    return repr(value)


def _beginning(text: str) -> str:
    """Return as much of a text as a page shows."""
    return text[:LONGEST]
