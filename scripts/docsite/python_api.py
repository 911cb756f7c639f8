"""The Python API, from signatures and docstrings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import griffe

from docsite.markup import fence, table

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the Python API.

    Attributes:
        title: its heading.
        text: what stands below the heading.
        names: dotted names of the classes and functions on it; a module stands for all that its `__all__` names and
            that are not on it yet.
    """

    title: str
    text: str
    names: tuple[str, ...]


#: By file name.
PAGES: Final = {
    "client": Page(
        "Client",
        "Each of the [actions](../actions/index.md) is a method too, with the parameters that its page lists.",
        ("mavibot.Mavibot", "mavibot.AsyncMavibot", "mavibot.Reply", "mavibot.RetryPolicy", "mavibot.Retry"),
    ),
    "bulk": Page(
        "Many clients",
        "[The guide](../../guides/bulk.md) explains it with examples.",
        ("mavibot._bulk.Bulk", "mavibot.bulk"),
    ),
    "errors": Page(
        "Errors",
        "[Which error means what](../../explanation/errors.md) says what a ledger of payments does with each.",
        ("mavibot.errors",),
    ),
    "webhooks": Page(
        "Webhooks", "[The guide](../../guides/webhooks.md) explains it with examples.", ("mavibot.webhooks",)
    ),
    "mock": Page(
        "Mock",
        "[The guide](../../guides/mock.md) explains it with examples. The fixtures of pytest, `mavibot_mock` and"
        " `mavibot_mock_server`, are such objects.",
        (
            "mavibot_mock.testing.Mock",
            "mavibot_mock.testing.User",
            "mavibot_mock.testing",
            "mavibot_mock.testing.controls",
            "mavibot_mock.Server",
            "mavibot_mock.serve",
        ),
    ),
    "conformance": Page(
        "Conformance", "[The guide](../../guides/conformance.md) explains it.", ("mavibot_conformance",)
    ),
}


def pages() -> Iterator[tuple[str, str]]:
    """Yield the path and text of each page, from the folder of the reference."""
    loader = griffe.GriffeLoader(docstring_parser=griffe.Parser.google)
    for module in ("mavibot", "mavibot_mock", "mavibot_conformance"):
        loader.load(module)
    loader.resolve_aliases(implicit=True, external=False)
    for name, page in PAGES.items():
        objects = {found.path: found for each in page.names for found in _named(loader, each)}
        yield f"python/{name}.md", f"# {page.title}\n\n{page.text}\n\n" + "".join(map(_object, objects.values()))


def _named(loader: griffe.GriffeLoader, name: str) -> list[Any]:
    found: Any = loader.modules_collection[name]
    if not found.is_module:
        return [_target(found)]
    exported = [str(each) for each in found.exports] if found.exports else []
    own = (each for each, member in found.members.items() if not member.is_alias and not each.startswith("_"))
    return [_target(found[each]) for each in exported or own if each in found.members]


def _target(found: Any) -> Any:
    return found.final_target if found.is_alias else found


def _object(found: Any) -> str:
    if found.is_class:
        return _class(found)
    return _function(found, "##", found.name) if found.is_function else ""


def _class(found: Any) -> str:
    initial = found.all_members.get("__init__")
    kinds = _kinds(found)
    # Errors are caught and not made.
    kind = "" if initial is None or kinds else fence("python", f"{found.name}{_signature(initial)}")
    parts = [f"## `{found.name}` {{ #{found.name} }}\n\n", kinds, kind, _docstring(found)]
    if initial is not None and initial.docstring:
        parts.append(_docstring(initial))
    parts += [_member(found, name, member) for name, member in _members(found)]
    return "".join(parts)


def _kinds(found: Any) -> str:
    """Return which exceptions an exception is."""
    names = [str(base).rpartition(".")[2] for base in found.bases]
    is_error = found.module.name == "errors" or any(name.endswith("Error") for name in names)
    return f"A kind of {', '.join(f'`{name}`' for name in names)}.\n\n" if is_error and "Enum" not in names else ""


def _members(found: Any) -> Iterator[tuple[str, Any]]:
    for name, member in found.all_members.items():
        target = _target(member)
        # The actions have pages of their own.
        if name.startswith("_") or not target.docstring or ".facade" in target.path:
            continue
        if target.is_function or "property" in target.labels:
            yield name, target


def _member(owner: Any, name: str, member: Any) -> str:
    if member.is_function and "property" not in member.labels:
        return _function(member, "###", f"{owner.name}.{name}")
    return f"### `{owner.name}.{name}` {{ #{owner.name}.{name} }}\n\n{_docstring(member)}"


def _function(found: Any, level: str, name: str) -> str:
    head = "async def" if "async" in found.labels else "def"
    signature = fence("python", f"{head} {found.name}{_signature(found)}: ...")
    return f"{level} `{name}` {{ #{name} }}\n\n{signature}{_docstring(found)}"


def _signature(function: Any) -> str:
    """Return parameters and result as code, a parameter a line where one line is too short."""
    parts = []
    seen_star = False
    for parameter in function.parameters:
        if parameter.name in {"self", "cls"}:
            continue
        kind = str(parameter.kind and parameter.kind.value)
        if kind == "keyword-only" and not seen_star:
            parts.append("*")
        seen_star = seen_star or kind in {"keyword-only", "variadic positional"}
        mark = {"variadic positional": "*", "variadic keyword": "**"}.get(kind, "")
        text = f"{mark}{parameter.name}"
        text += f": {parameter.annotation}" if parameter.annotation is not None else ""
        if parameter.default is not None and not mark:
            text += f" = {_default(function, parameter.default)}"
        parts.append(text)
        if kind == "positional-only":
            parts.append("/")
    # A slash stands after the last of them only.
    parts = [each for number, each in enumerate(parts) if each != "/" or "/" not in parts[number + 1 :]]
    result = f" -> {function.returns}" if function.returns is not None and function.name != "__init__" else ""
    line = f"({', '.join(parts)}){result}"
    return line if len(line) <= _WIDTH else "(\n" + "".join(f"    {each},\n" for each in parts) + f"){result}"


def _default(function: Any, default: Any) -> str:
    """Return a default value, that of a constant in place of its name."""
    name = str(default)
    constant = function.module.members.get(name)
    return name if constant is None or not name.isupper() else str(_target(constant).value)


def _docstring(found: Any) -> str:
    if not found.docstring:
        return ""
    return "".join(_section(each) for each in found.docstring.parse("google"))


def _section(section: Any) -> str:
    match section.kind.value:
        case "text":
            return f"{_examples(section.value)}\n\n"
        case "parameters" | "attributes" | "other parameters" as kind:
            title = "attribute" if kind == "attributes" else "argument"
            return table((title, "meaning"), [(f"`{each.name}`", each.description) for each in section.value])
        case "raises":
            return table(("error", "when"), [(f"`{each.annotation}`", each.description) for each in section.value])
        case "returns" | "yields" as kind:
            word = "Returns" if kind == "returns" else "Yields"
            return "".join(f"{word}: {each.description}\n\n" for each in section.value)
        case "examples":
            return "".join(f"{_examples(text)}\n\n" for _, text in section.value)
        case _:
            return f"{section.value}\n\n" if isinstance(section.value, str) else ""


def _examples(text: str) -> str:
    """Return a text with the lines of a Python prompt as blocks of code."""
    block = re.compile(r"^((?:>>>|\.\.\.)(?: .*)?(?:\n(?:>>>|\.\.\.)(?: .*)?)*)$", re.MULTILINE)
    return block.sub(lambda found: fence("pycon", found[1].replace("  # doctest: +SKIP", "")), text)
