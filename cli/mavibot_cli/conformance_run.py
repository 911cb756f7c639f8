"""What `mavibot conformance` does, once its options are read."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import replace
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rich.text import Text
from rich.tree import Tree

from mavibot_cli import terminal
from mavibot_cli.client_internals import remember
from mavibot_cli.conformance_report import dialogue, tree, verdict
from mavibot_cli.ending import TerminatedError, ending
from mavibot_cli.exits import UsageProblem, calls_may_follow
from mavibot_cli.network import check_certificates
from mavibot_conformance import suite
from mavibot_conformance.engine.version import version_problem
from mavibot_conformance.plan import Plan, RunLevel, Target, UsageError, make_plan
from mavibot_conformance.reports import files
from mavibot_conformance.reports.difference import difference
from mavibot_conformance.reports.github import summary, workflow_commands
from mavibot_conformance.reports.summary import counted, headline, scope
from mavibot_conformance.results import Conclusion, Verdict
from mavibot_conformance.rules.rule import FAMILIES
from mavibot_conformance.session import Session
from mavibot_conformance.target.profile import Profile
from mavibot_conformance.target.wire import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import Console

    from mavibot_cli.ending import Ending
    from mavibot_cli.report_files import ReportFiles
    from mavibot_conformance.results import Outcome, Results
    from mavibot_conformance.rules.rule import Rule
    from mavibot_conformance.target.exchange import Exchange

#: Lines of report and annotations on stdout; with those of the progress on stderr a run writes 60 at most.
_MOST_LINES: Final = 36
#: After so many seconds of a run it is told how long the rest will take, and what takes less if it is many minutes.
_ESTIMATES_S: Final = (10, 60, 300)
_LONG_MIN: Final = 3
#: More of a request's body only hides the next one.
_SHOWN: Final = 200


class ExitCode(IntEnum):
    """What the exit status of a run tells."""

    CONFORMS = 0
    DEVIATES = 1
    INCONCLUSIVE = 3
    UNREACHABLE = 4
    BROKEN = 5
    #: As the shell has it: 128 and the number of the signal.
    TERMINATED = 143


_CODES: Final = {
    Conclusion.CONFORMS: ExitCode.CONFORMS,
    Conclusion.DEVIATES: ExitCode.DEVIATES,
    Conclusion.ERROR: ExitCode.BROKEN,
    Conclusion.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
}


def run(
    target: Target,
    reports: ReportFiles,
    *,
    quiet: bool,
    verbose: bool,
    github: bool,
) -> ExitCode:
    """Run the suite, write the reports and print the verdict."""
    # What is missing must be known before a long run, not after it.
    if target.level in (RunLevel.COVERAGE, RunLevel.FULL):
        check_schemathesis()
    try:
        with ending() as end:
            return _run(target, reports, end, quiet=quiet, verbose=verbose, github=github)
    except TerminatedError:
        return ExitCode.TERMINATED


def _run(target: Target, reports: ReportFiles, end: Ending, *, quiet: bool, verbose: bool, github: bool) -> ExitCode:
    cut_short: list[Results] = []
    try:
        watched = suite.run if quiet else _run_with_progress
        results = watched(_plan(target), on_cut_short=cut_short.append, on_over=end.hold)
    except (UnreachableError, KeyboardInterrupt) as error:
        for results in cut_short:
            reports.write(results)
            if github:
                _tell_github(results, workflow_commands(results))
            terminal.tell(f"mavibot conformance: {headline(results)} ({scope(results)})")
        if isinstance(error, KeyboardInterrupt):
            raise
        if not cut_short:
            terminal.tell(f"mavibot conformance: {error}")
        return ExitCode.UNREACHABLE
    except ValueError as error:
        raise UsageProblem(str(error)) from None
    written = reports.write(results)
    out = terminal.out()
    annotations = workflow_commands(results) if github else ""
    if not quiet:
        _print(tree(results), out, None if verbose else _MOST_LINES - annotations.count("\n"))
    out.print(verdict(results))
    if github:
        _tell_github(results, annotations)
    return _CODES[results.conclusion] if written else ExitCode.INCONCLUSIVE


def _tell_github(results: Results, annotations: str) -> None:
    """Annotate the workflow that runs this and add to the summary of its step."""
    terminal.write(annotations)
    summary_file = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary_file:
        try:
            with Path(summary_file).open("a", encoding="utf-8") as file:
                file.write(summary(results))
        except OSError as error:
            terminal.tell(f"mavibot conformance: GITHUB_STEP_SUMMARY: cannot be written: {error.strerror}")


def check_schemathesis() -> None:
    """Refuse another version of schemathesis than the one that the layers are written for.

    Raises:
        UsageProblem: another version is installed.
        ModuleNotFoundError: none is installed.
    """
    import schemathesis  # noqa: F401, PLC0415 - names the extra where it is missing

    problem = version_problem()
    if problem is not None:
        raise UsageProblem(problem)


def _print(report: Tree, out: Console, most: int | None) -> None:
    """Print a report, and of a long one the beginning."""
    with out.capture() as printed:
        out.print(report)
    lines = printed.get().splitlines()
    out.print(Text.from_ansi("\n".join(lines[:most])), soft_wrap=True)
    if most is not None and len(lines) > most:
        terminal.write(
            f"… {len(lines) - most} more lines: --verbose prints them, --html FILE writes them for reading\n"
        )


def show_rules(level: str, selection: str | None) -> None:
    """Print the rules of a level or selection."""
    try:
        rules = Plan("", Profile(keys={}), level=RunLevel(level), selection=selection).rules()
    except ValueError as error:
        raise UsageProblem(str(error)) from None
    rows = [
        {
            "rule": each.id,
            "level": str(each.level),
            "effect": each.effect,
            "needs": ", ".join(each.needs),
            "": each.title,
        }
        for each in rules
    ]
    terminal.show_table(["rule", "level", "effect", "", "needs"], rows)


def show_plan(target: Target) -> None:
    """Print what a run would send."""
    from mavibot_conformance.rehearsal import rehearse  # noqa: PLC0415 - needs the mock, another extra
    from mavibot_mock import Server  # noqa: PLC0415 - as above

    plan = _plan(target, dry=True)
    sent, kept, waited = 0, 0, 0.0
    with Server() as mock:
        for each in rehearse(plan, mock.url):
            name = " ".join(filter(None, (each.rule.id, each.outcome.action)))
            _write(f"{name}: {each.rule.title}")
            for call in each.calls:
                _write(f"  {_shown(call)}")
            if each.outcome.verdict is Verdict.NOT_RUN:
                ended = "nothing more is sent" if each.calls else "nothing is sent"
                kept += 1
                _write(f"  {ended}: {each.outcome.reason}")
            sent, waited = sent + len(each.calls), each.waited
    rate = plan.pace
    waits = f", and about {waited:.0f} s of waiting for what is delayed" if waited >= 1 else ""
    lasts = f", at least {sent / rate:.0f} s at {rate:g} a second" if rate else ""
    _write(
        f"{sent} requests to {plan.url}{lasts}{waits}; {kept} outcomes not run. Nothing was sent: these are"
        " requests to a mock in its place."
    )
    _write("Where the server answers otherwise, later requests of the same rule differ: the numbers of new clients and")
    _write("deals are its own, and a rule ends at its first failure.")
    if plan.level in (RunLevel.COVERAGE, RunLevel.FULL):
        _write("Not foreseen: the requests of schemathesis, some thousands, to every action of an allowed effect.")


def show_difference(before: Path, after: Path) -> ExitCode:
    """Print what changed between two runs, and return whether something is worse."""
    found = difference(_read(before), _read(after))
    titles = {
        "about": "the runs",
        "worse": "fails now",
        "better": "fails no more",
        "other": "other verdicts",
        "assumptions": "assumptions",
        "statements": "statements of the document",
    }
    root = Tree(terminal.fit(f"{before.name} -> {after.name}"))
    for name, title in titles.items():
        lines: list[str] = getattr(found, name)
        if lines:
            branch = root.add(f"{title} ({len(lines)})")
            for line in lines:
                branch.add(terminal.fit(line))
    if not root.children:
        root.add("nothing changed")
    terminal.out().print(root)
    return ExitCode.DEVIATES if found.worse else ExitCode.CONFORMS


def target_of(target: str) -> tuple[str, int, dict[str, str]]:
    """Return address, seed and further options of a URL or of the file of an earlier run."""
    if "://" in target:
        return target, 1, {}
    results = _read(Path(target))
    return results.target, results.seed, results.options


def replay(target: Target, action: str | None) -> ExitCode:
    """Run one rule again and print its whole dialogue."""
    try:
        cases = list(_plan(target, dry=True).cases())
        wanted = [(rule, each) for rule, each in cases if action in (None, each)]
        if not wanted:
            runs_for = sorted({each for _, each in cases if each})
            instead = f"name one of {', '.join(runs_for)}" if runs_for else "leave it out"
            raise UsageProblem(f"--action: {target.rules} does not run for {action} alone; {instead}")
        plan = _plan(target)
        outcomes = []
        with Session(plan) as session:
            for rule, each in wanted:
                outcome = session.run(rule, each)
                outcomes.append(replace(outcome, dialogue=[call.as_record() for call in session.exchanges]))
                terminal.out().print(dialogue(outcomes[-1], rule.title, rule.source))
    except UnreachableError as error:
        terminal.tell(f"mavibot conformance: {error}")
        return ExitCode.UNREACHABLE
    verdicts = {outcome.verdict for outcome in outcomes}
    if Verdict.FAIL in verdicts:
        return ExitCode.DEVIATES
    if Verdict.ERROR in verdicts:
        return ExitCode.BROKEN
    return ExitCode.INCONCLUSIVE if verdicts == {Verdict.NOT_RUN} else ExitCode.CONFORMS


def _run_with_progress(
    plan: Plan, *, on_cut_short: Callable[[Results], object], on_over: Callable[[], object]
) -> Results:
    """Run the suite with a bar on a terminal, and with a line per family elsewhere."""
    cases = list(plan.cases())
    lines = _Lines(rule for rule, _action in cases)
    with terminal.progress(total_known=True) as bar:
        task = bar.add_task("rules", total=len(cases))

        def on_outcome(outcome: Outcome) -> None:
            bar.update(task, description=outcome.rule, advance=1)
            if bar.disable:
                lines.add(outcome)

        def on_layer(operation: str, calls: int) -> None:
            bar.update(task, description=f"schemathesis {operation}: {calls}")

        try:
            return suite.run(plan, on_outcome=on_outcome, on_layer=on_layer, on_cut_short=on_cut_short, on_over=on_over)
        finally:
            lines.end()


class _Lines:
    """Writes lines to stderr for those who watch no bar: each family that is through, and how long the rest takes."""

    def __init__(self, rules: Iterable[Rule], clock: Callable[[], float] = time.monotonic) -> None:
        """Know the rules of the run, each as often as it runs."""
        self._left: Final = Counter(rule.family for rule in rules)
        self._outcomes: Final[dict[str, list[Outcome]]] = {}
        self._told: Final[dict[str, str]] = {}
        self._done = 0
        self._clock: Final = clock
        self._began: Final = clock()
        self._moments: Final = list(_ESTIMATES_S)

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        family = outcome.rule.split("-")[0]
        self._outcomes.setdefault(family, []).append(outcome)
        self._left[family] -= 1
        self._done += 1
        if not self._left[family]:
            self._tell(family)
        self._estimate()

    def end(self) -> None:
        """Write what was counted of the families that are not through, and what of the others was taken back since."""
        found = {family: counted(outcomes) for family, outcomes in self._outcomes.items()}
        changed = [
            f"{FAMILIES[family][1]}: {found[family]}" for family in self._told if self._told[family] != found[family]
        ]
        for family in [each for each in found if each not in self._told]:
            self._tell(family)
        if changed:
            terminal.tell(f"without what the server turned out not to offer: {'; '.join(changed)}")

    def _tell(self, family: str) -> None:
        self._told[family] = counted(self._outcomes[family])
        terminal.tell(f"{FAMILIES[family][1]}: {self._told[family]}")

    def _estimate(self) -> None:
        passed, left = self._clock() - self._began, self._left.total()
        if self._moments and left and passed >= self._moments[0]:
            self._moments[:] = [each for each in self._moments if each > passed]
            minutes = max(1, round(passed / self._done * left / 60))
            told = (
                f"{self._done} of {self._done + left} outcomes after {passed:.0f} s; at this pace the rest takes about"
            )
            less = "; --level smoke or --rules run fewer" if minutes > _LONG_MIN else ""
            terminal.tell(f"{told} {minutes} min{less}")


def _shown(call: Exchange) -> str:
    body = f" {call.sent[:_SHOWN]}{'…' if len(call.sent) > _SHOWN else ''}" if call.sent else ""
    label = f" [{call.content_type}]" if call.content_type not in (None, "application/json") else ""
    return f"{call.method} {urlsplit(call.url)._replace(scheme='', netloc='').geturl()} (key: {call.key}){label}{body}"


def _write(line: str) -> None:
    terminal.write(terminal.fit(line) + "\n")


def _read(file: Path) -> Results:
    try:
        return files.read_results(file)
    except OSError as error:
        raise UsageProblem(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise UsageProblem(str(error)) from None


def _plan(target: Target, *, dry: bool = False) -> Plan:
    """Return the plan of a run, and hide its keys in everything that is printed.

    Raises:
        UsageProblem: an option is missing or wrong.
        UnreachableError: there is no server at an address of this machine.
    """
    check_certificates()
    try:
        plan = make_plan(target, dry=dry)
    except UsageError as error:
        raise UsageProblem(str(error)) from None
    for key in (*plan.profile.keys.values(), *([plan.profile.second["key"]] if plan.profile.second else ())):
        remember(key)
    if not dry:
        calls_may_follow()
    return plan
