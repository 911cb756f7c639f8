"""Runs rules one by one over an open connection to a server."""

from __future__ import annotations

import math
import time
import traceback
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import mavibot_contract
from mavibot_conformance.assumptions import unobserved
from mavibot_conformance.hidden import is_hidden
from mavibot_conformance.lanes import LaneClock, is_alone
from mavibot_conformance.lateness import measured
from mavibot_conformance.results import Outcome, Verdict
from mavibot_conformance.rules.calls import CALLBACKS, harmless, valid
from mavibot_conformance.rules.rule import Level
from mavibot_conformance.rules.stock import Stock
from mavibot_conformance.rules.trial import FailedError, LacksInputError, NotRunError, Trial, not_successful
from mavibot_conformance.target.exchange import MissingError
from mavibot_conformance.target.guard import GuardRefusedError, allows
from mavibot_conformance.target.judgements import has_own_form, shape_problem
from mavibot_conformance.target.offer import NotOfferedError
from mavibot_conformance.target.receiver import Receiver
from mavibot_conformance.target.request import changes
from mavibot_conformance.target.wire import SilentError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable, Sequence
    from types import TracebackType

    from mavibot_conformance.plan import Plan
    from mavibot_conformance.results import Assumption
    from mavibot_conformance.rules.rule import Rule
    from mavibot_conformance.target.clock import Pending
    from mavibot_conformance.target.exchange import Exchange
    from mavibot_conformance.target.guard import Guard
    from mavibot_conformance.target.profile import Profile
    from mavibot_conformance.target.wire import Wire
    from mavibot_contract import Operation

#: The last calls of a long dialogue say the most.
_MOST_CALLS_SHOWN: Final = 20
#: How a reason names inputs that are several fields of a profile.
_INPUTS: Final = {
    "test_clients": "clients (--clients), and a channel in which to create some",
    "limited_keys": "a key without permissions or with a single one",
    "time": "control of a clock, and there is no --patience to wait",
}
#: So many rules run side by side at most where effects show late.
_LANES: Final = 16
#: So many of the profile's clients each has, where none can be made: most rules take one.
_CLIENTS_OF_A_LANE: Final = (1, 2)
#: In the reason why a rule lacks input where it needs more clients than its lane has.
_FEW_CLIENTS: Final = "test clients"
_Found = TypeVar("_Found")
#: The verdict of a rule that was not met, by how binding it is.
_BROKEN: Final = {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.NON_STRICT, Level.INFO: Verdict.INFO}


