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

#: The kinds of defect; each is a module of this package.
KINDS: Final = (
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
)

_DEFECTS: Final[dict[str, Defect]] = {}


@dataclass(frozen=True, slots=True)
class Defect:
    """One wrong behaviour.

    Attributes:
        name: its name, such as `revoked-key-accepted`.
        kind: what sort of mistake it is, one of `KINDS`.
        about: what is wrong, one sentence.
        source: the section of the vendor's document and the sentence that it breaks; "assumed", or another source,
            where the document is silent.
    """

    name: str
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
        kind = apply.__module__.rpartition(".")[2]
        _DEFECTS[name] = Defect(name, kind, apply.__doc__ or "", f"{section}: {sentence}", apply)
        return apply

    return add


def names() -> list[str]:
    """Return the names of all defects, those of one kind together."""
    return list(_DEFECTS)


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
