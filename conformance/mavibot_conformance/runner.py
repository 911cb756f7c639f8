"""Runs rules against a server and draws the conclusion."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mavibot_conformance.results import Outcome, Verdict
from mavibot_conformance.rules.rule import Level, allows
from mavibot_conformance.rules.samples import valid
from mavibot_conformance.rules.trial import FailedError, LacksInputError, NotRunError, Trial, said, shown
from mavibot_conformance.target.guard import GuardRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mavibot_conformance.results import Assumption
    from mavibot_conformance.rules.rule import Rule
    from mavibot_conformance.target.profile import Profile
    from mavibot_conformance.target.wire import Wire
    from mavibot_contract import Effect

#: Of a long dialogue the last calls tell most.
_MOST_CALLS_SHOWN: Final = 20


def run_rules(
    rules: Iterable[Rule],
    wire: Wire,
    profile: Profile,
    *,
    consent: Effect,
    seed: int,
    assumptions: dict[str, Assumption],
    permissions: list[dict[str, Any]],
    on_outcome: Callable[[Outcome], None] = lambda _outcome: None,
) -> list[Outcome]:
    """Run rules one after another.

    Args:
        rules: what to run.
        wire: the connection.
        profile: what is known of the server.
        consent: greatest effect that is allowed.
        seed: the same seed gives the same requests on a fresh server.
        assumptions: updated by what is seen.
        permissions: grows by the matrix of permissions.
        on_outcome: called after each outcome.

    Raises:
        UnreachableError: the server does not answer.
    """
    outcomes = []
    for rule in rules:
        for action in rule.actions if rule.each else [None]:
            trial = Trial(wire, profile, _randomness(f"{seed} {rule.id} {action}"))
            outcome = _run(rule, action, trial, consent)
            for pointer, (holds, seen) in trial.assumptions.items():
                _settle(assumptions[pointer], holds, seen, rule.id)
            permissions += trial.permissions
            outcomes.append(outcome)
            on_outcome(outcome)
    return outcomes


def _run(rule: Rule, action: str | None, trial: Trial, consent: Effect) -> Outcome:
    outcome = Outcome(rule.id, action, Verdict.NOT_RUN)
    outcome.reason = _obstacle(rule, action, trial.profile, consent)
    if outcome.reason is not None:
        outcome.in_scope = False
        return outcome
    started = time.perf_counter()
    trial.wire.exchanges = []
    broken = {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.NON_STRICT, Level.INFO: Verdict.INFO}[rule.level]
    try:
        rule.run(*([trial] if action is None else [trial, action]))
        outcome.verdict = Verdict.INFO if rule.level is Level.INFO else Verdict.PASS
        for missed in trial.missed[:1]:
            outcome.verdict, outcome.expected, outcome.got = Verdict.NON_STRICT, missed.expected, missed.got
    except FailedError as failed:
        outcome.verdict, outcome.expected, outcome.got = broken, failed.expected, failed.got
    except (LacksInputError, GuardRefusedError) as obstacle:
        outcome.reason, outcome.in_scope = str(obstacle), False
    except NotRunError as obstacle:
        outcome.reason = str(obstacle)
    except KeyboardInterrupt:
        _clean_up(trial, outcome)
        raise
    except (KeyError, TypeError, IndexError, AttributeError, ValueError, StopIteration) as error:
        # A rule trips over a reply of a shape that it did not expect: that is news of the server, not of the rule.
        outcome.verdict = broken
        outcome.expected, outcome.got = "a reply of the contract's shape", f"{type(error).__name__}: {error}"
    outcome.notes = trial.notes
    exchanges = trial.wire.exchanges
    if outcome.verdict is not Verdict.PASS and exchanges:
        outcome.dialogue = [each.as_record() for each in exchanges[-_MOST_CALLS_SHOWN:]]
        # Where a reply was not as expected, its call decided; else the last one did.
        decisive = next((each for each in reversed(exchanges) if shown(said(each)) == outcome.got), exchanges[-1])
        outcome.curl = decisive.as_curl(trial.profile.shown_key(decisive.key))
    _clean_up(trial, outcome)
    outcome.seconds = time.perf_counter() - started
    return outcome


def _randomness(name: str) -> random.Random:
    # Each rule has values of its own, whichever others run.
    return random.Random(name)  # noqa: S311 - test data


def _obstacle(rule: Rule, action: str | None, profile: Profile, consent: Effect) -> str | None:
    for need in rule.needs:
        if profile.lacks(need):
            return f"the profile lacks {need}"
    effect = rule.effect_for(action)
    if not allows(consent, effect):
        return f"it would {effect}, and the run may only {consent}"
    return None


def _settle(assumption: Assumption, holds: bool, seen: str, rule_id: str) -> None:
    # One observation against it outweighs any number for it.
    if assumption.verdict != "refuted":
        assumption.verdict = "confirmed" if holds else "refuted"
        assumption.seen, assumption.rule = seen, rule_id


def _clean_up(trial: Trial, outcome: Outcome) -> None:
    try:
        trial.clean_up()
    except (GuardRefusedError, FailedError, KeyError) as error:
        outcome.notes.append(f"something was left behind: {error}")


def call_validly(actions: Iterable[str], wire: Wire, profile: Profile, *, consent: Effect, seed: int) -> set[str]:
    """Make a valid call of each action, and return those of which none can be made: an input or consent is lacking.

    Raises:
        UnreachableError: the server does not answer.
    """
    # Without consent to write nothing can be made for a call; the profile's own data must do.
    used = replace(profile, channel=None) if consent == "read" else profile
    impossible = set()
    for action in actions:
        trial = Trial(wire, used, _randomness(f"{seed} {action}"))
        try:
            trial.call(action, **valid(trial, action))
        except FailedError:
            continue  # the server refuses what the call needs
        except (NotRunError, GuardRefusedError, LookupError, TypeError):
            impossible.add(action)
        finally:
            _clean_up(trial, Outcome("", action, Verdict.NOT_RUN))
    return impossible


def describe(rule: Rule) -> dict[str, Any]:
    """Return what the reports say of a rule."""
    return {
        "id": rule.id,
        "family": rule.family,
        "level": str(rule.level),
        "title": rule.title,
        "source": rule.source,
        "actions": list(rule.actions),
        "effect": rule.effect,
        "needs": list(rule.needs),
    }
