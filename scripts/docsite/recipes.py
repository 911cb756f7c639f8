"""A page for each recipe: a program whose docstring is the text above it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from docsite.markup import fence

if TYPE_CHECKING:
    from pathlib import Path


def programs(docs: Path) -> list[Path]:
    """Return the programs of the recipes, in order of their names."""
    return sorted((docs / "recipes").glob("*.py"))


def page(program: Path) -> str:
    """Return the page of a program: its docstring, whose first line is the heading, and then its code."""
    source = program.read_text(encoding="utf-8")
    tree = ast.parse(source)
    title, _, text = (ast.get_docstring(tree) or "").partition("\n")
    code = "\n".join(source.splitlines()[tree.body[0].end_lineno :]).strip()
    return f"# {title.rstrip('.')}\n\n{text.strip()}\n\n{fence('python', code, program.name)}"
