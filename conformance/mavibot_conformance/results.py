"""The outcome of a run as data: the one source of every report, kept as `results.json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

#: Version of the shape of `results.json`.
VERSION: Final = 2
#: Separates an action from the reply with which it fails, in the cause of a finding.
NOT_SUCCESSFUL: Final = " does not succeed: "
#: Likewise of one that crashed or could not be read: it may be right to refuse the call, and fails to.
BREAKS: Final = " breaks: "


class Verdict(StrEnum):
    """The outcome of a rule, or of the whole run."""

    PASS = "pass"  # noqa: S105 - no password
    #: A SHOULD was missed.
    NON_STRICT = "non-strict"
    FAIL = "fail"
    #: Only observed: no source says what is right.
    INFO = "info"
    #: The rule itself broke, which says nothing about the server.
    ERROR = "error"
    NOT_RUN = "not run"


class Conclusion(StrEnum):
    """What a whole run says."""

    CONFORMS = "conforms"
    DEVIATES = "deviates"
    #: A rule broke: the fault is the suite's.
    ERROR = "error"
    INCONCLUSIVE = "inconclusive"


@dataclass(slots=True)
class Outcome:
    """What became of one rule, for one action where it runs once for each.

    Attributes:
        rule: id of the rule.
        action: the action, or `None` where the rule is one dialogue over all of its actions.
        verdict: what became of it.
        reason: why it was not run; or what broke in the rule, and where.
        expected: what was expected, where it failed or missed a SHOULD.
        got: what came instead.
        notes: what it observed.
        dialogue: its calls, where they are worth reading: all but those of a plain pass.
        curl: command that repeats the call that decided it.
        in_scope: whether it counts for the verdict of the run: no input or consent was missing.
        known: reason of the baseline for which this failure does not count.
        cause: the call that failed first, where it was not the one to be judged or other rules met it too.
        seconds: how long it took.
    """

    rule: str
    action: str | None
    verdict: Verdict
    reason: str | None = None
    in_scope: bool = True
    known: str | None = None
    cause: str | None = None
    expected: str | None = None
    got: str | None = None
    notes: list[str] = field(default_factory=list)
    dialogue: list[dict[str, Any]] = field(default_factory=list)
    curl: str | None = None
    seconds: float = 0.0

    @property
    def kind(self) -> str:
        """Its verdict; a failure of the baseline is `known`."""
        return "known" if self.known is not None else self.verdict

    @property
    def is_decided(self) -> bool:
        """Whether it says something about the server."""
        return self.verdict not in (Verdict.NOT_RUN, Verdict.ERROR)

    @property
    def name(self) -> str:
        """Its rule, and the action if the rule runs once for each."""
        return self.rule if self.action is None else f"{self.rule} {self.action}"


@dataclass(slots=True)
class Finding:
    """What failed for one cause.

    Attributes:
        cause: the call that failed first, or the one outcome that it is.
        kind: `fail`, `known`, `error` or `non-strict`, the gravest of its outcomes.
        outcomes: names of the outcomes that failed for it.
        blocked: names of the outcomes that were not run because of it.
    """

    cause: str
    kind: str
    outcomes: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Assumption:
    """What a run says of one assumption of the contract.

    Attributes:
        pointer: its place in the contract, a JSON pointer.
        text: the assumption.
        verdict: `confirmed`, `refuted` or `not observed`.
        seen: what was seen.
        rule: the rule that saw it.
    """

    pointer: str
    text: str
    verdict: str = "not observed"
    seen: str | None = None
    rule: str | None = None


@dataclass(slots=True)
class Statement:
    """What a run says of one statement of the vendor's document.

    Attributes:
        id: its id, such as `C09`.
        section: the section in which it stands.
        text: the statement in our own words.
        verdict: `confirmed`, `refuted`, `in doubt` (a rule failed, not surely because of this statement), `observed` (a
            rule looked, but no source says what is right), `not tested`, or `not testable`.
        rules: the rules that speak of it, with an action where only that outcome does.
        reason: why no server can show it, if it is not testable.
    """

    id: str
    section: str
    text: str
    verdict: str
    rules: list[str] = field(default_factory=list)
    reason: str | None = None


@dataclass(slots=True)
class LayerResult:
    """What one layer of schemathesis saw.

    Attributes:
        name: `coverage`, `fuzz` or `stateful`.
        calls: number of calls by operation.
        successes: number of successful calls by operation.
        failures: broken checks: operation, check, message and curl, and `known`, the baseline's reason.
        non_strict: likewise, of checks that ask more than the document states.
        errors: what kept it from testing an operation.
        seconds: how long it took.
    """

    name: str
    calls: dict[str, int] = field(default_factory=dict)
    successes: dict[str, int] = field(default_factory=dict)
    failures: list[dict[str, str]] = field(default_factory=list)
    non_strict: list[dict[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(slots=True)
class Results:
    """The outcome of a run.

    Attributes:
        version: version of this shape.
        target: base URL of the server.
        started: when it began, ISO 8601 in UTC.
        seconds: how long it took.
        level: `smoke`, `rules`, `coverage` or `full`.
        selection: rules that were chosen, or `None` for all of the level.
        consent: greatest effect that was allowed.
        inputs: inputs that the profile has.
        options: what a replay repeats beside server and seed: `clients`, `actions`, `patience`, as options take them.
        seed: seed of the random values.
        versions: of mavibot, schemathesis, hypothesis and Python.
        contract: hash of the contract.
        conclusion: what the run says.
        reasons: why it does not conform, in sentences.
        cut_short: what ended the run before its end, such as `Ctrl-C`; `None` if it is complete.
        outcomes: what became of each rule.
        findings: what failed, one a cause, the worst first.
        permissions: the matrix: action, key, whether the contract allows it, and what was answered.
        layers: what schemathesis saw.
        checks: the checks that it made, with the names of those of schemathesis that each stands for.
        actions: by action: calls, successes, statuses, parameters that were sent, and those that the contract has.
        assumptions: what the run says of each assumption of the contract.
        statements: what the run says of each statement of the vendor's document.
        refused_by_guard: calls that the guard refused.
        unknown_clients: test clients that the server does not know, one sentence for each.
        not_offered: actions that the server does not have, or that were not to be called.
        rules: id, level, title, source, effect and actions of every rule in scope.
        baseline: what became of each known deviation: its entry and `state`.
    """

    version: int = VERSION
    target: str = ""
    started: str = ""
    seconds: float = 0.0
    level: str = "rules"
    selection: str | None = None
    consent: str = "read"
    inputs: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    seed: int = 0
    versions: dict[str, str] = field(default_factory=dict)
    contract: str = ""
    conclusion: Conclusion = Conclusion.INCONCLUSIVE
    reasons: list[str] = field(default_factory=list)
    cut_short: str | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    permissions: list[dict[str, Any]] = field(default_factory=list)
    layers: list[LayerResult] = field(default_factory=list)
    checks: dict[str, list[str]] = field(default_factory=dict)
    actions: dict[str, dict[str, Any]] = field(default_factory=dict)
    assumptions: list[Assumption] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    refused_by_guard: int = 0
    unknown_clients: list[str] = field(default_factory=list)
    not_offered: list[str] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)
    baseline: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the results as JSON data; a lone surrogate of a reply, which UTF-8 cannot hold, becomes its escape."""
        found: dict[str, Any] = _as_utf8(asdict(self))
        return found

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Results:
        """Return the results that a document holds.

        Raises:
            ValueError: it is of another version, or no results at all.
        """
        if document.get("version") != VERSION:
            raise ValueError(f"results: version {document.get('version')!r} instead of {VERSION}")
        return cls(
            **{
                **document,
                "conclusion": Conclusion(document["conclusion"]),
                "outcomes": [Outcome(**{**each, "verdict": Verdict(each["verdict"])}) for each in document["outcomes"]],
                "findings": [Finding(**each) for each in document["findings"]],
                "layers": [LayerResult(**each) for each in document["layers"]],
                "assumptions": [Assumption(**each) for each in document["assumptions"]],
                "statements": [Statement(**each) for each in document.get("statements", [])],
            }
        )


def _as_utf8(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {_as_utf8(name): _as_utf8(each) for name, each in value.items()}
    return [_as_utf8(each) for each in value] if isinstance(value, list) else value