class Session:
    """An open connection to the server of a plan, as a context manager.

    Attributes:
        guard: asked about every call; it counts those that it refused.
        wire: the connection.
        assumptions: what has been seen of each assumption of the contract, by its JSON pointer.
        permissions: the matrix of permissions: action, key, whether the contract allows it, and what was answered.
        plan: what is done, without the clients that the server does not know.
        unknown_clients: what it says of these, one sentence for each.
    """

    def __init__(self, plan: Plan) -> None:
        """Connect to the server of a plan; nothing is sent yet."""
        self.plan = plan
        self.unknown_clients: Final[list[str]] = []
        self.guard: Final[Guard] = plan.guard()
        self._clock: Final = LaneClock(plan.clock)
        self.wire: Final[Wire] = plan.wire(self.guard, self._clock)
        self._receiver: Final = Receiver(plan.profile.webhook or "", self.wire.masked)
        self._stock: Final = Stock(self.wire, plan.profile.channel, plan.randomness("test clients"))
        self.assumptions: Final[dict[str, Assumption]] = unobserved()
        self.permissions: Final[list[dict[str, Any]]] = []
        self._hidden: Final[dict[str, bool]] = {}
        self._lateness_is_known = plan.profile.control is not None  # a mock has done all before it answers

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Delete what is left of the test clients, and close the connection."""
        self.clear_stock()
        self.wire.close()

    def clear_stock(self) -> None:
        """Delete the test clients that are done with, as far as the server lets it."""
        self.wire.exchanges = []
        with suppress(UnreachableError, GuardRefusedError):
            self._stock.clear()

    def leave_out(self, client_ids: Collection[int], told: Iterable[str]) -> None:
        """Go on without some test clients.

        Args:
            client_ids: those clients.
            told: what is said of them in the reports.
        """
        kept = tuple(each for each in self.plan.profile.clients if each not in client_ids)
        self.plan = replace(self.plan, profile=replace(self.plan.profile, clients=kept))
        self.unknown_clients.extend(told)

    @property
    def exchanges(self) -> list[Exchange]:
        """All calls of the last rule."""
        return self.wire.exchanges

    def run_all(self) -> Generator[Outcome]:
        """Run the rules of the plan, and yield each outcome; where no clock can be moved, those that wait come last.

        Raises:
            UnreachableError: the server does not answer.
        """
        last, left = [], list(self.plan.cases())
        while left:
            if self.wire.waits.lateness and (together := [each for each in left if not is_alone(*each)]):
                left = [each for each in left if is_alone(*each)]
                yield from self._side_by_side(together)
                continue
            rule, action = left.pop(0)
            if rule.waits and self.plan.profile.control is None:
                last.append((rule, action))
            else:
                yield self.run(rule, action)
        yield from self.run_together(last)

    def run(self, rule: Rule, action: str | None) -> Outcome:
        """Run a rule and return its outcome.

        Args:
            rule: the rule.
            action: the action to run it for, or `None` if the rule does not run once for each.

        Raises:
            UnreachableError: the server does not answer.
        """
        [outcome] = self.run_together([(rule, action)])
        return outcome

    def run_together(self, cases: Iterable[tuple[Rule, str | None]]) -> Generator[Outcome]:
        """Run rules so that their waits overlap, and yield the outcome of each as it ends.

        Args:
            cases: the rules, each with the action to run it for, or `None`.

        Raises:
            UnreachableError: the server does not answer.
        """
        yield from self._in_turns(cases, self.plan.profile.patience)

    def _side_by_side(self, cases: Sequence[tuple[Rule, str | None]]) -> Generator[Outcome]:
        """Run rules so that others go on while one waits for what shows late, each with test clients of its own."""
        profile = self.plan.profile
        if self._makes_clients:
            yield from self._in_lanes(cases, [profile] * _LANES)
            return
        for size in _CLIENTS_OF_A_LANE:
            clients, lacking = profile.clients, set()
            parts = [clients[start : start + size] for start in range(0, len(clients) - size + 1, size)]
            for outcome in self._in_lanes(cases, [replace(profile, clients=part) for part in parts] or [profile]):
                if parts and any(_FEW_CLIENTS in each for each in (outcome.reason or "", *outcome.notes)):
                    lacking.add((outcome.rule, outcome.action))
                else:
                    yield outcome
            cases = [(rule, action) for rule, action in cases if (rule.id, action) in lacking]
        for rule, action in cases:
            yield self.run(rule, action)

    def _in_lanes(self, cases: Iterable[tuple[Rule, str | None]], profiles: Sequence[Profile]) -> Generator[Outcome]:
        """Run rules side by side, one at a time by each of some profiles."""
        lanes = [_Place(each, self.wire.waits.pending.copy()) for each in profiles]
        yield from self._in_turns(cases, math.inf, lanes)
        self.wire.waits.pending = max((each.pending for each in lanes), key=lambda each: each.done[1])

    def _in_turns(
        self, cases: Iterable[tuple[Rule, str | None]], patience: float, places: Sequence[_Place] = ()
    ) -> Generator[Outcome]:
        """Run rules so that their waits overlap.

        Args:
            cases: the rules, each with the action to run it for, or `None`.
            patience: how many seconds may be waited.
            places: where they run side by side, one at a time in each; without any, they hand over at waits of their
                own alone, and any number runs.
        """
        clock, free = self.plan.clock, list(places)
        to_begin, left = deque(cases), patience
        waiting: list[_Running] = []
        try:
            while waiting or to_begin:
                running = min(waiting, key=lambda each: each.due, default=None)
                wait = 0.0 if running is None else max(0.0, running.due - clock.monotonic())
                # What is due goes on before others begin: a look that comes late may show nothing.
                if running is None or (wait and to_begin and (free or not places)):
                    running = self._begun(*to_begin.popleft(), free.pop() if free else None)
                    waiting.append(running)
                elif running.trial.moves_clock:
                    running.trial.advance(running.wait)
                elif wait <= left:
                    clock.sleep(wait)
                    left -= wait
                else:
                    running.give_up(f"needs more patience than {patience:g} s")
                if not self._waits(running):
                    waiting.remove(running)
                    if places:
                        free.append(running.place)
                    yield running.outcome
        finally:
            for running in waiting:
                running.end()
                _clean_up(running.trial, running.outcome)

    def _begun(self, rule: Rule, action: str | None, lane: _Place | None = None, *, again: bool = False) -> _Running:
        outcome = Outcome(rule.id, action, Verdict.NOT_RUN)
        place = lane or _Place(self.plan.profile, self.wire.waits.pending)
        trial = Trial(
            self.wire,
            place.profile,
            self.plan.randomness(f"{rule.id} {action}{' again' * again}"),
            self._clock,
            self._receiver,
            stock=self._stock,
            only_new_clients="channel" in rule.needs,
        )
        running = _Running(rule, outcome, trial, place)
        self.wire.exchanges, self.wire.waits.pending = running.exchanges, place.pending
        self.wire.waits.pending.forget(refused_only=not self._makes_clients)
        reason = self._out_of_scope(rule, action)
        if reason is None:
            steps = _steps(rule, trial, action)
            running.steps = steps if lane is None else self._clock.in_a_lane(steps)
        else:
            outcome.reason, outcome.in_scope = reason, False
        return running

    @property
    def _makes_clients(self) -> bool:
        """Whether each rule has test clients of its own."""
        return self.plan.profile.channel is not None and not self.wire.offer.lacks("load_clients")

    def _waits(self, running: _Running) -> bool:
        """Go on with a rule, and return True if it waits then, False if it has ended."""
        if running.steps is None:
            return False
        outcome, trial = running.outcome, running.trial
        self.wire.exchanges, self.wire.waits.pending = running.exchanges, running.place.pending
        started = time.perf_counter()
        wait, decisive = _decide(running)
        if wait is not None:
            running.wait, running.due = wait, self.plan.clock.monotonic() + wait
            outcome.seconds += time.perf_counter() - started
            return True
        if self._looked_too_early(running):
            running.begin_again(self._begun(running.rule, outcome.action, again=True))
            return self._waits(running)
        if self._looked_for_hidden(running):
            outcome.verdict = Verdict.NOT_RUN
            outcome.reason = "get_history does not show callbacks here, and the document does not say that it does"
            outcome.expected = outcome.got = outcome.cause = None
        outcome.notes = trial.notes
        if outcome.verdict is not Verdict.PASS and (decisive or self.exchanges):
            decisive = decisive or self._last_judged(running)
            calls = [*trial.made_by, *self.exchanges][-_MOST_CALLS_SHOWN:]
            if all(each is not decisive for each in calls):
                calls = [decisive, *calls[1 - _MOST_CALLS_SHOWN :]]
            outcome.dialogue = [each.as_record() for each in calls]
            outcome.curl = decisive.as_curl(self.plan.profile.shown_key(decisive.key))
        if any(each.action == "broadcast" and each.succeeded for each in running.exchanges):
            self._stock.renew()
        _clean_up(trial, outcome)
        for pointer, (holds, seen) in trial.assumptions.items():
            _settle(self.assumptions[pointer], holds, seen, outcome.rule)
        self.permissions.extend(trial.permissions)
        outcome.seconds += time.perf_counter() - started
        return False

    def _last_judged(self, running: _Running) -> Exchange:
        """Return the call that the rule is about: the last of an action that it judges, not a look at its effects."""
        action, rule = running.outcome.action, running.rule
        judged = rule.judged if action is None else (action,)
        return next((each for each in reversed(self.exchanges) if each.action in judged), self.exchanges[-1])

    def _looked_too_early(self, running: _Running) -> bool:
        """Return True if a rule failed on a server on which what a call did shows later than its reply.

        This is measured once, at the first rule that fails after a change, if each call had a reply; from then on each
        look waits.
        """
        failed = running.outcome.verdict in (Verdict.FAIL, Verdict.NON_STRICT) or running.outcome.cause is not None
        changed = any(changes(each.action) and each.succeeded for each in running.exchanges)
        if self._lateness_is_known or not failed or not changed or any(each.is_lost for each in running.exchanges):
            return False
        self._lateness_is_known = True
        lateness, prompt = self._found_out(running, "lateness", lambda trial: measured(trial, self.plan.clock))
        if lateness:
            self.wire.waits.lateness, self.wire.waits.prompt = lateness, prompt
            _clean_up(running.trial, running.outcome)
        return lateness > 0

    def _looked_for_hidden(self, running: _Running) -> bool:
        """Return True if a rule failed on a look into the history of a server that leaves its callback out there."""
        failed = running.outcome.verdict in (Verdict.FAIL, Verdict.NON_STRICT)
        exchanges = running.exchanges
        called = next((each.action for each in exchanges if each.action in CALLBACKS and each.succeeded), None)
        is_mock = self.plan.profile.control is not None
        if not failed or is_mock or called is None or exchanges[-1].action != "get_history":
            return False
        if called not in self._hidden:
            found = self._found_out(running, f"hidden {called}", lambda trial: is_hidden(trial, called))
            self._hidden[called] = found
        return self._hidden[called]

    def _found_out(self, running: _Running, name: str, find_out: Callable[[Trial], _Found]) -> _Found:
        """Return what calls find out that are none of the rule that is running."""
        self.wire.exchanges = []
        randomness = self.plan.randomness(name)
        trial = Trial(self.wire, self.plan.profile, randomness, self._clock, stock=self._stock)
        try:
            return find_out(trial)
        finally:
            _clean_up(trial, running.outcome)
            self.wire.exchanges = running.exchanges

    def call_harmlessly(self, operation: Operation) -> Exchange:
        """Call an operation that reads, with parameters that name nothing but what is in the profile.

        Raises:
            UnreachableError: the server does not answer.
            NotOfferedError: the server does not have the action.
        """
        trial = Trial(self.wire, self.plan.profile, self.plan.randomness(operation.action))
        try:
            parameters = harmless(trial, operation.action)
        except LacksInputError:
            parameters = {}
        return trial.call(operation.action, method=operation.method, **parameters)

    def call_validly(self, actions: Iterable[str]) -> set[str]:
        """Make a valid call of each action; return the actions for which none can be made: input or consent is lacking.

        Raises:
            UnreachableError: the server does not answer.
        """
        # Without consent to write, nothing can be created for a call; the profile's own data must do.
        profile = self.plan.profile
        if self.plan.consent == "read":
            profile = replace(profile, channel=None)
        impossible = set()
        for action in actions:
            trial = Trial(self.wire, profile, self.plan.randomness(action))
            try:
                trial.call(action, **valid(trial, action))
            except (FailedError, SilentError):
                continue  # the server refuses what the call needs, or leaves it without a reply
            except (NotRunError, GuardRefusedError, NotOfferedError, LookupError, TypeError):
                impossible.add(action)
            finally:
                _clean_up(trial, Outcome("", action, Verdict.NOT_RUN))
        return impossible

    def _out_of_scope(self, rule: Rule, action: str | None) -> str | None:
        """Return why a rule cannot run: it needs an action or an input that is not there, or more consent."""
        judged = rule.judged if action is None else (action,)
        if all(map(self.wire.offer.lacks, judged)):
            return self.wire.offer.lack(judged[0])
        for need in rule.needs:
            if self.plan.profile.lacks(need):
                lack = f"the profile lacks {_INPUTS.get(need, need)}"
                return f"{lack}; {rule.no_waiting}" if need == "control" and rule.no_waiting else lack
        effect = rule.effect_for(action)
        if not allows(self.plan.consent, effect):
            return f"it would {effect}, and the run may only {self.plan.consent}"
        return None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where rules run one after another.

    Attributes:
        profile: with the test clients of the place.
        pending: what they have changed and may not show yet.
    """

    profile: Profile
    pending: Pending


