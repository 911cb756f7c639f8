"""The benchmarks: tables and plots of bench/results.json, and no figure that is not in it."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any, Final

import figures
from docsite.markup import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_HEAD: Final = """\
# Benchmarks

Made by `scripts/bench record`, which writes `bench/results.json`; no figure on this page is typed by hand. Each is the
middle of several turns, which the rivals take one after the other, since no machine is equally fast all the time; the
spread is where the middle half of the turns lies. Read the ratios rather than the rates: they hold elsewhere too.

- The client runs against a bare server that answers everything at once, so that the client alone is measured. Beside
  it: `httpx2` and `aiohttp` as they are, and `requests` with a new connection for each call, as the vendor's document
  shows it.
- What the client adds to `aiohttp` is nearly half the check of the parameters; then, each about a sixth, what the reply
  means, and the search for the key in it; the rest are the limits of time and number, attempts, span and log.
- The mock is beside a route of Starlette that does nothing, the most that the same server could do, and beside Prism,
  which answers from the same contract and keeps nothing: silent, and as it is shipped.
- The proxy is beside a bare reverse proxy of the same libraries.

"""
_WIDTH: Final = 760
_NAMES: Final = 270
_STEP: Final = 34


def pages(file: Path = figures.FILE) -> Iterator[tuple[str, str]]:
    """Yield the path and text of the page and its plots, from the folder of the reference.

    Args:
        file: the results.
    """
    results = json.loads(file.read_text(encoding="utf-8"))
    parts = [_HEAD, _machine(results)]
    groups: dict[str, list[dict[str, Any]]] = {}
    for figure in results["figures"]:
        groups.setdefault(figure["group"], []).append(figure)
    for number, (group, found) in enumerate(groups.items(), 1):
        parts.append(f"## {group.capitalize()}\n\n")
        if len(found) > 1 and found[0]["unit"]:
            parts.append(f"![{escape(group)}](benchmarks-{number}.svg){{ .diagram }}\n\n")
            yield f"benchmarks-{number}.svg", plot(found)
        parts.append(table(("", found[0]["unit"] or "ratio", "spread"), map(_row, found)))
    yield "benchmarks.md", "".join(parts)


def plot(found: Sequence[Mapping[str, Any]]) -> str:
    """Return a plot as SVG: a bar a figure, and the spread as a line."""
    scale = (_WIDTH - _NAMES - 90) / max(each["high"] for each in found)
    bars = "".join(_bar(each, _STEP * number, scale) for number, each in enumerate(found))
    style = "text{font:13px sans-serif;fill:#222}rect{fill:#5b7bd5}line{stroke:#222}"
    size = f'viewBox="0 0 {_WIDTH} {_STEP * len(found)}" width="{_WIDTH}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><style>{style}</style>{bars}</svg>\n'


def _bar(figure: Mapping[str, Any], top: int, scale: float) -> str:
    low, middle, high = (_NAMES + figure[name] * scale for name in ("low", "middle", "high"))
    centre = top + _STEP / 2
    return (
        f'<text x="{_NAMES - 8}" y="{centre + 4}" text-anchor="end">{escape(figure["name"])}</text>'
        f'<rect x="{_NAMES}" y="{top + 6}" width="{middle - _NAMES:.1f}" height="{_STEP - 12}"/>'
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{centre}" y2="{centre}"/>'
        f'<text x="{high + 8:.1f}" y="{centre + 4}">{_number(figure["middle"])}</text>'
    )


def _machine(results: Mapping[str, Any]) -> str:
    machine = results["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    # Half of the cores may have been busy with something else; then the figures are to be taken again.
    busy = " **The machine was busy: take the figures again.**" if machine["load"] > machine["cores"] / 2 else ""
    return (
        f"Measured on {results['date']}: {machine['processor']}, {machine['cores']} cores, {machine['system']}, Python"
        f" {machine['python']}, {versions}; load of the machine before: {machine['load']}.{busy}\n\n"
    )


def _row(figure: Mapping[str, Any]) -> tuple[str, str, str]:
    return figure["name"], _number(figure["middle"]), f"{_number(figure['low'])} to {_number(figure['high'])}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
