"""The HTML report of a run in a real browser: the whole matrix fits a usual window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import mavibot_contract
from mavibot_conformance.reports.html import page
from mavibot_conformance.results import Outcome, Results, Verdict
from mavibot_conformance.rules.rule import all_rules

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.heavy

#: What can be moved sideways, by how much.
_SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll(".scroll")]
  .map((element) => element.scrollWidth - element.clientWidth).filter((pixels) => pixels > 0)"""


def test_the_matrix_of_all_rules_and_actions_fits_1400_pixels(browser: Browser) -> None:
    contract = mavibot_contract.load()
    rules = all_rules()
    results = Results(
        target="https://staging.example",
        rules=[rule.as_record() for rule in rules],
        outcomes=[
            Outcome(rule.id, action, Verdict.FAIL)
            for rule in rules
            for action in (rule.actions if rule.each else [None])
        ],
        permissions=[
            {"action": action, "key": key, "allowed": True, "status": 200}
            for action in contract.actions
            for key in {"none", "full", *(contract.operation(each).permission for each in contract.actions)}
        ],
        actions={
            action: {"evidence": "documented", "effect": "send", "calls": 1, "successes": 1, "statuses": {}}
            | {"sent": [], "never_sent": []}
            for action in contract.actions
        },
    )
    window = browser.new_page(viewport={"width": 1400, "height": 900})
    window.set_content(page(results))
    assert window.locator(".matrix").first.locator("thead th").count() == len(contract.actions) + 1
    assert window.evaluate(_SIDEWAYS) == []
    window.close()