@dataclass(slots=True)
class _Running:
    """A rule that has begun.

    Attributes:
        rule: the rule.
        outcome: what became of it.
        trial: what it works with.
        place: where it runs.
        exchanges: its calls.
        steps: what is left of it; `None` if there is nothing to run.
        wait: how many seconds it waits for.
        due: when it goes on, by the clock of the plan.
    """

    rule: Rule
    outcome: Outcome
    trial: Trial
    place: _Place
    exchanges: list[Exchange] = field(default_factory=list)
    steps: Generator[float] | None = None
    wait: float = 0.0
    due: float = 0.0

    def begin_again(self, other: _Running) -> None:
        """Take the place of what has run by the same rule, begun anew."""
        self.outcome, self.trial, self.exchanges, self.steps = other.outcome, other.trial, other.exchanges, other.steps

    def end(self) -> None:
        """End it where it waits, so that it gives back what it holds: at the end of the process it could not."""
        if self.steps is not None:
            self.steps.close()

    def give_up(self, reason: str) -> None:
        """End it at its next step as one that lacks an input."""
        self.steps = _lacking(reason)


def _steps(rule: Rule, trial: Trial, action: str | None) -> Generator[float]:
    """Run a rule, and yield how many seconds it waits for."""
    yield from rule.run(*([trial] if action is None else [trial, action])) or ()


