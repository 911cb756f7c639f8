"""All defects by name."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from mavibot_mock.defects.parts import Parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Apply = Callable[[Parts], None]

#: The kinds of defect by group; each is a module of this package, those of the group "foreign" in its folder. The rules
#: were first measured with "own"; "foreign" was written later, by an author who knew the vendor's document and no rule.
KINDS: Final = {
    "own": (
        "keys",
        "tenants",
        "aliases",
        "priorities",
        "limits",
        "writes",
        "ordering",
        "variables",
        "methods",
        "repeats",
        "notations",
        "search",
        "webhooks",
        "schedule",
        "refusals",
        "replies",
        "rare",
        "several",
        "corners",
    ),
    "foreign": (
        "several",
        "again",
        "by_get",
        "exclusive",
        "clearing",
        "bounds",
        "extras",
        "optional",
        "narrowing",
        "notation",
        "neighbours",
        "outcomes",
        "due",
    ),
}

_DEFECTS: Final[dict[str, Defect]] = {}


@dataclass(frozen=True, slots=True)
class Defect:
    """One wrong behaviour.

    Attributes:
        name: its name, such as `revoked-key-accepted`.
        group: who wrote it and when, one of `KINDS`.
        kind: what sort of mistake it is, one of `KINDS[group]`.
        about: what is wrong, one sentence.
        source: the section of the vendor's document and the sentence that it breaks; "assumed", or another source,
            where the document is silent.
    """

    name: str
    group: str
    kind: str
    about: str
    source: str
    apply: Apply = field(repr=False)


def defect(section: str, sentence: str) -> Callable[[Apply], Apply]:
    """Add the decorated function as a defect; its docstring says what is wrong.

    Args:
        section: heading in the vendor's document.
        sentence: what it says there.
    """

    def add(apply: Apply) -> Apply:
        name = apply.__name__.replace("_", "-")
        if name in _DEFECTS:
            raise ValueError(f"two defects have the name '{name}'")
        folder, _, kind = apply.__module__.rpartition(".")
        group = "foreign" if folder.endswith(".foreign") else "own"
        _DEFECTS[name] = Defect(name, group, kind, apply.__doc__ or "", f"{section}: {sentence}", apply)
        return apply

    return add


def names(group: str | None = None) -> list[str]:
    """Return the names of defects, those of one kind together.

    Args:
        group: only those of this group; `None` for all.
    """
    return [name for name, each in _DEFECTS.items() if group in (None, each.group)]


def find(name: str) -> Defect:
    """Return a defect.

    Raises:
        ValueError: there is none with this name.
    """
    if name not in _DEFECTS:
        like = get_close_matches(name, _DEFECTS, n=1, cutoff=0.0)[0]
        raise ValueError(f"there is no defect '{name}': did you mean '{like}'?")
    return _DEFECTS[name]


@contextmanager
def applied(name: str) -> Iterator[Defect]:
    """Apply a defect to every mock in this process until the block is left.

    Raises:
        ValueError: there is none with this name.
    """
    found = find(name)
    with ExitStack() as undo:
        found.apply(Parts(undo))
        yield found
