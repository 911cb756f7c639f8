"""The control interface of the mock: its operations, and every field of a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from docsite.fields import fields_table, row
from docsite.markup import code, plain, table
from mavibot_mock.control.document import document
from mavibot_mock.web.describe import Describer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mavibot_mock.web.describe import Field

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_BASE: Final = "/_mock/v1"

_HEAD: Final = f"""\
# Control interface of the mock

Programs in any language drive the mock by HTTP under `{_BASE}`; in Python [`Mock`](python/mock.md) does it. A running
mock shows this page at `/docs/control`, and describes it for programs at `{_BASE}/openapi.json`.
[The guide](../guides/mock.md) says what it is good for.

"""
_SEED: Final = """\
# Fields of a seed

A seed is the document that a project of the mock begins with, in YAML or JSON: `mavibot mock --seed FILE`,
`Mock(seed=…)`, or `PUT` of the [control interface](control.md). It is checked as a whole, and an error names the place.

"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the path and text of each page, from the folder of the reference."""
    whole = document()
    describer = Describer(whole)
    yield "control.md", _HEAD + "".join(_operations(whole, describer))
    yield "seed.md", _SEED + "".join(_sections("Seed", describer.fields(whole["components"]["schemas"]["Seed"])))


def _operations(whole: Mapping[str, Any], describer: Describer) -> Iterator[str]:
    for path, item in whole["paths"].items():
        for method, node in item.items():
            if method not in _METHODS:
                continue
            yield f"## {method.upper()} {code(path)} {{ #{node['operationId']} }}\n\n"
            yield f"{plain(node.get('summary', ''))}\n\n{plain(node.get('description', ''))}\n\n"
            sent = [*map(describer.resolve, [*item.get("parameters", []), *node.get("parameters", [])])]
            yield table(
                ("in the address", "type", "meaning"),
                [
                    (code(each["name"]), plain(describer.words(each["schema"])), plain(each.get("description", "")))
                    for each in sent
                ],
            )
            if body := _schema(node.get("requestBody", {})):
                fields = describer.fields(body)
                yield fields_table("in the body", fields) if fields else f"Body: {plain(describer.words(body))}.\n\n"
            if reply := _schema(describer.resolve(node["responses"].get("200", {}))):
                yield fields_table("in the reply", describer.fields(reply), sure="always")


def _schema(node: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = node.get("content", {}).get("application/json", {}).get("schema")
    return found


def _sections(title: str, fields: Iterable[Field]) -> Iterator[str]:
    """Yield a table of the plain fields, and then a section for each field that has fields of its own."""
    fields = list(fields)
    yield table((title, "type", "meaning"), [row(each.name, each) for each in fields])
    for each in fields:
        if each.fields:
            yield f"## {code(each.name)} {{ #{each.name} }}\n\n{plain(each.description)}\n\n" + fields_table(
                each.name, each.fields
            )
