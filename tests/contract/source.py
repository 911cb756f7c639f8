"""The contract's source, its bundle, and what the cards of the vendor's document state."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from generator.bundle import bundle

PROJECT = Path(__file__).parents[2]
OPENAPI = PROJECT / "openapi"
CARDS_FILE = "tests/data/document-cards.json"
#: What each card of the vendor's document states, by action; an action that was added since has none.
CARDS: dict[str, Any] = json.loads((PROJECT / CARDS_FILE).read_text(encoding="utf-8"))


@cache
def bundled() -> dict[str, Any]:
    """Return the bundle, made from the source files."""
    return bundle(OPENAPI / "openapi.yaml")
