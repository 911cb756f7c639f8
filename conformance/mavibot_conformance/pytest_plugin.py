"""Lets pytest run the rules as tests: `pytest --mavibot-url URL`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# pytest imports this module at each start, for everybody: everything else waits until it is asked for.
if TYPE_CHECKING:
    from mavibot_conformance.plan import Plan
    from mavibot_conformance.results import Outcome
    from mavibot_conformance.rules.rule import Rule
    from mavibot_conformance.session import Session


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options."""
    group = parser.getgroup("mavibot", "conformance of a server with the Mavibot contract")
    group.addoption("--mavibot-url", metavar="URL", help="run the rules against this server, as tests")
    group.addoption("--mavibot-profile", metavar="FILE", help="TOML file that says what is known of the server")
    group.addoption("--mavibot-rules", metavar="ID,…", help="only these rules and families, such as EQ-2,LIM")
    group.addoption("--mavibot-seed", metavar="N", type=int, default=1, help="seed of everything that is random")
    group.addoption(
        "--mavibot-allow-effects",
        choices=("read", "write", "send"),
        help="greatest effect; by default 'send' on this machine, else 'read'",
    )
    group.addoption(
        "--mavibot-patience",
        metavar="TIME",
        help="wait so long in all, such as 30s, for what is delayed, on a server whose clock cannot be moved",
    )
    group.addoption(
        "--mavibot-confirm-host", metavar="HOST", help="the host once more, to allow writes off this machine"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the rules to the tests; `-k`, `-m` and `--deselect` then choose among them as among all others."""
    if config.getoption("--mavibot-url"):
        plan = _plan(config)
        config.stash[_PLAN] = plan
        items += [
            _RuleItem.from_parent(session, name=f"{rule.id}[{action}]" if action else rule.id, rule=rule, action=action)
            for rule, action in plan.cases()
        ]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the connection."""
    session = config.stash.get(_SESSION, None)
    if session is not None:
        session.close()


class DeviationError(Exception):
    """A rule failed."""


class BrokenRuleError(Exception):
    """A rule broke, which says nothing about the server."""


class _RuleItem(pytest.Item):
    """One rule, for one action where it runs once for each."""

    def __init__(self, *, rule: Rule, action: str | None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._rule = rule
        self._action = action

    def runtest(self) -> None:
        """Run the rule; one that waits runs with all others that do, so that the waits overlap."""
        if not self._waits:
            self._judge(_session(self.config).run(self._rule, self._action))
            return
        found = self.config.stash.setdefault(_WAITED, {})
        if (self._rule.id, self._action) not in found:
            waiting = [each for each in self.session.items if isinstance(each, _RuleItem) and each._waits]
            outcomes = _session(self.config).run_together([(each._rule, each._action) for each in waiting])
            found.update({(each.rule, each.action): each for each in outcomes})
        self._judge(found[self._rule.id, self._action])

    @property
    def _waits(self) -> bool:
        return self._rule.waits and self.config.stash[_PLAN].profile.control is None

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *arguments: Any, **options: Any) -> Any:
        """Show a deviation without the lines of our own code."""
        if isinstance(excinfo.value, DeviationError | BrokenRuleError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *arguments, **options)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return what stands over a failure."""
        return Path("mavibot"), None, f"{self.name}: {self._rule.title}"

    def _judge(self, outcome: Outcome) -> None:
        if outcome.notes:
            self.add_report_section("call", "observed", "\n".join(outcome.notes))
        told = (
            f"expected {outcome.expected}\ngot      {outcome.got}\nsource   {self._rule.source}\n{outcome.curl or ''}"
        )
        match outcome.verdict.value:
            case "fail":
                raise DeviationError(f"{self._rule.level}     {self._rule.title}\n{told}")
            case "non-strict":
                pytest.xfail(f"a SHOULD: expected {outcome.expected}, got {outcome.got}")
            case "error":
                raise BrokenRuleError(f"the rule itself broke: {outcome.reason}")
            case "not run":
                pytest.skip(outcome.reason or "")


_PLAN: pytest.StashKey[Plan] = pytest.StashKey()
_SESSION: pytest.StashKey[Session] = pytest.StashKey()
#: Outcomes of the rules that waited, by rule and action.
_WAITED: pytest.StashKey[dict[tuple[str, str | None], Outcome]] = pytest.StashKey()


def _session(config: pytest.Config) -> Session:
    """Return the connection, which all rules share."""
    if _SESSION not in config.stash:
        from mavibot_conformance.session import Session  # noqa: PLC0415 - this module is loaded by every run of pytest

        config.stash[_SESSION] = Session(config.stash[_PLAN])
    return config.stash[_SESSION]


def _plan(config: pytest.Config) -> Plan:
    from mavibot_conformance.plan import Target, UsageError, make_plan  # noqa: PLC0415 - this module is loaded by every run of pytest
    from mavibot_conformance.target.wire import UnreachableError  # noqa: PLC0415 - as above

    options = config.option
    profile = options.mavibot_profile
    target = Target(
        url=options.mavibot_url,
        rules=options.mavibot_rules,
        seed=options.mavibot_seed,
        profile=Path(profile) if profile else None,
        effects=options.mavibot_allow_effects,
        confirm_host=options.mavibot_confirm_host,
        patience=options.mavibot_patience,
    )
    try:
        return make_plan(target)
    except (UsageError, UnreachableError) as error:
        raise pytest.UsageError(f"mavibot: {error}") from None
