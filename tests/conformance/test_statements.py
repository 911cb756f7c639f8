"""Each statement of the document has rules or a reason, each rule that quotes it a statement, and a run judges them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from mavibot_conformance.plan import Plan
from mavibot_conformance.results import Outcome, Results, Verdict
from mavibot_conformance.rules.rule import all_rules
from mavibot_conformance.statements import all_statements, judge
from mavibot_conformance.suite import run
from mavibot_conformance.target.mock import mock_profile
from mavibot_mock import defects
from mavibot_mock.testing import Mock

_DATA = Path(__file__).parents[1] / "data"


def test_a_statement_has_rules_or_a_reason() -> None:
    assert len(all_statements()) > 300
    assert [each.id for each in all_statements() if bool(each.rules) is bool(each.reason)] == []
    assert [name for name, count in Counter(each.id for each in all_statements()).items() if count > 1] == []
    assert [each.id for each in all_statements() if not re.fullmatch(r"[A-Z]{1,2}\d{1,2}", each.id)] == []


def test_every_section_of_the_document_is_there() -> None:
    sections = (_DATA / "document-sections.txt").read_text(encoding="utf-8").splitlines()
    # These only hold other sections.
    chapters = {each for each in sections if re.match(r"How to (start|work|assign|retrieve)|What other", each)}
    assert list(dict.fromkeys(each.section for each in all_statements())) == [
        each for each in sections if each not in chapters
    ]


def test_the_rules_of_a_statement_exist() -> None:
    known = {rule.id: rule for rule in all_rules()}
    wrong = []
    for statement in all_statements():
        for name in statement.rules:
            rule, _, action = name.partition(" ")
            if rule not in known or (action and not (known[rule].each and action in known[rule].actions)):
                wrong.append(f"{statement.id}: {name}")
    assert wrong == []


def test_a_rule_that_quotes_the_document_has_a_statement() -> None:
    named = {name.partition(" ")[0] for statement in all_statements() for name in statement.rules}
    assert [rule.id for rule in all_rules() if rule.source.startswith("document") and rule.id not in named] == []


def _judged(*outcomes: tuple[str, str | None, Verdict], level: str = "MUST") -> dict[str, str]:
    ids = {rule for rule, _, _ in outcomes}
    results = Results(
        outcomes=[Outcome(rule, action, verdict) for rule, action, verdict in outcomes],
        rules=[{"id": each, "level": level} for each in ids],
    )
    return {each.id: each.verdict for each in judge(results)}


#: A rule that stands for one statement alone, and that statement.
_ALONE: Final = next(
    (each.rules[0], each.id)
    for each in all_statements()
    if len(each.rules) == 1 and Counter(name for one in all_statements() for name in one.rules)[each.rules[0]] == 1
)


@pytest.mark.parametrize(
    ("verdict", "level", "said"),
    [
        (Verdict.PASS, "MUST", "confirmed"),
        (Verdict.FAIL, "MUST", "refuted"),
        (Verdict.NON_STRICT, "SHOULD", "in doubt"),
        (Verdict.NON_STRICT, "MUST", "confirmed"),
        (Verdict.INFO, "INFO", "observed"),
        (Verdict.ERROR, "MUST", "not tested"),
        (Verdict.NOT_RUN, "MUST", "not tested"),
    ],
)
def test_what_an_outcome_says_of_a_statement(verdict: Verdict, level: str, said: str) -> None:
    rule, statement = _ALONE
    name, _, action = rule.partition(" ")
    found = _judged((name, action or None, verdict), level=level)
    assert found[statement] == said
    assert found["K02"] == "not testable"


def test_of_several_statements_nothing_says_which_one_is_broken() -> None:
    found = _judged(("FIND-18", None, Verdict.FAIL))
    in_doubt = [each.id for each in all_statements() if "FIND-18" in each.rules]
    assert len(in_doubt) > 1
    assert {found[each] for each in in_doubt} == {"in doubt"}


def test_one_action_speaks_of_its_own_statements_alone() -> None:
    found = _judged(("AUTH-5", "message", Verdict.FAIL), ("AUTH-5", "broadcast", Verdict.PASS))
    assert (found["M09"], found["B08"], found["K05"]) == ("in doubt", "confirmed", "in doubt")


@pytest.mark.heavy
def test_a_run_says_which_statements_are_kept() -> None:
    with defects.applied("second-deal-is-the-first"), Mock() as mock:
        profile = mock_profile(mock.url, transport=mock.transport())
        plan = Plan(mock.url, profile, consent="send", transport=mock.transport(), selection="RYW-30,LIM-1")
        found = {each.id: each.verdict for each in run(plan).statements}
    assert (found["R05"], found["GO3"], found["G05"]) == ("confirmed", "in doubt", "not tested")
