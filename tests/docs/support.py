"""What the tests of the documentation share: the pages that people write."""

from __future__ import annotations

from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[2]
PAGES: Final = sorted(
    file.relative_to(PROJECT).as_posix()
    for pattern in ("*.md", "openapi/*.md", "docs/**/*.md", "docs/recipes/*.py")
    for file in PROJECT.glob(pattern)
)