def _lacking(reason: str) -> Generator[float]:
    raise LacksInputError(reason)
    yield  # makes it a generator, as the steps of a rule are


def _decide(running: _Running) -> tuple[float | None, Exchange | None]:
    """Run a rule until it waits or ends; in the end write its verdict into the outcome.

    Returns:
        How many seconds it waits for, or `None` if it has ended, and the call that decided it, if one did.
    """
    rule, outcome, trial = running.rule, running.outcome, running.trial
    missed: FailedError | None = None
    try:
        for wait in running.steps or ():
            return wait, None
        outcome.verdict = Verdict.INFO if rule.level is Level.INFO else Verdict.PASS
        if trial.missed:
            outcome.verdict, missed = Verdict.NON_STRICT, trial.missed[0]
    except (LacksInputError, GuardRefusedError, NotOfferedError) as error:
        outcome.reason, outcome.in_scope = str(error), False
    except NotRunError as error:
        outcome.reason = str(error)
    except SilentError as error:
        outcome.cause, in_vain = not_successful(error.exchange), error.exchange.action
        if in_vain in (rule.judged if outcome.action is None else (outcome.action,)) and rule.level is not Level.INFO:
            outcome.verdict, missed = _BROKEN[rule.level], FailedError(f"{in_vain} to reply", error.exchange)
        else:
            outcome.reason = f"blocked: {outcome.cause}"
    except UnreachableError:
        raise
    except Exception as error:
        failed = _failure(error, trial.wire.exchanges)
        judged = rule.actions if outcome.action is None else (outcome.action,)
        if failed is None:
            # A rule that breaks must neither end the run nor accuse the server.
            outcome.verdict = Verdict.ERROR
            outcome.reason = f"{type(error).__name__}: {error} ({_place(error)})"
        elif failed.exchange is not None and _has_own_form(failed.exchange):
            outcome.reason = f"{failed.exchange.action} answers in a form of its own, and the document shows none"
        elif _is_blocked(failed, judged) or (rule.level is Level.INFO and _is_lost(failed)):
            outcome.cause, outcome.reason = failed.cause, f"blocked: {failed.cause}"
        else:
            outcome.cause, outcome.verdict, missed = failed.cause, _BROKEN[rule.level], failed
    if missed is None:
        return None, None
    outcome.expected, outcome.got = missed.expected, missed.got
    return None, missed.exchange


