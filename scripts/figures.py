"""Figures of the benchmarks: noted where they are printed, and kept in bench/results.json with machine and date."""

from __future__ import annotations

import json
import os
import platform
import statistics
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE: Final = Path(__file__).parents[1] / "bench" / "results.json"
#: Packages whose versions say what was measured.
_PACKAGES: Final = ("aiohttp", "httpx2", "requests", "starlette", "uvicorn")


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured several times.

    Attributes:
        group: what it is compared with; `ratio` stands alone.
        name: what was measured.
        unit: of the values.
        low: a quarter of all values are lower.
        middle: half of all are.
        high: a quarter are higher.
    """

    group: str
    name: str
    unit: str
    low: float
    middle: float
    high: float


_noted: Final[list[Figure]] = []


def note(group: str, name: str, values: Sequence[float], unit: str = "") -> None:
    """Note a figure, from its values in each turn."""
    low, middle, high = statistics.quantiles(values, n=4) if len(values) > 1 else [*values] * 3
    _noted.append(Figure(group, name.strip(), unit, *(float(f"{each:.4g}") for each in (low, middle, high))))


def results(load: float) -> dict[str, Any]:
    """Return everything that was noted, with machine and date.

    Args:
        load: how busy the machine was before, as its load average of a minute.
    """
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "load": round(load, 1),
        },
        "versions": {name: version(name) for name in _PACKAGES},
        "figures": [asdict(figure) for figure in _noted],
    }


def write(found: dict[str, Any], file: Path) -> None:
    """Write results as JSON."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
