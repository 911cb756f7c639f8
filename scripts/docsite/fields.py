"""Fields of objects as tables: those of a seed, of a body and of a reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docsite.markup import code, plain, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mavibot_mock.web.describe import Field


def fields_table(title: str, fields: Iterable[Field], *, sure: str = "required") -> str:
    """Return a table of fields; one inside another is named `outer.inner`.

    Args:
        title: what the fields are in.
        fields: the fields.
        sure: the word for a field that is never missing.
    """
    return table((title, "type", "meaning"), [row(name, field, sure) for name, field in _flat(fields)])


def row(name: str, field: Field, sure: str = "required") -> tuple[str, str, str]:
    """Return the cells for a field."""
    default = f" Default: {code(field.default)}." if field.default is not None else ""
    example = f" Example: {code(field.example)}" if field.example is not None else ""
    mark = f" **{sure}**" if field.required else ""
    return code(name) + mark, plain(field.type), plain(field.description) + default + example


def _flat(fields: Iterable[Field], above: str = "") -> Iterator[tuple[str, Field]]:
    for each in fields:
        yield above + each.name, each
        yield from _flat(each.fields, f"{above}{each.name}.")