def _failure(error: Exception, exchanges: Iterable[Exchange]) -> FailedError | None:
    """Return what an error in a rule says of the server, or `None` if it says nothing."""
    if isinstance(error, FailedError):
        return error
    if isinstance(error, MissingError):
        called = error.exchange.action
        return FailedError(f"the reply of {called} to hold {error}", error.exchange, cause=f"{called} lacks {error}")
    # A rule trips over a reply that is not of the contract's shape.
    for exchange in filter(_is_success_of_the_contract, exchanges):
        problem = shape_problem(exchange)
        if problem is not None:
            expected = f"the reply of {exchange.action} to have the contract's shape"
            cause = f"{exchange.action} has another shape: {problem.kind}"
            return FailedError(expected, exchange, str(problem), cause=cause)
    return None


def _is_success_of_the_contract(exchange: Exchange) -> bool:
    """Return True if a call succeeded by a method that the contract has for its action."""
    return exchange.succeeded and exchange.method in mavibot_contract.load().actions.get(exchange.action, ())


def _has_own_form(exchange: Exchange) -> bool:
    """Return True if a reply has a form of its own, where the document shows none."""
    return _is_success_of_the_contract(exchange) and has_own_form(exchange)


def _is_blocked(failed: FailedError, judged: Sequence[str]) -> bool:
    """Return True if another action failed than those which a rule judges, whatever was asked of it."""
    exchange = failed.exchange
    if failed.cause is None or exchange is None or exchange.action in judged:
        return False
    return exchange.is_broken or exchange.succeeded


def _is_lost(failed: FailedError) -> bool:
    """Return True if there was no reply to the call that failed."""
    return failed.exchange is not None and failed.exchange.is_lost


def _place(error: Exception) -> str:
    """Return the place in the rules where an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    in_rules = [frame for frame in frames if Path(frame.filename).parent.name == "rules"]
    place = (in_rules or frames)[-1]
    return f"{Path(place.filename).name}:{place.lineno}, in {place.name}"


def _settle(assumption: Assumption, holds: bool, seen: str, rule_id: str) -> None:
    # One observation against it outweighs any number for it.
    if assumption.verdict != "refuted":
        assumption.verdict = "confirmed" if holds else "refuted"
        assumption.seen, assumption.rule = seen, rule_id


def _clean_up(trial: Trial, outcome: Outcome) -> None:
    try:
        trial.clean_up()
    except Exception as error:
        if isinstance(error, UnreachableError) and not isinstance(error, SilentError):
            raise
        outcome.notes.append(f"something was left behind: {error}")
