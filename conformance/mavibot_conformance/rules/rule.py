"""What a protocol rule is, and the register of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from inspect import isgeneratorfunction
from typing import TYPE_CHECKING, Any, Final, TypeVar

import mavibot_contract
from mavibot_conformance.target.guard import EFFECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mavibot_contract import Effect

#: Families in the order in which they run and are shown; each is a module of `mavibot_conformance.rules`.
FAMILIES: Final = {
    "AUTH": ("keys", "Keys and permissions"),
    "TEN": ("tenants", "Isolation of projects"),
    "EQ": ("equality", "The same call in another form"),
    "RYW": ("read_your_writes", "What was written is read"),
    "EACH": ("several", "Each of several"),
    "AGAIN": ("again", "The second time"),
    "OPT": ("options", "Optional and narrowing parameters"),
    "PRI": ("priorities", "Which parameter wins"),
    "LIM": ("limits", "Limits, defaults and paging"),
    "FIND": ("search", "Search"),
    "SHAPE": ("shapes", "Reply shapes"),
    "ERR": ("errors", "Error shapes"),
    "TOL": ("tolerance", "Tolerance of input"),
    "ROB": ("robustness", "Robustness"),
    "HOOK": ("webhooks", "Webhooks"),
    "TIME": ("scheduling", "Scheduling"),
}


class Level(StrEnum):
    """How binding a rule is."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    #: The document is silent or contradicts itself: the rule only observes.
    INFO = "INFO"


@dataclass(frozen=True, slots=True)
class Rule:
    """One numbered rule.

    Attributes:
        id: stable id, such as `EQ-2`; never reused.
        level: how binding it is.
        title: the rule in one sentence.
        source: section of the vendor's document or kind of field evidence, and the fact in our words.
        actions: actions that it calls.
        judged: those of them that it judges; without any of them it cannot run.
        effect: greatest effect of a call that it makes: `read`, `write` or `send`.
        needs: inputs of the profile without which it cannot run.
        is_harmless: whether its calls have less effect than their actions, since they are all refused.
        assumptions: places in the contract whose assumptions it settles, as JSON pointers.
        each: whether it runs once for each of its actions.
        smoke: whether it belongs to the quickest level.
        no_waiting: why waiting cannot stand in for a clock that it needs.
        run: the rule itself; one that lets time pass is a generator of the seconds to wait.
    """

    id: str
    level: Level
    title: str
    source: str
    actions: tuple[str, ...]
    judged: tuple[str, ...]
    effect: Effect
    needs: tuple[str, ...]
    assumptions: tuple[str, ...]
    is_harmless: bool
    each: bool
    smoke: bool
    no_waiting: str
    run: Callable[..., Iterator[float] | None]

    @property
    def waits(self) -> bool:
        """Whether it lets time pass: it yields how many seconds, and goes on after them."""
        return isgeneratorfunction(self.run)

    def effect_for(self, action: str | None) -> Effect:
        """Return the greatest effect of a run, for one of its actions where it runs once for each."""
        if action is None or self.is_harmless:
            return self.effect
        return mavibot_contract.load().operation(action).effect

    def as_record(self) -> dict[str, Any]:
        """Return what the reports say of the rule."""
        return {
            "id": self.id,
            "family": self.family,
            "level": str(self.level),
            "title": self.title,
            "source": self.source,
            "actions": list(self.actions),
            "effect": self.effect,
            "needs": list(self.needs),
        }

    @property
    def family(self) -> str:
        """The family, which is the beginning of the id."""
        return self.id.split("-")[0]

    @property
    def number(self) -> int:
        """The number inside the family."""
        return int(self.id.split("-")[1])


_Function = TypeVar("_Function", bound="Callable[..., Iterator[float] | None]")
_RULES: Final[dict[str, Rule]] = {}


def rule(
    rule_id: str,
    level: Level,
    *,
    source: str,
    actions: Iterable[str],
    judges: Iterable[str] = (),
    needs: Iterable[str] = (),
    assumptions: Iterable[str] = (),
    effect: Effect | None = None,
    each: bool = False,
    smoke: bool = False,
    no_waiting: str = "",
) -> Callable[[_Function], _Function]:
    """Register a function as a rule; the first sentence of its docstring is the rule's title.

    Args:
        rule_id: family and number, such as `EQ-2`.
        level: how binding it is.
        source: where the fact stands, and the fact in our words.
        actions: actions that it calls.
        judges: those of them that it judges, each by a part of its own; by default the first alone.
        needs: inputs of the profile without which it cannot run, such as `second`.
        assumptions: JSON pointers into the contract whose assumptions it settles.
        effect: greatest effect of its calls, where that is less than the greatest of its actions
            (refused calls have none).
        each: call `function(trial, action)` once for each action instead of `function(trial)` once.
        smoke: also run it at the quickest level.
        no_waiting: why waiting cannot stand in for a clock that it needs, for the reason why it is not run.

    Raises:
        ValueError: the id is taken or of no family, an action is unknown, or there is no docstring.
    """

    def register(function: _Function) -> _Function:
        names = tuple(actions)
        known = mavibot_contract.load().actions
        title = (function.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " ")
        if rule_id in _RULES or rule_id.split("-", maxsplit=1)[0] not in FAMILIES:
            raise ValueError(f"{rule_id}: taken, or of no family")
        if not names or not title or not known.keys() >= set(names):
            raise ValueError(f"{rule_id}: needs a docstring and known actions")
        greatest = max((known[name] for name in names), key=_weight)
        _RULES[rule_id] = Rule(
            id=rule_id,
            level=level,
            title=title,
            source=source,
            actions=names,
            judged=tuple(judges) or names[:1],
            effect=effect or next(iter(greatest.values())).effect,
            needs=tuple(needs),
            assumptions=tuple(assumptions),
            is_harmless=effect is not None,
            each=each,
            smoke=smoke,
            no_waiting=no_waiting,
            run=function,
        )
        return function

    return register


def _weight(operations: Any) -> int:
    return max(EFFECTS.index(operation.effect) for operation in operations.values())


def all_rules() -> list[Rule]:
    """Return every rule, by family and number."""
    for module, _title in FAMILIES.values():
        import_module(f"mavibot_conformance.rules.{module}")
    order = list(FAMILIES)
    return sorted(_RULES.values(), key=lambda each: (order.index(each.family), each.number))


def chosen(selection: str) -> list[Rule]:
    """Return the rules that a selection such as `EQ-2,LIM` names.

    Raises:
        ValueError: it names an unknown rule or family.
    """
    rules = all_rules()
    wanted = [part.strip().upper() for part in selection.split(",") if part.strip()]
    for part in wanted:
        if part not in FAMILIES and all(each.id != part for each in rules):
            raise ValueError(f"rules: there is no rule or family '{part}'; --list shows all")
    return [each for each in rules if each.id in wanted or each.family in wanted]
